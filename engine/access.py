"""Who may do what: one table of acts, and mandates looked up when they are asked for.

A *standing* is what a person is to the thing at hand: its assignee, a candidate, the coordinator of the region ... The
table says which standings allow which act. Whoever may not even see a thing is told that it is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from engine import calendar, regions
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from store import cases, people, recusals, standing, tasks
from store.cases import Case
from store.database import Reader
from store.recusals import Recusal
from store.roles import Held, split_scope
from store.tasks import Task

COORDINATOR = "coordinator"
CHAIR = "lpoChair"

TASK_PEOPLE = frozenset(("assignee", "candidate"))
"""Substitutes are among them: standing in for someone absent gives the absent person's standing."""

ACTS: dict[str, frozenset[str]] = {
    "task.see": TASK_PEOPLE | {COORDINATOR, "participant"},
    "task.claim": TASK_PEOPLE,
    "task.complete": TASK_PEOPLE,
    "task.own": frozenset(("assignee",)),
    "task.forward": TASK_PEOPLE,
    "task.ask": TASK_PEOPLE,
    "round.respond": frozenset(("lead", "owner", COORDINATOR)),
    "task.release": frozenset(("assignee", COORDINATOR, "owner")),
    "task.assign": frozenset((COORDINATOR, "owner")),
    "case.see": frozenset(("participant", "owner", COORDINATOR, "registrar", "auditor", "chair")),
    "case.start": frozenset(("starter", COORDINATOR)),
    "case.cancel": frozenset((COORDINATOR, "owner")),
    "case.suspend": frozenset((COORDINATOR, "owner")),
    "case.tag": frozenset((COORDINATOR,)),
    "case.dispose": frozenset(("auditor", "registrar")),
    "deadline.move": frozenset((COORDINATOR, "owner")),
    "message.send": frozenset((COORDINATOR, "operator")),
    "process.propose": frozenset(("designer", COORDINATOR)),
    "process.approve": frozenset(("designer", COORDINATOR)),
    "process.deploy": frozenset((COORDINATOR,)),
    "incident.retry": frozenset(("operator",)),
    "outgoing.release": frozenset(("operator",)),
    "timer.see": frozenset(("operator", COORDINATOR)),
    "timer.move": frozenset(("operator",)),
    "case.migrate": frozenset(("operator",)),
    "history.see": frozenset(("auditor", "registrar")),
    "history.export": frozenset(("auditor", "registrar")),
    "people.change": frozenset((COORDINATOR, "administrator")),
    "profile.answer": frozenset((COORDINATOR,)),
    "webhook.change": frozenset((COORDINATOR, "operator", "administrator", "systemAdministrator")),
}
"""Act -> the standings that allow it. A process that names its starters leaves the coordinator out unless named."""

_SEEN_BY = {"task": "task.see", "case": "case.see", "round": "case.see", "deadline": "case.see", "incident": "case.see"}
_ON_BEHALF = frozenset(("task.complete", "task.forward", "task.claim", "task.ask"))
"""What the coordinator may do on behalf of someone, with a reason."""


@dataclass(frozen=True)
class Actor:
    """Who makes a move: a person, or the product itself when `person` is None."""

    person: str | None
    on_behalf_of: str | None = None
    reason: str | None = None
    mandate: str | None = None
    """The mandate that allowed it; filled in by `require`."""

    @property
    def performer(self) -> str | None:
        """The person whose standing counts: a command-line operator acts as the one named."""
        return self.person or self.on_behalf_of

    @property
    def is_product(self) -> bool:
        return self.performer is None


CLOCK = Actor(None, reason="clock")
SYSTEM = Actor(None, reason="system")


def require(
    reader: Reader,
    by: Actor,
    act: str,
    *,
    region: str,
    timezone: str,
    case: Case | None = None,
    task: Task | None = None,
    starters: Iterable[str] = (),
) -> Actor:
    """The actor with the mandate that allows the act. Raises `NotFound` or `Forbidden`; see the table `ACTS`."""
    if by.is_product:
        return by
    viewer = _Viewer(reader, by.performer or "", region, calendar.local_day(reader.now, timezone))
    standings = viewer.standings(case, task, tuple(starters))
    wanted = ACTS[act] - ({COORDINATOR} if starters else set())
    if COORDINATOR in standings and act in _ON_BEHALF and by.person and by.on_behalf_of:
        return _on_behalf(by, viewer)
    if not wanted & standings:
        standings |= viewer.took_part(case, task)
    if not wanted & standings:
        _refuse(act, standings, case, task)
    if by.person and by.on_behalf_of and by.on_behalf_of not in viewer.persons:
        raise Forbidden(f"Bara {_coordinator(region)} kan svara i någon annans ställe.")
    return viewer.warrant(by, wanted, task, tuple(starters))


