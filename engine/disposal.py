"""Disposal (gallring): a plan of what may lose its content, and the run that removes it on a decision.

Nothing is removed by itself. A person decides by the region's plan, and says on which decision it rests; each case goes
in a transaction of its own, whole or not at all, so that a run that is broken off is simply made again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine import access, calendar, journal, regions, retention
from engine.access import Actor
from engine.errors import Conflict, Invalid, NeedsConfirming, NotFound
from engine.regions import Region
from store import additions, cases, disposals, holds, incidents, links, recusals
from store.cases import Case
from store.database import Database, Reader, Transaction

TITLE = "Gallrat ärende"
"""What a case is called when nothing is left that says what it was about."""
LONGEST = 200
"""Characters of a decision's reference."""


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose time has passed."""

    case: Case
    kept_until: date
    rule: str
    """Key of the profile's `retention`."""
    held: Sequence[str]
    """Why it may not be disposed of yet, in sentences; empty when it may."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Those cases of one process that may be disposed of by one rule."""

    process: str
    rule: str
    period: str
    """ISO 8601: `P10Y`."""
    cases: Sequence[Due]
    counts: Mapping[str, int]
    """How much they hold, as `disposals.count` says it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be disposed of on a day (gallringsutredning)."""

    day: date
    kinds: Sequence[Kind]
    held: Sequence[Due]
    """Cases whose time has passed, and that something holds."""

    @property
    def cases(self) -> list[Case]:
        """Those that may go, in the order of the plan."""
        return [each.case for kind in self.kinds for each in kind.cases]


def plan(reader: Reader, region: str, day: date | None = None) -> Plan:
    """What may be disposed of on a day, or today. Cases that are kept for good, by diary or profile, are in no plan."""
    profile = regions.load(region)
    day = day or calendar.local_day(reader.now, profile.timezone)
    held = _held(reader, region, day)
    due = [each for case in disposals.ended(reader, region) if (each := _due(profile, case, day, held))]
    kinds: dict[tuple[str, str], list[Due]] = defaultdict(list)
    for each in due:
        if not each.held:
            kinds[each.case.process_key, each.rule].append(each)
    return Plan(day, [_kind(reader, profile, *key, kinds[key]) for key in sorted(kinds)], [e for e in due if e.held])


