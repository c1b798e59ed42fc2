"""`kunskapsflode incident`: where cases have come to a stop."""

from __future__ import annotations

import click

from engine import incidents as moves
from store import incidents
from web.commands.terminal import Front, House, Wrong, actor, as_json, example, may_act_as, pass_house, show


@click.group("incident", cls=Front, epilog=example("incident list"))
def incident_group() -> None:
    """Stopp: ställen där ett ärende inte kan gå vidare av sig självt."""


@incident_group.command("list", epilog=example("incident list"))
@as_json
@pass_house
def incident_list(house: House, as_json: bool) -> None:
    """Visa öppna stopp."""
    with house.db.read() as reader:
        found = incidents.open_of_region(reader, house.region.id, limit=1000)
    columns = {
        "Element": lambda each: each.element,
        "Regel": lambda each: each.rule,
        "Orsak": lambda each: each.message,
        "Gånger": lambda each: each.count,
        "Senast": lambda each: house.local(each.last_at),
        "Id": lambda each: each.id[:8],
    }
    show(found, columns, as_json)


@incident_group.command("retry", epilog=example("incident retry 4f1c0d5e --as olle"))
@click.argument("incident")
@may_act_as
@pass_house
def incident_retry(house: House, incident: str, person: str | None) -> None:
    """Försök igen där ärendet stannade. INCIDENT är början av dess id."""
    with house.db.read() as reader:
        found = [
            each
            for each in incidents.open_of_region(reader, house.region.id, limit=1000)
            if each.id.startswith(incident)
        ]
    if len(found) != 1:
        raise Wrong(f"{len(found) or 'Inga'} öppna stopp börjar på {incident}. Se: kunskapsflode incident list")
    outcome = moves.retry(house.db, found[0].id, by=actor(house, person))
    if outcome.result != moves.SOLVED:
        raise Wrong(f"Det stannade igen: {outcome.reason}")
    click.echo("Ärendet går vidare.")
