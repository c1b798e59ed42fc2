"""The operator's and the auditor's pages in a real browser: by the rules, within their width, without script too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from store import history, incidents, outbox, timers, webhooks
from tests.browser.site import NARROW, PHONE, WIDE, Site
from tests.browser.test_pages import TOO_WIDE, faults

SHUT = "diariet.example vill inte ha fler händelser (410)."


@dataclass
class Trouble:
    """A case that stands still, a receiver that is shut off, and what has happened so far."""

    site: Site
    paths: dict[str, str]
    """Path -> who goes there."""
    incident: str
    case: str

    @classmethod
    def at(cls, site: Site) -> Trouble:
        case = site.in_round()
        with site.db.transaction() as tx:
            endpoint = webhooks.add(tx, "jh", "https://diariet.example/in", ["*"], "hemligt")
            out = outbox.enqueue(tx, "jh", "event", "task.created", {"title": "KOL"}, recipient=endpoint.id)
            outbox.give_up(tx, endpoint.id, SHUT)
            webhooks.disable(tx, endpoint.id, SHUT)
            about = {"element": "Call_AnswerConsultation", "process": case.process_key, "rule": "expression"}
            incidents.report(tx, "jh", case.id, "77", **about, message="Variabeln diaryNumber finns inte.")
            [incident] = incidents.open_of_case(tx, case.id)
            timer = timers.coming(tx, timers.Wanted("jh"))[0]
            done = next(each for each in history.read(tx, case.id) if each.what == "completed" and each.person)
        operator = ["/drift", f"/drift/hinder/{incident.id}", "/drift/timrar", "/drift/utskick?lage=alla"]
        operator += [f"/drift/timrar/{case.id}/{timer.key}", f"/drift/utskick/{out}"]
        auditor = ["/granskning", "/granskning?handelse=beslut", f"/granskning/rad/{case.id}/{done.seq}"]
        paths = dict.fromkeys(operator, "drift") | dict.fromkeys(auditor, "gran")
        return cls(site, paths, incident.id, case.id)

    def visits(self, **options: object) -> Iterator[tuple[Page, str]]:
        """Each page, seen by whoever it is for."""
        pages = {who: self.site.visit(who, **options) for who in ("drift", "gran")}
        for path, who in self.paths.items():
            pages[who].goto(path)
            yield pages[who], path


@pytest.mark.parametrize(
    ("size", "look"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")], ids=["wide", "phone", "dark"]
)
def test_no_page_breaks_the_rules(site: Site, size: dict[str, int], look: str) -> None:
    wrong: list[str] = []
    for page, path in Trouble.at(site).visits(viewport=size, color_scheme=look, bypass_csp=True):
        wrong += [f"{path} {each}" for each in faults(page)]
    assert wrong == []


@pytest.mark.parametrize("width", [NARROW, PHONE], ids=["320", "390"])
def test_no_page_scrolls_sideways(site: Site, width: dict[str, int]) -> None:
    wide = [path for page, path in Trouble.at(site).visits(viewport=width) if page.evaluate(TOO_WIDE) > 0]
    assert wide == []


def test_the_drawing_marks_where_the_case_stands_still(site: Site) -> None:
    trouble = Trouble.at(site)
    page = site.visit("drift", f"/drift/hinder/{trouble.incident}")
    marked = page.locator('.drawing [data-element-id="Call_AnswerConsultation"].fel')
    marked.wait_for()
    expect(page.locator(".drawing .fel")).to_have_count(1)


def test_a_retry_without_script_tells_the_truth(site: Site) -> None:
    trouble = Trouble.at(site)
    page = site.visit("drift", f"/drift/hinder/{trouble.incident}", java_script_enabled=False)
    page.get_by_role("button", name="Försök igen").click()
    expect(page.get_by_role("status")).to_contain_text("Det gick inte den här gången heller.")
    page.get_by_label("Skriv till den som tar över").fill("Ringt den som ritar.")
    page.get_by_role("button", name="Spara anteckningen").click()
    expect(page).to_have_url(f"{site.url}/drift/hinder/{trouble.incident}")
    page.goto("/drift")
    expect(page.locator(".incident")).to_contain_text("Ringt den som ritar.")


def test_history_is_verified_by_keyboard(site: Site) -> None:
    Trouble.at(site)
    page = site.visit("gran", "/granskning")
    page.get_by_role("button", name="Kontrollera historiken").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Historiken är hel")