def run(
    db: Database,
    region: str,
    *,
    decision: str,
    number: int,
    by: Actor,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Dispose of all that today's plan has, on a decision (gallringsbeslut); answers how many cases it was.

    `number` is how many cases the person has seen in the plan. Raises `Forbidden`, `Invalid`, or `NeedsConfirming` when
    the plan has another number.
    """
    decision = _decision(decision)
    with db.read() as reader:
        _allowed(reader, region, by)
        found = plan(reader, region).cases
    if number != len(found):
        raise NeedsConfirming(f"Antalet ärenden i planen är {len(found)}, inte {number}. Läs planen och bekräfta igen.")
    disposed = 0
    for done, case in enumerate(found, start=1):
        disposed += dispose(db, case.id, decision=decision, by=by)
        progress(done, len(found))
    return disposed


def dispose(db: Database, case_id: str, *, decision: str, by: Actor) -> bool:
    """Remove the content of one case. False when it may not go any more, or has gone already."""
    with db.transaction() as tx:
        case = _locked(tx, case_id)
        by = _allowed(tx, case.region, by)
        due = _due_now(tx, case)
        if due is None or due.held or disposals.find(tx, case.id):
            return False
        about = {"decision": _decision(decision), "rule": due.rule, "keptUntil": due.kept_until.isoformat()}
        rows = journal.erased(tx, case, by, about | {"counts": disposals.count(tx, [case.id])})
        disposals.forget(tx, case.id, TITLE)
        disposals.add(tx, case, about["decision"], due.rule, rows, by.performer)
        return True


def hold(db: Database, number: str, region: str, *, reason: str, by: Actor) -> Case:
    """Keep a case from disposal (bevara), for a reason. Raises `NotFound`, `Forbidden`, `Invalid` or `Conflict`."""
    with db.transaction() as tx:
        case = _named(tx, number, region)
        by = _allowed(tx, region, by)
        reason = _required(reason, "Skriv varför ärendet ska bevaras.")
        if disposals.find(tx, case.id):
            raise Conflict(f"Ärendet {case.number} är redan gallrat.")
        holds.put(tx, case.id, region, reason, by.performer)
        journal.note(tx, case, "held", by, {"reason": reason})
        return case


def lift(db: Database, number: str, region: str, *, reason: str, by: Actor) -> Case:
    """Let a case be disposed of in its time again. Raises `NotFound`, `Forbidden`, `Invalid` or `Conflict`."""
    with db.transaction() as tx:
        case = _named(tx, number, region)
        by = _allowed(tx, region, by)
        reason = _required(reason, "Skriv varför ärendet inte längre ska bevaras.")
        if not holds.lift(tx, case.id):
            raise Conflict(f"Ärendet {case.number} är inte märkt att bevaras.")
        journal.note(tx, case, "hold.lifted", by, {"reason": reason})
        return case


# What is due, and what holds it ------------------------------------------------------------------------------------


def _due_now(tx: Transaction, case: Case) -> Due | None:
    profile = regions.load(case.region)
    day = calendar.local_day(tx.now, profile.timezone)
    return _due(profile, case, day, _held(tx, case.region, day))


def _due(region: Region, case: Case, day: date, held: Mapping[str, Sequence[str]]) -> Due | None:
    """None while the case goes on, or is still to be kept."""
    until = kept_until(region, case)
    if until is None or until >= day:
        return None
    return Due(case, until, retention.rule_of(case.process_key), held.get(case.id, ()))


def kept_until(region: Region, case: Case) -> date | None:
    """The last day that a case is kept; None while it goes on, and where it is kept for good."""
    if case.ended_at is None:
        return None
    ended = calendar.local_day(case.ended_at, region.timezone)
    return retention.kept_until(region, case.process_key, ended, case.variables.get("diaryNumber"))


def _kind(reader: Reader, region: Region, process: str, rule: str, due: Sequence[Due]) -> Kind:
    counts = disposals.count(reader, [each.case.id for each in due])
    return Kind(process, rule, retention.period_of(region, rule) or "", due, counts)


def _held(reader: Reader, region: str, day: date) -> Mapping[str, Sequence[str]]:
    """Case -> why it may not be disposed of."""
    found: dict[str, list[str]] = defaultdict(list)
    for case_id, sentence in _reasons(reader, region, day):
        if sentence not in found[case_id]:
            found[case_id].append(sentence)
    return found


def _reasons(reader: Reader, region: str, day: date) -> Iterable[tuple[str, str]]:
    for hold in holds.of_region(reader, region):
        yield hold.case_id, f"Ska bevaras: {hold.reason}"
    for case_id, number in links.to_open(reader, region):
        yield case_id, f"Hör ihop med {number}, som inte är avslutat."
    for case_id, title in additions.carried(reader, region):
        yield case_id, f"Har beslutet om det lokala tillägget ”{title}”, som gäller."
    for recusal in recusals.of_region(reader, region, day):
        yield recusal.case_id, f"Har beslutet om ett jäv i frågan {recusal.tag}, som gäller."
    for case_id in incidents.cases_stopped(reader, region):
        yield case_id, "Har ett stopp som ingen har löst."


# Who and what ------------------------------------------------------------------------------------------------------


def _allowed(reader: Reader, region: str, by: Actor) -> Actor:
    return access.require(reader, by, "case.dispose", region=region, timezone=regions.load(region).timezone)


def _locked(tx: Transaction, case_id: str) -> Case:
    case = cases.lock(tx, case_id)
    if case is None:
        raise NotFound("Ärendet", case_id)
    return case


def _named(tx: Transaction, number: str, region: str) -> Case:
    found = cases.find_any(tx, number.strip(), region)
    if found is None or found.region != region:
        raise NotFound("Ärendet", number)
    return _locked(tx, found.id)


def _decision(text: str) -> str:
    if len(text) > LONGEST:
        raise Invalid(f"Skriv gallringsbeslutet med högst {LONGEST} tecken.")
    return _required(text, "Skriv vilket gallringsbeslut gallringen stöder sig på, till exempel dess diarienummer.")


def _required(text: str, otherwise: str) -> str:
    if not text.strip():
        raise Invalid(otherwise)
    return text.strip()
