"""Processes that make events and send them, until they are told to stop, or killed."""

from __future__ import annotations

import threading

from engine import cases, tasks
from engine.access import Actor
from store import tasks as task_rows
from store.database import Database
from store.errors import StorageUnavailable
from tests.engine.town import REGION
from webhooks.outbound import Outbound, networks
from webhooks.sending import Sender

BASE = "https://kunskap.example.se"
HERE = networks("127.0.0.0/8")
BLINK = 0.05
"""Seconds between two looks of a sender at what is due."""


def send(url: str, seconds: float) -> None:
    """One sender: `seconds` is how long it waits for a receiver."""
    sender = Sender(Database(url), Outbound(HERE, seconds=seconds), BASE)
    while True:
        try:
            sender.round()
        except StorageUnavailable:
            continue
        threading.Event().wait(BLINK)


def make(url: str, person: str, number: int) -> None:
    """Start that many cases, and complete every task of each."""
    db, by = Database(url), Actor(person)
    for _ in range(number):
        case = cases.start(db, REGION, "test", {}, by=by)
        while waiting := _open(db, case.id):
            tasks.complete(db, waiting[0], {"answer": "ja"}, by=by)


def _open(db: Database, case: str) -> list[str]:
    with db.read() as reader:
        return [each.id for each in task_rows.open_of_case(reader, case)]
