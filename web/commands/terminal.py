"""What all commands share: the settings and the database, answers as table or JSON, errors as exit codes.

Exit codes: 0 done; 1 something was found wrong, and was said; 2 the command cannot run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from engine import regions, strict_json, yaml_file
from engine.access import SYSTEM, Actor
from engine.errors import MoveError
from engine.regions import Region
from store import accounts, people
from store.database import Database, MovableClock, Reader, RealClock
from store.errors import AlreadyTaken, StoreError
from store.people import Person
from web import settings

YEARS = range(2000, 2091)
"""What the clock may be set to: the calendar knows the holidays of these."""


class Wrong(click.ClickException):
    """Something was found wrong: exit code 1."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Fel: {self.format_message()}", err=True)


class CannotRun(Wrong):
    """The command cannot do its work here: exit code 2."""

    exit_code = 2


class House:
    """The composition of one run of a command: settings, database, region profile, language."""

    def __init__(self, lang: str = "sv", chosen: settings.Settings | None = None) -> None:
        self.lang = lang
        self._chosen = chosen

    @cached_property
    def settings(self) -> settings.Settings:
        return self._chosen or settings.load()

    @cached_property
    def db(self) -> Database:
        make_folder(self.settings.database_url)
        clock = RealClock() if self.settings.production else MovableClock()
        return Database(self.settings.database_url, clock, self.settings.chain_keys)

    @cached_property
    def region(self) -> Region:
        return regions.load(self.settings.region)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.region.timezone)

    def today(self, reader: Reader) -> date:
        """The region's calendar day at the moment of the reading."""
        return reader.now.astimezone(self.zone).date()

    def local(self, moment: datetime | None) -> str:
        """`2026-04-14 08:00`, in the region's own time."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    def moment(self, text: str) -> datetime:
        """An ISO date or date-time as an aware moment; without an offset it is the region's own time."""
        try:
            written = datetime.fromisoformat(text)
        except ValueError:
            raise click.BadParameter(f"{text} är ingen tidpunkt. Skriv 2026-04-14T08:00.") from None
        if written.year not in YEARS:
            raise click.BadParameter(f"{text}: skriv ett år mellan {YEARS[0]} och {YEARS[-1]}.")
        return written if written.tzinfo else written.replace(tzinfo=self.zone)


pass_house = click.make_pass_decorator(House, ensure=True)


def make_folder(database_url: str) -> None:
    """SQLite makes the file, but not the folder it lies in."""
    path = database_url.removeprefix("sqlite:///")
    if path != database_url and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Errors of the house become a sentence on standard error and an exit code."""
    try:
        yield
    except (MoveError, AlreadyTaken, yaml_file.BadYaml) as error:
        raise Wrong(str(error)) from error
    except (StoreError, settings.SettingsError) as error:
        raise CannotRun(str(error)) from error


class Front(click.Group):
    """A group whose commands answer with plain errors."""

    def invoke(self, ctx: click.Context) -> Any:
        with plain_errors():
            return super().invoke(ctx)


def example(*lines: str) -> str:
    """The text below a command's help: at least one line that works as it stands."""
    return "\b\nExempel:\n" + "\n".join(f"  kunskapsflode {line}" for line in lines)


as_json = click.option("--json", "as_json", is_flag=True, help="Skriv JSON i stället för tabell.")

acting_as = click.option(
    "--as", "person", metavar="ANVÄNDARE", required=True, help="Den som handlingen görs för; skrivs i historiken."
)
may_act_as = click.option(
    "--as", "person", metavar="ANVÄNDARE", help="Den som handlingen görs för; utan namn är det produkten själv."
)


def show(rows: Iterable[Any], columns: Mapping[str, Callable[[Any], Any]], as_json: bool) -> None:
    """Rows as a table with these columns (heading -> value of a row), or as a JSON list of the whole rows."""
    found = list(rows)
    if as_json:
        echo_json([plain(each) for each in found])
        return
    if not found:
        click.echo("Inget att visa.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns:
        table.add_column(heading, overflow="fold")
    for row in found:
        table.add_row(*(_text(value(row)) for value in columns.values()))
    console().print(table)


def console() -> Console:
    """Where tables are printed; wide when it is no terminal, so that nothing is cut in a pipe."""
    terminal = Console(highlight=False, markup=False)
    return terminal if terminal.is_terminal else Console(highlight=False, markup=False, width=200)


def echo_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=plain))


def plain(value: Any) -> Any:
    """A row, a date or a moment as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return list(value)
    return str(value)


def read_json(file: IO[str]) -> dict[str, Any]:
    """The answers in a JSON file. Raises `Wrong` when it is no JSON object."""
    try:
        data = strict_json.loads(file.read())
    except ValueError as error:
        raise Wrong(f"{file.name} är inte giltig JSON: {error}") from error
    if not isinstance(data, dict):
        raise Wrong(f"{file.name} ska vara ett JSON-objekt: {{...}}.")
    return data


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def person_named(reader: Reader, region: str, text: str) -> Person:
    """Someone by user name, else by name, else by key. Raises `Wrong`."""
    account = accounts.find(reader, text)
    found = people.find(reader, account.person) if account else people.find_by_name(reader, region, text)
    found = found or people.find(reader, text)
    if found is None:
        raise Wrong(f"Ingen heter {text}. Se: kunskapsflode user list")
    return found


def actor(house: House, person: str | None) -> Actor:
    """Who a command acts as: at a terminal nobody has logged in, so it is on behalf of the one who is named.

    Where no name is given, it is the product itself.
    """
    if person is None:
        return SYSTEM
    with house.db.read() as reader:
        return Actor(None, on_behalf_of=person_named(reader, house.region.id, person).key, reason="kommandoraden")
