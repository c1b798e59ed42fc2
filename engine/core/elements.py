"""The elements of a process, one by one: XML to the dataclasses of `model`."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.core.findings import Finding, refusal
from engine.core.grammar import EVENT_DEFINITIONS
from engine.core.model import Assignment, Choice, Event, Field, Flow, Loop, Node, Timer
from engine.core.templates import unwrap
from engine.core.xml import CAMUNDA, qualified, short, text_of

ISO_TEXT = re.compile(r"-?P[\dT.,]|R-?\d*(/|$)|[+-]?\d{3,}-|\d{8,}T")
EXPRESSION_PROPERTIES = frozenset(["visibleIf", "requiredIf", "rule", "maxDate"])
TIMER_KINDS = {"bpmn:timeDate": "date", "bpmn:timeDuration": "duration", "bpmn:timeCycle": "cycle"}
_REFERENCES = {"message": "messageRef", "signal": "signalRef", "error": "errorRef", "escalation": "escalationRef"}
_MULTI = "bpmn:multiInstanceLoopCharacteristics"


@dataclass(frozen=True)
class Names:
    """What the file's messages, signals, errors and escalations are called, by id."""

    message: Mapping[str, str] = field(default_factory=dict)
    signal: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, str] = field(default_factory=dict)
    escalation: Mapping[str, str] = field(default_factory=dict)


def names(root: etree._Element) -> tuple[Names, list[Finding]]:
    """The names that events refer to by id: name of a message or signal, code of an error or escalation."""
    findings: list[Finding] = []

    def named(kind: str, attribute: str) -> dict[str, str]:
        found = {}
        for each in root.findall(qualified(f"bpmn:{kind}")):
            found[each.get("id", "")] = each.get(attribute, "").strip()
            if not found[each.get("id", "")]:
                findings.append(refusal("nameless", each.get("id"), each.get("name", ""), what=attribute))
        return found

    return Names(
        named("message", "name"),
        named("signal", "name"),
        named("error", "errorCode"),
        named("escalation", "escalationCode"),
    ), findings


def identity(element: etree._Element) -> str:
    """The element's id; one made of its place in the file where it has none, which `checking` refuses."""
    return element.get("id") or f"{short(element.tag).partition(':')[2]}@{element.sourceline or 0}"


def flow(element: etree._Element, taken: Container[str]) -> Flow:
    """A sequence flow. Without an id it gets one of its ends, and a number if those have several."""
    given = element.get("id")
    source, target = element.get("sourceRef", ""), element.get("targetRef", "")
    condition = element.find(qualified("bpmn:conditionExpression"))
    return Flow(
        id=given or _made_id(source, target, taken),
        source=source,
        target=target,
        name=element.get("name", ""),
        condition=None if condition is None else unwrap(text_of(condition)),
        id_given=given is not None,
    )


def _made_id(source: str, target: str, taken: Container[str]) -> str:
    made = f"Flow_{source}_{target}"
    number = 1
    while made in taken:
        number += 1
        made = f"Flow_{source}_{target}_{number}"
    return made


def node(element: etree._Element, container: str | None, names: Names) -> tuple[Node, list[Finding]]:
    """A flow node with everything that hangs on it, and what could not be read."""
    kind = short(element.tag).partition(":")[2]
    event, findings = _event(element, kind, names)
    findings += _mappings(element)
    if not element.get("id"):
        findings.append(refusal("no-id", None, element.get("name", ""), kind=kind))
    script = element.find(qualified("bpmn:script"))
    inputs, outputs = _assignments(element)
    return Node(
        id=identity(element),
        kind=kind,
        name=element.get("name", ""),
        container=container,
        documentation=documentation(element),
        event=event,
        attached_to=element.get("attachedToRef"),
        interrupting=boolean(element, "cancelActivity" if kind == "boundaryEvent" else "isInterrupting", True),
        triggered_by_event=boolean(element, "triggeredByEvent", False),
        default=element.get("default"),
        form=_form(element),
        attributes=_attributes(element),
        properties=properties(element),
        inputs=inputs,
        outputs=outputs,
        loop=_loop(element),
        called=element.get("calledElement"),
        script=None if script is None else text_of(script),
    ), findings


def documentation(element: etree._Element) -> str:
    """The element's own documentation; several pieces become paragraphs."""
    return "\n\n".join(text for each in element.findall(qualified("bpmn:documentation")) if (text := text_of(each)))


def listed(text: str) -> tuple[str, ...]:
    """`"a, b"` -> `("a", "b")`."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def boolean(element: etree._Element, name: str, default: bool) -> bool:
    value = element.get(name)
    return default if value is None else value in ("true", "1")


def properties(element: etree._Element, key: str = "name") -> dict[str, str]:
    """The `camunda:property` values that stand on the element itself."""
    within = _extension(element, "properties") if key == "name" else element.find(qualified("camunda:properties"))
    if within is None:
        return {}
    return {each.get(key, ""): each.get("value", "") for each in within.findall(qualified("camunda:property"))}


def _extension(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{qualified('bpmn:extensionElements')}/{qualified(f'camunda:{name}')}")


def _attributes(element: etree._Element) -> dict[str, str]:
    """The node's `camunda:*` attributes."""
    prefix = f"{{{CAMUNDA}}}"
    return {
        str(name).removeprefix(prefix): str(value)
        for name, value in element.attrib.items()
        if str(name).startswith(prefix)
    }


