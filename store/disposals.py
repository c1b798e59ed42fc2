"""Disposal (gallring): where the content of a case stands, all of it, and the log of the cases that have lost theirs.

What stays of such a case is that it was: its number, process, dates and outcome, which cases it belonged with, and the
chain of its history, whose rows have lost what they said beyond that something happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from store import (
    comments,
    deadlines,
    documents,
    drafts,
    held_answers,
    history,
    incidents,
    messages,
    outbox,
    readings,
    recusals,
    reminders,
    renderings,
    rounds,
    states,
    subscriptions,
    tasks,
    timers,
    undelivered,
    webhooks,
)
from store.cases import OPEN, Case, cases
from store.columns import Instant, as_row, metadata
from store.database import Reader, Transaction

disposals = Table(
    "disposals",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("region", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("person", Text),
    Column("at", Instant, nullable=False),
    Column("rows", Integer, nullable=False),
    Index(None, "region", "at"),
)


@dataclass(frozen=True, slots=True)
class Disposal:
    """A case that has lost its content: one line of the log (gallringslogg)."""

    case_id: str
    region: str
    decision: str
    """The decision that it rests on (gallringsbeslut), as its diary calls it."""
    rule: str
    """Key of the profile's `retention`."""
    person: str | None
    """Person key of whoever carried it out."""
    at: datetime
    rows: int
    """How many rows of its history were erased."""


@dataclass(frozen=True, slots=True)
class Decision:
    """All that has been disposed of on one decision."""

    decision: str
    cases: int
    rows: int
    at: datetime
    """The last time."""


# Where the content stands ------------------------------------------------------------------------------------------

_CASES: BindParameter[str] = bindparam("cases", expanding=True)
_TASKS = select(tasks.tasks.c.id).where(tasks.tasks.c.case_id.in_(_CASES))
_ROUNDS = select(rounds.rounds.c.id).where(rounds.rounds.c.case_id.in_(_CASES))
_OUTGOING = select(outbox.outbox.c.id).where(outbox.outbox.c.case_id.in_(_CASES))

CONTENT: Mapping[Table, ColumnElement[bool]] = {
    drafts.drafts: drafts.drafts.c.task_id.in_(_TASKS),
    held_answers.held_answers: held_answers.held_answers.c.case_id.in_(_CASES),
    readings.readings: readings.readings.c.task_id.in_(_TASKS),
    reminders.reminders: reminders.reminders.c.case_id.in_(_CASES),
    comments.comments: comments.comments.c.case_id.in_(_CASES),
    tasks.candidates: tasks.candidates.c.task_id.in_(_TASKS),
    tasks.exclusions: tasks.exclusions.c.task_id.in_(_TASKS),
    tasks.tasks: tasks.tasks.c.case_id.in_(_CASES),
    rounds.comments: rounds.comments.c.round_id.in_(_ROUNDS),
    rounds.invitees: rounds.invitees.c.round_id.in_(_ROUNDS),
    rounds.rounds: rounds.rounds.c.case_id.in_(_CASES),
    renderings.renderings: renderings.renderings.c.case_id.in_(_CASES),
    documents.documents: documents.documents.c.case_id.in_(_CASES),
    webhooks.attempts: webhooks.attempts.c.delivery.in_(_OUTGOING),
    outbox.outbox: outbox.outbox.c.case_id.in_(_CASES),
    deadlines.deadlines: deadlines.deadlines.c.case_id.in_(_CASES),
    deadlines.changes: deadlines.changes.c.case_id.in_(_CASES),
    incidents.incidents: incidents.incidents.c.case_id.in_(_CASES),
    messages.early: messages.early.c.taken_by.in_(_CASES),
    recusals.recusals: recusals.recusals.c.case_id.in_(_CASES),
    recusals.case_tags: recusals.case_tags.c.case_id.in_(_CASES),
    states.states: states.states.c.case_id.in_(_CASES),
    subscriptions.subscriptions: subscriptions.subscriptions.c.case_id.in_(_CASES),
    timers.timers: timers.timers.c.case_id.in_(_CASES),
    undelivered.undelivered: undelivered.undelivered.c.case_id.in_(_CASES),
}
"""Table -> those of its rows that are content of the cases: they go, in this order, which their foreign keys allow."""

