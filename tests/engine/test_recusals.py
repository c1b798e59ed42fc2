"""Recusals: whoever is recused in a matter has no part, at any door, in cases about it, and takes part in the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine import access, cases, tasks
from engine.errors import Forbidden, FormErrors, Invalid, NotFound
from store import absences, inbox, recusals
from store.cases import Case
from store.roles import Held
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

CHAIR = "lpoChair@LUNG"
SET = {"person": "person", "about": "about", "tags": "tags", "to": "until"}


def decided_by(message: str) -> d.Part:
    """The start of a process that is told of a decision; each telling is another case."""
    fields = d.form(*map(d.field, ("person", "about", "tags", "until", "telling")))
    return d.start("Begin", d.message(message), extension=fields, properties={"startKey": "${telling}"})


def assessing() -> bytes:
    """A case that decides at once that a person is recused; and one that decides that nobody is any more."""
    begin = decided_by("Assessed")
    recuse = d.service_task("Recuse", "recusal.set", extension=d.parameters(SET))
    return d.diagram(begin, recuse, d.end(), id="assessing", name="Pröva jäv")


def clearing() -> bytes:
    begin = decided_by("Cleared")
    lift = d.service_task("Lift", "recusal.lift", extension=d.parameters({"person": "person", "about": "about"}))
    return d.diagram(begin, lift, d.end(), id="clearing")


def working(*fields: str, **attributes: str) -> bytes:
    return d.diagram(d.start(), d.user_task("Decide", *fields, **({"candidateGroups": CHAIR} | attributes)), d.end())


def recuse(town: Town, name: str, *tags: str, about: str = "NPO", until: str | None = None) -> Case:
    town.deploy(assessing())
    told = {"about": about, "tags": ", ".join(tags), "until": until, "telling": f"{name} {about} {tags}"}
    return town.start("assessing", person=town.keys[name], **told)


def clear(town: Town, name: str, about: str = "NPO") -> Case:
    town.deploy(clearing())
    return town.start("clearing", person=town.keys[name], about=about, telling=about)


def offered(town: Town, name: str) -> list[str]:
    """What the inbox lets a chair of LUNG take."""
    held = Held(town.keys[name], "lpoChair", "LUNG", "m", "ordinary")
    with town.db.read() as reader:
        day = reader.now.date()
        counted = inbox.counts(reader, town.keys[name], [], REGION, [held], day)["can_take"].open
        found = [each.element for each in inbox.can_take(reader, town.keys[name], REGION, [held], day)]
    assert counted == len(found)
    return found


def test_a_recused_person_has_no_part_in_a_case_about_the_matter_and_takes_part_in_others(town: Town) -> None:
    town.person("Ulf", CHAIR)
    town.deploy(working())
    decided = recuse(town, "Lo", "Osteoporos")
    town.start(coiTags=["osteoporos"])
    told = f"Du är jävig i frågor om osteoporos, enligt {decided.number}"
    for move in (lambda id: tasks.claim(town.db, id, by=town.by("Lo")), lambda id: answer(town, id, "Lo")):
        with pytest.raises(Forbidden, match=told):
            move(town.open_task("Decide").id)
    with pytest.raises(Forbidden, match=f"Lo är jävig i frågor om osteoporos, enligt {decided.number}"):
        tasks.assign(town.db, town.open_task("Decide").id, town.keys["Lo"], by=town.by("Sam"))
    assert offered(town, "Lo") == []
    assert offered(town, "Ulf") == ["Decide"]
    town.complete("Decide", "Ulf")
    town.start(coiTags=["höftfraktur"])
    assert offered(town, "Lo") == ["Decide"]
    town.complete("Decide", "Lo")


def answer(town: Town, id: str, name: str, **more: Any) -> Case:
    return tasks.complete(town.db, id, {}, by=town.by(name, **more))


def test_nobody_answers_in_the_place_of_whoever_is_recused(town: Town) -> None:
    town.deploy(working())
    recuse(town, "Lo", "osteoporos")
    town.start(coiTags="Osteoporos, fraktur")
    with pytest.raises(Forbidden, match="Lo är jävig"):
        answer(town, town.open_task("Decide").id, "Sam", on_behalf_of=town.keys["Lo"], reason="ringde")


def test_a_substitute_who_is_recused_does_not_stand_in(town: Town) -> None:
    town.person("Siv")
    with town.db.transaction() as tx:
        absences.add(tx, town.keys["Lo"], date(2026, 1, 1), substitute=town.keys["Siv"])
    town.deploy(working())
    recuse(town, "Siv", "osteoporos")
    town.start(coiTags=["osteoporos"])
    with pytest.raises(Forbidden, match="Du är jävig"):
        tasks.claim(town.db, town.open_task("Decide").id, by=town.by("Siv"))


def test_a_task_given_to_someone_recused_waits_for_the_coordinator(town: Town) -> None:
    begin = d.start(extension=d.form(d.field("lead"), d.field("coiTags")))
    town.deploy(d.diagram(begin, d.user_task("Decide", assignee="${lead}"), d.end()))
    recuse(town, "Lo", "osteoporos")
    town.start(coiTags="osteoporos", lead=town.keys["Lo"])
    waiting = town.open_task("Decide")
    assert waiting.assignee is None
    with town.db.read() as reader:
        assert access.holders(reader, waiting, reader.now.date()) == [town.keys["Sam"]]
    answer(town, waiting.id, "Sam")


def test_what_someone_has_when_they_are_recused_goes_back_to_the_others(town: Town) -> None:
    town.person("Ulf", CHAIR)
    town.deploy(working())
    case = town.start(coiTags=["osteoporos"])
    tasks.claim(town.db, town.open_task("Decide").id, by=town.by("Lo"))
    recuse(town, "Lo", "osteoporos")
    assert town.open_task("Decide").assignee is None
    assert "recused Decide" in town.told(case)
    assert offered(town, "Ulf") == ["Decide"]
    assert town.mails("Ulf")[-1] == "taskAssigned"


def test_the_coordinator_sees_a_task_that_all_who_may_do_it_are_recused_from(town: Town) -> None:
    town.deploy(working())
    town.start(coiTags=["osteoporos"])
    recuse(town, "Lo", "osteoporos")
    answer(town, town.open_task("Decide").id, "Sam")


def test_a_case_that_comes_to_be_about_the_matter_lets_go_of_the_recused(town: Town) -> None:
    naming = d.user_task("Name", d.field("coiTags"), candidateGroups="coordinator")
    reading = d.user_task("Read", candidateGroups=CHAIR)
    ways = [
        d.flow(*each) for each in (("Start", "Fork"), ("Fork", "Name"), ("Fork", "Read"), ("Name", "A"), ("Read", "B"))
    ]
    town.deploy(d.diagram(d.start(), d.parallel("Fork"), naming, reading, d.end("A"), d.end("B"), *ways))
    recuse(town, "Lo", "osteoporos")
    town.start()
    tasks.claim(town.db, town.open_task("Read").id, by=town.by("Lo"))
    town.complete("Name", "Sam", {"coiTags": "osteoporos"})
    assert town.open_task("Read").assignee is None


def test_a_recused_person_cannot_be_picked_in_a_form_nor_be_sent_the_question(town: Town) -> None:
    town.deploy(working(d.field("lead", picker="person")))
    recuse(town, "Pia", "osteoporos")
    town.start(coiTags=["osteoporos"])
    with pytest.raises(FormErrors, match="är jävig i frågor om osteoporos"):
        town.complete("Decide", "Lo", {"lead": town.keys["Pia"]})
    with pytest.raises(FormErrors, match="är jävig i frågor om osteoporos"):
        tasks.forward(town.db, town.open_task("Decide").id, [town.keys["Pia"]], by=town.by("Lo"))
    town.complete("Decide", "Lo", {"lead": town.keys["Sam"]})


def test_a_recusal_ends_with_its_last_day(town: Town) -> None:
    town.deploy(working())
    today = town.clock.moment.date()
    recuse(town, "Lo", "osteoporos", until=today.isoformat())
    town.start(coiTags=["osteoporos"])
    assert offered(town, "Lo") == []
    town.tick(days=1)
    assert offered(town, "Lo") == ["Decide"]
    town.complete("Decide", "Lo")


def test_another_assessment_for_the_same_group_replaces_the_first_and_leaves_other_groups_alone(town: Town) -> None:
    recuse(town, "Lo", "osteoporos", about="NPO")
    recuse(town, "Lo", "astma", about="LAG")
    recuse(town, "Lo", "fraktur", "gikt", about="NPO")
    with town.db.read() as reader:
        assert sorted(recusals.tags_of_person(reader, town.keys["Lo"], reader.now.date())) == [
            "astma",
            "fraktur",
            "gikt",
        ]
    last = clear(town, "Lo", "NPO")
    with town.db.read() as reader:
        assert recusals.tags_of_person(reader, town.keys["Lo"], reader.now.date()) == ["astma"]
        rows = recusals.recusals.c
        lifted = reader.pairs(select(rows.tag, rows.lifted_in).where(rows.person == town.keys["Lo"]))
    assert lifted["fraktur"] == lifted["gikt"] == last.id
    assert lifted["osteoporos"] not in (None, last.id)
    assert lifted["astma"] is None


def test_a_recusal_without_a_matter_or_of_a_stranger_is_an_incident(one_town: Town) -> None:
    recuse(one_town, "Lo")
    one_town.keys["Nils"] = "nobody"
    recuse(one_town, "Nils", "osteoporos")
    said = sorted(each.message for each in one_town.incidents())
    assert "minst en fråga" in said[0]
    assert "finns inte i regionen" in said[1]


def test_a_participant_of_a_case_sees_nothing_of_the_case_that_decided(one_town: Town) -> None:
    one_town.deploy(working())
    decided = recuse(one_town, "Pia", "osteoporos")
    one_town.start(coiTags=["osteoporos"])
    decided = one_town.case(decided)
    place: Any = {"region": REGION, "timezone": one_town.region.timezone, "case": decided}
    with one_town.db.read() as reader:
        assert not access.may(reader, one_town.by("Lo"), "case.see", **place)
        assert access.may(reader, one_town.by("Sam"), "case.see", **place)
        with pytest.raises(NotFound):
            access.require(reader, one_town.by("Lo"), "case.see", **place)
    one_town.complete("Decide", "Lo")


def asking(*more: d.Part, message: str = "") -> bytes:
    """A process whose start asks what the case is about, with a task for the chair and whatever comes before it."""
    fields = d.form(d.field("coiTags"), d.field("telling"))
    begin = (
        d.start("Begin", d.message(message), extension=fields, properties={"startKey": "${telling}"})
        if message
        else d.start("Begin", extension=fields)
    )
    return d.diagram(begin, *more, d.user_task("Decide", candidateGroups=CHAIR), d.end(), id="asking")


@pytest.mark.parametrize("how", ["effect", "message"])
def test_a_case_that_another_starts_is_about_the_same_where_it_asks_that(town: Town, how: str) -> None:
    town.deploy(asking(message="Wanted"))
    start = d.service_task("Go", "case.start", extension=d.parameters({"process": "'asking'", "telling": "telling"}))
    throw = d.throw("Go", d.message("Wanted"), extension=d.parameters({"telling": "telling"}))
    town.deploy(d.diagram(d.start(), start if how == "effect" else throw, d.user_task("Own"), d.end()))
    recuse(town, "Lo", "osteoporos")
    town.start(coiTags="Osteoporos", telling="1")
    assert offered(town, "Lo") == []
    town.start(telling="2")
    assert offered(town, "Lo") == ["Decide"]


def test_a_case_that_does_not_ask_is_about_nothing(one_town: Town) -> None:
    one_town.deploy(d.diagram(d.start(), d.user_task("Sign", candidateGroups=CHAIR), d.end(), id="plain"))
    start = d.service_task("Begin", "case.start", extension=d.parameters({"process": "'plain'"}))
    one_town.deploy(d.diagram(d.start(), start, d.end()))
    recuse(one_town, "Lo", "osteoporos")
    one_town.start(coiTags="osteoporos")
    assert offered(one_town, "Lo") == ["Sign"]


def test_a_case_that_is_linked_is_about_the_same_unless_it_has_said_what_it_is_about(one_town: Town) -> None:
    one_town.deploy(working())
    other = one_town.start(coiTags=["osteoporos"])
    one_town.deploy(asking(d.service_task("Link", "case.link", extension=d.parameters({"case": f"'{other.number}'"}))))
    recuse(one_town, "Lo", "osteoporos")
    silent, spoken = one_town.start("asking"), one_town.start("asking", coiTags="gikt")
    with one_town.db.read() as reader:
        assert recusals.tags_of_case(reader, silent.id) == ["osteoporos"]
        assert recusals.tags_of_case(reader, spoken.id) == ["gikt"]
    assert offered(one_town, "Lo") == ["Decide"]


def test_the_coordinator_says_what_a_running_case_is_about_and_it_holds_at_once(town: Town) -> None:
    town.person("Ulf", CHAIR)
    town.deploy(working())
    case = town.start()
    recuse(town, "Lo", "osteoporos")
    tasks.claim(town.db, town.open_task("Decide").id, by=town.by("Lo"))
    with pytest.raises(Forbidden):
        cases.tag(town.db, case.id, "osteoporos", reason="Rör den", by=town.by("Lo"))
    with pytest.raises(Invalid, match="Skriv varför"):
        cases.tag(town.db, case.id, "osteoporos", reason=" ", by=town.by("Sam"))
    cases.tag(town.db, case.id, "Osteoporos", reason="Rör den", by=town.by("Sam"))
    assert town.open_task("Decide").assignee is None
    assert (offered(town, "Lo"), offered(town, "Ulf")) == ([], ["Decide"])
    assert town.told(case)[-2:] == ["tagged", "recused Decide"]
    town.complete("Decide", "Ulf")


def test_nobody_frees_themselves_of_a_recusal_by_what_a_case_is_about(one_town: Town) -> None:
    one_town.deploy(working())
    case = one_town.start(coiTags="osteoporos")
    recuse(one_town, "Sam", "osteoporos")
    with pytest.raises(Forbidden, match="Du är jävig i ärendet"):
        cases.tag(one_town.db, case.id, "gikt", reason="Fel", by=one_town.by("Sam"))
    with pytest.raises(Invalid, match="kortare"):
        cases.tag(one_town.db, case.id, "x" * 201, reason="Fel", by=one_town.by("Sam"))
