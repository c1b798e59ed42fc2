"""What no source states is listed in words, and the region's answers count until something else is chosen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine import assumptions, regions
from engine.errors import BadProfile, Forbidden, Invalid, NotFound
from tests.engine.town import Town

JH = regions.load("jh")


@pytest.mark.parametrize("region", regions.available())
def test_every_assumption_of_a_shipped_profile_is_in_words(region: str) -> None:
    found = assumptions.of(regions.load(region))
    assert len({each.place for each in found}) == len(found) > 20
    for each in found:
        assert each.ask.rstrip().endswith((".", "?")), each.ask
        assert not any(f"{key}:" in each.chosen for key in assumptions.KEYS), each.chosen
        assert not re.search(r"_|[a-z][A-Z]\w*:", each.chosen), each.chosen


def marked(here: Any) -> int:
    """How many things a profile marks: parts, single values and readings."""
    if isinstance(here, list):
        return sum(map(marked, here))
    if not isinstance(here, dict):
        return 0
    own = int(here.get("assumption") is True) + len(here.get("assumptions", ())) + len(here.get("questions", ()))
    return own + sum(map(marked, here.values()))


@pytest.mark.parametrize("region", regions.available())
def test_nothing_that_is_marked_is_left_out(region: str) -> None:
    assert len(assumptions.of(regions.load(region))) == marked(dict(regions.load(region).data))


def test_assumptions_are_told_as_people_say() -> None:
    found = {each.place: each for each in assumptions.of(regions.load("bl"))}
    assert found["bodies.KUNSKAPSRAD"].chosen == (
        "Från 13 januari 2026, sedan 4–6 veckor mellan mötena, uppehåll 15 juni–15 augusti och 18 december–7 januari"
    )
    assert found["feedback.closeRule"].chosen == "stänger: enligt den nationella listan"
    ladder = next(each for each in assumptions.of(JH) if each.place == "decisionLadder")
    assert ladder.chosen.startswith("Programägare → Kunskapsstyrningsrådets arbetsutskott → ")


def test_an_answer_counts_until_something_else_is_chosen(town: Town) -> None:
    town.person("Maj", "lpoChair@HUD")
    with pytest.raises(Forbidden):
        assumptions.answer(town.db, "jh", "gap.reGapEnabled", True, "", by=town.by("Maj"))
    with pytest.raises(Invalid):
        assumptions.answer(town.db, "jh", "gap.reGapEnabled", False, " ", by=town.by("Sam"))
    with pytest.raises(NotFound):
        assumptions.answer(town.db, "jh", "gap.nothing", True, "", by=town.by("Sam"))
    assumptions.answer(town.db, "jh", "gap.reGapEnabled", True, "", by=town.by("Sam"))
    assumptions.answer(town.db, "jh", "gap.reGapEnabled", False, "Ja, efter ett år.", by=town.by("Sam"))
    other = regions.read(JH.source.replace("reGapEnabled: false", "reGapEnabled: true"), "jh.yaml")
    with town.db.read() as reader:
        found = {each.place: each.answer for each in assumptions.answered(reader, JH)}
        changed = {each.place: each.answer for each in assumptions.answered(reader, other)}
    given = found["gap.reGapEnabled"]
    assert given is not None
    assert (given.agrees, given.note, given.person) == (False, "Ja, efter ett år.", town.keys["Sam"])
    assert changed["gap.reGapEnabled"] is None
    assert found["gap.firstTypes"] is None


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("manualRole: registrar", "manualRole: archivist", "rollen archivist finns inte bland profilens roller"),
        ("secretaryRole: preparatoryGroupSecretary", "secretaryRole: clerk", "rollen clerk finns inte"),
        ("  coordinator: {title", "  boss: {title", "rollen coordinator saknas"),
        ("decisionLadder: [PROGRAMAGARE", "decisionLadder: [PROGRAMCHEF", "PROGRAMCHEF i beslutsstegen"),
        ('start: "02-15"', 'start: "02-30"', "02-30 eller 04-14 finns inte varje år"),
        ('start: "02-15"', 'start: "02-29"', "02-29 eller 04-14 finns inte varje år"),
        ('start: "04-15"', 'start: "04-01"', "fönstret börjar 04-01 innan det förra har slutat"),
        ('end: "04-14"', 'end: "02-01"', "fönstret slutar 02-01 innan det börjar 02-15"),
        ('firstMeeting: "2026-01-22"', 'firstMeeting: "2026-02-31"', "har ett datum som inte finns"),
        ('firstMeeting: "2026-01-22"', 'firstMeeting: "2026-01-24"', "kan inte börja mötas 2026-01-24: en lördag"),
        ("    cadence: P1M", "    cadence: P0M", "P0M är ingen tid alls"),
        ("timezone: Europe/Stockholm", "timezone: Europe/Ostersund", "tidszonen Europe/Ostersund finns inte"),
        (
            "  knowledgeDayMonths:",
            '  knowledgeDays: ["2026-10-31"]\n  knowledgeDayMonths:',
            "ingen arbetsdag: en lördag",
        ),
        ("  knowledgeDayMonths:", '  knowledgeDays: ["2026-11-02"]\n  knowledgeDayMonths:', "i februari och oktober"),
        ('day: "2026-12-31"', 'day: "2026-12-32"', "dagen 2026-12-32 finns inte"),
        ("    reGapEnabled: Ska", "    reGapEnable: Ska", "reGapEnable kallas ett antagande men står inte här"),
        ("months: [2, 3", "months: [2, 2", "en månad står två gånger"),
    ],
)
def test_what_a_schema_cannot_see_is_named_with_its_line(written: str, instead: str, said: str) -> None:
    assert written in JH.source
    text = JH.source.replace(written, instead, 1)
    with pytest.raises(BadProfile, match=r"jh\.yaml: Rad \d+: ") as caught:
        regions.read(text, "jh.yaml")
    assert said in str(caught.value)


def test_announced_meetings_keep_to_their_span() -> None:
    source = regions.load("bl").source
    meetings = 'meetings: ["2026-09-01", "2026-09-22"]\n    cadenceMin: P4W'
    with pytest.raises(BadProfile, match="fel tid mellan mötena 2026-09-01 och 2026-09-22"):
        regions.read(source.replace("cadenceMin: P4W", meetings, 1), "bl.yaml")
    summer = source.replace("cadenceMin: P4W", 'meetings: ["2026-07-07"]\n    cadenceMin: P4W', 1)
    with pytest.raises(BadProfile, match="har uppehåll 2026-07-07"):
        regions.read(summer, "bl.yaml")
