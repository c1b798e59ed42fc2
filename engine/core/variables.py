"""Who sees which variable, and what happens to values where branches part and meet.

A scope (case, sub-process, called process) has variables of its own. A token carries what has been written on its way
since it came into the scope, so parallel branches never see each other's half-done work; where branches meet, the last
writer of each variable wins, whole values at a time, and two different writers are told as a conflict. Values are JSON
and never changed in place, so branches may share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

WRITES = "writes"
FORKS = "forks"
LOCALS = "locals"
OWN_DEADLINES = "deadlines."
"""Among what an element sees: what tells its deadlines from those of other instances. No variable has such a name."""


def view(task: Task) -> dict[str, Any]:
    """All that an element sees at this token: the innermost value of each name."""
    seen = scope_view(task.workflow)
    for each in _line(task):
        seen.update(each.internal_data.get(LOCALS, {}))
        seen.update(each.task_spec.counters(each))
        seen.update(each.data)
    own = _own_deadlines(task.workflow)
    return {**seen, OWN_DEADLINES: own} if own else seen


def own_key(key: str, seen: Mapping[str, Any]) -> str:
    """The name under which the case keeps a deadline that is set by whoever sees this: `memoDue`, or `memoDue-2`."""
    return key + str(seen.get(OWN_DEADLINES, ""))


def _own_deadlines(workflow: Any) -> str:
    """`-2` in the second instance of a call with the property `ownDeadlines`; each such call around adds its own."""
    if workflow.parent_task_id is None:
        return ""
    host = workflow.top_workflow.index[workflow.parent_task_id]
    instance = host.internal_data.get("instance")
    mine = f"-{instance['loopCounter'] + 1}" if instance and "ownDeadlines" in host.task_spec.node.properties else ""
    return _own_deadlines(host.workflow) + mine


def scope_view(workflow: Any) -> dict[str, Any]:
    """What a scope sees by itself: a called process its own variables only, a sub-process its surroundings too."""
    if workflow.parent_task_id is None:
        return dict(workflow.data)
    host = workflow.top_workflow.index[workflow.parent_task_id]
    if host.task_spec.isolated:
        return dict(workflow.data)
    return {**view(host), **workflow.data}


def _line(task: Task) -> list[Task]:
    """The task and the open tasks it hangs under, outermost first."""
    line = []
    root = task.workflow.task_tree
    while task is not None and task is not root:
        line.append(task)
        task = task.parent
    return line[::-1]


def write(task: Task, values: Mapping[str, Any]) -> None:
    """Let a token carry new values."""
    case = task.workflow.top_workflow
    moments = task.internal_data.setdefault(WRITES, {})
    for name, value in values.items():
        task.data[name] = value
        moments[name] = case.next_moment()


def hand_on(giver: Task, taker: Task) -> None:
    """The taker carries on with what the giver carried."""
    taker.data = dict(giver.data)
    taker.internal_data[WRITES] = dict(giver.internal_data.get(WRITES, {}))
    if FORKS in giver.internal_data:
        taker.internal_data[FORKS] = list(giver.internal_data[FORKS])


def fork(task: Task) -> None:
    """Note on a token that its way parts here: later writes may meet others at the join."""
    task.internal_data[FORKS] = [*task.internal_data.get(FORKS, []), task.workflow.top_workflow.moment]


def meet(into: Task, others: list[Task]) -> list[dict[str, Any]]:
    """Merge what other tokens carry into one; returns the conflicts found.

    Each conflict is `{"variable", "kept", "lost"}`.
    """
    parted = max((forks[-1] for each in [into, *others] if (forks := each.internal_data.get(FORKS))), default=0)
    moments = into.internal_data.setdefault(WRITES, {})
    conflicts = []
    for other in others:
        for name, moment in other.internal_data.get(WRITES, {}).items():
            mine = moments.get(name, 0)
            if mine == moment:
                continue
            kept, lost = into.data.get(name), other.data[name]
            if moment > mine:
                kept, lost = lost, kept
                into.data[name], moments[name] = other.data[name], moment
            if min(mine, moment) > parted and kept != lost:
                conflicts.append({"variable": name, "kept": kept, "lost": lost})
    if others and into.internal_data.get(FORKS):
        into.internal_data[FORKS] = into.internal_data[FORKS][:-1]
    return conflicts


def settle(task: Task) -> None:
    """A token ends: what it carried becomes the scope's, the last writer winning."""
    scope = task.workflow
    for name, moment in task.internal_data.get(WRITES, {}).items():
        if moment >= scope.writes.get(name, 0):
            scope.data[name] = task.data[name]
            scope.writes[name] = moment


def overall(case: Any) -> dict[str, Any]:
    """The variables of the whole case, sub-processes and tokens on their way included: for pages, not for decisions."""
    seen: dict[str, Any] = {}
    _gather(case, seen, {})
    return seen


def take_from_inside(host: Task, into: Task) -> None:
    """What has been written so far inside a sub-process that is left half-way is not lost."""
    scope = host.workflow.top_workflow.subprocesses.get(host.id)
    if scope is not None and not host.task_spec.isolated:
        _gather(scope, into.data, into.internal_data.setdefault(WRITES, {}))


def _gather(workflow: Any, values: dict[str, Any], moments: dict[str, int]) -> None:
    """Collect what a scope, its tokens and the sub-processes in it hold, the last writer of each name winning."""
    _newer(workflow.data, workflow.writes, values, moments)
    for task in workflow.tokens():
        if task.parent is workflow.task_tree:
            _newer(task.data, task.internal_data.get(WRITES, {}), values, moments)
        scope = workflow.top_workflow.subprocesses.get(task.id)
        if scope is not None and not task.task_spec.isolated:
            _gather(scope, values, moments)


def _newer(
    given: Mapping[str, Any], written: Mapping[str, int], values: dict[str, Any], moments: dict[str, int]
) -> None:
    for name, value in given.items():
        if name not in values or written.get(name, 0) > moments.get(name, 0):
            values[name], moments[name] = value, written.get(name, 0)
