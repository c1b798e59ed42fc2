"""`kunskapsflode token`: letting other systems in, and shutting them out."""

from __future__ import annotations

import click

from engine import tokens as moves
from engine.access import SYSTEM
from store import people, tokens
from web.api.scopes import SCOPES
from web.commands.terminal import Front, House, Wrong, as_json, echo_json, example, pass_house, person_named, show


@click.group("token", cls=Front, epilog=example("token list"))
def token_group() -> None:
    """Nycklar för andra system. En nyckel hör till en person, och får högst det som personen får."""


@token_group.command(
    "add", epilog=example('token add ria "Diariet" --scope instances:read --scope tasks:read --until 2027-01-31')
)
@click.argument("person")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(list(SCOPES)),
    help="Vad nyckeln får användas till; kan ges flera gånger.",
)
@click.option("--until", metavar="DAG", help="När nyckeln slutar gälla; tills vidare om inget sägs.")
@as_json
@pass_house
def token_add(house: House, person: str, name: str, scopes: tuple[str, ...], until: str | None, as_json: bool) -> None:
    """Gör en nyckel åt PERSON. NAME säger vad den är till för. Nyckeln visas bara nu."""
    with house.db.read() as reader:
        key = person_named(reader, house.region.id, person).key
    expires = house.moment(until) if until else None
    token, secret = moves.add(house.db, key, name, scopes, expires_at=expires, by=SYSTEM)
    if as_json:
        echo_json({"id": token.id, "token": secret})
        return
    click.echo(f"Nyckeln {token.id[:8]} är gjord. Den visas bara nu, så spara den säkert:")
    click.echo(secret)


@token_group.command("list", epilog=example("token list"))
@as_json
@pass_house
def token_list(house: House, as_json: bool) -> None:
    """Visa nycklarna, även de som inte gäller längre."""
    with house.db.read() as reader:
        found = tokens.of_region(reader, house.region.id)
        names = people.names(reader, {each.person for each in found})
        now = reader.now
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "person": names.get(each.person, each.person),
            "scopes": list(each.scopes),
            "created": house.local(each.created_at),
            "until": house.local(each.expires_at),
            "state": "återkallad"
            if each.revoked_at
            else "utgången"
            if each.expires_at and each.expires_at <= now
            else "gäller",
        }
        for each in found
    ]
    columns = {
        "Nyckel": lambda each: each["id"][:8],
        "Till": lambda each: each["name"],
        "Person": lambda each: each["person"],
        "Får": lambda each: " ".join(each["scopes"]),
        "Gäller till": lambda each: each["until"],
        "Läge": lambda each: each["state"],
    }
    show(rows, columns, as_json)


@token_group.command("revoke", epilog=example("token revoke 4f1c0d5e"))
@click.argument("token")
@pass_house
def token_revoke(house: House, token: str) -> None:
    """Återkalla en nyckel: den släpps inte in mer. TOKEN är början av dess id, se token list."""
    with house.db.read() as reader:
        found = [each for each in tokens.of_region(reader, house.region.id) if each.id.startswith(token)]
    if len(found) != 1:
        raise Wrong(f"{len(found) or 'Inga'} nycklar börjar på {token}. Se: kunskapsflode token list")
    moves.revoke(house.db, house.region.id, found[0].id, by=SYSTEM)
    click.echo("Nyckeln är återkallad.")
