"""Writing in a form: by keyboard, saved by itself, with rows that come and go; and all of it without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import PHONE, Site

COUNT_SENT = "window.sent = 0; addEventListener('submit', (event) => { window.sent += 1; event.preventDefault(); })"


@pytest.fixture
def task(site: Site) -> str:
    """The address of a task in which someone is asked for their view."""
    site.in_round()
    return f"/uppgifter/{site.open_task('Task_GiveView', 'primaryCareRep').id}"


def choose(page: Page, words: str) -> None:
    page.get_by_text(words, exact=True).click()


def test_j_and_k_walk_the_list_and_enter_opens(site: Site) -> None:
    site.consultation("Första")
    page = site.visit("sam", "/")
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**uppgift=**")
    expect(page.locator("#task-title")).to_be_focused()


def test_slash_goes_to_search_but_not_while_writing(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    field = page.locator("textarea").first
    field.focus()
    page.keyboard.type("och/eller jk")
    expect(field).to_have_value("och/eller jk")


def test_single_keys_open_the_list_of_keys_until_they_are_switched_off(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    page.keyboard.press("?")
    expect(page).to_have_url(f"{site.url}/tangenter")
    page.get_by_role("button", name="Stäng av enstaka tangenter").click()
    expect(page.get_by_role("button", name="Slå på enstaka tangenter")).to_be_visible()
    page.goto("/?vy=kan-tas")
    for key in ("?", "/", "j"):
        page.keyboard.press(key)
    expect(page.locator("body")).to_be_focused()
    expect(page).to_have_url(f"{site.url}/?vy=kan-tas")
    page.keyboard.press("Tab")
    page.locator("[data-row]").first.focus()
    page.keyboard.press("ArrowDown")  # not a character: it works all the same
    expect(page.locator("[data-row]").last).to_be_focused()


def test_enter_in_a_field_sends_nothing(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    field = page.locator("#answer input.input:not([type=file])").first
    field.fill("3.2")
    page.evaluate(COUNT_SENT)
    field.press("Enter")
    assert page.evaluate("window.sent") == 0
    expect(field).to_have_value("3.2")


def test_faults_take_the_focus_and_lead_to_the_field(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    page.locator("button[value=send]").click()
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("fel:"))
    summary.locator("a").first.click()
    expect(page.locator(":target")).to_have_count(1)


def test_a_draft_saves_itself_and_survives(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    field = page.locator("textarea").first
    field.fill("Primärvården behöver spirometrar.")
    expect(page.locator("#saved")).to_have_text("Utkast sparat 08:00")
    page.goto("/")
    page.goto(task)
    expect(page.locator("textarea").first).to_have_value("Primärvården behöver spirometrar.")


def test_rows_come_and_go_in_place(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    boxes = page.locator("#rows-comments .box")
    boxes.nth(0).locator("textarea").first.fill("Ett")
    page.get_by_role("button", name="Lägg till synpunkt").click()
    expect(boxes).to_have_count(2)
    expect(boxes.nth(1).locator("input.input, textarea").first).to_be_focused()
    boxes.nth(0).get_by_role("button", name="Ta bort").click()
    expect(boxes).to_have_count(1)
    page.get_by_role("button", name="Ångra").click()
    expect(boxes).to_have_count(2)
    expect(boxes.nth(0).locator("textarea").first).to_have_value("Ett")


def test_an_answer_brings_up_the_question_that_follows(site: Site, task: str) -> None:
    page = site.visit("pia", task)
    question = page.locator("#q-resourceNeed")
    expect(question).to_have_count(0)
    choose(page, "Betydande")
    expect(question).to_be_visible()


def test_a_dangerous_act_asks_first(site: Site) -> None:
    case = site.in_round()
    page = site.visit("sam", f"/arenden/{case.id}")
    page.get_by_text("Avbryt ärendet", exact=True).click()
    page.get_by_label("Varför avbryts det?").fill("Dubblett")
    page.get_by_role("button", name="Avbryt ärendet för gott").click()
    dialogue = page.get_by_role("dialog")
    expect(dialogue).to_contain_text("2 uppgifter försvinner")
    dialogue.get_by_role("button", name="Nej, gå tillbaka").click()
    assert site.case(case).status == "active"
    page.get_by_role("button", name="Avbryt ärendet för gott").click()
    dialogue.get_by_role("button", name="Avbryt ärendet för gott").click()
    page.wait_for_url("**kvitto**")
    assert site.case(case).status == "cancelled"


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "wide"])
def test_all_of_it_without_javascript(site: Site, task: str, size: dict[str, int]) -> None:
    page = site.visit("pia", "/", java_script_enabled=False, viewport=size)
    page.locator("[data-row]").first.click()
    page.get_by_role("link", name="Öppna uppgiften").click()
    choose(page, "Betydande")
    page.get_by_role("button", name="Lägg till synpunkt").click()
    boxes = page.locator("#rows-comments .box")
    expect(boxes).to_have_count(2)
    boxes.nth(1).locator("textarea").first.fill("Spirometri saknas på mindre orter.")
    page.locator("button[value=send]").click()
    expect(page.locator(".summary a").first).to_be_visible()
    expect(page.locator("#rows-comments textarea").first).to_have_value("Spirometri saknas på mindre orter.")
    choose(page, "Tillstyrker med synpunkter")
    page.locator("#q-resourceNeed").fill("Tre spirometrar")
    page.locator("button[value=send]").click()
    expect(page.get_by_text("Svaret är skickat.")).to_be_visible()
