"""Who may come to which page, and from where: asked before every view.

Each view says who it is open to (`@open_to`); one that says nothing is open to no one. What a person may do with a
certain task or case is another question, and `engine.access` answers it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound

from web import here, visitor

V = TypeVar("V", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed_in"
OPERATORS = "operators"
AUDITORS = "auditors"
MACHINES = "machines"
"""Programs, who show a token or a signature of their own: neither cookies nor form tokens count there."""
LEVELS = (ANYONE, SIGNED_IN, OPERATORS, AUDITORS, MACHINES)

OPERATOR_ROLES = ("coordinator", "operator", "systemAdministrator", "administrator")
AUDITOR_ROLES = ("auditor", "registrar")
ROLES = {OPERATORS: OPERATOR_ROLES, AUDITORS: AUDITOR_ROLES}
"""Level -> the roles that it takes; for everyone else the page is not there."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSite(Forbidden):
    """A form was sent from another site, without the token of this person's own page, or after they were logged out."""

    description = "Det kom inte från din egen öppna sida, eller så har du loggats ut sedan du öppnade den."


def open_to(level: str) -> Callable[[V], V]:
    """Say who a view is open to: one of `LEVELS`."""

    def declare(view: V) -> V:
        view.open_to = level  # type: ignore[attr-defined]
        return view

    return declare


def level_of(app: Flask, endpoint: str) -> str | None:
    """Who a view is open to; None when it does not say."""
    return ANYONE if endpoint == "static" else getattr(app.view_functions[endpoint], "open_to", None)


def guard(app: Flask) -> None:
    """Ask at every request: who is it, may they come here, and does what they send come from our own page."""
    app.before_request(_recognise)
    app.before_request(_require_own_form)
    app.before_request(_admit)
    app.after_request(_remember_the_form)


def _recognise() -> None:
    g.visitor = None
    if request.endpoint == "static" or _is_for_machines():
        return
    secret = visitor.session_cookie(request, secure())
    if secret:
        with here.db().read() as reader:
            g.visitor = visitor.find(reader, secret, here.today(reader))


def _admit() -> Response | None:
    if request.endpoint is None:
        return None
    level = level_of(current_app, request.endpoint)
    if level in (ANYONE, MACHINES):
        return None
    if level is None:
        raise NotFound
    if here.someone() is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("login.show", next=target), 303)  # type: ignore[return-value]
    if level in ROLES and not here.visitor().holds(*ROLES[level]):
        raise NotFound
    return None


def _require_own_form() -> None:
    if request.method in SAFE_METHODS or request.endpoint is None or _is_for_machines():
        return
    if not from_own_site(request, here.settings().base_url):
        raise CrossSite
    if not visitor.token_fits(_form_secret(), request.form.get("token", "") or request.headers.get("X-Form-Token", "")):
        raise CrossSite


def from_own_site(sent: Request, base_url: str) -> bool:
    """What the browser itself says of where the form stood; browsers that say nothing are judged by the token alone."""
    if sent.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = sent.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in {sent.host, urlsplit(base_url).netloc} - {""}


def _is_for_machines() -> bool:
    return request.endpoint is not None and level_of(current_app, request.endpoint) == MACHINES


def form_token() -> str:
    """For the hidden field `token` of every form."""
    secret = _form_secret()
    if not secret:
        secret = g.new_form_secret = visitor.fresh_secret()
    return visitor.form_token(secret)


def _form_secret() -> str:
    found = here.someone()
    if found is not None:
        return found.secret
    return str(g.get("new_form_secret") or request.cookies.get(visitor.cookie_name("kf_form", secure()), ""))


def _remember_the_form(response: Response) -> Response:
    if g.get("new_form_secret"):
        visitor.give_cookie(response, "kf_form", g.new_form_secret, secure=secure())
    return response


def secure() -> bool:
    """Whether pages are served over https, so that cookies may ask for it."""
    return here.settings().base_url.startswith("https://")


def own_path(target: str | None) -> str:
    """The target when it is a path of our own, else the inbox: no one is sent to another site."""
    if not target or not target.startswith("/") or any(ord(each) < 33 for each in target) or "\\" in target:
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc or target.startswith("//") else target
