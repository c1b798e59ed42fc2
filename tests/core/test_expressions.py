"""The evaluator: honest expressions, what they may not do, and that nothing hostile gets anywhere."""

import datetime as dt
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import language, plain, sandbox, types
from engine.core.expressions import (
    STEP_SECONDS,
    ExpressionError,
    Session,
    is_template,
    type_check,
    unwrap,
)
from engine.core.types import Function, ListOf, OneOf, Record, Type
from tests.core.hostile import BOMBS, CANARY, ESCAPES, SCRIPT_BOMB, SECRET
from tests.patience import PATIENCE
from tests.scale import SCALE

VARIABLES: dict[str, Any] = {
    "route": {"next": "BESVARA", "to": {"group": "lpoChair@LUNG"}},
    "programAreaIds": ["LUNG", "HJARTA"],
    "rows": [{"comment": "Bra"}, {"comment": None}],
    "count": 3,
    "price": 1.5,
    "agreed": True,
    "due": "2026-03-27",
    "nobody": None,
    "__builtins__": {"open": "x"},
    "len": 7,
}


def workday(day: str, steps: int) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days=steps)).isoformat()


def broken() -> str:
    raise LookupError("Kalendern saknar år 1700.")


@pytest.fixture
def session() -> Session:
    objects = {
        "deadline": {"externalDue": dt.date(2026, 4, 14)},
        "region": {"timers": {"triageWd": 3}},
        "case": {"title": "Remiss KOL"},
        "today": "2026-02-16",
    }
    return Session({"workday": workday, "broken": broken}, objects, {"stance"})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("count", 3),
        ("${route.next}", "BESVARA"),
        ("route.next == 'BESVARA'", True),
        ("route.to.group", "lpoChair@LUNG"),
        ("route.missing", None),
        ("route.missing.deeper", None),
        ("stance", None),
        ("stance is None or stance > 3", True),
        ("nobody.name", None),
        ("rows[0].comment", "Bra"),
        ("rows[0]['comment']", "Bra"),
        ("[row.comment for row in rows]", ["Bra", None]),
        ("any(row.comment == 'Bra' for row in rows)", True),
        ("{'a': {'b': 1}}.a.b", 1),
        ("deadline.externalDue", "2026-04-14"),
        ("due < deadline.externalDue", True),
        ("due < 2026-04-14 and due >= 2026-10-01", False),
        ("2026-04-14", "2026-04-14"),
        ("2026-10-14T08:00+02:00", "2026-10-14T08:00+02:00"),
        ("P3M", "P3M"),
        ("R3/PT10M", "R3/PT10M"),
        ("'${x} 2026-04-14'", "${x} 2026-04-14"),
        ("case.title.upper()", "REMISS KOL"),
        ("region.timers.triageWd + count", 6),
        ("workday(today, region.timers.triageWd)", "2026-02-19"),
        ("workday(d=1, n=2) if False else 'nej'", "nej"),
        ("'LUNG' in programAreaIds and count in [1, 2, 3]", True),
        (
            "len(programAreaIds), sum([1, 2]), min(3, 1), max([1, 4]), all([]), sorted([2, 1])",
            [2, 3, 1, 4, True, [1, 2]],
        ),
        ("due.startswith('2026') and not agreed", False),
        ("price * 2", 3.0),
        ("-5", -5),
        ("(\ncount\n+ 1\n)", 4),
        ("count + 1 # svar", 4),
        ("[{'person': None, 'group': 'lpoChair@' + area} for area in programAreaIds][1].group", "lpoChair@HJARTA"),
        ("1 < count <= 3", True),
        ("f'{count} svar'", "3 svar"),
        ("True", True),
        ("None", None),
    ],
)
def test_honest_expressions(session: Session, expression: str, value: object) -> None:
    assert session.evaluate(expression, VARIABLES) == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("unknown", "Namnet «unknown» är okänt"),
        ("unknown == 1", "Namnet «unknown» är okänt"),
        ("stance < 3", "«stance» saknar värde och kan inte jämföras"),
        ("route.missing + 1", "«route.missing» saknar värde"),
        ("count + due", "slag som inte passar ihop"),
        ("count.name", "«count» har inget fält som heter «name»"),
        ("(count + 1).name", "saknar fältet"),
        ("count / 0", "Division med noll"),
        ("rows[9]", "inte så många rader"),
        ("nope(1)", "ingen funktion som heter «nope»"),
        ("workday", "måste anropas med parenteser"),
        ("len", "måste anropas med parenteser"),
        ("broken()", "Kalendern saknar år 1700."),
        ("workday(1, 2)", "Funktionen «workday»"),
        ("due.format()", "ingen metod som heter «format»"),
        ("count = 4", "går inte att läsa"),
        ("", "tomt"),
        ("   ", "tomt"),
        ("count +", "går inte att läsa"),
        ("lambda: 1", "«lambda» får inte användas"),
        ("{1, 2}", "kan inte sparas"),
        ("b'x'", "slaget bytes"),
        ("workday(*[1, 2])", "«*» får inte användas"),
        ("workday(**route)", "«**» får inte användas"),
        ("_v0", "får inte börja med understreck"),
    ],
)
def test_what_cannot_be_answered_says_why_in_swedish(session: Session, expression: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        session.evaluate(expression, VARIABLES)
    assert reason in caught.value.reason
    assert caught.value.expression == expression.strip()


def test_a_variable_never_hides_an_object_or_a_function(session: Session) -> None:
    hiding = {"deadline": {"externalDue": "1999-01-01"}, "workday": "x", "len": "y"}
    assert session.evaluate("deadline.externalDue", hiding) == "2026-04-14"
    assert session.evaluate("workday(today, 1)", hiding) == "2026-02-17"
    assert session.evaluate("len([1])", hiding) == 1


def test_a_value_is_a_copy(session: Session) -> None:
    rows = session.evaluate("rows", VARIABLES)
    rows[0]["comment"] = "Ändrad"
    assert VARIABLES["rows"][0]["comment"] == "Bra"


def test_no_name_survives_from_one_expression_or_session_to_the_next(session: Session) -> None:
    assert session.evaluate("count + 1", {"count": 1}) == 2
    assert session.evaluate("[left for left in [1]]", {}) == [1]
    for name in ("count", "left", "_v0"):
        with pytest.raises(ExpressionError):
            session.evaluate(f"{name} == 1", {})


def test_a_script_assigns_in_order(session: Session) -> None:
    script = (
        "round = count + 1\nlabel = f'Varv {round}'\ncount += 1\nroute = {'next': 'KLAR'}\ndone = route.next == 'KLAR'"
    )
    answers = {"round": 4, "label": "Varv 4", "count": 4, "route": {"next": "KLAR"}, "done": True}
    assert session.run(script, VARIABLES) == answers
    assert VARIABLES["count"] == 3


@pytest.mark.parametrize(
    "script",
    [
        *("", "x", "x.y = 1", "x[0] = 1", "x, y = 1, 2", "if count:\n    x = 1", "for x in [1]: y = x", "import os"),
        *("_x = 1", "len = 1", "deadline = 1", "workday = 1", "x = y = 1", "del count", "x: int = 1", "x = unknown"),
        "x = 1\n" * 101,
    ],
)
def test_other_scripts_are_refused(session: Session, script: str) -> None:
    with pytest.raises(ExpressionError):
        session.run(script, VARIABLES)


def test_text_is_filled(session: Session) -> None:
    text = "+1 programOwner@${programAreaIds[0]}; ${nobody}${agreed} ${ {'a': '}'}['a'] } ${programAreaIds} $5 {x}"
    assert session.fill(text, VARIABLES) == "+1 programOwner@LUNG; ja } LUNG, HJARTA $5 {x}"


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("coordinator", ("coordinator",)),
        (
            "lpoChair@${programAreaIds[0]}, primaryCareRep@${programAreaIds}",
            "lpoChair@LUNG primaryCareRep@LUNG primaryCareRep@HJARTA",
        ),
        ("${route.to}", ("lpoChair@LUNG",)),
        ("${route.to.group}, coordinator, coordinator", ("lpoChair@LUNG", "coordinator")),
        ("${nobody}", ()),
        ("lpoChair@${nobody}", ()),
        ("${['a', 'b@X']}", ("a", "b@X")),
        ("${'a, b'}", ("a", "b")),
        ("", ()),
    ],
)
def test_roles(session: Session, text: str, roles: Any) -> None:
    assert session.roles(text, VARIABLES) == (tuple(roles.split()) if isinstance(roles, str) else roles)


