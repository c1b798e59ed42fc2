"""A diagram speaks the words of the region whose profile it is deployed with."""

from __future__ import annotations

from engine.core import phrases
from engine.core.model import Choice, Field, Node, Process

PROFILE = {"roles": {"lpoChair": {"title": "Programordförande", "called": "programordföranden"}}}


def test_every_text_of_an_element_gets_the_profiles_words() -> None:
    title, called = "${region.roles.lpoChair.title}", "${region.roles.lpoChair.called}"
    field = Field(
        "chairId",
        title,
        "enum",
        choices=(Choice("LPO", title),),
        properties={"help": f"Fråga {called}.", "ruleText": f"Välj {called}.", "visibleIf": "region.gap.tool"},
    )
    node = Node("Task_Ask", "userTask", documentation=f"Gå igenom det **med {called}**.", form=(field,))
    found = phrases.worded(Process("ask", "Fråga", {"Task_Ask": node}, {}, documentation=f"Av {called}."), PROFILE)
    assert found.documentation == "Av programordföranden."
    assert list(phrases.said(found.nodes["Task_Ask"])) == [
        "Gå igenom det **med programordföranden**.",
        "Programordförande",
        "Programordförande",
        "Fråga programordföranden.",
        "Välj programordföranden.",
    ]
    assert found.nodes["Task_Ask"].form[0].properties["visibleIf"] == "region.gap.tool"


def test_what_the_profile_does_not_say_stays_as_written() -> None:
    assert phrases.fill("Fråga ${region.roles.nobody.title}, ${title}.", PROFILE).count("${") == 2
