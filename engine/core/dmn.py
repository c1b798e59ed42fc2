"""Reads decision tables from DMN files (1.1 to 1.5), as camunda's dmn-js writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from engine.core import language, types, unary
from engine.core.findings import Finding, refusal
from engine.core.unary import BadTest, Test
from engine.core.xml import BadXml, parse, text_of

SINGLE_HIT = frozenset(("UNIQUE", "FIRST", "ANY", "PRIORITY"))
HIT_POLICIES = SINGLE_HIT | {"COLLECT", "RULE ORDER", "OUTPUT ORDER"}
ORDERED_BY_OUTPUT = frozenset(("PRIORITY", "OUTPUT ORDER"))
AGGREGATIONS = frozenset(("SUM", "MIN", "MAX", "COUNT"))
MAPPINGS = ("singleEntry", "singleResult", "collectEntries", "resultList")
"""What `mapDecisionResult` may ask for."""
MAX_RULES = 500
MAX_COLUMNS = 60
_LANGUAGES = ("", "feel", "python", "https://www.omg.org/spec/dmn/20191111/feel/")
_TYPES: dict[str, types.Type] = {
    "string": "text",
    "date": "date",
    "dateTime": "text",
    "boolean": "bool",
    "integer": "int",
    "long": "int",
    "double": "float",
}


@dataclass(frozen=True)
class Input:
    """A column of conditions."""

    id: str
    label: str
    expression: str
    type: str = ""
    """`typeRef`: `string`, `boolean`, `integer`, `long`, `double`, `number`, `date` ... or empty."""


@dataclass(frozen=True)
class Output:
    """A column of answers."""

    name: str
    label: str
    type: types.Type
    """`OneOf` the codes that its rules can give, when all of them are plain text."""
    values: tuple[object, ...] = ()
    """The output values in order of priority, as the table lists them."""
    default: str | None = None
    """The expression it has when no rule matches."""


@dataclass(frozen=True)
class Rule:
    """A row."""

    number: int
    """1 is the topmost."""
    id: str
    tests: tuple[Test, ...]
    answers: tuple[str, ...]
    """An expression for each output."""


@dataclass(frozen=True)
class Table:
    """A decision table, read and parsed."""

    id: str
    name: str
    hit_policy: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    aggregation: str | None = None

    @property
    def is_single_hit(self) -> bool:
        return self.hit_policy in SINGLE_HIT

    def expressions(self) -> Iterator[str]:
        """The expressions that read variables, without those of the cells' tests."""
        yield from (column.expression for column in self.inputs)
        yield from (answer for rule in self.rules for answer in rule.answers)
        yield from (column.default for column in self.outputs if column.default is not None)

    def result_type(self, mapping: str | None) -> types.Type:
        """The type of the result as `mapDecisionResult` gives it."""
        row = types.Record({column.name: column.type for column in self.outputs})
        if self.aggregation:
            row = types.Record({self.outputs[0].name: "any"})
        entry = row.fields[self.outputs[0].name]
        single = "singleResult" if self.is_single_hit else "resultList"
        return {
            "singleEntry": entry,
            "singleResult": row,
            "collectEntries": types.ListOf(entry),
            "resultList": types.ListOf(row),
        }[mapping or single]


class _BadTable(Exception):
    """A table we do not take: a Swedish sentence."""


@lru_cache(maxsize=256)
def read(source: bytes, filename: str = "") -> tuple[Mapping[str, Table], Sequence[Finding]]:
    """The decision tables of a file by decision id. Every problem is a finding; a table with one is left out.

    The same bytes are read once: a table stands in every version of every process that asks it.
    """
    try:
        root = parse(source)
    except BadXml as bad:
        return {}, [refusal(f"xml-{bad.reason}", detail=bad.detail)]
    if _local(root) != "definitions" or "/DMN/" not in str(etree.QName(root).namespace or ""):
        return {}, [refusal("bad-decision", decision=filename, reason="Filen är inte en DMN-fil.")]
    return _decisions(root, filename)


def _decisions(root: etree._Element, filename: str) -> tuple[Mapping[str, Table], Sequence[Finding]]:
    tables: dict[str, Table] = {}
    findings: list[Finding] = []
    for decision in _children(root, "decision"):
        key = decision.get("id") or ""
        try:
            if not key or key in tables:
                raise _BadTable("Beslutet saknar id, eller har samma id som ett annat.")
            tables[key] = _table(decision, key)
        except (_BadTable, BadTest) as bad:
            findings.append(refusal("bad-decision", key or None, decision.get("name") or "", decision=key, reason=bad))
    if not tables and not findings:
        findings.append(refusal("bad-decision", decision=filename, reason="Filen innehåller inget beslut."))
    return tables, findings


def _table(decision: etree._Element, key: str) -> Table:
    _refuse_parts(decision)
    element = _child(decision, "decisionTable")
    if element is None:
        raise _BadTable("Ett beslut måste vara en beslutstabell.")
    inputs = tuple(_input(each) for each in _children(element, "input"))
    rows = _children(element, "rule")
    if len(rows) > MAX_RULES or len(inputs) > MAX_COLUMNS:
        raise _BadTable(f"Tabellen är för stor: högst {MAX_RULES} rader och {MAX_COLUMNS} kolumner.")
    columns = _children(element, "output")
    rules = tuple(_rule(row, number, inputs, len(columns)) for number, row in enumerate(rows, 1))
    outputs = tuple(_output(each, place, rules, _answer_name(decision, key)) for place, each in enumerate(columns))
    policy, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation")
    table = Table(key, decision.get("name") or key, policy, inputs, outputs, rules, aggregation)
    _refuse_shape(table)
    return table