def test_templates() -> None:
    assert (unwrap(" ${ x } "), unwrap("x"), unwrap("${a}${b}")) == ("x", "x", "${a}${b}")
    assert (is_template("a ${b}"), is_template("a $b"), is_template("${b")) == (True, False, False)


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails the test when anything was written, started, connected or given away."""
    monkeypatch.setenv(SECRET, "kanariefågel")
    Path(CANARY).unlink(missing_ok=True)
    for owner, name in ((os, "system"), (socket, "create_connection")):
        monkeypatch.setattr(owner, name, lambda *_, **__: pytest.fail("utanför sandlådan"))
    yield
    assert not Path(CANARY).exists()


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("expression", ESCAPES, ids=lambda text: ascii(text[:50]))
def test_an_escape_reaches_nothing(session: Session, expression: str) -> None:
    assert_harmless(lambda: session.evaluate(expression, VARIABLES))
    assert_harmless(lambda: session.run(f"x = {expression}", VARIABLES))
    assert_harmless(lambda: session.run(expression, VARIABLES))
    assert_harmless(lambda: session.fill(f"a ${{{expression}}}", VARIABLES))
    assert type_check(expression, TYPES) != []
    assert session.evaluate("count + 1", VARIABLES) == 4


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("expression", BOMBS, ids=lambda text: ascii(text[:50]))
def test_a_bomb_is_stopped_and_the_next_session_works(session: Session, expression: str) -> None:
    assert_harmless(lambda: session.evaluate(expression, VARIABLES))
    type_check(expression, TYPES)
    assert Session().evaluate("count + 1", {"count": 1}) == 2


def assert_harmless(act: Any) -> None:
    """It is refused, or gives a small plain value that tells nothing."""
    try:
        said = json.dumps(act(), allow_nan=False, ensure_ascii=False)
    except ExpressionError as error:
        said = str(error)
    assert "kanariefågel" not in said
    assert len(said) < 1_000


class Counted(list[Any]):
    """A list that counts how often it is gone through."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        self.times += 1
        return super().__iter__()


