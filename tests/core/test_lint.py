"""Advice: a clean diagram gets none, and each habit of the guide is noticed."""

from __future__ import annotations

import pytest

from engine.core.findings import Finding
from engine.core.lint import advise
from engine.core.reading import read
from engine.core.rules import ADVICE
from tests.core.diagrams import (
    Part,
    boundary,
    call,
    chain,
    diagram,
    end,
    exclusive,
    field,
    flow,
    form,
    inclusive,
    many,
    message,
    parallel,
    raw,
    service_task,
    start,
    sub_process,
    task,
    timer,
    user_task,
)
from tests.core.words import WORDS, Library

DOC = "<bpmn:documentation>Gör det som ska göras.</bpmn:documentation>"
COURTESIES = {
    "reminder": "-1",
    "escalation": "+1 coordinator",
    "minutes": "10",
    "contact": "coordinator",
    "ifNothing": "Ingen får veta.",
}
BOX = {"task": (120, 80), "event": (36, 36), "gateway": (50, 50)}


def good_task(id: str = "Task_GiveView", name: str = "Lämna synpunkter", *fields: str, **more: object) -> Part:
    given = {"candidateGroups": "coordinator", "dueDate": "${deadline.internalDue}", "properties": COURTESIES}
    return user_task(id, *fields, name=name, inside=DOC, **{**given, **more})  # type: ignore[arg-type]


def drawn(
    *boxes: tuple[str, float, float], lines: dict[str, list[tuple[float, float]]] | None = None, **labels: str
) -> str:
    """A picture: boxes by id and centre, lines by id and points."""
    shapes = "".join(_shape(id, x, y) for id, x, y in boxes)
    edges = "".join(_edge(id, points) for id, points in (lines or {}).items())
    return (
        f'<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="P" bpmnElement="test">{shapes}{edges}'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    )


def _shape(id: str, x: float, y: float) -> str:
    kind = "gateway" if id.startswith("Gateway") else "event" if "Event" in id else "task"
    width, height = BOX[kind]
    label = f'<bpmndi:BPMNLabel><dc:Bounds x="{x - 20}" y="{y + 30}" width="40" height="14"/></bpmndi:BPMNLabel>'
    return (
        f'<bpmndi:BPMNShape id="{id}_di" bpmnElement="{id}"><dc:Bounds x="{x - width / 2}" y="{y - height / 2}" '
        f'width="{width}" height="{height}"/>{"" if kind == "task" else label}</bpmndi:BPMNShape>'
    )


def _edge(id: str, points: list[tuple[float, float]]) -> str:
    way = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge id="{id}_di" bpmnElement="{id}">{way}</bpmndi:BPMNEdge>'


GOOD_LINES = {
    "Flow_Published_GiveView": [(98.0, 100.0), (150.0, 100.0)],
    "Flow_GiveView_Answered": [(270.0, 100.0), (322.0, 100.0)],
}
GOOD_BOXES = (
    ("StartEvent_Published", 80.0, 100.0),
    ("Task_GiveView", 210.0, 100.0),
    ("EndEvent_Answered", 340.0, 100.0),
)


def clean(
    middle: Part | None = None,
    boxes: tuple[tuple[str, float, float], ...] = GOOD_BOXES,
    lines: dict[str, list[tuple[float, float]]] = GOOD_LINES,
    extra: str = "",
) -> bytes:
    return diagram(
        start("StartEvent_Published", name="Remiss publicerad"),
        middle or good_task(),
        end("EndEvent_Answered", name="Besvarad", properties={"outcome": "BESVARAD"}),
        flow("StartEvent_Published", "Task_GiveView", id="Flow_Published_GiveView"),
        flow("Task_GiveView", "EndEvent_Answered", id="Flow_GiveView_Answered"),
        id="national-consultation",
        attributes='camunda:candidateStarterGroups="coordinator"',
        before=DOC,
        after=drawn(*boxes, lines=lines) + extra,
    )


def advice_on(source: bytes) -> list[Finding]:
    return advise(read(source), Library(), WORDS)


def rules(source: bytes) -> set[str]:
    return {finding.rule for finding in advice_on(source)}


def line(*parts: Part) -> bytes:
    return diagram(start(), *parts, end())


def moved(**places: tuple[float, float]) -> bytes:
    """The clean diagram with boxes moved, lines as they were."""
    return clean(boxes=tuple((id, *places.get(id, (x, y))) for id, x, y in GOOD_BOXES))


def redrawn(**lines: list[tuple[float, float]]) -> bytes:
    return clean(lines={**GOOD_LINES, **lines})


def split(*conditions: str, choices: dict[str, str], name: str = "Vad blev det?", answer: str = "Ja") -> bytes:
    ends = [end(f"E{n}") for n in range(len(conditions))]
    flows = [flow("G", f"E{n}", condition, name=answer) for n, condition in enumerate(conditions)]
    asked = user_task("A", field("x", "enum", choices=choices))
    return diagram(start(), asked, exclusive("G", name=name), *ends, flow("Start", "A"), flow("A", "G"), *flows)


