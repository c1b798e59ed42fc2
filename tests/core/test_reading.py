"""From bytes to a document: what is read, what is refused at the door, and that nothing raises."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.core import xml
from engine.core.checking import Library, check
from engine.core.layout import Bounds
from engine.core.lint import advise
from engine.core.model import Assignment, Definition, Loop, Timer
from engine.core.outline import outline
from engine.core.reading import read
from tests.core.diagrams import (
    boundary,
    call,
    catch,
    chain,
    diagram,
    end,
    exclusive,
    field,
    flow,
    many,
    message,
    parameters,
    service_task,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)
from tests.core.words import WORDS

EMPTY = '<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"'
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
ATTACKS = {
    "external entity": f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{EMPTY}>&x;</b:definitions>',
    "external doctype": f'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd">{EMPTY}/>',
    "parameter entity": f'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>{EMPTY}/>',
    "billion laughs": f'<!DOCTYPE d [<!ENTITY e0 "ha">{LAUGHS}]>{EMPTY}>&e11;</b:definitions>',
    "laughs in an attribute": f'<!DOCTYPE d [<!ENTITY e0 "ha">{LAUGHS}]>{EMPTY} x="&e11;"/>',
    "quadratic": f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>{EMPTY}>{"&a;" * 50_000}</b:definitions>',
    "after a comment": f"  \n<!-- - --><!DOCTYPE d>{EMPTY}/>",
}
ENCODED = {
    "UTF-16": f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d>{EMPTY}/>'.encode("utf-16"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d+AD4-<d/>',
    "Latin-1": f'<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE d>{EMPTY}/>'.encode("latin-1"),
}
MALFORMED = {
    "nothing": b"",
    "no XML": b"\xff\xfe\x00junk",
    "null bytes": b"<a>\0</a>",
    "unknown encoding": b'<?xml version="1.0" encoding="nonsense"?><a/>',
    "cut short": diagram(start(), end())[:400],
    "deep": b"<a>" * 300 + b"</a>" * 300,
    "deeper": b"<a>" * 100_000,
}


@pytest.mark.parametrize("source", [*(text.encode() for text in ATTACKS.values()), *ENCODED.values()])
def test_doctype_is_refused_in_every_encoding_before_more_is_read(
    source: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml, "_parser", lambda: pytest.fail("what the DOCTYPE declares was read"))
    document = read(source)
    assert document.process is None
    assert [finding.rule for finding in document.findings] == ["xml-doctype"]
    assert "DOCTYPE not allowed" in document.findings[0].message


@pytest.mark.parametrize("source", MALFORMED.values(), ids=MALFORMED)
def test_malformed_input_is_a_finding(source: bytes) -> None:
    document = read(source)
    assert [finding.level for finding in document.findings] == ["fel"]


def test_a_huge_attribute_is_clipped_in_what_is_said() -> None:
    document = read(diagram(start(), user_task("A", initiator="x" * 900_000), end()))
    assert all(len(finding.message) < 500 for finding in document.findings)


def test_xinclude_is_not_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    document = read(diagram(start(), end(), before=include))
    assert [finding.rule for finding in document.findings] == ["unknown-element"]


def test_any_prefix_and_any_encoding() -> None:
    text = diagram(start(), user_task("A", name="Hör av er"), end()).decode()
    bare = text.replace("<bpmn:", "<").replace("</bpmn:", "</").replace("xmlns:bpmn=", "xmlns=")
    latin = text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("latin-1")
    for source in (bare.encode(), latin, text.replace("UTF-8", "UTF-16").encode("utf-16")):
        document = read(source)
        assert document.findings == ()
        assert document.process is not None
        assert document.process.nodes["A"].name == "Hör av er"


def test_all_that_the_model_holds() -> None:
    source = diagram(
        start("Start", message("M"), properties={"startKey": "${ref}"}),
        user_task(
            "A",
            field("x", "enum", choices={"JA": "Ja"}, default="${y}", constraints={"required": "true"}, rows="r"),
            inside=many("people", "person", until="${nrOfCompletedInstances > 1}"),
            assignee="${person}",
        ),
        boundary("B", "A", timer(date="${deadline.internalDue}"), interrupting=False),
        sub_process("S", start("S1"), service_task("T", "sendNotice", extension=parameters({"a": "${b}"})), end("S2")),
        call("C", "part", {"given": "x.y"}, {"back": "z"}),
        end(),
        chain("B", end("E2")),
        properties={"owner": "coordinator", "part": "true"},
        attributes='camunda:candidateStarterGroups="a, b" camunda:versionTag="1.0.0"',
    )
    process = read(source).process
    assert process is not None
    nodes = process.nodes
    assert process.starters == ("a", "b")
    assert process.is_part
    assert nodes["Start"].event is not None
    assert nodes["Start"].event.name == "M"
    assert nodes["A"].loop == Loop(False, "people", "person", None, "nrOfCompletedInstances > 1")
    assert nodes["A"].form[0].default == "y"
    assert nodes["A"].form[0].default_is_expression
    assert nodes["A"].form[0].required
    assert nodes["B"].attached_to == "A"
    assert not nodes["B"].interrupting
    assert nodes["B"].event is not None
    assert nodes["B"].event.timer == Timer("date", "deadline.internalDue", literal=False)
    assert nodes["T"].container == "S"
    assert nodes["T"].inputs == (Assignment("a", "b"),)
    assert nodes["C"].inputs == (Assignment("given", "x.y"),)
    assert nodes["C"].outputs == (Assignment("back", "z"),)


def test_flows_without_ids_get_one_each() -> None:
    source = diagram(start(), user_task("A"), end(), flow("Start", "A", id=""), *[flow("A", "End", id="")] * 2)
    process = read(source).process
    assert process is not None
    assert list(process.flows) == ["Flow_Start_A", "Flow_A_End", "Flow_A_End_2"]
    assert not any(flow.id_given for flow in process.flows.values())


def test_innermost_lane_holds_also_for_what_sits_on_a_task() -> None:
    lanes = (
        '<bpmn:laneSet id="L"><bpmn:lane id="L1" name="Yttre"><bpmn:flowNodeRef>A</bpmn:flowNodeRef>'
        '<bpmn:childLaneSet id="L2"><bpmn:lane id="L3" name="Inre"><bpmn:flowNodeRef>A</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    source = diagram(
        start(), user_task("A"), boundary("B", "A", timer("P1D")), end(), chain("B", end("E2")), before=lanes
    )
    document = read(source)
    assert document.process is not None
    assert document.findings == ()
    assert [document.process.nodes[name].lane for name in ("A", "B", "End")] == ["Inre", "Inre", None]


def test_places_in_the_picture() -> None:
    picture = (
        '<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="P" bpmnElement="test"><bpmndi:BPMNShape id="d" '
        'bpmnElement="A"><dc:Bounds x="1" y="2" width="120" height="80"/><bpmndi:BPMNLabel><dc:Bounds x="3" y="4" '
        'width="5" height="6"/></bpmndi:BPMNLabel></bpmndi:BPMNShape><bpmndi:BPMNEdge id="e" bpmnElement="F">'
        '<di:waypoint x="1" y="1"/><di:waypoint x="9" y="1"/></bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )
    shapes = read(diagram(start(), user_task("A"), end(), after=picture)).shapes
    assert shapes["A"].bounds == Bounds(1, 2, 120, 80)
    assert shapes["A"].label == Bounds(3, 4, 5, 6)
    assert shapes["F"].waypoints == ((1, 1), (9, 1))


SAMPLE = diagram(
    start(),
    exclusive("G", name="Klart?"),
    user_task("A", field("x", "long", constraints={"min": "1"}), inside=many("[1, 2]", "each"), dueDate="${today}"),
    sub_process("S", start("S1"), user_task("T"), throw("L", message("N")), end("S2")),
    catch("C", timer("PT1H")),
    end(),
    boundary("B", "S", timer("P1D")),
    *(flow("Start", "G"), flow("G", "A", "1 < 2"), flow("G", "S", default=True), flow("A", "C"), flow("S", "C")),
    *(flow("C", "End"), flow("B", "End"), flow("A", "G", "1 > 2")),
).decode()
VALUES = (
    *("A", "S", "G", "B", "C", "Start", "End", "S1", "Flow_Start_G", "Flow_A_G", "Flow_G_S", "test", "true", "false"),
    *("", "-1", "1 > 2", "${x}", "${", "${x.y.z}", "P1D", "R/PT0S", "2026-02-30", "typename", "__class__", "å b"),
    *("Message_N", "day", "enum", "long", "min", "self", "x" * 5_000, "[" * 200, "9" * 5_000, "\U0001f600"),
)


def everything(source: bytes) -> None:
    document = read(source, "fuzz.bpmn")
    check(document, Library({}, {}), WORDS)
    advise(document, Library({}, {}), WORDS)
    if document.process is not None:
        outline(Definition(document.process), {})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_file_makes_reading_or_checking_raise(data: st.DataObject) -> None:
    everything(mutated(data))


def mutated(data: st.DataObject) -> bytes:
    """The sample with a few elements dropped, doubled, moved or renamed, and attributes and texts exchanged."""
    root = etree.fromstring(SAMPLE.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        elements = list(root.iter(etree.Element))[1:]
        if not elements:
            break
        one, other = (elements[data.draw(st.integers(0, len(elements) - 1))] for _ in range(2))
        match data.draw(st.sampled_from(("drop", "double", "move", "rename", "attribute", "attribute", "text", "new"))):
            case "drop":
                one.getparent().remove(one)
            case "double":
                one.addnext(deepcopy(one))
            case "move":
                if one not in list(other.iterancestors()) and one is not other:
                    other.append(one)
            case "rename":
                one.tag = other.tag
            case "attribute":
                names = sorted(one.attrib)
                if names:
                    one.set(data.draw(st.sampled_from(names)), data.draw(st.sampled_from(VALUES)))
            case "text":
                one.text = data.draw(st.sampled_from(VALUES))
            case _:
                names = sorted(other.attrib) or ["id"]
                one.set(data.draw(st.sampled_from(names)), data.draw(st.sampled_from(VALUES)))
    return etree.tostring(root)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_raise(source: bytes) -> None:
    everything(source)
    everything(SAMPLE.encode()[:300] + source)
