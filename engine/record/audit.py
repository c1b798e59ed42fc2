"""Is history as it was written? The chains are walked from their first row, and held against the seals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store import seals, verifying
from store.database import Database
from store.seals import Seal
from store.verifying import Fault


def verify(db: Database, exported: Mapping[str, Any] | None = None) -> list[Fault]:
    """Every place where history has been changed; empty when it is whole.

    A tail that was cut off together with its seals is found only against an `exported` head.
    """
    with db.read() as reader:
        return list(verifying.verify(reader, exported))


def head(db: Database) -> dict[str, Any]:
    """Seal all that has happened; the last seal, to be kept outside the product: `number`, `at`, `hash`."""
    with db.transaction() as tx:
        seals.seal(tx)
        return seals.head(tx)


def seal(db: Database) -> Seal | None:
    """Seal all chains that have grown; None when none has. The clock does this regularly."""
    with db.transaction() as tx:
        return seals.seal(tx)
