"""Effects on who holds what: mandates that a case begins and ends, and tasks that others take over."""

from __future__ import annotations

from typing import Any

import pytest

from engine import tasks
from engine.errors import FormErrors, NotFound
from store import mandates, standing
from store.mandates import Mandate
from tests.core import diagrams as d
from tests.engine.town import Town


def asking(*names: str, id: str = "Start") -> d.Part:
    """A start whose form has these fields."""
    return d.start(id, extension=d.form(*(d.field(each) for each in names)))


def calling(effect: str, **inputs: str) -> bytes:
    """A process `test` that calls one effect with expressions over its variables."""
    given = d.parameters(inputs)
    return d.diagram(asking(*inputs.values()), d.service_task("Effect", effect, extension=given), d.end())


BEGIN = calling("mandate.begin", person="who", role="role", fromDate="first", toDate="last", group="group")
REST = calling("mandate.rest", person="who", group="group")
WAKE = calling("mandate.wake", person="who", group="group").replace(b'id="test"', b'id="waking"')
END = calling("mandate.end", person="who", role="role", lastDay="last", group="group")


def held(town: Town, name: str) -> list[Mandate]:
    with town.db.read() as reader:
        return mandates.of(reader, person=town.keys[name])


def days(town: Town, name: str) -> list[tuple[str, str, str]]:
    return [(each.scope, str(each.starts), str(each.ends)) for each in held(town, name)]


def begin(town: Town, name: str, role: str = "lagLeader@LUNG", **given: Any) -> None:
    nothing = {"first": None, "last": None, "group": None}
    town.start(who=town.keys[name], role=role, **nothing | given)


def test_a_mandate_begins_and_whoever_holds_it_goes_on(town: Town) -> None:
    town.deploy(BEGIN)
    begin(town, "Pia", first="2026-03-01", last="2026-12-31")
    begin(town, "Pia", first="2026-04-01", last="2026-10-31")
    assert ("lagLeader@LUNG", "2026-03-01", "2026-12-31") in days(town, "Pia")
    assert len(held(town, "Pia")) == 2


def roles(town: Town, name: str) -> list[str]:
    with town.db.read() as reader:
        return [each.scope for each in standing.roles_on(reader, town.keys[name], reader.now.date())]


def test_what_rests_gives_no_tasks_and_nobody_can_choose_them_until_it_is_woken(town: Town) -> None:
    town.deploy(BEGIN)
    for name, group in (("Pia", "NAG KOL"), ("Pia", "LAG astma"), ("Ria", "NAG KOL")):
        begin(town, name, "lagMember@LUNG" if group == "LAG astma" else "lagLeader@LUNG", group=group)
    choosing = d.user_task("Choose", d.field("who", picker="person", roles="lagLeader"), candidateGroups="registrar")
    leading = d.user_task("Lead", candidateGroups="lagLeader@LUNG")
    town.deploy(
        d.diagram(d.start(), leading, d.end(), id="leading"), d.diagram(d.start(), choosing, d.end(), id="choosing")
    )
    case = town.start("leading")
    tasks.claim(town.db, town.open_task("Lead").id, by=town.by("Pia"))
    town.deploy(REST, WAKE)
    town.start(who=town.keys["Pia"], group="NAG KOL")
    assert roles(town, "Pia") == ["lagMember@LUNG", "primaryCareRep@LUNG"]
    assert roles(town, "Ria") == ["lagLeader@LUNG", "registrar"]
    assert town.open_task("Lead").assignee is None
    assert town.told(case)[-1] == "rested Lead"
    with pytest.raises(NotFound):
        tasks.claim(town.db, town.open_task("Lead").id, by=town.by("Pia"))
    town.start("choosing")
    with pytest.raises(FormErrors):
        town.complete("Choose", "Ria", {"who": town.keys["Pia"]})
    town.start("waking", who=town.keys["Pia"], group="NAG KOL")
    assert "lagLeader@LUNG" in roles(town, "Pia")
    town.complete("Choose", "Ria", {"who": town.keys["Pia"]})
    tasks.claim(town.db, town.open_task("Lead").id, by=town.by("Pia"))


def test_what_only_the_resting_could_do_is_the_coordinators_too(one_town: Town) -> None:
    one_town.deploy(BEGIN)
    begin(one_town, "Pia", group="NAG KOL")
    one_town.deploy(d.diagram(d.start(), d.user_task("Lead", candidateGroups="lagLeader@LUNG"), d.end(), id="leading"))
    one_town.start("leading")
    one_town.deploy(REST)
    one_town.start(who=one_town.keys["Pia"], group="NAG KOL")
    one_town.complete("Lead", "Sam")


