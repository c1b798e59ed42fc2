"""`kunskapsflode user`, `mandate` and `org`: who people are and what they hold."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path

import click

from engine import arrivals, erasure, organisation
from engine import people as moves
from engine.access import SYSTEM
from store import accounts, mandates, people, tasks
from store.accounts import Account
from store.database import Reader
from store.mandates import Mandate
from store.people import Person
from web import outgoing, passwords
from web.accounts import open_accounts
from web.commands.terminal import (
    CannotRun,
    Front,
    House,
    Wrong,
    actor,
    as_json,
    example,
    may_act_as,
    pass_house,
    person_named,
    show,
)


@click.group("user", cls=Front, epilog=example("user list"))
def user_group() -> None:
    """Personer och deras konton."""


@user_group.command("add", epilog=example('user add kim "Kim Exempelsson" --email kim@example.se'))
@click.argument("username")
@click.argument("name")
@click.option("--email", help="Dit påminnelser går.")
@click.option("--password", prompt="Lösenord (minst 12 tecken)", hide_input=True, confirmation_prompt=True)
@pass_house
def user_add(house: House, username: str, name: str, email: str | None, password: str) -> None:
    """Lägg till en person med konto. Lösenordet frågas efter om det inte ges."""
    hashed = _hashed(password)
    person = moves.add_with_account(house.db, house.region.id, username, name, email, hashed, by=SYSTEM)
    click.echo(f"{person.name} kan nu logga in som {username}.")


@user_group.command("password", epilog=example("user password kim"))
@click.argument("username")
@click.option("--password", prompt="Nytt lösenord (minst 12 tecken)", hide_input=True, confirmation_prompt=True)
@pass_house
def user_password(house: House, username: str, password: str) -> None:
    """Ge ett konto ett nytt lösenord. Lösenordet frågas efter om det inte ges."""
    hashed = _hashed(password)
    with house.db.transaction() as tx:
        if accounts.find(tx, username) is None:
            raise Wrong(f"Det finns inget konto {username}. Se: kunskapsflode user list")
        accounts.set_password(tx, username, hashed)
    click.echo(f"{username} har ett nytt lösenord.")


@user_group.command("identity", epilog=example("user identity kim 7f3c0e52-4a11"))
@click.argument("person")
@click.argument("subject")
@pass_house
def user_identity(house: House, person: str, subject: str) -> None:
    """Säg vem någon är hos regionens inloggningstjänst, innan personen loggat in där.

    SUBJECT är tjänstens oföränderliga namn på personen, det som KF_OIDC_SUBJECT_CLAIM pekar på.
    """
    provider = outgoing.provider(house.settings)
    if provider is None:
        raise CannotRun("KF_OIDC_ISSUER är inte satt: det finns ingen inloggningstjänst.")
    with house.db.read() as reader:
        known = person_named(reader, house.region.id, person)
    arrivals.recognise(house.db, known.key, provider.issuer, subject, by=SYSTEM)
    click.echo(f"{known.name} känns igen vid inloggning med regionens konto.")


@user_group.command("close", epilog=example("user close kim"))
@click.argument("person")
@pass_house
def user_close(house: House, person: str) -> None:
    """Stäng kontot för någon som har slutat. Namnet står kvar vid det som personen har gjort; se också user erase."""
    with house.db.read() as reader:
        known = person_named(reader, house.region.id, person)
        left = tasks.assigned(reader, house.region.id, known.key)
    moves.close_account(house.db, known.key, by=SYSTEM)
    click.echo(f"{known.name} kan inte logga in längre.")
    if left:
        what = "1 uppgift" if len(left) == 1 else f"{len(left)} uppgifter"
        click.echo(f"{what} ligger kvar hos personen. Fördela med: kunskapsflode task assign")


@user_group.command("open", epilog=example("user open kim"))
@click.argument("person")
@pass_house
def user_open(house: House, person: str) -> None:
    """Öppna ett stängt konto igen, med samma lösenord."""
    with house.db.read() as reader:
        known = person_named(reader, house.region.id, person)
    moves.open_account(house.db, known.key, by=SYSTEM)
    click.echo(f"{known.name} kan logga in igen.")


@user_group.command("erase", epilog=example('user erase kim --reason "Begäran 2026-11-02" --as ada'))
@click.argument("username", metavar="PERSON")
@click.option(
    "--reason", required=True, help="Vem som begärt det, eller vilket beslut som gäller; skrivs i historiken."
)
@click.option("--yes", is_flag=True, help="Fråga inte först.")
@may_act_as
@pass_house
def user_erase(house: House, username: str, reason: str, yes: bool, person: str | None) -> None:
    """Radera en person. Det går inte att ångra.

    Namn, e-post och konto försvinner. Det som personen har gjort i ärendena står kvar under en nyckel utan namn.
    """
    with house.db.read() as reader:
        known = person_named(reader, house.region.id, username)
    click.echo(f"{erasure.GONE}\n{erasure.KEPT}")
    if not yes:
        click.confirm(f"Radera {known.name}?", abort=True)
    erased = erasure.erase(house.db, house.region.id, known.key, reason=reason, by=actor(house, person))
    click.echo(f"Personen är raderad. Nyckeln är {erased.key}; {erased.mandates} uppdrag slutar i dag.")


@user_group.command("list", epilog=example("user list"))
@as_json
@pass_house
def user_list(house: House, as_json: bool) -> None:
    """Visa regionens personer och deras konton."""
    with house.db.read() as reader:
        held = {each.person: each for each in accounts.find_all(reader)}
        rows = [_listed(each, held.get(each.key)) for each in people.of_region(reader, house.region.id)]
    columns = {"Konto": "username", "Stängt": "closed", "Namn": "name", "E-post": "email", "Nyckel": "key"}
    show(rows, {heading: itemgetter(key) for heading, key in columns.items()}, as_json)


@click.group("mandate", cls=Front, epilog=example("mandate list"))
def mandate_group() -> None:
    """Uppdrag: person, roll och programområde, från en dag till en annan."""


@mandate_group.command("add", epilog=example("mandate add kim lpoChair@LUNG --from 2026-01-01"))
@click.argument("person")
@click.argument("role")
@click.option("--from", "starts", metavar="DAG", help="Första dagen; i dag om inget sägs.")
@click.option("--to", "ends", metavar="DAG", help="Sista dagen; tills vidare om inget sägs.")
@click.option("--substitute", is_flag=True, help="Som ersättare, inte ordinarie.")
@pass_house
def mandate_add(house: House, person: str, role: str, starts: str | None, ends: str | None, substitute: bool) -> None:
    """Ge någon en roll, t.ex. coordinator eller lpoChair@LUNG."""
    with house.db.read() as reader:
        key = person_named(reader, house.region.id, person).key
    kind = moves.SUBSTITUTE if substitute else moves.ORDINARY
    mandate = moves.give_mandate(house.db, key, role, starts=_day(starts), ends=_day(ends), kind=kind, by=SYSTEM)
    click.echo(f"Uppdraget {mandate.id} gäller från {mandate.starts}.")


@mandate_group.command("end", epilog=example("mandate end 4f1c0d5e --on 2026-12-31"))
@click.argument("mandate")
@click.option("--on", "last_day", metavar="DAG", help="Sista dagen; i dag om inget sägs.")
@pass_house
def mandate_end(house: House, mandate: str, last_day: str | None) -> None:
    """Avsluta ett uppdrag. MANDATE är början av dess nyckel, se mandate list."""
    with house.db.read() as reader:
        found = _one(reader, house.region.id, mandate)
    moves.end_mandate(house.db, house.region.id, found.id, last_day=_day(last_day), by=SYSTEM)
    click.echo("Uppdraget är avslutat.")


@mandate_group.command("list", epilog=example("mandate list", "mandate list --as kim"))
@click.option("--as", "person", metavar="ANVÄNDARE", help="Bara den personens uppdrag.")
@as_json
@pass_house
def mandate_list(house: House, person: str | None, as_json: bool) -> None:
    """Visa uppdragen, även tidigare och kommande."""
    with house.db.read() as reader:
        key = person_named(reader, house.region.id, person).key if person else None
        found = mandates.of(reader, region=house.region.id, person=key)
        names = people.names(reader, {each.person for each in found})
    columns = {
        "Roll": lambda each: each.scope,
        "Titel": lambda each: house.region.title(each.role),
        "Person": lambda each: names.get(each.person, each.person),
        "Från": lambda each: each.starts,
        "Till": lambda each: each.ends,
        "Slag": lambda each: ("ersättare" if each.kind == "substitute" else "ordinarie") + _rests(each),
        "Ges av": lambda each: each.from_group or "någon för hand",
        "Nyckel": lambda each: each.id[:8],
    }
    show(found, columns, as_json)


@click.group("org", cls=Front, epilog=example("org load processes/organisation/programme-areas.yaml"))
def org_group() -> None:
    """Organisationen: programområden, personer med uppdrag, organ."""


@org_group.command("load", epilog=example("org load processes/organisation/demo-jh.yaml"))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--password", help="Ge alla i filen konto med detta lösenord: för prov med påhittade personer.")
@pass_house
def org_load(house: House, files: tuple[Path, ...], password: str | None) -> None:
    """Läs in organisationsfiler, alla eller ingen. Det som redan finns står kvar."""
    if password and house.settings.production:
        raise CannotRun("I drift får var och en sitt eget lösenord: kunskapsflode user password")
    demo_allowed = not house.settings.production
    loaded = organisation.load_files(house.db, files, by=SYSTEM, demo_allowed=demo_allowed)
    for path, each in zip(files, loaded, strict=True):
        # Without a password there are accounts that nobody can enter yet, so that people can be named.
        open_accounts(house.db, each, password or secrets.token_urlsafe())
        click.echo(f"{path.name}: {each.areas} programområden, {each.people} personer, {each.bodies} organ.")


def _listed(person: Person, account: Account | None) -> dict[str, str | datetime | None]:
    username, closed = (account.username, account.disabled_at) if account else (None, None)
    return {"username": username, "closed": closed, "name": person.name, "email": person.email, "key": person.key}


def _hashed(password: str) -> str:
    if len(password) < passwords.SHORTEST:
        raise Wrong(f"Lösenordet är för kort: minst {passwords.SHORTEST} tecken.")
    return passwords.hash(password)


def _rests(mandate: Mandate) -> str:
    return f", vilar från {mandate.rests_from}" if mandate.rests_from else ""


def _one(reader: Reader, region: str, start_of_id: str) -> Mandate:
    found = [each for each in mandates.of(reader, region=region) if each.id.startswith(start_of_id)]
    if len(found) != 1:
        raise Wrong(f"{len(found) or 'Inga'} uppdrag börjar på {start_of_id}. Se: kunskapsflode mandate list")
    return found[0]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text} är ingen dag. Skriv som 2026-04-14.") from None
