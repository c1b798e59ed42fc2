"""`kunskapsflode disposal`: what may lose its content, and removing it on a decision (gallring)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from engine import calendar, disposal, regions
from engine.disposal import Plan
from store import disposals
from web.commands.terminal import (
    Front,
    House,
    actor,
    as_json,
    echo_json,
    example,
    pass_house,
    plain,
    show,
)

COUNTS = {
    "history": "Rader",
    "answers": "Svar",
    "drafts": "Utkast",
    "documents": "Dokument",
    "rounds": "Rundor",
    "comments": "Synpunkter",
    "outgoing": "Utskick",
    "deliveries": "Försök",
}
"""Kind of content -> its heading."""


def _go_to(context: click.Context, _: click.Parameter, region: str | None) -> None:
    if region is not None:
        context.ensure_object(House).region = regions.load(region)


in_region = click.option(
    "--region",
    type=click.Choice(regions.available()),
    callback=_go_to,
    expose_value=False,
    help="En annan region än inställningarnas.",
)
by_person = click.option(
    "--by", "person", metavar="ANVÄNDARE", required=True, help="Granskaren eller registratorn som gör det."
)
for_reason = click.option("--reason", required=True, metavar="SKÄL", help="Varför; skrivs i historiken.")


@click.group("disposal", cls=Front, epilog=example("disposal plan"))
def disposal_group() -> None:
    """Gallring: ta bort innehållet i avslutade ärenden när tiden är ute och regionen har beslutat det."""


@disposal_group.command("plan", epilog=example("disposal plan", "disposal plan --as-of 2037-01-01"))
@in_region
@click.option("--as-of", "day", metavar="DATUM", help="Vad som får gallras en annan dag än i dag.")
@as_json
@pass_house
def disposal_plan(house: House, day: str | None, as_json: bool) -> None:
    """Visa vad som får gallras, per process och regel, och vad som inte får det än. Inget ändras."""
    with house.db.read() as reader:
        found = disposal.plan(reader, house.region.id, house.moment(day).date() if day else None)
    if as_json:
        echo_json(_as_data(found))
    else:
        _tell(found)


@disposal_group.command("run", epilog=example("disposal run --decision RS/2037/12 --by ria"))
@in_region
@click.option("--decision", required=True, metavar="TEXT", help="Gallringsbeslutet, till exempel dess diarienummer.")
@by_person
@click.option("--cases", type=int, metavar="ANTAL", help="Så många ärenden planen har: bekräftar utan fråga.")
@pass_house
def disposal_run(house: House, decision: str, person: str, cases: int | None) -> None:
    """Gallra det som planen visar. Planen visas först, och antalet ärenden bekräftas. Går inte att ångra.

    Avbryts körningen är varje ärende antingen gallrat eller orört: kör kommandot igen.
    """
    by = actor(house, person)
    with house.db.read() as reader:
        found = disposal.plan(reader, house.region.id)
    _tell(found)
    if not found.cases:
        return
    number = click.prompt("Skriv antalet ärenden för att gallra dem", type=int) if cases is None else cases
    with _progress(len(found.cases)) as progress:
        done = disposal.run(house.db, house.region.id, decision=decision, number=number, by=by, progress=progress)
    click.echo(f"Gallrat enligt {decision}. Antal ärenden: {done}.")


@disposal_group.command("log", epilog=example("disposal log"))
@in_region
@as_json
@pass_house
def disposal_log(house: House, as_json: bool) -> None:
    """Visa gallringsloggen: vad som har gallrats, på vilket beslut."""
    with house.db.read() as reader:
        found = disposals.decisions(reader, house.region.id)
    columns = {
        "Beslut": lambda each: each.decision,
        "Ärenden": lambda each: each.cases,
        "Rader": lambda each: each.rows,
        "Senast": lambda each: house.local(each.at),
    }
    show(found, columns, as_json)


@disposal_group.command("hold", epilog=example('disposal hold REM-2026-001 --reason "Forskning" --by ria'))
@click.argument("case")
@for_reason
@by_person
@pass_house
def disposal_hold(house: House, case: str, reason: str, person: str) -> None:
    """Märk ett ärende att bevaras. CASE är ärendets nummer."""
    held = disposal.hold(house.db, case, house.region.id, reason=reason, by=actor(house, person))
    click.echo(f"{held.number} ska bevaras.")


@disposal_group.command("lift", epilog=example('disposal lift REM-2026-001 --reason "Klart" --by ria'))
@click.argument("case")
@for_reason
@by_person
@pass_house
def disposal_lift(house: House, case: str, reason: str, person: str) -> None:
    """Låt ett ärende som märkts att bevaras gallras i sin tid. CASE är ärendets nummer."""
    lifted = disposal.lift(house.db, case, house.region.id, reason=reason, by=actor(house, person))
    click.echo(f"{lifted.number} får gallras i sin tid.")


def _tell(found: Plan) -> None:
    """The plan as two tables."""
    if not found.cases:
        click.echo(f"Inget får gallras {calendar.long_date(found.day)}.")
    else:
        click.echo(f"Antal ärenden som får gallras {calendar.long_date(found.day)}: {len(found.cases)}.")
        columns: dict[str, Any] = {
            "Process": lambda each: each.process,
            "Regel": lambda each: f"{each.rule} {each.period}",
            "Ärenden": lambda each: len(each.cases),
        }
        columns |= {word: lambda each, kind=kind: each.counts[kind] for kind, word in COUNTS.items()}
        show(found.kinds, columns, as_json=False)
    if found.held:
        click.echo("Får inte gallras än:")
        show(found.held, {"Ärende": lambda each: each.case.number, "Varför": lambda each: " ".join(each.held)}, False)


def _as_data(found: Plan) -> dict[str, Any]:
    kinds = [
        {"process": each.process, "rule": each.rule, "period": each.period, "counts": plain(each.counts)}
        | {"cases": [{"number": due.case.number, "keptUntil": due.kept_until} for due in each.cases]}
        for each in found.kinds
    ]
    held = [{"number": each.case.number, "why": list(each.held)} for each in found.held]
    return {"day": found.day, "kinds": kinds, "held": held}


@contextmanager
def _progress(of: int) -> Iterator[Any]:
    with click.progressbar(length=of, label="Gallrar", file=sys.stderr) as bar:
        yield lambda done, _: bar.update(done - bar.pos)
