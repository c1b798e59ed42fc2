"""What is held back, as after a restore: what waits, and the button that lets it go."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from engine import outgoing
from store import outbox, people, webhooks
from store.database import Reader
from web import here, receipts, words
from web.doors import OPERATORS, open_to
from web.language import say
from web.operations.views import page_number

pages = Blueprint("holding", __name__, template_folder="templates")

SHOWN = 100


@pages.get("/drift/kvarhallet")
@open_to(OPERATORS)
def show() -> str:
    """What waits while everything outgoing is held."""
    with here.db().read() as reader:
        first, total = page_number() * SHOWN, outbox.count_waiting(reader)
        return render_template(
            "holding.html",
            held=outbox.is_held(reader),
            total=total,
            waiting=_waiting(reader, first),
            following=page_number() + 1 if total > first + SHOWN else 0,
            may_release=here.may(reader, "outgoing.release"),
            receipt=receipts.read(),
        )


@pages.post("/drift/kvarhallet/slapp")
@open_to(OPERATORS)
def release() -> Answer:
    """Let everything go."""
    waiting = outgoing.release(here.db(), here.region().id, by=here.visitor().by)
    if waiting is None:
        return _back("Inget hölls kvar.")
    return _back("{n} brev och händelser skickas nu.", n=waiting)


@pages.post("/drift/kvarhallet/hall")
@open_to(OPERATORS)
def hold() -> Answer:
    """Hold everything from now on."""
    outgoing.hold(here.db(), here.region().id, by=here.visitor().by)
    return _back("Brev och händelser hålls kvar nu.")


def _back(receipt: str, **values: object) -> Answer:
    return redirect(url_for("holding.show", kvitto=receipts.sealed(receipt, **values)), 303)


def _waiting(reader: Reader, first: int) -> list[dict[str, Any]]:
    found, today = outbox.waiting(reader, limit=SHOWN, offset=first), here.today(reader)
    names = people.names(reader, {each.recipient or "" for each in found if each.kind == "mail"})
    hosts = {each.id: each.host for each in webhooks.of_region(reader, here.region().id)}
    return [
        {
            "kind": say("Brev") if each.kind == "mail" else say("Händelse"),
            "to": names.get(each.recipient or "") or hosts.get(each.recipient or "") or "",
            "created": words.moment(each.created_at, today),
            "tried": each.attempts,
        }
        for each in found
    ]
