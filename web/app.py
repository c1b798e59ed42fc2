"""The pages as one WSGI application: what belongs to every page is put together here, and nowhere else."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from store.database import Database
from web import chrome, doors, errors, headers, health, markdown, outgoing
from web.additions import views as additions
from web.api import mounting as api
from web.audit import disposal
from web.audit import views as audit
from web.cases import drawings, moves, rounds, waiting
from web.cases import views as cases
from web.feed import views as feed
from web.hooks import views as hooks
from web.inbox import drafts, tasks
from web.inbox import views as inbox
from web.login import views as login
from web.logs import follow
from web.metrics import measure
from web.operations import deliveries, incidents, timers
from web.operations import views as operations
from web.operations.holding import pages as holding
from web.organisation import absences, contacts, persons
from web.organisation import views as organisation
from web.pace import Pace
from web.settings import Settings
from web.start import views as start
from web.year import views as year

BIGGEST_REQUEST = 26_000_000
"""Bytes: a file of 25 MB and its form."""
BIGGEST_FORM = 1_000_000
MOST_PARTS = 10_000


def create_app(db: Database, settings: Settings) -> Flask:
    """The application over one database. Several may live in one process."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.extensions["db"] = db
    app.extensions["settings"] = settings
    app.extensions["pace"] = Pace(settings.requests_per_minute)
    app.extensions["provider"] = outgoing.provider(settings)
    app.config.update(MAX_CONTENT_LENGTH=BIGGEST_REQUEST, MAX_FORM_MEMORY_SIZE=BIGGEST_FORM, MAX_FORM_PARTS=MOST_PARTS)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    operating = (operations, incidents, timers, deliveries)
    of_cases = (cases, drawings, rounds, moves, waiting)
    daily = (inbox, tasks, drafts, year, organisation, contacts, persons, absences, additions)
    for room in (login, *daily, *of_cases, *operating, audit, disposal, start, health, hooks, feed):
        app.register_blueprint(room.pages)
    app.register_blueprint(holding)
    api.mount(app)
    measure(app, db)
    follow(app)
    doors.guard(app)
    headers.dress(app)
    errors.answer(app)
    app.context_processor(_about_this_page)
    app.jinja_env.globals.update(chrome.WORDS, form_token=doors.form_token)
    app.add_template_filter(markdown.render, "markdown")
    return app


def _about_this_page() -> dict[str, Any]:
    return chrome.of(request)
