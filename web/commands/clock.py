"""`kunskapsflode clock`: a clock that can be moved, for trials and tests."""

from __future__ import annotations

from datetime import timedelta

import click

from engine import clock as ticking
from engine.core import durations
from store import clock as clock_rows
from web.commands.terminal import Front, House, Wrong, as_json, echo_json, example, pass_house


@click.group("clock", cls=Front, epilog=example("clock show"))
def clock_group() -> None:
    """Klockan som ärendena går efter. Den går inte att flytta i drift (KF_ENV=production)."""


@clock_group.command("show", epilog=example("clock show"))
@as_json
@pass_house
def clock_show(house: House, as_json: bool) -> None:
    """Visa vad klockan är och hur långt den är flyttad."""
    with house.db.read() as reader:
        now, moved = reader.now, clock_rows.offset(reader)
    if as_json:
        echo_json({"now": now.astimezone(house.zone).isoformat(), "movedSeconds": int(moved.total_seconds())})
    else:
        click.echo(f"Klockan är {house.local(now)} ({house.region.timezone}). {_moved(moved)}")


@clock_group.command("set", epilog=example("clock set 2026-02-16T08:00"))
@click.argument("moment")
@pass_house
def clock_set(house: House, moment: str) -> None:
    """Ställ klockan på en tidpunkt och låt det som har förfallit hända."""
    to = house.moment(moment)
    with house.db.transaction() as tx:
        clock_rows.set_to(tx, to)
    _let_it_happen(house)


@clock_group.command("advance", epilog=example("clock advance P10D", "clock advance PT4H"))
@click.argument("period")
@pass_house
def clock_advance(house: House, period: str) -> None:
    """Flytta klockan framåt med en ISO 8601-period och låt det som har förfallit hända."""
    try:
        by = durations.parse_duration(period)
    except durations.BadDuration as error:
        raise click.BadParameter(str(error)) from None
    with house.db.transaction() as tx:
        clock_rows.set_to(tx, by.after(tx.now, house.region.timezone))
    _let_it_happen(house)


def _moved(by: timedelta) -> str:
    if not by:
        return "Den går som vanligt."
    ahead, seconds = by > timedelta(0), abs(int(by.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3_600, seconds % 3_600 // 60
    return f"Den är flyttad {days} dygn, {hours} h och {minutes} min {'framåt' if ahead else 'bakåt'}."


def _let_it_happen(house: House) -> None:
    """One tick: timers, reminders and starts that have come due. The clock of `serve` would do it a moment later."""
    done = ticking.tick(house.db)
    with house.db.read() as reader:
        click.echo(f"Klockan är {house.local(reader.now)}.")
    if not done.is_idle:
        click.echo(
            f"Ärenden som gick vidare: {done.fired}, påminnelser: {done.reminded}, startade ärenden: {done.started}."
        )
    if done.failed:
        raise Wrong(f"{done.failed} ärenden kunde inte gå vidare. Se: kunskapsflode incident list")