def test_a_clean_diagram_gets_no_advice() -> None:
    assert [(finding.rule, finding.element, finding.message) for finding in advice_on(clean())] == []


def answered(x: float, y: float) -> bytes:
    """A gateway at (100, 100), its default way to the right, and the answer on that way at a place."""
    boxes = (("Gateway_Asked", 100.0, 100.0), ("Task_Done", 300.0, 100.0))
    picture = drawn(*boxes, lines={"Flow_Asked_Done": [(125.0, 100.0), (240.0, 100.0)]})
    label = f'<bpmndi:BPMNLabel><dc:Bounds x="{x}" y="{y}" width="19" height="14"/></bpmndi:BPMNLabel>'
    return diagram(
        exclusive("Gateway_Asked"),
        task("Task_Done"),
        flow("Gateway_Asked", "Task_Done", id="Flow_Asked_Done", name="Nej", default=True),
        after=picture.replace("</bpmndi:BPMNEdge>", f"{label}</bpmndi:BPMNEdge>"),
    )


LABEL_OF_START = b'<bpmndi:BPMNLabel><dc:Bounds x="60.0" y="130.0" width="40" height="14"/></bpmndi:BPMNLabel>'
JOINED = (flow("Start", "P"), flow("P", "A"), flow("P", "B"), flow("A", "C"), flow("B", "C"), flow("C", "End"))
TWICE = many("[1, 2]", "each")
MEMO = field("memoDay", "date", deadline="memoDue")

NOTICED = {
    "no-picture": line(task("A")),
    "no-position": clean(boxes=GOOD_BOXES[:2]),
    "size": clean().replace(b'width="120"', b'width="100"'),
    "grid": moved(Task_GiveView=(213, 100)),
    "overlap": moved(Task_GiveView=(130, 100)),
    "spacing": moved(Task_GiveView=(180, 100)),
    "orthogonal": redrawn(Flow_GiveView_Answered=[(270, 100), (322, 110)]),
    "bends": redrawn(Flow_GiveView_Answered=[(270, 100), (280, 100), (280, 90), (290, 90), (290, 100), (322, 100)]),
    "through": redrawn(Flow_GiveView_Answered=[(40, 100), (322, 100)]),
    "left-to-right": redrawn(Flow_GiveView_Answered=[(340, 118), (340, 200)]),
    "happy-line": moved(Task_GiveView=(210, 300), EndEvent_Answered=(340, 500)),
    "canvas": moved(EndEvent_Answered=(1900, 100)),
    "label-hit": redrawn(Flow_GiveView_Answered=[(270, 100), (270, 136), (340, 136), (340, 118)]),
    "label-hit/default": answered(129, 82),
    "label-place": clean(extra="").replace(LABEL_OF_START, b""),
    "level-size": line(*(task(f"T{n}") for n in range(14))),
    "label-length": clean(good_task(name="Lämna synpunkter till den som har frågat om dem")),
    "label-form/imperative": clean(good_task(name="Synpunkter")),
    "label-form/unnamed": clean(good_task(name="")),
    "label-form/question": split("x == 'A'", "x == 'B'", choices={"A": "a", "B": "b"}, name="Utfall"),
    "label-form/answer": split("x == 'A'", "x == 'B'", choices={"A": "a", "B": "b"}, answer=""),
    "label-form/end": diagram(start(), end(name="Skicka svaret")),
    "label-twice": line(task("A", name="Läs"), task("B", name="Läs")),
    "id-form": line(task("A")),
    "id-form/generated": line(task("Activity_0x1ab2c")),
    "docs": line(user_task("A")),
    "docs/long": line(task("A", inside=f"<bpmn:documentation>{'Läs noga. ' * 70}</bpmn:documentation>")),
    "people": clean(good_task(candidateGroups="")),
    "people/manual": line(service_task("A", "sendNotice")),
    "plain-task": line(task("A")),
    "due": clean(good_task(dueDate="")),
    "due/literal": clean(good_task(dueDate="${workday(today, 5)}")),
    "courtesy": clean(good_task(properties={})),
    "drawn-reminder": diagram(
        start(),
        user_task("A"),
        boundary("B", "A", timer("P1D"), interrupting=False),
        end(),
        chain("B", service_task("S", "sendNotice"), end("E2")),
    ),
    "outcome": line(task("A")),
    "starters": line(task("A")),
    "form-size": line(user_task("A", *(field(f"x{n}") for n in range(21)))),
    "field-words": line(user_task("A", field("x", label="Ord " * 11))),
    "frame": line(sub_process("S", start("S1"), task("A"), task("B"), end("S2"))),
    "frame/nested": line(sub_process("S", start("S1"), sub_process("T", start("S3"), end("S4")), end("S2"))),
    "frame/one": line(sub_process("S", start("S1"), task("A"), end("S2"))),
    "map": line(call("C", "part")),
    "join": diagram(start(), parallel("P"), task("A"), task("B"), task("C"), end(), *JOINED),
    "join/both": diagram(
        start(),
        start("S2"),
        exclusive("G"),
        end(),
        end("E2"),
        flow("Start", "G"),
        flow("S2", "G"),
        flow("G", "End"),
        flow("G", "E2"),
    ),
    "join/parallel": diagram(start(), parallel("P"), task("A"), task("B"), task("C"), end(), *JOINED),
    "shared-deadlines": line(sub_process("S", start("S1"), good_task("A", "Skriv", MEMO), end("S2"), inside=TWICE)),
    "split": split("x == 'A'", "x == 'B'", choices={"A": "a", "B": "b", "C": "c"}),
    "length": line(*(task(f"T{n}") for n in range(9))),
    "no-inclusive-gateway": line(inclusive("G")),
    "superfluous-gateway": line(exclusive("G")),
    "no-implicit-split": diagram(
        start(), task("A"), end(), end("E2"), flow("Start", "A"), flow("A", "End"), flow("A", "E2")
    ),
    "no-implicit-end": diagram(start(), task("A")),
    "no-duplicate-sequence-flows": diagram(start(), end(), flow("Start", "End"), flow("Start", "End", id="Flow_2")),
    "history-time": diagram(start(), end(), attributes='camunda:historyTimeToLive="180"'),
}


