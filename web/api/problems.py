"""One table from what went wrong to the problem (RFC 9457) that a program gets. Views catch nothing.

ApiError
├── NotLetIn            there is no token, or it is not in force: 401
├── NotInScope          the token is not for this: 403
├── NotJson             the body is no JSON that every reader understands alike: 400
├── BadKey              the idempotency key cannot be used: 400
├── Unfit               a field, a parameter or a cursor cannot be used: 422
├── KeyReused           the idempotency key belongs to another request: 422
├── StillWorking        the same request is being carried out right now: 409
├── AnswerLost          the same request was carried out, and its answer was lost: 409
├── HasChanged          it is no longer what `If-Match` says: 412
└── TooFast             there are too many requests from one caller: 429
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from engine import errors as moves
from store import errors as storage
from webhooks import errors as doors

log = logging.getLogger("kunskapsflode.api")

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class ApiError(Exception):
    """A request could not be answered as it was asked."""


class NotLetIn(ApiError):
    """There is no token, or it is not in force."""


class NotInScope(ApiError):
    """The token is not for this."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"Nyckeln saknar behörigheten {scope}.")


class NotJson(ApiError):
    """The body is no JSON that every reader understands alike."""


class BadKey(ApiError):
    """The idempotency key cannot be used."""


class Unfit(ApiError):
    """A field, a parameter or a cursor cannot be used."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("Rätta det som står under errors och försök igen.")


class KeyReused(ApiError):
    """The idempotency key belongs to another request."""


class StillWorking(ApiError):
    """The same request is being carried out right now."""


class AnswerLost(ApiError):
    """The same request was carried out, and its answer was lost."""


class HasChanged(ApiError):
    """It is no longer what `If-Match` says."""


class TooFast(ApiError):
    """There are too many requests from one caller."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Det kommer för många anrop. Vänta {seconds} sekunder.")


@dataclass(frozen=True)
class Problem:
    """What a kind of error is to a program."""

    status: int
    kind: str
    """The last part of `type`: stable, for programs to go by."""
    title: str


GONE = Problem(404, "not-found", "Det finns inte")
BROKEN = Problem(500, "internal-error", "Något gick fel hos oss")

PROBLEMS: dict[type[Exception], Problem] = {
    NotLetIn: Problem(401, "not-authenticated", "Ingen giltig nyckel"),
    NotInScope: Problem(403, "insufficient-scope", "Nyckeln räcker inte"),
    NotJson: Problem(400, "not-json", "Det gick inte att läsa"),
    BadKey: Problem(400, "bad-idempotency-key", "Idempotency-Key går inte att använda"),
    Unfit: Problem(422, "unfit-fields", "Något behöver rättas"),
    KeyReused: Problem(422, "idempotency-key-reused", "Idempotency-Key hör till en annan begäran"),
    StillWorking: Problem(409, "still-working", "Samma begäran pågår"),
    AnswerLost: Problem(409, "answer-lost", "Samma begäran är redan utförd"),
    HasChanged: Problem(412, "has-changed", "Det hann ändras"),
    TooFast: Problem(429, "too-many-requests", "För många anrop"),
    moves.NotFound: GONE,
    moves.Forbidden: Problem(403, "forbidden", "Det här får du inte göra"),
    moves.AlreadyDone: Problem(409, "already-done", "Någon hann före"),
    moves.NotRunning: Problem(409, "not-running", "Ärendet pågår inte"),
    moves.SeveralWait: Problem(409, "several-wait", "Flera ärenden väntar"),
    moves.Incalculable: Problem(409, "incalculable", "Ett uttryck går inte att räkna ut"),
    moves.Conflict: Problem(409, "conflict", "Det går inte just nu"),
    moves.FormErrors: Problem(422, "form-errors", "Svaren behöver rättas"),
    moves.Refused: Problem(422, "refused", "Processen kan inte driftsättas"),
    moves.Invalid: Problem(422, "invalid", "Något behöver rättas"),
    doors.NotSigned: Problem(401, "not-signed", "Signaturen stämmer inte"),
    doors.BadEvent: Problem(422, "bad-event", "Händelsen går inte att läsa"),
    storage.NotFound: GONE,
    storage.AlreadyTaken: Problem(409, "already-taken", "Det finns redan"),
    storage.StorageUnavailable: Problem(503, "storage-unavailable", "Databasen går inte att nå"),
}
"""The first class on the error's own line of descent that stands here decides."""

BY_STATUS = {
    400: Problem(400, "bad-request", "Det gick inte att läsa"),
    404: GONE,
    405: Problem(405, "method-not-allowed", "Så går det inte att göra"),
    413: Problem(413, "too-large", "För stort"),
    415: Problem(415, "unsupported-media-type", "Fel sorts innehåll"),
}


def problem_of(error: Exception) -> Problem:
    """The row of the table for an error."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        return BY_STATUS.get(status, BROKEN if status >= 500 else Problem(status, "error", HTTPStatus(status).phrase))
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), BROKEN)


def answer(error: Exception) -> Response:
    """The problem document for an error."""
    if isinstance(error, storage.StorageUnavailable) and g.get("carried_out"):
        error = storage.OutcomeUnknown()  # only the answer is lost: nobody may be told that nothing was changed
    row = problem_of(error)
    if row is BROKEN:
        log.error("%s %s", request.method, request.path, exc_info=error)
    document = {
        "type": f"urn:kunskapsflode:problem:{row.kind}",
        "title": row.title,
        "status": row.status,
        "detail": _detail(error, row),
        "instance": request.path,
        **_more(error),
    }
    response = Response(json.dumps(document, ensure_ascii=False), row.status, mimetype=MEDIA_TYPE)
    response.headers.update(_headers(error, row))
    return response


def _detail(error: Exception, row: Problem) -> str:
    """Our own errors are sentences. That of a missing thing would tell whether it exists for someone else."""
    if row is GONE:
        return "Adressen finns inte, eller så hör den till någon annan."
    if row is BROKEN:
        return "Inget av det som begärdes har sparats. Försök igen, eller kontakta driften."
    return row.title + "." if isinstance(error, HTTPException) else str(error)


def _more(error: Exception) -> dict[str, Any]:
    """What a program can go by: which fields, which elements, who was faster."""
    match error:
        case Unfit() | moves.FormErrors():
            return {"errors": [{"field": name, "message": text} for name, text in error.errors.items()]}
        case moves.Refused():
            return {"errors": [_finding(each) for each in error.findings]}
        case moves.AlreadyDone():
            return {"by": error.who, "at": error.when}
        case moves.SeveralWait():
            return {"processInstances": list(error.cases)}
        case NotInScope():
            return {"scope": error.scope}
    return {}


def _finding(each: Any) -> dict[str, Any]:
    return {
        "element": each.element,
        "name": each.name,
        "rule": each.rule,
        "message": each.message,
        "remedy": each.remedy,
        "messageEnglish": each.message_en,
        "remedyEnglish": each.remedy_en,
    }


def _headers(error: Exception, row: Problem) -> dict[str, str]:
    match row.status:
        case 401:
            return {"WWW-Authenticate": 'Bearer realm="kunskapsflode"'}
        case 405 if isinstance(error, HTTPException):
            return {name: value for name, value in error.get_headers() if name == "Allow"}
        case 429 if isinstance(error, TooFast):
            return {"Retry-After": str(error.seconds)}
        case 503:
            return {"Retry-After": str(RETRY_SECONDS)}
    return {}
