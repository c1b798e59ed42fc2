"""Walks a Petri net by the rule of the token game alone: a second opinion on what a net allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from engine.core.net import PetriNet, Transition

Marking = tuple[str, ...]
"""The places of all tokens, sorted."""
Moves = Mapping[str, Sequence[Transition]]
"""Transitions by the first place that they take from."""

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
    moves = _moves(net)
    here = _spread({(net.start,)}, moves[None], crowd)
    for label in labels:
        here = _spread({after for marking in here for after in _next(marking, moves[label])}, moves[None], crowd)
    return here


def _moves(net: PetriNet) -> Mapping[str | None, Moves]:
    """The transitions of each label, None for the silent ones."""
    found: defaultdict[str | None, defaultdict[str, list[Transition]]] = defaultdict(lambda: defaultdict(list))
    for each in net.transitions:
        found[each.label][each.takes[0]].append(each)
    return found


def _spread(markings: set[Marking], silent: Moves, crowd: int) -> set[Marking]:
    found, todo = set(markings), list(markings)
    while todo:
        for after in _next(todo.pop(), silent):
            if after not in found and len(after) <= crowd:
                found.add(after)
                todo.append(after)
        assert len(found) < 200_000, "too many markings to walk"
    return found


def _next(marking: Marking, moves: Moves) -> Iterator[Marking]:
    for place in set(marking) & moves.keys():
        for each in moves[place]:
            left = _without(marking, each.takes)
            if left is not None:
                yield tuple(sorted((*left, *each.gives)))


def _without(marking: Marking, taken: Sequence[str]) -> list[str] | None:
    """The tokens that are left; None where one of the taken is missing."""
    left = list(marking)
    for place in taken:
        if place not in left:
            return None
        left.remove(place)
    return left
