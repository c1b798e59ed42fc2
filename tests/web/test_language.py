"""English second: what is shown around the work is in the catalogue, whole and without leftovers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.promises.house import ROOT
from tests.web.house import House
from web import language, words

WEB = ROOT / "web"
TEMPLATES = sorted(WEB.rglob("*.html"))
ROOMS = ("additions", "audit", "cases", "feed", "inbox", "login", "operations", "organisation", "start", "year")
CODE = [WEB / "words.py", WEB / "chrome.py", *(path for room in ROOMS for path in sorted((WEB / room).glob("*.py")))]
SENTENCE = re.compile(r"""\b(?:_|say|sealed)\(\s*(["'])(.+?)\1""")
JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
MARKUP = re.compile(r"""<svg.*?</svg>|<[^>]*>|&\w+;|[\w-]+="[^"]*"|\bdata-\w+""", re.DOTALL)
SWEDISH = re.compile(r"[åäöÅÄÖ”]|^[A-ZÅÄÖ][a-zåäö]+[a-zåäö ]*[.]$")
NAMES = {"Kunskapsflöde", "Svenska", "English"}
"""The same in every language."""
TOLD_BY_ERRORS = {"NotFound"}
"""Errors are Swedish sentences of the engine."""


def said(path: Path) -> set[str]:
    """What a file says in the reader's language, word for word."""
    return {match.group(2) for match in SENTENCE.finditer(path.read_text("utf-8"))}


def bare(template: str) -> set[str]:
    """Words that stand in a template as they are, in one language only."""
    text = MARKUP.sub("\n", JINJA.sub("", template))
    pieces = (piece.strip(" ·:,.()") for piece in re.split("[\n–]", text))
    return {piece for piece in pieces if re.search(r"[^\W\d_]{2}", piece)} - NAMES


def kept_in_tables(path: Path) -> set[str]:
    """Swedish sentences that the code keeps until they are said: all but docstrings and what errors tell."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TOLD_BY_ERRORS:
            silent |= {id(each) for each in node.args}
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "TooManyRequests" for base in node.bases):
            silent |= {id(each) for each in ast.walk(node)}
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in silent}
    return {each for each in words if isinstance(each, str) and SWEDISH.search(each)}


def test_all_that_is_said_has_its_english() -> None:
    missing = {f"{path.name}: {each}" for path in TEMPLATES + CODE for each in said(path) - language.english().keys()}
    assert missing == set()


def test_no_template_speaks_one_language_only() -> None:
    found = {f"{path.name}: {each}" for path in TEMPLATES for each in bare(path.read_text("utf-8"))}
    assert found == set()


def test_the_search_for_bare_words_finds_them() -> None:
    assert bare('<p>{{ _("Sagt") }}, <b>Inte sagt</b></p>{# aldrig visat #}') == {"Inte sagt"}


def test_what_tables_keep_has_its_english() -> None:
    known = language.english().keys() | {day for days in words.DAYS.values() for day in days} | set(words.NUMBERS)
    assert {f"{path.name}: {each}" for path in CODE for each in kept_in_tables(path) - known} == set()


def test_both_languages_want_the_same_values() -> None:
    places = re.compile(r"\{(\w+)\}")
    uneven = [sv for sv, en in language.english().items() if set(places.findall(sv)) != set(places.findall(en))]
    assert uneven == []


def test_what_has_no_english_stays_swedish() -> None:
    assert language.say("Det här har ingen översatt {n} gånger", n=2) == "Det här har ingen översatt 2 gånger"


def test_days_that_the_engine_tells_of_are_english_too(house: House) -> None:
    visit = house.visit("Sam")
    visit.client.set_cookie("kf_language", "en")
    page = visit.text("/kalender", ar="2027")
    assert "14 February is a Sunday" in page
    assert not re.search(r"\b(januari|februari|mars|maj|juni|juli|augusti|oktober|söndag)\b", page)
