"""The command line: what it takes, what it refuses, and how it says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.core.diagrams import diagram, end, field, service_task, start, user_task
from web.cli import main

Run = Callable[..., Result]
AREAS, PEOPLE = "processes/organisation/programme-areas.yaml", "processes/organisation/demo-jh.yaml"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A command on a database of its own, with the shipped organisation and one small process."""
    folder = tmp_path_factory.mktemp("house")
    settings = {"KF_DATABASE_URL": f"sqlite:///{folder}/house.sqlite3"}

    def command(*words: str, data: str | None = None) -> Result:
        if data is not None:
            (folder / "data.json").write_text(data, encoding="utf-8")
            words = (*words, "--data", str(folder / "data.json"))
        result = CliRunner().invoke(main, words, env=settings, prog_name="kunskapsflode")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    file = folder / "ask.bpmn"
    file.write_bytes(
        diagram(start(), user_task("Task_Ask", field("count", "long"), candidateGroups="registrar"), end(), id="ask")
    )
    assert command("db", "upgrade").exit_code == 0
    assert command("org", "load", AREAS, PEOPLE).exit_code == 0
    assert command("process", "deploy", str(file)).exit_code == 0
    return command


def case(run: Run) -> str:
    """The number of a new case."""
    return run("case", "start", "ask").output.split()[1]


def test_people_of_an_organisation_file_can_be_named_but_not_entered(run: Run) -> None:
    number = case(run)
    assert run("task", "claim", f"{number}/Task_Ask", "--as", "ria").exit_code == 0
    assert "ria" in run("user", "list").output
    assert run("user", "password", "ria", "--password", "ett helt nytt lösenord").exit_code == 0
    assert run("user", "password", "ingen", "--password", "ett helt nytt lösenord").exit_code == 1


def test_a_case_starts_and_history_is_exported_without_a_name(run: Run, tmp_path: Path) -> None:
    number = case(run)
    out = tmp_path / "history.jsonl"
    assert run("export", "jsonl", "-o", str(out)).exit_code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert any(row["what"] == "started" and row["onBehalfOf"] is None for row in rows)
    assert "gäller gikt." in run("case", "tag", number, "gikt", "--reason", "prov", "--as", "sam").output
    assert run("case", "cancel", number, "--reason", "prov").exit_code == 0


@pytest.mark.parametrize(
    "data",
    [
        '{"count": NaN}',
        '{"count": Infinity}',
        '{"count": 1, "count": 2}',
        '{"count": ' + "9" * 5000 + "}",
        "[" * 100_000,
        "{} efter",
        "[1]",
        '{"count": "\\u0000"}',
        '{"__builtins__": 1}',
    ],
    ids=lambda data: data[:20],
)
def test_bad_json_is_a_sentence_and_changes_nothing(run: Run, data: str) -> None:
    number = case(run)
    result = run("task", "complete", f"{number}/Task_Ask", "--as", "ria", data=data)
    assert result.exit_code == 1
    assert result.output.startswith("Fel: ")
    assert "Task_Ask" in run("task", "list", "--as", "ria").output


def test_an_answer_is_taken_back_from_the_terminal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "undoable.bpmn"
    asked = user_task("Task_Say", field("text"), candidateGroups="registrar", properties={"undo": "PT10M"})
    file.write_bytes(diagram(start(), asked, end(), id="undoable"))
    assert run("process", "deploy", str(file)).exit_code == 0
    task = f"{run('case', 'start', 'undoable').output.split()[1]}/Task_Say"
    assert "går att ångra till" in run("task", "complete", task, "--as", "ria", data='{"text": "Ja"}').output
    assert "besvarad av" in run("task", "complete", task, "--as", "ria", data="{}").output
    assert "tillbakataget" in run("task", "undo", task, "--as", "ria").output
    assert "Task_Say" in run("task", "list", "--as", "ria").output
    assert "inget svar att ta tillbaka" in run("task", "undo", task, "--as", "ria").output


def test_whoever_may_not_do_a_task_hears_so(run: Run) -> None:
    result = run("task", "complete", f"{case(run)}/Task_Ask", "--as", "lo", data="{}")
    assert result.exit_code == 1
    assert "finns inte" in result.output


@pytest.mark.parametrize("username", ["sаm", "två ord", "a\u200bb", ""], ids=["cyrillic", "blank", "unseen", "empty"])
def test_user_names_that_pass_for_others_are_refused(run: Run, username: str) -> None:
    result = run("user", "add", username, "Någon Prov", "--password", "ett riktigt långt lösenord")
    assert result.exit_code == 1
    assert "latinska" in result.output
    assert "Någon Prov" not in run("user", "list").output


def test_a_person_is_erased_and_told_what_is_kept_and_why(run: Run) -> None:
    assert run("user", "add", "nisse", "Nisse Prov", "--password", "ett riktigt långt lösenord").exit_code == 0
    assert run("user", "erase", "nisse", "--reason", "Begäran", "--as", "lo", "--yes").exit_code == 1
    done = run("user", "erase", "nisse", "--reason", "Begäran 2026-02-16", "--as", "sam", "--yes")
    assert done.exit_code == 0, done.output
    for words in ("arkivlagen", "artikel 17.3", "Personen är raderad"):
        assert words in done.output
    assert "nisse" not in run("user", "list").output


