"""The consultation round as an object: invitees follow the tasks in which they answer."""

from __future__ import annotations

import pytest

from engine import regions, responses, tasks
from engine.errors import Forbidden, Invalid, NotFound
from store import history, rounds
from store.cases import Case
from store.rounds import Comment, Invitee, Round
from tests.core import diagrams as d
from tests.engine.town import Town

ROWS = (
    d.field("stance", "enum", choices={"JA": "Ja", "NEJ": "Nej"}),
    d.field("comments_section", rows="comments"),
    d.field("comments_comment", rows="comments", requiredInRow="true"),
    d.field("forwardTo", picker="personOrRole", multiple="true"),
)


def consultation() -> bytes:
    many = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="asked" camunda:elementVariable="respondent" />'
    opening = d.parameters({"title": "'Remiss KOL'", "respondents": "asked", "closes": "'2026-03-27'"})
    return d.diagram(
        d.start(),
        d.user_task("Who", d.field("asked", picker="personOrRole", multiple="true"), candidateGroups="coordinator"),
        d.service_task("Open", "round.open", extension=opening),
        d.user_task("View", *ROWS, assignee="${respondent.person}", candidateGroups="${respondent.group}", inside=many),
        d.boundary("Closes", "View", d.timer(date="2026-03-30")),
        d.end(),
        d.chain("Closes", d.end("Silent")),
    )


def round_of(town: Town, case: Case) -> tuple[Round, list[Invitee], list[Comment]]:
    with town.db.read() as reader:
        [found] = rounds.of_case(reader, case.id)
        return found, rounds.invitees_of(reader, found.id), rounds.comments_of(reader, found.id)


def test_a_round_holds_who_was_asked_what_they_said_and_who_was_silent(town: Town) -> None:
    town.deploy(consultation())
    case = town.complete_after_start("Who", "Sam", {"asked": [town.keys["Lo"], "primaryCareRep@LUNG"]})
    opened, invitees, _ = round_of(town, case)
    assert (opened.name, str(opened.due), opened.status) == ("Remiss KOL", "2026-03-27", "open")
    assert all(each.task_id for each in invitees)
    lo = next(task for task in town.open_tasks() if task.assignee == town.keys["Lo"])
    tasks.seen(town.db, lo.id, by=town.by("Lo"))
    assert sorted(each.status for each in round_of(town, case)[1]) == ["asked", "seen"]
    answers = {"stance": "NEJ", "comments": [{"section": "3", "comment": "Oklart"}], "forwardTo": ["registrar"]}
    tasks.complete(town.db, lo.id, answers, by=town.by("Lo"))
    _, invitees, comments = round_of(town, case)
    assert sorted(each.status for each in invitees) == ["answered", "asked", "asked"]
    assert [(each.section, each.comment) for each in comments] == [("3", "Oklart")]
    forwarded = next(each for each in invitees if each.group == "registrar")
    assert (forwarded.via, str(forwarded.due)) == (town.keys["Lo"], "2026-03-27")
    town.at("2026-03-30T22:00:00+00:00")
    closed, invitees, _ = round_of(town, case)
    assert closed.status == "closed"
    assert sorted(each.status for each in invitees) == ["answered", "silent", "silent"]


def test_a_cancelled_case_withdraws_its_round(town: Town) -> None:
    from engine import cases

    town.deploy(consultation())
    case = town.complete_after_start("Who", "Sam", {"asked": [town.keys["Lo"]]})
    cases.cancel(town.db, case.id, reason="återkallad", by=town.by("Sam"))
    withdrawn, invitees, _ = round_of(town, case)
    assert withdrawn.status == "withdrawn"
    assert [each.status for each in invitees] == ["withdrawn"]


