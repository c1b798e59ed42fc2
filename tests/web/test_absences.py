"""The page where people say that they are away, who stands in, and that they are back."""

from __future__ import annotations

import re

from tests.web.house import House


def test_someone_goes_away_and_comes_back_early(house: House) -> None:
    house.town.start(by="Sam")
    task = house.town.open_task("Task_Answer").id
    lo, pia = house.visit("Lo"), house.visit("Pia")
    assert "/franvaro" in lo.text("/mer")
    away = lo.send("/franvaro", **{"from": "2026-02-16", "to": "", "substitute": house.town.keys["Pia"]})
    page = lo.text(away.location)
    assert "Frånvaron är inlagd." in page
    assert "Ersättare: Pia" in page
    assert task in pia.text("/")
    [end] = re.findall(r"/franvaro/\w+/avsluta", page)
    assert pia.send(end).status_code == 404
    assert "Ersättare: Pia" not in lo.text(lo.send(end).location)
    assert task not in pia.text("/")


def test_days_that_make_no_sense_are_refused(house: House) -> None:
    visit = house.visit("Lo")
    visit.see("/franvaro")
    for first, last in (("", ""), ("2026-02-20", "2026-02-16"), ("i morgon", "")):
        assert visit.send("/franvaro", **{"from": first, "to": last}).status_code == 422
