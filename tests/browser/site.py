"""A visited site: pages as a person, the clock as time goes, and what has happened before the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from engine import clock, messages, tasks
from engine.access import SYSTEM, Actor
from store import accounts, cases
from store import tasks as rows
from store.cases import Case
from store.database import Database, SteppedClock
from store.tasks import Task
from tests.patience import PATIENCE

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}


@dataclass
class Site:
    """The site and the browser that visits it."""

    url: str
    db: Database
    clock: SteppedClock
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    friends: tuple[str, ...] = ()
    """Addresses besides its own that its pages lead to."""
    complaints: list[str] = field(default_factory=list)
    """What the browser said was wrong: scripts that failed, rules that were broken, dialogues that popped up."""

    def page(self, **options: Any) -> Page:
        """A page of a browser of its own, with nobody logged in."""
        calm = {"viewport": WIDE, "reduced_motion": "reduce"}  # a colour half-way through its change has no contrast
        context = self.browser.new_context(base_url=self.url, locale="sv-SE", **{**calm, **options})
        context.set_default_timeout(PATIENCE * 1000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._hear)
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialogue: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._note_stranger(request.url))
        return page

    def visit(self, username: str, path: str = "/", **options: Any) -> Page:
        """A page of someone who has logged in."""
        page = self.page(**options)
        page.goto("/logga-in")
        page.locator(f"button[value={username}]").click()
        page.wait_for_url(f"{self.url}/")
        page.goto(path)
        return page

    def leave(self) -> None:
        for context in self.contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource: the server responded with a status of 4"
        if message.type == "error" and not message.text.startswith(expected):
            self.complaints.append(message.text)

    def _note_stranger(self, url: str) -> None:
        if not url.startswith((self.url, *self.friends, "data:", "blob:", "about:")):
            self.complaints.append(f"asked a stranger: {url}")

    # What has happened before -----------------------------------------------------------------------------------------

    def consultation(self, title: str = "Vårdförlopp KOL") -> Case:
        """A consultation has been published, and waits for the coordinator."""
        data = {
            "externalRef": "KS-2026-014",
            "title": title,
            "type": "VARDFORLOPP_PSV",
            "opensAt": "2026-02-16",
        }
        answer = messages.correlate(self.db, "jh", "ConsultationPublished", None, data, by=SYSTEM)
        with self.db.read() as reader:
            found = cases.find(reader, answer.started[0])
        assert found is not None
        return found

    def in_round(self) -> Case:
        """A consultation in which two have been asked for their views."""
        case = self.consultation()
        self.complete("Task_Triage", "sam", {"respond": "JA", "programAreaIds": ["LUNG"]})
        asked = [{"person": None, "group": role} for role in ("lpoChair@LUNG", "primaryCareRep@LUNG")]
        lead = {
            "leadUserId": self.key("lo"),
            "leadRole": "LPO_ORDFORANDE",
            "respondents": asked,
            "instruction": "Kort.",
        }
        self.complete("Task_AppointLead", "sam", lead)
        return case

    def complete(self, element: str, username: str, answers: Mapping[str, Any]) -> None:
        tasks.complete(self.db, self.open_task(element).id, answers, by=Actor(self.key(username)))

    def open_task(self, element: str, role: str = "") -> Task:
        """An open task at an element; of several the one that a role (`primaryCareRep`) may take."""
        with self.db.read() as reader:
            listed = cases.listed(reader, "jh")
            found = [task for case in listed for task in rows.open_of_case(reader, case.id) if task.element == element]
            fitting = [
                task for task in found if not role or any(role == has for has, _ in rows.roles_of(reader, task.id))
            ]
        assert fitting, (element, role)
        return fitting[0]

    def key(self, username: str) -> str:
        with self.db.read() as reader:
            account = accounts.find(reader, username)
        assert account is not None
        return account.person

    def case(self, case: Case) -> Case:
        with self.db.read() as reader:
            found = cases.find(reader, case.id)
        assert found is not None
        return found

    def wait_until(self, moment: str) -> None:
        """Let time go by, and let what is due happen."""
        self.clock.set(datetime.fromisoformat(moment))
        clock.tick(self.db)
