"""Processes made by hypothesis: blocks within blocks, drawn as diagrams, played by a seeded hand.

`blocks()` is a strategy for trees of blocks; `draw(tree)` makes the BPMN file; `play(...)` takes the case to its end,
choosing at each turn among open tasks, due timers and awaited messages by the seed alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

from engine.core.deliveries import CompleteTask, FireTimers, ReceiveMessage
from tests.core import diagrams as d
from tests.core.play import Play

Tree = tuple[Any, ...]
C = d.field("c", "long")
"""What every task asks for, and every condition looks at."""
ANYONE = {"candidateGroups": "coordinator"}
KEY = {"correlationKey": "${case.number}"}


def blocks(leaves: int = 8) -> st.SearchStrategy[Tree]:
    """Trees like `("seq", ("task",), ("both", ("task",), ("sub", ("task",))))`."""
    leaf = st.sampled_from([("task",), ("script",), ("many",), ("timer",), ("guarded",), ("asked",)])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.just("seq"), inner, inner),
            st.tuples(st.just("both"), inner, inner),
            st.tuples(st.just("xor"), inner, inner),
            st.tuples(st.just("some"), inner, inner),
            st.tuples(st.just("loop"), inner),
            st.tuples(st.just("sub"), inner),
            st.tuples(st.just("stopped"), inner),
        ),
        max_leaves=leaves,
    )


def draw(tree: Tree) -> bytes:
    """The diagram of a tree: start, the tree, end."""
    pen = _Pen()
    asked = d.form(d.field("c", "long"), d.field("people", picker="programArea", multiple="true"))
    return d.diagram(*pen.level(tree, asked))


@dataclass
class _Pen:
    numbers: Any = field(default_factory=lambda: count(1))

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def level(self, tree: Tree, form: str = "") -> list[d.Part]:
        start, end = self.name("Start"), self.name("End")
        parts, entry, exit = self.block(tree)
        return [d.start(start, extension=form), d.end(end), *parts, d.flow(start, entry), d.flow(exit, end)]

    def block(self, tree: Tree) -> tuple[list[d.Part], str, str]:
        """The parts of a block, and where it begins and ends."""
        made: tuple[list[d.Part], str, str] = getattr(self, tree[0])(*tree[1:])
        return made

    def task(self) -> tuple[list[d.Part], str, str]:
        name = self.name("Task")
        return [d.user_task(name, C, **ANYONE)], name, name

    def script(self) -> tuple[list[d.Part], str, str]:
        name = self.name("Script")
        return [d.script_task(name, f"s{name.lower()} = c + 1")], name, name

    def many(self) -> tuple[list[d.Part], str, str]:
        name = self.name("Many")
        return [d.user_task(name, C, inside=d.many("people", "who"), **ANYONE)], name, name

    def timer(self) -> tuple[list[d.Part], str, str]:
        name = self.name("Timer")
        return [d.catch(name, d.timer("PT1H"))], name, name

    def asked(self) -> tuple[list[d.Part], str, str]:
        name = self.name("Asked")
        return [d.catch(name, d.message(f"M{name}"), properties=KEY)], name, name

    def guarded(self) -> tuple[list[d.Part], str, str]:
        name, guard, merge = self.name("Guarded"), self.name("Guard"), self.name("Merge")
        parts = [d.user_task(name, C, **ANYONE), d.boundary(guard, name, d.timer("PT2H")), d.exclusive(merge)]
        return [*parts, d.flow(name, merge), d.flow(guard, merge)], name, merge

    def seq(self, first: Tree, second: Tree) -> tuple[list[d.Part], str, str]:
        one, entry, between = self.block(first)
        two, after, exit = self.block(second)
        return [*one, *two, d.flow(between, after)], entry, exit

    def _split(self, gateway: Any, conditions: list[str | None], inner: list[Tree]) -> tuple[list[d.Part], str, str]:
        split, join = self.name("Split"), self.name("Join")
        parts = [gateway(split), gateway(join)]
        for tree, condition in zip(inner, conditions, strict=True):
            made, entry, exit = self.block(tree)
            default = gateway is not d.parallel and condition is None
            parts += [*made, d.flow(split, entry, condition, default=default), d.flow(exit, join)]
        return parts, split, join

    def xor(self, *inner: Tree) -> tuple[list[d.Part], str, str]:
        return self._split(d.exclusive, ["${c > 1}", None], list(inner))

    def some(self, *inner: Tree) -> tuple[list[d.Part], str, str]:
        return self._split(d.inclusive, ["${c > 0}", "${c != 1}"], list(inner))

    def both(self, *inner: Tree) -> tuple[list[d.Part], str, str]:
        return self._split(d.parallel, [None, None], list(inner))

    def loop(self, inner: Tree) -> tuple[list[d.Part], str, str]:
        if "some" in str(inner):  # an inclusive gateway in a loop is refused at deployment
            return self.block(inner)
        again, more = self.name("Again"), self.name("More")
        parts, entry, exit = self.block(("seq", inner, ("task",)))
        flows = [d.flow(again, entry), d.flow(exit, more), d.flow(more, again, "${c > 2}")]
        out = self.name("Out")
        return (
            [d.exclusive(again), d.exclusive(more), d.exclusive(out), *parts, *flows, d.flow(more, out, default=True)],
            again,
            out,
        )

    def sub(self, inner: Tree) -> tuple[list[d.Part], str, str]:
        name = self.name("Sub")
        return [d.sub_process(name, *self.level(inner))], name, name

    def stopped(self, inner: Tree) -> tuple[list[d.Part], str, str]:
        """A sub-process that an event sub-process inside may interrupt."""
        name, stop, start, end = self.name("Sub"), self.name("Stop"), self.name("Start"), self.name("End")
        listening = d.sub_process(
            stop, d.start(start, d.message(f"M{stop}"), properties=KEY), d.end(end), d.flow(start, end), event=True
        )
        return [d.sub_process(name, *self.level(inner), listening)], name, name


def play(source: bytes, seed: int, *, restart: bool, turns: int = 400) -> Play:
    """Take a case to its end. The same seed makes the same choices as long as the case offers the same."""
    choose = random.Random(seed)
    case = Play(source, restart=restart).begin(c=choose.randrange(4), people=["LUNG", "HUD"])
    for turn in range(turns):
        if case.ended:
            return case
        _turn(case, choose, calm=turn > turns // 2)
    return case


def _turn(case: Play, choose: random.Random, *, calm: bool) -> None:
    ways = [("task", key) for key in sorted(case.open, key=int)]
    ways += [("message", key) for key in sorted(case.subscriptions, key=int)]
    ways += [("time", "")] if case.timers else []
    kind, key = choose.choice(ways)
    if kind == "task":
        case.deliver(CompleteTask(key, {"c": 0 if calm else choose.randrange(4), f"v{key}": [int(key)]}))
    elif kind == "message":
        case.deliver(ReceiveMessage(case.subscriptions[key].name, case.subscriptions[key].key, {"told": key}, task=key))
    else:
        case.now = min(case.timers.values())
        case.deliver(FireTimers())
