"""What a rehearsal sees: how things stand, whether that is as expected, and what happened day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine import access, areas, calendar, tallies
from engine.regions import Region
from store import cases, deadlines, history, incidents, links, outbox, people, rounds, standing, tasks
from store.cases import Case
from store.database import Database, Reader
from store.history import Entry
from store.tasks import Task

MOST_CASES = 1_000
RUNNING = "PÅGÅR"
"""In place of the outcome of a case that has not ended."""
_WORK = frozenset(("userTask", "task", "manualTask", "serviceTask", "sendTask"))
_WEEKDAYS = ("mån", "tis", "ons", "tor", "fre", "lör", "sön")
_TOLD: Mapping[str, str] = {
    "started": "ärendet startar",
    "ready": "ny uppgift",
    "completed": "klar",
    "cancelled": "avbruten",
    "fired": "klockan",
    "received": "meddelande",
    "thrown": "skickar",
    "decided": "beslutstabell",
    "reminder.sent": "påminnelse",
    "escalation.sent": "eskalering",
    "deadline.moved": "sista dag flyttad",
    "deadline.conflict": "regionens datum avviker",
    "comment.answered": "bemött synpunkt",
    "forwarded": "vidaresänd",
    "document.made": "dokument",
    "handover.answered": "svar från annat system",
    "handover.late": "inget svar i tid",
    "handover.failed": "det andra systemet kunde inte",
    "problem": "incident",
    "ended": "ärendet slutar",
}
"""What the strip shows of history, in words."""


@dataclass
class Day:
    """One day of the strip."""

    day: date
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        head = f"{_WEEKDAYS[self.day.weekday()]} {calendar.long_date(self.day)}"
        named = calendar.holiday(self.day)
        return "\n".join([f"{head} ({named})" if named else head, *(f"  {line}" for line in self.lines)])


@dataclass(frozen=True)
class Seen:
    """How things stand at a moment. `case` is an id or number; None means the whole region."""

    reader: Reader
    region: Region
    names: Mapping[str, str]
    """Name -> person key."""
    case: str | None = None

    # What there is ---------------------------------------------------------------------------------------------------

    def open_tasks(self, element: str | None = None) -> list[Task]:
        """Open tasks of the region, or of the case where the step names one."""
        found = cases.listed(self.reader, self.region.id, limit=MOST_CASES)
        open_ones = (task for case in found[::-1] for task in tasks.open_of_case(self.reader, case.id))
        return [task for task in open_ones if element in (None, task.element)]

    def doers(self, task: Task) -> list[str]:
        return access.holders(self.reader, task, calendar.local_day(self.reader.now, self.region.timezone))

    def subject(self) -> Case | None:
        return cases.find_any(self.reader, self.case, self.region.id) if self.case else None

    def rows(self) -> list[Entry]:
        return [row for row in history.stream(self.reader, self.region.id) if not row.chain.startswith("region:")]

    # What is expected ------------------------------------------------------------------------------------------------

    def faults(self, wanted: Mapping[str, Any]) -> Iterator[str]:
        """A sentence for each expectation that is not met."""
        for key, value in wanted.items():
            if key in _EXPECTED:
                yield from _EXPECTED[key](self, value, wanted)

    def deadlines(self, wanted: Mapping[str, str], _: Any) -> Iterator[str]:
        case = self.subject()
        days = {key: day.isoformat() for key, day in deadlines.days(self.reader, case.id).items()} if case else {}
        for key, day in wanted.items():
            if days.get(key) != day:
                yield f"{key} är {days.get(key, 'inte satt')}, väntade {day}."

    def task(self, element: str, wanted: Mapping[str, Any]) -> Iterator[str]:
        found = self.open_tasks(element)
        if not found:
            others = ", ".join(sorted({each.element for each in self.open_tasks()})) or "inga"
            yield f"Ingen öppen uppgift {element}. Öppna uppgifter: {others}."
            return
        who = wanted.get("for")
        theirs = [each for each in found if who is None or self.names.get(who) in self.doers(each)]
        if not theirs:
            yield f"{element} är inte för {who}. Den är för {self._called(found)}."
        due = wanted.get("due")
        if theirs and due and due not in {str(each.due) for each in theirs}:
            yield f"{element} ska vara klar {theirs[0].due}, väntade {due}."

    def open(self, wanted: Mapping[str, int], _: Any) -> Iterator[str]:
        counted = Counter(each.element for each in self.open_tasks())
        for element, number in wanted.items():
            if counted[element] != number:
                yield f"{element} är öppen {counted[element]} gånger, väntade {number}."

    def tasks(self, wanted: int, _: Any) -> Iterator[str]:
        found = self.open_tasks()
        if len(found) != wanted:
            names = ", ".join(each.element for each in found)
            yield f"{len(found)} öppna uppgifter, väntade {wanted}: {names}."

    def outcome(self, wanted: str, _: Any) -> Iterator[str]:
        case = self.subject()
        outcome = case.outcome if case else None
        if outcome != wanted:
            status = f", ärendet är {case.status}" if case else ""
            yield f"Utfallet är {outcome}, väntade {wanted}{status}.{self._stopped()}"

    def status(self, wanted: str, _: Any) -> Iterator[str]:
        case = self.subject()
        if case is None or case.status != wanted:
            yield f"Ärendet är {case.status if case else 'inte startat'}, väntade {wanted}."

    def mails(self, wanted: Mapping[str, int], _: Any) -> Iterator[str]:
        for name, number in wanted.items():
            sent = [
                each for each in outbox.to_recipient(self.reader, self.names.get(name, name)) if each.kind == "mail"
            ]
            if len(sent) != number:
                yield f"{name} har fått {len(sent)} mejl, väntade {number}: {', '.join(each.name for each in sent)}."

    def documents(self, wanted: Mapping[str, int], _: Any) -> Iterator[str]:
        made = Counter(row.name for row in self.rows() if row.what == "document.made")
        for kind, number in wanted.items():
            if made[kind] != number:
                yield f"{kind} är skapat {made[kind]} gånger, väntade {number}."

    def taken(self, wanted: list[str], _: Any) -> Iterator[str]:
        found = {row.element for row in self.rows() if row.what == "taken"}
        missing = [flow for flow in wanted if flow not in found]
        if missing:
            yield f"Flödet {', '.join(missing)} har inte tagits."

    def elements(self, wanted: list[str], _: Any) -> Iterator[str]:
        found = {row.element for row in self.rows()}
        missing = [element for element in wanted if element not in found]
        if missing:
            yield f"Historiken nämner inte {', '.join(missing)}."

    def history(self, wanted: list[Any], _: Any) -> Iterator[str]:
        """A list of elements that history names and of other expectations; `...` stands for whatever else there is."""
        for each in wanted:
            if isinstance(each, Mapping):
                yield from self.faults(each)
            elif each != "...":
                yield from self.elements([each], wanted)

    def incident(self, wanted: bool | str, _: Any) -> Iterator[str]:
        found = incidents.open_of_region(self.reader, self.region.id)
        texts = " ".join(each.message for each in found)
        if isinstance(wanted, bool) and wanted != bool(found):
            yield f"{'Ingen incident' if wanted else 'Oväntad incident: ' + texts}"
        if isinstance(wanted, str) and wanted.lower() not in texts.lower():
            yield f"Ingen incident säger ”{wanted}”. {texts}"

    def variables(self, wanted: Mapping[str, Any], _: Any) -> Iterator[str]:
        case = self.subject()
        known = case.variables if case else {}
        for name, value in wanted.items():
            expected = self.names.get(value, value) if isinstance(value, str) else value
            if known.get(name) != expected:
                yield f"{name} är {known.get(name)!r}, väntade {value!r}."

    def cases(self, wanted: int | Mapping[str, int], _: Any) -> Iterator[str]:
        """How many cases there are in all, or of each process: the calendar starts cases of its own."""
        found = Counter(each.process_key for each in cases.listed(self.reader, self.region.id, limit=MOST_CASES))
        if isinstance(wanted, int):
            if found.total() != wanted:
                yield f"{found.total()} ärenden, väntade {wanted}."
            return
        for process, number in wanted.items():
            if found[process] != number:
                yield f"{found[process]} ärenden av {process}, väntade {number}."

    def outcomes(self, wanted: Mapping[str, Mapping[str, int]], _: Any) -> Iterator[str]:
        found = cases.listed(self.reader, self.region.id, limit=MOST_CASES)
        for process, expected in wanted.items():
            came = Counter(str(each.outcome or RUNNING) for each in found if each.process_key == process)
            if came != Counter(expected):
                yield f"{process} har gått {dict(came)}, väntade {dict(expected)}."

    def happened(self, wanted: Mapping[str, int], _: Any) -> Iterator[str]:
        counted = Counter(row.what for row in self.rows())
        for what, number in wanted.items():
            if counted[what] < number:
                yield f"{what} har hänt {counted[what]} gånger, väntade minst {number}."

    def staffed(self, wanted: Mapping[str, str], _: Any) -> Iterator[str]:
        today = calendar.local_day(self.reader.now, self.region.timezone)
        by = {each.area.id: each.by for each in areas.staffed(self.reader, self.region, today)}
        for area, expected in wanted.items():
            if by.get(area) != expected:
                yield f"{area} har {by.get(area) or 'varken LPO eller kontaktperson'}, väntade {expected or 'ingen'}."

    def mandates(self, wanted: Mapping[str, list[str]], _: Any) -> Iterator[str]:
        today = calendar.local_day(self.reader.now, self.region.timezone)
        for name, expected in wanted.items():
            held = {each.scope for each in standing.roles_on(self.reader, self.names.get(name, name), today)}
            if held != set(expected):
                yield f"{name} är {', '.join(sorted(held)) or 'ingenting'}, väntade {', '.join(expected)}."

    def answers(self, wanted: Mapping[str, int], _: Any) -> Iterator[str]:
        case = self.subject()
        found = rounds.of_case(self.reader, case.id)[:1] if case else []
        today = calendar.local_day(self.reader.now, self.region.timezone)
        given = Counter(each.said for latest in found for each in tallies.answers(self.reader, latest, today))
        if given != Counter(wanted):
            yield f"Svaren i rundan är {dict(given)}, väntade {dict(wanted)}."

    def linked(self, wanted: list[str], _: Any) -> Iterator[str]:
        """The processes of the case and of all that links lead to from it, in the order in which they started."""
        found = sorted(self._reached(), key=lambda case: (case.started_at, case.number))
        keys = [case.process_key for case in found]
        if keys != wanted:
            yield f"Länkarna når {', '.join(keys)}, väntade {', '.join(wanted)}."

    def _reached(self) -> list[Case]:
        case = self.subject()
        found: dict[str, Case] = {}
        todo = [case.id] if case else []
        while todo:
            id = todo.pop()
            other = cases.find(self.reader, id) if id not in found else None
            if other is not None:
                found[id] = other
                ends = ((link.from_case, link.to_case) for link in links.of_case(self.reader, id))
                todo += [end for both in ends for end in both]
        return list(found.values())

    def inputs(self, wanted: Mapping[str, Mapping[str, Any]], _: Any) -> Iterator[str]:
        """What the hand-over of an element is given."""
        for element, values in wanted.items():
            given = next((task.inputs for task in self.open_tasks(element)), {})
            for name, value in values.items():
                if given.get(name) != value:
                    yield f"{element} får {name} = {given.get(name)!r}, väntade {value!r}."

    def conflict(self, wanted: str, _: Any) -> Iterator[str]:
        told = [(row.details or {}).get("severity") for row in self.rows() if row.what == "deadline.conflict"]
        if wanted not in told:
            yield f"Ingen datumkonflikt {wanted} har noterats."

    def _called(self, found: list[Task]) -> str:
        keys = {key for task in found for key in self.doers(task)}
        return ", ".join(sorted(people.names(self.reader, keys).values())) or "ingen"

    def _stopped(self) -> str:
        messages = [each.message for each in incidents.open_of_region(self.reader, self.region.id)]
        waiting = ", ".join(each.element for each in self.open_tasks())
        return (f" Öppet: {waiting}." if waiting else "") + (f" Incident: {messages[0]}" if messages else "")


_EXPECTED: Mapping[str, Callable[[Seen, Any, Mapping[str, Any]], Iterator[str]]] = {
    "deadlines": Seen.deadlines,
    "task": Seen.task,
    "open": Seen.open,
    "tasks": Seen.tasks,
    "outcome": Seen.outcome,
    "status": Seen.status,
    "mails": Seen.mails,
    "documents": Seen.documents,
    "taken": Seen.taken,
    "elements": Seen.elements,
    "history": Seen.history,
    "incident": Seen.incident,
    "variables": Seen.variables,
    "cases": Seen.cases,
    "outcomes": Seen.outcomes,
    "happened": Seen.happened,
    "staffed": Seen.staffed,
    "mandates": Seen.mandates,
    "answers": Seen.answers,
    "linked": Seen.linked,
    "inputs": Seen.inputs,
    "conflict": Seen.conflict,
}


# The strip -----------------------------------------------------------------------------------------------------------


def strip(db: Database, region: Region) -> list[Day]:
    """Everything that happened and every mail, day by day."""
    with db.read() as reader:
        keys = {person.key: person.name for person in people.of_region(reader, region.id)}
        told = [(row.at, _line(row, keys)) for row in history.stream(reader, region.id) if _is_shown(row)]
        sent = outbox.listed(reader, region.id, "waiting", limit=10_000)
        told += [(each.created_at, _mail(each, keys)) for each in sent if each.kind == "mail"]
    days: dict[date, Day] = {}
    for at, line in sorted(told, key=lambda pair: pair[0]):
        day = calendar.local_day(at, region.timezone)
        days.setdefault(day, Day(day)).lines.append(f"{at.astimezone(calendar.zone(region.timezone)):%H:%M} {line}")
    return list(days.values())


def taken(db: Database) -> frozenset[tuple[str, str]]:
    """Process and sequence flow of every flow that was taken."""
    with db.read() as reader:
        return frozenset((row.process, row.element) for row in history.stream(reader) if row.what == "taken")


def _is_shown(row: Entry) -> bool:
    """Work, events and what people did; not each gateway and call that a token passes."""
    if row.what in ("ready", "completed"):
        return row.element_kind in _WORK
    return row.what in _TOLD


def _line(row: Entry, names: Mapping[str, str]) -> str:
    who = names.get(row.person or "", "")
    return f"{_TOLD[row.what]}: {row.name or row.element}" + (f" ({who})" if who else "")


def _mail(out: outbox.Outgoing, names: Mapping[str, str]) -> str:
    return f"mejl till {names.get(out.recipient or '', out.recipient)}: {out.payload.get('subject')}"
