"""Calls between processes: what is called is there, can begin, and does not call itself for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from engine.core.checking.scope import Library, Scope, Vocabulary, about
from engine.core.checking.structure import loops, successors
from engine.core.findings import Finding
from engine.core.model import Node, Process

DEEPEST = 20


def check(scope: Scope) -> Iterator[Finding]:
    for node in scope.nodes.values():
        if node.kind == "callActivity":
            yield from _called(scope, node)
    yield from _cycles(scope)
    yield from _too_deep(scope)


def _called(scope: Scope, node: Node) -> Iterator[Finding]:
    if not node.called:
        yield about("no-called", node)
    elif node.called == scope.process.id:
        yield about("self-call", node)
    elif (called := scope.library.processes.get(node.called)) is None:
        yield about("missing-process", node, process=node.called)
    elif not any(_plain_start(each) for each in called.inside(None)):
        yield about("called-without-start", node, process=node.called)


def _plain_start(node: Node) -> bool:
    return node.kind == "startEvent" and (node.event is None or node.event.kind == "none")


def _cycles(scope: Scope) -> Iterator[Finding]:
    """Calls that come back to where they began before anything has waited."""
    graph = {
        process.id: sorted({node.called for node in _unwaited_calls(process, scope.words) if node.called})
        for process in (scope.process, *chain.from_iterable(_levels(scope)))
    }
    for loop in loops(graph):
        if scope.process.id in loop and len(loop) > 1:
            for node in _unwaited_calls(scope.process, scope.words):
                if node.called in loop:
                    yield about("call-cycle", node, processes=", ".join(sorted(loop)))


def _unwaited_calls(process: Process, words: Vocabulary) -> list[Node]:
    """Calls that a process can come to from its start without waiting."""
    scope = Scope(process, Library(), words)
    todo = [node.id for node in process.inside(None) if node.kind == "startEvent"]
    found = set(todo)
    while todo:
        node = process.nodes[todo.pop()]
        if scope.waits(node):
            continue
        inner = [
            each.id for each in process.inside(node.id) if each.kind == "startEvent" and not node.triggered_by_event
        ]
        for target in [*successors(scope, node), *inner]:
            if target not in found:
                found.add(target)
                todo.append(target)
    return [process.nodes[name] for name in sorted(found) if process.nodes[name].kind == "callActivity"]


def _too_deep(scope: Scope) -> Iterator[Finding]:
    """Chains of calls without end or longer than the engine goes; cycles that wait are stopped as they run."""
    if len(list(_levels(scope))) > DEEPEST:
        first = next(node for node in scope.nodes.values() if node.called)
        yield about("calls-too-deep", first, most=DEEPEST)


def _levels(scope: Scope) -> Iterator[list[Process]]:
    """What the process calls, then what that calls, and so on, each process once and the missing ones left out."""
    level, seen = _calls(scope.process), {scope.process.id}
    while level:
        found = [scope.library.processes[name] for name in sorted(level) if name in scope.library.processes]
        yield found
        seen |= level
        level = frozenset[str]().union(*map(_calls, found)) - seen


def _calls(process: Process) -> frozenset[str]:
    return frozenset(node.called for node in process.nodes.values() if node.called)
