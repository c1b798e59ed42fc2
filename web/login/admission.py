"""Letting someone in, whoever has said who they are: a session of their own, and on to where they were going."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response as Answer

from store import sessions
from store.database import Transaction
from web import visitor
from web.doors import own_path, secure


def admit(tx: Transaction, person: str, issuer: str | None = None) -> str:
    """A new session with a new id, whatever cookie came with the request; answers with its secret."""
    old = visitor.session_cookie(request, secure())
    if old:
        sessions.revoke(tx, old)
    return sessions.start(tx, person, visitor.LASTS, issuer)


def send_on(secret: str, target: str | None) -> Answer:
    """To the page that they were on their way to, with the session in a cookie.

    The browser goes by the real time, the session by the product's clock, which may have been moved: the cookie has no
    date.
    """
    response = redirect(own_path(target), 303)
    visitor.give_cookie(response, "kf_session", secret, secure=secure())
    return response
