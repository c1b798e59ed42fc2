"""Petri nets of diagrams: for each construct, which histories are whole cases and which are not."""

from __future__ import annotations

import pytest

from engine.core.errors import NoNet
from engine.core.net import PetriNet, is_event, label, net
from tests.core import diagrams as d
from tests.core.play import Play, define
from tests.core.walk import accepts, prefix

A, B, C, E = d.user_task("A"), d.user_task("B"), d.user_task("C"), d.user_task("E")
START, END = d.start(), d.end()
STOP = d.sub_process("Stop", d.start("Told", d.message("Stop")), d.user_task("S"), d.end("EndS"), event=True)
ALSO = d.sub_process(
    "Also", d.start("Told", d.message("Also"), interrupting=False), d.user_task("S"), d.end("EndS"), event=True
)


def split(gateway: d.Part, *conditions: str | None, join: d.Part) -> bytes:
    """A gateway to A, B, C ... by these conditions (None is the default flow), and the gateway where they meet."""
    branches = (A, B, C)[: len(conditions)]
    flows = [
        d.flow("G", each.id, condition, default=condition is None)
        for each, condition in zip(branches, conditions, strict=True)
    ]
    back = [d.flow(each.id, "J") for each in branches]
    return d.diagram(START, gateway, join, END, *branches, d.flow("Start", "G"), *flows, *back, d.flow("J", "End"))


DRAWN = {
    "sequence": (d.diagram(START, A, B, END), ["A B"], ["", "A", "B", "B A", "A A B", "A B B"]),
    "choice": (
        split(d.exclusive("G"), "${x}", None, join=d.exclusive("J")),
        ["A", "B"],
        ["", "A B"],
    ),
    "all": (
        d.diagram(START, d.parallel("G"), A, d.parallel("J"), END, d.chain("G", B, "J")),
        ["A B", "B A"],
        ["A", "B", "A B A"],
    ),
    "some": (
        split(d.inclusive("G"), "${x}", "${y}", None, join=d.inclusive("J")),
        ["A", "B", "A B", "B A", "C"],
        ["", "A C", "C B", "A A"],
    ),
    "conditions on a task's flows": (
        d.diagram(
            d.start(),
            E,
            A,
            B,
            d.end("End1"),
            d.end("End2"),
            d.flow("Start", "E"),
            d.flow("E", "A", "${x}"),
            d.flow("E", "B", "${y}"),
            d.flow("A", "End1"),
            d.flow("B", "End2"),
        ),
        ["E A", "E B", "E A B", "E B A"],
        ["E", "A", "E A A"],
    ),
    "a condition beside a flow without": (
        d.diagram(
            d.start(), E, A, B, d.end(), d.flow("Start", "E"), d.flow("E", "A"), d.flow("E", "B", "${y}"),
            d.flow("A", "End"), d.flow("B", "End"),
        ),
        ["E A", "E A B", "E B A"],
        ["E", "E B"],
    ),
    "interrupting boundary": (
        d.diagram(START, A, B, END, d.boundary("T", "A", d.timer("PT1H")), d.chain("T", C, d.end("End2"))),
        ["A B", "T C"],
        ["A T C", "T A B", "T B", "A T B"],
    ),
    "boundary that does not interrupt": (
        d.diagram(
            START, A, END, d.boundary("T", "A", d.timer(cycle="R/PT1H"), interrupting=False),
            d.chain("T", C, d.end("End2")),
        ),
        ["A", "T C A", "T A C", "T T C A C"],
        ["A T C", "T A"],
    ),
    "event gateway": (
        d.diagram(
            START, d.event_gateway("G"), d.catch("M", d.message("M")), A, END,
            d.chain("G", d.catch("T", d.timer("PT1H")), B, d.end("End2")),
        ),
        ["M A", "T B"],
        ["M T A", "A", "T A"],
    ),
    "several instances": (
        d.diagram(START, d.user_task("A", inside=d.many("people", "who")), B, END),
        ["B", "A B", "A A A B"],
        ["A", "A B A"],
    ),
    "sub-process": (
        d.diagram(START, d.sub_process("Sub", d.start("S1"), A, d.end("E1")), B, END),
        ["A B"],
        ["B", "A", "A A B"],
    ),
    "sub-process interrupted": (
        d.diagram(
            START, d.sub_process("Sub", d.start("S1"), A, B, d.end("E1")), C, END,
            d.boundary("T", "Sub", d.timer("PT1H")), d.chain("T", E, d.end("End2")),
        ),
        ["A B C", "T E", "A T E"],
        ["A T C", "A C", "T E C"],
    ),
    "several sub-processes one after the other": (
        d.diagram(
            START,
            d.sub_process("Sub", d.start("S1"), A, B, d.end("E1"), inside=d.many("people", "who", sequential=True)),
            END,
        ),
        ["", "A B", "A B A B"],
        ["A", "A A B B", "A B A"],
    ),
    "several sub-processes at once": (
        d.diagram(START, d.sub_process("Sub", d.start("S1"), A, B, d.end("E1"), inside=d.many("people", "who")), END),
        ["", "A B", "A A B B", "A B A B"],
        ["A", "B A", "A A B"],
    ),
    "event sub-process that interrupts": (
        d.diagram(START, A, B, END, STOP),
        ["A B", "Told S", "A Told S"],
        ["Told A B", "Told S B", "Told Told S", "Told"],
    ),
    "event sub-process that does not": (
        d.diagram(START, A, B, END, ALSO),
        ["A B", "Told S A B", "A Told B S", "A Told Told S B S"],
        ["Told A B"],
    ),
    "terminate": (
        d.diagram(
            START, d.parallel("G"), A, d.end("End1", d.terminate()), d.chain("G", B, C, d.end("End2"))
        ),
        ["A", "B A", "B C A"],
        ["B", "B C"],
    ),
    "several ends": (
        d.diagram(START, d.parallel("G"), A, END, d.chain("G", B, d.end("End2"))),
        ["A B", "B A"],
        ["A", "B"],
    ),
    "an error that the boundary catches": (
        d.diagram(
            START, d.sub_process("Sub", d.start("S1"), A, d.end("Err", d.error("X"))), B, END,
            d.boundary("Caught", "Sub", d.error("X")), d.chain("Caught", C, d.end("End2")),
        ),
        ["A Caught C"],
        ["A B", "A C", "A Caught B"],
    ),
    "links": (
        d.diagram(START, A, d.throw("Out", d.link("L")), d.chain(d.catch("In", d.link("L")), B, END)),
        ["A Out In B"],
        ["A B", "A Out B"],
    ),
}  # fmt: skip


