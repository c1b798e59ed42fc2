"""Who makes a request: the cookie, the session behind it, and what the person may act as today."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Request
from werkzeug.wrappers import Response

from engine.access import Actor
from store import accounts, organisation, people, sessions, standing
from store.database import Reader
from store.roles import Held

LASTS = timedelta(hours=8)
"""How long a log-in holds: a long working day."""


@dataclass(frozen=True)
class Visitor:
    """Someone who is logged in."""

    person: str
    """Person key."""
    name: str
    username: str
    """Empty for one who has no account of ours."""
    region: str
    roles: tuple[Held, ...]
    secret: str = field(repr=False)
    """The session's id: in the cookie and nowhere else."""
    areas: Mapping[str, str] = field(default_factory=dict)
    """The names of the programme areas of the roles."""
    issuer: str | None = None
    """The log-in service that let them in; None when it was a password of ours."""

    @property
    def people(self) -> list[str]:
        """The person, and those they stand in for."""
        return standing.acts_for(self.person, self.roles)

    @property
    def initials(self) -> str:
        """Of the first name and the last."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def by(self) -> Actor:
        """The visitor as the one who makes a move."""
        return Actor(self.person)

    def holds(self, *roles: str) -> bool:
        """Whether the visitor has one of these roles, in any area."""
        return any(each.role in roles for each in self.roles)


def find(reader: Reader, secret: str, day: date) -> Visitor | None:
    """Who a session belongs to; None when it has ended, or the person or the account has been closed.

    Who has come by the region's log-in service needs no account of ours; one that has been closed keeps them out.
    """
    session = sessions.find(reader, secret)
    person = people.find(reader, session.person) if session else None
    if session is None or person is None or not person.active:
        return None
    account = accounts.of_person(reader, person.key)
    if account.disabled_at if account else not session.issuer:
        return None
    roles = tuple(standing.roles_on(reader, person.key, day))
    areas = organisation.area_names(reader, {each.area for each in roles})
    username = account.username if account else ""
    return Visitor(person.key, person.name, username, person.region, roles, secret, areas, session.issuer)


# Cookies -----------------------------------------------------------------------------------------------------------


def cookie_name(name: str, secure: bool) -> str:
    """A `__Host-` cookie can be set by this very host over https only."""
    return f"__Host-{name}" if secure else name


def session_cookie(request: Request, secure: bool) -> str:
    """The secret of the session that a request shows; empty where it shows none."""
    return request.cookies.get(cookie_name("kf_session", secure), "")


def give_cookie(response: Response, name: str, value: str, *, secure: bool) -> None:
    """Let the browser keep it until it is closed, for this site alone and for no script."""
    response.set_cookie(cookie_name(name, secure), value, secure=secure, httponly=True, samesite="Lax", path="/")


def take_cookie(response: Response, name: str, *, secure: bool) -> None:
    """Ask the browser to forget a cookie."""
    response.delete_cookie(cookie_name(name, secure), path="/", secure=secure, httponly=True, samesite="Lax")


# The form token ----------------------------------------------------------------------------------------------------


def fresh_secret() -> str:
    """For someone who is not logged in yet and is shown a form."""
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """What every form carries: made from the cookie's secret, which another site can neither read nor choose."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def token_fits(secret: str, token: str) -> bool:
    """Whether a form was made for whoever holds the secret."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), token.encode())