def test_a_value_without_end_is_not_written_out(session: Session) -> None:
    with pytest.raises(ExpressionError, match=r"1 MB|minne|lång tid"):
        session.run(SCRIPT_BOMB, VARIABLES)
    ground = Counted([1])
    tower: list[Any] = ground
    for _ in range(22):
        tower = [tower, tower]
    with pytest.raises(plain.NotPlain, match="1 MB"):
        plain.copy(tower)
    assert 1 < ground.times < plain.MAX_BYTES // 8


def test_the_expressions_of_a_step_share_their_time(session: Session) -> None:
    """However little of the processor each gets, it is spent in the end."""
    for _ in range(100):
        if session.seconds_left > 0:
            with pytest.raises(ExpressionError, match=r"lång tid|minne"):
                session.evaluate("max(range(10 ** 12))", {})
    with pytest.raises(ExpressionError, match="tillsammans"):
        session.evaluate("count + 1", VARIABLES)
    assert session.evaluate("count", VARIABLES) == 3


def test_what_has_waited_for_its_turn_is_begun_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine whose processor others have: the time of the worker is up before anything is done."""
    given: list[float] = []
    feed = sandbox._fed

    def starved(snippet: str, values: Any, calls: sandbox.Calls, seconds: float) -> Any:
        given.append(seconds)
        if len(given) < len(sandbox.PATIENCE):
            return feed("max(range(10 ** 12))", {}, calls, 0.001)
        return feed(snippet, values, calls, seconds)

    monkeypatch.setattr(sandbox, "_fed", starved)
    assert session.evaluate("count + 1", VARIABLES) == 4
    assert given == [STEP_SECONDS * each for each in sandbox.PATIENCE]


def test_what_has_had_its_turn_is_not(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def greedy(snippet: str, values: Any, calls: sandbox.Calls, seconds: float) -> Any:
        given.append(seconds)
        try:
            return feed("max(range(10 ** 12))", {}, calls, 0.001)
        finally:
            calls.seconds = STEP_SECONDS

    feed = sandbox._fed
    monkeypatch.setattr(sandbox, "_fed", greedy)
    with pytest.raises(ExpressionError, match="lång tid"):
        session.evaluate("count + 1", VARIABLES)
    assert given == [STEP_SECONDS]
    assert session.seconds_left < STEP_SECONDS / 2


def test_an_error_comes_whole_from_another_process() -> None:
    error = ExpressionError("1 / 0", "Division med noll.")
    sent = pickle.loads(pickle.dumps(error))
    assert (sent.expression, sent.reason, str(sent)) == (error.expression, error.reason, str(error))


def test_a_failing_worker_is_replaced(session: Session) -> None:
    for _ in range(3):
        with pytest.raises(ExpressionError):
            Session().evaluate("'x'.join(['y' * 10 ** 6] * 10 ** 5)", {})
    assert session.evaluate("count + 1", VARIABLES) == 4


def test_threads_share_the_workers() -> None:
    answers: list[int] = []

    def work(number: int) -> None:
        mine = Session()
        answers.extend(mine.evaluate("n * 2", {"n": number}) for _ in range(10))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(answers) == sorted(2 * number for number in range(8) for _ in range(10))


FORKING = """
import os, sys
from engine.core.expressions import ExpressionError, Session, type_check

