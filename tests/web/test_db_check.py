"""`db check` finds what is wrong, whatever it is, and finds nothing where nothing is."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from engine import conversation
from store.database import Database
from tests.web.house import House
from web.cli import main


@pytest.fixture
def lived(house: House) -> Database:
    house.town.start(by="Sam", title="Remiss")
    task = house.town.open_task("Task_Answer")
    conversation.attach(house.town.db, task.id, "a.txt", b"Hej", "text/plain", by=house.town.by("Sam"))
    return house.town.db


def check(db: Database) -> Result:
    url = db.url.render_as_string(hide_password=False)
    return CliRunner().invoke(main, ["db", "check"], env={"KF_DATABASE_URL": url})


def test_nothing_is_found_where_nothing_is_wrong(lived: Database) -> None:
    answer = check(lived)
    assert (answer.exit_code, answer.output) == (0, "Databasen är hel.\n")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE history SET what = 'cancelled' WHERE seq = 2", "rad 2: Rad 2 är ändrad."),
        ("DELETE FROM history_heads", "Kedjan slutar vid rad"),
        ("UPDATE blobs SET bytes = x'00'", "Dokument .* är inte det som sparades"),
        ("UPDATE contents SET bytes = x'00'", "Processfil .* är inte det som sparades"),
        ("DELETE FROM timers; UPDATE tasks SET status = 'completed'", "står still i tysthet"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM blobs", "pekar på något som inte finns"),
        ("UPDATE alembic_version SET version_num = '0000'", "Databasens schema är 0000"),
    ],
)
def test_what_is_wrong_is_named(lived: Database, harm: str, told: str) -> None:
    raw = lived.engine.raw_connection()
    for statement in harm.split("; "):
        raw.cursor().execute(statement)  # a connection of its own: no transaction of the product does this
    raw.commit()
    raw.close()
    lived.close()
    answer = check(lived)
    assert answer.exit_code == 1, answer.output
    assert re.search(told, answer.output), answer.output
