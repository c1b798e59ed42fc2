"""One file for each construct that is refused, and the rule that names it."""

from __future__ import annotations

import pytest

from engine.core.rules import REFUSALS
from tests.core.diagrams import (
    Part,
    Trigger,
    boundary,
    call,
    catch,
    chain,
    decision_task,
    diagram,
    end,
    error,
    escalation,
    event_gateway,
    exclusive,
    field,
    flow,
    inclusive,
    link,
    many,
    message,
    node,
    parallel,
    parameters,
    raw,
    receive_task,
    script_task,
    send_task,
    service_task,
    start,
    sub_process,
    task,
    terminate,
    throw,
    timer,
    user_task,
)
from tests.core.words import findings

PLAIN = diagram(start(), user_task("A"), end())


def line(*parts: Part, **more: str) -> bytes:
    """A process with a start, the parts and an end in a line."""
    return diagram(start(), *parts, end(), **more)  # type: ignore[arg-type]


def form(*fields: str) -> bytes:
    return line(user_task("A", *fields))


def instead(old: str, new: str, of: bytes = PLAIN) -> bytes:
    """A file with one thing exchanged."""
    changed = of.decode().replace(old, new)
    assert changed != of.decode()
    return changed.encode()


def extended(xml: str) -> bytes:
    return line(user_task("A", extension=xml))


def loop(*, of: Part) -> bytes:
    """Start -> merge -> the node -> split -> back or end."""
    return diagram(
        start(),
        exclusive("Merge"),
        of,
        exclusive("Split"),
        end(),
        flow("Start", "Merge"),
        flow("Merge", of.id),
        flow(of.id, "Split"),
        flow("Split", "Merge", "1 < 2"),
        flow("Split", "End", default=True),
    )


