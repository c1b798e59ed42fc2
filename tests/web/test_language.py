"""English second: what is shown around the work is in the catalogue, whole and without leftovers."""

from __future__ import annotations

import re
from pathlib import Path

from tests.promises.house import ROOT
from web import language

WEB = ROOT / "web"
SPOKEN = [
    *(WEB / "templates").glob("*.html"),
    *(WEB / "login").rglob("*.html"),
    *(WEB / "inbox").rglob("*.html"),
    *(WEB / "inbox").glob("*.py"),
    *(WEB / "login").glob("*.py"),
    WEB / "words.py",
    WEB / "chrome.py",
]
"""The rooms that speak English: the frame of every page, log-in, inbox and task."""
SENTENCE = re.compile(r"""\b(?:_|say)\(\s*(["'])(.+?)\1""")


def sentences(path: Path) -> set[str]:
    return {match.group(2) for match in SENTENCE.finditer(path.read_text("utf-8"))}


def test_all_that_is_said_there_has_its_english() -> None:
    missing = {f"{path.name}: {each}" for path in SPOKEN for each in sentences(path) - language.english().keys()}
    assert missing == set()


def test_both_languages_want_the_same_values() -> None:
    places = re.compile(r"\{(\w+)\}")
    uneven = [sv for sv, en in language.english().items() if set(places.findall(sv)) != set(places.findall(en))]
    assert uneven == []


def test_what_has_no_english_stays_swedish() -> None:
    assert language.say("Det här har ingen översatt {n} gånger", n=2) == "Det här har ingen översatt 2 gånger"