def test_the_account_of_someone_who_left_is_closed_and_may_be_opened_again(run: Run) -> None:
    assert "kan inte logga in längre" in run("user", "close", "ria").output
    assert run("user", "close", "ria").exit_code == 1
    assert [each["username"] for each in json.loads(run("user", "list", "--json").output) if each["closed"]] == ["ria"]
    assert "kan logga in igen" in run("user", "open", "ria").output
    assert run("user", "open", "ria").exit_code == 1


def test_one_user_name_however_it_is_composed(run: Run) -> None:
    first = run("user", "add", "åsa", "Åsa Prov", "--password", "ett riktigt långt lösenord")
    again = run("user", "add", "a\u030asa", "Åsa Igen", "--password", "ett riktigt långt lösenord")
    assert (first.exit_code, again.exit_code) == (0, 1)
    assert "Åsa Igen" not in run("user", "list").output


def test_names_show_all_they_hold(run: Run) -> None:
    result = run("user", "add", "vand", "Vänd\u202e Prov", "--password", "ett riktigt långt lösenord")
    assert result.exit_code == 1
    assert "inte syns" in result.output


def test_the_clock_stays_within_the_calendar(run: Run) -> None:
    assert run("clock", "set", "9999-12-31T23:59").exit_code == 2
    assert run("clock", "set", "2026-02-16T08:00").exit_code == 0
    assert "bakåt" in run("clock", "show").output or "framåt" in run("clock", "show").output


def test_a_designers_version_waits_for_approval(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "wait.bpmn"
    file.write_bytes(diagram(start(), user_task("Task_Ask", candidateGroups="registrar"), end(), id="wait"))
    assert "föreslagen" in run("process", "deploy", str(file), "--as", "desi").output
    assert "wait" not in run("process", "list").output
    assert "wait" in run("process", "proposals").output
    assert run("process", "approve", "wait", "--as", "desi").exit_code == 1
    assert run("process", "approve", "wait", "--as", "sam").exit_code == 0
    assert "wait" in run("process", "list").output


def test_tables_are_checked_as_tables(run: Run, tmp_path: Path) -> None:
    assert run("process", "check", "processes/review-route.dmn").exit_code == 0
    broken = tmp_path / "broken.dmn"
    broken.write_text("<definitions", encoding="utf-8")
    result = run("process", "check", "processes/review-route.dmn", str(broken))
    assert result.exit_code == 1
    assert "xml-syntax" in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("case", "start", "ask"),
        ("process", "outline", "ask"),
        ("db", "check"),
        ("audit", "verify"),
        ("message", "NobodyWaits"),
        ("process", "coverage", "--variants"),
    ],
)
def test_what_a_program_reads_is_json_and_nothing_else(run: Run, words: tuple[str, ...]) -> None:
    answer = run(*words, "--json")
    assert answer.exit_code == 0, answer.output
    json.loads(answer.stdout)


def test_a_variant_is_shown_with_the_rehearsals_of_it(run: Run) -> None:
    shown = json.loads(run("process", "coverage", "--variants", "--json").stdout)
    blekinge = {each["variant"]["process"]: each for each in shown if "bl" in each["variant"]["regions"]}
    assert "p08-local-line" in [each["rehearsal"] for each in blekinge["nomination"]["unhappy"]]
    assert "p08-local-line" in run("process", "coverage", "--variants").output


def test_a_case_file_for_the_archive(run: Run, tmp_path: Path) -> None:
    number = case(run)
    out = tmp_path / "arende.xml"
    assert run("export", "erms", number, "-o", str(out)).exit_code == 0
    assert f"<objectId>{number}</objectId>" in out.read_text("utf-8")
    assert run("export", "erms", "ASK-1999-001", "-o", str(out)).exit_code == 1


def test_secrets_of_receivers_are_sealed_before_production_starts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    key = run("webhook", "key").output.strip()
    assert run("webhook", "seal").exit_code == 2
    assert run("webhook", "add", "https://192.0.2.1:8443/in").exit_code == 1
    monkeypatch.setenv("KF_WEBHOOKS_ALLOW_PRIVATE", "127.0.0.1")
    added = json.loads(run("webhook", "add", "http://127.0.0.1:9/in", "--json").output)
    monkeypatch.setenv("KF_ENV", "production")
    told = run("serve")
    assert (told.exit_code, "webhook seal" in told.output) == (2, True)
    assert "KF_SECRET_KEY" in run("webhook", "add", "http://127.0.0.1:9/in").output
    monkeypatch.setenv("KF_SECRET_KEY", key)
    assert "1 hemligheter" in run("webhook", "seal").output
    monkeypatch.setenv("KF_SECRET_KEY", run("webhook", "key").output.strip())
    assert "låsta med en nyckel som saknas" in run("serve").output
    monkeypatch.setenv("KF_SECRET_KEY", f"{run('webhook', 'key').output.strip()},{key}")
    assert run("webhook", "seal").exit_code == 0
    assert run("webhook", "remove", added["id"][:8]).exit_code == 0


def test_a_diagram_in_a_folder_without_texts_may_send_what_the_product_ships(run: Run, tmp_path: Path) -> None:
    sends = service_task("A", "sendNotice", properties={"template": "consultationFeedback"})
    file = tmp_path / "mine.bpmn"
    file.write_bytes(diagram(start(), sends, end()))
    assert "unknown-template" not in run("process", "check", str(file)).output
    (tmp_path / "texts").mkdir()
    assert "unknown-template" in run("process", "check", str(file)).output
