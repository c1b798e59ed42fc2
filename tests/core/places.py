"""Every place where a diagram can hold an expression that the core evaluates, each with the moves that reach it.

A place is drawn with the word HOSTILE and then forced into the read definition, past reading and checking: what
`deploy` would never let in must be harmless all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from tests.core import diagrams as d
from tests.core.play import Play

HOSTILE = "HOSTILE"
WRAPPED = "${HOSTILE}"


def _task(**more: Any) -> bytes:
    return d.diagram(d.start(), d.user_task("A", **more), d.end())


def _guarded(trigger: d.Trigger, **more: Any) -> bytes:
    guard = d.boundary("B", "A", trigger, **more)
    return d.diagram(d.start(), d.user_task("A"), d.end(), guard, d.chain("B", d.end("E2")))


def _listening(trigger: d.Trigger, **more: Any) -> bytes:
    inner = d.sub_process("S", d.start("S2", trigger, **more), d.end("E2"), event=True)
    return d.diagram(d.start(), d.sub_process("P", d.start("S3"), d.user_task("A"), d.end("E3"), inner), d.end())


def _split(gateway: Callable[[str], d.Part]) -> bytes:
    flows = [d.flow("Start", "G"), d.flow("G", "A", WRAPPED), d.flow("G", "B", default=True)]
    return d.diagram(d.start(), gateway("G"), d.end("A"), d.end("B"), *flows)


CALLED = d.diagram(d.start("S2"), d.end("E2"), id="part")
ANSWER = d.diagram(d.start("S2"), d.user_task("A"), d.end("E2"), id="part")
KEY = {"correlationKey": WRAPPED}

AT_START: Mapping[str, tuple[bytes, ...]] = {
    "condition of an exclusive gateway": (_split(d.exclusive),),
    "condition of an inclusive gateway": (_split(d.inclusive),),
    "date of a timer": (d.diagram(d.start(), d.catch("T", d.timer(date=WRAPPED)), d.end()),),
    "length of a timer": (d.diagram(d.start(), d.catch("T", d.timer(WRAPPED)), d.end()),),
    "cycle of a timer": (_guarded(d.timer(cycle=WRAPPED), interrupting=False),),
    "timer of a boundary event": (_guarded(d.timer(date=WRAPPED)),),
    "timer of an event sub-process": (_listening(d.timer(date=WRAPPED)),),
    "timer after an event gateway": (
        d.diagram(
            d.start(),
            d.event_gateway("G"),
            d.catch("T", d.timer(date=WRAPPED)),
            d.end(),
        ),
    ),
    "key of a message": (d.diagram(d.start(), d.catch("M", d.message("News"), properties=KEY), d.end()),),
    "key of a boundary message": (_guarded(d.message("News"), properties=KEY),),
    "key of a receive task": (d.diagram(d.start(), d.receive_task("R", "News", properties=KEY), d.end()),),
    "key of a thrown message": (d.diagram(d.start(), d.end("M", d.message("News"), properties=KEY)),),
    "payload of a thrown message": (
        d.diagram(d.start(), d.end("M", d.message("News"), extension=d.parameters(ins={"x": WRAPPED}))),
    ),
    "outcome": (d.diagram(d.start(), d.end(properties={"outcome": WRAPPED})),),
    "groups of a task": (_task(candidateGroups=f"lpoChair@{WRAPPED}"),),
    "person of a task": (_task(assignee=WRAPPED),),
    "due date of a task": (_task(dueDate=WRAPPED),),
    "follow-up date of a task": (_task(followUpDate=WRAPPED),),
    "priority of a task": (_task(priority=WRAPPED),),
    "property of a task": (_task(properties={"contact": WRAPPED}),),
    "input of a task": (_task(extension=d.parameters(ins={"x": WRAPPED})),),
    "input of a connector": (
        d.diagram(d.start(), d.service_task("A", "sendNotice", extension=d.parameters(ins={"x": WRAPPED})), d.end()),
    ),
    "input of an effect": (
        d.diagram(d.start(), d.service_task("A", "round.open", extension=d.parameters(ins={"x": WRAPPED})), d.end()),
    ),
    "script": (d.diagram(d.start(), d.script_task("S", f"x = {HOSTILE}"), d.end()),),
    "input of a call": (d.diagram(d.start(), d.call("C", "part", {"x": f"{HOSTILE} or 1"}), d.end()), CALLED),
    "output of a call": (d.diagram(d.start(), d.call("C", "part", {}, {"x": f"{HOSTILE} or 1"}), d.end()), CALLED),
    "collection": (d.diagram(d.start(), d.user_task("A", inside=d.many(HOSTILE, "x")), d.end()),),
    "cardinality": (d.diagram(d.start(), d.user_task("A", inside=d.many(cardinality=WRAPPED)), d.end()),),
}
"""Places that the first step comes to."""

AFTER_A: Mapping[str, tuple[bytes, ...]] = {
    "output of a task": (_task(extension=d.parameters(outs={"x": WRAPPED})),),
    "completion condition": (
        d.diagram(d.start(), d.user_task("A", inside=d.many(cardinality="1", until=WRAPPED)), d.end()),
    ),
    "condition on a flow out of a task": (
        d.diagram(d.start(), d.user_task("A"), d.end(), d.flow("Start", "A"), d.flow("A", "End", WRAPPED)),
    ),
}
"""Places that come when task A is done."""


def forced(sources: tuple[bytes, ...], text: str) -> Play:
    """A case of the diagram with the text put where HOSTILE stands."""
    case = Play(*sources)
    case.definition = _replaced(case.definition, text)
    return case


def _replaced(part: Any, text: str) -> Any:
    if isinstance(part, str):
        return part.replace(HOSTILE, text)
    if isinstance(part, tuple):
        return tuple(_replaced(each, text) for each in part)
    if isinstance(part, Mapping):
        return {key: _replaced(each, text) for key, each in part.items()}
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{each.name: _replaced(getattr(part, each.name), text) for each in fields(part)})
    return part
