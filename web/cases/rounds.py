"""The pages of a consultation round: who has answered, what becomes of each comment, and the table to take along."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from engine import responses
from engine.errors import NotFound
from store import rounds
from store.cases import Case
from store.database import Reader
from store.rounds import Round
from web import here, receipts
from web.cases import page, rounds_page
from web.doors import SIGNED_IN, open_to

pages = Blueprint("rounds", __name__, template_folder="templates")


@pages.get("/rundor/<id>")
@open_to(SIGNED_IN)
def show(id: str) -> str:
    """Who was asked and where each stands; comments, with what became of them."""
    with here.db().read() as reader:
        found, case = _found(reader, id)
        return render_template("round.html", case=case, receipt=receipts.read(), **rounds_page.of(reader, found, case))


@pages.get("/rundor/<id>/synpunkter.xlsx")
@open_to(SIGNED_IN)
def table(id: str) -> Answer:
    """Every comment of the round and what became of it, for a spreadsheet program."""
    with here.db().read() as reader:
        found, case = _found(reader, id)
        today, told = here.today(reader), responses.of(reader, found, here.region())
    from engine.record import spreadsheet  # slow to import, and seldom asked for

    kept, name = BytesIO(spreadsheet.responses(today, told)), f"synpunkter-{case.number}.xlsx"
    return send_file(kept, mimetype=spreadsheet.MEDIA_TYPE, as_attachment=True, download_name=name)


@pages.post("/synpunkter/<comment>")
@open_to(SIGNED_IN)
def respond(comment: str) -> Answer:
    """What becomes of a comment."""
    chosen, why = request.form.get("disposition", ""), request.form.get("response", "")
    found = responses.decide(here.db(), comment, chosen, why, by=here.visitor().by)
    told = receipts.sealed("Sparat.")
    return redirect(url_for("rounds.show", id=found.id, kvitto=told, _anchor=f"synpunkt-{comment}"), 303)


def _found(reader: Reader, id: str) -> tuple[Round, Case]:
    """A round of a case that the visitor may see. Raises `NotFound`."""
    found = rounds.find(reader, id)
    if found is None:
        raise NotFound("Rundan", id)
    return found, page.found(reader, here.visitor(), found.case_id)
