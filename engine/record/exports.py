"""What is taken out of the house: by auditors and registrars only, and every export is itself a row of history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine import access, definitions, journal, regions
from engine.access import Actor
from engine.core.errors import NoNet
from engine.core.net import net
from engine.errors import Invalid
from engine.record import csv, jsonl, ocel, pnml, xes
from engine.record.log import Log, Progress, version_of
from store.database import Database, Transaction

FORMATS: Mapping[str, Callable[[Log], Iterator[str]]] = {
    "xes": xes.pieces,
    "csv": csv.pieces,
    "ocel": ocel.pieces,
    "jsonl": jsonl.pieces,
}
"""Format -> the pieces of its text."""


def export(
    db: Database,
    region: str,
    format: str,
    *,
    by: Actor,
    process: str | None = None,
    version: int | None = None,
    progress: Progress = lambda done, of: None,
) -> Iterator[str]:
    """History in one of `FORMATS`: of a region, of one process, or of its version by number.

    The export is allowed and noted at once; the text is read piece by piece as it is asked for, from one unchanging
    view of the database. Raises `Forbidden`, and `NotFound` for a process or version that is not there.
    """
    with db.transaction() as tx:
        if process is not None:
            version_of(tx, region, process, version)
        _note(tx, region, by, format, process, version)
    return _pieces(db, region, format, process, version, progress)


def export_net(db: Database, region: str, process: str, *, by: Actor, version: int | None = None) -> str:
    """The net of a process as PNML, in its newest version or another by number: what its log replays on.

    Raises `Forbidden`, `NotFound`, and `Invalid` for a process that has no net.
    """
    with db.transaction() as tx:
        deployed = version_of(tx, region, process, version)
        _note(tx, region, by, "pnml", process, deployed.number)
        definition = definitions.of_version(tx, deployed.version).definition
    try:
        return pnml.text(net(definition))
    except NoNet as error:
        raise Invalid(str(error)) from None


def _pieces(
    db: Database, region: str, format: str, process: str | None, version: int | None, progress: Progress
) -> Iterator[str]:
    with db.read() as reader:
        yield from FORMATS[format](Log(reader, region, process, version, progress))


def _note(tx: Transaction, region: str, by: Actor, format: str, process: str | None, version: int | None) -> None:
    by = access.require(tx, by, "history.export", region=region, timezone=regions.load(region).timezone)
    chosen = {"format": format, "process": process, "version": version}
    journal.region(tx, region, "exported", by, {key: value for key, value in chosen.items() if value is not None})
