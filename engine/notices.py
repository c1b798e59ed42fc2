"""Notices: hand-overs that the region's profile lets the product make by itself, by mail.

One that reaches nobody is no mail: someone must see that, so it is a task like other hand-overs, and says why.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine import calendar
from engine.arrangement import CONSEQUENCE
from engine.connectors import CONNECTORS, mail
from engine.core.deliveries import OpenedTask
from engine.definitions import Deployed
from engine.regions import MAIL
from store.cases import Case
from store.database import Reader, Transaction


def is_notice(deployed: Deployed, opened: OpenedTask) -> bool:
    """Whether it goes by mail in this region, where it reaches anybody."""
    connector = CONNECTORS.get(opened.topic or "") if opened.kind == "connector" else None
    if connector is None or not connector.by_mail:
        return False
    return deployed.region.connector(connector.topic).mode == MAIL


def reaches_anybody(reader: Reader, case: Case, deployed: Deployed, opened: OpenedTask) -> bool:
    """Whether there is someone among its recipients today."""
    today = calendar.local_day(reader.now, deployed.region.timezone)
    return bool(mail.recipients(reader, case.region, opened.inputs.get("recipients"), today))


def unsent(opened: OpenedTask) -> OpenedTask:
    """The task that it is instead, with words that say why nothing was sent."""
    return replace(opened, properties={**opened.properties, CONSEQUENCE: mail.NOBODY})


def send(tx: Transaction, case: Case, deployed: Deployed, opened: OpenedTask) -> dict[str, Any]:
    """Send it; the receipt is what a person would have filled in."""
    today = calendar.local_day(tx.now, deployed.region.timezone)
    template = deployed.texts.get(str(opened.properties.get("template") or ""))
    sent = mail.send(tx, case, template, {**opened.inputs, "region": deployed.region.data}, today)
    return {"receiptRef": f"{len(sent)} mottagare", "performedAt": today.isoformat(), "performedBy": None}
