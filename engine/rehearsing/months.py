"""A long rehearsal as a strip that can be read: a line per month, with what came, what was done and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from engine import calendar, definitions
from engine.regions import Region
from store import cases, history, mandates, outbox, tasks
from store.cases import Case
from store.database import Database, Reader

_HISTORY = frozenset(("reminder.sent", "escalation.sent", "document.made"))
_COUNTED: Mapping[str, tuple[str, str]] = {
    "begun": ("ärende började", "ärenden började"),
    "ended": ("slutade", "slutade"),
    "done": ("uppgift klar", "uppgifter klara"),
    "late": ("uppgift för sent", "uppgifter för sent"),
    "reminder.sent": ("påminnelse", "påminnelser"),
    "escalation.sent": ("eskalering", "eskaleringar"),
    "document.made": ("dokument", "dokument"),
    "mail": ("mejl", "mejl"),
    "left": ("mandat slutade", "mandat slutade"),
}
"""What a month counts: one, and several, in words."""


@dataclass
class Month:
    """What happened in a month, counted."""

    first: date
    begun: Counter[str] = field(default_factory=Counter)
    """Process in words -> cases that began."""
    ended: Counter[str] = field(default_factory=Counter)
    """Process and outcome in words -> cases that ended."""
    counted: Counter[str] = field(default_factory=Counter)

    def text(self) -> str:
        """`februari 2026: 4 ärenden började, 41 uppgifter klara, 3 påminnelser`, and below it which began and ended."""
        counted = {"begun": self.begun.total(), "ended": self.ended.total(), **self.counted}
        told = [f"{n} {words[n > 1]}" for what, words in _COUNTED.items() if (n := counted.get(what, 0))]
        head = f"{calendar.month(self.first)} {self.first.year}: {', '.join(told)}"
        return "\n".join([head, *_listed("började", self.begun), *_listed("slutade", self.ended)])


def strip(db: Database, region: Region) -> list[Month]:
    """Every month in which anything happened, in order."""
    with db.read() as reader:
        found = _Months(region.timezone)
        for case in cases.stream(reader, region.id):
            _count_case(reader, found, case)
        for row in history.stream(reader, region.id):
            if row.what in _HISTORY:
                found.at(row.at).counted[row.what] += 1
        for sent in outbox.listed(reader, region.id, "waiting", limit=100_000):
            if sent.kind == "mail":
                found.at(sent.created_at).counted["mail"] += 1
        for mandate in mandates.of(reader, region=region.id):
            if mandate.ends is not None and mandate.ends <= calendar.local_day(reader.now, region.timezone):
                found.of(mandate.ends).counted["left"] += 1
    return found.in_order()


class _Months(dict[date, Month]):
    """Months by their first day."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone

    def day(self, moment: datetime) -> date:
        return calendar.local_day(moment, self._timezone)

    def at(self, moment: datetime) -> Month:
        return self.of(self.day(moment))

    def of(self, day: date) -> Month:
        first = day.replace(day=1)
        return self.setdefault(first, Month(first))

    def in_order(self) -> list[Month]:
        return [self[first] for first in sorted(self)]


def _count_case(reader: Reader, found: _Months, case: Case) -> None:
    name = definitions.of_case(reader, case).definition.process.name
    found.at(case.started_at).begun[name] += 1
    if case.ended_at is not None:
        found.at(case.ended_at).ended[f"{name} {case.outcome or case.status}"] += 1
    for task in tasks.of_case(reader, case.id):
        if task.closed_at is not None and task.completed_by is not None:
            month = found.at(task.closed_at)
            month.counted["done"] += 1
            month.counted["late"] += task.due is not None and found.day(task.closed_at) > task.due


def _listed(verb: str, counted: Counter[str]) -> list[str]:
    named = ", ".join(f"{name} {number}" for name, number in sorted(counted.items()))
    return [f"  {verb}: {named}"] if named else []
