"""Forms: what is taken, what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engine import forms
from engine.core.model import Choice, Field
from engine.errors import FormErrors

Conditions = Mapping[str, Callable[[Mapping[str, Any]], Any]]


class Town:
    """Two people, two roles, two areas."""

    def recusal(self, key: str) -> str | None:
        return "osteoporos, enligt JAV-2026-001" if key == "jav" else None

    def is_person(self, key: str, roles: tuple[str, ...]) -> bool:
        return key in ("lo", "pia") and (not roles or (key == "lo" and "lpoChair" in roles))

    def is_role(self, scoped: str) -> bool:
        return scoped in ("coordinator", "lpoChair@LUNG", "primaryCareRep@HUD")

    def is_area(self, area: str) -> bool:
        return area in ("LUNG", "HUD")

    def is_file(self, key: str) -> bool:
        return key == "bilaga-1"


def field(id: str, type: str = "string", *, label: str = "", choices: str = "", **rest: str) -> Field:
    constraints = {
        key: rest.pop(key) for key in list(rest) if key in ("required", "readonly", "maxlength", "min", "max")
    }
    return Field(
        id, label or id, type, choices=tuple(Choice(c, c) for c in choices.split()), constraints=constraints,
        properties=rest,
    )  # fmt: skip


def check(fields: list[Field], answers: Any, conditions: Conditions | None = None, **known: Any) -> dict[str, Any]:
    return forms.check(fields, answers, known, lambda text, seen: (conditions or {})[text](seen), Town())


def faults(fields: list[Field], answers: Any, conditions: Conditions | None = None, **known: Any) -> dict[str, str]:
    with pytest.raises(FormErrors) as caught:
        check(fields, answers, conditions, **known)
    return caught.value.errors


def test_what_is_not_given_becomes_none() -> None:
    fields = [field("title"), field("count", "long"), field("comments_text", rows="comments")]
    assert check(fields, {}) == {"title": None, "count": None, "comments": []}


@pytest.mark.parametrize(
    ("declared", "given", "kept"),
    [
        (field("a"), "  A\u030angstro\u0308m  ", "Ångström"),
        (field("a", multiline="true"), "ett\r\ntvå", "ett\ntvå"),
        (field("a", "long"), "1 200", 1200),
        (field("a", "long"), 7, 7),
        (field("a", "double"), "3,5", 3.5),
        (field("a", "boolean"), "on", True),
        (field("a", "boolean"), False, False),
        (field("a", "date"), "2026-04-14", "2026-04-14"),
        (field("a", "enum", choices="JA NEJ"), "JA", "JA"),
        (field("a", "enum", choices="A B", multiple="true"), ["B", "A", "B"], ["B", "A"]),
        (field("a", picker="programArea", multiple="true"), "LUNG", ["LUNG"]),
        (field("a", picker="person"), "lo", "lo"),
        (field("a", picker="personOrRole"), "lpoChair@LUNG", {"person": None, "group": "lpoChair@LUNG"}),
        (field("a", picker="personOrRole"), {"person": "pia", "group": None}, {"person": "pia", "group": None}),
        (field("a", picker="group"), "coordinator", "coordinator"),
        (field("a", url="true"), "https://exempel.se/remiss?id=1", "https://exempel.se/remiss?id=1"),
    ],
)
def test_answers_are_typed(declared: Field, given: Any, kept: Any) -> None:
    assert check([declared], {"a": given}) == {"a": kept}


@pytest.mark.parametrize(
    ("declared", "given", "words"),
    [
        (field("a"), 7, "Skriv text"),
        (field("a"), "ett\ntvå", "på en rad"),
        (field("a"), "ett\x00två", "tecken som inte syns"),
        (field("a"), "fel\u202egnp.exe", "tecken som inte syns"),
        (field("a"), "x" * 20_001, "Korta"),
        (field("a", maxlength="3"), "fyra", "högst 3 tecken"),
        (field("a", "long"), "12.5", "heltal"),
        (field("a", "long"), True, "heltal"),
        (field("a", "long"), "9" * 5000, "heltal"),
        (field("a", "long", min="1"), 0, "minst 1"),
        (field("a", "double"), "nan", "för stort"),
        (field("a", "double"), "1e999", "för stort"),
        (field("a", "boolean"), 2, "ja eller nej"),
        (field("a", "date"), "14/4 2026", "ÅÅÅÅ-MM-DD"),
        (field("a", "date"), "2026-02-30", "finns inte"),
        (field("a", "date"), "0001-01-01", "orimligt"),
        (field("a", "date", max="2026-01-01"), "2026-01-02", "senast 1 januari 2026"),
        (field("a", "enum", choices="JA NEJ"), "KANSKE", "alternativen"),
        (field("a", "enum", choices="JA NEJ"), {"x": 1}, "alternativen"),
        (field("a", picker="person"), "nobody", "finns inte"),
        (field("a", picker="person", roles="lpoChair"), "pia", "rätt roll"),
        (field("a", picker="personOrRole"), {"person": "lo", "group": "coordinator"}, "en person eller en roll"),
        (field("a", picker="group", roles="registrar"), "coordinator", "får inte väljas"),
        (field("a", picker="programArea", multiple="true"), ["LUNG", "MARS"], "finns inte"),
        (field("a", url="true"), "javascript:alert(1)", "webbadress"),
        (field("a", url="true"), "http://[::1", "webbadress"),
        (field("a", readonly="true"), "x", "bara läsas"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(declared: Field, given: Any, words: str) -> None:
    [(_, sentence)] = faults([declared], {"a": given}).items()
    assert words in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("name", ["__builtins__", "len", "status", "a.b", "constructor"])
def test_fields_that_are_not_in_the_form_are_refused(name: str) -> None:
    assert faults([field("a")], {"a": "x", name: "y"}) == {name: "Fältet finns inte i formuläret."}


@pytest.mark.parametrize("answers", [{"a": float("nan")}, {"a": "x" * 300_000}, {"a": {1, 2}}])
def test_what_is_too_large_or_no_json_is_refused(answers: Any) -> None:
    assert "" in faults([field("a")], answers)


def test_required_fields_say_what_to_do() -> None:
    fields = [
        field("why", label="Motivering", required="true"),
        field("answer", "enum", label="Svar", choices="JA", required="true"),
        field("sure", "boolean", label="Jag har läst", required="true"),
    ]
    assert faults(fields, {"why": "  ", "sure": False}) == {
        "why": "Fyll i ”Motivering”.",
        "answer": "Välj ”Svar”.",
        "sure": "Kryssa i ”Jag har läst” för att gå vidare.",
    }


def test_a_field_may_be_required_or_hidden_by_other_answers() -> None:
    fields = [
        field("respond", "enum", choices="JA NEJ"),
        field("reason", label="Skäl", visibleIf="no", requiredIf="no"),
        field("detail", visibleIf="reason given"),
    ]
    conditions: Conditions = {"no": lambda seen: seen["respond"] == "NEJ", "reason given": lambda seen: seen["reason"]}
    assert faults(fields, {"respond": "NEJ"}, conditions) == {"reason": "Fyll i ”Skäl”."}
    hidden = check(fields, {"respond": "JA", "reason": "x", "detail": "y"}, conditions)
    assert hidden == {"respond": "JA", "reason": None, "detail": None}


def test_a_hidden_field_has_no_faults() -> None:
    fields = [field("a"), field("b", "long", visibleIf="never")]
    assert check(fields, {"a": "x", "b": "many"}, {"never": lambda _: False}) == {"a": "x", "b": None}


def test_rules_speak_their_own_sentence() -> None:
    fields = [field("due", "date", rule="in time", ruleText="Välj en dag före stängning.", maxDate="last")]
    conditions: Conditions = {"in time": lambda seen: seen["due"] < seen["close"], "last": lambda seen: seen["close"]}
    assert check(fields, {"due": "2026-04-01"}, conditions, close="2026-04-14") == {"due": "2026-04-01"}
    late = faults(fields, {"due": "2026-04-14"}, conditions, close="2026-04-14")
    assert late == {"due": "Välj en dag före stängning."}
    assert faults(fields, {"due": "2026-04-15"}, conditions, close="2026-04-14") == {
        "due": "Välj en dag senast 14 april 2026."
    }


ROWS = [
    field("comments_section", label="Avsnitt", rows="comments", maxlength="9"),
    field("comments_comment", label="Synpunkt", rows="comments", requiredInRow="true", minRows="1"),
]


def test_rows_are_checked_cell_by_cell_and_empty_ones_left_out() -> None:
    rows = [{"section": "3.1", "comment": "Bra"}, {"section": "", "comment": " "}]
    assert check(ROWS, {"comments": rows}) == {"comments": [{"section": "3.1", "comment": "Bra"}]}
    assert faults(ROWS, {"comments": [{"section": "3.1"}]}) == {
        "comments.0.comment": "Fyll i ”Synpunkt” eller ta bort raden."
    }
    assert "högst 9" in faults(ROWS, {"comments": [{"section": "x" * 10, "comment": "y"}]})["comments.0.section"]


@pytest.mark.parametrize("rows", [[], None, "text", [7], [{"other": 1}]])
def test_rows_of_the_wrong_shape_are_refused(rows: Any) -> None:
    assert all(place.startswith("comments") for place in faults(ROWS, {"comments": rows}))


def test_too_many_rows_are_refused() -> None:
    assert "Högst 500" in faults(ROWS, {"comments": [{"comment": "x"}] * 501})["comments"]


def test_rows_that_the_case_knows_are_shown_to_be_gone_on_with() -> None:
    fields = [field("gaps_size", "long", rows="gaps"), field("notes_text", rows="notes")]
    known = {"gaps": [{"size": 3}], "notes": None}
    assert forms.shown(fields, known, lambda text, seen: None) == {
        "gaps_size": None,
        "notes_text": None,
        "gaps": [{"size": 3}],
    }


def test_defaults_are_shown_typed_and_evaluated() -> None:
    fields = [
        Field("a", "A", "string", default="title.upper", default_is_expression=True),
        Field("b", "B", "boolean", default="true"),
        Field("c", "C", "long", default="3"),
        Field("d", "D", "string"),
    ]
    assert forms.shown(fields, {"title": "kol"}, lambda _text, seen: seen["title"].upper()) == {
        "a": "KOL", "b": True, "c": 3, "d": None,
    }  # fmt: skip
