"""A task in hand: the open task, its case and its version, and which answers its form takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import access, connectors, context, definitions, directory, forms
from engine.access import Actor
from engine.core.model import Field
from engine.definitions import Deployed
from store.cases import Case
from store.database import Transaction
from store.tasks import Task


@dataclass(frozen=True)
class Work:
    """An open task with all around it, the case locked."""

    tx: Transaction
    task: Task
    case: Case
    deployed: Deployed

    @classmethod
    def of(cls, tx: Transaction, task: Task, case: Case) -> Work:
        """On the version that the case stands on."""
        return cls(tx, task, case, definitions.of_case(tx, case))

    @property
    def timezone(self) -> str:
        return self.deployed.region.timezone

    def require(self, act: str, by: Actor) -> Actor:
        region = self.case.region
        return access.require(self.tx, by, act, region=region, timezone=self.timezone, case=self.case, task=self.task)

    def require_impartial(self, by: Actor, *persons: str | None) -> None:
        access.require_impartial(self.tx, self.task, *persons, by=by, timezone=self.timezone)


def fields_of(deployed: Deployed, task: Task) -> tuple[Field, ...]:
    """The declared fields of a task: the diagram's, else those of the connector's manual form."""
    node = deployed.node(task.process, task.element)
    if node.form or task.kind != "connector":
        return node.form
    return connectors.form_of(task.topic or "", node.properties.get("mustGive", ""))


def checked(work: Work, answers: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """The typed values of answers to a task's form. Raises `FormErrors`."""
    declared = fields_of(work.deployed, work.task)
    if forms.Form.of(declared).has_expressions:
        with context.session(context.of_case(work.tx, work.case, work.deployed.region)) as session:
            values = _values(work, declared, answers, session.evaluate)
    else:
        values = _values(work, declared, answers, forms.nothing_to_evaluate)
    if work.task.kind == "connector":
        values["performedBy"] = by.performer
    return values


def _values(
    work: Work, declared: Sequence[Field], answers: Mapping[str, Any], evaluate: forms.Evaluate
) -> dict[str, Any]:
    known = directory.of_region(work.tx, work.deployed.region, work.case.id)
    # A page sends every field, an emptied one too; a program or a rehearsal may send only what it changes.
    given = {**forms.prefilled(declared, work.task.variables, evaluate), **answers}
    return forms.check(declared, given, work.task.variables, evaluate, known)
