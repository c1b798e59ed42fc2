"""`kunskapsflode process coverage`: flows that no rehearsal takes, and what of the regions' documents is supported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from engine import inventory, shipped
from engine.core import reading
from engine.core.model import Node, Process
from engine.core.tinting import tint
from engine.rehearsing import variants
from engine.rehearsing.variants import Shown
from web.commands.rehearsing import FOLDER, rehearse_all
from web.commands.terminal import as_json, echo_json, example, plain, show

RED = "#b3261e"
WORDS = {inventory.OUTSIDE: "inte programvara", inventory.LATER: "inte än"}


@dataclass(frozen=True)
class Untaken:
    """A sequence flow that no rehearsal takes."""

    process: str
    flow: str
    source: str
    target: str


@click.command(
    "coverage",
    epilog=example(
        "process coverage",
        "process coverage --draw bilder",
        "process coverage --inventory",
        "process coverage --variants",
    ),
)
@click.option("--inventory", "of_sources", is_flag=True, help="Källornas rader, och var i produkten de finns.")
@click.option(
    "--variants",
    "of_variants",
    is_flag=True,
    help="Hur processerna går i regionerna, och repetitionerna som visar det.",
)
@click.option(
    "--draw", "folder", type=click.Path(file_okay=False, path_type=Path), help="Diagram med orepeterade flöden i rött."
)
@as_json
def process_coverage(of_sources: bool, of_variants: bool, folder: Path | None, as_json: bool) -> None:
    """Visa de flöden som ingen repetition går igenom, vad av källorna som stöds, eller regionernas varianter."""
    if of_sources or of_variants:
        (_tell_inventory if of_sources else _tell_variants)(as_json)
        return
    processes = {name: reading.read(source, name).process for name, source in shipped.diagrams().items()}
    drawn = [process for process in processes.values() if process]
    taken = {flow for outcome in rehearse_all(FOLDER) for flow in outcome.taken}
    missing = [each for process in drawn for each in _untaken(process, taken)]
    _tell_flows(missing, sum(len(process.flows) for process in drawn), as_json)
    if folder:
        _draw(folder, missing)


def _untaken(process: Process, taken: Iterable[tuple[str, str]]) -> list[Untaken]:
    nodes = process.nodes
    return [
        Untaken(process.id, flow.id, _called(nodes[flow.source]), _called(nodes[flow.target]))
        for flow in process.flows.values()
        if (process.id, flow.id) not in taken
    ]


def _tell_flows(missing: list[Untaken], flows: int, as_json: bool) -> None:
    columns = {
        "Process": lambda each: each.process,
        "Flöde": lambda each: each.flow,
        "Från": lambda each: each.source,
        "Till": lambda each: each.target,
    }
    show(missing, columns, as_json)
    if not as_json:
        click.echo(f"{flows - len(missing)} av {flows} flöden är repeterade.")


def _draw(folder: Path, missing: list[Untaken]) -> None:
    """Every diagram as a file of its own, to be opened in a modeler."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in shipped.diagrams().items():
        flows = {each.flow for each in missing if f"{each.process}.bpmn" == name}
        (folder / name).write_bytes(tint(source, flows, RED))
    click.echo(f"Diagrammen ligger i {folder}: det som ingen repetition går igenom är rött.", err=True)


def _tell_inventory(as_json: bool) -> None:
    items = inventory.load()
    if as_json:
        echo_json([plain(each) for each in items])
        return
    columns = {
        "Rad": lambda each: each.id,
        "Vad": lambda each: each.what,
        "Region": lambda each: each.region,
        "Var": lambda each: ", ".join(each.places) or f"{WORDS[each.status]}: {each.reason}",
    }
    show(items, columns, as_json=False)
    shares = {
        "Slag": lambda each: each.kind,
        "Rader": lambda each: each.rows,
        "Stöds": lambda each: each.supported,
        "Inte programvara": lambda each: each.outside,
        "Inte än": lambda each: each.later,
        "Av det möjliga": lambda each: f"{each.percent:.0f} %",
    }
    show(inventory.shares(items), shares, as_json=False)


def _tell_variants(as_json: bool) -> None:
    columns = {
        "Process": lambda each: each.variant.process,
        "Regioner": lambda each: ", ".join(each.variant.regions),
        "Vad som skiljer": lambda each: each.variant.differs,
        "Lycklig väg": lambda each: _rehearsals(each.happy),
        "Olyckliga vägar": lambda each: _rehearsals(each.unhappy),
        "Saknas": lambda each: sum(each.missing.values()) or "",
    }
    show(variants.rehearsed(), columns, as_json)


def _rehearsals(paths: Iterable[Shown]) -> str:
    """By name, those that show several paths with their number."""
    counted = Counter(each.rehearsal for each in paths)
    return ", ".join(f"{name} ({number})" if number > 1 else name for name, number in counted.items())


def _called(node: Node) -> str:
    return node.name or node.id
