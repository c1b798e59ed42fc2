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
from store.columns import canonical

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
    kind, name, position = _pressed(act)
    rows = _rows_of(answers, name)
    if kind == "add" and len(rows) < MOST_ROWS:
        rows.append({})
    elif kind == "remove":
        rows = rows[:position] + rows[position + 1 :]
    elif kind == "restore":
        rows.insert(position, _removed(sent.get("removed", "")))
    return answers | {name: rows}


def removed_row(answers: Mapping[str, Any], act: str) -> tuple[str, str, str] | None:
    """What `remove:comments:2` takes away, so that it can be put back: rows, number and the row as JSON."""
    kind, name, position = _pressed(act)
    removed = _rows_of(answers, name)[position : position + 1] if kind == "remove" else []
    if not removed or not any(removed[0].values()):
        return None
    return name, str(position), json.dumps(removed[0], ensure_ascii=False)


def _pressed(act: str) -> tuple[str, str, int]:
    """What a button does, to which rows, and where: behind the last of them where it does not say."""
    kind, _, place = act.partition(":")
    name, _, position = place.partition(":")
    return kind, name, _whole(position, MOST_ROWS)


def _rows_of(answers: Mapping[str, Any], name: str) -> Rows:
    written = answers.get(name)
    return [row for row in written if isinstance(row, dict)] if isinstance(written, list) else []


def _whole(text: str, otherwise: int) -> int:
    """A number as a page of ours writes it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise


def _value(sent: MultiDict[str, str], name: str, field: Field) -> Any:
    if field.type == "boolean":
        return name in sent
    if field.multiple or field.properties.get("file") == "many":
        return [each for each in sent.getlist(name) if each]
    return sent.get(name) or None


def _rows(sent: MultiDict[str, str], name: str, columns: Sequence[Field]) -> Rows:
    count = min(_whole(sent.get(f"count.{name}", ""), 0), MOST_ROWS)
    return [{each.column: _value(sent, f"f.{name}.{n}.{each.column}", each) for each in columns} for n in range(count)]


def _removed(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
        canonical(row).encode()  # no halves of characters, and no number that is none
    except (ValueError, RecursionError):
        return {}
    return {str(key): value for key, value in row.items()} if isinstance(row, dict) else {}
