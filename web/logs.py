"""The log: one line for each thing that happened, as JSON in production and readable elsewhere.

A line holds keys (case, task, person), durations and kinds; never names, answers, titles or secrets. Of an error it
holds the class and where it arose: its text may quote what someone wrote.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, request

from web import here
from web.metrics import route_of_request

LONGEST = 500
"""Characters of one value."""
FRAMES = 20
OURS = "kunskapsflode"
"""What tells of events. Others are heard when something is wrong, and what they hang on their lines is left out: it may
hold the data of a case."""
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

log = logging.getLogger("kunskapsflode.http")


def configure(form: str) -> None:
    """Write the log to standard error: `json` or `text`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if form == "json" else AsText())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)


def said(record: logging.LogRecord) -> dict[str, Any]:
    """What a line holds beyond its moment: level, logger, event, and whatever the event is about."""
    own = vars(record).items() if record.name.partition(".")[0] == OURS else ()
    about = {name: value for name, value in own if name not in _OWN and value is not None}
    found = {"level": record.levelname.lower(), "log": record.name, "event": record.getMessage(), **about}
    if request_id.get() is not None:
        found["request"] = request_id.get()
    return {name: _short(value) for name, value in found.items()}


def _short(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    return str(value)[:LONGEST]


def _arose(record: logging.LogRecord) -> dict[str, Any]:
    """The class of an error and the places it came through, without its text."""
    if record.exc_info is None or record.exc_info[1] is None:
        return {}
    error = record.exc_info[1]
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {"error": type(error).__name__, "at": [f"{each.filename}:{each.lineno} {each.name}" for each in frames]}


class AsJson(logging.Formatter):
    """One JSON object in one line, whatever the values hold."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"time": moment(record), **said(record), **_arose(record)}
        return json.dumps(line, ensure_ascii=False)


class AsText(logging.Formatter):
    """For whoever develops: moment, event, and the rest as name=value; control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        found = said(record)
        first = f"{moment(record)} {found.pop('level'):7} {found.pop('log')} {_plain(found.pop('event'))}"
        rest = "".join(f" {name}={_plain(value)}" for name, value in found.items())
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return first + rest + trace


def _plain(value: Any) -> str:
    return str(value) if str(value).isprintable() else json.dumps(str(value), ensure_ascii=True)


def moment(record: logging.LogRecord) -> str:
    """When it was logged, by the machine's clock."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Requests ------------------------------------------------------------------------------------------------------------


def follow(app: Flask) -> None:
    """Give each request an id, tell it in the answer, and log one line when it is answered."""
    app.before_request(_arrived)
    app.after_request(_answered)
    app.teardown_request(_left)


def _arrived() -> None:
    given = request.headers.get("X-Request-Id", "")
    request_id.set(given if _REQUEST_ID.fullmatch(given) else uuid4().hex)


def _answered(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id.get() or ""
    if request.endpoint != "static" and log.isEnabledFor(logging.INFO):
        log.info("request", extra=_about(response))
    return response


def _about(response: Response) -> dict[str, Any]:
    visitor = here.someone()
    return {
        "method": request.method,
        "route": route_of_request(),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 1),
        "person": visitor.person if visitor else None,
    }


def _left(error: BaseException | None) -> None:
    request_id.set(None)
