"""`kunskapsflode serve`, `work`, `doctor` and `demo`: the product running, and what it runs on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import click

from engine import groups
from engine.errors import BadGroups
from engine.record import press
from store import checks, figures, migrations, outbox, seals, webhooks
from web import garbage, logs, metrics, outgoing, readiness, worker
from web.commands.terminal import CannotRun, House, Wrong, as_json, example, pass_house, show
from web.demo import building
from web.login.errors import LoginError
from web.login.provider import BACK
from web.serving import Server
from web.settings import NAMES, SECRET, Settings
from webhooks import sources
from webhooks.vault import is_bare, unopened


@click.command("serve", epilog=example("serve", "serve --port 8080 --no-clock"))
@click.option("--host", help="Adress att lyssna på; 127.0.0.1 om inget sägs.")
@click.option("--port", type=int, help="Port; 8000 om inget sägs.")
@click.option("--no-clock", is_flag=True, help="Bara sidorna; klockan går i kunskapsflode work.")
@pass_house
def serve(house: House, host: str | None, port: int | None, no_clock: bool) -> None:
    """Kör sidorna och klockan i en process. Stoppas med Ctrl+C."""
    migrations.require_current(house.db)
    outgoing.require_keys(house.db, house.settings)
    chosen = replace(house.settings, host=host or house.settings.host, port=port or house.settings.port)
    greeting = f"Kunskapsflöde svarar på {chosen.address}. Stoppa med Ctrl+C."
    _serve(house, chosen, greeting, clock=not no_clock)


@click.command("work", epilog=example("work", "work --metrics-port 9100"))
@click.option(
    "--metrics-port", type=int, help="Visa processens siffror för Prometheus på 127.0.0.1 och den här porten."
)
@pass_house
def work(house: House, metrics_port: int | None) -> None:
    """Kör bara klockan och det som skickas: timers, påminnelser, brev, händelser. Flera kan gå samtidigt."""
    migrations.require_current(house.db)
    outgoing.require_keys(house.db, house.settings)
    logs.configure(house.settings.log_format)
    if metrics_port is not None:
        metrics.serve(metrics_port)
    garbage.look_seldom()
    click.echo(f"Klockan går, var {house.settings.clock_seconds}:e sekund. Stoppa med Ctrl+C.")
    worker.run(house.db, house.settings.clock_seconds, outgoing.sender(house.db, house.settings))


def _serve(house: House, chosen: Settings, greeting: str, *, clock: bool) -> None:
    from web.app import create_app

    logs.configure(chosen.log_format)
    application = create_app(house.db, chosen)
    try:
        server = Server(application, chosen.host, chosen.port)
    except OSError as error:
        raise CannotRun(f"Det går inte att lyssna på {chosen.host}:{chosen.port}: {error.strerror}.") from error
    sender = outgoing.sender(house.db, chosen)
    garbage.look_seldom()
    scheduler = worker.start(house.db, chosen.clock_seconds, sender) if clock else None
    click.echo(greeting)
    try:
        server.run()
    finally:
        server.close()
        if scheduler is not None:
            worker.stop(scheduler, sender)


# Doctor ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One thing the doctor has looked at."""

    what: str
    well: bool
    says: str


ENOUGH_SPACE = 0.10


@click.command("doctor", epilog=example("doctor", "doctor --json"))
@as_json
@pass_house
def doctor(house: House, as_json: bool) -> None:
    """Undersök installationen: inställningar, databas, schema, klocka, disk."""
    found = list(_checks(house))
    columns = {
        "": lambda each: "bra" if each.well else "FEL",
        "Vad": lambda each: each.what,
        "Säger": lambda each: each.says,
    }
    show(found, columns, as_json)
    if not all(each.well for each in found):
        raise Wrong("Något behöver åtgärdas.")


def _checks(house: House) -> Iterator[Check]:
    for name in NAMES:
        yield Check(f"inställning {name}", True, f"{_hidden(name, house.settings)} ({house.settings.sources[name]})")
    yield Check("regionprofil", True, f"{house.region.id}: {house.region.name}")
    current, newest = migrations.current(house.db), migrations.newest()
    yield from (Check("databas", False, sentence) for sentence in checks.check(house.db))
    yield Check("schema", current == newest, f"{current or 'tomt'}, programmet behöver {newest}")
    if current == newest:
        yield _clock(house)
        yield _backup(house)
        yield _history(house)
        yield from _outgoing(house)
    yield _login(house)
    yield _press()
    yield _disk(house)


def _press() -> Check:
    """Without it documents are pages only: nothing stands still, and their PDF waits."""
    missing = press.missing()
    return Check("pdf", True, f"görs inte: {missing}" if missing else "görs av dokument")


def _hidden(name: str, chosen: Settings) -> str:
    """A database address may hold a password."""
    value = str(getattr(chosen, name))
    if name in SECRET:
        return "(dold)" if value else "-"
    if name == "database_url" and "@" in value:
        scheme, _, rest = value.partition("://")
        return f"{scheme}://...@{rest.rpartition('@')[2]}"
    return value or "-"


def _clock(house: House) -> Check:
    with house.db.read() as reader:
        now, age = reader.now, figures.age(reader, figures.HEARTBEAT)
    if age is None:
        return Check("klocka", False, "har aldrig gått: starta kunskapsflode serve eller work")
    well = readiness.is_fresh(age, house.settings.clock_seconds)
    return Check("klocka", well, f"gick senast {house.local(now - timedelta(seconds=age))}")


