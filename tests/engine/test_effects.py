"""Effects, as a diagram reaches them."""

from __future__ import annotations

import pytest

from store import additions, links
from tests.core import diagrams as d
from tests.engine.town import REGION, Town


def keyed(id: str, *parts: d.Part) -> bytes:
    """A process with one case for each `ref`."""
    begin = d.start("Begin", d.message(f"{id} wanted"), properties={"startKey": "${ref}"})
    return d.diagram(begin, *parts, d.end(), id=id)


def linker() -> bytes:
    other = d.parameters({"process": "'answers'", "key": "ref", "kind": "'follows'"})
    return keyed("questions", d.service_task("Link", "case.link", extension=other))


def test_a_case_is_linked_with_the_case_that_has_its_key(town: Town) -> None:
    town.deploy(keyed("answers"))
    town.deploy(linker())
    first = town.start("answers", ref="KS-1")
    second, alone = town.start("questions", ref="KS-1"), town.start("questions", ref="KS-2")
    with town.db.read() as reader:
        [found] = links.of_case(reader, first.id)
        assert (found.from_case, found.to_case, found.kind) == (second.id, first.id, "follows")
        assert links.of_case(reader, alone.id) == []


def test_a_case_that_is_named_goes_before_the_one_that_has_the_key(one_town: Town) -> None:
    one_town.deploy(keyed("answers"))
    one_town.start("answers", ref="KS-1")
    named = one_town.start("answers", ref="KS-2")
    given = d.parameters({"case": f"'{named.number}'", "process": "'answers'", "key": "ref"})
    one_town.deploy(keyed("questions", d.service_task("Link", "case.link", extension=given)))
    asked = one_town.start("questions", ref="KS-1")
    with one_town.db.read() as reader:
        assert [each.to_case for each in links.of_case(reader, asked.id)] == [named.id]


def test_what_is_recalled_is_the_others_own_or_of_those_beside_it(town: Town) -> None:
    town.deploy(keyed("answers"))
    town.deploy(linker())
    town.start("answers", ref="KS-1", rows=[1, 2])
    beside = town.start("questions", ref="KS-1", note="Nytt.")
    given = d.parameters({"case": f"'{beside.number}'", "recall": "['note', 'rows', 'none']"})
    town.deploy(keyed("reviews", d.service_task("Link", "case.link", extension=given)))
    made = town.case(town.start("reviews", ref="KS-2"))
    assert made.variables["recalled"] == {"note": "Nytt.", "rows": [1, 2], "none": None}


def entering(id: str, **inputs: str) -> bytes:
    """A process that enters an addition to one article and then lists what is published."""
    given = d.parameters({"article": "'nkk/kol'", **inputs})
    entered = d.service_task("Enter", "addition.register", extension=given)
    return keyed(id, entered, d.service_task("List", "addition.list"))


def test_an_addition_is_entered_once_and_then_changed(town: Town) -> None:
    town.deploy(entering("additions", anchor="'Behandling'", content="ref", reviewBy="add_months(today, 24)"))
    first = town.start("additions", ref="Första texten")
    second = town.start("additions", ref="Andra texten")
    with town.db.read() as reader:
        [entered] = additions.of_region(reader, REGION)
    assert (entered.status, entered.anchor, entered.content) == ("published", "Behandling", "Andra texten")
    assert entered.case_id == second.id
    assert town.case(first).variables["additionId"] == town.case(second).variables["additionId"] == entered.id


def test_another_place_of_the_article_is_another_addition(town: Town) -> None:
    town.deploy(entering("additions", anchor="ref"))
    town.start("additions", ref="Behandling")
    last = town.start("additions", ref="Uppföljning")
    assert [each["anchor"] for each in town.case(last).variables["additions"]] == ["Behandling", "Uppföljning"]


@pytest.mark.parametrize(
    ("status", "said"), [("'withdrawn'", "inget tillägg till nkk/kol"), ("'borta'", "kan inte vara ”borta”")]
)
def test_what_the_register_does_not_hold_is_not_withdrawn(town: Town, status: str, said: str) -> None:
    town.deploy(entering("additions", status=status))
    town.start("additions", ref="KS-1")
    [incident] = town.incidents()
    assert said in incident.message
    with town.db.read() as reader:
        assert additions.of_region(reader, REGION) == []


def test_a_withdrawn_addition_is_no_longer_listed_but_kept(town: Town) -> None:
    town.deploy(entering("additions"))
    town.deploy(entering("withdrawals", status="'withdrawn'"))
    town.start("additions", ref="KS-1")
    ended = town.start("withdrawals", ref="KS-1")
    assert town.case(ended).variables["additions"] == []
    with town.db.read() as reader:
        assert [each.status for each in additions.of_region(reader, REGION)] == ["withdrawn"]
