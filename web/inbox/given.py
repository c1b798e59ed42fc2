"""What a person has written in a form, read from the request as the JSON values that forms are checked in.

Single fields are named `f.<field>`, columns of rows `f.<rows>.<number>.<column>`. Nothing is judged here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.core.model import Field
from engine.forms import Form

Answers = dict[str, Any]
Rows = list[dict[str, Any]]

MOST_ROWS = 500


def read(sent: MultiDict[str, str], declared: Sequence[Field], before: Mapping[str, Any]) -> Answers:
    """The answers of the fields that were on the page; those that were not keep what they had `before`."""
    form, shown = Form(declared), set(sent.getlist("shown"))
    answers: Answers = {}
    for field in form.single:
        if field.readonly:
            continue
        if field.id in shown:
            answers[field.id] = _value(sent, f"f.{field.id}", field)
        elif field.id in before:
            answers[field.id] = before[field.id]
    for name, columns in form.rows.items():
        if name in shown:
            answers[name] = _rows(sent, name, columns)
        elif name in before:
            answers[name] = before[name]
    return answers


def without_blank_rows(answers: Mapping[str, Any], declared: Sequence[Field]) -> Answers:
    """Rows with nothing in them are not sent, so that faults and rows are counted alike."""
    rows = Form(declared).rows
    return {
        name: [row for row in value if any(row.values())] if name in rows else value for name, value in answers.items()
    }


def change_rows(answers: Answers, act: str, sent: Mapping[str, str]) -> Answers:
    """Do what a button of repeatable rows says: `add:comments`, `remove:comments:2`, `restore:comments:2`."""
    kind, _, place = act.partition(":")
    name, _, number = place.partition(":")
    rows: Rows = list(answers.get(name) or [])
    position = int(number) if number.isdigit() else len(rows)
    if kind == "add" and len(rows) < MOST_ROWS:
        rows.append({})
    elif kind == "remove":
        rows = rows[:position] + rows[position + 1 :]
    elif kind == "restore":
        rows.insert(position, _removed(sent.get("removed", "")))
    return answers | {name: rows}


def removed_row(answers: Mapping[str, Any], act: str) -> tuple[str, str, str] | None:
    """What `remove:comments:2` takes away, so that it can be put back: rows, number and the row as JSON."""
    kind, _, place = act.partition(":")
    name, _, number = place.partition(":")
    rows = answers.get(name) or []
    if kind != "remove" or not number.isdigit() or int(number) >= len(rows) or not any(rows[int(number)].values()):
        return None
    return name, number, json.dumps(rows[int(number)], ensure_ascii=False)


def _value(sent: MultiDict[str, str], name: str, field: Field) -> Any:
    if field.type == "boolean":
        return name in sent
    if field.multiple or field.properties.get("file") == "many":
        return [each for each in sent.getlist(name) if each]
    return sent.get(name) or None


def _rows(sent: MultiDict[str, str], name: str, columns: Sequence[Field]) -> Rows:
    count = sent.get(f"count.{name}", "0")
    numbers = range(min(int(count), MOST_ROWS)) if count.isdigit() else range(0)
    return [{each.column: _value(sent, f"f.{name}.{n}.{each.column}", each) for each in columns} for n in numbers]


def _removed(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError:
        return {}
    return {str(key): value for key, value in row.items()} if isinstance(row, dict) else {}
