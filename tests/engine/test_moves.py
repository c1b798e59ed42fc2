"""The moves of cases and tasks: who may make them, what follows, and what is never lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine import cases, deployments, incidents, live, steps, tasks
from engine.errors import (
    AlreadyDone,
    Conflict,
    Forbidden,
    FormErrors,
    Incalculable,
    Invalid,
    NotFound,
    NotRunning,
    Refused,
    UnknownStart,
)
from store import absences, deadlines, documents, timers
from tests.core import diagrams as d
from tests.engine.partition import silent_cases
from tests.engine.town import REGION, Town

CHAIR = "lpoChair@LUNG"
ASKED = d.user_task("Ask", d.field("answer", constraints={"required": "true"}), candidateGroups=CHAIR)


def two_tasks(**more: str) -> bytes:
    return d.diagram(
        d.start(),
        d.user_task("Write", d.field("answer"), candidateGroups=CHAIR),
        d.user_task("Approve", candidateGroups=f"coordinator, {CHAIR}", properties={"fourEyes": "Write", **more}),
        d.end(properties={"outcome": "KLAR"}),
    )


def stops() -> bytes:
    """After the task comes a script that cannot divide by nothing."""
    number = d.field("share", "long", constraints={"required": "true"})
    return d.diagram(
        d.start(),
        d.user_task("Ask", number, candidateGroups=CHAIR),
        d.script_task("Divide", "part = 100 / share"),
        d.end(),
    )


# Start, complete -----------------------------------------------------------------------------------------------------


def test_a_case_runs_from_start_to_outcome(town: Town) -> None:
    town.deploy(two_tasks())
    case = town.start(title="Vårdförlopp KOL")
    assert case.title == "Vårdförlopp KOL"
    town.complete("Write", "Lo", {"answer": "Bra"})
    ended = town.complete("Approve", "Sam")
    assert (ended.status, ended.outcome) == ("completed", "KLAR")
    assert ended.variables["answer"] == "Bra"
    assert {"started", "completed Write", "completed Approve", "ended test"} <= set(town.told(case))


def test_every_step_may_begin_from_the_rows(town: Town) -> None:
    town.deploy(two_tasks())
    town.start()
    live.forget()
    town.complete("Write", "Lo", {"answer": "Bra"})
    live.forget()
    assert town.complete("Approve", "Sam").outcome == "KLAR"


def test_a_new_task_is_told_to_those_who_may_take_it_but_not_to_whoever_made_it(town: Town) -> None:
    town.deploy(two_tasks())
    town.start()
    assert town.mails("Lo") == ["taskAssigned"]
    town.complete("Write", "Lo", {})
    assert town.mails("Lo") == ["taskAssigned"]
    assert town.mails("Sam") == ["taskAssigned"]


def test_two_cannot_complete_the_same_task(town: Town) -> None:
    town.deploy(two_tasks())
    town.start()
    task = town.open_task("Write")
    town.complete("Write", "Lo", {})
    with pytest.raises(AlreadyDone, match=r"Lo.* 16 februari 2026"):
        tasks.complete(town.db, task.id, {}, by=town.by("Lo"))


def test_answers_are_checked_before_anything_happens(town: Town) -> None:
    town.deploy(stops())
    town.start()
    with pytest.raises(FormErrors):
        town.complete("Ask", "Lo", {})
    assert town.open_task("Ask").status == "open"


def test_a_rule_that_cannot_be_worked_out_says_so_and_nothing_happens(town: Town) -> None:
    share = d.field("share", "long", rule="100 / share > 1", ruleText="För stor del.")
    town.deploy(d.diagram(d.start(), d.user_task("Ask", share, candidateGroups=CHAIR), d.end()))
    case = town.start()
    with pytest.raises(Incalculable, match=r"Division med noll.*Försök igen"):
        town.complete("Ask", "Lo", {"share": 0})
    assert town.open_task("Ask").status == "open"
    town.complete("Ask", "Lo", {"share": 10})
    assert town.case(case).status == "completed"


def test_a_completion_is_kept_where_a_date_of_another_task_has_no_answer_afterwards(town: Town) -> None:
    day = "${workday(today, 10 // (1 if deadline.memoDue != '2026-05-01' else 0))}"
    ask = d.user_task("Ask", d.field("when", "date", deadline="memoDue"), candidateGroups=CHAIR)
    wait = d.user_task("Wait", candidateGroups="coordinator", dueDate=day)
    town.deploy(
        d.diagram(d.start(), d.parallel("Split"), ask, d.parallel("Join"), d.end(), d.chain("Split", wait, "Join"))
    )
    case = town.start()
    due = town.open_task("Wait").due
    town.complete("Ask", "Lo", {"when": "2026-05-01"})
    [told] = town.incidents()
    assert (told.element, told.rule) == ("Wait", "expression")
    assert "Division med noll" in told.message
    assert [(each.element, each.due) for each in town.open_tasks()] == [("Wait", due)]
    live.forget()
    assert incidents.retry(town.db, told.id, by=town.by("Ola")).result == incidents.REMAINS
    town.complete("Wait", "Sam")
    assert town.case(case).status == "completed"
    assert town.incidents() == []


def test_a_case_that_cannot_listen_yet_has_begun_and_says_why(town: Town) -> None:
    late = d.sub_process(
        "Late", d.start("Out", d.timer(date="${at(deadline.memoDue, '08:00')}")), d.end("Gone"), event=True
    )
    ask = d.user_task("Ask", d.field("when", "date", deadline="memoDue"), candidateGroups=CHAIR)
    town.deploy(d.diagram(d.start(), ask, d.end(), late))
    case = town.start(title="Remissen om stroke")
    [told] = town.incidents()
    assert (told.element, town.open_tasks(), town.case(case).title) == ("Start", [], "Remissen om stroke")
    with town.db.transaction() as tx:
        deadlines.set_day(tx, case.id, "memoDue", date(2026, 5, 1), source="diagram")
    live.forget()
    assert incidents.retry(town.db, told.id, by=town.by("Ola")).result == incidents.SOLVED
    assert town.open_task("Ask").status == "open"
    with town.db.read() as reader:
        assert [each.element for each in timers.of_case(reader, case.id)] == ["Out"]


def test_parts_are_not_started_for_themselves(town: Town) -> None:
    town.deploy(d.diagram(d.start(), ASKED, d.end(), properties={"part": "true"}))
    with pytest.raises(UnknownStart):
        town.start()


# Access --------------------------------------------------------------------------------------------------------------


def test_others_do_not_even_see_the_task(town: Town) -> None:
    town.deploy(two_tasks())
    town.start()
    town.person("Hanna", "lpoChair@HUD")
    with pytest.raises(NotFound):
        town.complete("Write", "Hanna", {})


def test_the_coordinator_answers_for_someone_only_with_a_reason(town: Town) -> None:
    town.deploy(two_tasks())
    case = town.start()
    lo = town.keys["Lo"]
    with pytest.raises(Forbidden):
        town.complete("Write", "Sam", {})
    with pytest.raises(Conflict, match="varför"):
        town.complete("Write", "Sam", {}, on_behalf_of=lo)
    town.complete("Write", "Sam", {}, on_behalf_of=lo, reason="svarade i telefon")
    with town.db.read() as reader:
        from store import history

        row = next(
            each for each in history.read(reader, case.id) if each.what == "completed" and each.element == "Write"
        )
    assert (row.person, row.on_behalf_of) == (town.keys["Sam"], lo)
    assert (row.details or {})["reason"] == "svarade i telefon"


def test_where_four_eyes_leave_nobody_the_coordinator_sees_the_task(town: Town) -> None:
    both = d.user_task("Approve", candidateGroups=CHAIR, properties={"fourEyes": "Write"})
    town.deploy(d.diagram(d.start(), d.user_task("Write", candidateGroups=CHAIR), both, d.end()))
    case = town.start()
    town.complete("Write", "Lo")
    assert silent_cases(town.db) == []
    assert town.mails("Sam") == ["taskAssigned"]
    town.complete("Approve", "Sam")
    assert town.case(case).status == "completed"


def test_four_eyes_hold_at_claim_complete_and_assign(town: Town) -> None:
    town.deploy(two_tasks())
    town.start()
    town.complete("Write", "Lo", {})
    approve = town.open_task("Approve").id
    for move in (
        lambda: tasks.claim(town.db, approve, by=town.by("Lo")),
        lambda: tasks.complete(town.db, approve, {}, by=town.by("Lo")),
        lambda: tasks.assign(town.db, approve, town.keys["Lo"], by=town.by("Sam")),
        lambda: tasks.complete(town.db, approve, {}, by=town.by("Sam", on_behalf_of=town.keys["Lo"], reason="åt Lo")),
    ):
        with pytest.raises(Forbidden, match="någon annan"):
            move()


def test_a_substitute_acts_for_the_absent(town: Town) -> None:
    town.deploy(two_tasks())
    town.start()
    ida = town.person("Ida")
    with town.db.transaction() as tx:
        today = town.clock.moment.date()
        absences.add(tx, town.keys["Lo"], today, today, ida)
    town.complete("Write", "Ida", {})
    assert town.open_task("Approve")


def test_who_may_start_is_what_the_diagram_says(town: Town) -> None:
    town.deploy(d.diagram(d.start(), ASKED, d.end(), attributes='camunda:candidateStarterGroups="lpoChair"'))
    town.deploy(d.diagram(d.start(), ASKED, d.end(), id="quiet"))
    with pytest.raises(Forbidden):
        town.start(by="Sam")
    with pytest.raises(Forbidden):
        town.start("quiet", by="Lo")
    assert town.start("quiet", by="Sam").status == "active"


# Claim, release, assign, forward -------------------------------------------------------------------------------------


def test_claimed_tasks_are_one_persons_until_released(town: Town) -> None:
    town.person("Li", CHAIR)
    town.deploy(two_tasks())
    town.start()
    id = town.open_task("Write").id
    tasks.claim(town.db, id, by=town.by("Li"))
    tasks.claim(town.db, id, by=town.by("Li"))
    for move in (tasks.claim, lambda db, id, by: tasks.complete(db, id, {}, by=by)):
        with pytest.raises(AlreadyDone, match="Li"):
            move(town.db, id, by=town.by("Lo"))
    tasks.release(town.db, id, by=town.by("Li"))
    tasks.assign(town.db, id, town.keys["Lo"], by=town.by("Sam"), reason="Li är sjuk")
    assert town.open_task("Write").assignee == town.keys["Lo"]
    town.complete("Write", "Lo", {})


def round_of_two() -> bytes:
    many = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="asked" camunda:elementVariable="respondent" />'
    forward = d.field("forwardTo", picker="personOrRole", multiple="true")
    return d.diagram(
        d.start(),
        d.user_task("Who", d.field("asked", picker="personOrRole", multiple="true"), candidateGroups="coordinator"),
        d.user_task(
            "View", forward, assignee="${respondent.person}", candidateGroups="${respondent.group}", inside=many
        ),
        d.end(),
    )


def test_forwarding_adds_someone_who_was_missed(town: Town) -> None:
    town.deploy(round_of_two())
    town.start()
    town.complete("Who", "Sam", {"asked": [town.keys["Lo"], "primaryCareRep@LUNG"]})
    assert len(town.open_tasks()) == 2
    mine = next(task for task in town.open_tasks() if task.assignee == town.keys["Lo"])
    tasks.forward(town.db, mine.id, ["registrar"], by=town.by("Lo"))
    tasks.complete(town.db, mine.id, {"forwardTo": ["coordinator"]}, by=town.by("Lo"))
    assert len(town.open_tasks()) == 3
    doers = {"primaryCareRep@LUNG": "Pia", "registrar": "Ria", "coordinator": "Sam"}
    for task in town.open_tasks():
        ended = tasks.complete(town.db, task.id, {}, by=town.by(doers[task.element_value["group"]]))
    assert ended.status == "completed"


# Roles that nobody holds ---------------------------------------------------------------------------------------------


def test_a_role_that_nobody_holds_is_the_coordinators_to_see(town: Town) -> None:
    town.deploy(d.diagram(d.start(), d.user_task("Lead", candidateGroups="programOwner@LUNG"), d.end()))
    town.start()
    task = town.open_task("Lead")
    assert task.properties["vacant"] == ["programOwner@LUNG"]
    assert town.mails("Sam") == ["roleVacant"]
    assert town.complete("Lead", "Sam").status == "completed"


def test_a_lane_named_as_a_role_serves_where_no_role_is_written(town: Town) -> None:
    lane = (
        '<bpmn:laneSet id="Lanes"><bpmn:lane id="Lane_Diary" name="Diariet">'
        "<bpmn:flowNodeRef>File</bpmn:flowNodeRef><bpmn:flowNodeRef>Ask</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    asked = d.user_task("Ask", candidateGroups=CHAIR)
    town.deploy(d.diagram(d.start(), d.user_task("File"), asked, d.end(), before=lane))
    town.start()
    town.complete("File", "Ria")
    with pytest.raises(NotFound):
        town.complete("Ask", "Pia")
    assert town.complete("Ask", "Lo").status == "completed"


@pytest.mark.parametrize(
    ("written", "interrupting", "said"),
    [
        ({}, True, "När tiden är ute tas uppgiften bort: Sista dag passerad."),
        ({}, False, "När tiden är ute händer detta: Sista dag passerad."),
        ({"ifNothing": "Du räknas som ej svar."}, True, "Du räknas som ej svar."),
    ],
)
def test_the_boundary_timer_says_what_happens_if_nothing_is_done(
    town: Town, written: dict[str, str], interrupting: bool, said: str
) -> None:
    due = d.boundary("Late", "Ask", d.timer("P3D"), name="Sista dag passerad", interrupting=interrupting)
    asked = d.user_task("Ask", candidateGroups=CHAIR, properties=written)
    town.deploy(d.diagram(d.start(), asked, d.end(), due, d.chain("Late", d.end("End_Late"))))
    town.start()
    assert town.open_task("Ask").properties["ifNothing"] == said


def test_a_file_is_one_of_the_case(town: Town) -> None:
    town.deploy(d.diagram(d.start(), d.user_task("Ask", d.field("memo", file="one"), candidateGroups=CHAIR), d.end()))
    case, other = town.start(), town.start()
    with town.db.transaction() as tx:
        own, strange = (
            documents.add(tx, b"x", region=REGION, name="x.txt", media_type="text/plain", case_id=each.id).id
            for each in (case, other)
        )
    task = next(each for each in town.open_tasks() if each.case_id == case.id)
    for bad in ("nope", strange, ["nope"], 1):
        with pytest.raises(FormErrors, match="memo"):
            tasks.complete(town.db, task.id, {"memo": bad}, by=town.by("Lo"))
    assert tasks.complete(town.db, task.id, {"memo": own}, by=town.by("Lo")).variables["memo"] == own


def test_a_person_who_is_not_here_is_the_coordinators_to_see(town: Town) -> None:
    named = d.start(extension=d.form(d.field("lead")))
    town.deploy(d.diagram(named, d.user_task("Lead", assignee="${lead}"), d.end()))
    town.start(lead="nobody")
    assert town.complete("Lead", "Sam").status == "completed"


# What goes wrong -----------------------------------------------------------------------------------------------------


def test_a_persons_answer_survives_a_failing_automatic_step(town: Town) -> None:
    from engine import incidents as retries

    town.deploy(stops())
    case = town.complete_after_start("Ask", "Lo", {"share": 0})
    assert case.status == "active"
    assert town.open_tasks() == []
    [incident] = town.incidents()
    assert incident.element == "Divide"
    again = retries.retry(town.db, incident.id, by=town.by("Ola"))
    assert (again.result, bool(again.reason)) == ("kvar", True)
    assert town.case(case).variables["share"] == 0


def test_a_storage_failure_leaves_nothing_half_done(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.errors import StorageFull

    town.deploy(two_tasks())
    case = town.start()
    before = town.told(case)

    def full(*_: Any, **__: Any) -> None:
        raise StorageFull

    with monkeypatch.context() as broken:
        broken.setattr(steps.agenda, "open_task", full)
        with pytest.raises(StorageFull):
            town.complete("Write", "Lo", {"answer": "Bra"})
    assert town.told(case) == before
    assert town.open_task("Write").status == "open"
    assert town.complete("Write", "Lo", {"answer": "Bra"}).variables["answer"] == "Bra"


def test_a_fault_in_an_effect_is_an_incident_and_the_answer_is_kept(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.deploy(
        d.diagram(
            d.start(), ASKED, d.service_task("Link", "case.link", extension=d.parameters({"case": "answer"})), d.end()
        )
    )
    case = town.complete_after_start("Ask", "Lo", {"answer": "XYZ-1"})
    [incident] = town.incidents()
    assert "XYZ-1" in incident.message
    assert town.case(case).variables["answer"] == "XYZ-1"


def test_files_with_faults_are_refused_with_every_fault(town: Town) -> None:
    bad = d.diagram(d.start(), d.user_task("A", candidateGroups="wizard"), d.service_task("B", "teleport"), d.end())
    with pytest.raises(Refused) as caught:
        town.deploy(bad)
    assert {"A", "B"} <= {each.element for each in caught.value.findings}


def test_what_a_designer_deploys_waits_for_someone_else(town: Town) -> None:
    for name in ("Desi", "Dora"):
        town.person(name, "designer")
    files = {"0.bpmn": two_tasks()}
    proposed = deployments.deploy(town.db, town.region, files, by=town.by("Desi"), note="Ny frist")[0]
    assert (proposed.is_new, proposed.is_proposed) == (True, True)
    assert not deployments.deploy(town.db, town.region, files, by=town.by("Desi"))[0].is_new
    with pytest.raises(NotFound):
        town.start()
    for name in ("Desi", "Lo"):
        with pytest.raises(Forbidden):
            deployments.approve(town.db, town.region, "test", by=town.by(name))
    approved = deployments.approve(town.db, town.region, "test", by=town.by("Dora"))
    assert (approved.is_new, approved.version) == (True, proposed.version)
    assert town.start().version == proposed.version
    with pytest.raises(NotFound):
        deployments.approve(town.db, town.region, "test", by=town.by("Dora"))


def test_a_newer_proposal_takes_the_olders_place_and_the_coordinator_needs_nobody(town: Town) -> None:
    town.person("Desi", "designer")
    for source in (two_tasks(), two_tasks(minutes="5")):
        newest = deployments.deploy(town.db, town.region, {"0.bpmn": source}, by=town.by("Desi"))[0]
    assert deployments.approve(town.db, town.region, "test", by=town.by("Sam")).version == newest.version
    direct = deployments.deploy(town.db, town.region, {"0.bpmn": stops()}, by=town.by("Sam"))[0]
    assert (direct.is_new, direct.is_proposed) == (True, False)


def test_the_same_content_makes_no_new_version(town: Town) -> None:
    [first] = town.deploy(two_tasks())
    [second] = town.deploy(two_tasks())
    [third] = town.deploy(two_tasks(contact="coordinator"))
    assert (first.is_new, second.is_new, third.is_new) == (True, False, True)
    assert first.version == second.version != third.version


# Cancel, suspend, resume ---------------------------------------------------------------------------------------------


def test_cancelling_needs_a_reason_and_withdraws_what_is_open(town: Town) -> None:
    town.deploy(two_tasks())
    case = town.start()
    with pytest.raises(Invalid):
        cases.cancel(town.db, case.id, reason=" ", by=town.by("Sam"))
    with pytest.raises(NotFound):
        cases.cancel(town.db, case.id, reason="x", by=town.by("Pia"))
    ended = cases.cancel(town.db, case.id, reason="Remissen är återkallad", by=town.by("Sam"))
    assert (ended.status, ended.reason) == ("cancelled", "Remissen är återkallad")
    assert town.open_tasks() == []
    with pytest.raises(NotRunning):
        cases.cancel(town.db, case.id, reason="igen", by=town.by("Sam"))


def test_a_suspended_case_stands_still_until_it_goes_on(town: Town) -> None:
    town.deploy(
        d.diagram(
            d.start(),
            d.user_task("A", candidateGroups=CHAIR),
            d.boundary("B", "A", d.timer("PT1H")),
            d.end(),
            d.chain("B", d.end("Late", properties={"outcome": "SEN"})),
        )
    )
    case = town.start()
    cases.suspend(town.db, case.id, reason="väntar på besked", by=town.by("Sam"))
    with pytest.raises(NotRunning):
        town.complete("A", "Lo")
    assert town.tick(hours=2).fired == 0
    cases.resume(town.db, case.id, choice="shift", by=town.by("Sam"))
    assert town.tick(minutes=30).fired == 0
    assert town.tick(minutes=31).fired == 1
    assert town.case(case).outcome == "SEN"


@pytest.mark.parametrize(("choice", "fired"), [("fire", 1), ("skip", 0)])
def test_what_passed_fires_or_is_skipped(town: Town, choice: Any, fired: int) -> None:
    town.deploy(
        d.diagram(
            d.start(), d.user_task("A", candidateGroups=CHAIR), d.boundary("B", "A", d.timer("PT1H")), d.end(),
            d.chain("B", d.end("Late")),
        )
    )  # fmt: skip
    case = town.start()
    cases.suspend(town.db, case.id, reason="väntar", by=town.by("Sam"))
    town.tick(hours=2)
    cases.resume(town.db, case.id, choice=choice, by=town.by("Sam"))
    assert town.tick().fired == fired
