"""`kunskapsflode db`: the schema and the soundness of the database."""

from __future__ import annotations

from collections.abc import Iterator

import click

from engine import silence
from store import checks, hashes, migrations, verifying
from web.commands.terminal import Front, House, Wrong, as_json, echo_json, example, pass_house


@click.group("db", cls=Front, epilog=example("db upgrade"))
def db_group() -> None:
    """Databasens schema och hälsa."""


@db_group.command("upgrade", epilog=example("db upgrade"))
@pass_house
def db_upgrade(house: House) -> None:
    """Skapa databasen, eller lyft den till programmets schema."""
    before = migrations.current(house.db)
    migrations.upgrade(house.db)
    after = migrations.newest()
    click.echo(f"Databasen har redan schema {after}." if before == after else f"Databasen har nu schema {after}.")


@db_group.command("check", epilog=example("db check", "db check --json"))
@as_json
@pass_house
def db_check(house: House, as_json: bool) -> None:
    """Kontrollera databasen: schema, fil, historik, innehåll, och att inget ärende står still i tysthet."""
    found = []
    for sentence in _faults(house):
        found.append(sentence)
        if not as_json:
            click.echo(sentence)
    if as_json:
        echo_json(found)
    if found:
        raise Wrong(f"{len(found)} fel i databasen.")
    if not as_json:
        click.echo("Databasen är hel.")


def _faults(house: House) -> Iterator[str]:
    """Each kind of check rests on those before it."""
    unsound = checks.check(house.db, deep=True)
    yield from unsound
    if unsound:
        return
    with house.db.read() as reader:
        yield from (
            f"Historik, kedja {each.chain}, rad {each.seq}: {each.sentence}" for each in verifying.verify(reader)
        )
        yield from hashes.damaged(reader)
    for case in silence.silent_cases(house.db):
        yield f"Ärende {case.number} står still i tysthet: ingen uppgift, timer eller händelse för det vidare."
