"""Someone comes from the region's log-in service: who they are here, and what their groups give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine import arrivals, groups, people
from engine.access import SYSTEM
from engine.arrivals import Arrival
from engine.errors import BadGroups, ClosedPerson, Forbidden, Invalid, NoMandate
from store import history, identities, mandates, standing
from store import people as rows
from store.errors import AlreadyTaken
from store.people import Person
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

KIM = Arrival("https://id.region.example", "a1b2", "Kim Prov", "kim@region.example", ("kunskapsflode-lpo-lung-ordf",))
DAY = date(2026, 2, 16)


def arrive(town: Town, who: Arrival = KIM) -> Person:
    return arrivals.arrive(town.db, REGION, who)


def held(town: Town, person: str) -> list[str]:
    with town.db.read() as reader:
        return [each.scope for each in standing.roles_on(reader, person, reader.now.date())]


def told(town: Town, person: str) -> list[str]:
    """What the region's history says of someone."""
    with town.db.read() as reader:
        noted = history.read(reader, history.of_region(REGION))
    return [
        f"{each.what} {each.details.get('role', '')}".strip() for each in noted if each.details.get("person") == person
    ]


def test_someone_new_is_added_with_the_mandates_of_their_groups(town: Town) -> None:
    person = arrive(town)
    assert (person.name, person.email) == ("Kim Prov", "kim@region.example")
    assert held(town, person.key) == ["lpoChair@LUNG"]
    assert told(town, person.key) == ["person.added", "mandate.added lpoChair@LUNG"]


def test_coming_again_changes_nothing(town: Town) -> None:
    person = arrive(town)
    assert arrive(town).key == person.key
    assert told(town, person.key) == ["person.added", "mandate.added lpoChair@LUNG"]


def test_a_person_is_the_same_under_a_new_name(town: Town) -> None:
    person = arrive(town)
    again = arrive(town, replace(KIM, name="Kim Nygift", email="kim.nygift@region.example"))
    assert again.key == person.key
    with town.db.read() as reader:
        found = rows.find(reader, person.key)
    assert found is not None
    assert (found.name, found.email) == ("Kim Nygift", "kim.nygift@region.example")
    assert told(town, person.key)[-1] == "person.changed"


def test_the_same_name_and_address_under_another_subject_is_another_person(town: Town) -> None:
    assert arrive(town).key != arrive(town, replace(KIM, subject="c3d4")).key
    assert arrive(town).key != arrive(town, replace(KIM, issuer="https://id.other.example")).key


def test_mandates_follow_the_groups_at_once(town: Town) -> None:
    person = arrive(town)
    arrive(town, replace(KIM, groups=("Kunskapsflode-LPO-Hud-Ordf", "kunskapsflode-diariet")))
    assert held(town, person.key) == ["lpoChair@HUD", "registrar"]
    arrive(town, replace(KIM, groups=()))
    assert held(town, person.key) == []
    arrive(town)
    assert held(town, person.key) == ["lpoChair@LUNG"]
    assert told(town, person.key)[2:] == [
        "mandate.ended lpoChair@LUNG",
        "mandate.added lpoChair@HUD",
        "mandate.added registrar",
        "mandate.ended lpoChair@HUD",
        "mandate.ended registrar",
        "mandate.added lpoChair@LUNG",
    ]


def test_a_mandate_that_ended_stays_in_the_books_with_its_days(town: Town) -> None:
    person = arrive(town)
    town.clock.advance(timedelta(days=10))
    arrive(town, replace(KIM, groups=()))
    with town.db.read() as reader:
        [mandate] = mandates.of(reader, person=person.key)
    assert (mandate.starts, mandate.ends) == (DAY, DAY + timedelta(days=9))
    assert mandate.from_group == "kunskapsflode-lpo-lung-ordf"


def test_mandates_given_by_hand_are_left_alone(town: Town) -> None:
    person = arrive(town)
    people.give_mandate(town.db, person.key, "auditor", by=town.by("Sam"))
    arrive(town, replace(KIM, groups=()))
    assert held(town, person.key) == ["auditor"]
    arrive(town, replace(KIM, groups=("kunskapsflode-granskare",)))
    assert held(town, person.key) == ["auditor"], "what is held by hand is not given twice"


