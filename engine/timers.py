"""Timers in an operator's hands: fired before their time, or given another one, with a reason."""

from __future__ import annotations

from datetime import datetime

from engine import access, completions, definitions, journal, steps
from engine.access import Actor
from engine.core.deliveries import FireTimers, MoveTimer
from engine.core.model import Node
from engine.definitions import Deployed
from engine.errors import Invalid, NotFound, NotRunning
from store import cases, timers
from store.cases import Case
from store.database import Database, Transaction
from store.timers import Timer


def fire(db: Database, case_id: str, key: str, *, reason: str, by: Actor) -> Case:
    """Let it happen now. Raises `NotFound`, `Forbidden`, `NotRunning`, and `Invalid` without a reason."""
    with db.transaction() as tx:
        case, timer, node, by = _found(tx, case_id, key, reason, by)
        case = completions.finish_all_held(tx, case)
        if not any(each.key == key for each in timers.of_case(tx, case_id)):
            return case  # what had been answered came first
        case = steps.take(tx, case, MoveTimer(key, tx.now), by)
        _note(tx, case, "timer.fired-early", timer, node, reason, by)
        return steps.take(tx, case, FireTimers((key,)), by)


def move(db: Database, case_id: str, key: str, due: datetime, *, reason: str, by: Actor) -> None:
    """Give it another moment, which holds until it has fired.

    Raises as `fire`, and `Invalid` for a moment that has passed and for a timer that follows a date of the case.
    """
    with db.transaction() as tx:
        case, timer, node, by = _found(tx, case_id, key, reason, by)
        if due <= tx.now:
            raise Invalid("Tiden har redan varit. Välj en senare, eller låt timern gå nu.")
        if deadline := follows(node):
            raise Invalid(f"Timern följer datumet {deadline} i ärendet. Flytta datumet, så följer allt annat med.")
        case = steps.take(tx, case, MoveTimer(key, due), by)
        _note(tx, case, "timer.moved", timer, node, reason, by, due)


def follows(node: Node | None) -> str | None:
    """The named deadline that a timer follows, if any."""
    timer = node.event.timer if node and node.event else None
    if timer is None or timer.kind != "date" or "deadline." not in timer.expression:
        return None
    rest = timer.expression.partition("deadline.")[2]
    return rest[: next((n for n, mark in enumerate(rest) if not mark.isalnum()), len(rest))]


def node_of(deployed: Deployed, timer: Timer) -> Node | None:
    """Where in the diagrams of the version the timer stands."""
    home = deployed.home(timer.element)
    return home.nodes[timer.element] if home else None


def _found(tx: Transaction, case_id: str, key: str, reason: str, by: Actor) -> tuple[Case, Timer, Node | None, Actor]:
    case = cases.lock(tx, case_id)
    timer = next((each for each in timers.of_case(tx, case_id) if each.key == key), None)
    if case is None or timer is None:
        raise NotFound("Timern", key)
    deployed = definitions.of_case(tx, case)
    zone = deployed.region.timezone
    by = access.require(tx, by, "timer.move", region=case.region, timezone=zone, case=case)
    if not reason.strip():
        raise Invalid("Skriv varför.")
    if case.status != "active":
        raise NotRunning(case.number, case.status)
    return case, timer, node_of(deployed, timer), by


def _note(
    tx: Transaction,
    case: Case,
    what: str,
    timer: Timer,
    node: Node | None,
    reason: str,
    by: Actor,
    due: datetime | None = None,
) -> None:
    name = (node.name if node else "") or timer.element
    details = {"element": timer.element, "name": name, "before": timer.due.isoformat(), "reason": reason.strip()}
    journal.note(tx, case, what, by, details | ({"due": due.isoformat()} if due else {}))
