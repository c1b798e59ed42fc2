"""What the coordinator may do with a case: stop it, hold it, say what it is about, and move its dates."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import cases, deadlines
from engine.errors import Invalid
from store import deadlines as named_days
from web import here, receipts
from web.cases import page, wording
from web.doors import SIGNED_IN, open_to
from web.language import say

pages = Blueprint("moves", __name__, template_folder="templates")

CHOICES: dict[str, cases.Choice] = {"fire": "fire", "shift": "shift", "skip": "skip"}
LONGEST_REASON = 1000


@pages.post("/arenden/<id>/avbryt")
@open_to(SIGNED_IN)
def cancel(id: str) -> Answer:
    """End the case for good; what it has asked for is withdrawn."""
    cases.cancel(here.db(), id, reason=_reason(), by=here.visitor().by)
    return _back(id, "Ärendet är avbrutet.")


@pages.post("/arenden/<id>/pausa")
@open_to(SIGNED_IN)
def suspend(id: str) -> Answer:
    """Hold the case: it can be read, and nothing happens."""
    cases.suspend(here.db(), id, reason=_reason(), by=here.visitor().by)
    return _back(id, "Ärendet är pausat.")


@pages.post("/arenden/<id>/ateruppta")
@open_to(SIGNED_IN)
def resume(id: str) -> Answer:
    """Let the case go on, with what passed meanwhile as was chosen."""
    choice = CHOICES.get(request.form.get("passerat", ""), "fire")
    cases.resume(here.db(), id, choice=choice, by=here.visitor().by)
    return _back(id, "Ärendet fortsätter.")


@pages.post("/arenden/<id>/jav")
@open_to(SIGNED_IN)
def tag(id: str) -> Answer:
    """Which questions the case is about, so that whoever is recused in one of them has no part."""
    cases.tag(here.db(), id, request.form.get("tags", ""), reason=_reason(), by=here.visitor().by)
    return _back(id, "Frågorna är ändrade, och gäller från nu.")


@pages.post("/arenden/<id>/datum/<key>")
@open_to(SIGNED_IN)
def move_deadline(id: str, key: str) -> Answer | str:
    """First what would follow, then, when confirmed, the move itself."""
    day, reason = _day(request.form.get("day", "")), request.form.get("reason", "")
    if request.form.get("do") == "move":
        deadlines.move(here.db(), id, key, day, reason=reason, by=here.visitor().by, confirmed=True)
        return _back(id, "Datumet är flyttat.")
    follows = deadlines.preview(here.db(), id, key, day, by=here.visitor().by)
    with here.db().read() as reader:
        return render_template(
            "move-deadline.html",
            case=page.found(reader, here.visitor(), id),
            key=key,
            word=wording.deadline(key),
            word_of=wording.deadline,
            day=day,
            reason=reason,
            follows=follows,
            before=named_days.find(reader, id, key),
        )


def _reason() -> str:
    """Raises `Invalid` where none is given."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Invalid(say("Skriv en orsak. Den syns för alla som har del i ärendet."))
    return reason[:LONGEST_REASON]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(say("Skriv datumet som ÅÅÅÅ-MM-DD.")) from None


def _back(id: str, receipt: str) -> Answer:
    return redirect(url_for("cases.show", id=id, kvitto=receipts.sealed(receipt)), 303)