def _refuse_parts(decision: etree._Element) -> None:
    if _children(decision, "informationRequirement") and any(
        _children(each, "requiredDecision") for each in _children(decision, "informationRequirement")
    ):
        raise _BadTable("Beslutet bygger på ett annat beslut. Låt diagrammet fatta dem efter varandra i stället.")
    if _children(decision, "knowledgeRequirement"):
        raise _BadTable("Beslutet använder en kunskapsmodell, vilket inte stöds.")
    for element in decision.iter():
        spoken = element.get("expressionLanguage", "") if isinstance(element.tag, str) else ""
        if spoken.lower() not in _LANGUAGES:
            raise _BadTable(f"Uttrycksspråket «{spoken[:40]}» stöds inte.")


def _refuse_shape(table: Table) -> None:
    if table.hit_policy not in HIT_POLICIES:
        raise _BadTable(f"Träffregeln «{table.hit_policy[:40]}» finns inte.")
    if not table.outputs:
        raise _BadTable("Tabellen har ingen svarskolumn.")
    names = [column.name for column in table.outputs]
    if "" in names or len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
        raise _BadTable("Varje svarskolumn måste ha ett eget namn av bokstäver och siffror.")
    if table.aggregation and (table.hit_policy != "COLLECT" or table.aggregation not in AGGREGATIONS):
        raise _BadTable(f"Sammanräkningen «{table.aggregation[:40]}» går inte att använda här.")
    if table.aggregation and len(table.outputs) > 1:
        raise _BadTable("En tabell som räknar samman får bara ha en svarskolumn.")
    if table.hit_policy in ORDERED_BY_OUTPUT and not any(column.values for column in table.outputs):
        raise _BadTable(f"Träffregeln {table.hit_policy} kräver att svarskolumnens värden listas i ordning.")


def _input(element: etree._Element) -> Input:
    asked = _child(element, "inputExpression")
    label = element.get("label") or element.get("id") or ""
    text = _text(asked)
    if any(name.endswith("inputVariable") for name in map(str, element.attrib)):
        raise _BadTable(f"Villkorskolumnen «{label}» har ett eget variabelnamn. Skriv «?» i cellerna i stället.")
    if not text:
        raise _BadTable(f"Villkorskolumnen «{label}» saknar uttryck.")
    kind = (asked.get("typeRef") if asked is not None else None) or ""
    return Input(element.get("id") or label, label, _expression(text, f"Kolumnen «{label}»"), kind)


def _rule(row: etree._Element, number: int, inputs: tuple[Input, ...], answers: int) -> Rule:
    tests, entries = _children(row, "inputEntry"), _children(row, "outputEntry")
    if (len(tests), len(entries)) != (len(inputs), answers):
        raise _BadTable(f"Rad {number} har inte lika många celler som tabellen har kolumner.")
    return Rule(
        number,
        row.get("id") or f"{number}",
        tuple(_cell(_text(cell), number, column) for cell, column in zip(tests, inputs, strict=True)),
        tuple(_expression(_text(cell) or "null", f"Rad {number}") for cell in entries),
    )


def _cell(text: str, number: int, column: Input) -> Test:
    try:
        return unary.parse(text)
    except BadTest as bad:
        raise _BadTable(f"Rad {number}, kolumnen «{column.label}», «{text[:40]}»: {bad}") from None


def _expression(text: str, place: str) -> str:
    try:
        return unary.expression(text)
    except BadTest as bad:
        raise _BadTable(f"{place}, «{text[:40]}»: {bad}") from None


def _output(element: etree._Element, place: int, rules: tuple[Rule, ...], only_name: str) -> Output:
    listed = _text(_child(element, "outputValues"))
    default = _text(_child(element, "defaultOutputEntry"))
    answers = [rule.answers[place] for rule in rules] + ([default] if default else [])
    name = element.get("name") or (only_name if place == 0 else "")
    return Output(
        name,
        element.get("label") or name,
        _type(answers, element.get("typeRef") or ""),
        _listed(listed, name),
        _expression(default, f"Svarskolumnen «{name}»") if default else None,
    )


def _type(answers: list[str], declared: str) -> types.Type:
    parsed = [language.parse(answer) for answer in answers]
    literals = [each.literal for each in parsed if each.literal is not None]
    kinds = {type(each) for each in literals} if all(each.is_literal for each in parsed) else set()
    if kinds == {str}:
        return types.OneOf(tuple(dict.fromkeys(str(each) for each in literals)))
    if len(kinds) == 1:
        return {bool: "bool", int: "int", float: "float"}[kinds.pop()]
    return _TYPES.get(declared, "any")


def _listed(text: str, name: str) -> tuple[object, ...]:
    if not text:
        return ()
    items = [language.parse(_expression(each, f"Svarskolumnen «{name}»")) for each in unary.split(text, ",")]
    if not all(each.is_literal for each in items):
        raise _BadTable(f"Svarskolumnen «{name}» får bara lista fasta värden.")
    return tuple(each.literal for each in items)


def _answer_name(decision: etree._Element, key: str) -> str:
    """What the only output is called when the column has no name: the decision's variable, or its id."""
    variable = _child(decision, "variable")
    return (variable.get("name") if variable is not None else None) or key


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if _local(child) == name]


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _text(element: etree._Element | None) -> str:
    inner = None if element is None else _child(element, "text")
    return "" if inner is None else text_of(inner)
