"""A town with a sender: short names for what leaves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from store import cases, outbox, webhooks
from store.cases import Case
from store.database import Database
from store.outbox import Outgoing
from store.webhooks import Endpoint
from tests.engine.town import REGION, Town
from tests.patience import PATIENCE
from tests.store import given
from tests.webhooks.receiver import Receiver
from webhooks import endpoints
from webhooks.outbound import Outbound, networks
from webhooks.sending import Sender

BASE = "https://kunskap.example.se"
HERE = networks("127.0.0.0/8, ::1")
QUICK = 0.3
"""Seconds that a sender waits for a receiver that never answers."""


@dataclass
class Office:
    town: Town
    outbound: Outbound = field(default_factory=lambda: Outbound(HERE, seconds=PATIENCE))
    sender: Sender = field(init=False)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sender = Sender(self.db, self.outbound, BASE)

    @property
    def db(self) -> Database:
        return self.town.db

    def subscribe(self, receiver: Receiver, *types: str) -> Endpoint:
        endpoint, secret = endpoints.add(self.db, self.outbound, REGION, receiver.url, types)
        self.secrets[endpoint.id] = secret
        return endpoint

    def case(self) -> Case:
        with self.db.transaction() as tx:
            return given.case(tx)

    def tell(self, case: Case, *names: str, **data: Any) -> None:
        """Events of a case, without a process that makes them."""
        with self.db.transaction() as tx:
            assert cases.lock(tx, case.id)
            for name in names:
                for endpoint in webhooks.listening(tx, REGION, name):
                    outbox.enqueue(tx, REGION, "event", name, data, case_id=case.id, recipient=endpoint)

    def drain(self, **ahead: float) -> None:
        """Move the clock, and send what is due then."""
        self.town.clock.advance(timedelta(**ahead))
        self.sender.drain()

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        with self.db.read() as reader:
            found = webhooks.find(reader, endpoint.id)
        assert found is not None
        return found

    def deliveries(self, endpoint: Endpoint) -> list[Outgoing]:
        with self.db.read() as reader:
            return outbox.to_recipient(reader, endpoint.id)

    def statuses(self, endpoint: Endpoint) -> list[str]:
        return [each.status for each in self.deliveries(endpoint)]
