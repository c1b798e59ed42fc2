"""`kunskapsflode task`: the inbox from a terminal.

A task is named by its id, or by case and element: `REM-2026-001/Task_Triage`.
"""

from __future__ import annotations

from typing import IO

import click

from engine import tasks as moves
from store import held_answers, inbox, people, standing, tasks
from store.database import Reader
from store.roles import split_scope
from store.tasks import Task
from web.commands import cases
from web.commands.terminal import (
    Front,
    House,
    Wrong,
    acting_as,
    actor,
    as_json,
    example,
    pass_house,
    person_named,
    read_json,
    show,
)


@click.group("task", cls=Front, epilog=example("task list --as sam"))
def task_group() -> None:
    """Uppgifter. TASK är uppgiftens id, eller ärende och element: REM-2026-001/Task_Triage."""


@task_group.command("list", epilog=example("task list --as sam", "task list --json"))
@click.option("--as", "person", metavar="ANVÄNDARE", help="Vad den personen har och kan ta; annars allt som är öppet.")
@as_json
@pass_house
def task_list(house: House, person: str | None, as_json: bool) -> None:
    """Visa öppna uppgifter, den som brådskar först."""
    with house.db.read() as reader:
        if person:
            found = _theirs(reader, house, person_named(reader, house.region.id, person).key)
        else:
            found = inbox.all_open(reader, house.region.id, house.today(reader), limit=1000)
        names = people.names(reader, {each.assignee for each in found if each.assignee})
    columns = {
        "Ärende": lambda each: each.case_number,
        "Titel": lambda each: each.case_title,
        "Uppgift": lambda each: f"{each.name} ({each.element})",
        "Senast": lambda each: each.due,
        "Hos": lambda each: names.get(each.assignee or "", ""),
        "Id": lambda each: each.id,
    }
    show(found, columns, as_json)


@task_group.command("complete", epilog=example("task complete REM-2026-001/Task_Triage --data svar.json --as sam"))
@click.argument("task")
@click.option("--data", type=click.File(encoding="utf-8"), help="Svaren som JSON-fil; - läser från röret.")
@acting_as
@pass_house
def task_complete(house: House, task: str, data: IO[str] | None, person: str) -> None:
    """Slutför en uppgift med svaren i en JSON-fil."""
    answers = read_json(data) if data else {}
    found = _find(house, task, person)
    moves.complete(house.db, found.id, answers, by=actor(house, person))
    with house.db.read() as reader:
        held = held_answers.find(reader, found.id)
    if held is None:
        click.echo(f"Klart: {found.name}.")
    else:
        click.echo(f"Svaret är sparat: {found.name}. Det går att ångra till {house.local(held.until)}.")


@task_group.command("undo", epilog=example("task undo REM-2026-001/Task_Triage --as sam"))
@click.argument("task")
@acting_as
@pass_house
def task_undo(house: House, task: str, person: str) -> None:
    """Ta tillbaka ett svar innan det gäller. Det blir ett utkast."""
    found = _find(house, task, person)
    moves.take_back(house.db, found.id, by=actor(house, person))
    click.echo(f"Svaret är tillbakataget: {found.name}.")


@task_group.command("claim", epilog=example("task claim REM-2026-001/Task_Triage --as sam"))
@click.argument("task")
@acting_as
@pass_house
def task_claim(house: House, task: str, person: str) -> None:
    """Ta en uppgift som flera kan göra."""
    found = _find(house, task, person)
    moves.claim(house.db, found.id, by=actor(house, person))
    click.echo(f"{person} har tagit {found.name}.")


@task_group.command("release", epilog=example("task release REM-2026-001/Task_Triage --as sam"))
@click.argument("task")
@acting_as
@pass_house
def task_release(house: House, task: str, person: str) -> None:
    """Lämna tillbaka en uppgift. Utkastet finns kvar."""
    found = _find(house, task, person)
    moves.release(house.db, found.id, by=actor(house, person))
    click.echo(f"{found.name} kan nu tas av någon annan.")


@task_group.command("assign", epilog=example("task assign REM-2026-001/Task_Triage kim --as sam"))
@click.argument("task")
@click.argument("to")
@acting_as
@pass_house
def task_assign(house: House, task: str, to: str, person: str) -> None:
    """Tilldela någon en uppgift."""
    found = _find(house, task, person)
    with house.db.read() as reader:
        receiver = person_named(reader, house.region.id, to)
    moves.assign(house.db, found.id, receiver.key, by=actor(house, person))
    click.echo(f"{receiver.name} har fått {found.name}.")


@task_group.command("forward", epilog=example("task forward REM-2026-001/Task_GiveView lpoChair@NEURO --as sam"))
@click.argument("task")
@click.argument("to", nargs=-1, required=True)
@acting_as
@pass_house
def task_forward(house: House, task: str, to: tuple[str, ...], person: str) -> None:
    """Sänd en fråga vidare till någon som missades: en person, eller en roll som lpoChair@NEURO."""
    found = _find(house, task, person)
    with house.db.read() as reader:
        recipients = [_recipient(reader, house, each) for each in to]
    moves.forward(house.db, found.id, recipients, by=actor(house, person))
    click.echo(f"Sänd vidare till {', '.join(to)}.")


def _recipient(reader: Reader, house: House, text: str) -> dict[str, str | None]:
    """As `personOrRole` gives it: a person's key, or role@area."""
    role, _ = split_scope(text)
    if role in house.region.roles:
        return {"person": None, "group": text}
    return {"person": person_named(reader, house.region.id, text).key, "group": None}


def _theirs(reader: Reader, house: House, person: str) -> list[inbox.Listed]:
    """What a person has, then what they can take."""
    today = house.today(reader)
    mine = inbox.mine(reader, [person, *standing.stands_in_for(reader, person, today)], today, limit=1000)
    roles = standing.roles_on(reader, person, today)
    return mine + inbox.can_take(reader, person, house.region.id, roles, today, limit=1000)


def _find(house: House, named: str, person: str) -> Task:
    """A task by id or `case/element`; of several at one element, the one that the person has or can take."""
    with house.db.read() as reader:
        number, _, element = named.partition("/")
        if not element:
            found = [task] if (task := tasks.find(reader, named)) else []
        else:
            case = cases.find(reader, house, number)
            found = [each for each in tasks.open_of_case(reader, case.id) if each.element == element]
        if len(found) > 1:
            own = {each.id for each in _theirs(reader, house, person_named(reader, house.region.id, person).key)}
            # Else any of them, so that the refusal is the true one.
            found = [each for each in found if each.id in own] or found
    if not found:
        raise Wrong(f"Ingen öppen uppgift heter {named}. Se: kunskapsflode task list")
    return found[0]
