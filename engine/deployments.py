"""Deploying processes: everything is checked first, and a version is what it contains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from engine import access, definitions, events, journal, schedules, texts
from engine.access import Actor
from engine.core import checking, decisions, reading
from engine.core.checking import Library
from engine.core.definition import assemble
from engine.core.findings import Finding, blocking
from engine.core.model import Definition
from engine.core.reading import Document
from engine.errors import BadProfile, Refused
from engine.regions import Region
from engine.vocabulary import vocabulary
from engine.yaml_file import BadYaml
from store import definitions as versions
from store.database import Database, Transaction
from store.definitions import Part

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Result:
    """What became of one process."""

    key: str
    name: str
    version: str
    is_new: bool
    """False when the newest version was exactly this."""


def deploy(
    db: Database,
    region: Region,
    files: Files,
    *,
    by: Actor,
    note: str = "",
    beside: Files | None = None,
    words: Mapping[str, str] | None = None,
) -> list[Result]:
    """Deploy every process among `files` (name -> content) in a region, as new versions where anything has changed.

    Called processes and decision tables are looked for among `files`, then `beside` (the rest of their folder). `words`
    are the files of texts. Raises `Refused` with every blocking finding, or `Forbidden`.
    """
    bundle = Bundle.of({**(beside or {}), **files})
    wanted = [document for name, document in bundle.documents.items() if name in files]
    findings = bundle.faults(wanted, region)
    if findings:
        raise Refused(findings)
    _check_texts(words or {})
    with db.transaction() as tx:
        by = access.require(tx, by, "process.deploy", region=region.id, timezone=region.timezone)
        return [_deploy_one(tx, region, bundle, each, words or {}, by, note) for each in wanted]


def shipped(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The diagrams and tables of a folder, and its texts: name -> content."""
    files = {each.name: each.read_bytes() for each in sorted(folder.iterdir()) if each.suffix in (".bpmn", ".dmn")}
    words = {each.name: each.read_text(encoding="utf-8") for each in sorted((folder / "texts").glob("*.yaml"))}
    return files, words


@dataclass(frozen=True)
class Bundle:
    """Files that are deployed or checked together: diagrams as read, and decision tables with where they stand."""

    files: Files
    documents: Mapping[str, Document]
    library: Library
    findings: Sequence[Finding]
    """About the tables."""

    @classmethod
    def of(cls, files: Files) -> Bundle:
        documents = {name: reading.read(source, name) for name, source in files.items() if _is(name, ".bpmn")}
        tables: dict[str, object] = {}
        sources: dict[str, bytes] = {}
        findings: list[Finding] = []
        for name, source in files.items():
            if _is(name, ".dmn"):
                found, faults = decisions.read(source, name)
                tables |= found
                sources |= dict.fromkeys(found, source)
                findings += faults
        processes = {each.process.id: each.process for each in documents.values() if each.process}
        sources |= {each.process.id: each.source for each in documents.values() if each.process}
        return cls(files, documents, Library(processes, tables, sources), findings)

    def faults(self, wanted: Sequence[Document], region: Region) -> list[Finding]:
        """Every blocking finding of some diagrams, of what they call, and of all tables."""
        words = vocabulary(region)
        found = blocking(self.findings)
        for document in wanted:
            found += checking.check(document, self.library, words)
        return list(dict.fromkeys(found))

    def parts(self, definition: Definition, region: Region, words: Mapping[str, str]) -> list[Part]:
        """The files of a definition's closure, its own process first."""
        by_id = {each.process.id: each for each in self.documents.values() if each.process}
        main = by_id[definition.process.id]
        found = [Part("process", main.filename, main.source)]
        found += [Part("called", by_id[id].filename, by_id[id].source) for id in definition.called]
        sources = {self.library.sources[id]: id for id in definition.decisions}
        found += [Part("decision", f"{id}.dmn", source) for source, id in sources.items()]
        found.append(Part("profile", f"{region.id}.yaml", region.source.encode()))
        return found + [Part("texts", name, text.encode()) for name, text in sorted(words.items())]


def _deploy_one(
    tx: Transaction, region: Region, bundle: Bundle, document: Document, words: Mapping[str, str], by: Actor, note: str
) -> Result:
    definition = assemble(document, bundle.library, profile=region.source, texts=words)
    process = definition.process
    versions.keep(tx, definition.version, process.id, process.name, bundle.parts(definition, region, words))
    is_new = versions.deploy(tx, region.id, definition.version, process.id, by=by.performer, note=note)
    if is_new:
        schedules.set_up(tx, region.id, definitions.of_version(tx, definition.version))
        details = {"process": process.id, "version": definition.version, "note": note}
        journal.region(tx, region.id, "deployed", by, details, process.name)
        events.deployed(tx, region.id, process.id, process.name, definition.version)
    return Result(process.id, process.name, definition.version, is_new)


def _check_texts(words: Mapping[str, str]) -> None:
    try:
        texts.read(words)
    except BadYaml as error:
        raise BadProfile(str(error)) from None


def _is(name: str, ending: str) -> bool:
    return PurePath(name).suffix.lower() == ending
