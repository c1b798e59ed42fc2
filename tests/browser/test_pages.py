"""Every page in a real browser: accessible by the rules a machine can check, within its width, in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.site import NARROW, PHONE, WIDE, Site

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
RICHEST = ("chosen", "task", "case", "operations", "waiting")
"""Pages that between them hold every part: enough for another width or look."""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAINTED = """element => { const style = getComputedStyle(element); return [style.color, style.backgroundColor]; }"""


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def walk(site: Site, visit: Callable[[str], None], only: Collection[str] = ()) -> None:
    """Visit every kind of page, or only those named."""
    case = site.in_round()
    task = site.open_task("Task_GiveView")
    paths = {
        "inbox": "/",
        "chosen": f"/?vy=kan-tas&uppgift={task.id}",
        "empty": "/?vy=mina",
        "task": f"/uppgifter/{task.id}",
        "cases": "/arenden",
        "case": f"/arenden/{case.id}",
        "drawing": f"/arenden/{case.id}/ritning",
        "processes": "/vantar",
        "waiting": f"/vantar/{case.process_key}",
        "start": "/starta",
        "start form": "/starta/national-consultation",
        "operations": "/drift",
        "additions": "/tillagg",
        "year": "/kalender?visa=alla",
        "organisation": "/organisation",
        "assumptions": "/organisation/antaganden",
        "more": "/mer",
        "keys": "/tangenter",
        "accessibility": "/tillganglighet",
        "nothing": "/finns-inte",
    }
    for name, path in paths.items():
        if not only or name in only:
            visit(path)


@pytest.mark.parametrize(
    ("size", "look"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")], ids=["wide", "phone", "dark"]
)
def test_no_page_breaks_the_rules(site: Site, size: dict[str, int], look: str) -> None:
    page = site.visit("sam", viewport=size, color_scheme=look, bypass_csp=True)

    def see(path: str) -> None:
        page.goto(path)
        if page.locator(".drawing:visible").count():
            page.locator(".drawing :is(.klar, .glow)").first.wait_for()
        wrong.extend(f"{path} {each}" for each in faults(page))
        if page.evaluate(TOO_WIDE) > 0:
            wrong.append(f"{path} is wider than {size['width']}")

    wrong: list[str] = []
    walk(site, see, only=() if (size, look) == (WIDE, "light") else RICHEST)
    task = site.open_task("Task_GiveView", "primaryCareRep")
    answering = site.visit("pia", f"/uppgifter/{task.id}", viewport=size, color_scheme=look, bypass_csp=True)
    answering.locator("button[value=send]").click()
    answering.locator(".summary").wait_for()
    answering.wait_for_load_state()
    wrong += [f"faults {each}" for each in faults(answering)]
    stranger = site.page(viewport=size, color_scheme=look, bypass_csp=True)
    stranger.goto("/logga-in")
    wrong += [f"log-in {each}" for each in faults(stranger)]
    assert wrong == []


def test_the_rules_see_a_bad_page(site: Site) -> None:
    page = site.page(bypass_csp=True)
    page.goto("/logga-in")
    page.evaluate("document.body.innerHTML = '<main><img src=x><input><p style=\"color:#eee\">blek</p></main>'")
    assert {each.split(":")[0] for each in faults(page)} >= {"image-alt", "label", "color-contrast"}
    site.complaints.clear()


@pytest.mark.parametrize("width", [NARROW, PHONE, WIDE], ids=lambda size: str(size["width"]))
def test_no_page_scrolls_sideways(site: Site, width: dict[str, int]) -> None:
    page = site.visit("sam", viewport=width)
    wide: list[str] = []

    def see(path: str) -> None:
        page.goto(path)
        if page.evaluate(TOO_WIDE) > 0:
            wide.append(path)

    walk(site, see)
    assert wide == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_words_of_filled_buttons_are_seen(site: Site, look: str) -> None:
    """A general rule for links once painted a button's words in the button's own colour."""
    site.in_round()
    page = site.visit("pia", "/", color_scheme=look)
    filled = page.locator(".button.filled:visible")
    expect(filled).to_have_count(1)
    words, ground = filled.first.evaluate(PAINTED)
    assert words != ground


def test_the_drawing_shows_where_the_case_is(site: Site) -> None:
    case = site.in_round()
    page = site.visit("sam", f"/arenden/{case.id}")
    page.locator(".drawing .klar").first.wait_for()
    expect(page.locator('[data-element-id="Call_AnswerConsultation"].nu')).to_have_count(1)
    expect(page.locator('[data-element-id="Call_CloseConsultation"].sedan')).to_have_count(1)
    mark = page.locator("a.bjs-powered-by")
    expect(mark).to_be_visible()
    seen = "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('a.bjs-powered-by'))"
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    assert page.evaluate(seen, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    page.locator('[data-element-id="Call_AnswerConsultation"] .djs-hit').first.click(position={"x": 20, "y": 20})
    page.wait_for_url("**/ritning?process=consultation-answer")


def test_the_drawing_shows_how_many_wait_where(site: Site) -> None:
    page = site.visit("sam", f"/vantar/{site.in_round().process_key}")
    page.locator('[data-element-id="Call_AnswerConsultation"] .glow.tjarn').wait_for()
    expect(page.locator(".drawing .glow")).to_have_count(1)
    expect(page.locator(".drawing .mark.heat")).to_have_text(["1 nu", "mindre än 1 dag\n0 av 1 sena"])
    page.locator('[data-element-id="Call_AnswerConsultation"] .djs-hit').first.click(position={"x": 20, "y": 20})
    page.wait_for_url("**/vantar/*?process=consultation-answer")
    page.get_by_role("rowheader").get_by_role("link", name="Inhämta synpunkter", exact=True).press("Enter")
    expect(page.get_by_text("Bara de som väntar vid ”Inhämta synpunkter”")).to_be_visible()


def test_poison_does_nothing_anywhere(site: Site) -> None:
    """The site fixture fails on any dialogue, script fault, broken rule or question to a stranger."""
    poison = """<svg onload=alert(1)><img src=x onerror=alert(1)>{{7*7}}</script>"""
    case = site.consultation(poison)
    task = site.open_task("Task_Triage")
    page = site.visit("sam")
    for path in ("/", f"/uppgifter/{task.id}", "/arenden", f"/arenden/{case.id}", f"/arenden?sok={poison}"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        shown = page.get_by_text("<svg onload=alert(1)>").or_(page.locator(f'[value="{poison}"]'))
        expect(shown.first, path).to_be_attached()
