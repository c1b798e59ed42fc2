"""Decides: puts a case's variables to a decision table, as DMN's hit policies say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.dmn import MAPPINGS, Input, Rule, Table, read
from engine.core.expressions import Session
from engine.core.unary import INPUT, Ask, BadTest

__all__ = ["Decision", "DecisionError", "Table", "decide", "read"]

Row = Mapping[str, Any]
"""The answers of one rule: output name -> value."""


class DecisionError(Exception):
    """A decision table has no answer, or no single one."""

    rule = "decision"

    def __init__(self, table: Table, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Beslutstabellen «{table.name}» ger inget svar. {reason}")


@dataclass(frozen=True)
class Decision:
    """What a table answered, and why: all of it goes to history."""

    table: Table
    inputs: Mapping[str, Any]
    """Column label -> the value that was tested."""
    outputs: tuple[Row, ...]
    """One row for each answer, in the order of the hit policy."""
    rules: tuple[int, ...]
    """Numbers of the rules that matched, 1 is the topmost; empty when the defaults answered."""

    @property
    def result(self) -> Any:
        """The row of a table that gives one, the list of rows of one that gives several."""
        return self.mapped(None)

    def mapped(self, mapping: str | None) -> Any:
        """The result as `mapDecisionResult` wants it: `singleEntry`, `singleResult`, `collectEntries`, `resultList`.

        No answer is None, or an empty list. Raises `DecisionError` when there is more than the mapping has room for.
        """
        mapping = mapping or ("singleResult" if self.table.is_single_hit or self.table.aggregation else "resultList")
        if mapping not in MAPPINGS:
            raise DecisionError(self.table, f"Svarsformen «{mapping[:40]}» finns inte.")
        if mapping in ("singleEntry", "collectEntries") and len(self.table.outputs) > 1:
            raise DecisionError(self.table, f"{mapping} kräver en enda svarskolumn, men tabellen har flera.")
        if mapping in ("singleEntry", "singleResult") and len(self.outputs) > 1:
            raise DecisionError(self.table, f"{mapping} kräver ett enda svar, men {len(self.outputs)} rader träffar.")
        rows = [dict(row) for row in self.outputs]
        if mapping in ("singleEntry", "collectEntries"):
            rows = [value for row in rows for value in row.values()]
        return rows if mapping in ("collectEntries", "resultList") else rows[0] if rows else None


def decide(table: Table, variables: Mapping[str, Any], session: Session) -> Decision:
    """Answer a table from variables. Raises `DecisionError`, or `ExpressionError` for a cell that fails."""
    values = [_input(table, column, variables, session) for column in table.inputs]
    inputs = {column.label: value for column, value in zip(table.inputs, values, strict=True)}
    matched = _matched(table, values, variables, session)
    if not matched and table.is_single_hit:
        return Decision(table, inputs, (_defaults(table, inputs, variables, session),), ())
    hits = [(rule, _answers(table, rule, variables, session)) for rule in matched]
    kept = _by_policy(table, hits)
    return Decision(table, inputs, _rows(table, kept), tuple(rule.number for rule, _ in kept))


def _input(table: Table, column: Input, variables: Mapping[str, Any], session: Session) -> Any:
    value = session.evaluate(column.expression, variables)
    fits = {"boolean": bool, "integer": int, "long": int, "double": int | float, "number": int | float}.get(column.type)
    is_truth = isinstance(value, bool)
    if value is not None and fits and (not isinstance(value, fits) or is_truth is not (column.type == "boolean")):
        wanted = "sant eller falskt" if column.type == "boolean" else "ett tal"
        raise DecisionError(table, f"Kolumnen «{column.label}» väntar sig {wanted} men får «{str(value)[:60]}».")
    return value


def _matched(table: Table, values: list[Any], variables: Mapping[str, Any], session: Session) -> list[Rule]:
    asks = [_asking(session, {**variables, INPUT: value}) for value in values]
    matched = []
    for rule in table.rules:
        if _holds(table, rule, values, asks):
            matched.append(rule)
            if table.hit_policy == "FIRST":
                break
    return matched


def _asking(session: Session, variables: Mapping[str, Any]) -> Ask:
    return lambda expression: session.evaluate(expression, variables)


def _holds(table: Table, rule: Rule, values: list[Any], asks: list[Ask]) -> bool:
    for test, value, ask, column in zip(rule.tests, values, asks, table.inputs, strict=True):
        try:
            if not test.matches(value, ask):
                return False
        except BadTest as bad:
            raise DecisionError(table, f"Rad {rule.number}, kolumnen «{column.label}»: {bad}") from None
    return True


def _answers(table: Table, rule: Rule, variables: Mapping[str, Any], session: Session) -> Row:
    cells = zip(table.outputs, rule.answers, strict=True)
    return {column.name: session.evaluate(answer, variables) for column, answer in cells}


def _defaults(table: Table, inputs: Mapping[str, Any], variables: Mapping[str, Any], session: Session) -> Row:
    if any(column.default is None for column in table.outputs):
        said = ", ".join(f"{label} = {_shown(value)}" for label, value in inputs.items())
        raise DecisionError(table, f"Ingen rad träffar: {said}.")
    return {column.name: session.evaluate(column.default or "null", variables) for column in table.outputs}


def _shown(value: Any) -> str:
    return "saknas" if value is None else str(value)[:60]


Hit = tuple[Rule, Row]


def _by_policy(table: Table, hits: list[Hit]) -> list[Hit]:
    """The hits that count, in the order in which they count."""
    numbers = ", ".join(str(rule.number) for rule, _ in hits)
    if table.hit_policy == "UNIQUE" and len(hits) > 1:
        raise DecisionError(table, f"Högst en rad får träffa (UNIQUE), men raderna {numbers} gör det.")
    if table.hit_policy == "ANY" and any(row != hits[0][1] for _, row in hits):
        raise DecisionError(
            table, f"Rader som träffar måste ge samma svar (ANY), men raderna {numbers} skiljer sig åt."
        )
    if table.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
        hits = sorted(hits, key=lambda hit: _priority(table, hit))
    return hits[:1] if table.hit_policy == "PRIORITY" else hits


def _rows(table: Table, hits: list[Hit]) -> tuple[Row, ...]:
    if table.aggregation:
        return (_aggregated(table, hits),)
    # All that match under ANY say the same.
    return tuple(row for _, row in hits)[: 1 if table.is_single_hit else None]


def _priority(table: Table, hit: Hit) -> tuple[int, ...]:
    """Where a rule's answers stand in the lists of output values, column by column."""
    rule, row = hit
    places = []
    for column in table.outputs:
        value = row[column.name]
        if column.values and value not in column.values:
            shown = _shown(value)
            raise DecisionError(table, f"Rad {rule.number} ger «{shown}», som inte finns bland kolumnens värden.")
        places.append(column.values.index(value) if column.values else 0)
    return tuple(places)


def _aggregated(table: Table, hits: list[Hit]) -> Row:
    """SUM, MIN and MAX of nothing are None; COUNT of nothing is 0."""
    name = table.outputs[0].name
    values = [row[name] for _, row in hits]
    if table.aggregation == "COUNT":
        return {name: len(values)}
    if strange := [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]:
        raise DecisionError(table, f"{table.aggregation} räknar samman tal, men en rad ger «{_shown(strange[0])}».")
    return {name: _AGGREGATIONS[str(table.aggregation)](values) if values else None}


_AGGREGATIONS: Mapping[str, Callable[[list[Any]], Any]] = {"SUM": sum, "MIN": min, "MAX": max}
