"""Messages: from outside or from another case, to those who wait for them.

A message goes to the one case that waits for its name and key, else starts the process whose start event has its name,
else is kept 90 days for a case that comes to wait. Several waiting cases are a conflict, unless the element that
catches it says `broadcast`: then all of them get it, and the start events too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import access, context, definitions, events, payloads, regions, starting, steps
from engine.access import SYSTEM, Actor
from engine.core.deliveries import ReceiveMessage, ReceiveSignal, Thrown
from engine.core.expressions import ExpressionError
from engine.core.model import Node
from engine.definitions import Deployed
from engine.errors import MoveError, SeveralWait
from store import cases, incidents, links, messages, subscriptions
from store.cases import Case
from store.database import Database, Transaction
from store.definitions import all_latest
from store.subscriptions import Waiting


@dataclass(frozen=True)
class Correlated:
    """What became of a message."""

    cases: tuple[str, ...] = ()
    """Ids of the cases that it reached or started."""
    started: tuple[str, ...] = ()
    """Those of them that it started, or had started before under the same key."""
    kept: str | None = None
    """Id of the kept message, when nobody waited."""


def correlate(
    db: Database, region: str, name: str, key: str | None = None, payload: Mapping[str, Any] | None = None, *, by: Actor
) -> Correlated:
    """Deliver a message. Raises `SeveralWait`, `Invalid` or `Forbidden`."""
    with db.transaction() as tx:
        access.require(tx, by, "message.send", region=region, timezone=regions.load(region).timezone)
        known = payloads.message_name(key) if key else None
        return deliver(tx, region, payloads.message_name(name), known, payloads.checked(payload or {}), by)


def deliver(
    tx: Transaction, region: str, name: str, key: str | None, payload: Mapping[str, Any], by: Actor, depth: int = 0
) -> Correlated:
    """Deliver a message inside a transaction. Raises `SeveralWait`.

    Without a key, the key is what the catching elements' `correlationKey` says of the payload.
    """
    key = key or _key_in(tx, region, name, payload)
    waiting = subscriptions.waiting(tx, region, name, key)
    openers = starting.message_starts(tx, region, name)
    if any(each.broadcast for each in waiting) or any(_is_broadcast(node) for _, node in openers):
        reached = _reach(tx, waiting, payload, by, depth)
        started = _start(tx, region, openers, payload, by, depth)
        return Correlated((*reached, *started), started)
    _refuse_several(tx, name, waiting)
    if reached := _reach(tx, waiting, payload, by, depth):
        return Correlated(reached)
    if openers and not waiting:
        started = _start(tx, region, openers[:1], payload, by, depth)
        return Correlated(started, started)
    return Correlated(kept=messages.keep(tx, region, name, key, payload).id)


def deliver_thrown(tx: Transaction, thrower: Case, thrown: Thrown, depth: int) -> None:
    """A message that a case throws: cases that it starts are linked; what cannot be delivered is an incident there."""
    if thrown.kind == "signal":
        _spread_signal(tx, thrower, thrown, depth)
        return
    try:
        with tx.savepoint():
            payload = payloads.checked(thrown.payload)
            found = deliver(tx, thrower.region, thrown.name, thrown.key, payload, SYSTEM, depth)
    except MoveError as error:
        incidents.report(
            tx,
            thrower.region,
            thrower.id,
            f"{thrown.element}:{thrown.name}",
            element=thrown.element,
            process=thrower.process_key,
            rule="message",
            message=str(error),
        )
        return
    for started in found.started:
        links.add(tx, thrower.id, started, "started")


def _spread_signal(tx: Transaction, thrower: Case, thrown: Thrown, depth: int) -> None:
    """A signal is for every running case that listens; the thrower has heard its own."""
    listening = subscriptions.waiting(tx, thrower.region, thrown.name, kind="signal")
    for case_id in dict.fromkeys(each.case_id for each in listening if each.case_id != thrower.id):
        case = cases.lock(tx, case_id)
        if case is not None and case.status == "active":
            steps.take(tx, case, ReceiveSignal(thrown.name, payloads.checked(thrown.payload)), SYSTEM, depth=depth)


def _key_in(tx: Transaction, region: str, name: str, payload: Mapping[str, Any]) -> str | None:
    for newest in all_latest(tx, region):
        deployed = definitions.of_version(tx, newest.version)
        for node in deployed.process.nodes.values():
            expression = node.properties.get("correlationKey")
            if expression and node.event and node.event.kind == "message" and node.event.name == name:
                value = _evaluated(tx, deployed, expression, payload)
                if value not in (None, ""):
                    return str(value)
    return None


def _evaluated(tx: Transaction, deployed: Deployed, expression: str, payload: Mapping[str, Any]) -> Any:
    with context.session(context.of_region(tx, deployed.region)) as session:
        try:
            return session.evaluate(expression, payload)
        except ExpressionError:
            return None  # a key that needs more than the payload cannot be read from it


def _is_broadcast(node: Node) -> bool:
    return node.properties.get("broadcast") == "true"


def _refuse_several(tx: Transaction, name: str, waiting: list[Waiting]) -> None:
    ids = list(dict.fromkeys(each.case_id for each in waiting))
    if len(ids) > 1:
        found = (cases.find(tx, id) for id in ids)
        raise SeveralWait(name, [case.number for case in found if case])


def _reach(
    tx: Transaction, waiting: list[Waiting], payload: Mapping[str, Any], by: Actor, depth: int
) -> tuple[str, ...]:
    """Ids of the active cases that got it. A suspended case gets it when it goes on: the message is kept for it."""
    reached: dict[str, None] = {}
    for each in waiting:
        case = cases.lock(tx, each.case_id)
        still = any(other.key == each.key for other in subscriptions.of_case(tx, each.case_id))
        if case is not None and case.status == "active" and still:
            events.of_case(tx, case, "message.correlated", message=each.name)
            steps.take(tx, case, ReceiveMessage(each.name, each.message_key, payload, each.key), by, depth=depth)
            reached[case.id] = None
    return tuple(reached)


def _start(
    tx: Transaction,
    region: str,
    openers: list[tuple[Deployed, Node]],
    payload: Mapping[str, Any],
    by: Actor,
    depth: int,
) -> tuple[str, ...]:
    return tuple(
        starting.start_in(tx, region, deployed.process.id, payload, by, start_event=node.id, depth=depth).id
        for deployed, node in openers
    )
