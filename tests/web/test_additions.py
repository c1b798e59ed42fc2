"""The register of local additions: found by what one looks for, one by one with its versions, and taken along."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from store import additions
from store.additions import Addition
from tests.web.house import POISON, House

TODAY = date(2026, 3, 2)


def entered(house: House, title: str, *, region: str = "jh", **columns: object) -> Addition:
    with house.town.db.transaction() as tx:
        made = additions.register(
            tx,
            region=region,
            article=f"https://nkk.example.se/{title}",
            article_version="3",
            article_title=f"Artikel om {title}",
            anchor="Behandling",
            area="LUNG",
            title=title,
        )
        additions.change(tx, made.id, **({"status": "published", "published_on": TODAY} | columns))
        found = additions.find(tx, made.id)
    assert found is not None
    return found


def listed(house: House, **query: str) -> list[str]:
    text = house.visit("Pia").text("/tillagg", **query)
    return [each for each in ("KOL", "Astma", "Psoriasis", "Sömnapné") if f">{each}</a>" in text]


@pytest.fixture
def register(house: House) -> House:
    today = house.town.clock.moment.date()
    entered(house, "KOL", review_by=today.replace(year=today.year + 2))
    entered(house, "Astma", review_by=today.replace(year=today.year - 1))
    entered(house, "Psoriasis", area="HUD", document_reference="71000-1")
    entered(house, "Sömnapné", status="withdrawn")
    return house


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["KOL", "Astma", "Psoriasis"]),
        ({"lage": "utfasade"}, ["Sömnapné"]),
        ({"lage": "alla"}, ["KOL", "Astma", "Psoriasis", "Sömnapné"]),
        ({"omrade": "HUD"}, ["Psoriasis"]),
        ({"sok": "psoriasis"}, ["Psoriasis"]),
        ({"sok": "71000"}, ["Psoriasis"]),
        ({"sok": "100%"}, []),
        ({"oversyn": "sena"}, ["Astma"]),
        ({"lage": "vad som helst", "oversyn": "x"}, ["KOL", "Astma", "Psoriasis"]),
    ],
)
def test_the_register_shows_what_is_asked_for(register: House, query: dict[str, str], found: list[str]) -> None:
    assert listed(register, **query) == found


def test_an_empty_register_says_so(house: House) -> None:
    assert "Ett tillägg kommer hit när det är publicerat." in house.visit("Pia").text("/tillagg")


def test_one_addition_tells_what_it_belongs_to_and_how_it_has_changed(house: House) -> None:
    addition = entered(house, "KOL", content="Första texten.")
    with house.town.db.transaction() as tx:
        additions.change(tx, addition.id, content="Andra texten.", article_version="4")
    text = house.visit("Pia").text(f"/tillagg/{addition.id}")
    assert "Andra texten." in text
    assert "Första texten." in text
    assert text.index("Version 2") < text.index("Version 1")
    assert 'href="https://nkk.example.se/KOL"' in text


def test_what_people_have_written_is_shown_as_it_stands(house: House) -> None:
    addition = entered(house, POISON, content=POISON, article="javascript:alert(1)")
    for path in ("/tillagg", f"/tillagg/{addition.id}", "/tillagg/forteckning.html"):
        text = house.visit("Pia").text(path)
        assert "<svg onload" not in text
        assert 'href="javascript' not in text


def test_another_region_and_a_draft_of_others_are_not_there(house: House) -> None:
    elsewhere, draft = entered(house, "KOL", region="bl"), entered(house, "Astma", status="draft")
    pia = house.visit("Pia")
    assert listed(house, lage="alla") == []
    assert [pia.see(f"/tillagg/{each.id}").status_code for each in (elsewhere, draft)] == [404, 404]
    assert house.visit("Sam").see(f"/tillagg/{draft.id}").status_code == 200
    assert house.visit().see("/tillagg").status_code == 303


def test_the_register_is_taken_along_as_a_page_a_sheet_and_a_pdf(register: House) -> None:
    sam = register.visit("Sam")
    page = sam.see("/tillagg/forteckning.html")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert ("KOL" in page.text, "Sömnapné" in page.text) == (True, False)
    assert sam.client.get("/tillagg/forteckning.pdf").data.startswith(b"%PDF-")
    assert sam.see("/tillagg/forteckning.exe").status_code == 404


def test_in_a_sheet_a_formula_is_text_and_a_day_is_a_day(house: House) -> None:
    entered(house, "=1+1", review_by=TODAY)
    sheet = house.visit("Sam").client.get("/tillagg/forteckning.xlsx")
    rows = openpyxl.load_workbook(io.BytesIO(sheet.data)).active
    assert rows is not None
    cells = {head.value: cell for head, cell in zip(rows[1], rows[2], strict=True)}
    assert (cells["Lokalt tillägg"].value, cells["Lokalt tillägg"].data_type) == ("=1+1", "s")
    assert cells["Ses över"].value.date() == TODAY


def test_without_the_press_the_page_is_offered_and_the_reason_told(
    register: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.record.press.missing", lambda: "Det saknas bibliotek.")
    sam = register.visit("Sam")
    assert "forteckning.pdf" not in sam.text("/tillagg")
    assert sam.see("/tillagg/forteckning.pdf").status_code == 503
