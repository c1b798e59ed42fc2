"""The register of local additions in a browser: found, opened, read on a phone and without JavaScript, taken along."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from engine import printing
from store import additions
from tests.browser.site import PHONE, WIDE, Site


@pytest.fixture
def register(site: Site) -> Site:
    """A register of a few additions."""
    with site.db.transaction() as tx:
        for number, (title, area) in enumerate((("Kroniskt obstruktiv lungsjukdom", "LUNG"), ("Psoriasis", "HUD"))):
            made = additions.register(
                tx,
                region="jh",
                article=f"https://nkk.example.se/{number}",
                article_version="3",
                article_title=title,
                anchor="Behandling",
                area=area,
                title=f"{title}: lokal behandling",
            )
            review = tx.now.date() + timedelta(days=40 if number else -10)
            said = {"content": "Börja med spirometri.", "published_on": date(2026, 1, 20), "review_by": review}
            additions.change(tx, made.id, status="published", **said)
            additions.change(tx, made.id, content="Börja med spirometri på hälsocentralen.", article_version="4")
    return site


def test_an_addition_is_found_and_read(register: Site) -> None:
    page = register.visit("pia", "/tillagg")
    page.get_by_label("Programområde").select_option("HUD")
    page.get_by_role("button", name="Visa").click()
    page.get_by_role("link", name="Psoriasis: lokal behandling").click()
    expect(page.get_by_text("Börja med spirometri på hälsocentralen.")).to_be_visible()
    expect(page.get_by_text("Version 2")).to_be_visible()
    assert register.complaints == []


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_register_is_whole_without_javascript_and_for_everyone(register: Site, viewport: dict[str, int]) -> None:
    page = register.visit("pia", "/tillagg", viewport=viewport, java_script_enabled=False)
    expect(page.get_by_role("link", name="Psoriasis: lokal behandling")).to_be_visible()
    page.get_by_role("button", name="Visa").click()
    expect(page).to_have_url(re.compile("lage=galler"))
    checked = register.visit("pia", "/tillagg", viewport=viewport)
    assert checked.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_made_page_shows_itself_and_nothing_else(register: Site) -> None:
    page = register.visit("sam", "/tillagg")
    page.get_by_role("link", name="Webbsida").click()
    heading = page.get_by_role("heading", level=1, name="Lokala tillägg i nationella kunskapsstöd")
    expect(heading).to_have_css("color", "rgb(10, 52, 55)")
    assert printing.print_waiting(register.db) == printing.Printed()
