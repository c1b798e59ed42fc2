"""What an effect may reach: the transaction, the case it serves, its region, who acts, and how other cases begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from engine import calendar
from engine.access import Actor
from engine.errors import EffectRefused
from store import people
from store.cases import Case
from store.database import Transaction
from store.people import Person

if TYPE_CHECKING:
    from engine.definitions import Deployed  # which needs the names of effects


class StartCase(Protocol):
    """Starts a case of another process within this transaction, or answers with the one that has its start key."""

    def __call__(self, key: str, variables: Mapping[str, Any]) -> Case: ...


@dataclass(frozen=True)
class Reach:
    """The surroundings of one effect."""

    tx: Transaction
    case: Case
    deployed: Deployed
    by: Actor
    start_case: StartCase

    @property
    def today(self) -> date:
        """The local day of the transaction."""
        return calendar.local_day(self.tx.now, self.deployed.region.timezone)

    def person(self, inputs: Mapping[str, Any], what: str) -> Person:
        """The person of the region that the input `person` names, whom `what` concerns. Raises `EffectRefused`."""
        found = people.find(self.tx, str(inputs.get("person") or ""))
        if found is None or found.region != self.case.region:
            raise EffectRefused(f"Personen som {what} gäller finns inte i regionen.")
        return found


Apply = Callable[[Reach, Mapping[str, Any]], Mapping[str, Any]]
"""Inputs -> outputs."""


def day(inputs: Mapping[str, Any], name: str) -> date | None:
    """The date that an input gives, None where it gives nothing. Raises `EffectRefused`."""
    value = inputs.get(name)
    try:
        return date.fromisoformat(value[:10]) if value else None
    except (TypeError, ValueError):
        raise EffectRefused(f"”{name}” ska vara ett datum men är {value!r}.") from None
