"""Messages: from outside or from another case, to those who wait for them.

A message goes to the one case that waits for its name and key, else starts the process whose start event has its name,
else is kept 90 days for a case that comes to wait. Several waiting cases are a conflict, unless the element that
catches it says `broadcast`: then all of them get it, and the start events too.

A case that cannot take what it waited for costs nobody else their step: it gets an incident, and the message is kept
beside it until someone tries again (`send_again`). So does a case whose own message finds no way out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import (
    access,
    catalogue,
    completions,
    context,
    definitions,
    events,
    handovers,
    payloads,
    regions,
    starting,
    steps,
)
from engine.access import SYSTEM, Actor
from engine.core.deliveries import ReceiveMessage, ReceiveSignal, Thrown
from engine.core.errors import CoreError
from engine.core.expressions import ExpressionError
from engine.core.model import Node
from engine.definitions import Deployed
from engine.errors import MoveError, SeveralWait
from store import cases, incidents, links, messages, subscriptions, undelivered
from store.cases import Case
from store.database import Database, Transaction
from store.definitions import all_latest
from store.errors import StoreError
from store.subscriptions import Waiting
from store.undelivered import Undelivered

MESSAGE = "message"
"""Rule of the incidents that tell of a message which could not be handed over, kept beside them."""

log = logging.getLogger(__name__)


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
        return receive(tx, region, payloads.message_name(name), known, payloads.checked(payload or {}), by)


def receive(
    tx: Transaction, region: str, name: str, key: str | None, payload: Mapping[str, Any], by: Actor
) -> Correlated:
    """Deliver a message from outside that is what the catalogue says of it. Raises `FormErrors` and as `deliver`."""
    catalogue.check(name, payload)
    return deliver(tx, region, name, key, payload, by)


def deliver(
    tx: Transaction,
    region: str,
    name: str,
    key: str | None,
    payload: Mapping[str, Any],
    by: Actor,
    depth: int = 0,
    thrower: Case | None = None,
) -> Correlated:
    """Deliver a message inside a transaction: one that a case threw, or from outside. Raises `SeveralWait`.

    Without a key, the key is what the catching elements' `correlationKey` says of the payload. The answer to a
    hand-over is for its task: see `handovers.answer` for what that raises.
    """
    if name in handovers.ANSWERS:
        return Correlated((handovers.answer(tx, region, name, key, payload, by),))
    key = key or _key_in(tx, region, name, payload)
    waiting = subscriptions.waiting(tx, region, name, key)
    openers = starting.message_starts(tx, region, name)
    if any(each.broadcast for each in waiting) or any(_is_broadcast(node) for _, node in openers):
        reached = _reach(tx, waiting, payload, by, depth)
        started = _start(tx, region, openers, payload, by, depth, thrower)
        return Correlated((*reached, *started), started)
    _refuse_several(tx, name, waiting)
    if reached := _reach(tx, waiting, payload, by, depth):
        return Correlated(reached)
    if openers and not waiting:
        started = _start(tx, region, openers[:1], payload, by, depth, thrower)
        return Correlated(started, started)
    return Correlated(kept=messages.keep(tx, region, name, key, payload).id)


def deliver_thrown(tx: Transaction, thrower: Case, thrown: Thrown, depth: int) -> None:
    """A message that a case throws: cases that it starts are linked; what finds no way out is an incident there."""
    try:
        with tx.savepoint():
            _throw(tx, thrower, thrown, depth)
    except StoreError:
        raise
    except Exception as error:
        keep_thrown(tx, thrower, thrown, _why(error, thrown.name, thrower))


def keep_thrown(tx: Transaction, thrower: Case, thrown: Thrown, why: str) -> None:
    """It found no way out: an incident of the thrower, whose retry sends it."""
    task = f"{thrown.element}:{thrown.name}"
    undelivered.keep(
        tx, thrower.id, task, thrown.kind, thrown.name, thrown.payload, element=thrown.element, key=thrown.key
    )
    _report(tx, thrower, task, thrown.element, why)


def send_again(tx: Transaction, case: Case, task: str, by: Actor) -> str:
    """Hand over what is kept beside an incident, each message once. Why one still cannot be; empty when none is left.

    The caller has the case locked.
    """
    for kept in undelivered.left(tx, case.id, task):
        try:
            with tx.savepoint():
                undelivered.delivered(tx, kept.id, by.performer)
                _hand_over(tx, case, kept, by)
        except StoreError:
            raise
        except Exception as error:
            return _why(error, kept.name, case)
    return ""


def _hand_over(tx: Transaction, case: Case, kept: Undelivered, by: Actor) -> None:
    """Out of a case that threw it, or into a case that was to get it. One that waits no longer leaves it to others."""
    if kept.subscription is None:
        _throw(tx, case, Thrown(kept.kind, kept.name, kept.element, kept.key, kept.payload), 1)
        return
    case = completions.finish_all_held(tx, case)
    if case.status == "active" and _still_waits(tx, case, kept.subscription):
        steps.take(tx, case, _received(kept.kind, kept.name, kept.key, kept.payload, kept.subscription), by)
    elif kept.kind == MESSAGE:
        messages.keep(tx, case.region, kept.name, kept.key, kept.payload)


def _throw(tx: Transaction, thrower: Case, thrown: Thrown, depth: int) -> None:
    payload = payloads.checked(thrown.payload)
    if thrown.kind == "signal":
        _spread_signal(tx, thrower, thrown.name, payload, depth)
        return
    for started in deliver(tx, thrower.region, thrown.name, thrown.key, payload, SYSTEM, depth, thrower).started:
        links.add(tx, thrower.id, started, "started")


def _spread_signal(tx: Transaction, thrower: Case, name: str, payload: Mapping[str, Any], depth: int) -> None:
    """A signal is for every running case that listens; the thrower has heard its own."""
    told = {thrower.id}
    for each in subscriptions.waiting(tx, thrower.region, name, kind="signal"):
        case = cases.lock(tx, each.case_id) if each.case_id not in told else None
        told.add(each.case_id)
        if case is not None and case.status == "active":
            _give(tx, case, each, payload, SYSTEM, depth)


def _give(tx: Transaction, case: Case, waits: Waiting, payload: Mapping[str, Any], by: Actor, depth: int) -> None:
    """A case takes what it waits for. One that cannot gets an incident, and the message is kept beside it."""
    received = _received(waits.kind, waits.name, waits.message_key, payload, waits.key)
    try:
        with tx.savepoint():
            now = completions.finish_all_held(tx, case)
            if now is case or (now.status == "active" and _still_waits(tx, now, waits.key)):
                steps.take(tx, now, received, by, depth=depth)
            elif waits.kind == MESSAGE:  # what had been answered came first
                messages.keep(tx, case.region, waits.name, waits.message_key, payload)
    except StoreError:
        raise
    except Exception as error:
        task = f"{waits.key}:{waits.name}"
        undelivered.keep(
            tx,
            case.id,
            task,
            waits.kind,
            waits.name,
            payload,
            element=waits.element,
            key=waits.message_key,
            subscription=waits.key,
        )
        _report(tx, case, task, waits.element, _why(error, waits.name, case))


def _received(
    kind: str, name: str, key: str | None, payload: Mapping[str, Any], subscription: str
) -> ReceiveMessage | ReceiveSignal:
    return ReceiveMessage(name, key, payload, subscription) if kind == MESSAGE else ReceiveSignal(name, payload)


def _still_waits(tx: Transaction, case: Case, subscription: str) -> bool:
    return any(each.key == subscription for each in subscriptions.of_case(tx, case.id))


def _report(tx: Transaction, case: Case, task: str, element: str, why: str) -> None:
    known = {"element": element, "process": case.process_key, "rule": MESSAGE, "message": why}
    if incidents.report(tx, case.region, case.id, task, **known):
        events.of_case(tx, case, "incident.created", element=element, rule=MESSAGE)


def _why(error: Exception, name: str, case: Case) -> str:
    """What a person may read of it. What is no sentence of ours is a fault of ours, and logged."""
    if isinstance(error, MoveError | CoreError):
        return f"Meddelandet {name} gick inte att lämna. {error}"
    log.error("message %s of case %s could not be handed over", name, case.id, exc_info=error)
    return f"Meddelandet {name} gick inte att lämna. Felet är loggat ({type(error).__name__})."


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
        if case is not None and case.status == "active" and _still_waits(tx, case, each.key):
            events.of_case(tx, case, "message.correlated", message=each.name)
            _give(tx, case, each, payload, by, depth)
            reached[case.id] = None
    return tuple(reached)


def _start(
    tx: Transaction,
    region: str,
    openers: list[tuple[Deployed, Node]],
    payload: Mapping[str, Any],
    by: Actor,
    depth: int,
    thrower: Case | None,
) -> tuple[str, ...]:
    return tuple(
        steps.start(tx, region, deployed.process.id, payload, by, start_event=node.id, starter=thrower, depth=depth).id
        for deployed, node in openers
    )
