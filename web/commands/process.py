"""`kunskapsflode process`: diagrams before and after they are deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from engine import definitions, deployments, shipped, texts
from engine.core import decisions, differences, lint, outline, reading
from engine.core.findings import Finding, blocking
from engine.core.model import Definition, Process
from engine.deployments import Bundle
from engine.errors import Refused
from engine.vocabulary import vocabulary
from store import definitions as versions
from store import people, proposals
from store.database import Reader
from web.commands import catalogue, coverage, migrating, rehearsing
from web.commands.terminal import (
    Front,
    House,
    Wrong,
    actor,
    as_json,
    echo_json,
    example,
    may_act_as,
    pass_house,
    plain,
    show,
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MARKS = {"added": "+", "removed": "−", "changed": "~"}


@click.group("process", cls=Front, epilog=example("process check processes/national-consultation.bpmn"))
def process_group() -> None:
    """Processer: granska, repetera, driftsätt, jämför."""


process_group.add_command(rehearsing.process_rehearse)
process_group.add_command(coverage.process_coverage)
process_group.add_command(migrating.process_migrate)
process_group.add_command(catalogue.process_messages)


@process_group.command("check", epilog=example("process check processes/*.bpmn", "process check min.bpmn --json"))
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--strict", is_flag=True, help="Låt även råd ge felkod.")
@click.option("--lang", type=click.Choice(["sv", "en"]), help="Språk för iakttagelserna.")
@as_json
@pass_house
def process_check(house: House, files: tuple[Path, ...], strict: bool, lang: str | None, as_json: bool) -> None:
    """Granska BPMN-filer. Fel hindrar driftsättning, råd gör diagrammet lättare att läsa.

    Anropade processer och beslutstabeller söks i filens mapp.
    """
    found = {path: list(_findings(house, path)) for path in files}
    if as_json:
        echo_json([{"file": str(path), **plain(each)} for path, findings in found.items() for each in findings])
    else:
        _tell(found, lang or house.lang)
    everything = [each for findings in found.values() for each in findings]
    if blocking(everything) or (strict and everything):
        click.get_current_context().exit(1)


@process_group.command("deploy", epilog=example('process deploy processes/*.bpmn --note "Ny frist" --as desi'))
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--note", default="", help="Varför; visas i versionslistan.")
@may_act_as
@pass_house
def process_deploy(house: House, files: tuple[Path, ...], note: str, person: str | None) -> None:
    """Driftsätt processer. Det som inte har ändrats får ingen ny version."""
    by = actor(house, person)
    for folder in dict.fromkeys(path.parent for path in files):
        chosen = {path.name: path.read_bytes() for path in files if path.parent == folder}
        beside = shipped.files(folder)
        words = shipped.texts(folder)
        try:
            results = deployments.deploy(house.db, house.region, chosen, by=by, note=note, beside=beside, words=words)
        except Refused as refused:
            _tell({folder: list(refused.findings)}, house.lang)
            raise Wrong("Inget har driftsatts.") from refused
        for each in results:
            click.echo(f"{each.key}: {_became(each)} {each.version[:12]}")


def _became(result: deployments.Result) -> str:
    if result.is_proposed:
        return "föreslagen, väntar på att någon annan godkänner (process approve)"
    return "ny version" if result.is_new else "oförändrad"


@process_group.command("proposals", epilog=example("process proposals"))
@as_json
@pass_house
def process_proposals(house: House, as_json: bool) -> None:
    """Visa vad designers har föreslagit och ingen har godkänt än."""
    with house.db.read() as reader:
        found = proposals.open_of_region(reader, house.region.id)
        names = people.names(reader, {each.by for each in found})
    columns = {
        "Process": lambda each: each.process_key,
        "Innehåll": lambda each: each.version[:12],
        "Föreslagen": lambda each: house.local(each.at),
        "Av": lambda each: names.get(each.by, each.by),
        "Varför": lambda each: each.note,
    }
    show(found, columns, as_json)


@process_group.command("approve", epilog=example("process approve national-consultation --as sam"))
@click.argument("proposal")
@may_act_as
@pass_house
def process_approve(house: House, proposal: str, person: str | None) -> None:
    """Driftsätt ett förslag. PROPOSAL är processen, eller början av versionens kontrollsumma."""
    done = deployments.approve(house.db, house.region, proposal, by=actor(house, person))
    click.echo(f"{done.key}: {_became(done)} {done.version[:12]}")


@process_group.command("list", epilog=example("process list"))
@as_json
@pass_house
def process_list(house: House, as_json: bool) -> None:
    """Visa de processer som är i drift."""
    with house.db.read() as reader:
        found = versions.all_latest(reader, house.region.id)
    show(found, _COLUMNS | {"Sedan": lambda each: house.local(each.at)}, as_json)


_COLUMNS = {
    "Process": lambda each: each.process_key,
    "Namn": lambda each: each.name,
    "Version": lambda each: each.number,
    "Innehåll": lambda each: each.version[:12],
}


@process_group.command("show", epilog=example("process show national-consultation"))
@click.argument("key")
@as_json
@pass_house
def process_show(house: House, key: str, as_json: bool) -> None:
    """Visa en process versioner: när, av vem, varför."""
    with house.db.read() as reader:
        found = versions.of_key(reader, house.region.id, key)
        names = people.names(reader, {each.by for each in found if each.by})
    if not found:
        raise Wrong(f"Processen {key} är inte i drift. Se: kunskapsflode process list")
    more = {
        "När": lambda each: house.local(each.at),
        "Av": lambda each: names.get(each.by or "", "produkten"),
        "Varför": lambda each: each.note,
    }
    show(found, _COLUMNS | more, as_json)


@process_group.command("outline", epilog=example("process outline processes/national-consultation.bpmn"))
@click.argument("key")
@as_json
@pass_house
def process_outline(house: House, key: str, as_json: bool) -> None:
    """Läs processen som text, steg för steg. KEY är en process i drift eller en fil."""
    titles = {role: house.region.title(role) for role in house.region.roles}
    lines = outline.outline(_definition(house, key), titles)
    if as_json:
        echo_json([plain(each) for each in lines])
        return
    for line in lines:
        click.echo(f"{'  ' * line.depth}{line.text}")


@process_group.command(
    "diff", epilog=example("process diff national-consultation processes/national-consultation.bpmn")
)
@click.argument("old")
@click.argument("new")
@as_json
@pass_house
def process_diff(house: House, old: str, new: str, as_json: bool) -> None:
    """Jämför två versioner av en process: filer, processer i drift eller versioners kontrollsummor."""
    found = differences.between(_definition(house, old).process, _definition(house, new).process)
    if as_json:
        echo_json([plain(each) for each in found])
        return
    for each in found:
        said = f" {each.field}: {each.before or '–'} → {each.after or '–'}" if each.field else ""
        click.echo(f"{MARKS[each.what]} {each.element} ({each.name or each.kind}){said}")
    if not found:
        click.echo("Ingen skillnad i vad processen gör.")


def _findings(house: House, path: Path) -> Iterator[Finding]:
    """Everything to be said of one file, as it lies among the files of its folder."""
    if path.suffix.lower() == ".dmn":
        yield from decisions.read(path.read_bytes(), path.name)[1]
        return
    bundle = _bundle(path)
    document = bundle.documents.get(path.name) or reading.read(path.read_bytes(), path.name)
    yield from bundle.faults([document], house.region, texts.read(shipped.texts(path.parent)))
    yield from lint.advise(document, bundle.library, vocabulary(house.region))


def _bundle(path: Path) -> Bundle:
    folder = path.parent
    return Bundle.of(shipped.files(folder) | {path.name: path.read_bytes()})


def _definition(house: House, named: str) -> Definition:
    """A file's process, the newest version of a process in service, or a version by the start of its hash."""
    path = Path(named)
    if path.is_file():
        return _of_file(path)
    with house.db.read() as reader:
        newest = versions.latest(reader, house.region.id, named)
        found = [newest.version] if newest else _begin_with(reader, house.region.id, named)
        if len(found) != 1:
            raise Wrong(f"{named} är varken en fil, en process i drift eller en version.")
        return definitions.of_version(reader, found[0]).definition


