"""Deploying processes: everything is checked first, and a version is what it contains.

What a designer deploys is a proposal until another designer or a coordinator approves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from engine import access, definitions, events, journal, schedules, texts
from engine.access import Actor
from engine.core import checking, decisions, reading
from engine.core.checking import Library
from engine.core.definition import assemble
from engine.core.findings import Finding, blocking
from engine.core.model import Definition
from engine.core.reading import Document
from engine.definitions import Deployed
from engine.errors import BadProfile, Forbidden, NotFound, Refused
from engine.regions import Region
from engine.vocabulary import vocabulary
from engine.yaml_file import BadYaml
from store import definitions as versions
from store import proposals
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
    """False when the newest version was exactly this, or it was proposed already."""
    is_proposed: bool = False
    """True when it waits for someone else to approve it."""


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
    require_sound(region, bundle, files, words)
    return deploy_checked(db, region, bundle, files, by=by, note=note, words=words)


def require_sound(region: Region, bundle: Bundle, names: Iterable[str], words: Mapping[str, str] | None = None) -> None:
    """Nothing in the files with these names is refused in a region. Raises `Refused` with every blocking finding."""
    findings = bundle.faults(bundle.among(names), region, None if words is None else _read_texts(words))
    if findings:
        raise Refused(findings)


def deploy_checked(
    db: Database,
    region: Region,
    bundle: Bundle,
    names: Iterable[str],
    *,
    by: Actor,
    note: str = "",
    words: Mapping[str, str] | None = None,
) -> list[Result]:
    """As `deploy`, of files that were found in order: those with these names. Raises `Forbidden`."""
    with db.transaction() as tx:
        by = access.require(tx, by, "process.propose", region=region.id, timezone=region.timezone)
        may_deploy = access.may(tx, by, "process.deploy", region=region.id, timezone=region.timezone)
        settle = _put_in_service if may_deploy else _propose
        kept = [_keep(tx, region, bundle, each, words or {}) for each in bundle.among(names)]
        return [settle(tx, region, each, by, note) for each in kept]


def approve(db: Database, region: Region, named: str, *, by: Actor) -> Result:
    """Put a proposal in service; `named` is its process, or the start of its version.

    Raises `NotFound`, or `Forbidden` for whoever proposed it.
    """
    with db.transaction() as tx:
        by = access.require(tx, by, "process.approve", region=region.id, timezone=region.timezone)
        found = [
            each
            for each in proposals.open_of_region(tx, region.id)
            if each.process_key == named or each.version.startswith(named)
        ]
        if len(found) != 1:
            raise NotFound("Förslaget", named)
        may_deploy = access.may(tx, by, "process.deploy", region=region.id, timezone=region.timezone)
        if found[0].by == by.performer and not may_deploy:
            raise Forbidden("Någon annan än den som har föreslagit ändringen ska godkänna den.")
        proposals.approve(tx, found[0].id, by.performer)
        return _put_in_service(tx, region, definitions.of_version(tx, found[0].version), by, found[0].note)


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

    def among(self, names: Iterable[str]) -> list[Document]:
        """The diagrams with these names, in the order of the files."""
        wanted = set(names)
        return [document for name, document in self.documents.items() if name in wanted]

    def faults(
        self, wanted: Sequence[Document], region: Region, templates: Iterable[str] | None = None
    ) -> list[Finding]:
        """Every blocking finding of some diagrams, of what they call, and of all tables.

        `templates` are the names of the texts they may send; None leaves those unchecked.
        """
        words = vocabulary(region, templates)
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


def _keep(tx: Transaction, region: Region, bundle: Bundle, document: Document, words: Mapping[str, str]) -> Deployed:
    definition = assemble(document, bundle.library, profile=region.source, texts=words)
    process = definition.process
    versions.keep(tx, definition.version, process.id, process.name, bundle.parts(definition, region, words))
    return Deployed(definition, region)


def _propose(tx: Transaction, region: Region, deployed: Deployed, by: Actor, note: str) -> Result:
    process, version = deployed.process, deployed.version
    newest = versions.latest(tx, region.id, process.id)
    if newest is not None and newest.version == version:
        return Result(process.id, process.name, version, is_new=False)
    assert by.performer is not None, "the product itself does not propose"
    is_new = proposals.add(tx, region.id, process.id, version, by=by.performer, note=note)
    if is_new:
        details = {"process": process.id, "version": version, "note": note}
        journal.region(tx, region.id, "proposed", by, details, process.name)
    return Result(process.id, process.name, version, is_new, is_proposed=True)


def _put_in_service(tx: Transaction, region: Region, deployed: Deployed, by: Actor, note: str) -> Result:
    process, version = deployed.process, deployed.version
    is_new = versions.deploy(tx, region.id, version, process.id, by=by.performer, note=note)
    if is_new:
        schedules.set_up(tx, region.id, deployed)
        details = {"process": process.id, "version": version, "note": note}
        journal.region(tx, region.id, "deployed", by, details, process.name)
        events.deployed(tx, region.id, process.id, process.name, version)
    return Result(process.id, process.name, version, is_new)


def _read_texts(words: Mapping[str, str]) -> Mapping[str, texts.Template]:
    try:
        return texts.read(words)
    except BadYaml as error:
        raise BadProfile(str(error)) from None


def _is(name: str, ending: str) -> bool:
    return PurePath(name).suffix.lower() == ending
