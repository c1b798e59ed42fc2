"""Accounts of ours for people who were loaded from a file of the organisation."""

from __future__ import annotations

from engine.organisation import Loaded
from store import accounts
from store.database import Database
from web import passwords


def open_accounts(db: Database, loaded: Loaded, password: str) -> None:
    """Let everyone who was loaded log in with one password. Who has an account already keeps it."""
    if not loaded.keys:
        return
    hashed = passwords.hash(password)
    with db.transaction() as tx:
        for username, person in loaded.keys.items():
            if accounts.of_person(tx, person) is None:
                accounts.add(tx, person, username, hashed)
