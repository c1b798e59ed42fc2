"""Log in with the region's own account, and out again, by clicks: a real provider on another site than ours."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import served
from tests.browser.site import Site
from tests.provider.service import PASSWORD, Service, running


@pytest.fixture
def address() -> str:
    """Where the application will be: another site than the provider's in the eyes of a browser."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://localhost:{free.getsockname()[1]}"


@pytest.fixture
def service(tmp_path: Path, address: str) -> Iterator[Service]:
    with running(tmp_path, address) as found:
        yield found


@pytest.fixture
def site(settled: Path, tmp_path: Path, browser: Browser, service: Service, address: str) -> Iterator[Site]:
    port = int(address.rpartition(":")[2])
    with served(settled, tmp_path, browser, service.settings(base_url=address), port) as found:
        found.friends = (service.issuer,)
        yield found


def test_in_and_out_by_clicks(site: Site, service: Service) -> None:
    service.knows(groups=["kunskapsflode-samordnare"])
    case = site.consultation()
    page = site.page()
    page.goto(f"/arenden/{case.id}")
    page.get_by_role("link", name="Logga in med regionens konto").click()
    expect(page).to_have_title("Regionens inloggning")
    page.get_by_label("Användare").fill("kim")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in hos regionen").click()
    page.get_by_role("button", name="Godkänn").click()

    expect(page).to_have_url(f"{site.url}/arenden/{case.id}")
    expect(page.locator(".names .who")).to_have_text("Kim Prov")
    expect(page.locator(".names .role")).to_have_text("Samordnare kunskapsstyrning")

    page.locator(".account summary").click()
    page.get_by_role("button", name="Logga ut").first.click()
    page.get_by_role("button", name="Logga ut hos regionen").click()
    expect(page).to_have_url(f"{site.url}/logga-in")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logga in")


def test_turning_back_by_clicks(site: Site) -> None:
    page = site.page()
    page.goto("/logga-in")
    page.get_by_role("link", name="Logga in med regionens konto").click()
    page.get_by_role("button", name="Avbryt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inloggningen avbröts")
    page.get_by_role("link", name="Till inloggningen").click()
    expect(page).to_have_url(f"{site.url}/logga-in")
