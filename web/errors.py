"""One table from what went wrong to the answer that a person gets. Views catch nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from engine import errors as moves
from store import errors as storage
from web import words
from web.additions.errors import CannotPrint
from web.api import problems
from web.doors import CrossSite
from web.language import say
from web.login import errors as door

log = logging.getLogger("kunskapsflode.web")

RETRY_SECONDS = problems.RETRY_SECONDS


@dataclass(frozen=True)
class Answer:
    """What a kind of error is to the reader: status, heading, and what to do."""

    status: int
    heading: str
    what_next: str = ""
    """`{coordinator}` in it is whoever coordinates in the region."""
    back: str = "/"
    back_word: str = "Till inkorgen"


GONE = Answer(404, "Sidan finns inte", "Den kan ha flyttats, eller så hör den till någon annan.")
REFUSED = Answer(403, "Det här får du inte göra", "Fråga {coordinator} om du behöver kunna det.")
LATE = Answer(409, "Det hann ändras", "Öppna sidan igen och se hur det är nu.")
WRONG = Answer(422, "Något behöver rättas", "Gå tillbaka och ändra. Inget har sparats än.")
DOWN = Answer(503, "Vi når inte databasen just nu", "Inget har ändrats. Försök igen om en stund.")
BROKEN = Answer(
    500, "Något gick fel hos oss", "Inget av det du gjorde nu har sparats. Försök igen, eller ring {coordinator}."
)


def _at_the_door(status: int, heading: str, what_next: str) -> Answer:
    return Answer(status, heading, what_next, "/logga-in", "Till inloggningen")


ANSWERS: dict[type[Exception], Answer] = {
    door.ServiceAway: _at_the_door(503, "Inloggningen svarar inte", "Försök igen om en stund."),
    door.LoginLost: _at_the_door(400, "Inloggningen kom bort", "Börja om från inloggningen, i det här fönstret."),
    door.LoginLate: _at_the_door(400, "Inloggningen tog för lång tid", "Börja om från inloggningen."),
    door.Declined: _at_the_door(403, "Inloggningen avbröts", "Vill du logga in ändå kan du börja om."),
    door.ClocksDiffer: _at_the_door(503, "Klockorna går inte lika", "Säg till driften: servrarnas klockor."),
    door.BadAnswer: _at_the_door(403, "Inloggningen godtogs inte", "Försök igen. Händer det igen: säg till driften."),
    door.GroupsLeftOut: _at_the_door(403, "Dina grupper kom inte med", "Säg till driften: för många grupper."),
    moves.NoMandate: _at_the_door(403, "Du har inget uppdrag här", "Be {coordinator} om ett."),
    moves.ClosedPerson: _at_the_door(403, "Du kan inte logga in här", "Fråga {coordinator}."),
    CrossSite: Answer(403, "Formuläret kunde inte tas emot", "Gå tillbaka, ladda om sidan och försök igen."),
    moves.NotFound: GONE,
    moves.Forbidden: REFUSED,
    moves.Incalculable: Answer(409, "Formuläret går inte att räkna ut", "Det du har skrivit finns kvar i uppgiften."),
    moves.Conflict: LATE,
    moves.Invalid: WRONG,
    CannotPrint: Answer(503, "PDF går inte att hämta nu", "", "/tillagg", "Till lokala tillägg"),
    storage.NotFound: GONE,
    storage.AlreadyTaken: LATE,
    storage.StorageUnavailable: DOWN,
}
"""The first class on the error's own line of descent that stands here decides."""

BY_STATUS = {
    400: Answer(400, "Det gick inte att läsa", "Ladda om sidan och försök igen."),
    403: REFUSED,
    404: GONE,
    405: Answer(405, "Så går det inte att göra", "Gå tillbaka och använd knapparna på sidan."),
    413: Answer(413, "Filen är för stor", "Välj en mindre fil, högst 25 MB."),
    429: Answer(429, "För många försök", "Vänta en stund och försök igen."),
}


def answer(app: Flask) -> None:
    """Let the table answer for every error of an application."""
    app.register_error_handler(Exception, _answered)


def answer_for(error: Exception) -> Answer:
    """The row of the table for an error."""
    known = next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), None)
    if known is None and isinstance(error, HTTPException):
        status = error.code or 500
        return BY_STATUS.get(status, BROKEN if status >= 500 else Answer(status, GONE.heading, GONE.what_next))
    return known or BROKEN


def _answered(error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return make_response(error.get_response())
    if request.path.startswith(problems.PREFIX):
        return problems.answer(error)
    row = answer_for(error)
    if row is BROKEN:
        log.error("%s %s", request.method, request.path, exc_info=error)
    if isinstance(error, door.LoginError):
        log.warning("log-in refused", extra={"kind": type(error).__name__, "reason": error.reason})
    response = make_response(page(row, _sentence(error, row)), row.status)
    if row.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, HTTPException) and row.status == 405:
        response.headers.extend(error.get_headers())
        response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


def page(row: Answer, sentence: str = "", **more: object) -> str:
    """The page of an error; `more` goes to its template."""
    what_next = say(row.what_next, coordinator=words.coordinator())
    shown = {"back": row.back, "back_word": say(row.back_word), "what_next": what_next, **more}
    return render_template("error.html", heading=say(row.heading), sentence=sentence, **shown)


def _sentence(error: Exception, row: Answer) -> str:
    """Our own errors are sentences for people. Those of a missing page would tell whether it exists elsewhere."""
    if row in (GONE, BROKEN, DOWN):
        return ""
    if isinstance(error, HTTPException):
        return say(str(error.description)) if type(error).__module__.startswith("web.") else ""
    return say(str(error))
