"""For whoever watches over the server: is the process alive, can it do its work, and in figures how it goes.

`/live` and `/ready` are open and tell states only. `/metrics` is for this machine itself, or for who shows the token.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import Blueprint, Request, Response, jsonify, request
from werkzeug.exceptions import NotFound

from web import here, metrics, readiness
from web.api.problems import RETRY_SECONDS
from web.doors import MACHINES, open_to

pages = Blueprint("health", __name__)

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


@pages.get("/live")
@open_to(MACHINES)
def live() -> dict[str, str]:
    """200 as long as the process lives."""
    return {"status": "live"}


@pages.get("/ready")
@open_to(MACHINES)
def ready() -> Response:
    """200, or 503 with what is wrong."""
    signs = readiness.look(here.db(), here.settings().clock_seconds)
    stopped = any(each.stops for each in signs)
    answer = jsonify(status="not ready" if stopped else "ready", checks={each.what: each.says for each in signs})
    if stopped:
        answer.status_code = 503
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


@pages.get("/metrics")
@open_to(MACHINES)
def figures() -> Response:
    """The text format of Prometheus."""
    if not may_measure(request, here.settings().metrics_token):
        raise NotFound
    return Response(metrics.text(), content_type=metrics.CONTENT_TYPE)


def may_measure(sent: Request, token: str) -> bool:
    """Whoever shows the token; where there is none, programs on this machine that no proxy speaks for."""
    if token:
        shown = sent.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    return _is_loopback(sent.remote_addr) and not any(name in sent.headers for name in FORWARDED)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