KEPT: Mapping[str, str] = {
    "cases": "that the case was; `_EMPTY` takes what it was about",
    "history": "the chain; `history.erase_details` takes what its rows said",
    "history_heads": "where the chain ends",
    "history_seal_entries": "what the chain is held against",
    "case_links": "which cases belonged with each other, in no words of anyone's",
    "additions": "the register of what applies, and of what has applied, is not the case's own",
    "addition_versions": "as the register",
    "blobs": "goes with the last document that has it",
    "holds": "a held case is not disposed of",
    "disposals": "the log itself",
}
"""Table that says something of a case, and that keeps its rows -> why."""

_FORGET = [delete(table).where(mine) for table, mine in CONTENT.items() if table is not documents.documents]
_EMPTY = (
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(title=bindparam("called"), reason=None, start_key=None, variables={}, revision=cases.c.revision + 1)
)
_SAID = history.history.c.chain.in_(_CASES) & history.SAYS_SOMETHING
_COUNTED: Mapping[str, Sequence[tuple[Table, ColumnElement[bool]]]] = {
    "history": [(history.history, _SAID)],
    "answers": [(tasks.tasks, CONTENT[tasks.tasks] & tasks.tasks.c["values"].is_not(None))],
    "drafts": [(drafts.drafts, CONTENT[drafts.drafts])],
    "documents": [(documents.documents, CONTENT[documents.documents])],
    "rounds": [(rounds.rounds, CONTENT[rounds.rounds])],
    "comments": [(each, CONTENT[each]) for each in (rounds.comments, comments.comments)],
    "outgoing": [(outbox.outbox, CONTENT[outbox.outbox])],
    "deliveries": [(webhooks.attempts, CONTENT[webhooks.attempts])],
}
_COUNTS = {
    kind: [select(func.count()).select_from(table).where(mine) for table, mine in found]
    for kind, found in _COUNTED.items()
}
AT_A_TIME = 500
"""So many cases a statement is told of."""


def count(reader: Reader, ids: Sequence[str]) -> dict[str, int]:
    """How much there is to dispose of in cases, by kind: `history` (rows), `answers`, `drafts`, `documents` ..."""
    parts = [ids[at : at + AT_A_TIME] for at in range(0, len(ids), AT_A_TIME)]
    return {
        kind: sum(reader.scalar(each, {"cases": part}) for each in queries for part in parts)
        for kind, queries in _COUNTS.items()
    }


def forget(tx: Transaction, case_id: str, title: str) -> None:
    """Remove what a locked case holds, apart from what its history says; its row is called `title` from now on."""
    for each in _FORGET:
        tx.execute(each, {"cases": [case_id]})
    documents.forget(tx, case_id)
    tx.execute(_EMPTY, {"case": case_id, "called": title})


# The log -----------------------------------------------------------------------------------------------------------

_FIND = select(disposals).where(disposals.c.case_id == bindparam("case"))
_LOG = (
    select(disposals)
    .where(disposals.c.region == bindparam("region"))
    .order_by(disposals.c.at.desc(), disposals.c.case_id)
    .limit(bindparam("most"))
)
_DECISIONS = (
    select(
        disposals.c.decision,
        func.count().label("cases"),
        func.sum(disposals.c.rows).label("rows"),
        func.max(disposals.c.at).label("at"),
    )
    .group_by(disposals.c.decision)
    .order_by(func.max(disposals.c.at).desc(), disposals.c.decision)
)
_OF_REGION = _DECISIONS.where(disposals.c.region == bindparam("region"))
_ENDED = (
    select(cases)
    .where(
        cases.c.region == bindparam("region"),
        cases.c.status.not_in(OPEN),
        ~select(disposals.c.case_id).where(disposals.c.case_id == cases.c.id).exists(),
    )
    .order_by(cases.c.number)
)


def add(tx: Transaction, case: Case, decision: str, rule: str, rows: int, by: str | None) -> None:
    """The case has lost its content."""
    tx.insert(disposals, as_row(Disposal(case.id, case.region, decision, rule, by, tx.now, rows)))


def find(reader: Reader, case_id: str) -> Disposal | None:
    """None when the case still has its content."""
    return reader.find(_FIND, Disposal, {"case": case_id})


def ended(reader: Reader, region: str) -> Iterator[Case]:
    """Every case of a region that has ended and still has its content, by number."""
    return reader.stream(_ENDED, Case, {"region": region})


def log(reader: Reader, region: str, limit: int = 100) -> list[Disposal]:
    """Latest first."""
    return reader.all(_LOG, Disposal, {"region": region, "most": limit})


def decisions(reader: Reader, region: str | None = None) -> list[Decision]:
    """What was disposed of on each decision, the latest first; of every region when none is said."""
    if region is None:
        return reader.all(_DECISIONS, Decision)
    return reader.all(_OF_REGION, Decision, {"region": region})