def may(
    reader: Reader,
    by: Actor,
    act: str,
    *,
    region: str,
    timezone: str,
    case: Case | None = None,
    task: Task | None = None,
    starters: Iterable[str] = (),
) -> bool:
    """Whether `require` would let it pass."""
    try:
        require(reader, by, act, region=region, timezone=timezone, case=case, task=task, starters=starters)
    except (NotFound, Forbidden):
        return False
    return True


def cases_seen(reader: Reader, by: Actor, *, region: str, timezone: str) -> list[str] | None:
    """Ids of the cases that `require` would let the person see; None for those who see every case of the region."""
    viewer = _Viewer(reader, by.performer or "", region, calendar.local_day(reader.now, timezone))
    if not viewer.belongs:
        return []
    if ACTS["case.see"] & viewer.standings(None, None, ()):
        return None
    chaired = cases.of_areas(reader, region, [held.area for held in viewer.held if held.role == CHAIR])
    return list({*viewer.cases, *chaired, *cases.owned(reader, region, viewer.person)})


def require_impartial(reader: Reader, task: Task, *persons: str | None, by: Actor, timezone: str) -> None:
    """Four eyes and recusal: none of the persons may be excluded from the task. Raises `Forbidden`."""
    excluded = tasks.excluded(reader, task.id)
    performed = performers(reader, task)
    recused = recusals.of_case(reader, task.case_id, calendar.local_day(reader.now, timezone))
    for person in filter(None, persons):
        if person in performed or person in excluded:
            raise Forbidden(f"”{task.name}” ska göras av någon annan än den som gjorde det som ska granskas.")
        if person in recused:
            raise Forbidden(_recused(reader, by, task, recused[person]))


def barred(reader: Reader, task: Task, day: date) -> set[str]:
    """Person keys of those who may not do a task: four eyes, and recusals that hold on the day."""
    return {*tasks.excluded(reader, task.id), *recusals.of_case(reader, task.case_id, day)}


def _recused(reader: Reader, by: Actor, task: Task, recusal: Recusal) -> str:
    name = people.names(reader, {recusal.person}).get(recusal.person, "Personen")
    who = "Du" if recusal.person == by.performer else name
    what = f"är jävig i frågor om {recusal.tag}, enligt {recusal.case_number}, och kan inte ha ”{task.name}”."
    coordinator = _coordinator(task.region)
    return f"{who} {what} {coordinator[:1].upper()}{coordinator[1:]} kan ge uppgiften till någon annan."


def _coordinator(region: str) -> str:
    return str(regions.load(region)["roles"][COORDINATOR]["called"])


def candidates(reader: Reader, task: Task, day: date) -> list[Held]:
    """Everyone who may take the task on a day."""
    scopes = tasks.roles_of(reader, task.id)
    return [held for role, area in scopes for held in standing.holders(reader, task.region, role, area, day)]


def holders(reader: Reader, task: Task, today: date) -> list[str]:
    """Person keys of whoever has the task, or of everyone who may take it and is not excluded."""
    if task.assignee:
        return [task.assignee]
    out = barred(reader, task, today)
    found = (held.person for held in candidates(reader, task, today))
    return [person for person in dict.fromkeys(found) if person not in out]


def performers(reader: Reader, task: Task) -> set[str]:
    """Person keys of those who did what the task is to look at with other eyes."""
    written = task.properties.get("fourEyes")
    elements = [each.strip() for each in str(written).split(",") if each.strip()] if written else []
    return tasks.performers(reader, task.case_id, elements) if elements else set()


