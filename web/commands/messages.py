"""`kunskapsflode message`: what arrives from outside, by hand."""

from __future__ import annotations

from typing import IO

import click

from engine import messages as moves
from store import cases
from web.commands.terminal import House, actor, as_json, echo_json, example, may_act_as, pass_house, read_json


@click.command("message", epilog=example("message ConsultationPublished --data remiss.json --as sam"))
@click.argument("name")
@click.option("--data", type=click.File(encoding="utf-8"), help="Innehållet som JSON-fil; - läser från röret.")
@click.option("--key", help="Nyckeln som det väntande ärendet känner igen, t.ex. remissens id.")
@may_act_as
@as_json
@pass_house
def message(house: House, name: str, data: IO[str] | None, key: str | None, person: str | None, as_json: bool) -> None:
    """Lämna ett meddelande: det startar ett ärende, eller når det som väntar på det."""
    payload = read_json(data) if data else {}
    answer = moves.correlate(house.db, house.region.id, name, key, payload, by=actor(house, person))
    with house.db.read() as reader:
        numbers = {
            each.id: each.number for each in cases.listed(reader, house.region.id, ids=[*answer.cases, *answer.started])
        }
    if as_json:
        echo_json({"started": [*answer.started], "reached": [*answer.cases], "kept": answer.kept, "numbers": numbers})
        return
    if answer.started:
        click.echo(f"Startade {', '.join(numbers[each] for each in answer.started)}.")
    reached = [numbers[each] for each in answer.cases if each not in answer.started]
    if reached:
        click.echo(f"Nådde {', '.join(reached)}.")
    if answer.kept:
        click.echo("Ingen väntar på meddelandet än. Det sparas i 90 dagar.")
