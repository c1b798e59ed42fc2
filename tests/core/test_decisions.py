"""Decision tables: every hit policy, every unary test, every way to be refused."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import unary
from engine.core.decisions import Decision, DecisionError, Table, decide, read
from engine.core.expressions import ExpressionError, Session
from engine.core.types import ListOf, OneOf, Record
from tests.core.hostile import BOMBS, ESCAPES

DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def dmn(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "",
    columns: str = "",
    namespace: str = DMN_13,
) -> bytes:
    """A DMN file with one decision `d`. An input is an expression, an output a name, a rule all its cells.

    An input `age:integer` has a type; `columns` stands inside every output.
    """
    asked = "".join(_input(number, text) for number, text in enumerate(inputs))
    answers = "".join(f'<output id="o{name}" name={quoteattr(name)}>{columns}</output>' for name in outputs)
    rows = "".join(_row(number, rule, len(inputs)) for number, rule in enumerate(rules, 1))
    return (
        f'<definitions xmlns="{namespace}" id="x" name="x" namespace="x"><decision id="d" name="Väg">'
        f'<decisionTable id="t" {policy}>{asked}{answers}{rows}</decisionTable></decision></definitions>'
    ).encode()


def _input(number: int, text: str) -> str:
    expression, _, kind = text.partition(":")
    typed = f'typeRef="{kind}"' if kind else ""
    asked = f"<inputExpression {typed}>{_text(expression)}</inputExpression>"
    return f'<input id="i{number}" label="K{number}">{asked}</input>'


def _row(number: int, cells: Sequence[str], inputs: int) -> str:
    tests = "".join(f"<inputEntry>{_text(cell)}</inputEntry>" for cell in cells[:inputs])
    answers = "".join(f"<outputEntry>{_text(cell)}</outputEntry>" for cell in cells[inputs:])
    return f'<rule id="r{number}">{tests}{answers}</rule>'


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session({"double": lambda n: 2 * n}, {"region": {"limit": 5}, "today": "2026-02-16"}, {"unset"})


@pytest.fixture(autouse=True)
def _rested(session: Session) -> None:
    session.seconds_left = 0.3


def only_table(source: bytes) -> Table:
    tables, findings = read(source)
    assert [finding.message for finding in findings] == []
    return tables["d"]


def refusal(source: bytes) -> str:
    tables, findings = read(source, "fil.dmn")
    assert tables == {}
    assert {finding.level for finding in findings} == {"fel"}
    return " ".join(finding.message for finding in findings)


@pytest.mark.parametrize(
    ("cell", "matching", "others"),
    [
        ("", [1, None, "a", True], []),
        ("-", [1, None, "a"], []),
        (" - ", [1], []),
        ('"a"', ["a"], ["b", None, 1, "A"]),
        ("'a'", ["a"], ["b"]),
        ('"a","b"', ["a", "b"], ["c", None, "a,b"]),
        ('"a", "b,c"', ["a", "b,c"], ["b", "c"]),
        ("1", [1, 1.0], [2, "1", None, True]),
        ("-5", [-5], [5]),
        ("1.5", [1.5], [1]),
        ("1,5", [1, 5], [1.5]),
        ("true", [True], [False, None, 1, "true"]),
        ("false", [False], [True, None, 0]),
        ("null", [None], [0, "", False]),
        ("not(null)", [0, "", False], [None]),
        ('date("2026-01-01")', ["2026-01-01"], ["2026-01-02", None]),
        ('> date("2026-01-01")', ["2026-01-02"], ["2026-01-01", None]),
        ("2026-01-01", ["2026-01-01"], ["2024"]),
        ("[2026-01-01..2026-12-31]", ["2026-10-10", "2026-12-31"], ["2027-01-01", None]),
        ("< 3", [2, 2.9, -1], [3, 4, None]),
        ("<=3", [3, 2], [4]),
        ("> 3", [4], [3]),
        (">= 3", [3], [2, None]),
        ("!= 3", [4, None, "3"], [3]),
        ("= 3", [3], [4]),
        ("< 3, > 10", [1, 11], [5, None]),
        ("[1..10]", [1, 5, 10], [0, 11, None]),
        ("(1..10)", [2, 9], [1, 10]),
        ("]1..10[", [2, 9], [1, 10]),
        ("[1..10)", [1, 9.9], [10]),
        ("(1..10]", [10], [1]),
        ("[1..3],[7..9]", [2, 8], [5]),
        ('["a".."c"]', ["b"], ["d"]),
        ("[-2..region.limit]", [-2, 5], [6]),
        ("not(3)", [4, "3"], [3]),
        ('not("a","b")', ["c", None], ["a", "b"]),
        ("not(< 3)", [3], [2, None]),
        ("not([1..3], 7)", [5], [2, 7]),
        ("region.limit", [5], [4]),
        ("> region.limit", [6], [5]),
        ("double(2)", [4], [2]),
        ("region.limit + 1, 9", [6, 9], [5]),
        ("[1, 2]", [1, 2, [1, 2]], [3]),
        ("? in [1, 2]", [1, 2], [3, None]),
        ("cellInput in ['a']", ["a"], ["b"]),
        ("? is not None and ? > 3", [4], [3, None]),
        ("not(? in [1, 2])", [3], [1]),
        ("'x?' == ?", ["x?"], ["x"]),
        ('? == "true"', ["true"], [True]),
        ("today > 2026-01-01", ["vad som helst", None], []),
        ("today < 2026-01-01", [], ["vad som helst", None]),
    ],
)
def test_unary_tests(session: Session, cell: str, matching: list[Any], others: list[Any]) -> None:
    table = only_table(dmn(["x"], ["hit"], [[cell, "true"], ["", "false"]], policy='hitPolicy="FIRST"'))
    for value in matching:
        assert decide(table, {"x": value}, session).result == {"hit": True}, value
    for value in others:
        assert decide(table, {"x": value}, session).result == {"hit": False}, value


@settings(max_examples=60, deadline=None)
@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-20, 20), st.sampled_from("[(]"), st.sampled_from("])["))
def test_a_range_is_its_two_comparisons(low: int, high: int, value: int, left: str, right: str) -> None:
    test = unary.parse(f"{left}{low}..{high}{right}")
    opened = Session()
    matched = test.matches(value, lambda expression: opened.evaluate(expression, {}))
    assert matched == (
        (low <= value if left == "[" else low < value) and (value <= high if right == "]" else value < high)
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="latin-1", exclude_characters='\\"\x85\xad', min_codepoint=32), max_size=8),
        min_size=1,
    ),
    st.text("ab,()", max_size=4),
)
def test_a_list_of_texts_matches_its_own(texts: list[str], other: str) -> None:
    cell = ", ".join(f'"{text}"' for text in texts)
    opened = Session()
    ask = lambda expression: opened.evaluate(expression, {})  # noqa: E731
    assert all(unary.parse(cell).matches(text, ask) for text in texts)
    assert unary.parse(f"not({cell})").matches(other, ask) is (other not in texts)


@settings(max_examples=150, deadline=None)
@given(st.text("\"'()[]{}.,<>=!-?0123456789abnottruel ", max_size=25))
def test_any_cell_is_a_test_or_a_sentence(text: str) -> None:
    with contextlib.suppress(unary.BadTest):
        assert unary.parse(text) is not None


OVERLAPPING = [["> 0", '"a"', "1"], ["> 5", '"b"', "2"], ["> 5", '"b"', "3"], ["> 100", '"c"', "4"]]
LISTED = "<outputValues><text>{}</text></outputValues>"


def collected(session: Session, policy: str, x: int, *, rules: Any = OVERLAPPING, columns: str = "") -> Decision:
    narrow = [[rule[0], rule[1]] for rule in rules] if "aggregation" not in policy else [[r[0], r[2]] for r in rules]
    return decide(only_table(dmn(["x"], ["y"], narrow, policy=policy, columns=columns)), {"x": x}, session)


def test_unique(session: Session) -> None:
    decision = collected(session, "", 3)
    assert (decision.result, decision.rules) == ({"y": "a"}, (1,))
    assert decision.inputs == {"K0": 3}
    with pytest.raises(DecisionError, match=r"«Väg».*UNIQUE.*raderna 1, 2, 3"):
        collected(session, 'hitPolicy="UNIQUE"', 6)


def test_first(session: Session) -> None:
    decision = collected(session, 'hitPolicy="FIRST"', 6)
    assert (decision.result, decision.rules) == ({"y": "a"}, (1,))


def test_any(session: Session) -> None:
    same = OVERLAPPING[1:3]
    decision = collected(session, 'hitPolicy="ANY"', 6, rules=same)
    assert (decision.result["y"], decision.rules) == ("b", (1, 2))
    with pytest.raises(DecisionError, match=r"ANY.*raderna 1, 2, 3"):
        collected(session, 'hitPolicy="ANY"', 6)


def test_priority(session: Session) -> None:
    decision = collected(session, 'hitPolicy="PRIORITY"', 6, columns=LISTED.format('"c","b","a"'))
    assert (decision.result, decision.rules) == ({"y": "b"}, (2,))
    with pytest.raises(DecisionError, match="inte finns bland kolumnens värden"):
        collected(session, 'hitPolicy="PRIORITY"', 6, columns=LISTED.format('"c","b"'))


def test_rule_order_and_output_order(session: Session) -> None:
    assert collected(session, 'hitPolicy="RULE ORDER"', 6).mapped("collectEntries") == ["a", "b", "b"]
    decision = collected(session, 'hitPolicy="OUTPUT ORDER"', 101, columns=LISTED.format('"c","b","a"'))
    assert (decision.mapped("collectEntries"), decision.rules) == (["c", "b", "b", "a"], (4, 2, 3, 1))


@pytest.mark.parametrize(
    ("policy", "some", "none"),
    [
        ('hitPolicy="COLLECT"', [{"y": "a"}, {"y": "b"}, {"y": "b"}], []),
        ('hitPolicy="COLLECT" aggregation="SUM"', {"y": 6}, {"y": None}),
        ('hitPolicy="COLLECT" aggregation="MIN"', {"y": 1}, {"y": None}),
        ('hitPolicy="COLLECT" aggregation="MAX"', {"y": 3}, {"y": None}),
        ('hitPolicy="COLLECT" aggregation="COUNT"', {"y": 3}, {"y": 0}),
    ],
)
def test_collect(session: Session, policy: str, some: Any, none: Any) -> None:
    assert collected(session, policy, 6).result == some
    assert collected(session, policy, 0).result == none


def test_text_is_not_summed(session: Session) -> None:
    table = only_table(dmn(["x"], ["y"], [["", '"a"']], policy='hitPolicy="COLLECT" aggregation="SUM"'))
    with pytest.raises(DecisionError, match="SUM räknar samman tal"):
        decide(table, {"x": 1}, session)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY"])
def test_no_match_is_an_error_that_shows_the_inputs(session: Session, policy: str) -> None:
    with pytest.raises(DecisionError, match=r"Ingen rad träffar: K0 = 0\."):
        collected(session, f'hitPolicy="{policy}"', 0)


def test_no_match_takes_the_defaults_where_there_are_any(session: Session) -> None:
    default = "<defaultOutputEntry><text>region.limit</text></defaultOutputEntry>"
    decision = collected(session, 'hitPolicy="FIRST"', 0, columns=default)
    assert (decision.result, decision.rules) == ({"y": 5}, ())


def test_results_are_mapped(session: Session) -> None:
    one = only_table(dmn(["x"], ["y"], [["", "x"]]))
    two = only_table(dmn(["x"], ["y", "z"], [["", "x", ""]]))
    many = only_table(dmn(["x"], ["y"], [["", "1"], ["", "2"]], policy='hitPolicy="COLLECT"'))
    answers = [decide(table, {"x": 7}, session) for table in (one, two, many)]
    assert [answers[0].mapped(each) for each in ("singleEntry", "singleResult", "collectEntries", "resultList")] == [
        7,
        {"y": 7},
        [7],
        [{"y": 7}],
    ]
    assert answers[1].mapped("singleResult") == {"y": 7, "z": None}
    assert (answers[2].mapped("collectEntries"), answers[2].mapped("resultList")) == ([1, 2], [{"y": 1}, {"y": 2}])
    for decision, mapping in ((answers[1], "singleEntry"), (answers[1], "collectEntries"), (answers[2], "singleEntry")):
        with pytest.raises(DecisionError, match="kräver"):
            decision.mapped(mapping)
    with pytest.raises(DecisionError, match="finns inte"):
        answers[0].mapped("everything")


def test_the_types_of_a_table() -> None:
    table = only_table(dmn(["x"], ["next", "n", "v"], [["1", '"A"', "1", "x"], ["2", '"B"', "2", "true"]]))
    row = {"next": OneOf(("A", "B")), "n": "int", "v": "any"}
    assert table.result_type("singleResult") == Record(row)
    assert table.result_type("resultList") == ListOf(Record(row))
    assert only_table(dmn(["x"], ["next"], [["1", '"A"']])).result_type("singleEntry") == OneOf(("A",))
    assert [column.label for column in table.outputs] == ["next", "n", "v"]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_the_format_is_read(namespace: str) -> None:
    assert only_table(dmn(["x"], ["y"], [["", "1"]], namespace=namespace)).id == "d"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (dmn(["x"], ["y"], [["", "1"]], policy='hitPolicy="SOMETIMES"'), "Träffregeln «SOMETIMES» finns inte"),
        (dmn(["x"], ["y"], [["", "1"]], policy='hitPolicy="PRIORITY"'), "värden listas i ordning"),
        (dmn(["x"], ["y"], [["", "1"]], policy='hitPolicy="FIRST" aggregation="SUM"'), "Sammanräkningen «SUM»"),
        (dmn(["x"], ["y"], [["", "1"]], policy='hitPolicy="COLLECT" aggregation="AVG"'), "Sammanräkningen «AVG»"),
        (
            dmn(["x"], ["y", "z"], [["", "1", "2"]], policy='hitPolicy="COLLECT" aggregation="SUM"'),
            "bara ha en svarskolumn",
        ),
        (dmn(["x"], ["y", "y"], [["", "1", "1"]]), "eget namn"),
        (dmn(["x"], ["y z"], [["", "1"]]), "eget namn"),
        (dmn(["x"], [], [[""]]), "ingen svarskolumn"),
        (dmn([""], ["y"], [["", "1"]]), "saknar uttryck"),
        (dmn(["x +"], ["y"], [["", "1"]]), "Kolumnen «K0»"),
        (dmn(["x"], ["y"], [["> ", "1"]]), "Rad 1, kolumnen «K0»"),
        (dmn(["x"], ["y"], [["[1..]", "1"]]), "Rad 1, kolumnen «K0»"),
        (dmn(["x"], ["y"], [["", "if x then 1 else 2"]]), "Rad 1"),
        (dmn(["x"], ["y"], [["", "1"], ["1"]]), "Rad 2 har inte lika många celler"),
        (
            dmn(["x"], ["y"], [["", "1"]]).replace(
                b"<inputExpression ", b'<inputExpression expressionLanguage="groovy" '
            ),
            "groovy",
        ),
        (dmn(["x"], ["y"], [["", "1"]]).replace(b'label="K0"', b'label="K0" inputVariable="z"'), "«?»"),
        (f'<definitions xmlns="{DMN_13}"><decision id="d"/></definitions>'.encode(), "måste vara en beslutstabell"),
        (f'<definitions xmlns="{DMN_13}"/>'.encode(), "inget beslut"),
        (b"<definitions/>", "inte en DMN-fil"),
        (dmn(["x"], ["y"], [["", "1"]] * 501), "för stor"),
        (dmn(["x"], ["y"], [["().__class__", "1"]]), "understreck"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_not_understood_is_refused(source: bytes, reason: str) -> None:
    assert reason in refusal(source)


@pytest.mark.parametrize("source", [b"", b"x", b"<!DOCTYPE a><a/>", b"<a>" * 100])
def test_what_is_not_xml_is_refused(source: bytes) -> None:
    assert refusal(source)


@pytest.mark.parametrize(
    ("column", "cell", "value", "reason"),
    [
        ("x:boolean", "true", "JA", "väntar sig sant eller falskt"),
        ("x:integer", "1", "1", "väntar sig ett tal"),
        ("x:number", "1", True, "väntar sig ett tal"),
        ("x", "< 3", "a", "En text kan inte jämföras med ett tal"),
        ("x", "? + 1", 1, "varken sant eller falskt"),
    ],
)
def test_values_that_do_not_fit_are_named(session: Session, column: str, cell: str, value: Any, reason: str) -> None:
    with pytest.raises(DecisionError, match=reason):
        decide(only_table(dmn([column], ["y"], [[cell, "1"]])), {"x": value}, session)


@pytest.mark.parametrize("hostile", [*ESCAPES, *BOMBS], ids=lambda text: ascii(text[:40]))
def test_no_cell_runs_outside_the_sandbox(hostile: str) -> None:
    if not all(character.isprintable() or character in "\n\t" for character in hostile):
        return  # XML cannot hold it
    for source in (
        dmn([hostile], ["y"], [["", "1"]]),
        dmn(["x"], ["y"], [[hostile, "1"], ["", "2"]], policy='hitPolicy="FIRST"'),
        dmn(["x"], ["y"], [["", hostile]]),
    ):
        tables, findings = read(source)
        assert bool(tables) != bool(findings)
        for table in tables.values():
            _harmless(table)


def _harmless(table: Table) -> None:
    opened = Session({"workday": lambda d, n: d}, {"today": "2026-02-16"})
    try:
        said = str(decide(table, {"x": "x"}, opened).outputs)
    except (ExpressionError, DecisionError) as error:
        said = str(error)
    assert 0 < len(said) < 1_000
