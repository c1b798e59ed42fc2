"""A deadline rule, a decision ladder and a form field are changed by commands alone; running cases keep what they had.

The pages that say how are in docs/changing-a-process.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine import regions
from web.cli import main

Run = Callable[..., Result]
REMISS = {"opensAt": "2026-02-16"}
GROUP = {
    "decisionType": "LAG_FORMATION",
    "programAreaId": "LUNG",
    "scope": "FLERA_VERKSAMHETER",
    "budget": "INOM_BUDGET",
}
MEMO = dict.fromkeys(("situation", "background", "assessment", "recommendation", "proposedDecision"), "Gruppen behövs.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the processes to change, where the profiles are read too."""
    made = shutil.copytree(regions.FOLDER.parent, tmp_path / "processes")
    monkeypatch.setattr(regions.load, "__defaults__", (made / "regions",))
    return made


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    """A command on a database of its own, Monday 16 February 2026."""
    settings = {"KF_DATABASE_URL": f"sqlite:///{tmp_path}/house.sqlite3"}

    def command(*words: str, data: Any = None) -> Result:
        if data is not None:
            (tmp_path / "data.json").write_text(json.dumps(data), encoding="utf-8")
            words = (*words, "--data", str(tmp_path / "data.json"))
        return CliRunner().invoke(main, words, env=settings, prog_name="kunskapsflode")

    for words in (
        ("db", "upgrade"),
        ("clock", "set", "2026-02-16T08:00"),
        ("org", "load", str(folder / "organisation/programme-areas.yaml"), str(folder / "organisation/demo-jh.yaml")),
    ):
        assert command(*words).exit_code == 0
    return command


def deploy(run: Run, file: Path, note: str) -> None:
    """As the page says: check first, then deploy."""
    for words in (("process", "check", str(file)), ("process", "deploy", str(file), "--note", note)):
        done = run(*words)
        assert done.exit_code == 0, done.output
    assert "ny version" in done.output


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(before) == 1, f"{before} stands {text.count(before)} times in {file.name}"
    file.write_text(text.replace(before, after), encoding="utf-8")


def started(run: Run, key: str, data: dict[str, Any]) -> str:
    done = run("case", "start", key, data=data)
    assert done.exit_code == 0, done.output
    return done.output.split()[1]


def shown(run: Run, case: str) -> str:
    return run("case", "show", case).output


def versions(run: Run, key: str) -> list[str]:
    return [each["note"] for each in json.loads(run("process", "show", key, "--json").output)]


def test_a_deadline_rule_is_changed_in_the_profile(run: Run, folder: Path) -> None:
    file = folder / "national-consultation.bpmn"
    deploy(run, file, "först")
    old = started(run, "national-consultation", REMISS | {"externalRef": "KS-1", "title": "Vårdförlopp KOL"})
    change(folder / "regions/jh.yaml", "  internalDueBeforeWd: 10\n", "  internalDueBeforeWd: 15\n")
    deploy(run, file, "Fem arbetsdagar till för sammanställningen")
    new = started(run, "national-consultation", REMISS | {"externalRef": "KS-2", "title": "Vårdförlopp astma"})
    assert "2026-03-27" in shown(run, old)
    assert "2026-03-20" not in shown(run, old)
    assert "2026-03-20" in shown(run, new)
    assert sorted(versions(run, "national-consultation")) == ["Fem arbetsdagar till för sammanställningen", "först"]


def test_the_decision_ladder_is_changed_in_its_table(run: Run, folder: Path) -> None:
    file = folder / "decision-escalation.bpmn"
    deploy(run, file, "först")
    author = {"memoAuthor": key(run, "lo")}
    old = started(run, "decision-escalation", GROUP | author | {"title": "LAG KOL"})
    table = (folder / "decision-level.dmn").read_text("utf-8")
    rule = table[table.index('id="Out_DecisionLevel_1_1"') : table.index('id="Out_DecisionLevel_1_4"')]
    moved = rule.replace("Hälso- och sjukvårdsdirektören", "Hälso- och sjukvårdsnämnden")
    moved = moved.replace('"HSD"', '"HSN"').replace('"healthCareDirector"', '"healthCareCommittee"')
    change(folder / "decision-level.dmn", rule, moved)
    deploy(run, file, "Nämnden beslutar om arbetsgrupper")
    new = started(run, "decision-escalation", GROUP | author | {"title": "LAG astma"})
    for each in (old, new):
        complete(run, f"{each}/Task_WriteDecisionMemo", "lo", MEMO)
        complete(run, f"{each}/Task_PlanDecision", "sam", {})
    approved = {"decisionOutcome": "BIFALL"}
    for case, decides, other in ((old, "hedda", "nina"), (new, "nina", "hedda")):
        refused = run("task", "complete", f"{case}/Task_MakeDecision", "--as", other, data=approved)
        assert refused.exit_code == 1
        complete(run, f"{case}/Task_MakeDecision", decides, approved)


def complete(run: Run, task: str, username: str, answers: dict[str, Any]) -> None:
    done = run("task", "complete", task, "--as", username, data=answers)
    assert done.exit_code == 0, done.output


def key(run: Run, username: str) -> str:
    listed = json.loads(run("user", "list", "--json").output)
    return next(each["key"] for each in listed if each["username"] == username)


def test_a_form_field_is_added_in_the_diagram(run: Run, folder: Path) -> None:
    deploy(run, folder / "national-consultation.bpmn", "först")
    old = started(run, "national-consultation", REMISS | {"externalRef": "KS-1", "title": "Vårdförlopp KOL"})
    first = '<camunda:formField id="type" label="Typ av kunskapsstöd"'
    asked = '<camunda:formField id="patientGroup" label="Hur många patienter gäller det?" type="long"/>\n          '
    change(folder / "consultation-intake.bpmn", first, asked + first)
    deploy(run, folder / "national-consultation.bpmn", "Frågar efter antal patienter")
    new = started(run, "national-consultation", REMISS | {"externalRef": "KS-2", "title": "Vårdförlopp astma"})
    answer = {"type": "VARDFORLOPP_PSV", "respond": "JA", "programAreaIds": ["LUNG"], "patientGroup": 400}
    refused = run("task", "complete", f"{old}/Task_Triage", "--as", "sam", data=answer)
    assert (refused.exit_code, "patientGroup: Fältet finns inte i formuläret." in refused.output) == (1, True)
    complete(run, f"{new}/Task_Triage", "sam", answer)
    without = {name: value for name, value in answer.items() if name != "patientGroup"}
    complete(run, f"{old}/Task_Triage", "sam", without)
