"""What leaves the house: mails and events, how each went, and sending again."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.errors import NotFound
from store import cases, deliveries, outbox, webhooks
from store.database import Reader
from store.deliveries import Filters
from web import here, receipts, words
from web.doors import OPERATORS, open_to
from web.operations import delivery_words
from web.operations.views import page_number
from webhooks import endpoints

pages = Blueprint("deliveries", __name__, template_folder="templates")

SHOWN = 50
VIEWS: dict[str, tuple[str, ...]] = {
    "vantar": ("waiting", "sending"),
    "misslyckade": ("failed",),
    "skickade": ("sent",),
    "tillbakadragna": ("withdrawn",),
    "alla": (),
}
KINDS = {"brev": "mail", "handelser": "event"}
SECRET = ("secret", "token", "password", "signature", "authorization", "cookie")
"""Names whose values are never shown."""


@pages.get("/drift/utskick")
@open_to(OPERATORS)
def index() -> str:
    """What has left and what is to leave, newest first; and who hears of events."""
    visitor, chosen = here.visitor(), request.args.get("lage", "vantar")
    kind, text = request.args.get("typ", ""), request.args.get("arende", "").strip()[:100]
    with here.db().read() as reader:
        case = cases.find_any(reader, text, visitor.region) if text else None
        filters = Filters(
            visitor.region,
            VIEWS.get(chosen, ()),
            KINDS.get(kind),
            request.args.get("till") or None,
            (case.id if case else "-") if text else None,
        )
        found = deliveries.listed(reader, filters, limit=SHOWN + 1, offset=page_number() * SHOWN)
        by_status = deliveries.counts(reader, visitor.region)
        return render_template(
            "deliveries.html",
            rows=delivery_words.rows(reader, found[:SHOWN]),
            counts={view: sum(by_status.get(each, 0) for each in of) for view, of in VIEWS.items() if of},
            chosen=chosen,
            kind=kind,
            text=text,
            to=request.args.get("till", ""),
            following=page_number() + 1 if len(found) > SHOWN else 0,
            held=outbox.is_held(reader),
            receivers=[_receiver(reader, each) for each in webhooks.of_region(reader, visitor.region)],
            may_resend=here.may(reader, endpoints.ACT),
            receipt=receipts.read(),
        )


@pages.get("/drift/utskick/<id>")
@open_to(OPERATORS)
def show(id: str) -> str:
    """One delivery: what is in it, and how each attempt went. Values that are secret are not shown."""
    with here.db().read() as reader:
        out = outbox.find(reader, id)
        if out is None or out.region != here.visitor().region:
            raise NotFound("Utskicket", id)
        today = here.today(reader)
        return render_template(
            "delivery.html",
            **delivery_words.rows(reader, [out])[0],
            attempts=[(words.moment(each.at, today), each) for each in webhooks.attempts_of(reader, id)],
            letter=_letter(out),
            payload=json.dumps(without_secrets(out.payload), ensure_ascii=False, indent=2),
            may_resend=here.may(reader, endpoints.ACT) and out.status != "sending",
            held=outbox.is_held(reader),
        )


@pages.post("/drift/utskick/<id>/igen")
@open_to(OPERATORS)
def resend(id: str) -> Answer:
    """Send one delivery again, under the same id."""
    endpoints.retry(here.db(), here.visitor().region, id, by=here.visitor().by)
    return _back("Det skickas igen vid nästa tillfälle.")


@pages.post("/drift/mottagare/<id>/oppna")
@open_to(OPERATORS)
def reopen(id: str) -> Answer:
    """An endpoint that was shut off is open again, and gets what it missed."""
    endpoints.retry(here.db(), here.visitor().region, id, by=here.visitor().by)
    return _back("Mottagaren är öppen igen, och det som den har missat skickas.")


def _back(receipt: str) -> Answer:
    return redirect(url_for("deliveries.index", lage="vantar", kvitto=receipts.sealed(receipt)), 303)


def _letter(out: outbox.Outgoing) -> list[str]:
    """The paragraphs of a letter to a person; an event has none."""
    text = out.payload.get("text") if out.kind == "mail" else None
    return [part for part in str(text or "").split("\n\n") if part.strip()]


def _receiver(reader: Reader, endpoint: webhooks.Endpoint) -> dict[str, Any]:
    today = here.today(reader)
    return {
        "endpoint": endpoint,
        "shut": words.moment(endpoint.disabled_at, today) if endpoint.disabled_at else "",
        "rests": words.moment(endpoint.rests_until, today) if endpoint.rests_until else "",
    }


def without_secrets(value: Any) -> Any:
    """The same, with `…` where a name says that its value is secret."""
    if isinstance(value, dict):
        return {
            name: "…" if any(each in name.lower() for each in SECRET) else without_secrets(inner)
            for name, inner in value.items()
        }
    return [without_secrets(each) for each in value] if isinstance(value, list) else value