def _backup(house: House) -> Check:
    with house.db.read() as reader:
        now, age = reader.now, figures.age(reader, figures.BACKUP)
    taken = "har aldrig tagits" if age is None else f"togs senast {house.local(now - timedelta(seconds=age))}"
    return Check("säkerhetskopia", True, taken)


def _history(house: House) -> Check:
    """Without a key, whoever knows how rows are hashed may write history anew, back to the last seal kept outside."""
    with house.db.read() as reader:
        missing, locked = seals.missing_key(reader), seals.is_locked(reader)
    if missing:
        return Check("historikens lås", False, "nyckeln saknas i KF_HISTORY_KEY")
    if not house.db.keys:
        return Check("historikens lås", True, "ingen nyckel: kunskapsflode audit key, och KF_HISTORY_KEY")
    return Check("historikens lås", locked, "låst med nyckeln" if locked else "inte låst än: kunskapsflode audit lock")


def _outgoing(house: House) -> Iterator[Check]:
    sender = outgoing.sender(house.db, house.settings)
    with house.db.read() as reader:
        held = outbox.is_held(reader)
        listening = webhooks.of_region(reader, house.region.id)
        kept = list(webhooks.secrets(reader).values())
    says = "hålls kvar: kunskapsflode outgoing release" if held else "skickas"
    yield Check("utgående", not held, says)
    yield Check("brev", True, f"lämnas till {sender.mail_server.host}" if sender.mail_server else "skickas inte")
    off = sum(each.disabled_at is not None for each in listening)
    yield Check("mottagare", not off, f"{len(listening)}, varav {off} avstängda")
    bare, lost = sum(map(is_bare, kept)), unopened(kept, sender.vault)
    says = f"{len(kept)} låsta" if not bare else f"{bare} olåsta: sätt KF_SECRET_KEY och kör kunskapsflode webhook seal"
    well = not lost and not (bare and house.settings.production)
    yield Check("mottagares hemligheter", well, f"{lost} går inte att låsa upp" if lost else says)
    secrets = outgoing.hook_secrets(house.settings)
    missing = [each for each in secrets if sources.find(each) is None]
    yield Check("källor", not missing, f"okända: {', '.join(missing)}" if missing else ", ".join(secrets) or "inga")


def _login(house: House) -> Check:
    """How people come in, and whether the region's service answers."""
    provider = outgoing.provider(house.settings)
    if provider is None:
        return Check("inloggning", True, "med lösenord")
    try:
        rules = groups.load(house.region)
        provider.description()
    except BadGroups as error:
        return Check("inloggning", False, str(error))
    except LoginError as error:
        return Check("inloggning", False, f"{provider.issuer}: {error} {error.reason}")
    passwords = " och lösenord" if house.settings.passwords else ""
    says = f"regionens konto{passwords}; {len(rules.rules)} regler för grupper; svar tas emot på"
    return Check("inloggning", True, f"{says} {house.settings.address}{BACK}")


def _disk(house: House) -> Check:
    path = Path(house.settings.database_url.removeprefix("sqlite:///")).absolute().parent
    usage = shutil.disk_usage(path if path.is_dir() else Path.cwd())
    return Check("disk", usage.free / usage.total > ENOUGH_SPACE, f"{usage.free / 1e9:.1f} GB ledigt")


# Demo --------------------------------------------------------------------------------------------------------------


MET_FIRST = {
    "sam": "coordinator",
    "lo": "lpoChair",
    "pia": "primaryCareRep",
    "ria": "registrar",
    "hedda": "healthCareDirector",
}
"""User name of an invented person -> the role that they are there to show."""


@click.command("demo", epilog=example("demo --port 8000 --region jh --data data"))
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--region", default="jh", show_default=True, help="Regionprofil.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path("data"), show_default=True)
@click.option("--empty", is_flag=True, help="Påhittade personer men inga ärenden.")
@click.option("--no-serve", is_flag=True, help="Gör i ordning databasen men starta inte.")
@pass_house
def demo(house: House, port: int, region: str, data: Path, empty: bool, no_serve: bool) -> None:
    """Prova Kunskapsflöde på den egna datorn, med påhittade personer och ärenden. Det är detta make run kör."""
    file = data / "kunskapsflode.sqlite3"
    chosen = replace(house.settings, database_url=f"sqlite:///{file}", region=region, env="demo", port=port)
    home = House(house.lang, chosen)
    _prepare(home, file, empty)
    if no_serve:
        return
    _serve(home, chosen, _welcome(home, chosen), clock=True)


def _prepare(house: House, file: Path, empty: bool) -> None:
    """Make the database when there is none; else bring its schema and the shipped processes up to date."""
    if not file.exists() and not empty:
        with click.progressbar(length=building.STEPS, label="Gör i ordning ärenden att prova med") as bar:
            building.build(file, house.region, lambda: bar.update(1))
        return
    migrations.upgrade(house.db)
    if building.is_empty(house.db):
        building.settle(house.db, house.region)
    building.deploy(house.db, house.region)


def _welcome(house: House, chosen: Settings) -> str:
    """Who to log in as, by what the region calls them."""
    named = "\n".join(f"{'':17}{name:8}{house.region.title(role)}" for name, role in MET_FIRST.items()).lstrip()
    return f"""
  Kunskapsflöde är igång:  {chosen.address}

  Logga in som   {named}
  Lösenord       {building.PASSWORD}   (samma för alla; gäller bara på den här datorn)

  Stoppa med Ctrl+C. Börja om från början: ta bort mappen {Path(chosen.database_url.removeprefix("sqlite:///")).parent}.
"""
