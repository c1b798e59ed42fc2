"""`kunskapsflode export`: history for other tools."""

from __future__ import annotations

from typing import TextIO

import click

from engine.record import jsonl
from web.commands.terminal import Front, House, actor, example, may_act_as, pass_house


@click.group("export", cls=Front, epilog=example("export jsonl -o historik.jsonl"))
def export_group() -> None:
    """Skriv ut historiken. Att den skrivs ut blir i sig en rad i historiken."""


@export_group.command("jsonl", epilog=example("export jsonl -o historik.jsonl"))
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="Fil att skriva till.")
@may_act_as
@pass_house
def export_jsonl(house: House, output: TextIO, person: str | None) -> None:
    """En rad JSON för varje händelse, i ordning."""
    count = jsonl.export(house.db, house.region.id, output, by=actor(house, person))
    click.echo(f"{count} rader.", err=True)
