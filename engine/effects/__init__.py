"""Effects: how a diagram reaches the domain. One function each, applied in the step's own transaction.

An effect takes its inputs by name and gives outputs by name; `EffectRefused` turns into an incident at the element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.checking import Topic
from engine.effects import addition, case, deadline, document, mandate, recusal, round, task
from engine.effects.reach import Apply


@dataclass(frozen=True)
class EffectKind:
    """One effect: the function that applies it, and what it takes and gives (names and types)."""

    apply: Apply
    inputs: frozenset[str] = frozenset()
    outputs: Mapping[str, str] = field(default_factory=dict)
    any_inputs: bool = False

    @property
    def vocabulary(self) -> Topic:
        return Topic(self.inputs, self.outputs, self.any_inputs)


EFFECTS: Mapping[str, EffectKind] = {
    "deadline.set": EffectKind(deadline.set_days, any_inputs=True),
    "round.open": EffectKind(round.open, round.OPEN_INPUTS, {"roundId": "text"}),
    "round.invite": EffectKind(round.invite, round.INVITE_INPUTS, {"invited": "int"}),
    "round.tally": EffectKind(round.tally, round.TALLY_INPUTS, round.TALLY_OUTPUTS),
    "case.start": EffectKind(case.start, outputs={"startedCaseId": "text"}, any_inputs=True),
    "addition.register": EffectKind(addition.register, addition.REGISTER_INPUTS, {"additionId": "text"}),
    "addition.list": EffectKind(addition.listed, outputs={"additions": "any"}),
    "case.link": EffectKind(case.link, case.LINK_INPUTS, {"recalled": "any"}),
    "mandate.begin": EffectKind(mandate.begin, mandate.BEGIN_INPUTS, {"mandateId": "text"}),
    "mandate.end": EffectKind(mandate.end, mandate.END_INPUTS, {"ended": "int"}),
    "mandate.rest": EffectKind(mandate.rest, mandate.GROUP_INPUTS, {"rested": "int"}),
    "mandate.wake": EffectKind(mandate.wake, mandate.GROUP_INPUTS, {"woken": "int"}),
    "task.list": EffectKind(task.listed, task.LIST_INPUTS, {"openTasks": "any"}),
    "task.reassign": EffectKind(task.reassign, task.REASSIGN_INPUTS, {"reassigned": "int"}),
    "recusal.set": EffectKind(recusal.set, recusal.SET_INPUTS, {"recusalTags": "any"}),
    "recusal.lift": EffectKind(recusal.lift, recusal.LIFT_INPUTS, {}),
    "document.make": EffectKind(document.make, document.MAKE_INPUTS, {"documentId": "text"}),
}
"""Name -> effect."""
