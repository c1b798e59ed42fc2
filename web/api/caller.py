"""Who calls: the bearer token, the person it belongs to, and what they may act as today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Request, g

from engine import calendar, regions
from engine.access import CHAIR, Actor
from engine.regions import Region
from store import accounts, people, standing, tokens
from store.database import Reader
from store.feeds import Sight
from store.roles import Held
from store.tokens import Token
from web.doors import OPERATOR_ROLES

SEES_ALL_CASES = ("coordinator", "registrar", "auditor")
SEES_ALL_TASKS = ("coordinator",)


@dataclass(frozen=True)
class Caller:
    """A program that has shown a token, and the person it acts as."""

    token: Token
    person: str
    """Person key."""
    name: str
    region: Region
    held: tuple[Held, ...]

    @property
    def by(self) -> Actor:
        return Actor(self.person)

    @property
    def sight(self) -> Sight:
        """What of lists the person may see."""
        everywhere = {each.role for each in self.held if not each.area}
        return Sight(
            region=self.region.id,
            person=self.person,
            people=tuple(standing.acts_for(self.person, self.held)),
            roles=tuple(sorted({(each.role, each.area) for each in self.held})),
            chaired=tuple(sorted({each.area for each in self.held if each.role == CHAIR and each.area})),
            all_cases=bool(everywhere & set(SEES_ALL_CASES)),
            all_tasks=bool(everywhere & set(SEES_ALL_TASKS)),
            all_incidents=bool(everywhere & set(OPERATOR_ROLES)),
        )

    def may(self, scope: str) -> bool:
        return scope in self.token.scopes


def current() -> Caller:
    """Who made this request. Only for views behind the door."""
    return cast(Caller, g.caller)


def secret_of(request: Request) -> str | None:
    """The token of `Authorization: Bearer ...`; nothing else lets a program in, least of all a cookie."""
    sent = request.authorization
    return sent.token if sent is not None and sent.type == "bearer" else None


def find(reader: Reader, secret: str) -> Caller | None:
    """Whose token it is; None when it, the person or their account is no longer in force."""
    token = tokens.find(reader, secret)
    person = people.find(reader, token.person) if token else None
    if token is None or person is None or not person.active:
        return None
    account = accounts.of_person(reader, person.key)
    if account is not None and account.disabled_at:
        return None
    region = regions.load(person.region)
    held = standing.roles_on(reader, person.key, calendar.local_day(reader.now, region.timezone))
    return Caller(token, person.key, person.name, region, tuple(held))
