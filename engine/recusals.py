"""Recusals (jäv i viss fråga): what follows when one is decided or lifted, and when a case comes to be about a matter.

They hold from the same transaction: whoever has a task in such a case has it no more, and the door asks every time
(`access.require_impartial`), so a recusal that ends by its date needs nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine import calendar, definitions, journal, relief
from engine.access import SYSTEM, Actor
from engine.core.model import Process
from engine.definitions import Deployed
from engine.errors import Forbidden, Invalid
from store import cases, recusals
from store.cases import Case
from store.database import Reader, Transaction

TAGS = "coiTags"
"""The variable of a case that names what it is about: a list of words, or words with commas between."""
LONGEST = 200
"""Characters of all the tags of a case together, as in the start forms."""


def tags_in(value: Any) -> list[str]:
    """The tags that a variable or an answer names, each once and written alike."""
    parts = value if isinstance(value, list) else str(value or "").replace(";", ",").split(",")
    found = (recusals.tag_of(str(part)) for part in parts)
    return list(dict.fromkeys(tag for tag in found if tag))


def follow_tags(tx: Transaction, before: Case, case: Case, deployed: Deployed) -> None:
    """A step may have changed what the case is about."""
    wanted, had = case.variables.get(TAGS), before.variables.get(TAGS)
    if wanted != had or (wanted and before.revision == 0):
        recusals.tag_case(tx, case.id, tags_in(wanted))
        relief.relieve(tx, case, deployed)


def inherited(
    reader: Reader, starter: Case | None, process: Process, variables: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What a case begins with: about what its starter is about, where it asks that and nothing is said."""
    if starter is None or variables.get(TAGS) or not _asks(process):
        return variables
    tags = recusals.tags_of_case(reader, starter.id)
    return {**variables, TAGS: ", ".join(tags)} if tags else variables


def follow_link(tx: Transaction, case: Case, other: Case, deployed: Deployed) -> None:
    """A case that asks what it is about, and has not been told, is about what the case it is linked to is about."""
    if not _asks(deployed.process) or recusals.tags_of_case(tx, case.id):
        return
    tags = recusals.tags_of_case(tx, other.id)
    if tags:
        _tag(tx, case, deployed, tags, SYSTEM, {"from": other.number})


def retag(tx: Transaction, case: Case, deployed: Deployed, tags: list[str], by: Actor) -> None:
    """Someone says what the case is about, instead of what was said before. Raises `Forbidden` or `Invalid`.

    Whoever is recused in the case may not free themselves so.
    """
    if sum(map(len, tags)) > LONGEST:
        raise Invalid(f"Skriv frågorna kortare: högst {LONGEST} tecken.")
    today = calendar.local_day(tx.now, deployed.region.timezone)
    if by.performer in recusals.of_case(tx, case.id, today):
        raise Forbidden("Du är jävig i ärendet. Någon annan får ändra vilka frågor det gäller.")
    _tag(tx, case, deployed, tags, by, {"before": recusals.tags_of_case(tx, case.id)})


def _tag(tx: Transaction, case: Case, deployed: Deployed, tags: list[str], by: Actor, told: Mapping[str, Any]) -> None:
    recusals.tag_case(tx, case.id, tags)
    journal.note(tx, case, "tagged", by, {"tags": tags, **told})
    relief.relieve(tx, case, deployed)


def _asks(process: Process) -> bool:
    """Whether some form of the process itself has a field for what the case is about."""
    return any(each.id == TAGS for node in process.nodes.values() for each in node.form)


def decide(
    tx: Transaction,
    case: Case,
    person: str,
    about: str,
    tags: Iterable[str],
    starts: date,
    ends: date | None,
    by: Actor,
) -> None:
    """An assessment of a person for a group says what they may have no part in, instead of what an earlier one said.

    No tags: nothing. `case` is the one in which it was decided.
    """
    recusals.lift(tx, case.region, person, about, case.id)
    decided = list(tags)
    for tag in decided:
        recusals.add(
            tx,
            region=case.region,
            person=person,
            tag=tag,
            about=about,
            starts=starts,
            ends=ends,
            case_id=case.id,
            case_number=case.number,
            by=by.performer,
        )
    told = {"person": person, "tags": decided, "from": starts.isoformat(), "to": ends.isoformat() if ends else None}
    journal.note(tx, case, "recusal.set" if decided else "recusal.lifted", by, told)
    for id in recusals.cases_about(tx, case.region, decided):
        _relieve_in(tx, id)


def _relieve_in(tx: Transaction, id: str) -> None:
    other = cases.lock(tx, id)
    if other is not None and other.status in cases.OPEN:
        relief.relieve(tx, other, definitions.of_case(tx, other))
