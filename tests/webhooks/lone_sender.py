"""A sender in a process of its own, for tests that kill it: `python -m tests.webhooks.lone_sender FILE MOMENT`."""

from __future__ import annotations

import sys
from datetime import datetime

from store.database import Database, SteppedClock
from tests.patience import PATIENCE
from webhooks.outbound import Outbound, networks
from webhooks.sending import Sender


def main(path: str, moment: str) -> None:
    """Send what is due at a moment in a SQLite file."""
    db = Database(f"sqlite:///{path}", SteppedClock(datetime.fromisoformat(moment)))
    Sender(db, Outbound(networks("127.0.0.0/8"), seconds=PATIENCE), "https://kunskap.example.se").drain()


if __name__ == "__main__":
    main(*sys.argv[1:])
