"""`kunskapsflode case`: cases, from start to end."""

from __future__ import annotations

from typing import IO, Any

import click

from engine import cases as moves
from store import cases, deadlines, incidents, people, tasks, timers
from store.cases import Case
from store.database import Reader
from web.commands.terminal import (
    Front,
    House,
    Wrong,
    actor,
    as_json,
    echo_json,
    example,
    may_act_as,
    pass_house,
    plain,
    read_json,
    show,
)

STATUS = {"active": "pågår", "suspended": "pausat", "completed": "avslutat", "cancelled": "avbrutet"}


@click.group("case", cls=Front, epilog=example("case list"))
def case_group() -> None:
    """Ärenden: ett diagram som pågår."""


@case_group.command("start", epilog=example("case start decision-escalation --data beslut.json --as sam"))
@click.argument("key")
@click.option("--data", type=click.File(encoding="utf-8"), help="Svaren som JSON-fil; - läser från röret.")
@may_act_as
@as_json
@pass_house
def case_start(house: House, key: str, data: IO[str] | None, person: str | None, as_json: bool) -> None:
    """Starta ett ärende i processen KEY."""
    answers = read_json(data) if data else {}
    case = moves.start(house.db, house.region.id, key, answers, by=actor(house, person))
    if as_json:
        echo_json(plain(case))
    else:
        click.echo(f"Ärendet {case.number} har startat: {case.title}")


@case_group.command("list", epilog=example("case list", "case list --process national-consultation --all --json"))
@click.option("--process", "process_key", metavar="KEY", help="Bara den processens ärenden.")
@click.option("--all", "everything", is_flag=True, help="Även avslutade.")
@as_json
@pass_house
def case_list(house: House, process_key: str | None, everything: bool, as_json: bool) -> None:
    """Visa ärenden, nyast först."""
    status = () if everything else cases.OPEN
    with house.db.read() as reader:
        found = cases.listed(reader, house.region.id, status=status, process_key=process_key, limit=1000)
    columns = {
        "Nummer": lambda each: each.number,
        "Ärende": lambda each: each.title,
        "Läge": lambda each: each.outcome or STATUS[each.status],
        "Startat": lambda each: house.local(each.started_at),
        "Process": lambda each: each.process_key,
    }
    show(found, columns, as_json)


@case_group.command("show", epilog=example("case show REM-2026-001", "case show REM-2026-001 --json"))
@click.argument("case")
@as_json
@pass_house
def case_show(house: House, case: str, as_json: bool) -> None:
    """Visa ett ärende: var det står, vem det väntar på, vilka dagar som gäller."""
    with house.db.read() as reader:
        about = _about(reader, find(reader, house, case))
    if as_json:
        echo_json(about)
    else:
        _print(house, about)


@case_group.command("cancel", epilog=example('case cancel REM-2026-001 --reason "Remissen drogs tillbaka" --as sam'))
@click.argument("case")
@click.option("--reason", required=True, help="Varför; skrivs i historiken.")
@may_act_as
@pass_house
def case_cancel(house: House, case: str, reason: str, person: str | None) -> None:
    """Avbryt ett ärende. Öppna uppgifter dras tillbaka."""
    moves.cancel(house.db, _id(house, case), reason=reason, by=actor(house, person))
    click.echo(f"{case} är avbrutet.")


@case_group.command("suspend", epilog=example('case suspend REM-2026-001 --reason "Väntar på besked" --as sam'))
@click.argument("case")
@click.option("--reason", required=True, help="Varför; alla som deltar ser det.")
@may_act_as
@pass_house
def case_suspend(house: House, case: str, reason: str, person: str | None) -> None:
    """Pausa ett ärende. Det går att läsa, men inget händer."""
    moves.suspend(house.db, _id(house, case), reason=reason, by=actor(house, person))
    click.echo(f"{case} är pausat.")


@case_group.command("resume", epilog=example("case resume REM-2026-001 --past shift --as sam"))
@click.argument("case")
@click.option(
    "--past",
    type=click.Choice(["fire", "shift", "skip"]),
    default="fire",
    help="Det som skulle ha hänt under pausen: låt det hända (fire), skjut det framåt (shift) eller hoppa över det.",
)
@may_act_as
@pass_house
def case_resume(house: House, case: str, past: moves.Choice, person: str | None) -> None:
    """Låt ett pausat ärende gå vidare."""
    moves.resume(house.db, _id(house, case), choice=past, by=actor(house, person))
    click.echo(f"{case} går vidare.")


@case_group.command("tag", epilog=example('case tag REM-2026-001 osteoporos fraktur --reason "Rör båda" --as sam'))
@click.argument("case")
@click.argument("questions", nargs=-1)
@click.option("--reason", required=True, help="Varför; skrivs i historiken.")
@may_act_as
@pass_house
def case_tag(house: House, case: str, questions: tuple[str, ...], reason: str, person: str | None) -> None:
    """Säg vilka frågor ärendet gäller. Den som är jävig i någon av dem får inga uppgifter i det.

    QUESTIONS gäller i stället för dem som ärendet hade; inga alls tar bort dem.
    """
    moves.tag(house.db, _id(house, case), list(questions), reason=reason, by=actor(house, person))
    click.echo(f"{case} gäller {', '.join(questions)}." if questions else f"{case} gäller inga särskilda frågor.")


def find(reader: Reader, house: House, id_or_number: str) -> Case:
    """A case by its number or id. Raises `Wrong`."""
    found = cases.find_any(reader, id_or_number, house.region.id)
    if found is None:
        raise Wrong(f"Ärendet {id_or_number} finns inte. Se: kunskapsflode case list --all")
    return found


def _id(house: House, id_or_number: str) -> str:
    with house.db.read() as reader:
        return find(reader, house, id_or_number).id


def _about(reader: Reader, case: Case) -> dict[str, Any]:
    waiting = tasks.open_of_case(reader, case.id)
    return {
        **plain(case),
        "tasks": [plain(each) for each in waiting],
        "deadlines": [plain(each) for each in deadlines.of_case(reader, case.id)],
        "timers": [plain(each) for each in timers.of_case(reader, case.id)],
        "incidents": [plain(each) for each in incidents.open_of_case(reader, case.id)],
        "names": people.names(reader, {each.assignee for each in waiting if each.assignee}),
    }


def _print(house: House, about: dict[str, Any]) -> None:
    click.echo(f"{about['number']}  {about['title']}")
    click.echo(f"{STATUS[about['status']]}{', ' + about['outcome'] if about['outcome'] else ''}")
    for task in about["tasks"]:
        who = about["names"].get(task["assignee"], "väntar på att någon tar den")
        click.echo(f"  ▸ {task['name']}  ({who}){', senast ' + str(task['due']) if task['due'] else ''}")
    for deadline in about["deadlines"]:
        click.echo(f"  {deadline['key']}: {deadline['day']}")
    for timer in about["timers"]:
        click.echo(f"  ⏱ {timer['element']} {house.local(timer['due'])}")
    for incident in about["incidents"]:
        click.echo(f"  ! {incident['element']}: {incident['message']}")
