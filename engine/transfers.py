"""Moving running cases to another version of their process: planned first, then one at a time, all of it or nothing.

Nothing moves by itself: a case stays on the version it started with until an operator moves it, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine import access, definitions, journal, steps
from engine.access import Actor
from engine.core import transferring
from engine.core.decisions import DecisionError
from engine.core.errors import CoreError
from engine.core.expressions import ExpressionError
from engine.core.findings import Finding, blocking
from engine.core.transferring import Transfer
from engine.definitions import Deployed
from engine.errors import Conflict, Invalid, NotFound, NotRunning
from store import cases, incidents, reminders, states, subscriptions, tasks, timers
from store import definitions as versions
from store.cases import Case
from store.database import Database, Reader, Transaction
from store.definitions import Deployment

LEAST_OF_HASH = 4
"""Characters that name a version by its hash: fewer could be a number that was mistaken."""


class _Rehearsed(Exception):
    """It would have gone well, and is undone."""


@dataclass(frozen=True)
class Outcome:
    """How it went for one case, or how it would go."""

    case: Case
    """As it was before."""
    version: str
    """The one it was to be moved to."""
    moved: bool
    """In a rehearsal: whether it can be."""
    findings: tuple[Finding, ...] = ()
    """`fel` says why it stays; `råd` what people should know."""


def candidates(reader: Reader, region: str, key: str, to: str, since: str | None = None) -> list[Case]:
    """The open cases of a process that stand on another version than `to`, or on just the version `since`."""
    found = cases.stream(reader, region, key, since)
    return [case for case in found if case.status in cases.OPEN and case.version != to]


def version_named(reader: Reader, region: str, key: str, named: str | None = None) -> Deployment:
    """A deployed version of a process: by its number, by the beginning of its hash, or the newest.

    Raises `NotFound`, and `Invalid` where several begin so.
    """
    deployed = versions.of_key(reader, region, key)
    if not deployed:
        raise NotFound("Processen", key)
    if named is None:
        return deployed[0]
    fitting = [each for each in deployed if named == str(each.number)]
    if not fitting and len(named) >= LEAST_OF_HASH:
        fitting = [each for each in deployed if each.version.startswith(named.casefold())]
    if not fitting:
        raise NotFound(f"Processen {key} i version", named)
    if len({each.version for each in fitting}) > 1:
        raise Invalid(f"Flera versioner av {key} börjar på {named}. Skriv fler tecken, eller versionens nummer.")
    return fitting[0]


def transfer(
    db: Database,
    case_id: str,
    version: str,
    *,
    mapping: Mapping[str, str] | None = None,
    reason: str,
    by: Actor,
    rehearse: bool = False,
) -> Outcome:
    """Move a case to another version; with `rehearse` everything is tried and then undone.

    `mapping` is element -> the element that it has become (empty: an event that is waited for no more). A case that
    cannot be moved is left as it was, and the findings say why. Raises `NotFound`, `Forbidden`, `NotRunning`,
    `Conflict` for a case that is there already, and `Invalid` for a version, map or reason that cannot be used.
    """
    with db.transaction() as tx:
        case, old, by = _locked(tx, case_id, by)
        new = _target(tx, case, version)
        mapping = mapping or {}
        _check(case, old, new, mapping, reason)
        plan = transferring.transfer(old.definition, new.definition, states.read(tx, case.id), mapping)
        if blocking(plan.findings):
            return Outcome(case, version, False, plan.findings)
        try:
            with tx.savepoint():
                _carry_out(tx, case, new, plan, mapping, replace(by, reason=reason.strip()))
                if rehearse:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        except (CoreError, ExpressionError, DecisionError) as error:
            return Outcome(case, version, False, (*plan.findings, _cannot(str(error))))
        return Outcome(case, version, True, plan.findings)


def _locked(tx: Transaction, case_id: str, by: Actor) -> tuple[Case, Deployed, Actor]:
    case = cases.lock(tx, case_id)
    if case is None:
        raise NotFound("Ärendet", case_id)
    old = definitions.of_case(tx, case)
    by = access.require(tx, by, "case.migrate", region=case.region, timezone=old.region.timezone, case=case)
    if case.status not in cases.OPEN:
        raise NotRunning(case.number, case.status)
    return case, old, by


def _target(tx: Transaction, case: Case, version: str) -> Deployed:
    deployment = versions.by_version(tx, case.region, version)
    if deployment is None or deployment.process_key != case.process_key:
        raise Invalid(f"Versionen {version[:12]} av {case.process_key} är inte driftsatt i regionen.")
    return definitions.of_version(tx, version)


def _check(case: Case, old: Deployed, new: Deployed, mapping: Mapping[str, str], reason: str) -> None:
    if not reason.strip():
        raise Invalid("Skriv varför ärendet flyttas.")
    if old.version == new.version:
        raise Conflict(f"Ärendet {case.number} står redan på den versionen.")
    before, after = _elements(old), _elements(new)
    unknown = [each for each in mapping if each not in before]
    unknown += [each for each in mapping.values() if each and each not in after]
    if unknown:
        raise Invalid(f"Kartan nämner element som inte finns: {', '.join(unknown)}.")


def _elements(deployed: Deployed) -> set[str]:
    return {each for process in deployed.definition.processes for each in process.nodes}


def _carry_out(
    tx: Transaction, case: Case, new: Deployed, plan: Transfer, mapping: Mapping[str, str], by: Actor
) -> None:
    """The state and all that stands beside it go over, history tells, and the case takes its first step there."""
    states.drop(tx, case.id)
    states.write(tx, case.id, plan.rows)
    cases.change(tx, case.id, version=new.version)
    for beside in (timers, subscriptions, incidents, tasks):
        beside.rename(tx, case.id, plan.elements)
    tasks.rename(tx, case.id, _done_elsewhere(tasks.of_case(tx, case.id), mapping))
    journal.note(tx, case, "migrated", by, _details(tx, case, new, mapping))
    steps.take(tx, replace(case, version=new.version), plan.refit, by)
    if case.status == "suspended":
        reminders.hold(tx, case.id)


def _done_elsewhere(everything: Iterable[tasks.Task], mapping: Mapping[str, str]) -> dict[str, str]:
    """Closed tasks under the ids that the version has for them: who did what is asked for by element."""
    closed = [each for each in everything if each.status != "open"]
    return {each.key: mapping[each.element] for each in closed if mapping.get(each.element)}


def _details(reader: Reader, case: Case, new: Deployed, mapping: Mapping[str, str]) -> dict[str, object]:
    numbers = [_number(reader, case.region, version) for version in (case.version, new.version)]
    return {"from": case.version, "to": new.version, "numbers": numbers, "map": dict(mapping)}


def _number(reader: Reader, region: str, version: str) -> int | None:
    found = versions.by_version(reader, region, version)
    return found.number if found else None


def _cannot(why: str) -> Finding:
    return Finding(
        "fel",
        None,
        "",
        "first-step",
        f"Ärendet kan inte ta sitt första steg i den nya versionen: {why}",
        "Rätta diagrammet och driftsätt det på nytt. Ärendet är kvar där det var.",
        f"The case cannot take its first step in the new version: {why}",
        "Correct the diagram and deploy it again. The case is where it was.",
    )
