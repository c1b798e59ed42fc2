"""Another system that has a token, and talks to `/api/v1` as a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import tokens
from engine.access import SYSTEM
from tests.web.house import House
from web.api.scopes import SCOPES

ALL = tuple(SCOPES)


@dataclass
class Partner:
    """A program with a token."""

    client: FlaskClient
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", query_string=query, headers={**self.headers, **(headers or {})})

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        return self.client.post(f"/api/v1{path}", json=body, headers={**self.headers, **(headers or {})})

    def send(self, path: str, body: bytes | str, kind: str = "application/json") -> TestResponse:
        """A body as it stands."""
        return self.client.post(f"/api/v1{path}", data=body, content_type=kind, headers=self.headers)

    def upload(self, path: str, headers: dict[str, str] | None = None, **parts: Any) -> TestResponse:
        headers = {**self.headers, **(headers or {})}
        return self.client.post(f"/api/v1{path}", data=parts, content_type="multipart/form-data", headers=headers)

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Everything that a list holds, page by page."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = good(self.get(path, **query, **({"cursor": cursor} if cursor else {})))
            found += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return found


def partner(house: House, name: str, *scopes: str) -> Partner:
    """A program that acts as someone, for everything unless scopes are given."""
    _, secret = tokens.add(house.town.db, house.town.keys[name], "prov", scopes or ALL, by=SYSTEM)
    return Partner(house.app.test_client(), secret)


def good(answer: TestResponse, status: int = 200) -> Any:
    """What a good answer holds."""
    assert answer.status_code == status, (answer.status_code, answer.text[:2000])
    return answer.json


def problem(answer: TestResponse, status: int, kind: str) -> Any:
    """The problem that a refusal holds, in its form."""
    assert answer.status_code == status, (answer.status_code, answer.text[:2000])
    assert answer.content_type == "application/problem+json"
    document = answer.json
    assert {"type", "title", "status", "detail", "instance"} <= set(document)
    assert document["type"] == f"urn:kunskapsflode:problem:{kind}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document