class _Viewer:
    """A person's mandates and absences on a day, looked up once."""

    def __init__(self, reader: Reader, person: str, region: str, day: date) -> None:
        self.reader = reader
        self.person = person
        self.region = region
        known = standing.of(reader, person, day)
        self.belongs = known.region == region
        self.held = known.held if self.belongs else ()
        self.persons = known.persons if self.belongs else frozenset()
        self._scopes: dict[str, list[tuple[str, str]]] = {}

    def standings(self, case: Case | None, task: Task | None, starters: tuple[str, ...]) -> frozenset[str]:
        """What the person is to the thing at hand, the region-wide roles included."""
        if not self.belongs or any(each is not None and each.region != self.region for each in (case, task)):
            return frozenset()
        found = {held.role for held in self.held if not held.area}
        if task is not None:
            found |= self._to_task(task)
        if case is not None:
            found |= self._to_case(case)
        if any(self._may_start(*split_scope(each)) for each in starters):
            found.add("starter")
        return frozenset(found)

    def warrant(self, by: Actor, wanted: frozenset[str], task: Task | None, starters: tuple[str, ...]) -> Actor:
        """The actor with the mandate used, and on whose behalf where it is that of someone absent."""
        if task is not None and task.assignee in self.persons:
            absent = task.assignee if task.assignee != self.person else None
            return replace(by, on_behalf_of=by.on_behalf_of or absent)
        if task:
            used = next((held for scope in self._offered_to(task) if (held := self._covers(*scope))), None)
        else:
            used = next((held for each in starters if (held := self._may_start(*split_scope(each)))), None)
        used = used or next((held for held in self.held if held.role in wanted), None)
        if used is None:
            return by
        return replace(by, mandate=used.mandate, on_behalf_of=by.on_behalf_of or used.on_behalf_of)

    def _to_task(self, task: Task) -> set[str]:
        found = {"assignee"} if task.assignee in self.persons else set()
        if any(self._covers(*scope) for scope in self._offered_to(task)):
            found.add("candidate")
        return found

    def _offered_to(self, task: Task) -> list[tuple[str, str]]:
        """The candidates of a task: role and area."""
        if task.id not in self._scopes:
            self._scopes[task.id] = tasks.roles_of(self.reader, task.id)
        return self._scopes[task.id]

    def _to_case(self, case: Case) -> set[str]:
        found = {"owner"} if case.owner == self.person else set()
        areas = case.variables.get("programAreaIds") or []
        if any(held.role == CHAIR and held.area in areas for held in self.held):
            found.add("chair")
        if case.variables.get("leadUserId") == self.person:
            found.add("lead")
        return found

    def took_part(self, case: Case | None, task: Task | None) -> frozenset[str]:
        """`participant` when the person, or a role of theirs, has or had a task in the case. Costs more."""
        id = task.case_id if task else case.id if case else None
        if id is None or not self.belongs:
            return frozenset()
        return frozenset(("participant",)) if id in self.cases else frozenset()

    @property
    def cases(self) -> list[str]:
        """The cases that they have or had a task in."""
        roles = [(held.role, held.area) for held in self.held]
        return tasks.cases_of(self.reader, self.region, self.persons, roles)

    def _may_start(self, role: str, area: str) -> Held | None:
        """A starter's role written without an area is held by whoever has it for some area: the case has none yet."""
        return next((held for held in self.held if held.role == role and (not area or held.area in ("", area))), None)

    def _covers(self, role: str, area: str) -> Held | None:
        return next((held for held in self.held if held.role == role and held.area in ("", area)), None)


def _on_behalf(by: Actor, viewer: _Viewer) -> Actor:
    if not by.reason:
        raise Conflict("Skriv varför du svarar i någon annans ställe.")
    other = people.find(viewer.reader, by.on_behalf_of or "")
    if other is None or other.region != viewer.region:
        raise Invalid("Välj en person som finns i regionen.")
    used = next(held for held in viewer.held if held.role == COORDINATOR)
    return replace(by, mandate=used.mandate)


def _refuse(act: str, standings: frozenset[str], case: Case | None, task: Task | None) -> None:
    seen_by = _SEEN_BY.get(act.partition(".")[0])
    may_see = ACTS["case.see"] | (ACTS[seen_by] if seen_by else frozenset())
    if seen_by and (case or task) and not may_see & standings:
        raise NotFound("Uppgiften" if task else "Ärendet", task.id if task else case.id if case else "")
    raise Forbidden("Du har inte behörighet att göra det här.")