@pytest.mark.parametrize("rule", NOTICED)
def test_noticed(rule: str) -> None:
    words = ADVICE[rule].message.partition("{")[0]
    assert [
        found
        for found in advice_on(NOTICED[rule])
        if found.rule == rule.partition("/")[0] and found.message.startswith(words)
    ]


def test_an_answer_clear_of_the_mark_of_the_default_way() -> None:
    assert "label-hit" in rules(answered(129, 82))
    assert "label-hit" not in rules(answered(139, 82))
    assert "label-hit" not in rules(answered(129, 77))


def test_lines_that_cross() -> None:
    boxes = (("Task_A", 100, 100), ("Task_B", 500, 100), ("Task_C", 300, 0), ("Task_D", 300, 200))
    lines = {
        "Flow_Task_A_Task_B": [(160.0, 100.0), (440.0, 100.0)],
        "Flow_Task_C_Task_D": [(300.0, 40.0), (300.0, 160.0)],
    }
    parts = [task(each) for each, _, _ in boxes]
    source = diagram(*parts, flow("Task_A", "Task_B"), flow("Task_C", "Task_D"), after=drawn(*boxes, lines=lines))
    assert "crossing" in rules(source)


def test_a_task_that_disagrees_with_its_lane() -> None:
    lane = (
        '<bpmn:laneSet id="L"><bpmn:lane id="L1" name="LPO-ordförande"><bpmn:flowNodeRef>A</bpmn:flowNodeRef>'
        "</bpmn:lane></bpmn:laneSet>"
    )
    source = diagram(start(), raw(lane), user_task("A", candidateGroups="coordinator"), end())
    assert any("banan" in finding.message for finding in advice_on(source))
    assert "people" not in rules(source.replace(b'camunda:candidateGroups="coordinator"', b""))


def test_conditions_that_cover_every_answer_need_no_default() -> None:
    both = {"A": "a", "B": "b"}
    assert "split" not in rules(split("x == 'A'", "x == 'B'", choices=both))
    assert "split" not in rules(split("x == 'A'", "x != 'A'", choices=both))
    assert "split" not in rules(split("x in ['A', 'B']", "x == 'C'", choices={**both, "C": "c"}))


def test_what_comes_with_a_message_may_be_much() -> None:
    fields = form(*(field(f"x{n}") for n in range(21)))
    assert "form-size" in rules(diagram(start("Begin", extension=fields), end()))
    told = start("Begin", message("Told"), extension=fields, properties={"startKey": "${x1}"})
    assert "form-size" not in rules(diagram(told, end()))


def test_days_that_parts_of_a_called_process_share_or_have_of_their_own() -> None:
    inner = read(diagram(start(), good_task("A", "Skriv", MEMO), end(), id="inner")).process
    outer = read(diagram(start(), call("C", "inner", {"day": "day"}), end(), id="outer")).process
    assert inner is not None
    assert outer is not None
    library = Library({"inner": inner, "outer": outer})

    def told(inside: str, **properties: str) -> bool:
        calling = line(call("C", "outer", {"day": "day"}, properties=properties, inside=inside))
        return any(each.rule == "shared-deadlines" for each in advise(read(calling), library, WORDS))

    assert told(TWICE)
    assert not told(TWICE, ownDeadlines="true")
    assert not told(many("[1, 2]", "each", sequential=True))
    assert not told("")


def test_parts_need_no_starters_or_outcome() -> None:
    source = diagram(start(), end(), properties={"part": "true"})
    assert not rules(source) & {"starters", "outcome"}


def test_every_advice_is_tried_and_speaks_both_languages() -> None:
    assert NOTICED.keys() | {"crossing", "people/lane"} >= ADVICE.keys()
    for source in NOTICED.values():
        for finding in advice_on(source):
            assert finding.level == "råd"
            assert finding.message
            assert finding.remedy != finding.remedy_en
