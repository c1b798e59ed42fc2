"""The consultation round as an object, beside the tasks in which people answer: `round.open`, `.invite`, `.tally`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import rounds, tallies
from engine.effects.reach import Reach, day
from engine.errors import EffectRefused

OPEN_INPUTS = frozenset(("kind", "title", "respondents", "lead", "closes", "task"))
INVITE_INPUTS = frozenset(("respondents", "closes"))
TALLY_INPUTS = frozenset(("programAreaIds",))
TALLY_OUTPUTS = {"askedCount": "int", "answeredCount": "int", "answers": "any", "answerRates": "any"}


def open(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a round and invite `respondents` (people and roles, as pickers give them). Gives `roundId`."""
    closes = day(inputs, "closes")
    name = str(inputs.get("title") or reach.case.title)
    opened = rounds.open(reach.tx, reach.case, name, closes, reach.by.performer)
    rounds.invite(reach.tx, opened, inputs.get("respondents") or [], closes)
    return {"roundId": opened.id}


def invite(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Invite more respondents to the case's open round. Gives `invited`, how many."""
    opened = rounds.current(reach.tx, reach.case)
    if opened is None:
        raise EffectRefused("Ärendet har ingen öppen svarsrunda att bjuda in till.")
    closes = day(inputs, "closes") or opened.due
    return {"invited": rounds.invite(reach.tx, opened, inputs.get("respondents") or [], closes)}


def tally(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the case's latest round and count it: who answered what (`EJ_SVAR` for the silent), and the answer rate of
    each of `programAreaIds`. Gives `askedCount`, `answeredCount`, `answers` and `answerRates`.
    """
    counted = rounds.finished(reach.tx, reach.case)
    if counted is None:
        raise EffectRefused("Ärendet har ingen svarsrunda att räkna.")
    answers = tallies.answers(reach.tx, counted, reach.today)
    return {
        "askedCount": len(answers),
        "answeredCount": sum(each.has_answered for each in answers),
        "answers": [each.as_row for each in answers],
        "answerRates": tallies.rates(answers, inputs.get("programAreaIds") or []),
    }
