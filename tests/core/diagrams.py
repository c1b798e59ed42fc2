"""Small diagrams for tests, written as they read.

    diagram(start(), user_task("A"), end())
    diagram(start(), exclusive("G"), user_task("A"), end("E1"), end("E2"),
            flow("Start", "G"), flow("G", "A", "x > 1"), flow("G", "E2", default=True), flow("A", "E1"))
    diagram(start(), user_task("A"), boundary("B", "A", timer("PT1H")), end(), chain("B", user_task("C"), end("E2")))

Nodes that follow each other are linked, unless the level has a `flow` of its own; boundary events, event sub-processes
and whatever stands in a `chain` are left out of that line. The XML is as the Camunda Modeler writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="Definitions_1" targetNamespace="urn:test">'
)


@dataclass(frozen=True)
class Part:
    """A piece of a process: its XML, and what it needs outside the process."""

    id: str
    xml: str
    linked: bool = True
    """False keeps it out of the line of nodes."""
    outside: frozenset[str] = frozenset()
    """Messages, signals, errors and escalations for the top of the file."""
    default_of: str | None = None
    """A default flow: id of the node it leaves."""
    draws_line: bool = False
    """A flow of its own: its level is then not linked by order."""


@dataclass(frozen=True)
class Trigger:
    """An event definition."""

    xml: str
    outside: frozenset[str] = frozenset()


def diagram(
    *parts: Part,
    id: str = "test",
    name: str = "Test",
    executable: bool = True,
    properties: dict[str, str] | None = None,
    attributes: str = "",
    before: str = "",
    after: str = "",
) -> bytes:
    """A whole file. `before` and `after` are raw XML at the start of the process and after it."""
    inside, outside = _level(parts)
    extension = extensions(_properties(properties or {}))
    return (
        f"{HEAD}<bpmn:process id={quoteattr(id)} name={quoteattr(name)} "
        f'isExecutable="{str(executable).lower()}" {attributes}>'
        f"{extension}{before}{inside}</bpmn:process>{''.join(sorted(outside))}{after}</bpmn:definitions>"
    ).encode()


# Nodes -------------------------------------------------------------------------------------------------------------


def node(
    kind: str,
    id: str,
    *,
    name: str | None = None,
    inside: str = "",
    extension: str = "",
    linked: bool = True,
    outside: frozenset[str] = frozenset(),
    properties: dict[str, str] | None = None,
    plain: str = "",
    **camunda: str,
) -> Part:
    """Any node. `plain` is raw attributes, `camunda` attributes get their prefix."""
    prefixed = "".join(f" camunda:{key}={quoteattr(value)}" for key, value in camunda.items())
    body = extensions(extension + _properties(properties or {})) + inside
    title = id if name is None else name
    tag = kind if ":" in kind else f"bpmn:{kind}"
    xml = f"<{tag} id={quoteattr(id)} name={quoteattr(title)} {plain}{prefixed}>{body}</{tag}>"
    return Part(id, xml, linked, outside)


def start(id: str = "Start", trigger: Trigger | None = None, *, interrupting: bool = True, **more: object) -> Part:
    plain = "" if interrupting else 'isInterrupting="false"'
    return _event("startEvent", id, trigger, plain, **more)


def end(id: str = "End", trigger: Trigger | None = None, **more: object) -> Part:
    return _event("endEvent", id, trigger, "", **more)


def catch(id: str, trigger: Trigger, **more: object) -> Part:
    return _event("intermediateCatchEvent", id, trigger, "", **more)


def throw(id: str, trigger: Trigger | None = None, **more: object) -> Part:
    return _event("intermediateThrowEvent", id, trigger, "", **more)


def boundary(id: str, on: str, trigger: Trigger, *, interrupting: bool = True, **more: object) -> Part:
    plain = f'attachedToRef={quoteattr(on)} cancelActivity="{str(interrupting).lower()}"'
    return replace(_event("boundaryEvent", id, trigger, plain, **more), linked=False)


def task(id: str, **more: object) -> Part:
    return node("task", id, **more)  # type: ignore[arg-type]


def manual_task(id: str, **more: object) -> Part:
    return node("manualTask", id, **more)  # type: ignore[arg-type]


def user_task(id: str, *fields: str, **more: object) -> Part:
    """A user task with a form of `field(...)`s; `candidateGroups`, `assignee`, `dueDate` ... as keywords."""
    return node("userTask", id, extension=form(*fields) + str(more.pop("extension", "")), **more)  # type: ignore[arg-type]


def service_task(id: str, topic: str, **more: object) -> Part:
    return node("serviceTask", id, type="external", topic=topic, **more)  # type: ignore[arg-type]


def send_task(id: str, message_name: str = "", topic: str = "", **more: object) -> Part:
    thrown = message(message_name) if message_name else Trigger("")
    plain = f'messageRef="Message_{message_name}"' if message_name else ""
    external = {"type": "external", "topic": topic} if topic else {}
    return node("sendTask", id, plain=plain, outside=thrown.outside, **external, **more)  # type: ignore[arg-type]


def receive_task(id: str, message_name: str, **more: object) -> Part:
    plain = f'messageRef="Message_{message_name}"'
    return node("receiveTask", id, plain=plain, outside=message(message_name).outside, **more)  # type: ignore[arg-type]


def script_task(id: str, script: str, **more: object) -> Part:
    body = f"<bpmn:script>{escape(script)}</bpmn:script>"
    return node("scriptTask", id, plain='scriptFormat="python"', inside=body, **more)  # type: ignore[arg-type]


def decision_task(id: str, decision: str, result: str, mapping: str = "singleResult", **more: object) -> Part:
    return node(
        "businessRuleTask",
        id,
        decisionRef=decision,
        resultVariable=result,
        mapDecisionResult=mapping,
        **more,  # type: ignore[arg-type]
    )


def call(
    id: str, process: str, ins: dict[str, str] | None = None, outs: dict[str, str] | None = None, **more: object
) -> Part:
    """A call activity; `ins` and `outs` are target -> expression."""
    mapping = _mappings("in", ins or {}) + _mappings("out", outs or {}) + str(more.pop("extension", ""))
    return node("callActivity", id, plain=f"calledElement={quoteattr(process)}", extension=mapping, **more)  # type: ignore[arg-type]


def sub_process(id: str, *parts: Part, event: bool = False, inside: str = "", **more: object) -> Part:
    """An embedded sub-process; `event=True` makes it an event sub-process, which no flow enters."""
    content, outside = _level(parts)
    plain = 'triggeredByEvent="true"' if event else ""
    made = node("subProcess", id, plain=plain, inside=inside + content, outside=outside, **more)  # type: ignore[arg-type]
    return replace(made, linked=not event)


def exclusive(id: str, **more: object) -> Part:
    return node("exclusiveGateway", id, **more)  # type: ignore[arg-type]


def parallel(id: str, **more: object) -> Part:
    return node("parallelGateway", id, **more)  # type: ignore[arg-type]


def inclusive(id: str, **more: object) -> Part:
    return node("inclusiveGateway", id, **more)  # type: ignore[arg-type]


def event_gateway(id: str, **more: object) -> Part:
    return node("eventBasedGateway", id, **more)  # type: ignore[arg-type]


# Flows -------------------------------------------------------------------------------------------------------------


def flow(
    source: str,
    target: str,
    condition: str | None = None,
    *,
    default: bool = False,
    id: str | None = None,
    name: str = "",
) -> Part:
    """A sequence flow, `Flow_<source>_<target>` unless told otherwise. `id=""` leaves the id out."""
    made = f"Flow_{source}_{target}" if id is None else id
    identity = f"id={quoteattr(made)} " if made else ""
    formal = 'xsi:type="bpmn:tFormalExpression"'
    said = (
        ""
        if condition is None
        else f"<bpmn:conditionExpression {formal}>{escape(condition)}</bpmn:conditionExpression>"
    )
    xml = (
        f"<bpmn:sequenceFlow {identity}name={quoteattr(name)} sourceRef={quoteattr(source)} "
        f"targetRef={quoteattr(target)}>{said}</bpmn:sequenceFlow>"
    )
    return Part(made, xml, linked=False, default_of=source if default else None, draws_line=True)


def chain(*links: str | Part) -> Part:
    """Nodes in a line of their own, beside the main line; an id names a node that stands elsewhere."""
    ids = [link if isinstance(link, str) else link.id for link in links]
    parts = [link for link in links if isinstance(link, Part)]
    flows = [flow(source, target) for source, target in pairwise(ids)]
    outside = frozenset[str]().union(*(part.outside for part in parts))
    return Part("", "".join(each.xml for each in [*parts, *flows]), linked=False, outside=outside)


def raw(xml: str, id: str = "", *, linked: bool = False) -> Part:
    """XML as it is."""
    return Part(id, xml, linked)


# Events ------------------------------------------------------------------------------------------------------------


def timer(duration: str = "", *, date: str = "", cycle: str = "") -> Trigger:
    tag, text = next(
        (tag, text)
        for tag, text in (("timeDuration", duration), ("timeDate", date), ("timeCycle", cycle))
        if text or tag == "timeCycle"
    )
    return Trigger(
        f'<bpmn:timerEventDefinition><bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{tag}>'
        "</bpmn:timerEventDefinition>"
    )


def message(name: str, topic: str = "") -> Trigger:
    external = f' camunda:type="external" camunda:topic={quoteattr(topic)}' if topic else ""
    return Trigger(
        f'<bpmn:messageEventDefinition messageRef="Message_{name}"{external} />',
        frozenset((f'<bpmn:message id="Message_{name}" name="{name}" />',)),
    )


def signal(name: str) -> Trigger:
    return Trigger(
        f'<bpmn:signalEventDefinition signalRef="Signal_{name}" />',
        frozenset((f'<bpmn:signal id="Signal_{name}" name="{name}" />',)),
    )


def error(code: str = "") -> Trigger:
    if not code:
        return Trigger("<bpmn:errorEventDefinition />")
    return Trigger(
        f'<bpmn:errorEventDefinition errorRef="Error_{code}" />',
        frozenset((f'<bpmn:error id="Error_{code}" name="{code}" errorCode="{code}" />',)),
    )


def escalation(code: str = "") -> Trigger:
    if not code:
        return Trigger("<bpmn:escalationEventDefinition />")
    return Trigger(
        f'<bpmn:escalationEventDefinition escalationRef="Escalation_{code}" />',
        frozenset((f'<bpmn:escalation id="Escalation_{code}" name="{code}" escalationCode="{code}" />',)),
    )


def link(name: str) -> Trigger:
    return Trigger(f"<bpmn:linkEventDefinition name={quoteattr(name)} />")


def terminate() -> Trigger:
    return Trigger("<bpmn:terminateEventDefinition />")


# What stands inside nodes ------------------------------------------------------------------------------------------


def extensions(xml: str) -> str:
    return f"<bpmn:extensionElements>{xml}</bpmn:extensionElements>" if xml else ""


def form(*fields: str) -> str:
    return f"<camunda:formData>{''.join(fields)}</camunda:formData>" if fields else ""


def field(
    id: str,
    type: str = "string",
    *,
    label: str | None = None,
    default: str | None = None,
    choices: dict[str, str] | None = None,
    constraints: dict[str, str] | None = None,
    **properties: str,
) -> str:
    """A form field; `constraints={"required": "true"}`, properties (`rows`, `visibleIf` ...) as keywords."""
    given = "" if default is None else f" defaultValue={quoteattr(default)}"
    said = "".join(f'<camunda:property id="{key}" value={quoteattr(value)} />' for key, value in properties.items())
    rules = "".join(
        f'<camunda:constraint name="{key}" config={quoteattr(value)} />' for key, value in (constraints or {}).items()
    )
    values = "".join(
        f"<camunda:value id={quoteattr(key)} name={quoteattr(value)} />" for key, value in (choices or {}).items()
    )
    return (
        f"<camunda:formField id={quoteattr(id)} label={quoteattr(id if label is None else label)} "
        f"type={quoteattr(type)}{given}>"
        + (f"<camunda:properties>{said}</camunda:properties>" if said else "")
        + (f"<camunda:validation>{rules}</camunda:validation>" if rules else "")
        + f"{values}</camunda:formField>"
    )


def parameters(ins: dict[str, str] | None = None, outs: dict[str, str] | None = None) -> str:
    """`camunda:inputOutput`: name -> expression. Give it as `extension=`."""
    said = "".join(
        f"<camunda:{tag} name={quoteattr(name)}>{escape(text)}</camunda:{tag}>"
        for tag, pairs in (("inputParameter", ins or {}), ("outputParameter", outs or {}))
        for name, text in pairs.items()
    )
    return f"<camunda:inputOutput>{said}</camunda:inputOutput>"


def many(
    collection: str = "", element: str = "", *, cardinality: str = "", until: str = "", sequential: bool = False
) -> str:
    """A multi-instance marker. Give it as `inside=`."""
    over = f" camunda:collection={quoteattr(collection)}" if collection else ""
    over += f" camunda:elementVariable={quoteattr(element)}" if element else ""
    times = f"<bpmn:loopCardinality>{escape(cardinality)}</bpmn:loopCardinality>" if cardinality else ""
    stop = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"{over}>'
        f"{times}{stop}</bpmn:multiInstanceLoopCharacteristics>"
    )


# Inside --------------------------------------------------------------------------------------------------------------


def _event(kind: str, id: str, trigger: Trigger | None, plain: str, **more: object) -> Part:
    body = (trigger.xml if trigger else "") + str(more.pop("inside", ""))
    outside = trigger.outside if trigger else frozenset[str]()
    return node(kind, id, plain=plain, inside=body, outside=outside, **more)  # type: ignore[arg-type]


def _level(parts: tuple[Part, ...]) -> tuple[str, frozenset[str]]:
    defaults = {part.default_of: part.id for part in parts if part.default_of}
    parts = tuple(_with_default(part, defaults.get(part.id)) for part in parts)
    if not any(part.draws_line for part in parts):
        line = [part.id for part in parts if part.linked]
        parts += tuple(flow(source, target) for source, target in pairwise(line))
    outside = frozenset[str]().union(*(part.outside for part in parts))
    return "".join(part.xml for part in parts), outside


def _with_default(part: Part, default: str | None) -> Part:
    if default is None:
        return part
    head, rest = part.xml.split(" ", 1)
    return replace(part, xml=f"{head} default={quoteattr(default)} {rest}")


def _properties(properties: dict[str, str]) -> str:
    said = "".join(f'<camunda:property name="{key}" value={quoteattr(value)} />' for key, value in properties.items())
    return f"<camunda:properties>{said}</camunda:properties>" if said else ""


def _mappings(tag: str, pairs: dict[str, str]) -> str:
    return "".join(
        f"<camunda:{tag} {'source' if text.isidentifier() else 'sourceExpression'}="
        f"{quoteattr(text if text.isidentifier() else f'${{{text}}}')} target={quoteattr(target)} />"
        for target, text in pairs.items()
    )
