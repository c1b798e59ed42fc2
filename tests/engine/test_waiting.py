"""Where cases wait: each counted once at a place, for as long as it has been there, as the newest diagram shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from engine import waiting
from engine.errors import NotFound
from engine.waiting import Chart
from store import cases
from store import waiting as numbers
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

CHAIR = "lpoChair@LUNG"
DAY = timedelta(days=1)


def chart(town: Town, process: str = "", ids: Sequence[str] | None = None) -> Chart:
    with town.db.read() as reader:
        return waiting.chart(reader, town.region, "test", process, ids)


def places(town: Town, process: str = "", ids: Sequence[str] | None = None) -> dict[str, tuple[int, int, int]]:
    """Element -> cases, late ones, and days that the one in the middle has waited; the list of cases agrees."""
    shown = chart(town, process, ids)
    with town.db.read() as reader:
        found = [each.waits for each in waiting.places(reader, shown)]
        for each in found:
            listed = cases.listed(reader, REGION, ids=ids, within=numbers.cases_at(shown.wanted, each.element))
            assert len(listed) == each.cases
        return {each.element: (each.cases, each.late, round((reader.now - each.since) / DAY)) for each in found}


def test_a_case_counts_once_and_the_middle_one_is_told(town: Town) -> None:
    both = {"candidateGroups": CHAIR, "dueDate": "${workday(today, 3)}", "inside": d.many(cardinality="2")}
    town.deploy(d.diagram(d.start(), d.user_task("Ask", **both), d.end()))
    for days in (2, 3, 1):
        town.start()
        town.clock.advance(days * DAY)
    assert places(town) == {"Ask": (3, 1, 4)}
    today = chart(town).wanted.today
    with town.db.read() as reader:
        [running] = numbers.processes(reader, REGION, None, today)
    assert (running.process_key, running.cases, running.late) == ("test", 3, 1)


def test_timers_and_messages_in_the_way_are_places_and_those_beside_a_step_are_not(town: Town) -> None:
    ask = d.user_task("Ask", candidateGroups=CHAIR)
    heard = d.catch("Heard", d.message("News"), properties={"correlationKey": "${'K1'}"})
    year = d.catch("Year", d.timer("P300D"))
    rest, either = d.catch("Rest", d.timer("P10D")), d.event_gateway("Either")
    ways = (("Start", "Ask"), ("Ask", "Rest"), ("Rest", "Either"), ("Either", "Heard"), ("Either", "Year"))
    ends = (d.flow("Heard", "End"), d.flow("Year", "Gone"), d.flow("Late", "Given"))
    late = (d.boundary("Late", "Ask", d.timer("P50D")), d.end("Given"))
    nodes = (d.start(), ask, rest, either, heard, year, d.end(), d.end("Gone"), *late)
    town.deploy(d.diagram(*nodes, *(d.flow(*way) for way in ways), *ends))
    town.start()
    town.complete("Ask", "Lo")
    town.tick(days=10)
    town.start()
    town.complete("Ask", "Lo")
    town.clock.advance(5 * DAY)
    town.start()
    town.clock.advance(7 * DAY)
    assert places(town) == {"Ask": (1, 0, 7), "Rest": (1, 1, 12), "Heard": (1, 0, 12), "Year": (1, 0, 12)}


def test_what_is_called_counts_at_the_call_that_the_case_is_in(town: Town) -> None:
    inner = d.diagram(d.start(), d.user_task("Inner", candidateGroups=CHAIR), d.end(), id="inner")
    town.deploy(d.diagram(d.start(), d.call("First", "inner"), d.call("Second", "inner"), d.end()), inner)
    town.start()
    town.complete("Inner", "Lo")
    first = town.start()
    assert places(town) == {"First": (1, 0, 0), "Second": (1, 0, 0)}
    assert places(town, "inner") == {"Inner": (2, 0, 0)}
    assert places(town, ids=[first.id]) == {"First": (1, 0, 0)}
    assert places(town, ids=[]) == {}


def test_an_element_that_only_an_older_version_has_is_told(one_town: Town) -> None:
    for element in ("Old", "New"):
        one_town.deploy(d.diagram(d.start(), d.user_task(element, candidateGroups=CHAIR), d.end()))
        one_town.start()
    shown = chart(one_town)
    with one_town.db.read() as reader:
        found = {each.node.id: each.version for each in waiting.places(reader, shown)}
    assert found == {"New": None, "Old": 1}
    with pytest.raises(NotFound):
        shown.find("Elsewhere")
    with pytest.raises(NotFound):
        chart(one_town, "inner")


def test_a_case_that_a_fault_has_stopped_waits_where_it_stands(one_town: Town) -> None:
    one_town.deploy(d.diagram(d.start(), d.script_task("Sum", "total = 1 // 0"), d.end()))
    one_town.start()
    shown = chart(one_town)
    with one_town.db.read() as reader:
        [found] = waiting.places(reader, shown)
    assert (found.node.id, found.waits.cases, found.waits.stopped) == ("Sum", 1, 1)
