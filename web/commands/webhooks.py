"""`kunskapsflode webhook`: who hears of events, how it went, and sending again."""

from __future__ import annotations

import click

from store import outbox, webhooks
from store.outbox import Outgoing
from store.webhooks import Endpoint
from web import outgoing
from web.commands.backup import outgoing_release
from web.commands.terminal import CannotRun, Front, House, Wrong, as_json, echo_json, example, pass_house, plain, show
from webhooks import endpoints
from webhooks import vault as vaults
from webhooks.errors import Sealed


@click.group("webhook", cls=Front, epilog=example("webhook list"))
def webhook_group() -> None:
    """Händelser till andra system: mottagare, leveranser och omsändning."""


@webhook_group.command(
    "add", epilog=example("webhook add https://mottagare.example/in --events task.created,task.completed")
)
@click.argument("url")
@click.option("--events", "types", default="*", show_default=True, help="Händelser att få, åtskilda med komma.")
@as_json
@pass_house
def webhook_add(house: House, url: str, types: str, as_json: bool) -> None:
    """Lägg till en mottagare. Hemligheten som den prövar signaturer med visas bara nu."""
    wanted = [each for each in types.split(",") if each.strip()]
    outbound, vault = outgoing.outbound(house.settings), outgoing.vault_to_seal(house.settings)
    endpoint, secret = endpoints.add(house.db, outbound, house.region.id, url, wanted, vault=vault)
    if as_json:
        echo_json(plain(endpoint) | {"secret": secret})
        return
    click.echo(f"Mottagare {endpoint.id}\nHemlighet {secret}\nSpara hemligheten nu: den visas inte igen.")


@webhook_group.command("list", epilog=example("webhook list"))
@as_json
@pass_house
def webhook_list(house: House, as_json: bool) -> None:
    """Visa mottagarna och hur det går för dem."""
    with house.db.read() as reader:
        found = webhooks.of_region(reader, house.region.id)
    columns = {
        "Id": lambda each: each.id,
        "Adress": lambda each: each.url,
        "Händelser": lambda each: ", ".join(each.events),
        "Läge": lambda each: _state(house, each),
    }
    show(found, columns, as_json)


def _state(house: House, endpoint: Endpoint) -> str:
    if endpoint.disabled_at:
        return f"avstängd {house.local(endpoint.disabled_at)}: {endpoint.disabled_why}"
    if endpoint.rests_until:
        return f"svarar inte ({endpoint.failures} försök), prövas igen {house.local(endpoint.rests_until)}"
    return "öppen"


@webhook_group.command("deliveries", epilog=example("webhook deliveries 4f1c0d5e"))
@click.argument("endpoint")
@as_json
@pass_house
def webhook_deliveries(house: House, endpoint: str, as_json: bool) -> None:
    """Visa vad som har skickats till en mottagare, och vad som väntar. ENDPOINT är början av dess id."""
    with house.db.read() as reader:
        id = _named(webhooks.of_region(reader, house.region.id), endpoint).id
        found = outbox.to_recipient(reader, id)
        latest = {each.id: attempts[-1] for each in found if (attempts := webhooks.attempts_of(reader, each.id))}
    columns = {
        "Id": lambda each: each.id,
        "Händelse": lambda each: each.name,
        "Skapad": lambda each: house.local(each.created_at),
        "Läge": _progress,
        "Försök": lambda each: each.attempts,
        "Svar": lambda each: (latest[each.id].status or latest[each.id].says) if each.id in latest else "",
    }
    show(found, columns, as_json)


def _progress(out: Outgoing) -> str:
    words = {"waiting": "väntar", "sending": "skickas, svar okänt", "sent": "mottagen", "failed": "gavs upp"}
    return words.get(out.status, out.status)


@webhook_group.command("retry", epilog=example("webhook retry 0c9b1f64e3f94a7f8f0d5a1c2b3d4e5f"))
@click.argument("id")
@pass_house
def webhook_retry(house: House, id: str) -> None:
    """Skicka igen: en leverans, eller allt som en mottagare har missat; den öppnas då igen. ID är hela id:t."""
    found = endpoints.retry(house.db, house.region.id, id)
    click.echo(f"{found} skickas nu." if found else "Mottagaren är öppen; inget väntade.")


webhook_group.add_command(outgoing_release, "release")


@webhook_group.command("remove", epilog=example("webhook remove 4f1c0d5e"))
@click.argument("endpoint")
@pass_house
def webhook_remove(house: House, endpoint: str) -> None:
    """Ta bort en mottagare: inget mer skickas dit. ENDPOINT är början av dess id."""
    with house.db.read() as reader:
        id = _named(webhooks.of_region(reader, house.region.id), endpoint).id
    endpoints.remove(house.db, house.region.id, id)
    click.echo("Mottagaren är borttagen.")


@webhook_group.command("key", epilog=example("webhook key"))
def webhook_key() -> None:
    """Gör en nyckel att låsa mottagares hemligheter med, för KF_SECRET_KEY. Den sparas inte här."""
    click.echo(vaults.new_key())


@webhook_group.command("seal", epilog=example("webhook seal"))
@pass_house
def webhook_seal(house: House) -> None:
    """Lås alla mottagares hemligheter med den första nyckeln i KF_SECRET_KEY: när den är ny eller har bytts."""
    vault = outgoing.vault(house.settings)
    if not vault.keys:
        raise CannotRun(outgoing.NO_KEY)
    try:
        click.echo(f"{vaults.reseal(house.db, vault)} hemligheter är låsta.")
    except Sealed as error:
        raise CannotRun(str(error)) from error


def _named(found: list[Endpoint], start: str) -> Endpoint:
    fitting = [each for each in found if each.id.startswith(start)]
    if len(fitting) != 1:
        raise Wrong(f"{len(fitting) or 'Inga'} mottagare börjar på {start}. Se: kunskapsflode webhook list")
    return fitting[0]
