"""Cases that go on from others: offered by the case, filled in from it, linked with it."""

from __future__ import annotations

import pytest

from engine import definitions, following
from engine.errors import FormErrors
from store import links
from store.cases import Case
from tests.core import diagrams as d
from tests.engine.town import REGION, Town


def process(id: str, *fields: str) -> bytes:
    begin = d.start("Begin", extension=d.form(d.field("title"), *fields))
    return d.diagram(begin, d.end(), id=id, name=id.title(), attributes='camunda:candidateStarterGroups="coordinator"')


@pytest.fixture
def chain(town: Town) -> Town:
    """Questions, answers that follow questions, and reviews of answers or of earlier reviews."""
    town.person("Sam", "coordinator")
    town.person("Lo", "lpoChair@LUNG")
    town.deploy(process("questions"), process("answers", d.field("asked", follows="questions")))
    town.deploy(process("reviews", d.field("of", follows="answers, reviews")))
    return town


def offers(town: Town, case: Case, name: str = "Sam") -> list[tuple[str, str, bool]]:
    now = town.case(case)
    with town.db.read() as reader:
        found = following.offered(reader, town.region, now, town.by(name))
        return [(each.deployed.process.id, each.case.number, each.again) for each in found]


def test_a_case_that_has_ended_offers_what_goes_on_from_it_until_that_has_begun(chain: Town) -> None:
    asked = chain.start("questions", by="Sam", title="KOL")
    assert offers(chain, asked) == [("answers", asked.number, False)]
    assert offers(chain, asked, "Lo") == []
    chain.tick(days=1)
    answer = chain.start("answers", by="Sam", title="KOL", asked=asked.number)
    assert offers(chain, asked) == []
    assert offers(chain, answer) == [("reviews", answer.number, False)]


def test_what_is_done_over_again_goes_on_from_the_newest(chain: Town) -> None:
    answer = chain.start("answers", by="Sam", title="KOL")
    chain.tick(days=1)
    first = chain.start("reviews", by="Sam", title="KOL", of=answer.number)
    assert offers(chain, answer) == []
    assert offers(chain, first) == [("reviews", first.number, True)]


def test_the_form_has_what_is_known_and_the_cases_are_linked(chain: Town) -> None:
    asked = chain.start("questions", by="Sam", title="KOL")
    with chain.db.read() as reader:
        deployed = definitions.current(reader, REGION, "answers")
        answers = following.answers_from(reader, chain.region, deployed, asked, chain.by("Sam"))
    assert answers == {"title": "KOL", "asked": asked.number}
    made = chain.start("answers", by="Sam", **answers)
    with chain.db.read() as reader:
        [link] = links.of_case(reader, asked.id)
    assert (link.from_case, link.to_case, link.kind) == (made.id, asked.id, "follows")


@pytest.mark.parametrize("number", ["QUE-2026-099", "ANS-2026-001"])
def test_a_number_that_is_no_such_case_is_told_in_its_field(chain: Town, number: str) -> None:
    chain.start("answers", by="Sam", title="KOL")
    with pytest.raises(FormErrors) as told:
        chain.start("answers", by="Sam", title="KOL", asked=number)
    assert list(told.value.errors) == ["asked"]