def test_an_extension_begins_where_the_old_mandate_ends(town: Town) -> None:
    town.deploy(BEGIN)
    begin(town, "Pia", first="2026-03-01", last="2026-12-31")
    begin(town, "Pia", first="2026-11-01", last="2027-12-31")
    begin(town, "Pia", first="2026-11-01")
    assert [each[1:] for each in days(town, "Pia") if each[0] == "lagLeader@LUNG"] == [
        ("2026-03-01", "2026-12-31"),
        ("2027-01-01", "2027-12-31"),
        ("2028-01-01", "None"),
    ]


def test_the_same_role_in_two_groups_is_two_mandates(town: Town) -> None:
    town.deploy(BEGIN)
    begin(town, "Pia", group="LAG KOL")
    begin(town, "Pia", group="LAG Astma")
    assert sorted(each.note for each in held(town, "Pia") if each.role == "lagLeader") == ["LAG Astma", "LAG KOL"]


@pytest.mark.parametrize(
    ("role", "said"), [("kung@LUNG", "rollen kung finns inte"), ("lagLeader@MANEN", "programområdet MANEN finns inte")]
)
def test_what_the_region_does_not_know_is_an_incident(town: Town, role: str, said: str) -> None:
    town.deploy(BEGIN)
    begin(town, "Pia", role)
    [incident] = town.incidents()
    assert said in incident.message.lower().replace("manen", "MANEN")
    assert len(held(town, "Pia")) == 1


def test_a_mandate_ends_on_its_last_day_and_only_in_its_group(town: Town) -> None:
    town.deploy(BEGIN)
    begin(town, "Pia", group="LAG KOL")
    begin(town, "Pia", group="LAG Astma")
    town.deploy(END)
    ended = town.start(who=town.keys["Pia"], role="lagLeader@LUNG", last="2026-05-31", group="LAG KOL")
    assert town.case(ended).variables["ended"] == 1
    assert {each.note: str(each.ends) for each in held(town, "Pia") if each.note} == {
        "LAG KOL": "2026-05-31",
        "LAG Astma": "None",
    }


# Tasks --------------------------------------------------------------------------------------------------------------

WORK = d.diagram(
    asking("lead", "programAreaId", id="Begin"),
    d.user_task("Personal", assignee="${lead}"),
    d.end("Done"),
    id="work",
)
ROLES = d.diagram(
    asking("programAreaId", id="Begin"),
    d.user_task("OfRole", candidateGroups="primaryCareRep@LUNG"),
    d.end("Done"),
    id="roles",
)
HAND_OVER = d.diagram(
    asking("who", "successor"),
    d.service_task("List", "task.list", extension=d.parameters({"person": "who", "area": "'LUNG'"})),
    d.service_task(
        "HandOver",
        "task.reassign",
        extension=d.parameters(
            {
                "person": "who",
                "area": "'LUNG'",
                "openTasks": "[{'task': row['task'], 'successor': successor} for row in openTasks]",
                "fallback": "'lpoChair@LUNG'",
            }
        ),
    ),
    d.end(),
)


def hand_over(town: Town, successor: str | None) -> dict[str, Any]:
    case = town.start(who=town.keys["Pia"], successor=town.keys[successor] if successor else None)
    return dict(town.case(case).variables)


def test_tasks_of_the_area_go_to_the_successor_who_is_told(town: Town) -> None:
    for each in (WORK, HAND_OVER):
        town.deploy(each)
    town.start("work", lead=town.keys["Pia"], programAreaId="LUNG")
    town.start("work", lead=town.keys["Pia"], programAreaId="HUD")
    seen = hand_over(town, "Ria")
    assert [each["task"].partition(",")[0] for each in seen["openTasks"]] == ["Personal"]
    assert seen["reassigned"] == 1
    assert sorted(task.assignee or "" for task in town.open_tasks()) == sorted([town.keys["Ria"], town.keys["Pia"]])
    assert "taskAssigned" in town.mails("Ria")


def test_without_a_successor_a_task_goes_back_to_its_role_or_to_the_fallback(town: Town) -> None:
    for each in (WORK, ROLES, HAND_OVER):
        town.deploy(each)
    town.start("work", lead=town.keys["Pia"], programAreaId="LUNG")
    town.start("roles", programAreaId="LUNG")
    tasks.claim(town.db, town.open_task("OfRole").id, by=town.by("Pia"))
    assert hand_over(town, None)["reassigned"] == 2
    assert town.open_task("OfRole").assignee is None
    assert town.open_task("Personal").assignee == town.keys["Lo"]
