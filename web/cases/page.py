"""What the page of one case shows, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from engine import access, calendar, definitions, disposal, due_days, following
from engine.connectors import webhook
from engine.definitions import Deployed
from engine.errors import NotFound
from engine.regions import Region
from store import cases, deadlines, history, incidents, links, organisation, people, recusals, tasks, timers
from store import definitions as versions
from store.cases import Case
from store.database import Reader
from store.disposals import Disposal
from store.history import Entry
from store.tasks import Task
from store.timers import Timer
from web import about, here, words
from web.cases import answers, papers, progress, rounds_page, timeline, wording
from web.doors import AUDITOR_ROLES
from web.language import say
from web.visitor import Visitor

MOVES = ("case.cancel", "case.suspend", "case.tag", "deadline.move")
"""Acts that the page has a form for."""
LATEST = 8
"""So much of what has happened is told at once; the rest is asked for."""
TOLD = 8
"""So many of the open tasks are listed."""


def found(reader: Reader, visitor: Visitor, id: str) -> Case:
    """A case that the visitor may see, by id or number. Raises `NotFound` also when it is there but not for them."""
    case = cases.find_any(reader, id, visitor.region)
    if case is None or not may(reader, visitor, "case.see", case):
        raise NotFound("Ärendet", id)
    return case


def may(reader: Reader, visitor: Visitor, act: str, case: Case) -> bool:
    """Whether the visitor may do this with the case."""
    return access.may(reader, visitor.by, act, **here.place(), case=case)


def of_case(reader: Reader, visitor: Visitor, case: Case, *, whole: bool) -> dict[str, Any]:
    """Everything the template of a case wants; `whole` tells all of its history."""
    today, deployed = here.today(reader), definitions.of_case(reader, case)
    entries, own_tasks = history.read(reader, case.id), tasks.of_case(reader, case.id)
    stopped = incidents.open_of_case(reader, case.id)
    names = people.names(reader, _concerned(case, entries, own_tasks))
    traces = progress.traces(entries, own_tasks, stopped, today, names)
    return {
        "case": case,
        "status_of": wording.status(case),
        "process_name": _process_name(reader, case, deployed),
        "kept_until": _kept_until(case),
        "incidents": stopped,
        "steps": progress.steps(deployed.definition, traces, ended=case.status not in cases.OPEN),
        "open_tasks": _open_tasks(reader, case, own_tasks, names, today),
        "deadlines": _deadlines(reader, case, deployed.region, today),
        "persons": _persons(reader, case, own_tasks, names),
        "papers": papers.of_case(reader, case, today),
        "rounds": rounds_page.summaries(reader, case),
        "tags": recusals.tags_of_case(reader, case.id),
        "links": _links(reader, visitor, case),
        "onward": list(following.offered(reader, here.region(), case, visitor.by)),
        "may": {act: may(reader, visitor, act, case) for act in MOVES},
        **_happened(reader, case, deployed, own_tasks, entries, names, today, whole),
        **_timers(reader, case, deployed, today),
    }


def of_disposed(reader: Reader, visitor: Visitor, case: Case, log: Disposal) -> dict[str, Any]:
    """What is left to show of a case that has lost its content."""
    today, deployed = here.today(reader), definitions.of_case(reader, case)
    assert case.ended_at is not None, "only what has ended is disposed of"
    return {
        "case": case,
        "disposal": log,
        "disposed_on": calendar.long_date(here.local(log.at).date()),
        "process_name": _process_name(reader, case, deployed),
        "status_of": wording.status(case),
        "started": words.day(case.started_at, today),
        "ended": words.day(case.ended_at, today),
        "links": _links(reader, visitor, case),
        "audits": visitor.holds(*AUDITOR_ROLES),
    }


def _process_name(reader: Reader, case: Case, deployed: Deployed) -> str:
    """With the number of the version that the case runs on."""
    known = versions.by_version(reader, case.region, case.version)
    name = deployed.process.name
    return say("{kind}, version {n}", kind=name, n=known.number) if known else name


def _concerned(case: Case, entries: Iterable[Entry], own_tasks: Iterable[Task]) -> set[str]:
    keys = {case.owner, case.started_by}
    keys |= {person for each in entries for person in (each.person, each.on_behalf_of)}
    keys |= {person for each in own_tasks for person in (each.assignee, each.completed_by)}
    return {each for each in keys if each}


def _kept_until(case: Case) -> str:
    """The last day that a closed case is kept, in words; empty while it is open or where it is kept for good."""
    until = disposal.kept_until(here.region(), case)
    return calendar.long_date(until) if until else ""


def _open_tasks(
    reader: Reader, case: Case, own_tasks: Iterable[Task], names: Mapping[str, str], today: date
) -> list[tuple[Task, words.Due, str, bool]]:
    """The first are told with whether the visitor may open them: an owner without tasks sees the case alone."""
    waiting = [each for each in own_tasks if each.status == "open"]
    opened = {each.id for each in waiting[:TOLD] if _may_open(reader, case, each)}
    told = about.named(reader, (each if each.id in opened else about.withheld(each) for each in waiting))
    return [(each, words.due(each.due, today), _who(reader, each, names), each.id in opened) for each in told]


def _may_open(reader: Reader, case: Case, task: Task) -> bool:
    return here.may(reader, "task.see", case=case, task=task)


def _who(reader: Reader, task: Task, names: Mapping[str, str]) -> str:
    """Who has a task, which role may take it, or which other system is to do it."""
    if task.assignee is not None:
        return names.get(task.assignee, "")
    if webhook.waits(task.properties):
        return str(task.properties[webhook.HANDOVER]["system"])
    scopes = tasks.roles_of(reader, task.id)
    areas = organisation.area_names(reader, {area for _, area in scopes})
    return "; ".join(words.role(role, area, areas) for role, area in scopes)


def _deadlines(reader: Reader, case: Case, region: Region, today: date) -> list[dict[str, Any]]:
    named = deadlines.of_case(reader, case.id)
    why = due_days.explained(region, due_days.round_kind(case.process_key), named)
    return [
        {
            "deadline": each,
            "word": wording.deadline(each.key),
            "why": words.told(why.get(each.key, "")),
            "day": words.short_day(each.day, today.year),
            "due": words.due(each.day, today),
        }
        for each in named
    ]


def _persons(reader: Reader, case: Case, own_tasks: Iterable[Task], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Who is who in the case: the owner, the lead, and who has tasks now."""
    lead = people.names(reader, {str(case.variables.get("leadUserId") or "")})
    told = [(say("Ägare"), names[case.owner])] if case.owner and case.owner in names else []
    told += [(say("Sammanhållande"), name) for name in lead.values()]
    now = {(each.name, names.get(each.assignee or "", "")) for each in own_tasks if each.status == "open"}
    return told + sorted((task, name) for task, name in now if name)