def _begin_with(reader: Reader, region: str, named: str) -> list[str]:
    """Versions whose hash begins so."""
    keys = (each.process_key for each in versions.all_latest(reader, region))
    every = (each for key in keys for each in versions.of_key(reader, region, key))
    return sorted({each.version for each in every if each.version.startswith(named)})


def _of_file(path: Path) -> Definition:
    bundle = _bundle(path)
    document = bundle.documents.get(path.name)
    if document is None or document.process is None:
        raise Wrong(f"{path} går inte att läsa som en process. Se: kunskapsflode process check {path}")
    called: dict[str, Process] = dict(bundle.library.processes)
    return Definition(document.process, called, bundle.library.decisions)


def _tell(found: dict[Path, list[Finding]], lang: str) -> None:
    for path, findings in found.items():
        click.echo(f"{path}: {_summary(findings)}")
        for each in findings:
            message, remedy = (each.message_en, each.remedy_en) if lang == "en" else (each.message, each.remedy)
            where = f"{each.element or 'filen'}{f' ({each.name})' if each.name else ''}"
            click.echo(f"  {each.level.upper()} {where} [{each.rule}]: {message}\n      {remedy}")


def _summary(findings: Iterable[Finding]) -> str:
    levels = [each.level for each in findings]
    return f"{levels.count('fel')} fel, {levels.count('råd')} råd" if levels else "inget att anmärka på"
