"""Two versions of a process differ by what they do, not by where their boxes stand."""

from __future__ import annotations

from dataclasses import replace

from engine.core.differences import between
from engine.core.model import Flow, Node, Process

START, TASK, END = Node("Start", "startEvent"), Node("Task_A", "userTask", "Svara"), Node("End", "endEvent")
FLOWS = {"F1": Flow("F1", "Start", "Task_A"), "F2": Flow("F2", "Task_A", "End")}
OLD = Process("p", "Prov", {each.id: each for each in (START, TASK, END)}, FLOWS)


def test_the_same_process_has_no_differences() -> None:
    assert between(OLD, replace(OLD, nodes=dict(reversed(OLD.nodes.items())))) == []


def test_what_is_added_removed_and_changed_is_named() -> None:
    renamed = replace(TASK, name="Svara i tid", attributes={"dueDate": "2026-04-14"})
    extra = Node("Task_B", "userTask", "Granska")
    new = replace(OLD, nodes={"Start": START, "Task_A": renamed, "Task_B": extra}, flows={"F1": FLOWS["F1"]})
    found = {(each.what, each.element, each.field) for each in between(OLD, new)}
    assert found == {
        ("changed", "Task_A", "name"),
        ("changed", "Task_A", "attributes"),
        ("added", "Task_B", ""),
        ("removed", "End", ""),
        ("removed", "F2", ""),
    }
