"""Every table there is, for migrations and checks: importing this file fills the shared metadata."""

from __future__ import annotations

from store import (  # noqa: F401  # for the tables that they make
    additions,
    calendars,
    cases,
    clock,
    comments,
    deadlines,
    definitions,
    documents,
    drafts,
    held_answers,
    history,
    identities,
    incidents,
    links,
    logins,
    messages,
    organisation,
    outbox,
    people,
    proposals,
    readings,
    receipts,
    recusals,
    reminders,
    renderings,
    replays,
    rounds,
    schedules,
    seals,
    sessions,
    settings,
    states,
    subscriptions,
    tasks,
    timers,
    tokens,
    undelivered,
    webhooks,
)
from store.columns import metadata

__all__ = ["metadata"]
