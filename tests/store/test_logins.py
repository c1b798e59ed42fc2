"""Log-ins under way, and who people are at the region's service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import identities, logins, people
from store.database import Database, SteppedClock
from store.errors import AlreadyTaken

STATE, BROWSER = "s" * 43, "b" * 43
LASTS = timedelta(minutes=15)


def leave(db: Database) -> None:
    with db.transaction() as tx:
        logins.remember(tx, STATE, BROWSER, nonce="n", verifier="v", target="/arenden", lasts=LASTS)


def test_a_log_in_is_taken_once_and_by_the_browser_that_began_it(db: Database) -> None:
    leave(db)
    with db.transaction() as tx:
        assert logins.take(tx, STATE, "another") is None
        assert logins.take(tx, "another", BROWSER) is None
        found = logins.take(tx, STATE, BROWSER)
        assert found is not None
        assert (found.nonce, found.verifier, found.target) == ("n", "v", "/arenden")
        assert STATE not in str(found)
        assert BROWSER not in str(found)
        assert logins.take(tx, STATE, BROWSER) is None


def test_a_log_in_that_was_never_finished_is_swept_away(db: Database, clock: SteppedClock) -> None:
    leave(db)
    with db.transaction() as tx:
        assert logins.sweep(tx) == 0
    clock.advance(LASTS + timedelta(seconds=1))
    with db.transaction() as tx:
        assert logins.sweep(tx) == 1
        assert logins.take(tx, STATE, BROWSER) is None


def test_an_identity_is_one_persons_and_can_be_forgotten(db: Database) -> None:
    with db.transaction() as tx:
        kim, lo = (people.add(tx, "jh", name).key for name in ("Kim Prov", "Lo Prov"))
        identities.add(tx, "https://id.region.example", "k1", kim)
        with pytest.raises(AlreadyTaken):
            identities.add(tx, "https://id.region.example", "k1", lo)
        identities.seen(tx, "https://id.region.example", "k1")
        found = identities.find(tx, "https://id.region.example", "k1")
        assert found is not None
        assert (found.person, found.seen_at) == (kim, tx.now)
        identities.erase(tx, kim)
        assert identities.find(tx, "https://id.region.example", "k1") is None
