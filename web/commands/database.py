"""`kunskapsflode db`: the schema and the soundness of the database."""

from __future__ import annotations

import click

from store import checks, migrations
from web.commands.terminal import Front, House, Wrong, example, pass_house


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


@db_group.command("check", epilog=example("db check"))
@pass_house
def db_check(house: House) -> None:
    """Kontrollera att databasen är hel och har programmets schema."""
    found = checks.check(house.db, deep=True)
    for sentence in found:
        click.echo(sentence)
    if found:
        raise Wrong(f"{len(found)} fel i databasen.")
    click.echo("Databasen är hel.")
