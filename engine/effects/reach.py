"""What an effect may reach: the transaction, the case it serves, its region, who acts, and how other cases begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from engine import calendar
from engine.access import Actor
from engine.errors import EffectRefused
from store.cases import Case
from store.database import Transaction

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


Apply = Callable[[Reach, Mapping[str, Any]], Mapping[str, Any]]
"""Inputs -> outputs."""


def day(value: Any, name: str) -> date:
    """A date input. Raises `EffectRefused`."""
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        raise EffectRefused(f"”{name}” ska vara ett datum men är {value!r}.") from None