def answer():
    return Session().evaluate("count + 1", {"count": 3})

def in_child(act):
    child = os.fork()
    if not child:
        os._exit(act())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def refused():
    try:
        return answer()
    except ExpressionError as error:
        return 77 if "startas om" in error.reason else 1

def unchecked():
    return 77 if "startas om" in type_check("a + 1", {"a": "int"})[0] else 1

print(in_child(answer), answer(), in_child(refused), answer())
print(type_check("a + 2", {"a": "int"}), in_child(unchecked), type_check("a + 3", {"a": "int"}))
"""


def test_a_forked_process_has_workers_of_its_own_or_says_that_it_cannot() -> None:
    """Forked before the first expression it works; after it, a child would hang in the sandbox's client."""
    run = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert run.stdout.split() == ["4", "4", "77", "4", "[]", "77", "[]"], run.stderr


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=1)), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60 * SCALE, deadline=None)
@given(JSON)
def test_every_plain_value_goes_through_the_sandbox_unchanged(value: Any) -> None:
    opened = Session()
    assert opened.evaluate("[value][0]", {"value": value}) == value
    assert opened.evaluate("value", {"value": value}) == value


@settings(max_examples=150 * SCALE, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_value_or_a_sentence(text: str) -> None:
    opened = Session()
    assert_harmless(lambda: opened.evaluate(text, VARIABLES))


TYPES: dict[str, Type] = {
    "route": Record({"next": OneOf(("BESVARA", "AVSTA")), "person": "text"}),
    "count": "int",
    "due": "date",
    "agreed": "bool",
    "programAreaIds": ListOf("text"),
    "rows": ListOf(Record({"comment": "text"})),
    "today": "text",
    "deadline": Record({"externalDue": "date"}),
    "region": Record({"pdsa": Record({"cycle": "text"})}),
    "workday": Function({"d": "date", "n": "int"}, "date"),
    "anything": "any",
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("route.next == 'BESVARA'", "bool"),
        ("route.next in ['BESVARA', 'AVSTA']", "bool"),
        ("workday(deadline.externalDue, -count)", "text"),
        ("[row.comment for row in rows]", ListOf("text")),
        ("rows[0]['comment']", None),
        ("(region or region).pdsa.cycle", None),
        ("due < 2026-04-14 and due is not None", "bool"),
        ("region.pdsa.cycle", "text"),
        ("anything.a.b + 1", None),
        ("len(programAreaIds) + count", "int"),
        ("count", "float"),
        ("max(due, workday(today, 1))", "text"),
        ("P3M", "text"),
    ],
)
def test_right_types(expression: str, expected: Type | None) -> None:
    assert type_check(expression, TYPES, expected=expected) == []


