"""How far a case has come, in words: the steps of its diagram in order, each done, now or later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.core.model import Definition, Node, Process
from store.history import Entry
from store.incidents import Incident
from store.tasks import Task
from web import words
from web.language import say

STEPS = frozenset(
    "task userTask manualTask serviceTask sendTask receiveTask businessRuleTask callActivity subProcess".split()
)
"""What a person recognises as a step; gateways and scripts are how the diagram thinks."""
FRAMES = frozenset(("callActivity", "subProcess"))
DEEPEST = 6


@dataclass(frozen=True)
class Step:
    """One line of the progress."""

    element: str
    process: str
    words: str
    more: str
    state: str
    """`done`, `now`, `later`, `stopped` or `gone`: begun, and then no longer wanted."""
    depth: int
    icon: str
    is_frame: bool = False
    """It has steps of its own below it."""


@dataclass(frozen=True)
class Traces:
    """What has happened at each element, by (process, element)."""

    entered: Counter[tuple[str, str]]
    begun: Mapping[tuple[str, str], int]
    """The row at which each was last entered."""
    left: Counter[tuple[str, str]]
    last: Mapping[tuple[str, str], Entry]
    waiting: Mapping[tuple[str, str], Sequence[Task]]
    stopped: frozenset[tuple[str, str]]
    today: date
    names: Mapping[str, str]

    def state(self, place: tuple[str, str]) -> str:
        """`done`, `now`, `later`, `stopped` or `gone`."""
        if place in self.stopped:
            return "stopped"
        if place in self.waiting or self.entered[place] > self.left[place]:
            return "now"
        if not self.left[place]:
            return "later"
        return "gone" if self.last[place].what == "cancelled" else "done"

    def done_before(self, place: tuple[str, str], began: int) -> bool:
        """Whether it was done before that row, and not since."""
        last = self.last.get(place)
        return self.state(place) == "done" and last is not None and last.seq < began


ICONS = {"done": "done", "now": "now", "later": "dashed", "stopped": "alert", "gone": "minus"}


def traces(
    history: Iterable[Entry],
    tasks: Iterable[Task],
    incidents: Iterable[Incident],
    today: date,
    names: Mapping[str, str],
) -> Traces:
    """Read the rows of a case once."""
    entered: Counter[tuple[str, str]] = Counter()
    begun: dict[tuple[str, str], int] = {}
    left: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], Entry] = {}
    for each in _as_named_now(history):
        place = (each.process, each.element)
        if each.what == "ready":
            entered[place] += 1
            begun[place] = each.seq
        elif each.what in ("completed", "cancelled", "decided", "thrown", "received", "fired"):
            left[place] += each.what != "decided"
            last[place] = each if each.what == "completed" or place not in last else last[place]
    waiting: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        if task.status == "open":
            waiting.setdefault((task.process, task.element), []).append(task)
    stopped = frozenset((each.process, each.element) for each in incidents)
    return Traces(entered, begun, left, last, waiting, stopped, today, names)


def _as_named_now(history: Iterable[Entry]) -> Iterator[Entry]:
    """The rows with the ids that elements have in the case's own version: it may have been moved from another one."""
    named: dict[str, str] = {}
    found = []
    for each in reversed(list(history)):
        found.append(replace(each, element=named.get(each.element, each.element)) if named else each)
        if each.what == "migrated":
            named |= {old: named.get(new, new) for old, new in (each.details or {}).get("map", {}).items() if new}
    return reversed(found)


def steps(definition: Definition, seen: Traces, *, ended: bool) -> list[Step]:
    """The steps of the case in the order of the diagram; those inside a frame stand indented below it while it runs."""
    return list(_steps(definition, definition.process, None, seen, ended, 0))


def _steps(
    definition: Definition, process: Process, container: str | None, seen: Traces, ended: bool, depth: int
) -> Iterator[Step]:
    ordered = list(_in_order(process, container))
    here = {node.id for node in ordered if seen.state((process.id, node.id)) in ("now", "stopped")}
    ahead = set(_ahead(process, here)) if here else set()
    again = set(_again(process, container, here, seen))
    for node in ordered:
        state = "later" if node.id in again else seen.state((process.id, node.id))
        if state == "later" and (ended or (here and node.id not in ahead)):
            continue
        if depth and node.kind in ("startEvent", "endEvent"):
            continue
        yield _step(process, node, state, seen, depth)
        if node.kind in FRAMES and state in ("now", "stopped") and depth < DEEPEST:
            inner = definition.called.get(node.called or "") if node.kind == "callActivity" else process
            if inner is not None:
                below = None if node.kind == "callActivity" else node.id
                yield from _steps(definition, inner, below, seen, ended, depth + 1)


def _step(process: Process, node: Node, state: str, seen: Traces, depth: int) -> Step:
    place = (process.id, node.id)
    title = node.name or node.id
    if state == "now" and node.kind not in FRAMES:
        title = f"{say('Nu')}: {title}"
    return Step(node.id, process.id, title, _more(place, state, seen), state, depth, ICONS[state], node.kind in FRAMES)


