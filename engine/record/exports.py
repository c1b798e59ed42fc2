"""What is taken out of the house: by auditors and registrars only, and every export is itself a row of history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from engine import access, definitions, journal, regions
from engine.access import Actor
from engine.core.errors import NoNet
from engine.core.net import net
from engine.errors import Invalid, NotFound
from engine.record import csv, erms, jsonl, ocel, pnml, xes
from engine.record.log import Log, Part, Progress, version_of
from store import cases
from store.columns import instant_text
from store.database import Database, Transaction

FORMATS: Mapping[str, Callable[[Log], Iterator[str]]] = {
    "xes": xes.pieces,
    "csv": csv.pieces,
    "ocel": ocel.pieces,
    "jsonl": jsonl.pieces,
    "erms": erms.pieces,
}
"""Format -> the pieces of its text."""


def export(
    db: Database,
    region: str,
    format: str,
    *,
    by: Actor,
    part: Part = Part(),
    progress: Progress = lambda done, of: None,
) -> Iterator[str]:
    """History in one of `FORMATS`: of a region, or of a part of its cases.

    The export is allowed and noted at once; the text is read piece by piece as it is asked for, from one unchanging
    view of the database. Raises `Forbidden`, and `NotFound` for a process, version or case that is not there.
    """
    with db.transaction() as tx:
        if part.process is not None:
            version_of(tx, region, part.process, part.version)
        if part.case is not None:
            part = replace(part, case=_number(tx, region, part.case))
        _note(tx, region, by, format, part)
    return _pieces(db, region, format, part, progress)


def export_net(db: Database, region: str, process: str, *, by: Actor, version: int | None = None) -> str:
    """The net of a process as PNML, in its newest version or another by number: what its log replays on.

    Raises `Forbidden`, `NotFound`, and `Invalid` for a process that has no net.
    """
    with db.transaction() as tx:
        deployed = version_of(tx, region, process, version)
        _note(tx, region, by, "pnml", Part(process, deployed.number))
        definition = definitions.of_version(tx, deployed.version).definition
    try:
        return pnml.text(net(definition))
    except NoNet as error:
        raise Invalid(str(error)) from None


def _pieces(db: Database, region: str, format: str, part: Part, progress: Progress) -> Iterator[str]:
    with db.read() as reader:
        yield from FORMATS[format](Log(reader, region, part, progress))


def _number(tx: Transaction, region: str, case: str) -> str:
    found = cases.find_any(tx, case, region)
    if found is None or found.region != region:
        raise NotFound("Ärendet", case)
    return found.number


def _note(tx: Transaction, region: str, by: Actor, format: str, part: Part) -> None:
    by = access.require(tx, by, "history.export", region=region, timezone=regions.load(region).timezone)
    chosen = {"format": format, "process": part.process, "version": part.version, "case": part.case}
    between = {"since": part.since, "before": part.before}
    chosen |= {name: instant_text(moment) for name, moment in between.items() if moment is not None}
    journal.region(tx, region, "exported", by, {key: value for key, value in chosen.items() if value is not None})
