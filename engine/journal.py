"""History: what happened in a step and what people did, as rows bound into the case's chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.access import Actor
from engine.core.deliveries import Happening
from store import history
from store.cases import Case
from store.database import Transaction
from store.history import Note
from store.tasks import Task


def step(tx: Transaction, case: Case, happenings: Iterable[Happening], by: Actor, done: str | None) -> None:
    """Append what a step tells. `done` is the task that `by` completed: that row, and that alone, is theirs."""
    history.append(tx, case.id, case.region, [_of(each, by if _is_act(each, done) else None) for each in happenings])


def note(
    tx: Transaction,
    case: Case,
    what: str,
    by: Actor,
    details: Mapping[str, Any] | None = None,
    task: Task | None = None,
    name: str = "",
) -> None:
    """Append one thing that someone did with a case or a task: `started`, `claimed`, `assigned`, `cancelled` ..."""
    about: dict[str, Any] = (
        {"element": task.element, "name": task.name, "process": task.process, "task": task.key}
        if task
        else {"name": name}
    )
    history.append(tx, case.id, case.region, [Note(what, details=_with_reason(details, by), **about, **_who(by))])


def erased(tx: Transaction, case: Case, by: Actor, details: Mapping[str, Any]) -> int:
    """Erase what the rows of a case say beyond that something happened, and append why; answers how many it was."""
    rows = history.saying(tx, case.id)
    history.erase_details(
        tx, case.id, case.region, rows, Note(history.ERASED, details=_with_reason(details, by), **_who(by))
    )
    return len(rows)


def region(tx: Transaction, region: str, what: str, by: Actor, details: Mapping[str, Any], name: str = "") -> None:
    """Append what belongs to no case: a deployment, a mandate, an export."""
    row = Note(what, name=name, details=_with_reason(details, by), **_who(by))
    history.append(tx, history.of_region(region), region, [row])


def _is_act(happening: Happening, done: str | None) -> bool:
    return done is not None and happening.task == done and happening.what == "completed"


def _of(happening: Happening, by: Actor | None) -> Note:
    return Note(
        what=happening.what,
        element=happening.element,
        element_kind=happening.element_kind,
        name=happening.name,
        process=happening.process,
        task=happening.task,
        loop_counter=happening.loop_counter,
        details=_with_reason(happening.details, by),
        **(_who(by) if by else {}),
    )


def _who(by: Actor) -> dict[str, Any]:
    return {"person": by.person, "mandate": by.mandate, "on_behalf_of": by.on_behalf_of}


def _with_reason(details: Mapping[str, Any] | None, by: Actor | None) -> dict[str, Any]:
    known = dict(details or {})
    told = by is not None and by.reason and not by.is_product and "reason" not in known
    return known | ({"reason": by.reason} if by and told else {})
