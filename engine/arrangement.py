"""Who may do a task, and by when: the roles that the diagram names, whoever holds them today, and who is left out.

A role that nobody holds is never a silence: the coordinator may take the task too, and sees why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine.access import COORDINATOR
from engine.connectors import webhook
from engine.core.deliveries import OpenedTask
from engine.definitions import Deployed
from store import people, recusals, standing
from store.cases import Case
from store.database import Reader, Transaction
from store.roles import split_scope
from store.tasks import Task

VACANT = "vacant"
"""Property of a task: the roles that nobody held when it opened."""
CONSEQUENCE = "ifNothing"
"""Property of a task: what happens if nobody does it, in one sentence."""


@dataclass(frozen=True)
class Arrangement:
    """Who may do a task, and when."""

    assignee: str | None
    candidates: tuple[str, ...]
    due: date | None
    vacant: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    """Person keys of whoever is to do it, or may take it."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """What the task says of that, whatever the diagram writes."""


def arrange(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask, today: date) -> Arrangement:
    """Of a task that opens."""
    return _by_webhook(tx, deployed, opened, _by_people(tx, case, deployed, opened, today))


def rearrange(
    tx: Transaction, case: Case, deployed: Deployed, task: Task, opened: OpenedTask, today: date
) -> Arrangement:
    """Of an open task in another version."""
    arranged = _by_people(tx, case, deployed, opened, today)
    return _still_waiting(tx, case, deployed, task, arranged) if webhook.waits(task.properties) else arranged


def _by_people(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask, today: date) -> Arrangement:
    if opened.kind == "connector":
        role = opened.properties.get("manualRole") or deployed.region.connector(opened.topic or "").role
        wanted = (str(role),) if role else opened.candidates
        due = manual_due(opened.properties) or opened.due
    else:
        wanted, due = opened.candidates or _of_lane(deployed, opened), opened.due
    recused = recusals.of_case(tx, case.id, today)
    if opened.assignee and opened.assignee not in recused and _is_here(tx, case.region, opened.assignee):
        return Arrangement(opened.assignee, wanted, due, holders=(opened.assignee,))
    found = tuple(person for person in _holders(tx, case.region, wanted, today) if person not in recused)
    if found:
        return Arrangement(None, wanted, due, holders=found)
    vacant = (*wanted, opened.assignee) if opened.assignee else wanted
    return Arrangement(None, (*wanted, COORDINATOR), due, vacant, _holders(tx, case.region, (COORDINATOR,), today))


def _by_webhook(tx: Transaction, deployed: Deployed, opened: OpenedTask, arranged: Arrangement) -> Arrangement:
    """A hand-over that the region lets another system make is nobody's while that is waited for."""
    way = webhook.way(tx, deployed.region, opened.topic or "") if opened.kind == "connector" else None
    if way is None:
        return arranged
    said = {CONSEQUENCE: way.says(deployed.region.timezone)}
    if way.endpoint is None:
        return replace(arranged, properties=said)
    return Arrangement(None, (), arranged.due, properties=said | webhook.waiting(way, arranged.candidates))


def _still_waiting(tx: Transaction, case: Case, deployed: Deployed, task: Task, arranged: Arrangement) -> Arrangement:
    """In another version: as before, unless the region now has it made by hand."""
    if webhook.way(tx, deployed.region, task.topic or "") is None:
        webhook.withdraw(tx, case, task, "cancelled")
        return arranged
    kept = {key: task.properties[key] for key in (webhook.HANDOVER, CONSEQUENCE)}
    return Arrangement(None, (), arranged.due, properties=kept)


def _of_lane(deployed: Deployed, opened: OpenedTask) -> tuple[str, ...]:
    """The role whose title the lane has, where the diagram writes neither role nor person."""
    node = deployed.node(opened.process, opened.element)
    if node.lane is None or {"candidateGroups", "assignee"} & node.attributes.keys():
        return ()
    title = node.lane.strip().casefold()
    return tuple(role for role in deployed.region.roles if deployed.region.title(role).casefold() == title)[:1]


def _is_here(reader: Reader, region: str, person: str) -> bool:
    found = people.find(reader, person)
    return found is not None and found.active and found.region == region


def _holders(reader: Reader, region: str, scopes: Iterable[str], today: date) -> tuple[str, ...]:
    """Person keys of everyone who holds one of the roles."""
    roles = [split_scope(each) for each in sorted(set(scopes))]
    found = (held.person for role in roles for held in standing.holders(reader, region, *role, today))
    return tuple(dict.fromkeys(found))


def manual_due(properties: Mapping[str, Any]) -> date | None:
    """The day by which people are to make a hand-over, where its diagram says so."""
    text = str(properties.get("manualDue") or "")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