MESSAGE_FLOW = '<bpmn:collaboration id="C"><bpmn:messageFlow id="F" sourceRef="A" targetRef="B"/></bpmn:collaboration>'
LIST_INPUT = (
    '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:list/>'
    "</camunda:inputParameter></camunda:inputOutput>"
)
ONE = (
    '<bpmn:multiInstanceLoopCharacteristics behavior="One"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)
JAVASCRIPT = (
    '<bpmn:sequenceFlow id="F" sourceRef="A" targetRef="End">'
    '<bpmn:conditionExpression language="javascript">true</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process>'
)
SECOND = "<bpmn:process id='other' isExecutable='true'><bpmn:startEvent id='S2'/></bpmn:process>"
POOL = "<bpmn:collaboration id='C'><bpmn:participant id='P' name='Utanför'/></bpmn:collaboration>"
OTHER = diagram(start("S"), end("E"), id="other")
CALLING_BACK = diagram(start("S"), call("C", "test"), end("E"), id="other")
WAITING_START = diagram(start("S", message("M"), properties={"startKey": "${x}"}), end("E"), id="other")
PICTURE = (
    '<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="L" bpmnElement="test"><bpmndi:BPMNShape id="X" bpmnElement="A">'
    '<dc:Bounds x="nan" y="0" width="1" height="1"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
)
DEEP = tuple(diagram(start("S"), call("C", f"p{n + 1}"), end("E"), id=f"p{n}") for n in range(1, 23))

REFUSED: list[tuple[str, str | None, bytes, tuple[bytes, ...]]] = [
    # The file
    ("xml-doctype", None, b"<!DOCTYPE a><a/>", ()),
    ("xml-size", None, b"<a>" + b" " * 1_000_000 + b"</a>", ()),
    ("xml-depth", None, b"<a>" * 41 + b"</a>" * 41, ()),
    ("xml-syntax", None, b"<a>", ()),
    ("not-bpmn", None, b"<html/>", ()),
    ("no-process", None, b'<d:definitions xmlns:d="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', ()),
    ("several-processes", "other", diagram(start(), end(), after=SECOND), ()),
    ("too-many-elements", "test", line(*(task(f"T{n}") for n in range(1_000))), ()),
    ("bad-coordinates", "A", line(user_task("A"), after=PICTURE), ()),
    # What a file may hold
    ("unknown-element", "A", extended("<camunda:potentialStarter/>"), ()),
    ("unknown-element", "A", line(user_task("A", inside="<wild xmlns='urn:x'>1</wild>")), ()),
    ("unknown-attribute", "A", line(user_task("A", initiator="x")), ()),
    ("bad-boolean", "test", instead('isExecutable="true"', 'isExecutable="ja"'), ()),
    ("given-twice", "A", extended("<camunda:properties/><camunda:properties/>"), ()),
    ("complex-gateway", "G", line(node("complexGateway", "G")), ()),
    ("ad-hoc", "S", line(node("adHocSubProcess", "S")), ()),
    ("transaction", "S", line(node("transaction", "S")), ()),
    (
        "transaction",
        "B",
        line(
            sub_process("S", start("S1"), end("S2")),
            boundary("B", "S", Trigger("<bpmn:cancelEventDefinition/>")),
            chain("B", end("E2")),
        ),
        (),
    ),
    ("compensation", "T", line(throw("T", Trigger("<bpmn:compensateEventDefinition/>"))), ()),
    ("compensation", "A", line(user_task("A", plain='isForCompensation="true"')), ()),
    (
        "conditional-event",
        "B",
        line(user_task("A"), boundary("B", "A", Trigger("<bpmn:conditionalEventDefinition/>")), chain("B", end("E2"))),
        (),
    ),
    ("standard-loop", "A", line(user_task("A", inside="<bpmn:standardLoopCharacteristics/>")), ()),
    (
        "message-flow",
        "F",
        instead(
            "</bpmn:definitions>",
            f"{MESSAGE_FLOW}</bpmn:definitions>",
        ),
        (),
    ),
    ("outside-pool", "P", diagram(start(), end(), after=POOL), ()),
    ("group", "G", diagram(start(), end(), raw('<bpmn:group id="G"/>')), ()),
    ("data", "D", diagram(start(), end(), raw('<bpmn:dataObjectReference id="D"/>')), ()),
    ("data", "A", line(user_task("A", inside="<bpmn:ioSpecification/>")), ()),
    (
        "loop-data",
        "A",
        line(
            user_task(
                "A",
                inside="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>x</bpmn:loopDataInputRef></bpmn:multiInstanceLoopCharacteristics>",
            )
        ),
        (),
    ),
    ("resource-role", "A", line(user_task("A", inside="<bpmn:potentialOwner/>")), ()),
    ("import", None, instead("</bpmn:definitions>", "<bpmn:import/></bpmn:definitions>"), ()),
    ("choreography", None, instead("</bpmn:definitions>", "<bpmn:choreography/></bpmn:definitions>"), ()),
    ("listener", "A", extended('<camunda:taskListener class="x" event="create"/>'), ()),
    ("java", "A", line(node("serviceTask", "A", delegateExpression="${x}")), ()),
    (
        "nested-value",
        "A",
        extended(LIST_INPUT),
        (),
    ),
    ("quantity", "A", line(user_task("A", plain='startQuantity="2"')), ()),
    ("quantity", "A", line(user_task("A", plain='completionQuantity="2"')), ()),
    (
        "multi-instance-behavior",
        "A",
        line(
            user_task(
                "A",
                inside=ONE,
            )
        ),
        (),
    ),
    ("several-events", "C", line(catch("C", Trigger(timer("PT1H").xml * 2))), ()),
    ("instantiating", "A", line(node("receiveTask", "A", plain='instantiate="true"')), ()),
    ("candidate-users", "A", line(user_task("A", candidateUsers="lo")), ()),
    ("foreign-form", "A", line(user_task("A", formKey="x")), ()),
    ("job", "A", line(user_task("A", asyncBefore="true")), ()),
    ("call-all-variables", "C", line(call("C", "other", extension='<camunda:in variables="all"/>')), (OTHER,)),
    ("call-business-key", "C", line(node("callActivity", "C", extension='<camunda:in businessKey="x"/>')), ()),
    (
        "call-mapping",
        "C",
        line(node("callActivity", "C", extension='<camunda:in source="x" sourceExpression="${y}" target="z"/>')),
        (),
    ),
    ("duplicate-id", "A", line(user_task("A"), user_task("A")), ()),
    ("no-id", None, instead(' id="A"', ""), ()),
    (
        "dangling-reference",
        "Flow_A_Nowhere",
        line(user_task("A"), flow("Start", "A"), flow("A", "Nowhere"), flow("A", "End")),
        (),
    ),
    ("nameless", "M", diagram(start(), end(), after='<bpmn:message id="M"/>'), ()),
    ("timer-missing", "C", line(catch("C", Trigger("<bpmn:timerEventDefinition/>"))), ()),
    (
        "script-language",
        "A",
        line(node("scriptTask", "A", plain='scriptFormat="groovy"', inside="<bpmn:script>x = 1</bpmn:script>")),
        (),
    ),
    (
        "script-language",
        "F",
        instead(
            "</bpmn:process>",
            JAVASCRIPT,
        ),
        (),
    ),
    # The shape
    ("not-executable", "test", diagram(start(), end(), executable=False), ()),
    ("no-start", "test", diagram(user_task("A"), end()), ()),
    ("unseen-marks", "test", diagram(start(), user_task("A"), end(), name="Te\u200bst"), ()),
    ("unseen-marks", "A", line(user_task("A", name="Svara\u202e nu")), ()),
    ("unseen-marks", "A", form(field("x", label="Sva\u200br")), ()),
    ("unseen-marks", "A", form(field("x", "enum", choices={"A": "J\u2066a"})), ()),
    ("no-start", "S", line(sub_process("S", user_task("A"), end("E2"))), ()),
    (
        "several-starts",
        "test",
        diagram(start(), user_task("A"), end(), start("S2", linked=False), chain("S2", "A")),
        (),
    ),
    (
        "several-starts",
        "S",
        line(sub_process("S", start("S1"), end("E2"), start("S3", linked=False), chain("S3", end("E3")))),
        (),
    ),
    (
        "flow-crosses-border",
        "Flow_B_A",
        diagram(
            start(),
            sub_process("S", start("S1"), user_task("A"), end("E2")),
            user_task("B"),
            end(),
            *(flow("Start", "S"), flow("S", "B"), flow("B", "End"), flow("B", "A")),
        ),
        (),
    ),
    (
        "start-with-incoming",
        "Start",
        line(
            user_task("A"),
            exclusive("G"),
            flow("Start", "A"),
            flow("A", "G"),
            flow("G", "Start", "1 > 2"),
            flow("G", "End", default=True),
        ),
        (),
    ),
    ("start-without-flow", "Start", diagram(start()), ()),
    (
        "boundary-with-incoming",
        "B",
        line(user_task("A"), boundary("B", "A", timer("PT1H")), chain("B", end("E2")), chain("A", "B")),
        (),
    ),
    ("boundary-without-flow", "B", line(user_task("A"), boundary("B", "A", timer("PT1H"))), ()),
    ("end-with-outgoing", "End", diagram(start(), end(), user_task("A")), ()),
    (
        "event-sub-process-in-flow",
        "S",
        diagram(
            start(),
            end(),
            sub_process("S", start("S1", timer("PT1H")), end("E2"), event=True),
            chain("S", user_task("A")),
        ),
        (),
    ),
    (
        "event-sub-process-many",
        "S",
        diagram(
            start(),
            end(),
            sub_process("S", start("S1", timer("PT1H")), end("E2"), event=True, inside=many(cardinality="2")),
        ),
        (),
    ),
    ("unreachable", "B", line(user_task("A"), chain(user_task("B"), end("E2"))), ()),
    (
        "endless",
        "A",
        diagram(start(), user_task("A"), user_task("B"), flow("Start", "A"), flow("A", "B"), flow("B", "A")),
        (),
    ),
    (
        "empty-loop",
        "G",
        diagram(
            start(), exclusive("G"), end(), flow("Start", "G"), flow("G", "G", "1 > 2"), flow("G", "End", default=True)
        ),
        (),
    ),
    # Gateways
    ("default-not-outgoing", "G", diagram(start(), exclusive("G", plain='default="Flow_Start_G"'), end()), ()),
    (
        "default-with-condition",
        "Flow_G_End",
        diagram(
            start(),
            exclusive("G"),
            user_task("A"),
            end(),
            flow("Start", "G"),
            flow("G", "A", "1 > 2"),
            flow("A", "End"),
            flow("G", "End", "1 < 2", default=True),
        ),
        (),
    ),
    (
        "condition-not-asked",
        "Flow_G_A",
        diagram(
            start(),
            parallel("G"),
            user_task("A"),
            end(),
            flow("Start", "G"),
            flow("G", "A", "1 > 2"),
            flow("G", "End"),
            flow("A", "End"),
        ),
        (),
    ),
    (
        "condition-not-asked",
        "Flow_Start_A",
        diagram(start(), user_task("A"), end(), flow("Start", "A", "1 > 2"), flow("A", "End")),
        (),
    ),
    (
        "missing-condition",
        "Flow_G_End",
        diagram(
            start(),
            exclusive("G"),
            user_task("A"),
            end(),
            flow("Start", "G"),
            flow("G", "A", "1 > 2"),
            flow("A", "End"),
            flow("G", "End"),
        ),
        (),
    ),
    (
        "lone-condition",
        "Flow_G_End",
        diagram(start(), exclusive("G"), end(), flow("Start", "G"), flow("G", "End", "1 > 2")),
        (),
    ),
    ("inclusive-in-loop", "G", loop(of=inclusive("G")), ()),
    ("event-gateway-alone", "G", line(event_gateway("G"), catch("C", timer("PT1H"))), ()),
    ("event-gateway-target", "A", line(event_gateway("G"), user_task("A")), ()),
    (
        "event-gateway-shared",
        "C",
        line(
            user_task("A"),
            event_gateway("G"),
            catch("C", timer("PT1H")),
            flow("Start", "A"),
            flow("A", "G"),
            flow("A", "C"),
            flow("G", "C"),
            flow("C", "End"),
        ),
        (),
    ),
    # Events
    ("event-place", "C", line(catch("C", error("E"))), ()),
    ("event-place", "S1", line(sub_process("S", start("S1", timer("PT1H")), end("E2"))), ()),
    ("event-place", "S1", diagram(start(), end(), sub_process("S", start("S1"), end("E2"), event=True)), ()),
    ("event-place", "T", line(throw("T", terminate())), ()),
    ("event-place", "C", line(node("intermediateCatchEvent", "C")), ()),
    (
        "error-must-interrupt",
        "B",
        line(
            sub_process("S", start("S1"), end("S2", error("X"))),
            boundary("B", "S", error("X"), interrupting=False),
            chain("B", end("E2")),
        ),
        (),
    ),
    ("event-unnamed", "C", line(catch("C", Trigger("<bpmn:messageEventDefinition/>"))), ()),
    ("event-unnamed", "T", line(throw("T", Trigger("<bpmn:signalEventDefinition/>"))), ()),
    ("event-unnamed", "End", diagram(start(), end("End", error())), ()),
    ("event-unnamed", "R", line(node("receiveTask", "R")), ()),
    ("start-key", "Start", diagram(start("Start", message("M")), end()), ()),
    ("correlation-key", "C", line(catch("C", message("M"))), ()),
    ("correlation-key", "R", line(receive_task("R", "M")), ()),
    ("cycle-place", "C", line(catch("C", timer(cycle="R3/P1D"))), ()),
    ("cycle-place", "B", line(user_task("A"), boundary("B", "A", timer(cycle="R3/P1D")), chain("B", end("E2"))), ()),
    ("boundary-host", "B", line(exclusive("G"), boundary("B", "G", timer("PT1H")), chain("B", end("E2"))), ()),
    ("boundary-never-fires", "B", line(user_task("A"), boundary("B", "A", error("X")), chain("B", end("E2"))), ()),
    (
        "boundary-never-fires",
        "B",
        line(script_task("A", "x = 1"), boundary("B", "A", timer("PT1H")), chain("B", end("E2"))),
        (),
    ),
    ("boundary-never-fires", "B", line(user_task("A"), boundary("B", "A", escalation("X")), chain("B", end("E2"))), ()),
    ("link-pair", "L", line(throw("L", link("bort"))), ()),
    ("link-pair", "L", line(catch("L", link("hit"))), ()),
    ("error-uncaught", "End", diagram(start(), end("End", error("X"))), ()),
    # Work and calls
    ("no-topic", "T", line(node("serviceTask", "T")), ()),
    ("service-type", "T", line(node("serviceTask", "T", topic="sendNotice")), ()),
    ("unknown-topic", "T", line(service_task("T", "launchRocket")), ()),
    ("unknown-topic", "T", line(send_task("T", topic="launchRocket")), ()),
    ("unknown-input", "T", line(service_task("T", "registerInDiary", extension=parameters({"wrong": "1"}))), ()),
    ("no-decision", "D", line(node("businessRuleTask", "D", resultVariable="x")), ()),
    ("missing-decision", "D", line(decision_task("D", "nowhere", "x")), ()),
    ("decision-result", "D", line(decision_task("D", "route", "x", mapping="all")), ()),
    ("empty-script", "S", line(script_task("S", "")), ()),
    ("many-over-what", "A", line(user_task("A", inside=many())), ()),
    ("many-over-what", "A", line(user_task("A", inside=many("[1]", cardinality="2"))), ()),
    ("bad-cardinality", "A", line(user_task("A", inside=many(cardinality="-1"))), ()),
    ("bad-cardinality", "A", line(user_task("A", inside=many(cardinality="10000000"))), ()),
    ("bad-cardinality", "A", line(user_task("A", inside=many(cardinality="9" * 3000))), ()),
    ("bad-expression", "A", line(user_task("A", inside=many(cardinality="²"))), ()),
    ("no-called", "C", line(node("callActivity", "C")), ()),
    ("self-call", "C", line(call("C", "test")), ()),
    ("missing-process", "C", line(call("C", "nowhere")), ()),
    ("called-without-start", "C", line(call("C", "other")), (WAITING_START,)),
    ("call-cycle", "C", line(call("C", "other")), (CALLING_BACK,)),
    ("calls-too-deep", "C", line(call("C", "p1")), DEEP),
    # Names and expressions
    *[
        ("bad-name", "A", form(field(name)), ())
        for name in ("typename", "len", "__builtins__", "x.y", "deadline", "workday", "class", "")
    ],
    ("bad-name", "A", form(field("t\u0456tle")), ()),
    ("bad-name", "A", line(user_task("A", inside=many("[1]", "loopCounter"))), ()),
    ("bad-name", "D", line(decision_task("D", "route", "typename")), ()),
    ("bad-name", "C", line(call("C", "other", {"typename": "1"})), (OTHER,)),
    ("bad-expression", "A", line(user_task("A", dueDate="${().__class__}")), ()),
    ("bad-expression", "S", line(script_task("S", "import os")), ()),
    ("bad-expression", "C", line(catch("C", timer(date="${}"))), ()),
    ("wrong-type", "A", line(user_task("A", field("n", "long"), dueDate="${n + 'x'}")), ()),
    ("unknown-variable", "A", line(user_task("A", dueDate="${nowhere}")), ()),
    (
        "unknown-variable",
        "Flow_G_A",
        diagram(
            start(),
            exclusive("G"),
            user_task("A"),
            end(),
            flow("Start", "G"),
            flow("G", "A", "nowhere > 2"),
            flow("G", "End", default=True),
            flow("A", "End"),
        ),
        (),
    ),
    ("unknown-variable", "A", form(field("x", visibleIf="${nowhere == 1}")), ()),
    ("unknown-variable", "A", line(user_task("A", properties={"escalation": "+1 lpoChair@${nowhere}"})), ()),
    ("unknown-variable", "C", line(call("C", "other", outs={"x": "nowhere"})), (OTHER,)),
    ("unknown-variable", "C", line(call("C", "other", {"x": "nowhere"})), (OTHER,)),
    ("unknown-variable", "A", line(user_task("A", inside=many("nowhere", "each"))), ()),
    ("unknown-variable", "A", line(user_task("A", inside=many(cardinality="nowhere"))), ()),
    ("unknown-variable", "A", line(user_task("A", inside=many("[1]", "each", until="nowhere > 1"))), ()),
    ("unknown-variable", "B", line(user_task("A", inside=many("[1]", "each")), user_task("B", dueDate="${each}")), ()),
    ("unknown-function", "A", line(user_task("A", dueDate="${easter(2026)}")), ()),
    ("unknown-deadline", "A", line(user_task("A", dueDate="${deadline.never}")), ()),
    ("unknown-region-key", "A", line(user_task("A", dueDate="${region.consultation.moon}")), ()),
    ("unknown-region-key", "A", form(field("x", label="${region.consultation.moon}")), ()),
    ("unknown-variable", "A", form(field("x", help="Fråga ${person}."), field("person")), ()),
    ("unknown-case-key", "A", line(user_task("A", dueDate="${case.moon}")), ()),
    ("unknown-field", "A", form(field("x_a", rows="x"), field("y", visibleIf="${today.moon}")), ()),
    *[
        ("bad-timer", "C", line(catch("C", timer(date=text))), ())
        for text in ("2026-02-30", "0001-01-01", "9999-12-31", "2026-W10-1", "2026-01-01T25:00")
    ],
    *[
        ("bad-timer", "C", line(catch("C", timer(text))), ())
        for text in ("P100000Y", "P9999999Y", "PT99999999999999H", "-P1D", "P1.5M", "P" + "1" * 100_000)
    ],
    *[
        ("bad-timer", "B", line(user_task("A"), boundary("B", "A", timer(cycle=text), interrupting=False)), ())
        for text in ("R/PT0S", "R99999999999999999999/PT1S", "R-5/PT1S", "R/PT1S")
    ],
    # People
    ("unknown-role", "A", line(user_task("A", candidateGroups="emperor")), ()),
    ("unknown-role", "A", line(user_task("A", candidateGroups="emperor@${case.id}, coordinator")), ()),
    ("unknown-role", "A", line(user_task("A", properties={"contact": "emperor"})), ()),
    ("unknown-role", "test", diagram(start(), end(), attributes='camunda:candidateStarterGroups="emperor"'), ()),
    ("literal-person", "A", line(user_task("A", assignee="lo")), ()),
    ("unknown-property", "A", line(user_task("A", properties={"colour": "red"})), ()),
    ("unknown-property", "test", diagram(start(), end(), properties={"colour": "red"}), ()),
    *[
        ("bad-property", "A", line(user_task("A", properties={name: "snart"})), ())
        for name in ("reminder", "minutes", "escalation")
    ],
    *[
        ("undo", "A", line(user_task("A", properties={"undo": text})), ())
        for text in ("snart", "${x}", "PT0M", "PT25H", "P2D", "P1DT1S", "", "-PT10M")
    ],
    ("unknown-property", "A", line(service_task("A", "sendNotice", properties={"undo": "PT10M"})), ()),
    ("bad-property", "A", line(user_task("A", properties={"escalation": "-1 coordinator"})), ()),
    ("bad-property", "A", line(user_task("A", dueDate="i morgon")), ()),
    ("bad-property", "A", line(user_task("A", priority="hög")), ()),
    ("four-eyes", "A", line(user_task("A", properties={"fourEyes": "Nowhere"})), ()),
    ("unknown-template", "A", line(service_task("A", "sendNotice", properties={"template": "Feedback"})), ()),
    # Forms
    ("field-twice", "A", form(field("x"), field("x")), ()),
    ("rows-column", "A", form(field("comment", rows="comments")), ()),
    ("rows-missing", "A", form(field("comment", requiredInRow="true")), ()),
    ("field-type", "A", form(field("x", "colour")), ()),
    ("field-label", "A", form(field("x", label=" ")), ()),
    ("field-constraint", "A", form(field("x", constraints={"pretty": "true"})), ()),
    ("field-constraint-type", "A", form(field("x", "date", constraints={"min": "1"})), ()),
    ("field-constraint-value", "A", form(field("x", "long", constraints={"min": "few"})), ()),
    ("field-limits", "A", form(field("x", "long", constraints={"min": "3", "max": "2"})), ()),
    ("choices-without-enum", "A", form(field("x", choices={"A": "a"})), ()),
    ("no-choices", "A", form(field("x", "enum")), ()),
    ("choice-nameless", "A", form(field("x", "enum", choices={"A": ""})), ()),
    ("choice-twice", "A", form(field("x", "enum", choices={"": "a"})), ()),
    ("bad-default", "A", form(field("x", "enum", choices={"A": "a"}, default="B")), ()),
    ("bad-default", "A", form(field("x", "long", default="1.5")), ()),
    ("bad-default", "A", form(field("x", "date", default="2026-02-30")), ()),
    ("field-property-unknown", "A", form(field("x", colour="red")), ()),
    ("field-property", "A", form(field("x", picker="dog")), ()),
    ("field-combination", "A", form(field("x", rule="${x != ''}")), ()),
    ("field-combination", "A", form(field("x", deadline="internalDue")), ()),
]


@pytest.mark.parametrize(
    ("rule", "element", "source", "beside"), REFUSED, ids=[f"{each[0]}-{n}" for n, each in enumerate(REFUSED)]
)
def test_refused_by_name(rule: str, element: str | None, source: bytes, beside: tuple[bytes, ...]) -> None:
    found = [(each.rule, each.element) for each in findings(source, *beside, decisions=("route",))]
    assert (rule, element) in found


def test_every_rule_has_a_file_that_breaks_it() -> None:
    of_tables = {"bad-decision"}  # decision tables have tests of their own
    assert {rule for rule, *_ in REFUSED} | of_tables >= REFUSALS.keys()


@pytest.mark.parametrize("rule", sorted({each[0] for each in REFUSED}))
def test_each_finding_speaks_both_languages(rule: str) -> None:
    source, beside = next((source, beside) for name, _, source, beside in REFUSED if name == rule)
    finding = next(each for each in findings(source, *beside, decisions=("route",)) if each.rule == rule)
    sentences = (finding.message, finding.remedy, finding.message_en, finding.remedy_en)
    assert all(sentence and "{" not in sentence.replace("${", "") for sentence in sentences)
    assert finding.remedy != finding.remedy_en
    assert finding.level == "fel"
