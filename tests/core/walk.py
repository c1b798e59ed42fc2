"""Walks a Petri net by the rule of the token game alone: a second opinion on what a net allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.core.net import PetriNet, Transition

Marking = tuple[str, ...]
"""The places of all tokens, sorted."""

CROWDS = (3, 5, 8, 12)
"""How many tokens to follow: a net that allows any number of instances has markings without end. What is allowed among
few is allowed; only what is not is looked for among more, and in the end not at all."""


def prefix(net: PetriNet, labels: Sequence[str]) -> bool:
    """Whether a case may have come this far."""
    return any(_after(net, labels, crowd) for crowd in CROWDS)


def accepts(net: PetriNet, labels: Sequence[str]) -> bool:
    """Whether this is a whole case: one token at the end and none elsewhere."""
    return any((net.end,) in _after(net, labels, crowd) for crowd in CROWDS)


def _after(net: PetriNet, labels: Sequence[str], crowd: int) -> set[Marking]:
    """Every marking of so many tokens that can be there once these labels have been seen, in this order."""
    silent = [each for each in net.transitions if each.label is None]
    here = _spread({(net.start,)}, silent, crowd)
    for label in labels:
        labelled = [each for each in net.transitions if each.label == label]
        here = _spread({after for marking in here for after in _next(marking, labelled)}, silent, crowd)
    return here


def _spread(markings: set[Marking], silent: list[Transition], crowd: int) -> set[Marking]:
    found, todo = set(markings), list(markings)
    while todo:
        for after in _next(todo.pop(), silent):
            if after not in found and len(after) <= crowd:
                found.add(after)
                todo.append(after)
        assert len(found) < 200_000, "too many markings to walk"
    return found


def _next(marking: Marking, transitions: Iterable[Transition]) -> Iterable[Marking]:
    tokens = Counter(marking)
    for each in transitions:
        if all(tokens[place] >= number for place, number in Counter(each.takes).items()):
            yield tuple(sorted((tokens - Counter(each.takes) + Counter(each.gives)).elements()))