def _more(place: tuple[str, str], state: str, seen: Traces) -> str:
    if state == "done":
        return _last_time(place, seen)
    if state == "gone":
        return say("avbröts {when}", when=words.day(seen.last[place].at, seen.today))
    if state == "later" and seen.last.get(place):
        return say("gjort tidigare: {when}", when=_last_time(place, seen))
    if state == "now":
        return _waiting(seen.waiting.get(place, ()), seen)
    return say("Står still, driftansvarig är underrättad") if state == "stopped" else ""


def _last_time(place: tuple[str, str], seen: Traces) -> str:
    entry = seen.last.get(place)
    if entry is None:
        return ""
    who = seen.names.get(entry.person or "", "")
    return ", ".join(part for part in (words.day(entry.at, seen.today), who) if part)


def _waiting(tasks: Sequence[Task], seen: Traces) -> str:
    """`8 av 12 svarade, senast fre 29 jan`."""
    if not tasks:
        return ""
    place = (tasks[0].process, tasks[0].element)
    parts = []
    if len(tasks) > 1 or (tasks[0].multi_instance and seen.left[place]):
        total = len(tasks) + seen.left[place]
        parts.append(say("{done} av {total} svarade", done=seen.left[place], total=total))
    else:
        parts.append(seen.names.get(tasks[0].assignee or "", ""))
    due = min((each.due for each in tasks if each.due), default=None)
    parts.append(say("senast {day}", day=words.short_day(due, seen.today.year)) if due else "")
    return ", ".join(part for part in parts if part)


def _in_order(process: Process, container: str | None) -> Iterator[Node]:
    """The steps of one level, from the start along the flows; what nothing leads to comes last."""
    for node in _along_flows(process, container):
        if node.kind in STEPS or (node.kind in ("startEvent", "endEvent") and node.name and container is None):
            yield node


def _along_flows(process: Process, container: str | None) -> list[Node]:
    """Every element of one level, each after what leads to it; only what goes back stands before."""
    nodes = {node.id: node for node in process.inside(container)}
    starts = [id for id, node in nodes.items() if not process.incoming(id) and node.attached_to is None]
    onwards = {id: [each for each in _next(process, id) if each in nodes] for id in nodes}
    back = _Walk({id: ways[::-1] for id, ways in onwards.items()}, starts or list(nodes)[:1]).back
    ahead = {id: [each for each in ways if (id, each) not in back] for id, ways in onwards.items()}
    return [nodes[id] for id in reversed(_Walk(ahead, starts or list(nodes)[:1]).left)]


class _Walk:
    """Depth first from the starts, along the ways of each element in their order."""

    def __init__(self, ways: Mapping[str, Sequence[str]], starts: Iterable[str]) -> None:
        self.left: list[str] = []
        """Each after all that follows it: reversed, that is the order of the flow."""
        self.back: set[tuple[str, str]] = set()
        """The ways that lead back to where the walk came from."""
        self._seen: set[str] = set()
        for start in starts:
            self._visit(ways, start)

    def _visit(self, ways: Mapping[str, Sequence[str]], start: str) -> None:
        stack, here = [(start, iter(ways[start]))], {start}
        self._seen.add(start)
        while stack:
            id, following = stack[-1]
            step = next(following, None)
            if step is None:
                self.left.append(id)
                here.discard(stack.pop()[0])
            elif step in here:
                self.back.add((id, step))
            elif step not in self._seen:
                self._seen.add(step)
                here.add(step)
                stack.append((step, iter(ways[step])))


def _next(process: Process, id: str) -> list[str]:
    """What follows a node; the exceptional ways first, so that the usual one ends up before them."""
    aside = [flow.target for event in process.boundary(id) for flow in process.outgoing(event.id)]
    return aside + _usual(process, id)


def _usual(process: Process, id: str) -> list[str]:
    default = process.nodes[id].default
    flows = sorted(process.outgoing(id), key=lambda flow: flow.id == default, reverse=True)
    return [flow.target for flow in reversed(flows)]


def _ahead(process: Process, here: set[str]) -> Iterator[str]:
    """Everything that can still come after these nodes, unless something is interrupted."""
    pending, seen = list(here), set(here)
    while pending:
        for following in _usual(process, pending.pop()):
            if following not in seen:
                seen.add(following)
                pending.append(following)
                yield following


def _again(process: Process, container: str | None, here: set[str], seen: Traces) -> Iterator[str]:
    """What was done in an earlier round and comes after where the case is now: it will be done once more."""
    since = {id: seen.begun.get((process.id, id), 0) for id in here}
    passed: set[str] = set()
    for node in _along_flows(process, container) if here else ():
        passed.add(node.id)
        if node.id not in since:
            continue
        if node.id not in here and seen.done_before((process.id, node.id), since[node.id]):
            yield node.id
        for following in _usual(process, node.id):
            if following not in passed:
                since[following] = max(since[node.id], since.get(following, 0))
