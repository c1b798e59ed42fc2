"""Running cases moved to another version of their process: nothing is lost, nothing guessed, all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import cases, definitions, incidents, live, messages, steps, tasks, transfers
from engine.access import SYSTEM
from engine.errors import Conflict, Forbidden, Invalid, NotFound, NotRunning
from engine.transfers import Outcome
from store import cases as case_rows
from store import drafts, history, states, subscriptions, timers
from store import tasks as task_rows
from store.cases import Case
from tests.core import diagrams as d
from tests.engine.town import REGION, Town
from tests.releases import stations
from tests.releases.driving import LEFT_TO_THE_CLOCK, drive

WHY = "Rutinen har ändrats"
ASK = {"candidateGroups": "coordinator"}


def ask(id: str = "Ask", *fields: str, **more: Any) -> d.Part:
    return d.user_task(id, *fields, **{**ASK, **more})


BEGIN = d.start(extension=d.form(d.field("a"), d.field("b")))


def line(*parts: d.Part) -> bytes:
    return d.diagram(BEGIN, *parts, d.end())


def newest(town: Town, key: str = "test") -> str:
    with town.db.read() as reader:
        return transfers.version_named(reader, REGION, key).version


def move(town: Town, case: Case, by: str = "Ola", **more: Any) -> Outcome:
    known = {"reason": WHY, "by": town.by(by)}
    return transfers.transfer(town.db, case.id, newest(town, case.process_key), **{**known, **more})


def started(town: Town, before: bytes, after: bytes, **variables: Any) -> Case:
    """A case of the one version, with the other one deployed after it."""
    town.deploy(before)
    case = town.start(**variables)
    town.deploy(after)
    return case


def rules(outcome: Outcome) -> list[tuple[str | None, str]]:
    return [(each.element, each.rule) for each in outcome.findings]


def rows(town: Town, case: Case) -> Any:
    with town.db.read() as reader:
        return (
            states.read(reader, case.id),
            case_rows.find(reader, case.id),
            task_rows.of_case(reader, case.id),
            timers.of_case(reader, case.id),
            subscriptions.of_case(reader, case.id),
            len(history.read(reader, case.id)),
        )


# Every place where a case can wait -----------------------------------------------------------------------------------


def grown(source: bytes) -> bytes:
    """The next version of a process: its tasks have other names, and somebody checks at the end."""
    check = '<bpmn:userTask id="Check" name="Kontrollera" camunda:candidateGroups="coordinator" />'
    flow = '<bpmn:sequenceFlow id="Flow_Check_End" sourceRef="Check" targetRef="End" />'
    text = source.decode().replace('targetRef="End"', 'targetRef="Check"').replace('name="Ask"', 'name="Svara"')
    return text.replace("</bpmn:process>", f"{check}{flow}</bpmn:process>", 1).encode()


def test_cases_at_every_place_are_moved_and_run_to_their_ends_by_the_new_version(town: Town) -> None:
    stations.live(town)
    chosen = [each for each in stations.processes() if b'id="End"' in each and b'id="part"' not in each]
    part = next(each for each in stations.processes() if b'id="part"' in each)
    town.deploy(*map(grown, chosen), part, beside={"route.dmn": stations.DMN.encode()})
    moved = []
    with town.db.read() as reader:
        waiting = [each for each in case_rows.listed(reader, REGION, limit=1_000) if each.status in case_rows.OPEN]
    for case in waiting:
        if case.version != newest(town, case.process_key):
            outcome = move(town, case)
            assert outcome.moved, (case.process_key, outcome.findings)
            moved.append(case)
            live.forget()
            definitions.forget()
    assert len(moved) > 20
    assert {task.name for task in town.open_tasks() if task.element == "Ask"} == {"Svara"}
    ends = drive(town.db, town.clock)
    for case in moved:
        told = ends[case.number]["told"]
        assert ends[case.number]["status"] == "completed"
        assert "migrated" in told
        assert ("completed Check" in told) is (case.process_key != LEFT_TO_THE_CLOCK), (case.process_key, told)


MORE_PLACES = {
    "a guard by message": (
        ask(),
        d.boundary("Guard", "Ask", d.message("News"), properties={"correlationKey": "${a}"}),
        d.chain("Guard", d.end("Off")),
    ),
    "a sub-process done many times": (
        d.sub_process("Sub", d.start("S"), ask(), d.end("E"), inside=d.many("['a', 'b']", "letter")),
    ),
    "an event sub-process that may start": (
        d.sub_process(
            "Sub",
            d.start("S"),
            ask(),
            d.sub_process(
                "Aside", d.start("Told", d.message("News"), properties={"correlationKey": "${a}"}), d.end("E2"),
                event=True,
            ),
            d.end("E"),
        ),
    ),
    "an inclusive join": (
        d.inclusive("Fork"),
        ask("One"),
        ask("Two"),
        d.inclusive("Join"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", MORE_PLACES)
def test_the_history_after_is_that_of_a_case_that_was_always_there(one_town: Town, place: str) -> None:
    town, parts = one_town, MORE_PLACES[place]
    flows = [("Start", "Fork"), ("Fork", "One"), ("Fork", "Two"), ("One", "Join"), ("Two", "Join")]
    ways = [d.flow(*each) for each in flows] if place == "an inclusive join" else []

    def draw(*late: d.Part) -> bytes:
        after = [each.id for each in (*late, d.end())]
        drawn = [d.flow(a, b) for a, b in zip(["Join", *after], after, strict=False)] if ways else []
        return d.diagram(BEGIN, *parts, *late, d.end(), *ways, *drawn)

    def answer(case: Case, times: int) -> None:
        for _ in range(times):
            live.forget()
            task = next(each for each in town.open_tasks() if each.case_id == case.id)
            tasks.complete(town.db, task.id, {}, by=town.by("Sam"))

    town.deploy(draw())
    case = town.start(a="1")
    several = len([each for each in town.open_tasks() if each.case_id == case.id])
    answer(case, several - 1)  # one has come to the join, where there is one
    town.deploy(draw(ask("Check")))
    assert move(town, case).moved
    answer(case, 2)
    fresh = town.start(a="1")
    answer(fresh, several + 1)
    assert town.case(case).status == "completed"
    told = [each for each in town.told(case) if each != "migrated"]
    assert sorted(told) == sorted(town.told(fresh))


# What follows, and what is kept --------------------------------------------------------------------------------------


def test_an_open_task_is_what_the_new_version_says_and_whoever_has_it_keeps_it(town: Town) -> None:
    before = line(ask("Ask", d.field("kept"), d.field("gone", label="Borttagen"), dueDate="2026-03-20"))
    after = line(
        ask("Ask", d.field("kept"), d.field("new"), name="Svara", dueDate="2026-04-17", candidateGroups="registrar")
    )
    case = started(town, before, after)
    mine = town.open_task("Ask").id
    tasks.assign(town.db, mine, town.keys["Lo"], by=town.by("Sam"))
    with town.db.transaction() as tx:
        drafts.save(tx, mine, town.keys["Lo"], {"kept": "a", "gone": "b"})
    outcome = move(town, case)
    assert rules(outcome) == [("Ask", "field-gone")]
    assert "Borttagen" in outcome.findings[0].message
    task = town.open_task("Ask")
    assert (task.id, task.name, task.assignee, str(task.due)) == (mine, "Svara", town.keys["Lo"], "2026-04-17")
    assert task.form == f"{newest(town)}/test/Ask"
    with town.db.read() as reader:
        assert task_rows.roles_of(reader, mine) == [("registrar", "")]
        kept = drafts.find(reader, mine, town.keys["Lo"])
        assert kept is not None
        assert kept.values == {"kept": "a", "gone": "b"}
        assert [each.id for each in tasks.form(reader, task).fields] == ["kept", "new"]
    assert "deadlineMoved" in town.mails("Lo")
    assert tasks.complete(town.db, mine, {"new": "c"}, by=town.by("Lo")).status == "completed"


def test_a_timer_keeps_its_moment_unless_its_words_have_changed(town: Town) -> None:
    def draw(length: str) -> bytes:
        guard = d.boundary("Late", "Ask", d.timer(length))
        return line(ask(), guard, d.chain("Late", d.end("Over")))

    case = started(town, draw("P5D"), d.diagram(d.start(), ask(), d.end(), d.boundary("Late", "Ask", d.timer("P5D")),
                                                d.chain("Late", d.end("Off"))))  # fmt: skip
    first = due(town, case)
    town.clock.advance(timedelta(days=2))
    assert move(town, case).moved
    assert due(town, case) == first
    town.deploy(draw("P9D"))
    assert move(town, case).moved
    assert due(town, case) == {"Late": town.clock.moment + timedelta(days=9)}
    town.tick(days=10)
    assert town.case(case).status == "completed"


def due(town: Town, case: Case) -> dict[str, Any]:
    with town.db.read() as reader:
        return {each.element: each.due for each in timers.of_case(reader, case.id)}


def awaited(town: Town, case: Case) -> list[tuple[str, str, str | None]]:
    with town.db.read() as reader:
        return [(each.element, each.name, each.message_key) for each in subscriptions.of_case(reader, case.id)]


def test_a_message_with_another_name_or_key_is_the_one_that_is_awaited(town: Town) -> None:
    def draw(name: str, key: str) -> bytes:
        return line(d.catch("Hear", d.message(name), properties={"correlationKey": key}))

    case = started(town, draw("Old", "${a}"), draw("New", "${b}"), a="A", b="B")
    assert awaited(town, case) == [("Hear", "Old", "A")]
    assert move(town, case).moved
    assert awaited(town, case) == [("Hear", "New", "B")]


def test_an_event_gateway_goes_on_with_the_first_of_its_events(town: Town) -> None:
    def draw(gateway: str, name: str) -> bytes:
        ways = [("Start", gateway), (gateway, "Hear"), (gateway, "Wait"), ("Hear", "End"), ("Wait", "Waited")]
        hear = d.catch("Hear", d.message(name), properties={"correlationKey": "${a}"})
        events = (hear, d.catch("Wait", d.timer("P12D")), d.end(), d.end("Waited"))
        return d.diagram(BEGIN, d.event_gateway(gateway), *events, *(d.flow(*each) for each in ways))

    case = started(town, draw("Either", "Old"), draw("First", "New"), a="A")
    assert move(town, case, mapping={"Either": "First"}).moved
    live.forget()
    messages.correlate(town.db, REGION, "New", "A", by=SYSTEM)
    assert town.case(case).status == "completed"
    assert {"taken Flow_First_Hear", "ended test"} <= set(town.told(case))


def test_guards_that_are_new_are_armed_and_one_that_is_given_up_fires_no_more(town: Town) -> None:
    before = line(ask(), d.boundary("Late", "Ask", d.timer("P5D")), d.chain("Late", d.end("Over")))
    after = line(ask(), d.boundary("Later", "Ask", d.timer("P9D")), d.chain("Later", d.end("Over")))
    case = started(town, before, after)
    refused = move(town, case)
    assert (refused.moved, rules(refused)) == (False, [("Late", "guard-gone")])
    assert "--map Late=" in refused.findings[0].remedy
    assert move(town, case, mapping={"Late": ""}).moved
    assert due(town, case) == {"Later": town.clock.moment + timedelta(days=9)}


def test_an_event_sub_process_that_is_new_listens(one_town: Town) -> None:
    aside = d.sub_process("Aside", d.start("Told", d.timer("P3D")), d.end("E2"), event=True)
    case = started(one_town, line(ask()), line(ask(), aside))
    assert move(one_town, case).moved
    assert due(one_town, case) == {"Told": one_town.clock.moment + timedelta(days=3)}


def test_what_stopped_a_case_is_mended_by_the_version_that_it_is_moved_to(town: Town) -> None:
    before = line(ask("Ask", d.field("share", "long")), d.script_task("Divide", "part = 100 / share"))
    after = line(ask("Ask", d.field("share", "long")), d.script_task("Divide", "part = 100 if share == 0 else 1"))
    town.deploy(before)
    case = town.start()
    town.complete("Ask", "Sam", {"share": 0})
    town.deploy(after)
    assert move(town, case).moved
    [stopped] = town.incidents()
    assert stopped.element == "Divide"
    incidents.retry(town.db, stopped.id, by=town.by("Ola"))
    assert town.case(case).status == "completed"


def test_a_suspended_case_is_moved_and_stays_suspended(town: Town) -> None:
    def draw(length: str) -> bytes:
        return line(d.catch("Wait", d.timer(length)))

    case = started(town, draw("P5D"), draw("P7D"))
    cases.suspend(town.db, case.id, reason="Väntar", by=town.by("Sam"))
    assert move(town, case).moved
    town.tick(days=8)
    assert town.case(case).status == "suspended"
    cases.resume(town.db, case.id, by=town.by("Sam"))
    town.tick()
    assert town.case(case).status == "completed"


def test_an_answer_that_may_still_be_taken_back_goes_along(town: Town) -> None:
    case = started(town, line(ask(properties={"undo": "PT10M"})), line(ask(name="Svara"), ask("Check")))
    town.complete("Ask", "Sam")
    assert move(town, case).moved
    town.tick(minutes=11)
    assert "completed Ask" in town.told(case)
    town.complete("Check", "Sam")
    assert town.case(case).status == "completed"


# What cannot be moved ------------------------------------------------------------------------------------------------

TWO = (ask("One"), ask("Two"))
INSIDE = d.sub_process("Sub", d.start("S"), ask(), d.end("E"))


def both(*branches: d.Part, into: str = "Join") -> bytes:
    ways = [d.flow("Start", "Fork"), *(d.flow("Fork", each.id) for each in branches)]
    ways += [*(d.flow(each.id, into) for each in branches), d.flow("Join", "End")]
    return d.diagram(d.start(), d.parallel("Fork"), *branches, d.parallel("Join"), d.end(), *ways)


REFUSED = {
    "it is gone": (line(ask()), line(ask("Other")), "element-gone"),
    "it is another kind": (line(ask()), line(d.catch("Ask", d.timer("P1D"))), "kind-differs"),
    "its event is another": (
        line(d.catch("Wait", d.timer("P1D"))),
        line(d.catch("Wait", d.signal("Now"))),
        "kind-differs",
    ),
    "it is done many times": (line(ask()), line(ask(inside=d.many("['a']", "letter"))), "kind-differs"),
    "it is in another part": (line(ask()), line(INSIDE), "scope-differs"),
    "its part is gone": (line(INSIDE), line(ask()), "element-gone"),
    "the join waits for more": (both(*TWO), both(*TWO, ask("Three")), "join-differs"),
    "it has become parallel": (line(ask("One")), both(*TWO), "join-differs"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_case_that_cannot_be_moved_stays_exactly_as_it_was(one_town: Town, why: str) -> None:
    before, after, rule = REFUSED[why]
    case = started(one_town, before, after)
    was = rows(one_town, case)
    outcome = move(one_town, case)
    assert not outcome.moved
    assert rule in {each.rule for each in outcome.findings}
    assert all(each.name and each.message and each.remedy for each in outcome.findings)
    assert rows(one_town, case) == was


def test_another_called_process_is_refused(one_town: Town) -> None:
    parts = [d.diagram(d.start(), ask("Inner"), d.end(), id=id, properties={"part": "true"}) for id in ("a", "b")]
    one_town.deploy(line(d.call("Call", "a")), parts[0])
    case = one_town.start()
    one_town.deploy(line(d.call("Call", "b")), parts[1])
    assert rules(move(one_town, case)) == [("Call", "kind-differs")]


def test_what_comes_after_may_become_parallel(one_town: Town) -> None:
    ways = [("Start", "Ask"), ("Ask", "Fork"), ("Fork", "One"), ("Fork", "Two"), ("One", "Join"), ("Two", "Join")]
    after = d.diagram(
        *(d.start(), ask(), d.parallel("Fork"), *TWO, d.parallel("Join"), d.end()),
        *(d.flow(*each) for each in [*ways, ("Join", "End")]),
    )
    case = started(one_town, line(ask()), after)
    assert move(one_town, case).moved
    for element in ("Ask", "One", "Two"):
        one_town.complete(element, "Sam")
    assert one_town.case(case).status == "completed"


def test_a_map_says_what_an_element_has_become(town: Town) -> None:
    def draw(first: str, then: str) -> bytes:
        late = d.boundary(f"{then}Late", then, d.timer("P5D"))
        four = ask("Approve", properties={"fourEyes": first})
        return line(ask(first), ask(then), late, d.chain(late.id, d.end("Over")), four)

    town.deploy(draw("Write", "Ask"))
    case = town.start()
    town.complete("Write", "Sam")
    town.deploy(draw("Draft", "Question"))
    before = due(town, case)
    mapping = {"Write": "Draft", "Ask": "Question", "AskLate": "QuestionLate"}
    assert move(town, case, mapping=mapping).moved
    assert due(town, case) == {"QuestionLate": before["AskLate"]}
    live.forget()
    town.complete("Question", "Sam")
    with pytest.raises(Forbidden):  # four eyes see through the map
        town.complete("Approve", "Sam")
    with town.db.read() as reader:
        [row] = [each for each in history.read(reader, case.id) if each.what == "migrated"]
    assert row.person == town.keys["Ola"]
    assert row.details == {
        "from": case.version,
        "to": newest(town),
        "numbers": [1, 2],
        "map": mapping,
        "reason": WHY,
    }


def test_all_of_it_or_nothing_when_it_fails_in_the_middle(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = started(town, line(ask()), line(ask(name="Svara")))
    was = rows(town, case)

    def broken(*_: object) -> None:
        raise RuntimeError("strömmen gick")

    with monkeypatch.context() as patch:
        patch.setattr(steps.agenda, "refit_task", broken)
        with pytest.raises(RuntimeError):
            move(town, case)
    assert rows(town, case) == was
    town.complete("Ask", "Sam")
    assert town.case(case).status == "completed"


def test_what_the_new_version_cannot_work_out_leaves_the_case_where_it_was(town: Town) -> None:
    case = started(town, line(ask()), line(ask(dueDate="${a}")), a="ingen dag")
    was = rows(town, case)
    outcome = move(town, case)
    assert (outcome.moved, rules(outcome)) == (False, [(None, "first-step")])
    assert rows(town, case) == was


def test_a_rehearsal_changes_nothing(town: Town) -> None:
    case = started(town, line(ask()), line(ask(name="Svara")))
    was = rows(town, case)
    assert move(town, case, rehearse=True).moved
    assert rows(town, case) == was
    assert move(town, case).moved


def test_who_may_and_what_is_asked_first(town: Town) -> None:
    case = started(town, line(ask()), line(ask(name="Svara")))
    with pytest.raises(Forbidden):
        move(town, case, by="Sam")
    with pytest.raises(NotFound):
        move(town, case, by="Pia")
    with pytest.raises(Invalid):
        move(town, case, reason=" ")
    with pytest.raises(Invalid):
        move(town, case, mapping={"Ask": "Nowhere"})
    with pytest.raises(Invalid):
        transfers.transfer(town.db, case.id, "0" * 64, reason=WHY, by=town.by("Ola"))
    assert move(town, case).moved
    with pytest.raises(Conflict):
        move(town, case)
    town.complete("Ask", "Sam")
    with pytest.raises(NotRunning):
        move(town, case)


def test_old_cases_stay_and_new_ones_start_on_the_new_version(town: Town) -> None:
    case = started(town, line(ask()), line(ask(), ask("Check")))
    fresh = town.start()
    with town.db.read() as reader:
        newer = transfers.version_named(reader, REGION, "test", "2").version
        found = transfers.candidates(reader, REGION, "test", newer)
    assert [each.id for each in found] == [case.id]
    assert town.case(case).version != town.case(fresh).version
    tasks.complete(town.db, next(e.id for e in town.open_tasks() if e.case_id == case.id), {}, by=town.by("Sam"))
    assert town.case(case).status == "completed"
