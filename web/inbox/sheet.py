"""The form of a task as it stands: its questions with what has been answered so far, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import context, definitions, forms
from engine.completions import FORWARD
from engine.core.model import Field, Node
from engine.definitions import Deployed
from engine.forms import Evaluate, Form
from engine.work import fields_of
from store import documents, mandates, organisation, people
from store.cases import Case
from store.database import Reader
from store.roles import scope
from store.tasks import Task
from web import here, words
from web.inbox import questions
from web.inbox.questions import Around, Attached, Offers, Question, Rows


@dataclass(frozen=True)
class Sheet:
    """Everything that the form of a page needs."""

    items: tuple[Question | Rows, ...]
    instruction: str
    """Markdown of the diagram."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    has_conditions: bool = False
    """Some fields are shown or hidden by the answers to others."""

    @property
    def asked(self) -> int:
        """How many questions there are to answer: what is only to be read is none."""
        return sum(item.control != "fixed" for item in self.items)

    @property
    def asks_who_else(self) -> bool:
        """Whoever answers may say in the form itself who else should."""
        return any(isinstance(item, Question) and item.field == FORWARD for item in self.items)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Each fault with the control it belongs to, in the order of the page; last those of no control on it."""
        placed = list(self._placed())
        return placed + [("form", text) for text in self.faults.values() if not _is_said(text, placed)]

    def _placed(self) -> Iterator[tuple[str, str]]:
        for item in self.items:
            if item.fault:
                yield item.id, item.fault
            for box in item.boxes if isinstance(item, Rows) else ():
                yield from ((each.id, f"{box.title}: {_inner(each.fault)}") for each in box.questions if each.fault)


def _inner(sentence: str) -> str:
    """As it stands behind a colon: with a small letter first."""
    return sentence[:1].lower() + sentence[1:]


def _is_said(text: str, placed: Sequence[tuple[str, str]]) -> bool:
    return any(text[1:] in said for _, said in placed)


def declared_for(reader: Reader, case: Case, task: Task) -> tuple[Sequence[Field], Node]:
    """The fields that the task asks for, and the element of the diagram."""
    deployed = definitions.of_case(reader, case)
    return fields_of(deployed, task), deployed.node(task.process, task.element)


def of_task(
    reader: Reader,
    case: Case,
    task: Task,
    answers: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Sheet:
    """The sheet of a task. `answers` is what has been written; None shows what the diagram offers from the start."""
    declared, node = declared_for(reader, case, task)
    deployed = definitions.of_case(reader, case)
    with context.session(context.of_case(reader, case, deployed.region)) as session:
        known = {**case.variables, **task.variables}
        offered = forms.shown(declared, known, session.evaluate)
        return build(
            declared,
            {**offered, **(answers or {})},
            known,
            session.evaluate,
            Around(offers_for(reader, declared), attached(reader, task), faults or {}),
            node.documentation,
        )


def of_start(
    reader: Reader,
    deployed: Deployed,
    node: Node,
    answers: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Sheet:
    """The sheet of a start form."""
    with context.session(context.of_region(reader, deployed.region)) as session:
        offered = forms.shown(node.form, {}, session.evaluate)
        return build(
            node.form,
            {**offered, **(answers or {})},
            {},
            session.evaluate,
            Around(offers_for(reader, node.form), attached_before(reader, node.form, answers or {}), faults or {}),
            deployed.process.documentation or node.documentation,
        )


def build(
    declared: Sequence[Field],
    answers: Mapping[str, Any],
    known: Mapping[str, Any],
    evaluate: Evaluate,
    around: Around,
    instruction: str,
) -> Sheet:
    """Put the visible fields in their order, each with its answer and its fault."""
    typed = {each.id: _typed(each, answers.get(each.id)) for each in declared if not each.rows}
    seen = {**known, **answers, **typed}
    visible = forms.visible(declared, seen, evaluate)
    required = forms.required(declared, seen, evaluate) | _undecided(declared, typed)
    rows, conditions = Form(declared).rows, _named_in(declared, "visibleIf")
    deciding = conditions | _named_in(declared, "requiredIf")

    def item(each: Field) -> Question | Rows:
        if each.rows:
            return questions.rows(each.rows, rows[each.rows], answers.get(each.rows) or [], around)
        depended_on, must = each.id in deciding, each.id in required
        return questions.ask(each, answers.get(each.id), around, depended_on=depended_on, must=must)

    asked = (each for each in _in_order(declared) if each.id in visible)
    shown = [each for each in asked if not each.rows or each is rows[each.rows][0]]
    return Sheet(tuple(map(item, shown)), instruction, answers, around.faults, bool(conditions))


def _in_order(declared: Sequence[Field]) -> list[Field]:
    """The order of the diagram, but what an answer further down makes appear comes after it, where one looks then."""
    places = {each.id: n for n, each in enumerate(declared)}

    def place(each: Field) -> tuple[int, int]:
        own, deciding = places[each.id], _names(each.properties.get("visibleIf", "")) & places.keys()
        last = max((places[name] for name in deciding), default=own)
        return (last, own) if last > own else (own, -1)

    return sorted(declared, key=place)


def _typed(declared: Field, value: Any) -> Any:
    """What an expression should see of an answer that has not been checked yet."""
    return bool(value) if declared.type == "boolean" else value


def _named_in(declared: Sequence[Field], condition: str) -> set[str]:
    """Fields that a condition of others names: `visibleIf` or `requiredIf`."""
    names = _names(" ".join(each.properties.get(condition, "") for each in declared))
    return {each.id for each in declared if each.id in names}


def _undecided(declared: Sequence[Field], answers: Mapping[str, Any]) -> set[str]:
    """Fields that an answer not given yet decides about: nothing is said of them until it is."""
    open_ones = {name for name, value in answers.items() if value in (None, "")}
    return {each.id for each in declared if _names(each.properties.get("requiredIf", "")) & open_ones}


def _names(expression: str) -> set[str]:
    return set(re.findall(r"\w+", expression))


def attached(reader: Reader, task: Task) -> dict[str, Attached]:
    """The files that have been added in the task, by id."""
    found = [each for each in documents.of_case(reader, task.case_id) if each.task_id == task.id]
    return {each.id: Attached(each.id, each.name, words.size(each.size)) for each in found}


def attached_before(reader: Reader, declared: Sequence[Field], answers: Mapping[str, Any]) -> dict[str, Attached]:
    """The files that the visitor has added in a start form, before there is a case, by id."""
    named = [answers.get(each.id) for each in declared if each.properties.get("file")]
    ids = [id for each in named if each for id in (each if isinstance(each, list) else [each])]
    found = [each for each in (documents.find(reader, id) for id in ids) if each]
    own = [each for each in found if each.case_id is None and each.added_by == here.visitor().person]
    return {each.id: Attached(each.id, each.name, words.size(each.size)) for each in own}


def offers_for(reader: Reader, declared: Sequence[Field]) -> Offers:
    """What the pickers of a form offer; nothing is read for a form without pickers."""
    pickers = {each.properties.get("picker") for each in declared} - {None}
    return everyone(reader) if pickers else Offers({}, {}, {})


def everyone(reader: Reader) -> Offers:
    """The region's people, roles and programme areas, in words."""
    areas = organisation.names_on(reader, here.today(reader))
    return Offers(_persons(reader, areas), _roles(reader, areas), areas)


def _persons(reader: Reader, areas: Mapping[str, str]) -> dict[str, str]:
    """Everyone of the region, with the roles they hold; the form's own check says which roles are right."""
    region, today = here.region(), here.today(reader)
    titles: dict[str, list[str]] = {}
    for held in mandates.of(reader, region=region.id):
        if held.holds_on(today):
            titles.setdefault(held.person, []).append(words.role(held.role, held.area, areas))
    return {
        each.key: f"{each.name}: {'; '.join(titles[each.key][:2])}" if each.key in titles else each.name
        for each in people.of_region(reader, region.id)
    }


def _roles(reader: Reader, areas: Mapping[str, str]) -> dict[str, str]:
    """Roles that someone has held, scoped: `lpoChair@LUNG` -> `LPO-ordförande, Lungsjukdomar`."""
    region = here.region()
    held = {(each.role, each.area) for each in mandates.of(reader, region=region.id)}
    titled = {scope(role, area): words.role(role, area, areas) for role, area in held}
    return dict(sorted(titled.items(), key=lambda each: words.alphabetical(each[1])))