def test_someone_new_without_a_group_is_not_added(town: Town) -> None:
    with pytest.raises(NoMandate):
        arrive(town, replace(KIM, groups=("skrivare-plan-3", "kunskapsflode-lpo-mars-ordf")))
    with town.db.read() as reader:
        assert identities.find(reader, KIM.issuer, KIM.subject) is None
        assert rows.find_by_name(reader, REGION, "Kim Prov") is None


def test_someone_who_is_here_already_is_recognised_when_it_has_been_said(town: Town) -> None:
    lo = town.keys["Lo"]
    with pytest.raises(Forbidden):
        arrivals.recognise(town.db, lo, KIM.issuer, KIM.subject, by=town.by("Lo"))
    arrivals.recognise(town.db, lo, KIM.issuer, KIM.subject, by=town.by("Sam"))
    assert arrive(town, replace(KIM, groups=())).key == lo
    assert held(town, lo) == ["lpoChair@LUNG"]
    with pytest.raises(AlreadyTaken):
        arrivals.recognise(town.db, town.keys["Pia"], KIM.issuer, KIM.subject, by=SYSTEM)


def test_a_closed_person_stays_closed(town: Town) -> None:
    person = arrive(town)
    with town.db.transaction() as tx:
        rows.change(tx, person.key, name=person.name, email=None, active=False)
    with pytest.raises(ClosedPerson):
        arrive(town)


@pytest.mark.parametrize(
    "email", ["kim@region.example\r\nBcc: alla@region.example", "ingen", "a@b@c", "x" * 300 + "@d"]
)
def test_an_address_that_is_none_is_left_out(town: Town, email: str) -> None:
    assert arrive(town, replace(KIM, email=email)).email is None


def test_a_name_with_marks_that_do_not_show_is_refused(town: Town) -> None:
    with pytest.raises(Invalid):
        arrive(town, replace(KIM, name="Kim\u202evorP"))


# The rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{group: "g", role: wizard}', "Rad 2: rollen wizard finns inte"),
        ('{group: "g", role: lpoChair}', "Rad 2: rollen lpoChair gäller ett programområde"),
        ('{group: "g", role: "coordinator@LUNG"}', "Rad 2: rollen coordinator gäller hela regionen"),
        ('{group: "g", role: "lpoChair@{area}"}', "Rad 2: {area} ska stå både"),
        ('{group: "g-{area}", role: "lpoChair@LUNG"}', "Rad 2: {area} ska stå både"),
        ('{group: "g-{area}-{area}", role: "lpoChair@{area}"}', "Rad 2"),
        ('{group: "g", rolle: coordinator}', "Rad 2: nyckeln ”rolle” finns inte"),
        ('{group: "", role: coordinator}', "Rad 2"),
    ],
)
def test_rules_that_make_no_sense_name_their_line(town: Town, line: str, says: str) -> None:
    with pytest.raises(BadGroups) as refused:
        groups.read(f"groups:\n  - {line}\n", town.region, "fel.yaml")
    assert says in str(refused.value)
    assert "fel.yaml" in str(refused.value)


def test_marks_of_patterns_in_a_group_are_only_marks(town: Town) -> None:
    rules = groups.read('groups:\n  - {group: "CN=KS (LPO).*-{area},OU=R", role: "lpoChair@{area}"}\n', town.region)
    assert rules.mandates(["CN=KS (LPO).*-lung,OU=R"], {"LUNG"}) == {("lpoChair", "LUNG"): "CN=KS (LPO).*-lung,OU=R"}
    assert rules.mandates(["CN=KS LPO-LUNG,OU=R", "CN=KS (LPO).*-LUNG,OU=R,DC=x"], {"LUNG"}) == {}


def test_a_region_without_rules_gives_nothing(town: Town, tmp_path: Path) -> None:
    assert groups.load(town.region, tmp_path).mandates(["kunskapsflode-samordnare"], {"LUNG"}) == {}


def test_the_shipped_rules_are_of_the_regions_profile(town: Town) -> None:
    assert groups.load(town.region).mandates(["kunskapsflode-samordnare"], ()) == {
        ("coordinator", ""): "kunskapsflode-samordnare"
    }


def test_what_only_they_could_take_is_the_coordinators_when_the_group_is_gone(town: Town) -> None:
    arrive(town, replace(KIM, groups=("Kunskapsflode-LPO-Hud-Ordf",)))
    town.deploy(d.diagram(d.start(), d.user_task("Decide", candidateGroups="lpoChair@HUD"), d.end()))
    town.start()
    arrive(town, replace(KIM, groups=()))
    assert town.mails("Sam") == ["roleVacant"]
