"""A01: a national consultation from its publication to the diary number, by clicks, while the clock goes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site


def open_task(site: Site, username: str, name: str) -> Page:
    """Log in, find the task in the inbox and open it, as a person would."""
    page = site.visit(username)
    page.locator("[data-row]", has_text=name).first.click()
    page.get_by_role("link", name="Öppna uppgiften").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.wait_for_load_state()  # what brings up questions listens from then on
    return page


def send(page: Page) -> None:
    page.locator("button[value=send]").click()
    expect(page.get_by_text("Svaret är skickat.")).to_be_visible()


def pick(page: Page, label: str, words: str) -> None:
    """Choose in the question with this label, whether it is drawn as boxes or as a list."""
    asked = page.locator(".field", has_text=label).first
    if asked.locator("select").count():
        value = asked.locator("option", has_text=words).first.get_attribute("value")
        asked.locator("select").select_option(value)
    else:
        asked.locator(".choice", has_text=words).first.click()


def test_a_consultation_is_answered_by_clicks(site: Site) -> None:
    case = site.consultation()

    page = open_task(site, "sam", "Fördela remissen")
    expect(page.locator(".facts")).to_contain_text("Torsdag 19 februari")
    pick(page, "Berörda programområden", "Lung")
    page.locator("[name='f.respond'][value='JA']").check()
    send(page)

    site.wait_until("2026-02-18T09:00:00+01:00")
    page = open_task(site, "sam", "Utse sammanhållande")
    pick(page, "Sammanhållande", "Lo Lungprov")
    page.locator("[name='f.leadRole'][value='LPO_ORDFORANDE']").check()
    for role in ("lpoChair@LUNG", "primaryCareRep@LUNG"):
        page.locator(f"[name='f.respondents'][value='{role}']").check()
    page.get_by_label("Instruktion").fill("Se särskilt på spirometri i primärvården.")
    send(page)

    page = open_task(site, "lo", "Lämna synpunkter")
    page.locator("[name='f.stance'][value='TILLSTYRKER']").check()
    page.locator("[name='f.ownImpact'][value='INGEN']").check()
    send(page)

    site.wait_until("2026-03-20T10:00:00+01:00")
    page = open_task(site, "pia", "Lämna synpunkter")
    page.locator("[name='f.stance'][value='TILLSTYRKER_MED_SYNPUNKTER']").check()
    page.locator("[name='f.ownImpact'][value='BETYDANDE']").check()
    page.locator("#q-resourceNeed").fill("Spirometrar till tre hälsocentraler")
    page.locator("[name='f.comments.0.section']").fill("4.2")
    page.locator("[name='f.comments.0.comment']").fill("Spirometri saknas på mindre orter.")
    send(page)

    site.wait_until("2026-04-07T09:00:00+02:00")
    page = open_task(site, "lo", "Sammanställ svaret")
    expect(page.locator("aside")).to_contain_text("Spirometri saknas på mindre orter.")
    page.locator("[name='f.overallStance'][value='TILLSTYRKER_MED_SYNPUNKTER']").check()
    page.locator("[name='f.answerText']").fill("Regionen tillstyrker. Spirometri behöver finnas överallt.")
    page.locator("[name='f.sendToCoordinator']").check()
    send(page)

    site.wait_until("2026-04-09T09:00:00+02:00")
    page = open_task(site, "sam", "Granska svaret")
    page.locator("[name='f.reviewOutcome'][value='GODKANN']").check()
    send(page)

    site.wait_until("2026-04-13T09:00:00+02:00")
    page = open_task(site, "sam", "Lämna in svaret")
    page.locator("[name='f.receiptRef']").fill("KSV-4711")
    send(page)

    page = open_task(site, "ria", "Diarieför svaret")
    page.locator("button[value=send]").click()
    expect(page.locator(".summary")).to_contain_text("Diarienummer")
    page.locator("[name='f.diaryNumber']").fill("RS/412/2026")
    send(page)

    ended = site.case(case)
    assert (ended.status, ended.outcome) == ("completed", "BESVARAD")
    page.goto(f"/arenden/{case.id}")
    expect(page.locator(".case-facts")).to_contain_text("RS/412/2026")
    expect(page.locator(".case-facts")).to_contain_text("Besvarad")
