"""`kunskapsflode process migrate`: running cases moved to another version of their process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from engine import transfers
from engine.access import Actor
from engine.errors import MoveError
from engine.transfers import Outcome
from store.cases import Case
from store.database import Reader
from web.commands import cases
from web.commands.terminal import House, Wrong, acting_as, actor, as_json, echo_json, example, pass_house, plain


@click.command(
    "migrate",
    epilog=example(
        'process migrate national-consultation --dry-run --as drift --reason "Ny frist"',
        'process migrate national-consultation --case REM-2026-001 --map Svara=Besvara --as drift --reason "Ny frist"',
    ),
)
@click.argument("key")
@click.option("--from", "since", metavar="VERSION", help="Bara ärenden på den versionen: nummer eller kontrollsumma.")
@click.option("--to", metavar="VERSION", help="Versionen de flyttas till; utan den är det den nyaste.")
@click.option("--case", "numbers", metavar="NUMMER", multiple=True, help="Bara det ärendet. Kan anges flera gånger.")
@click.option(
    "--map",
    "pairs",
    metavar="GAMMALT=NYTT",
    multiple=True,
    help="Vad ett element heter i den nya versionen. Utan NYTT: händelsen väntas inte in mer.",
)
@click.option("--dry-run", is_flag=True, help="Pröva allt, och ändra inget.")
@acting_as
@click.option("--reason", required=True, help="Varför; skrivs i historiken.")
@as_json
@pass_house
def process_migrate(
    house: House,
    key: str,
    since: str | None,
    to: str | None,
    numbers: tuple[str, ...],
    pairs: tuple[str, ...],
    dry_run: bool,
    person: str,
    reason: str,
    as_json: bool,
) -> None:
    """Flytta pågående ärenden av processen KEY till en annan version.

    Varje ärende prövas först. Det som inte kan flyttas står kvar som det var, och listas med varför.
    """
    by, mapping = actor(house, person), dict(_pair(each) for each in pairs)
    with house.db.read() as reader:
        target = transfers.version_named(reader, house.region.id, key, to)
        source = transfers.version_named(reader, house.region.id, key, since).version if since else None
        chosen = _chosen(reader, house, key, numbers, target.version, source)
    how = {"mapping": mapping, "reason": reason, "rehearse": dry_run}
    told = [_told(house, case, target.version, by, how) for case in chosen]
    if as_json:
        echo_json(told)
    else:
        _print(told, target.number, dry_run)
    if not all(each["moved"] for each in told):
        click.get_current_context().exit(1)


def _chosen(reader: Reader, house: House, key: str, numbers: tuple[str, ...], to: str, since: str | None) -> list[Case]:
    if not numbers:
        return transfers.candidates(reader, house.region.id, key, to, since)
    found = [cases.find(reader, house, number) for number in numbers]
    for case in found:
        if case.process_key != key or since not in (None, case.version):
            raise Wrong(f"Ärendet {case.number} hör inte till {key} i den version som angavs.")
    return found


def _told(house: House, case: Case, version: str, by: Actor, how: dict[str, Any]) -> dict[str, Any]:
    """How it went for a case. One that cannot even be tried says so, and the next one is taken."""
    about = {"number": case.number, "title": case.title, "from": case.version, "to": version}
    try:
        outcome: Outcome = transfers.transfer(house.db, case.id, version, by=by, **how)
    except MoveError as error:
        return about | {"moved": False, "error": str(error), "findings": []}
    return about | {"moved": outcome.moved, "error": None, "findings": [plain(each) for each in outcome.findings]}


def _print(told: list[dict[str, Any]], number: int, dry_run: bool) -> None:
    if not told:
        click.echo("Inga ärenden att flytta.")
    went = f"kan flyttas till version {number}" if dry_run else f"flyttat till version {number}"
    for each in told:
        click.echo(f"{each['number']} {each['title']}: {went if each['moved'] else 'kan inte flyttas'}")
        for line in _lines(each):
            click.echo(line)


def _lines(each: dict[str, Any]) -> Iterator[str]:
    if each["error"]:
        yield f"  FEL {each['error']}"
    for finding in each["findings"]:
        where = f"{finding['element'] or 'ärendet'}{f' ({name})' if (name := finding['name']) else ''}"
        yield f"  {finding['level'].upper()} {where} [{finding['rule']}]: {finding['message']}"
        yield f"      {finding['remedy']}"


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not sign or not old.strip():
        raise click.BadParameter(f"{text}: skriv GAMMALT=NYTT.", param_hint="--map")
    return old.strip(), new.strip()