@pytest.mark.parametrize(
    ("expression", "expected", "sentence"),
    [
        ("nope", None, "Namnet «nope» är okänt."),
        ("deadline.internalDue", None, "«deadline» har inget fält som heter «internalDue»."),
        ("region.pdsa.length", None, "«region.pdsa» har inget fält som heter «length»."),
        ("nope(1)", None, "Det finns ingen funktion som heter «nope»."),
        ("count()", None, "Det finns ingen funktion som heter «count»."),
        ("count + due", None, "«+» går inte att använda mellan heltal och text."),
        ("count < due", None, "«<» går inte att använda mellan heltal och text."),
        ("-due", None, "«-» går inte att använda på text."),
        ("workday(count, 2)", None, "«workday» väntar sig text men får heltal."),
        ("workday(due)", None, "«workday» saknar argumentet «n»."),
        ("workday(due, 1, 2)", None, "«workday» får för många argument."),
        ("workday(due, days=2, n=1)", None, "«workday» har inget argument som heter «days»."),
        ("len(count)", None, "«len» väntar sig text eller en lista men får heltal."),
        ("[row.zap for row in rows]", None, "Det finns inget fält som heter «zap»."),
        ("route.next == 'BESVRA'", None, "«route.next» kan aldrig vara «BESVRA»: möjliga värden är BESVARA, AVSTA."),
        (
            "route.next in ['BESVARA', 'NEJ']",
            None,
            "«route.next» kan aldrig vara «NEJ»: möjliga värden är BESVARA, AVSTA.",
        ),
        ("due", "int", "Uttrycket ska ge heltal men ger text."),
        ("programAreaIds", "text", "Uttrycket ska ge text men ger en lista."),
        ("1 if agreed else due", "int", "Uttrycket ska ge heltal men ger heltal eller text."),
        ("[x for x in count]", None, "Det går inte att gå igenom heltal som en lista."),
        ("count['a']", None, "«[...]» går inte att använda på heltal."),
        ("rows['a']", None, "Det går inte att slå upp med text här."),
        ("workday", None, "«workday» är en funktion och måste anropas med parenteser."),
        ("().__class__", None, "Namnet «__class__» är inte tillåtet: ett namn får inte börja med understreck."),
    ],
)
def test_wrong_types_are_named(expression: str, expected: Type | None, sentence: str) -> None:
    assert sentence in type_check(expression, TYPES, expected=expected)


def test_the_checker_sees_no_more_of_a_profile_than_an_expression_asks_for() -> None:
    profile = Record({"pdsa": Record({"cycle": "text", "roll": "text"}), "gap": Record({"tool": "text"})})
    asked = language.parse("count + len(region.pdsa.cycle)")
    seen = Record({"pdsa": Record({"cycle": "text"})})
    assert types.seen_by(asked, {"region": profile, "count": "int", "due": "date"}) == {"region": seen, "count": "int"}
    assert types.seen_by(language.parse("region.items()"), {"region": profile}) == {"region": profile}


def test_type_checking_runs_nothing() -> None:
    assert type_check("sum(x for x in range(10 ** 12)) + workday(today, 1).find('x')", TYPES) == []