def _event(element: etree._Element, kind: str, names: Names) -> tuple[Event | None, list[Finding]]:
    if kind in ("receiveTask", "sendTask") and element.get("messageRef"):
        return _referring(element, "message", element, names)
    if not kind.endswith("Event"):
        return None, []
    definitions = [each for each in element if short(each.tag) in EVENT_DEFINITIONS]
    if not definitions:
        return Event("none"), []
    if len(definitions) > 1:
        return Event("multiple"), [refusal("several-events", element.get("id"), element.get("name", ""))]
    definition = definitions[0]
    what = EVENT_DEFINITIONS[short(definition.tag)]
    if what == "timer":
        return _timer(element, definition)
    if what == "link":
        return Event("link", definition.get("name") or None), []
    return _referring(definition, what, element, names) if what in _REFERENCES else (Event(what), [])


def _referring(
    carrier: etree._Element, what: str, element: etree._Element, names: Names
) -> tuple[Event, list[Finding]]:
    reference = carrier.get(_REFERENCES[what])
    known: Mapping[str, str] = getattr(names, what)
    if reference is None:
        return Event(what), []
    local = reference if reference in known else reference.rpartition(":")[2]
    if local not in known:
        return Event(what), [refusal("dangling-reference", element.get("id"), element.get("name", ""), id=reference)]
    return Event(what, known[local] or None), []


def _timer(element: etree._Element, definition: etree._Element) -> tuple[Event, list[Finding]]:
    said = [each for each in definition if short(each.tag) in TIMER_KINDS]
    if len(said) != 1 or not text_of(said[0]):
        return Event("timer"), [refusal("timer-missing", element.get("id"), element.get("name", ""))]
    text = text_of(said[0])
    expression = unwrap(text)
    literal = expression == text and ISO_TEXT.match(text) is not None
    return Event("timer", timer=Timer(TIMER_KINDS[short(said[0].tag)], expression, literal)), []


def _mappings(element: etree._Element) -> list[Finding]:
    """Call mappings that say nothing, or two things."""
    return [
        refusal("call-mapping", element.get("id"), element.get("name", ""), what=each.get("target", ""))
        for each in element.iter(qualified("camunda:in"), qualified("camunda:out"))
        if not each.get("target") or bool(each.get("source")) == bool(each.get("sourceExpression"))
    ]


def _loop(element: etree._Element) -> Loop | None:
    marker = element.find(qualified(_MULTI))
    if marker is None:
        return None
    cardinality = marker.find(qualified("bpmn:loopCardinality"))
    completion = marker.find(qualified("bpmn:completionCondition"))
    collection = marker.get(qualified("camunda:collection"))
    return Loop(
        sequential=boolean(marker, "isSequential", False),
        collection=None if collection is None else unwrap(collection),
        element_variable=marker.get(qualified("camunda:elementVariable")),
        cardinality=None if cardinality is None else unwrap(text_of(cardinality)),
        completion_condition=None if completion is None else unwrap(text_of(completion)),
    )


def _assignments(element: etree._Element) -> tuple[tuple[Assignment, ...], tuple[Assignment, ...]]:
    extensions = element.find(qualified("bpmn:extensionElements"))
    if extensions is None:
        return (), ()
    inputs = [_mapping(each) for each in extensions.findall(qualified("camunda:in"))]
    outputs = [_mapping(each) for each in extensions.findall(qualified("camunda:out"))]
    inputs += [_parameter(each) for each in extensions.iter(qualified("camunda:inputParameter"))]
    outputs += [_parameter(each) for each in extensions.iter(qualified("camunda:outputParameter"))]
    return tuple(inputs), tuple(outputs)


def _mapping(element: etree._Element) -> Assignment:
    expression = element.get("sourceExpression", element.get("source", ""))
    return Assignment(element.get("target", ""), unwrap(expression))


def _parameter(element: etree._Element) -> Assignment:
    return Assignment(element.get("name", ""), unwrap(text_of(element)))


def _form(element: etree._Element) -> tuple[Field, ...]:
    form = _extension(element, "formData")
    return () if form is None else tuple(_field(each) for each in form.findall(qualified("camunda:formField")))


def _field(element: etree._Element) -> Field:
    default = element.get("defaultValue")
    unwrapped = None if default is None else unwrap(default)
    return Field(
        id=element.get("id", ""),
        label=element.get("label", ""),
        type=element.get("type", ""),
        default=unwrapped,
        default_is_expression=default is not None and unwrapped != default.strip(),
        choices=tuple(
            Choice(each.get("id", ""), each.get("name", "")) for each in element.findall(qualified("camunda:value"))
        ),
        constraints={
            each.get("name", ""): each.get("config", "true") for each in element.iter(qualified("camunda:constraint"))
        },
        properties={
            name: unwrap(value) if name in EXPRESSION_PROPERTIES else value
            for name, value in properties(element, "id").items()
        },
    )
