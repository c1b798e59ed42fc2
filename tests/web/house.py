"""A small house to walk about in: people with accounts, a process with every kind of question, and browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from store import accounts
from tests.core.diagrams import boundary, chain, diagram, end, start, timer, user_task
from tests.core.diagrams import field as question
from tests.engine.town import Town

PASSWORD = "ett riktigt långt lösenord"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""As cheap as can be: someone logs in in nearly every test. What a real one costs is tested where log-in is."""
POISON = """<svg onload=alert(1)>"'{{7*7}}</script>&#x3c;"""
"""Shown as it stands wherever it is shown."""

STANCE = {"JA": "Tillstyrker", "NEJ": "Avstyrker"}
MANY = {f"V{n}": f"Val {n}" for n in range(7)}


def every_question() -> bytes:
    """A process whose first task asks in every way there is, and whose second asks nothing."""
    return diagram(
        start(),
        user_task(
            "Task_Answer",
            question("stance", "enum", label="Ställning", choices=STANCE, constraints={"required": "true"}),
            question(
                "why", label="Varför", visibleIf="stance == 'NEJ'", requiredIf="stance == 'NEJ'", multiline="true"
            ),
            question("text", label="Svar", multiline="true", constraints={"required": "true"}, help="Skriv kort."),
            question("day", "date", label="Dag"),
            question("hours", "long", label="Timmar", constraints={"min": "1"}),
            question("sure", "boolean", label="Jag är säker"),
            question("kinds", "enum", label="Sorter", choices=MANY, multiple="true"),
            question("one", "enum", label="En av många", choices=MANY),
            question("who", label="Person", picker="person"),
            question("area", label="Område", picker="programArea"),
            question("appendix", label="Bilaga", file="one"),
            question("comments_section", label="Avsnitt", rows="comments"),
            question("comments_comment", label="Synpunkt", rows="comments", requiredInRow="true", multiline="true"),
            name="Lämna synpunkter",
            candidateGroups="coordinator, lpoChair@LUNG",
            dueDate="${workday(today, 1)}",
            properties={"minutes": "25", "ifNothing": "Du räknas som ”ej svar”.", "contact": "coordinator"},
            inside="<bpmn:documentation>Läs **hela** remissen. &lt;img src=x onerror=alert(1)&gt; "
            "[dåligt](javascript:alert(1))</bpmn:documentation>",
        ),
        user_task("Task_Read", name="Läs", candidateGroups="lpoChair@LUNG"),
        end("End_Done", name="Klart"),
        boundary("Late", "Task_Answer", timer("P30D"), name="Tiden gick ut"),
        chain("Late", end("End_Late", name="För sent")),
        name="Synpunkter",
        attributes='camunda:candidateStarterGroups="coordinator"',
    )


@dataclass
class House:
    """The application over a town, and the people who come to it."""

    town: Town
    app: Flask

    def settle(self) -> None:
        """Accounts for everyone, and someone of another area."""
        self.town.person("Hud", "lpoChair@HUD")
        with self.town.db.transaction() as tx:
            for name, key in self.town.keys.items():
                accounts.add(tx, key, name.lower(), HASHED)

    def visit(self, name: str | None = None) -> Visit:
        """A browser of its own, logged in as someone unless no name is given."""
        visit = Visit(self.app.test_client())
        if name is not None:
            answer = visit.send("/logga-in", username=name.lower(), password=PASSWORD)
            assert answer.status_code == 303, answer.text
        return visit


@dataclass
class Visit:
    """One browser: keeps cookies, and sends the token of the page that it looked at last."""

    client: FlaskClient
    last: str = ""

    def see(self, path: str, **query: str) -> TestResponse:
        answer = self.client.get(path, query_string=query or None)
        self.last = answer.text
        return answer

    def text(self, path: str, **query: str) -> str:
        answer = self.see(path, **query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    @property
    def token(self) -> str:
        if 'name="token"' not in self.last:
            self.see("/tillganglighet")
        if 'name="token"' not in self.last:
            self.see("/logga-in")
        found = re.search(r'name="token" value="(\w+)"', self.last)
        assert found, "no form on the page"
        return found.group(1)

    def send(self, path: str, **fields: Any) -> TestResponse:
        answer = self.client.post(path, data={"token": self.token, **fields}, content_type="multipart/form-data")
        if 'name="token"' in answer.text:
            self.last = answer.text
        return answer


def shown(text: str) -> dict[str, Any]:
    """The hidden fields of a form that say what was on the page."""
    return {"shown": re.findall(r'name="shown" value="([^"]+)"', text)}
