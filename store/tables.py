"""Every table there is, for migrations and checks: importing this file fills the shared metadata."""

from __future__ import annotations

from store import (
    additions,
    cases,
    clock,
    comments,
    deadlines,
    definitions,
    documents,
    drafts,
    history,
    incidents,
    links,
    messages,
    organisation,
    outbox,
    people,
    reminders,
    rounds,
    schedules,
    seals,
    sessions,
    settings,
    states,
    subscriptions,
    tasks,
    timers,
)
from store.columns import metadata

NOUNS = (
    additions,
    cases,
    clock,
    comments,
    deadlines,
    definitions,
    documents,
    drafts,
    history,
    incidents,
    links,
    messages,
    organisation,
    outbox,
    people,
    reminders,
    rounds,
    schedules,
    seals,
    sessions,
    settings,
    states,
    subscriptions,
    tasks,
    timers,
)

__all__ = ["NOUNS", "metadata"]
