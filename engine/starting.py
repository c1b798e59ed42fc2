"""How a case comes to be: by hand, by a message, by the calendar or by another case. `steps.start` starts it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from engine import calendar, context, definitions, events, journal, payloads, recusals
from engine.access import Actor
from engine.core.deliveries import Begin
from engine.core.expressions import ExpressionError
from engine.core.model import Node, Process
from engine.definitions import Deployed
from engine.errors import UnknownStart
from engine.regions import Region
from store import cases, people
from store import definitions as deployed_versions
from store.cases import Case
from store.database import Reader, Transaction


def create(
    tx: Transaction,
    region: str,
    key: str,
    variables: Mapping[str, Any],
    by: Actor,
    *,
    start_event: str | None = None,
    start_key: str | None = None,
    starter: Case | None = None,
) -> tuple[Case, Begin | None]:
    """A new case of a process's newest version and its beginning; None beside the case that has its start key already.

    `start_key` serves where the diagram's own `startKey` gives none; `starter` is the case that starts it.
    Raises `NotFound`, `UnknownStart` or `Invalid`.
    """
    deployed = definitions.current(tx, region, key)
    given = recusals.inherited(tx, starter, deployed.process, payloads.checked(variables))
    start = _start_event(deployed.process, start_event)
    start_key = _start_key(tx, deployed, given) or start_key
    first = cases.by_start_key(tx, region, key, start_key) if start_key else None
    if first is not None:
        return first, None
    case = _insert(tx, deployed, region, given, by, start_key)
    if case is None:
        assert start_key is not None, "only a start key stands in the way of a new case"
        other = cases.by_start_key(tx, region, key, start_key)
        assert other is not None, "whoever took the start key has a case"
        return other, None
    journal.note(tx, case, "started", by, {"startEvent": start.id, "version": deployed.version})
    events.of_case(tx, case, "process_instance.started")
    return case, Begin(given, start.id)


def message_starts(reader: Reader, region: str, message: str) -> list[tuple[Deployed, Node]]:
    """The region's processes that a message starts, each with its start event."""
    newest = (definitions.of_version(reader, each.version) for each in deployed_versions.all_latest(reader, region))
    return [
        (deployed, node)
        for deployed in newest
        if not deployed.process.is_part
        for node in starts(deployed.process)
        if node.event and node.event.kind == "message" and node.event.name == message
    ]


def starts(process: Process) -> Iterator[Node]:
    """The start events of the process itself."""
    return (node for node in process.inside(None) if node.kind == "startEvent")


def plain_start(process: Process) -> Node | None:
    """The start event for starting by hand, whose form is the start form."""
    return next((node for node in starts(process) if _is_plain(node)), None)


def starters(process: Process) -> tuple[str, ...]:
    """The roles that may start the process by hand, as its diagram writes them."""
    return tuple(role.strip() for role in ",".join(process.starters).split(",") if role.strip())


def _is_plain(node: Node) -> bool:
    return node.trigger == "none"


def _start_event(process: Process, wanted: str | None) -> Node:
    if process.is_part:
        raise UnknownStart(f"{process.name} är en del av andra processer och kan inte startas för sig.")
    found = [node for node in starts(process) if wanted in (None, node.id)]
    if not found:
        raise UnknownStart(f"{process.name} har ingen start som heter {wanted}.")
    return next((node for node in found if _is_plain(node)), found[0])


def _start_key(tx: Transaction, deployed: Deployed, variables: Mapping[str, Any]) -> str | None:
    """The key that makes the start unique, by the first `startKey` of a start event; None when it has no value."""
    written = (node.properties.get("startKey") for node in starts(deployed.process))
    expression = next(filter(None, written), None)
    if expression is None:
        return None
    with context.session(context.of_region(tx, deployed.region)) as session:
        try:
            value = session.evaluate(expression, variables)
        except ExpressionError as error:
            raise UnknownStart(str(error)) from error
    return str(value) if value not in (None, "") else None


def _insert(
    tx: Transaction, deployed: Deployed, region: str, variables: Mapping[str, Any], by: Actor, start_key: str | None
) -> Case | None:
    title = str(variables.get("title") or deployed.process.name)[:300]
    return cases.create(
        tx,
        region=region,
        process_key=deployed.process.id,
        version=deployed.version,
        title=title,
        series=_series(tx, deployed.process, deployed.region),
        owner=_owner(tx, region, variables, by),
        start_key=start_key,
        by=by.performer,
        variables=variables,
    )


def _owner(tx: Transaction, region: str, variables: Mapping[str, Any], by: Actor) -> str | None:
    named = variables.get("ownerUserId")
    person = people.find(tx, named) if isinstance(named, str) else None
    return person.key if person is not None and person.region == region else by.performer


def _series(tx: Transaction, process: Process, region: Region) -> str:
    """`REM-2026` for Nationell remiss: three letters of the name's last word, and the year."""
    word = (process.name or process.id).split()[-1]
    plain = unicodedata.normalize("NFD", word).encode("ascii", "ignore").decode()
    letters = "".join(mark for mark in plain.upper() if mark.isalpha())[:3] or "ARE"
    return f"{letters}-{calendar.local_day(tx.now, region.timezone).year}"
