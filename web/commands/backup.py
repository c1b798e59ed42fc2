"""`kunskapsflode backup` and `restore`, and `outgoing`: what a restored house holds back."""

from __future__ import annotations

from pathlib import Path

import click

from engine import outgoing as moves
from store import backup as backups
from store import outbox
from store.outbox import Outgoing
from web.commands.terminal import (
    Front,
    House,
    actor,
    as_json,
    echo_json,
    example,
    may_act_as,
    pass_house,
    plain,
    show,
)

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup", epilog=example("backup kunskapsflode-2026-11-22.kfb"))
@click.argument("file", type=FILE)
@as_json
@pass_house
def backup(house: House, file: Path, as_json: bool) -> None:
    """Ta en säkerhetskopia av hela databasen, också medan servern arbetar. FILE får inte finnas."""
    manifest = backups.write(house.db, file, house.settings.postgresql_programs)
    if as_json:
        echo_json(plain(manifest))
        return
    click.echo(f"{file}: {manifest.bytes / 1e6:.1f} MB databas, {manifest.chains['rows']} rader historik.")


@click.command("restore", epilog=example("restore kunskapsflode-2026-11-22.kfb"))
@click.argument("file", type=FILE)
@click.option("--accept-broken-history", is_flag=True, help="Läs in fast historiken inte är den som skrevs.")
@as_json
@pass_house
def restore(house: House, file: Path, accept_broken_history: bool, as_json: bool) -> None:
    """Läs in en säkerhetskopia i en tom databas. Brev och händelser hålls kvar tills någon släpper dem."""
    found = backups.restore(
        house.db,
        file,
        house.region.id,
        house.settings.postgresql_programs,
        accept_broken_history=accept_broken_history,
    )
    if as_json:
        echo_json({**plain(found.manifest), "held": found.waiting, "faults": [plain(each) for each in found.faults]})
        return
    rows, faults = found.manifest.chains["rows"], len(found.faults)
    history = f"{faults} fel i historiken" if faults else f"{rows} rader historik, hela"
    click.echo(f"Återställt till {found.manifest.taken}: {history}.")
    click.echo(
        f"{found.waiting} brev och händelser hålls kvar. Se dem: kunskapsflode outgoing list. "
        "Släpp dem: kunskapsflode outgoing release"
    )


@click.group("outgoing", cls=Front, epilog=example("outgoing list"))
def outgoing_group() -> None:
    """Det som lämnar huset: brev och händelser. Efter en återställning hålls det kvar."""


@outgoing_group.command("list", epilog=example("outgoing list"))
@as_json
@pass_house
def outgoing_list(house: House, as_json: bool) -> None:
    """Visa det som väntar på att skickas, äldst först."""
    with house.db.read() as reader:
        found, held = outbox.waiting(reader, limit=1000), outbox.is_held(reader)
    columns = {
        "Skapad": lambda each: house.local(each.created_at),
        "Sort": _sort,
        "Om": lambda each: each.name,
        "Till": lambda each: each.recipient,
        "Försök": lambda each: each.attempts,
        "Id": lambda each: each.id,
    }
    show(found, columns, as_json)
    if held:
        click.echo("Allt hålls kvar tills det släpps: kunskapsflode outgoing release", err=True)


def _sort(out: Outgoing) -> str:
    return "brev" if out.kind == "mail" else "händelse"


@outgoing_group.command("release", epilog=example("outgoing release --as olle"))
@may_act_as
@pass_house
def outgoing_release(house: House, person: str | None) -> None:
    """Släpp det som hålls kvar, som efter en återställning: brev och händelser skickas igen."""
    waiting = moves.release(house.db, house.region.id, by=actor(house, person))
    click.echo("Inget hölls kvar." if waiting is None else f"{waiting} brev och händelser skickas nu.")


@outgoing_group.command("hold", epilog=example("outgoing hold --as olle"))
@may_act_as
@pass_house
def outgoing_hold(house: House, person: str | None) -> None:
    """Håll kvar allt som skulle skickas, tills någon släpper det."""
    new = moves.hold(house.db, house.region.id, by=actor(house, person))
    click.echo("Brev och händelser hålls kvar nu." if new else "De hölls kvar redan.")