def tallied() -> bytes:
    """The same round, counted for two programme areas when it closes."""
    many = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="asked" camunda:elementVariable="respondent" />'
    opening = d.parameters({"title": "'Remiss KOL'", "respondents": "asked", "closes": "'2026-03-27'"})
    return d.diagram(
        d.start(),
        d.user_task("Who", d.field("asked", picker="personOrRole", multiple="true"), candidateGroups="coordinator"),
        d.service_task("Open", "round.open", extension=opening),
        d.user_task("View", *ROWS, assignee="${respondent.person}", candidateGroups="${respondent.group}", inside=many),
        d.exclusive("Over"),
        d.service_task("Count", "round.tally", extension=d.parameters({"programAreaIds": "['LUNG', 'HUD']"})),
        d.end(),
        d.boundary("Closes", "View", d.timer(date="2026-03-30")),
        d.chain("Closes", "Over"),
    )


def test_a_round_is_counted_person_by_person_and_area_by_area(town: Town) -> None:
    town.deploy(tallied())
    case = town.complete_after_start("Who", "Sam", {"asked": [town.keys["Lo"], "primaryCareRep@LUNG"]})
    lo = next(task for task in town.open_tasks() if task.assignee == town.keys["Lo"])
    tasks.complete(town.db, lo.id, {"stance": "NEJ"}, by=town.by("Lo"))
    town.at("2026-03-30T22:00:00+00:00")
    counted = town.case(case).variables
    assert (counted["askedCount"], counted["answeredCount"]) == (2, 1)
    said = {each["person"] or each["group"]: each for each in counted["answers"]}
    assert {who: each["result"] for who, each in said.items()} == {
        town.keys["Lo"]: "NEJ",
        "primaryCareRep@LUNG": "EJ_SVAR",
    }
    assert said[town.keys["Lo"]]["values"]["stance"] == "NEJ"
    assert counted["answerRates"] == [
        {"programAreaId": "LUNG", "asked": 2, "answered": 1, "percent": 50},
        {"programAreaId": "HUD", "asked": 0, "answered": 0, "percent": 0},
    ]


def test_whoever_compiles_says_what_became_of_a_comment(town: Town) -> None:
    town.deploy(consultation())
    case = town.complete_after_start("Who", "Sam", {"asked": [town.keys["Lo"], "primaryCareRep@LUNG"]})
    lo = next(task for task in town.open_tasks() if task.assignee == town.keys["Lo"])
    tasks.complete(town.db, lo.id, {"stance": "NEJ", "comments": [{"comment": "Oklart"}]}, by=town.by("Lo"))
    [comment] = round_of(town, case)[2]
    with pytest.raises(Forbidden):
        responses.decide(town.db, comment.id, "accepted", "", by=town.by("Lo"))
    with pytest.raises(Invalid, match="varför"):
        responses.decide(town.db, comment.id, "rejected", " ", by=town.by("Sam"))
    responses.decide(town.db, comment.id, "rejected", "Det står i avsnitt 2.", by=town.by("Sam"))
    [comment] = round_of(town, case)[2]
    assert (comment.disposition, comment.response) == ("rejected", "Det står i avsnitt 2.")
    assert comment.disposed_by == town.keys["Sam"]
    with town.db.read() as reader:
        [row] = responses.of(reader, rounds.of_case(reader, case.id)[0], regions.load("jh"))
        assert (row.number, row.disposition) == (1, "Tas inte med")
        assert row.who.startswith("Lo")
        assert "comment.answered" in [each.what for each in history.read(reader, case.id)]


def test_the_table_stands_still_when_the_case_has_ended(town: Town) -> None:
    town.deploy(consultation())
    case = town.complete_after_start("Who", "Sam", {"asked": [town.keys["Lo"]]})
    lo = next(task for task in town.open_tasks() if task.assignee == town.keys["Lo"])
    tasks.complete(town.db, lo.id, {"stance": "NEJ", "comments": [{"comment": "Oklart"}]}, by=town.by("Lo"))
    [comment] = round_of(town, case)[2]
    with pytest.raises(Invalid, match="avslutat"):
        responses.decide(town.db, comment.id, "noted", "Tack.", by=town.by("Sam"))
    with pytest.raises(NotFound):
        responses.decide(town.db, "finns-inte", "noted", "Tack.", by=town.by("Sam"))
