"""People, mandates and absence: who may change them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine import organisation, people, regions, tasks
from engine.access import SYSTEM
from engine.errors import BadOrganisation, Forbidden, Invalid, NotFound
from store import mandates, standing
from tests.core import diagrams as d
from tests.engine.town import REGION, Town, load

DAY = date(2026, 2, 16)


def roles(town: Town, name: str, day: date = DAY) -> list[str]:
    with town.db.read() as reader:
        return [held.scope for held in standing.roles_on(reader, town.keys[name], day)]


def test_a_mandate_holds_from_its_first_day_to_its_last(town: Town) -> None:
    given = people.give_mandate(
        town.db, town.keys["Ria"], "lpoChair@HUD", starts=DAY, ends=date(2026, 3, 1), by=town.by("Sam")
    )
    assert "lpoChair@HUD" in roles(town, "Ria", date(2026, 3, 1))
    assert "lpoChair@HUD" not in roles(town, "Ria", date(2026, 3, 2))
    people.end_mandate(town.db, REGION, given.id, last_day=date(2026, 2, 20), by=town.by("Sam"))
    assert "lpoChair@HUD" not in roles(town, "Ria", date(2026, 2, 21))


def test_only_coordinators_and_administrators_change_people(town: Town) -> None:
    def add(who: str) -> str:
        return people.add_with_account(town.db, REGION, "ny", " Ny   Person ", None, "hash", by=town.by(who)).name

    with pytest.raises(Forbidden):
        add("Lo")
    assert add("Sam") == "Ny Person"


@pytest.mark.parametrize(
    ("scoped", "more"),
    [
        ("wizard", {}),
        ("lpoChair@MARS", {}),
        ("lpoChair@LUNG", {"kind": "tillfällig"}),
        ("lpoChair@LUNG", {"ends": date(2026, 1, 1)}),
    ],
)
def test_mandates_that_make_no_sense_are_refused(town: Town, scoped: str, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        people.give_mandate(town.db, town.keys["Lo"], scoped, starts=DAY, by=town.by("Sam"), **more)


def test_absence_is_said_by_oneself_or_the_coordinator(town: Town) -> None:
    lo, pia = town.keys["Lo"], town.keys["Pia"]
    with pytest.raises(Forbidden):
        people.be_absent(town.db, lo, DAY, DAY, pia, by=town.by("Pia"))
    with pytest.raises(Invalid):
        people.be_absent(town.db, lo, DAY, DAY, lo, by=town.by("Lo"))
    people.be_absent(town.db, lo, DAY, DAY, pia, by=town.by("Lo"))
    assert "lpoChair@LUNG" in roles(town, "Pia")
    with pytest.raises(NotFound):
        people.be_absent(town.db, "nobody", DAY, DAY, None, by=town.by("Sam"))


def test_who_comes_back_early_is_away_no_more(town: Town) -> None:
    lo, pia = town.keys["Lo"], town.keys["Pia"]
    away = [people.be_absent(town.db, lo, day, None, pia, by=town.by("Lo")) for day in (DAY, DAY + timedelta(days=7))]
    with pytest.raises(Forbidden):
        people.be_back(town.db, lo, away[0].id, by=town.by("Pia"))
    for each in away:
        people.be_back(town.db, lo, each.id, by=town.by("Lo"))
    for day in (DAY, DAY + timedelta(days=8)):
        assert "lpoChair@LUNG" not in roles(town, "Pia", day)
    with pytest.raises(NotFound):
        people.be_back(town.db, lo, away[0].id, by=town.by("Lo"))


def test_the_shipped_organisation_loads_and_loads_again(town: Town) -> None:
    folder = regions.PROCESSES / "organisation"
    paths = [folder / "programme-areas.yaml", folder / "demo-jh.yaml"]
    areas, first = organisation.load_files(town.db, paths, by=SYSTEM)
    _, again = organisation.load_files(town.db, paths, by=SYSTEM)
    assert areas.areas == 26
    assert first.keys == again.keys
    with town.db.read() as reader:
        held = [(each.person, each.scope) for each in mandates.of(reader, region=REGION)]
    assert len(held) == len(set(held))


def test_organisation_data_that_cannot_be_read_names_the_line(town: Town) -> None:
    with pytest.raises(BadOrganisation, match=r"fel\.yaml: Rad 2"):
        load(town.db, "areas:\n  - {idd: A, name: B, host: C}\n", "fel.yaml")


def waiting(town: Town) -> None:
    """A case whose task only chairs of lung diseases may take."""
    town.deploy(d.diagram(d.start(), d.user_task("Decide", candidateGroups="lpoChair@LUNG"), d.end()))
    town.start()


def mandate(town: Town, name: str) -> str:
    with town.db.read() as reader:
        return mandates.of(reader, region=REGION, person=town.keys[name])[0].id


def end_by_hand(town: Town) -> None:
    people.end_mandate(town.db, REGION, mandate(town, "Lo"), by=town.by("Sam"))


def end_by_file(town: Town) -> None:
    text = 'region: jh\npeople:\n  - {id: lo, name: Lo, mandates: [{role: "lpoChair@LUNG", to: "2026-02-15"}]}\n'
    load(town.db, text, "jh.yaml")


def run_out(town: Town) -> None:
    people.end_mandate(town.db, REGION, mandate(town, "Lo"), last_day=date(2026, 3, 1), by=town.by("Sam"))
    town.at("2026-03-01T20:00+00:00")
    people.cover_ran_out(town.db)
    assert town.mails("Sam") == []
    town.at("2026-03-01T23:30+00:00")
    people.cover_ran_out(town.db)


@pytest.mark.parametrize("end", [end_by_hand, end_by_file, run_out])
def test_what_nobody_may_take_when_a_mandate_is_over_the_coordinator_may(
    one_town: Town, end: Callable[[Town], None]
) -> None:
    waiting(one_town)
    with pytest.raises(Forbidden):
        tasks.claim(one_town.db, one_town.open_task("Decide").id, by=one_town.by("Sam"))
    end(one_town)
    assert one_town.mails("Sam") == ["roleVacant"]
    people.cover_ran_out(one_town.db)
    assert one_town.mails("Sam") == ["roleVacant"]
    tasks.claim(one_town.db, one_town.open_task("Decide").id, by=one_town.by("Sam"))


def test_what_someone_else_holds_too_is_theirs_alone(one_town: Town) -> None:
    one_town.person("Kim", "lpoChair@LUNG")
    waiting(one_town)
    end_by_hand(one_town)
    with pytest.raises(Forbidden):
        tasks.claim(one_town.db, one_town.open_task("Decide").id, by=one_town.by("Sam"))
    people.end_mandate(one_town.db, REGION, mandate(one_town, "Kim"), by=one_town.by("Sam"))
    assert one_town.mails("Sam") == ["roleVacant"]
