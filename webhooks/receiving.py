"""What other systems tell us: a signed event becomes named messages, once, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import context, messages, payloads, regions, strict_json
from engine.access import Actor
from engine.core.expressions import ExpressionError, Session
from engine.errors import Invalid
from store import cases, replays
from store.database import Database, Transaction
from webhooks import signing
from webhooks.errors import BadEvent
from webhooks.sources import Mapped, Source

LARGEST = 1_000_000
"""Bytes of an event."""
ABOUT = ("type", "id", "source", "subject", "time")


@dataclass(frozen=True)
class Received:
    """What became of an event."""

    cases: tuple[str, ...] = ()
    """Numbers of the cases that it reached or started."""
    kept: int = 0
    """Messages that nobody waited for yet."""
    replayed: bool = False
    """It had come before, and nothing was done this time."""


def receive(
    db: Database, region: str, source: Source, secrets: Iterable[str], headers: Mapping[str, str], body: bytes
) -> Received:
    """Take one event, all of its messages or none. `headers` are asked for in lower case.

    Raises `NotSigned` before the body is looked at, `BadEvent`, and what `engine.messages.deliver` raises.
    """
    with db.read() as reader:
        id = signing.verify(secrets, headers, body, reader.now)
    event = _event(body)
    client, fingerprint = f"hook:{source.id}", hashlib.sha256(body).hexdigest()
    with db.transaction() as tx:
        if not replays.first_time(tx, client, id, fingerprint):
            return _again(tx, client, id, fingerprint)
        found = [
            messages.receive(tx, region, message, key, data, Actor(None, reason=f"källa {source.id}"))
            for message, key, data in _messages(tx, region, source.events.get(event["type"], ()), event)
        ]
        numbers = _numbers(tx, [case for each in found for case in each.cases])
        received = Received(numbers, sum(each.kept is not None for each in found))
        replays.answer(tx, client, id, 200, {"cases": list(received.cases), "kept": received.kept})
        return received


def _again(tx: Transaction, client: str, id: str, fingerprint: str) -> Received:
    before = replays.find(tx, client, id)
    if before is None or before.request_hash != fingerprint:
        raise BadEvent("Samma webhook-id har kommit förut, med ett annat innehåll.")
    return Received(tuple(before.answer["cases"]), before.answer["kept"], replayed=True)


def _event(body: bytes) -> dict[str, Any]:
    """Raises `BadEvent`."""
    try:
        event = strict_json.loads(body)
    except ValueError as error:
        raise BadEvent(f"Innehållet är inte JSON: {error}") from error
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise BadEvent("Händelsen saknar type.")
    if not isinstance(event.get("data", {}), dict):
        raise BadEvent("Händelsens data ska vara ett JSON-objekt.")
    return event


def _messages(
    tx: Transaction, region: str, to: Sequence[Mapped], event: Mapping[str, Any]
) -> list[tuple[str, str | None, dict[str, Any]]]:
    """The messages, each with its key and variables. Raises `Invalid`."""
    names = {each: event.get(each) for each in ABOUT} | {"data": payloads.checked(event.get("data", {}))}
    with context.session(context.of_region(tx, regions.load(region))) as session:
        try:
            return [
                (
                    each.message,
                    str(session.evaluate(each.key, names)) if each.key else None,
                    payloads.checked(_data(session, each.data, names)),
                )
                for each in to
            ]
        except ExpressionError as error:
            raise Invalid(f"Händelsen passar inte det som källan säger: {error}") from error


def _data(session: Session, written: Mapping[str, str] | str, names: Mapping[str, Any]) -> Any:
    if isinstance(written, str):
        return session.evaluate(written, names)
    return {name: session.evaluate(value, names) for name, value in written.items()}


def _numbers(tx: Transaction, ids: Iterable[str]) -> tuple[str, ...]:
    found = (cases.find(tx, id) for id in dict.fromkeys(ids))
    return tuple(case.number for case in found if case)
