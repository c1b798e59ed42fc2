"""The state of a case as rows: what a step changed is written, nothing else.

Rows are `case`, `task:<id>` and `scope:<host id>`, each a JSON text. A state read back from its rows behaves like one
that never left memory. Rows are written and read by this file alone, carry a format number, and are never taken from
outside the product's own database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.task import Task

from engine.core import variables
from engine.core.compiling import nets
from engine.core.errors import StateUnreadable
from engine.core.journal import Journal
from engine.core.model import Definition
from engine.core.workflow import Case, Token

FORMAT = 1
CASE = "case"
_ROW = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass
class State:
    """A live case and what the last step changed of its rows."""

    case: Case
    changed: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    @property
    def reached(self) -> Mapping[str, Mapping[str, int]]:
        """Process id -> element or flow id -> how many times a token has passed it."""
        return self.case.reached

    @property
    def active(self) -> Mapping[str, frozenset[str]]:
        """Process id -> elements where tokens are now."""
        found: dict[str, set[str]] = {}
        for task in self.case.index.values():
            if task.task_spec.counts and task.task_spec.node.kind != "boundaryEvent":
                found.setdefault(task.task_spec.process.id, set()).add(task.task_spec.node.id)
        return {process: frozenset(elements) for process, elements in found.items()}

    @property
    def variables(self) -> Mapping[str, Any]:
        return variables.overall(self.case)


def difference(case: Case, journal: Journal) -> State:
    """The state after a step, with the rows that the step changed."""
    changed = {CASE: _text(_case_row(case))}
    for key in journal.touched:
        if key in case.index:
            changed[f"task:{key}"] = _text(_task_row(case.index[key]))
    for key in journal.scopes:
        if key in case.subprocesses:
            changed[f"scope:{key}"] = _text(_scope_row(case.subprocesses[key]))
    return State(case, changed, tuple(journal.gone))


def dump(state: State) -> dict[str, str]:
    """Every row of a state."""
    case = state.case
    rows = {CASE: _text(_case_row(case))}
    rows |= {f"scope:{key}": _text(_scope_row(scope)) for key, scope in case.subprocesses.items()}
    rows |= {f"task:{key}": _text(_task_row(task)) for key, task in case.index.items()}
    return rows


def load(definition: Definition, rows: Mapping[str, str]) -> State:
    """Build the live state again from all its rows.

    Raises `StateUnreadable` for another format or for rows that do not fit the definition.
    """
    try:
        return State(_grow(definition, {key: json.loads(text) for key, text in rows.items()}))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise StateUnreadable(f"Ärendets tillstånd kan inte läsas med den här versionen: {error!r}.") from error


def _text(row: Any) -> str:
    return _ROW.encode(row)


def _case_row(case: Case) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "counter": case.counter,
        "moment": case.moment,
        "data": case.data,
        "writes": case.writes,
        "reached": case.reached,
        "outcome": case.outcome,
        "completed": case.completed,
    }


def _scope_row(scope: Any) -> dict[str, Any]:
    return {"net": scope.spec.name, "data": scope.data, "writes": scope.writes}


def _task_row(task: Task) -> dict[str, Any]:
    return {
        "scope": task.workflow.parent_task_id,
        "spec": task.task_spec.name,
        "parent": task._parent if isinstance(task._parent, int) else None,
        "state": task.state,
        "data": task.data,
        "internal": task.internal_data,
    }


def _grow(definition: Definition, rows: Mapping[str, Any]) -> Case:
    head = rows[CASE]
    if head["format"] != FORMAT:
        raise StateUnreadable(f"Ärendets tillstånd har format {head['format']}, den här versionen läser {FORMAT}.")
    case = Case(nets(definition), definition.process.id)
    for name in ("counter", "moment", "data", "writes", "reached", "outcome", "completed"):
        setattr(case, name, head[name])
    scopes = {int(key.partition(":")[2]): row for key, row in rows.items() if key.startswith("scope:")}
    tasks = {int(key.partition(":")[2]): row for key, row in rows.items() if key.startswith("task:")}
    for key in sorted(tasks):
        _plant(case, key, tasks, scopes)
    for host in scopes:
        _scope(case, host, tasks, scopes)
    return case


def _plant(case: Case, key: int, tasks: Mapping[int, Any], scopes: Mapping[int, Any]) -> Task:
    """Make a task again, after the task it hangs under and the host of its scope."""
    if key in case.index:
        return case.index[key]
    row = tasks[key]
    workflow: Any = case if row["scope"] is None else _scope(case, row["scope"], tasks, scopes)
    parent = workflow.task_tree if row["parent"] is None else _plant(case, row["parent"], tasks, scopes)
    task = Token(workflow, workflow.spec.task_specs[row["spec"]], parent, state=row["state"], id=key)
    task.data, task.internal_data = row["data"], row["internal"]
    case.index[key] = task
    workflow.live += task.task_spec.counts + (1 if task.internal_data.get("counted") else 0)
    return task


def _scope(case: Case, host: int, tasks: Mapping[int, Any], scopes: Mapping[int, Any]) -> Any:
    found = case.subprocesses.get(host)
    if found is None:
        row = scopes[host]
        found = case.open_scope(case.subprocess_specs[row["net"]], _plant(case, host, tasks, scopes))
        found.data, found.writes = row["data"], row["writes"]
    return found
