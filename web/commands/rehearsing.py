"""`kunskapsflode process rehearse`: scenarios on a virtual clock."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from textwrap import indent

import click

from engine.regions import PROCESSES
from engine.rehearsing import rehearsals
from engine.rehearsing.rehearsals import Outcome
from web.commands.terminal import Wrong, as_json, echo_json, example, plain

FOLDER = PROCESSES / "rehearsals"
FEW = 8
"""Rehearsals for which another process is not worth its start."""


@click.command("rehearse", epilog=example("process rehearse a01-national-consultation", "process rehearse --all"))
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Alla repetitioner som följer med.")
@as_json
def process_rehearse(names: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Spela upp repetitioner på en flyttbar klocka och visa vad som hände, dag för dag.

    NAMES är filer, eller namn på repetitioner som följer med. Av ett helt år visas en rad per månad.
    """
    paths = list(rehearsals.all_files(FOLDER)) if everything else [_path(each) for each in names]
    if not paths:
        raise click.UsageError("Ange en repetition, eller --all.")
    outcomes = _rehearse(paths)
    if as_json:
        echo_json([plain(each) for each in outcomes])
    else:
        for outcome in outcomes:
            _tell(outcome, with_days=not everything)
    failed = [each for each in outcomes if not each.passed]
    if failed:
        raise Wrong(f"{len(failed)} av {len(outcomes)} repetitioner gick inte som väntat.")


def rehearse_all(folder: Path) -> list[Outcome]:
    """What every rehearsal of a folder came to."""
    return _rehearse(list(rehearsals.all_files(folder)))


def _rehearse(paths: list[Path]) -> list[Outcome]:
    """What they came to, in order; many are shared between processes, one for each processor."""
    workers = min(os.cpu_count() or 1, len(paths) // FEW)
    if workers < 2:
        return _shown(map(rehearsals.rehearse, paths), len(paths))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return _shown(pool.map(rehearsals.rehearse, paths), len(paths))


def _shown(outcomes: Iterable[Outcome], count: int) -> list[Outcome]:
    with click.progressbar(outcomes, length=count, label="Repeterar", file=sys.stderr) as bar:
        return list(bar)


def _path(named: str) -> Path:
    found = next((each for each in (Path(named), FOLDER / f"{named}.yaml") if each.is_file()), None)
    if found is None:
        raise Wrong(f"Repetitionen {named} finns inte. De som följer med: {', '.join(_names(FOLDER))}.")
    return found


def _names(folder: Path) -> Iterable[str]:
    return (path.stem for path in rehearsals.all_files(folder))


def _tell(outcome: Outcome, *, with_days: bool) -> None:
    click.echo(f"{'✓' if outcome.passed else '✗'} {outcome.name}")
    if with_days or not outcome.passed:
        for text in outcome.months or [day.text() for day in outcome.days]:
            click.echo(indent(text, "  "))
    for failure in outcome.failures:
        click.echo(f"  ! {failure}")
