"""Who holds what on a day, and who stands in for whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from store import absences, accounts, mandates, organisation, people, sessions, standing
from store.database import Database, SteppedClock, Transaction
from store.errors import AlreadyTaken
from store.organisation import Area, Body, RegionRow
from store.roles import Held
from tests.store import given

DAY = date(2026, 3, 27)


class Broken(Exception):
    pass


def keys(held: list[Held]) -> list[str]:
    return [each.person for each in held]


def test_a_mandate_holds_from_its_first_day_to_its_last(db: Database) -> None:
    with db.transaction() as tx:
        lo = people.add(tx, "jh", "Lo")
        mandate = mandates.add(tx, lo.key, "jh", "lpoChair", "LUNG", starts=date(2026, 2, 1), ends=DAY)
        for day, holds in [(date(2026, 1, 31), 0), (date(2026, 2, 1), 1), (DAY, 1), (date(2026, 3, 28), 0)]:
            assert len(standing.holders(tx, "jh", "lpoChair", "LUNG", day)) == holds
            assert len(standing.roles_on(tx, lo.key, day)) == holds
        assert mandates.end(tx, mandate.id, date(2026, 2, 10))
        assert standing.holders(tx, "jh", "lpoChair", "LUNG", DAY) == []
        assert not mandates.end(tx, "none", DAY)


def test_area_before_region_and_ordinary_before_substitute(db: Database) -> None:
    with db.transaction() as tx:
        region = given.person(tx, "Ria", "registrar")
        ordinary = given.person(tx, "Lo", "registrar@LUNG")
        substitute = people.add(tx, "jh", "Bo")
        mandates.add(tx, substitute.key, "jh", "registrar", "LUNG", starts=date(2026, 1, 1), kind="substitute")
        given.person(tx, "Pia", "registrar@PSYK")
        found = standing.holders(tx, "jh", "registrar", "LUNG", DAY)
        assert keys(found) == [ordinary.key, substitute.key, region.key]
        assert keys(standing.holders(tx, "jh", "registrar", "", DAY)) == [region.key]
        assert standing.holders(tx, "bl", "registrar", "LUNG", DAY) == []


def test_an_absent_holder_is_replaced_only_while_away(db: Database) -> None:
    with db.transaction() as tx:
        lo, bo = given.person(tx, "Lo", "lpoChair@LUNG"), given.person(tx, "Bo", "editor")
        absence = absences.add(tx, lo.key, date(2026, 3, 20), DAY, substitute=bo.key)
        before, after = date(2026, 3, 19), date(2026, 3, 28)
        assert keys(standing.holders(tx, "jh", "lpoChair", "LUNG", before)) == [lo.key]
        assert keys(standing.holders(tx, "jh", "lpoChair", "LUNG", DAY)) == [lo.key, bo.key]
        assert keys(standing.holders(tx, "jh", "lpoChair", "LUNG", after)) == [lo.key]
        assert [each.scope for each in standing.roles_on(tx, bo.key, before)] == ["editor"]
        roles = standing.roles_on(tx, bo.key, DAY)
        assert [(each.scope, each.kind, each.on_behalf_of) for each in roles] == [
            ("editor", "ordinary", None),
            ("lpoChair@LUNG", "absence", lo.key),
        ]
        assert standing.stands_in_for(tx, bo.key, DAY) == [lo.key]
        assert absences.on(tx, [lo.key, bo.key], DAY) == {lo.key: absence}
        absences.end(tx, absence.id, before)
        assert standing.stands_in_for(tx, bo.key, DAY) == []


def test_who_holds_a_role_is_known_as_soon_as_it_changes(db: Database) -> None:
    """Also within the transaction that changes it, and when that is undone; though it is asked for only once."""

    def held(tx: Transaction) -> list[str]:
        return keys(standing.holders(tx, "jh", "lpoChair", "LUNG", DAY))

    def resign_and_break(tx: Transaction) -> None:
        mandates.end(tx, mandate.id, DAY - timedelta(days=1))
        assert held(tx) == []
        raise Broken

    with db.transaction() as tx:
        lo = given.person(tx, "Lo")
        assert held(tx) == []
        mandate = mandates.add(tx, lo.key, "jh", "lpoChair", "LUNG", starts=DAY)
        assert held(tx) == [lo.key]
        with pytest.raises(Broken), tx.savepoint():
            resign_and_break(tx)
        assert held(tx) == [lo.key]
        people.change(tx, lo.key, name="Lo", email=None, active=False)
        assert held(tx) == []


def test_an_inactive_or_erased_person_holds_nothing(db: Database) -> None:
    with db.transaction() as tx:
        lo = given.person(tx, "Lo", "lpoChair@LUNG")
        accounts.add(tx, lo.key, "Lo", "argon2-hash")
        accounts.erase(tx, lo.key)
        people.erase(tx, lo.key)
        assert standing.holders(tx, "jh", "lpoChair", "LUNG", DAY) == []
        assert people.names(tx, {lo.key}) == {lo.key: ""}
        assert accounts.find(tx, " LO ") is None


def test_a_user_name_is_one_person_s(db: Database) -> None:
    with db.transaction() as tx:
        lo, bo = given.person(tx, "Lo"), given.person(tx, "Bo")
        accounts.add(tx, lo.key, "lo", "hash")
        with pytest.raises(AlreadyTaken, match="LO"):
            accounts.add(tx, bo.key, "LO", "hash")
        with pytest.raises(AlreadyTaken):
            accounts.add(tx, lo.key, "other", "hash")
        accounts.set_password(tx, "lo", "new")
        assert [each.password_hash for each in accounts.find_all(tx)] == ["new"]
        found = people.find_by_name(tx, "jh", "lo")
        assert found is not None
        assert found.key == lo.key
        assert [each.name for each in people.of_region(tx, "jh")] == ["Bo", "Lo"]


def test_a_session_ends_by_time_or_by_hand(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        lo = given.person(tx, "Lo")
        secret, other = sessions.start(tx, lo.key, timedelta(hours=8)), sessions.start(tx, lo.key, timedelta(days=1))
        found = sessions.find(tx, secret)
        assert found is not None
        assert found.person == lo.key
        assert secret not in str(found)
        assert sessions.find(tx, found.hash) is None
        sessions.revoke(tx, secret)
        assert sessions.find(tx, secret) is None
        assert sessions.find(tx, other) is not None
    clock.advance(timedelta(days=1))
    with db.transaction() as tx:
        assert sessions.find(tx, other) is None
        third = sessions.start(tx, lo.key, timedelta(days=1))
        sessions.revoke_all(tx, lo.key)
        assert sessions.find(tx, third) is None
        assert sessions.sweep(tx, tx.now + timedelta(seconds=1)) == 3


def test_the_organisation_is_data_that_can_be_loaded_again(db: Database) -> None:
    lung = Area("LUNG", "Lung- och allergisjukdomar", "Västra", aliases=["Lunga"])
    gone = Area("GAMMAL", "Gammalt område", valid_to=date(2025, 12, 31))
    with db.transaction() as tx:
        for name in ("Jämtland", "Jämtland Härjedalen"):
            organisation.load(
                tx,
                regions_=[RegionRow("jh", name, "Norra")],
                areas_=[lung, gone],
                bodies_=[Body("jh-lpo-lung", "jh", "LPO Lung", "LPO", "LUNG", {"meetingCadence": "P1M"})],
            )
        assert organisation.region(tx, "jh") == RegionRow("jh", "Jämtland Härjedalen", "Norra")
        assert organisation.areas_on(tx, DAY) == [lung]
        assert organisation.area(tx, "GAMMAL") is not None
        (body,) = organisation.bodies_of(tx, "jh")
        assert body.details == {"meetingCadence": "P1M"}
