"""Log in with a password of ours, log out, and choose language and look. The region's own log-in is `region.py`."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests
from werkzeug.wrappers import Response as Answer

from store import accounts, mandates, organisation, people, sessions
from store.database import Reader
from web import chrome, here, language, passwords, visitor, words
from web.doors import ANYONE, SIGNED_IN, open_to, own_path, secure
from web.language import say
from web.login import provider, region, throttle
from web.login.admission import admit, send_on
from web.settings import LOOPBACK

pages = Blueprint("login", __name__, template_folder="templates")
pages.add_url_rule("/logga-in/regionen", "depart", region.depart)
pages.add_url_rule(provider.BACK, "come_back", region.come_back)
pages.add_url_rule("/utloggad", "left", region.left)

A_YEAR = 365 * 24 * 3600


class TooSoon(TooManyRequests):
    """Too many wrong passwords from this place: the next has to wait."""

    description = "Det har varit många fel lösenord härifrån."


@pages.get("/logga-in")
@open_to(ANYONE)
def show() -> Answer | str:
    """The ways in; whoever is in already goes on to where they were going."""
    if here.someone():
        return redirect(own_path(request.args.get("next")), 303)
    return _page(target=own_path(request.args.get("next")))


@pages.post("/logga-in")
@open_to(ANYONE)
def enter() -> Answer:
    """In with a password. A wrong one and an unknown name are answered alike."""
    if not here.settings().passwords:
        raise NotFound
    username = request.form.get("username", "").strip().lower()[:200]
    with here.db().read() as reader:
        _require_patience(reader, username)
        account = accounts.find(reader, username)
    usable = account if account and not account.disabled_at else None
    if passwords.fits(usable.password_hash if usable else None, request.form.get("password", "")) and usable:
        return _admit(usable.person, username)
    return _refuse(username)


@pages.post("/logga-in/prov")
@open_to(ANYONE)
def enter_demo() -> Answer:
    """Demo accounts are open by name alone, on the machine itself and nowhere else."""
    if not _demo_is_open():
        raise NotFound
    username = request.form.get("username", "")
    with here.db().read() as reader:
        account = accounts.find(reader, username)
    if account is None or account.disabled_at:
        raise NotFound
    return _admit(account.person, account.username)


@pages.post("/logga-ut")
@open_to(SIGNED_IN)
def leave() -> Answer:
    """Out: the session ends here, and at the region's service where it began there."""
    with here.db().transaction() as tx:
        sessions.revoke(tx, here.visitor().secret)
    by_region = here.visitor().issuer and current_app.extensions["provider"]
    response = redirect(url_for("login.left" if by_region else "login.show"), 303)
    visitor.take_cookie(response, "kf_session", secure=secure())
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@pages.get("/mer")
@open_to(SIGNED_IN)
def account() -> str:
    """Who the visitor is, and what they may choose."""
    return render_template("more.html")


@pages.get("/tangenter")
@open_to(SIGNED_IN)
def keys() -> str:
    """Which keys do what."""
    return render_template("keys.html")


@pages.post("/val")
@open_to(ANYONE)
def prefer() -> Answer:
    """Keep a choice of look, language or keys in this browser."""
    response = redirect(own_path(request.form.get("next")), 303)
    choices = {"look": chrome.LOOKS, "keys": chrome.KEYS, "language": tuple(language.LANGUAGES)}
    for name, allowed in choices.items():
        chosen = request.form.get(name)
        if chosen in allowed:
            response.set_cookie(
                f"kf_{name}", chosen, max_age=A_YEAR, samesite="Lax", secure=secure(), httponly=True, path="/"
            )
    return response


def _require_patience(reader: Reader, username: str) -> None:
    since = reader.now - throttle.WINDOW
    tried = sessions.attempts_since(reader, username, _address(), since)
    if tried.from_address >= throttle.MOST_FROM_ADDRESS:
        raise TooSoon
    if tried.latest and reader.now < tried.latest + throttle.wait(tried.together):
        raise TooSoon


def _admit(person: str, username: str) -> Answer:
    with here.db().transaction() as tx:
        sessions.note_attempt(tx, username, _address(), True)
        secret = admit(tx, person)
    return send_on(secret, request.form.get("next"))


def _refuse(username: str) -> Response:
    with here.db().transaction() as tx:
        sessions.note_attempt(tx, username, _address(), False)
    fault = say("E-postadressen eller lösenordet stämmer inte. Försök igen.")
    return make_response(_page(own_path(request.form.get("next")), username, fault), 401)


def _page(target: str, username: str = "", fault: str = "") -> str:
    ways = {"region": current_app.extensions["provider"], "passwords": here.settings().passwords}
    return render_template(
        "login.html", target=target, username=username, fault=fault, demo=_demo_accounts(), ways=ways
    )


def _demo_accounts() -> list[dict[str, str]]:
    """Name, user name and title of every account, when demo log-in is open."""
    if not _demo_is_open():
        return []
    region = here.region()
    with here.db().read() as reader:
        open_ones = {each.person: each.username for each in accounts.find_all(reader) if not each.disabled_at}
        held = {each.person: each for each in reversed(mandates.of(reader, region=region.id))}
        shown = [each for each in people.of_region(reader, region.id) if each.key in open_ones]
        areas = organisation.area_names(reader, {each.area for each in held.values()})
    order = {role: n for n, role in enumerate(region.data["roles"])}
    shown.sort(key=lambda each: order.get(held[each.key].role, len(order)) if each.key in held else len(order))
    return [
        {
            "name": each.name,
            "username": open_ones[each.key],
            "title": words.role(held[each.key].role, held[each.key].area, areas) if each.key in held else "",
        }
        for each in shown
    ]


def _demo_is_open() -> bool:
    here_only = here.settings().demo and here.settings().loopback and here.settings().passwords
    return here_only and request.remote_addr in LOOPBACK


def _address() -> str:
    return request.remote_addr or ""
