"""Log in with the region's own account: away to its service, back with an answer, and out again."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from engine import arrivals
from store import logins
from store.logins import Login
from web import here, visitor
from web.doors import ANYONE, open_to, own_path, secure
from web.login.admission import admit, send_on
from web.login.errors import BadAnswer, Declined, LoginLate, LoginLost
from web.login.provider import Provider

LASTS = timedelta(minutes=15)
"""How long someone may take at the service."""
BROWSER = "kf_login"
"""The cookie that binds log-ins to the browser that began them; several windows may be on their way at once."""


@open_to(ANYONE)
def depart() -> Answer:
    """Away to the region's service. A link, not a form: our own policy lets no form lead elsewhere."""
    browser = request.cookies.get(visitor.cookie_name(BROWSER, secure())) or visitor.fresh_secret()
    state, nonce, verifier = (visitor.fresh_secret() for _ in range(3))
    url = _provider().departure(state=state, nonce=nonce, verifier=verifier)
    target = own_path(request.args.get("next"))
    with here.db().transaction() as tx:
        logins.remember(tx, state, browser, nonce=nonce, verifier=verifier, target=target, lasts=LASTS)
    response = redirect(url, 303)
    visitor.give_cookie(response, BROWSER, browser, secure=secure())
    return response


@open_to(ANYONE)
def come_back() -> Answer:
    """Back with an answer: who it is, what they may do today, and on to where they were going."""
    provider = _provider()
    login = _begun()
    _require_consent(provider)
    who = provider.identify(request.args.get("code", ""), nonce=login.nonce, verifier=login.verifier)
    person = arrivals.arrive(here.db(), here.settings().region, who)
    with here.db().transaction() as tx:
        secret = admit(tx, person.key, provider.issuer)
    return send_on(secret, login.target)


@open_to(ANYONE)
def left() -> Answer:
    """Out of here, and on to the service to leave it too where it offers that."""
    farewell = _provider().farewell()
    if farewell is None:
        return redirect(url_for("login.show"), 303)
    response = make_response(render_template("left.html", farewell=farewell))
    # A redirect would be refused: the form that led here may lead nowhere else.
    response.headers["Refresh"] = f"0; url={farewell}"
    return response


def _provider() -> Provider:
    found: Provider | None = current_app.extensions["provider"]
    if found is None:
        raise NotFound
    return found


def _begun() -> Login:
    """The log-in that this answer belongs to; it can be used once. Raises `LoginLost` or `LoginLate`."""
    browser = request.cookies.get(visitor.cookie_name(BROWSER, secure()), "")
    with here.db().transaction() as tx:
        found = logins.take(tx, request.args.get("state", ""), browser)
        now = tx.now
    if found is None:
        raise LoginLost("no log-in of this browser left with this state")
    if found.expires_at <= now:
        raise LoginLate("the log-in has expired")
    return found


def _require_consent(provider: Provider) -> None:
    """The service says yes, and it is the one that was asked (RFC 9207)."""
    if request.args.get("iss", provider.issuer).rstrip("/") != provider.issuer:
        raise BadAnswer("the answer is another issuer's")
    refusal = request.args.get("error")
    if refusal == "access_denied":
        raise Declined(refusal)
    if refusal is not None or "code" not in request.args:
        raise BadAnswer(f"the authorization endpoint says {(refusal or 'nothing')[:60]!r}")
