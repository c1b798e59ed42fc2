"""Hostile expressions at deployment: each is refused where it stands, and checking runs nothing."""

from __future__ import annotations

import os
from xml.sax.saxutils import escape

import pytest

from engine.core import sandbox
from engine.core.findings import Finding
from tests.core.hostile import BOMBS, CANARY, ESCAPES
from tests.core.places import AFTER_A, AT_START, HOSTILE
from tests.core.words import findings

PLACES = {**AT_START, **AFTER_A}
WRITTEN = [text for text in (*ESCAPES, *BOMBS) if text.isprintable()]
"""Those that can stand in an attribute as they are."""
CONDITION = AT_START["condition of an exclusive gateway"]
SAMPLE = [ESCAPES[0], "().__class__.__base__.__subclasses__()", "(lambda: 0).__globals__"]


def said_of(sources: tuple[bytes, ...], text: str) -> list[Finding]:
    quoted = escape(text, {'"': "&quot;"})
    first, *others = (source.decode().replace(HOSTILE, quoted).encode() for source in sources)
    return findings(first, *others)


@pytest.fixture(autouse=True)
def _nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "run", lambda code, *_: pytest.fail(f"{code[:80]!r} ran"))


@pytest.mark.parametrize("place", PLACES)
def test_refused_at_every_place(place: str) -> None:
    for text in SAMPLE:
        rules = {finding.rule for finding in said_of(PLACES[place], text)}
        assert rules & {"bad-expression", "unknown-function", "unknown-role", "bad-property"}, text
    assert not os.path.exists(CANARY)


@pytest.mark.parametrize("text", WRITTEN, ids=range(len(WRITTEN)))
def test_no_text_troubles_the_check(text: str) -> None:
    said_of(CONDITION, text)
    assert not os.path.exists(CANARY)


@pytest.mark.parametrize("text", [text for text in ESCAPES if text.isprintable()])
def test_every_escape_is_refused(text: str) -> None:
    assert said_of(CONDITION, text)
