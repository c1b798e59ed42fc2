"""A diagram with all that it needs to run, under one version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from engine.core.checking.scope import Library
from engine.core.model import Definition, Process
from engine.core.reading import Document


class Incomplete(Exception):
    """A process or decision table that the diagram needs is not in the library; `check` names the element."""


def assemble(
    document: Document,
    library: Library,
    *,
    profile: bytes | str = b"",
    texts: Mapping[str, bytes | str] | bytes | str = b"",
) -> Definition:
    """The closure of a checked document: its process, all it calls, all tables they ask, and the version of it all.

    `profile` and `texts` are files as written. The version is a sha256 in hex of every file of the closure, so a box
    that is moved makes a new one. Raises `Incomplete`.
    """
    if document.process is None:
        raise Incomplete(document.filename)
    called = _called(document.process, library)
    decisions = _decisions((document.process, *called.values()), library)
    files = {
        "process": document.source,
        **{f"called/{name}": _source(library, name, process) for name, process in called.items()},
        **{f"decision/{name}": _source(library, name, table) for name, table in decisions.items()},
        "profile": _bytes(profile),
        **_texts(texts),
    }
    return Definition(document.process, called, decisions, version=version_of(files))


def version_of(files: Mapping[str, bytes]) -> str:
    """One hash of named files, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for piece in (name.encode(), files[name]):
            digest.update(len(piece).to_bytes(8, "big"))
            digest.update(piece)
    return digest.hexdigest()


def _called(process: Process, library: Library) -> dict[str, Process]:
    found: dict[str, Process] = {}
    todo = [process]
    while todo:
        for node in todo.pop().nodes.values():
            if node.called is None or node.called in found or node.called == process.id:
                continue
            if node.called not in library.processes:
                raise Incomplete(node.called)
            found[node.called] = library.processes[node.called]
            todo.append(found[node.called])
    return found


def _decisions(processes: tuple[Process, ...], library: Library) -> dict[str, object]:
    found: dict[str, object] = {}
    for process in processes:
        for node in process.nodes.values():
            decision = node.attributes.get("decisionRef")
            if node.kind == "businessRuleTask" and decision is not None:
                if decision not in library.decisions:
                    raise Incomplete(decision)
                found[decision] = library.decisions[decision]
    return found


def _source(library: Library, name: str, read: object) -> bytes:
    # A process without a file of its own (made in a test) is what was read of it.
    return library.sources.get(name) or repr(read).encode()


def _texts(texts: Mapping[str, bytes | str] | bytes | str) -> dict[str, bytes]:
    if isinstance(texts, Mapping):
        return {f"text/{name}": _bytes(text) for name, text in texts.items()}
    return {"text": _bytes(texts)}


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
