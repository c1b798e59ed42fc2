"""Who does a task, and the properties that say when, for whom and what else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from engine.core import templates
from engine.core.checking import events, names
from engine.core.checking.scope import Scope, about
from engine.core.durations import BadDuration, parse_duration
from engine.core.findings import Finding, refusal
from engine.core.model import PERSON_TASKS, Node

COURTESIES = frozenset("reminder escalation minutes ifNothing contact".split())
PROPERTIES = {
    "person": COURTESIES | {"about", "fourEyes", "undo"},
    "work": COURTESIES | {"manualRole", "manualDue", "mustGive", "template"},
    "catch": frozenset(("correlationKey", "broadcast")),
    "start": frozenset(("startKey", "broadcast")),
    "throw": frozenset(("correlationKey",)),
    "endEvent": frozenset(("outcome", "correlationKey")),
}
OF_MANY = frozenset(("outputCollection", "ownDeadlines"))
"""What is said of the instances of a multi-instance."""
PROCESS_PROPERTIES = frozenset("owner source part".split())
REMINDER = re.compile(r"\s*[+-]?\d{1,3}\s*(,\s*[+-]?\d{1,3}\s*)*")
ESCALATION = re.compile(r"\+?(\d{1,3}|\$\{[^{}]+\})\s+(?P<who>\S.*)", re.DOTALL)
"""The working days may be an expression: `+${region.timers.escalateAfterWd} coordinator`."""
PRIORITY = re.compile(r"-?\d{1,9}")
LONGEST_UNDO = timedelta(days=1)
DAY = re.compile(r"\d{4}-\d\d-\d\d(T\S+)?")


def check(scope: Scope) -> Iterator[Finding]:
    yield from _process(scope)
    for node in scope.nodes.values():
        yield from _known_properties(scope, node)
        yield from _groups(scope, node)
        yield from _assignee(node)
        yield from _dates(node)
        yield from _courtesies(scope, node)
        yield from _template(scope, node)
        yield from _must_give(scope, node)
        yield from _four_eyes(scope, node)


def _process(scope: Scope) -> Iterator[Finding]:
    process = scope.process
    for name in sorted(process.properties.keys() - PROCESS_PROPERTIES):
        yield refusal("unknown-property", process.id, process.name, what=name)
    for role in process.starters:
        if role not in scope.words.roles:
            yield refusal("unknown-role", process.id, process.name, role=role)
    owner = process.properties.get("owner")
    if owner is not None and owner not in scope.words.roles:
        yield refusal("unknown-role", process.id, process.name, role=owner)
    if process.properties.get("part", "true") not in ("true", "false"):
        yield refusal("bad-property", process.id, process.name, what="part", value=process.properties["part"])


def _known_properties(scope: Scope, node: Node) -> Iterator[Finding]:
    allowed = _allowed(scope, node)
    for name in node.properties:
        is_deadline = node.kind == "businessRuleTask" and name.startswith("deadline.")
        if is_deadline and not names.is_bad(name.removeprefix("deadline.")):
            continue
        if name not in allowed and not (name in OF_MANY and node.loop):
            yield about("unknown-property", node, what=name)
    if node.properties.get("broadcast", "true") not in ("true", "false"):
        yield about("bad-property", node, what="broadcast", value=node.properties["broadcast"])


def _allowed(scope: Scope, node: Node) -> frozenset[str]:
    if node.kind in PERSON_TASKS:
        return PROPERTIES["person"]
    if node.kind == "sendTask" and node.topic is None:
        return PROPERTIES["throw"]
    if node.kind in ("serviceTask", "sendTask"):
        return PROPERTIES["work"]
    if events.catches_message(node):
        return PROPERTIES["start" if events.place(scope, node) == "start" else "catch"]
    if events.place(scope, node) == "start":
        return frozenset(("startKey",))
    if node.kind == "endEvent":
        return PROPERTIES["endEvent"]
    return PROPERTIES["throw"] if node.kind == "intermediateThrowEvent" else frozenset()


def _groups(scope: Scope, node: Node) -> Iterator[Finding]:
    for piece in templates.split(node.attributes.get("candidateGroups", "")):
        yield from _role(scope, node, piece)


def _role(scope: Scope, node: Node, piece: str) -> Iterator[Finding]:
    """A role as far as it is written out: `lpoChair@${programAreaId}`; a whole expression may give any role."""
    parts = templates.parts(piece)
    if parts and parts[0].is_expression:
        return
    role, at, area = piece.partition("@")
    if role not in scope.words.roles or (at and not area):
        yield about("unknown-role", node, role=piece)


def _assignee(node: Node) -> Iterator[Finding]:
    assignee = node.attributes.get("assignee")
    if assignee is not None and not templates.is_template(assignee):
        yield about("literal-person", node, person=assignee)


def _dates(node: Node) -> Iterator[Finding]:
    dates = {name: node.attributes.get(name) for name in ("dueDate", "followUpDate")}
    for name, text in (*dates.items(), ("manualDue", node.properties.get("manualDue"))):
        if text is not None and not templates.is_template(text) and not DAY.fullmatch(text):
            yield about("bad-property", node, what=name, value=text)
    priority = node.attributes.get("priority")
    if priority is not None and not templates.is_template(priority) and not PRIORITY.fullmatch(priority):
        yield about("bad-property", node, what="priority", value=priority)


def _courtesies(scope: Scope, node: Node) -> Iterator[Finding]:
    told = node.properties
    reminder = told.get("reminder")
    if reminder is not None and not templates.is_template(reminder) and not REMINDER.fullmatch(reminder):
        yield about("bad-property", node, what="reminder", value=reminder)
    if "minutes" in told and not re.fullmatch(r"\d{1,4}", told["minutes"]):
        yield about("bad-property", node, what="minutes", value=told["minutes"])
    for piece in filter(None, (piece.strip() for piece in told.get("escalation", "").split(";"))):
        step = ESCALATION.fullmatch(piece)
        if step is None:
            yield about("bad-property", node, what="escalation", value=piece)
        else:
            yield from _role(scope, node, step["who"])
    for name in ("contact", "manualRole"):
        if name in told:
            yield from _role(scope, node, told[name])
    if "undo" in told and node.kind in PERSON_TASKS:
        yield from _undo(node, told["undo"])


def _undo(node: Node, text: str) -> Iterator[Finding]:
    """A length of time that is written out: more than nothing, at most a day."""
    try:
        within = timedelta(0) < parse_duration(text).at_most <= LONGEST_UNDO
    except BadDuration as error:
        yield about("undo", node, value=text, reason=str(error), reason_en="it is not a length of time.")
        return
    if not within:
        yield about(
            "undo", node, value=text, reason="tiden är noll eller för lång.", reason_en="it is zero or too long."
        )


def _template(scope: Scope, node: Node) -> Iterator[Finding]:
    """A letter whose words are not there would go out in other words than the designer's."""
    named, known = node.properties.get("template"), scope.words.templates
    if named and known is not None and not templates.is_template(named) and named not in known:
        yield about("unknown-template", node, template=named)


def _must_give(scope: Scope, node: Node) -> Iterator[Finding]:
    """A field that the hand-over does not have could never be filled in."""
    topic = scope.words.topics.get(node.topic or "")
    for name in filter(None, (each.strip() for each in node.properties.get("mustGive", "").split(","))):
        if topic is None or name not in topic.outputs:
            yield about("bad-property", node, what="mustGive", value=name)


def _four_eyes(scope: Scope, node: Node) -> Iterator[Finding]:
    for other in filter(None, (name.strip() for name in node.properties.get("fourEyes", "").split(","))):
        first = scope.nodes.get(other) or _elsewhere(scope, other)
        if first is None or first.kind not in PERSON_TASKS or other == node.id:
            yield about("four-eyes", node, task=other)


def _elsewhere(scope: Scope, task: str) -> Node | None:
    """A task of another part of the same case: who wrote in one part may not decide in the next."""
    return next((each.nodes[task] for each in scope.library.processes.values() if task in each.nodes), None)
