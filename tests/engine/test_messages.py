"""Messages: which case each reaches, which it starts, and how long an early one is kept."""

from __future__ import annotations

from typing import Any

import pytest

from engine import messages
from engine.access import SYSTEM
from engine.errors import Invalid, SeveralWait
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

CHAIR = "lpoChair@LUNG"
ASKED = d.user_task("Ask", d.field("answer", constraints={"required": "true"}), candidateGroups=CHAIR)


def waits(key: str = "${ref}", **more: str) -> bytes:
    return d.diagram(
        d.start(extension=d.form(d.field("ref"))),
        d.catch("Hear", d.message("Answered"), properties={"correlationKey": key} | more),
        d.end(properties={"outcome": "HORT"}),
    )


def send(town: Town, key: str | None = None, **payload: Any) -> messages.Correlated:
    return messages.correlate(town.db, REGION, "Answered", key, payload, by=SYSTEM)


def test_a_message_reaches_the_case_with_its_key(town: Town) -> None:
    town.deploy(waits())
    one, two = town.start(ref="A"), town.start(ref="B")
    assert send(town, "B", note="hej").cases == (two.id,)
    assert town.case(two).outcome == "HORT"
    assert town.case(one).status == "active"
    assert send(town, ref="A").cases == (one.id,)


def test_several_waiting_cases_are_a_conflict_unless_broadcast(town: Town) -> None:
    town.deploy(
        waits(key="same"),
    ) if False else town.deploy(waits("${'same'}"))
    town.start()
    town.start()
    with pytest.raises(SeveralWait):
        send(town, "same")
    town.deploy(waits("${'all'}", broadcast="true"))
    third = town.start()
    fourth = town.start()
    assert set(send(town, "all").cases) == {third.id, fourth.id}


def test_an_early_message_is_kept_for_its_case(town: Town) -> None:
    town.deploy(waits())
    kept = send(town, "A", note="tidigt")
    assert kept.kept
    case = town.start(ref="A")
    assert (case.outcome, case.variables["note"]) == ("HORT", "tidigt")


def test_an_early_message_is_gone_after_ninety_days(town: Town) -> None:
    town.deploy(waits())
    send(town, "A")
    town.tick(days=91)
    assert town.start(ref="A").status == "active"


def test_a_start_message_with_the_same_key_answers_with_the_first_case(town: Town) -> None:
    begin = d.start("Begin", d.message("Answered"), properties={"startKey": "${ref}"})
    town.deploy(d.diagram(begin, ASKED, d.end()))
    first = send(town, ref="A")
    again = send(town, ref="A")
    other = send(town, ref="B")
    assert first.started == again.started != other.started
    assert len(town.open_tasks()) == 2


@pytest.mark.parametrize("payload", [{"deadline": 1}, {"a b": 1}, {"x": float("nan")}, {"x": "\x00"}, {"len": 1}])
def test_payloads_are_checked_at_the_door(town: Town, payload: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        messages.correlate(town.db, REGION, "Answered", None, payload, by=SYSTEM)


@pytest.mark.parametrize(("name", "key"), [("", "K"), ("Re\0ply", "K"), ("Reply", "K\0"), ("R" * 400, None)])
def test_a_message_has_a_name_that_can_be_kept(town: Town, name: str, key: str | None) -> None:
    with pytest.raises(Invalid, match="namn eller nyckel"):
        messages.correlate(town.db, REGION, name, key, by=SYSTEM)


def test_a_thrown_message_starts_and_links_another_case(town: Town) -> None:
    from store import links

    begin = d.start("Begin", d.message("Wanted"), properties={"startKey": "${ref}"})
    thrower = d.throw("Tell", d.message("Wanted"), extension=d.parameters({"ref": "answer"}))
    town.deploy(d.diagram(d.start(), ASKED, thrower, d.end()), d.diagram(begin, ASKED, d.end(), id="other"))
    case = town.complete_after_start("Ask", "Lo", {"answer": "A"})
    assert case.status == "completed"
    with town.db.read() as reader:
        [link] = links.of_case(reader, case.id)
    assert (link.from_case, link.kind) == (case.id, "started")