def drawn(source: bytes) -> PetriNet:
    return net(define(source))


@pytest.mark.parametrize("construct", DRAWN)
def test_a_net_allows_what_the_diagram_does(construct: str) -> None:
    source, whole, not_whole = DRAWN[construct]
    made = drawn(source)
    assert [each for each in whole if not accepts(made, each.split())] == []
    assert [each for each in not_whole if accepts(made, each.split())] == []


def test_a_called_process_is_drawn_where_it_is_called() -> None:
    part = d.diagram(START, B, END, id="part")
    made = net(define(d.diagram(START, A, d.call("Call", "part"), d.call("Again", "part"), END), part))
    assert accepts(made, ["A", "part/B", "part/B"])
    assert not accepts(made, ["A", "part/B"])
    assert prefix(made, ["A", "part/B"])


def test_processes_that_call_each_other_have_no_net() -> None:
    one = d.diagram(START, A, d.call("Call", "two"), END, id="one")
    two = d.diagram(START, A, d.call("Call", "one"), END, id="two")
    with pytest.raises(NoNet, match="one anropar sig själv"):
        net(define(one, two))


def test_a_process_larger_than_anyone_can_read_has_no_net() -> None:
    """Fifteen processes that each call the next one twice would be drawn 32 768 times."""
    parts = [d.diagram(START, A, d.call("X", f"p{n}"), d.call("Y", f"p{n}"), END, id=f"p{n + 1}") for n in range(15)]
    with pytest.raises(NoNet, match="20000"):
        net(define(parts[-1], *parts[:-1], d.diagram(START, A, END, id="p0")))


def test_what_the_core_tells_is_what_the_net_allows() -> None:
    source = d.diagram(
        START,
        d.sub_process("Sub", d.start("S1"), A, d.user_task("Many", inside=d.many("people", "who")), d.end("E1")),
        END,
        STOP,
    )
    case = Play(source).begin(people=["x", "y"]).complete("A").complete("Many").message("Stop").complete("S")
    assert case.ended
    told = [
        label("test", each.process, each.element) for each in case.history if is_event(each.what, each.element_kind)
    ]
    assert told == ["A", "Many", "Told", "S"]
    assert accepts(drawn(source), told)
    assert not accepts(drawn(source), told[1:])
