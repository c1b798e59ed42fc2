"""Erasing a person: nobody can tell who they were, nothing of theirs is a way in, and what they did still stands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine import erasure, tasks
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from store import (
    absences,
    accounts,
    calendars,
    drafts,
    history,
    identities,
    outbox,
    people,
    recusals,
    sessions,
    standing,
    tokens,
)
from store.people import Person
from tests.core import diagrams as d
from tests.engine.test_recusals import recuse, working
from tests.engine.town import REGION, Town

WHY = "Begäran 2026-02-16"


def erase(town: Town, name: str = "Lo", by: str = "Sam", reason: str = WHY) -> erasure.Erased:
    return erasure.erase(town.db, REGION, town.keys[name], reason=reason, by=town.by(by))


def person(town: Town, name: str = "Lo") -> Person:
    with town.db.read() as reader:
        found = people.find(reader, town.keys[name])
    assert found is not None
    return found


def test_who_it_was_is_forgotten_and_what_they_did_stands(town: Town) -> None:
    town.deploy(working())
    case = town.start()
    town.complete("Decide", "Lo")
    with town.db.transaction() as tx:
        accounts.add(tx, town.keys["Lo"], "lo", "hash")
        absences.add(tx, town.keys["Lo"], date(2026, 1, 7), note="Sjuk")
    assert erase(town).mandates == 1
    forgotten = person(town)
    assert (forgotten.name, forgotten.email, forgotten.active) == ("", None, False)
    with town.db.read() as reader:
        assert accounts.find(reader, "lo") is None
        assert [each.note for each in absences.of_person(reader, forgotten.key)] == [""]
        assert standing.holders(reader, REGION, "lpoChair", "LUNG", reader.now.date()) == []
        assert [row.person for row in history.read(reader, case.id) if row.what == "completed" and row.person] == [
            forgotten.key
        ]
        told = list(history.read(reader, history.of_region(REGION)))[-1]
    assert (told.what, told.person) == ("person.erased", town.keys["Sam"])
    assert told.details == {"person": forgotten.key, "reason": WHY, "mandates": 1, "recusals": 0}


def test_the_recusals_of_the_erased_are_forgotten_and_others_stay(town: Town) -> None:
    recuse(town, "Lo", "osteoporos", "gikt")
    recuse(town, "Pia", "gikt")
    assert erase(town).recusals == 2
    with town.db.read() as reader:
        assert [each.person for each in recusals.of_region(reader, REGION, reader.now.date())] == [town.keys["Pia"]]


def test_there_is_no_way_in_and_nothing_on_its_way_out(one_town: Town) -> None:
    key = one_town.keys["Lo"]
    one_town.deploy(working())
    one_town.start()
    task = one_town.open_task("Decide").id
    with one_town.db.transaction() as tx:
        session = sessions.start(tx, key, timedelta(hours=1))
        _, token = tokens.add(tx, key, REGION, "prov", ["tasks:read"])
        identities.add(tx, "https://inloggning.example", "7f3c", key)
        feed = calendars.make(tx, key)
        drafts.save(tx, task, key, {"text": "Jag tänkte"})
    erase(one_town)
    with one_town.db.read() as reader:
        assert sessions.find(reader, session) is None
        assert tokens.find(reader, token) is None
        assert identities.find(reader, "https://inloggning.example", "7f3c") is None
        assert calendars.find(reader, feed) is None
        assert drafts.find(reader, task, key) is None
        assert {each.status for each in outbox.to_recipient(reader, key)} == {"withdrawn"}


def test_what_someone_has_left_to_do_is_handed_over_first(one_town: Town) -> None:
    one_town.deploy(d.diagram(d.start(), d.user_task("Decide", candidateGroups="lpoChair@LUNG"), d.end()))
    one_town.start()
    tasks.claim(one_town.db, one_town.open_task("Decide").id, by=one_town.by("Lo"))
    with pytest.raises(Conflict, match="1 uppgifter kvar: ”Decide”"):
        erase(one_town)
    tasks.release(one_town.db, one_town.open_task("Decide").id, by=one_town.by("Lo"))
    erase(one_town)
    with pytest.raises(NotFound):
        erase(one_town)


def test_only_who_may_change_people_erases_others_and_says_why(one_town: Town) -> None:
    with pytest.raises(Forbidden):
        erase(one_town, "Pia", by="Lo")
    with pytest.raises(Conflict, match="sig själv"):
        erase(one_town, "Sam")
    with pytest.raises(Invalid, match="Skriv varför"):
        erase(one_town, reason=" ")
    assert person(one_town).name == "Lo"
