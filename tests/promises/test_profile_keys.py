"""A profile says nothing that the product does not do: whatever it may hold is read by something.

Diagrams and tables read `region.<key>`. What Python reads is listed here with the file that does, and the file must
name the key. What is only for people to read is listed with the page that shows it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from engine import regions
from tests.promises.house import ROOT

MARKS = frozenset(("assumption", "assumptions", "ask", "source"))
"""What says of a part that no source states it: read by the page of assumptions."""
READ_BY_PYTHON: Mapping[str, str] = {
    "id": "engine/regions.py",
    "name": "engine/regions.py",
    "timezone": "engine/regions.py",
    "roles.*.title": "engine/regions.py",
    "roles.*.body": "engine/regions.py",
    "roles.*.mailbox": "engine/regions.py",
    "consultation.windows": "engine/regions.py",
    "consultation.windows.*.start": "engine/regions.py",
    "consultation.windows.*.end": "engine/regions.py",
    "consultation.windows.*.endYearOffset": "engine/regions.py",
    "consultation.regionStatedRule": "engine/regions.py",
    "feedback.regionStatedRule": "engine/regions.py",
    "feedback.months": "engine/regions.py",
    "feedback.closeRule": "engine/regions.py",
    "decisionLadder": "engine/regions.py",
    "localAdditions.registerCadence": "engine/year_starts.py",
    "localAdditions.remindBefore": "engine/year_words.py",
    "bodies": "engine/regions.py",
    "bodies.*.title": "engine/bodies.py",
    "bodies.*.secretaryRole": "engine/year_starts.py",
    "bodies.*.meetings": "engine/bodies.py",
    "bodies.*.firstMeeting": "engine/bodies.py",
    "bodies.*.cadence": "engine/bodies.py",
    "bodies.*.cadenceMin": "engine/bodies.py",
    "bodies.*.cadenceMax": "engine/bodies.py",
    "bodies.*.closed": "engine/bodies.py",
    "bodies.*.closed.*.from": "engine/bodies.py",
    "bodies.*.closed.*.to": "engine/bodies.py",
    "bodies.*.agendaStopWd": "engine/bodies.py",
    "yearWheel.knowledgeDays": "engine/year_wheel.py",
    "yearWheel.watch": "engine/year_starts.py",
    "yearWheel.watch.*.what": "engine/year_starts.py",
    "yearWheel.watch.*.day": "engine/year_starts.py",
    "yearWheel.watch.*.remindBefore": "engine/year_starts.py",
    "yearWheel.starts": "engine/year_starts.py",
    "yearWheel.starts.*.what": "engine/year_starts.py",
    "yearWheel.starts.*.days": "engine/year_starts.py",
    "yearWheel.starts.*.bodies": "engine/year_starts.py",
    "yearWheel.starts.*.beforeWd": "engine/year_starts.py",
    "retention": "engine/retention.py",
    "retention.cases": "engine/retention.py",
    "retention.coi": "engine/retention.py",
    "retention.members": "engine/retention.py",
    "retention.feedback": "engine/retention.py",
    "connectors": "engine/regions.py",
    "connectors.*.mode": "engine/regions.py",
    "connectors.*.manualRole": "engine/regions.py",
    "connectors.*.system": "engine/regions.py",
    "connectors.*.endpoint": "engine/regions.py",
    "connectors.*.answerWithin": "engine/regions.py",
}
"""Key -> the file that reads it. A star is any key of a part, or any row of a list."""
SHOWN: Mapping[str, str] = {
    "roles.*.description": "web/organisation/contacts.py",
    "roles.*.scope": "web/organisation/contacts.py",
    "documents": "web/organisation/views.py",
    "documents.*.title": "web/organisation/templates/organisation.html",
    "documents.*.number": "web/organisation/templates/organisation.html",
    "documents.*.url": "web/organisation/templates/organisation.html",
    "questions": "engine/assumptions.py",
    "questions.*.about": "engine/assumptions.py",
    "questions.*.chosen": "engine/assumptions.py",
}
"""Key -> the page that shows it to people, who act on it."""
SCHEMA: Mapping[str, Any] = json.loads((ROOT / "processes/schemas/region.schema.json").read_text("utf-8"))


def _declared(here: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    """The keys of a schema, with a star for whatever key a part may have and for the rows of a list."""
    if isinstance(here.get("items"), Mapping):
        yield from _declared(here["items"], (*place, "*"))
    inner = here.get("additionalProperties")
    for each in inner.get("anyOf", [inner]) if isinstance(inner, Mapping) else ():
        yield from _declared(each, (*place, "*"))
    for key, value in here.get("properties", {}).items():
        if key not in MARKS:
            if (
                not {"properties", "additionalProperties"} & value.keys()
                or ".".join((*place, key)) in READ_BY_PYTHON
                or ".".join((*place, key)) in SHOWN
            ):
                yield ".".join((*place, key))
            yield from _declared(value, (*place, key))


@cache
def keys() -> frozenset[str]:
    """Every key that a profile may hold."""
    return frozenset(_declared(SCHEMA, ()))


@pytest.mark.parametrize("key", sorted(keys()))
def test_every_key_that_a_profile_may_hold_is_read(key: str) -> None:
    if key in READ_BY_PYTHON or key in SHOWN:
        file = {**READ_BY_PYTHON, **SHOWN}[key]
        assert key.rpartition(".")[2] in _named(file), f"{file} läser inte {key}"
    else:
        assert _read_by_a_diagram(key), f"inget läser {key}: ta bort nyckeln, eller låt något läsa den"


@pytest.mark.parametrize("region", regions.available())
def test_every_key_of_a_shipped_profile_is_one_of_them(region: str) -> None:
    assert set(_written(regions.load(region).data, ())) - {_pattern(key) for key in keys()} == set()


def test_what_is_listed_is_there() -> None:
    assert (READ_BY_PYTHON.keys() | SHOWN.keys()) - keys() == set()


def test_a_key_that_nothing_reads_is_found() -> None:
    assert not _read_by_a_diagram("gap.nothingReadsThis")
    assert not _read_by_a_diagram("gap.reGap")


def _written(here: Any, place: tuple[str, ...]) -> Iterator[str]:
    """The keys of values in a profile, as `_pattern` gives them."""
    if isinstance(here, Mapping):
        for key, value in here.items():
            if key not in MARKS:
                yield from _written(value, (*place, key))
    elif isinstance(here, list) and any(isinstance(each, Mapping) for each in here):
        for each in here:
            yield from _written(each, (*place, "*"))
    else:
        yield _pattern(".".join(place))


def _pattern(key: str) -> str:
    """A key with what the profile itself names starred: a role, a body, a connector, work of the year."""
    return re.sub(r"^(roles|bodies|connectors|yearWheel\.starts)\.[^.]+(?=\.|$)", r"\1.*", key)


@cache
def _diagrams() -> str:
    files = [*(ROOT / "processes").glob("*.bpmn"), *(ROOT / "processes").glob("*.dmn")]
    return "\n".join(file.read_text("utf-8") for file in files)


def _read_by_a_diagram(key: str) -> bool:
    """Whether an expression reads the key, or, of a row in a list, the list and the row's key by name."""
    part, star, inner = key.partition(".*.")
    found = re.search(rf"\bregion\.{re.escape(part)}\b", _diagrams()) is not None
    return found and (not star or re.search(rf"\.{re.escape(inner)}\b", _diagrams()) is not None)


@cache
def _named(file: str) -> frozenset[str]:
    """What a file names: its texts, attributes and keyword names, or the words of a page."""
    text = (ROOT / file).read_text("utf-8")
    if not file.endswith(".py"):
        return frozenset(re.findall(r"\w+", text))
    found = list(ast.walk(ast.parse(text)))
    texts = {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return frozenset(texts | {each.attr for each in found if isinstance(each, ast.Attribute)})
