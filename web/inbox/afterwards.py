"""What becomes of a case when someone has sent their answer: who it waits for now, or how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine import access, definitions
from store import cases, links, subscriptions, tasks, timers
from store.cases import Case
from store.database import Reader
from web import here, words
from web.language import say
from web.visitor import Visitor


@dataclass(frozen=True)
class Afterwards:
    """The case, and what goes on in it: `Lämna synpunkter (3), senast fre 29 jan`."""

    case: Case
    words: str
    goes_on_in: tuple[Case, ...] = ()
    """The cases that it started, once it has ended itself."""


def of(reader: Reader, visitor: Visitor, id: str) -> Afterwards | None:
    """After a task that the visitor has done; None for any other."""
    task = tasks.find(reader, id) if id else None
    case = cases.find(reader, task.case_id) if task and task.completed_by == visitor.person else None
    if case is None or not _may_see(reader, visitor, case):
        return None
    return Afterwards(case, _now(reader, case), tuple(_goes_on_in(reader, visitor, case)))


def _may_see(reader: Reader, visitor: Visitor, case: Case) -> bool:
    return access.may(reader, visitor.by, "case.see", **here.place(), case=case)


def _goes_on_in(reader: Reader, visitor: Visitor, case: Case) -> Iterator[Case]:
    if case.status in cases.OPEN:
        return
    started = [
        each.to_case for each in links.of_case(reader, case.id) if (each.from_case, each.kind) == (case.id, "started")
    ]
    for found in filter(None, (cases.find(reader, each) for each in started)):
        if found.status in cases.OPEN and _may_see(reader, visitor, found):
            yield found


def _now(reader: Reader, case: Case) -> str:
    if case.status not in cases.OPEN:
        return say("ärendet är avslutat")
    waiting = tasks.open_of_case(reader, case.id)
    if not waiting:
        return _waits(reader, case)
    counted = Counter(each.name for each in waiting)
    named = ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counted.items())
    soonest = min((each.due for each in waiting if each.due), default=None)
    if soonest is None:
        return named
    return say("{tasks}, senast {day}", tasks=named, day=words.short_day(soonest, here.today(reader).year))


def _waits(reader: Reader, case: Case) -> str:
    """Nobody has a task: the clock or the world outside is next."""
    if _awaits_word(reader, case):
        return say("väntar på ett besked")
    soonest = min((each.due for each in timers.of_case(reader, case.id)), default=None)
    if soonest is None:
        return say("väntar på ett besked")
    return say("väntar till {day}", day=words.short_day(here.local(soonest).date(), here.today(reader).year))


def _awaits_word(reader: Reader, case: Case) -> bool:
    """A step waits for a message. One that would only break into something else is not waited for."""
    awaited = {each.element for each in subscriptions.of_case(reader, case.id)}
    processes = definitions.of_case(reader, case).definition.processes if awaited else ()
    nodes = (node for process in processes for node in process.nodes.values() if node.id in awaited)
    return any(node.kind in ("receiveTask", "intermediateCatchEvent") for node in nodes)
