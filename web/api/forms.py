"""Forms as programs read them: the fields of a task or of a start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields

from engine.core.model import Field
from web.api.reading import Shape


class Choice(Shape):
    id = fields.String(required=True)
    name = fields.String(required=True)


class FormField(Shape):
    id = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, metadata={"enum": ["string", "long", "double", "boolean", "date", "enum"]})
    value = fields.Raw(
        required=True, allow_none=True, metadata={"description": "What the form shows before anyone has answered."}
    )
    required = fields.Boolean(required=True)
    readonly = fields.Boolean(required=True)
    visible = fields.Boolean(required=True, metadata={"description": "With the values shown."})
    choices = fields.List(fields.Nested(Choice), required=True)
    rows = fields.String(
        required=True, allow_none=True, metadata={"description": "The list of rows that this is a column of."}
    )
    column = fields.String(required=True)
    constraints = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    properties = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Form(Shape):
    instruction = fields.String(required=True, metadata={"description": "Markdown."})
    fields_ = fields.List(fields.Nested(FormField), required=True)

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        super().on_bind_field(field_name.rstrip("_"), field_obj)


def form(declared: Sequence[Field], values: Mapping[str, Any], visible: frozenset[str], words: str) -> dict[str, Any]:
    """A form as `Form` writes it."""
    return {
        "instruction": words,
        "fields_": [_field(each, values.get(each.id), each.id in visible) for each in declared],
    }


def _field(declared: Field, value: Any, visible: bool) -> dict[str, Any]:
    return {
        "id": declared.id,
        "label": declared.label,
        "type": declared.type,
        "value": value,
        "required": declared.required,
        "readonly": declared.readonly,
        "visible": visible,
        "choices": declared.choices,
        "rows": declared.rows,
        "column": declared.column,
        "constraints": declared.constraints,
        "properties": declared.properties,
    }
