"""`kunskapsflode export`: history for other tools, and the nets that it replays on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import click

from engine.record import exports
from engine.record.log import Part
from web.commands.terminal import Front, House, actor, example, may_act_as, pass_house


@click.group("export", cls=Front, epilog=example("export xes --process national-consultation -o logg.xes"))
def export_group() -> None:
    """Skriv ut historiken. Att den skrivs ut blir i sig en rad i historiken."""


to_file = click.option("-o", "--output", type=click.File("wb"), default="-", help="Fil att skriva till.")
of_version = click.option("--version", type=click.IntRange(min=1), metavar="NUMMER", help="Bara den versionen.")


def _history(format: str, file: str, help: str) -> click.Command:
    """The command for one format of history."""

    @click.command(format, help=help, epilog=example(*(f"export {format}{each} -o {file}" for each in _EXAMPLES)))
    @click.option("--process", metavar="NYCKEL", help="Bara ärenden i den processen.")
    @of_version
    @to_file
    @may_act_as
    @pass_house
    def command(house: House, process: str | None, version: int | None, output: IO[bytes], person: str | None) -> None:
        if version and not process:
            raise click.UsageError("Ange vilken process versionen gäller: --process NYCKEL.")
        with _progress() as progress:
            pieces = exports.export(
                house.db,
                house.region.id,
                format,
                by=actor(house, person),
                part=Part(process, version),
                progress=progress,
            )
            _write(pieces, output)

    return command


_EXAMPLES = ("", " --process national-consultation")
for each in (
    _history("xes", "logg.xes", "Händelselogg som XES, för processutvinning. En händelse för varje gjort steg."),
    _history("csv", "logg.csv", "Händelselogg som CSV, en rad för varje gjort steg."),
    _history("ocel", "logg.json", "Händelselogg som OCEL 2.0: ärenden, uppgifter, dokument, personer och roller."),
    _history("jsonl", "historik.jsonl", "Hela historiken: en rad JSON för varje händelse, med kontrollsummor."),
):
    export_group.add_command(each)


@export_group.command("pnml", epilog=example("export pnml national-consultation -o process.pnml"))
@click.argument("process")
@of_version
@to_file
@may_act_as
@pass_house
def export_pnml(house: House, process: str, version: int | None, output: IO[bytes], person: str | None) -> None:
    """Processen som petrinät i PNML: det nät som dess händelselogg kan spelas upp på."""
    by = actor(house, person)
    _write(iter([exports.export_net(house.db, house.region.id, process, by=by, version=version)]), output)


@export_group.command("erms", epilog=example("export erms REM-2026-001 -o arende.xml", "export erms -o arkiv.xml"))
@click.argument("case", required=False)
@click.option("--process", metavar="NYCKEL", help="Bara ärenden i den processen.")
@to_file
@may_act_as
@pass_house
def export_erms(house: House, case: str | None, process: str | None, output: IO[bytes], person: str | None) -> None:
    """Ärenden med handlingar för arkivet, som CITS ERMS (FGS Ärendehantering 2.0). CASE är ett ärendes nummer."""
    by, part = actor(house, person), Part(process, case=case)
    with _progress() as progress:
        _write(exports.export(house.db, house.region.id, "erms", by=by, part=part, progress=progress), output)


def _write(pieces: Iterator[str], output: IO[bytes]) -> None:
    for each in pieces:
        output.write(each.encode())


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar that comes with the first piece: what is refused has none."""
    with ExitStack() as stack:
        bar: Any = None

        def show(done: int, of: int) -> None:
            nonlocal bar
            bar = bar or stack.enter_context(click.progressbar(length=of, label="Skriver ut", file=sys.stderr))
            bar.update(done - bar.pos)

        yield show
