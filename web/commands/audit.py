"""`kunskapsflode audit`: proof that history is what was written."""

from __future__ import annotations

from typing import IO, Any

import click

from engine.record import audit
from store import chain_keys, disposals, seals, verifying
from web.commands.terminal import CannotRun, Front, House, Wrong, as_json, echo_json, example, pass_house, plain


@click.group("audit", cls=Front, epilog=example("audit verify"))
def audit_group() -> None:
    """Historikens kedjor av kontrollsummor."""


@audit_group.command("verify", epilog=example("audit verify", "audit verify --head sigill.json"))
@click.option("--head", type=click.File(encoding="utf-8"), help="Ett sigill som exporterades tidigare med audit head.")
@as_json
@pass_house
def audit_verify(house: House, head: IO[str] | None, as_json: bool) -> None:
    """Kontrollera hela historiken. Ett avklippt slut syns bara mot ett exporterat sigill."""
    exported = _sealed(head) if head else None
    with house.db.read() as reader:
        faults = verifying.verify(reader, exported)
        first = next(faults, None)
        more = sum(1 for _ in faults)
        erased = disposals.decisions(reader)
    if as_json:
        told = {"faults": more + (first is not None), "first": plain(first) if first else None}
        echo_json(told | {"disposed": [plain(each) for each in erased]})
    if first is None:
        if not as_json:
            click.echo("Historiken är hel.")
            for each in erased:
                click.echo(f"Gallrat enligt {each.decision}. Antal ärenden: {each.cases}. Antal rader: {each.rows}.")
        return
    rest = f" (och {more} fel till)" if more else ""
    raise Wrong(f"Kedja {first.chain}, rad {first.seq}: {first.sentence}{rest}")


@audit_group.command("head", epilog=example("audit head > sigill.json"))
@pass_house
def audit_head(house: House) -> None:
    """Försegla allt som har hänt och skriv ut sigillet. Spara det utanför systemet."""
    echo_json(audit.head(house.db))


@audit_group.command("key", epilog=example("audit key"))
def audit_key() -> None:
    """Gör en nyckel att låsa historiken med, för KF_HISTORY_KEY. Den sparas inte här."""
    click.echo(chain_keys.new_key())


@audit_group.command("lock", epilog=example("audit lock"))
@pass_house
def audit_lock(house: House) -> None:
    """Lås historiken med nyckeln i KF_HISTORY_KEY. Görs en gång, när alla processer har fått nyckeln.

    Från och med nu syns det om någon utan nyckeln har skrivit en rad, hur väl den än passar med den före.
    """
    with house.db.transaction() as tx:
        made = seals.lock(tx)
    click.echo(f"Historiken är låst från och med sigill {made.number}. Spara nyckeln: utan den går den inte att pröva.")


def _sealed(file: IO[str]) -> dict[str, Any]:
    try:
        return seals.read_head(file.read())
    except ValueError as error:
        raise CannotRun(f"{file.name} är inget sigill: det skrivs av kunskapsflode audit head.") from error
