"""What became of the comments of a consultation round: the table that a region's answer carries with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import access, journal, regions
from engine.access import Actor
from engine.errors import Invalid, NotFound
from engine.regions import Region
from store import cases, people, rounds
from store.database import Database, Reader
from store.rounds import Comment, Invitee, Round

DISPOSITIONS = {
    "accepted": "Tas med",
    "partly": "Tas med delvis",
    "rejected": "Tas inte med",
    "noted": "Noteras",
}
"""What may become of a comment -> what people call it."""
LONGEST = 2000


@dataclass(frozen=True)
class Response:
    """A comment, whose it is, and what became of it."""

    comment: Comment
    number: int
    """In the table, from 1."""
    who: str
    """The name of the person who answered, and the role that was asked."""

    @property
    def disposition(self) -> str:
        """In words; empty until someone has decided."""
        return DISPOSITIONS.get(self.comment.disposition or "", "")


def of(reader: Reader, found: Round, region: Region) -> list[Response]:
    """Every comment of a round, in the order in which people were asked."""
    invited = {each.id: each for each in rounds.invitees_of(reader, found.id)}
    names = people.names(reader, {key for each in invited.values() if (key := each.answered_by or each.person)})
    comments = rounds.comments_of(reader, found.id)
    return [
        Response(each, number, _who(invited[each.invitee_id], names, region))
        for number, each in enumerate(comments, start=1)
    ]


def decide(db: Database, comment_id: str, disposition: str, text: str, *, by: Actor) -> Round:
    """Say what becomes of a comment, and why; it may be said anew until the case ends.

    Raises `NotFound`, `Forbidden` for all but who compiles the answer and the coordinator, and `Invalid`.
    """
    if disposition not in DISPOSITIONS:
        raise Invalid("Välj vad synpunkten leder till.")
    if len(text) > LONGEST:
        raise Invalid(f"Korta motiveringen till högst {LONGEST} tecken.")
    if disposition != "accepted" and not text.strip():
        raise Invalid("Skriv varför.")
    with db.transaction() as tx:
        comment, found = _found(tx, comment_id)
        case = cases.lock(tx, found.case_id)
        assert case is not None, "a round has a case"
        if case.status not in cases.OPEN:
            raise Invalid("Ärendet är avslutat. Tabellen ändras inte längre.")
        timezone = regions.load(case.region).timezone
        by = access.require(tx, by, "round.respond", region=case.region, timezone=timezone, case=case)
        rounds.dispose(tx, comment.id, disposition, text.strip(), by.performer or "")
        journal.note(tx, case, "comment.answered", by, {"comment": comment.id, "disposition": disposition})
    return found


def _found(reader: Reader, comment_id: str) -> tuple[Comment, Round]:
    comment = rounds.comment(reader, comment_id)
    found = rounds.find(reader, comment.round_id) if comment else None
    if comment is None or found is None:
        raise NotFound("Synpunkten", comment_id)
    return comment, found


def _who(invitee: Invitee, names: Mapping[str, str], region: Region) -> str:
    name = names.get(invitee.answered_by or invitee.person or "", "")
    title = region.title((invitee.group or "").partition("@")[0]) if invitee.group else ""
    return f"{name} ({title})" if name and title else name or title