def _links(reader: Reader, visitor: Visitor, case: Case) -> list[dict[str, Any]]:
    """The cases that this one belongs with, oldest first: each with what it is and how it stands."""
    known = reversed(links.cases_of(reader, case.id))
    seen = [each for each in known if may(reader, visitor, "case.see", each)]
    kinds = versions.names(reader, {each.version for each in seen})
    return [{"case": each, "kind": kinds.get(each.version, ""), "status": wording.status(each)} for each in seen]


def _happened(
    reader: Reader,
    case: Case,
    deployed: Deployed,
    own_tasks: Sequence[Task],
    entries: Sequence[Entry],
    names: Mapping[str, str],
    today: date,
    whole: bool,
) -> dict[str, Any]:
    told = timeline.tell(entries, names, today, whole=whole)
    shown = answers.beside(reader, case, deployed, own_tasks, told if whole else told[:LATEST])
    return {"happened": shown, "happened_total": timeline.number_of(entries)}


def _timers(reader: Reader, case: Case, deployed: Deployed, today: date) -> dict[str, Any]:
    """When what happens by itself; of a suspended case also what its pause has made wait."""
    armed = timers.of_case(reader, case.id)
    passed = [each for each in armed if case.status == "suspended" and each.due <= reader.now]

    def told(timer: Timer) -> tuple[str, str]:
        return words.moment(timer.due, today), _name_of(deployed, timer.element)

    return {"timers": [told(each) for each in armed], "passed": [told(each) for each in passed]}


def _name_of(deployed: Deployed, element: str) -> str:
    home = deployed.home(element)
    return (home.nodes[element].name if home else "") or element
