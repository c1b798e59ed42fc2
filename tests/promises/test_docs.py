"""What the pages for newcomers say is so: commands exist, every command explains itself, the first case runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.promises import house
from web.cli import main

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/operations.md")
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`((?:make|kunskapsflode) [^`]*)`")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
LINK = re.compile(r"\]\((?!http|#)([^)]+)\)")


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command and group, by its words: (`process check`, command)."""
    for name, command in sorted(group.commands.items()):
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def examples(command: click.Command) -> list[str]:
    _, _, shown = (command.epilog or "").partition("Exempel:")
    return [line.strip() for line in shown.splitlines() if line.strip()]


def require_known(line: str) -> None:
    """Fail unless the words of a line name a command, and its options are that command's."""
    words = [word for word in shlex.split(line, comments=True) if word not in ("|", ">")][1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{line}: {words[0]} is no command"
        command = command.commands[words.pop(0)]
    known = {option for each in command.params for option in each.opts} | {"--help", "--lang", "--version"}
    unknown = [word for word in words if word.startswith("-") and word != "-" and word.partition("=")[0] not in known]
    assert not unknown, f"{line}: {unknown}"


def told() -> list[tuple[str, str]]:
    """Every command line of the pages: (page, line)."""
    found = []
    for page in PAGES:
        text = (house.ROOT / page).read_text("utf-8")
        lines = [line for block in BLOCK.findall(text) for line in block.splitlines()] + INLINE.findall(text)
        found += [(page, line.strip()) for line in lines if line.startswith(("make ", "kunskapsflode "))]
    return found


@pytest.mark.parametrize(("page", "line"), told())
def test_a_command_that_a_page_tells_of_exists(page: str, line: str) -> None:
    if line.startswith("make "):
        targets = TARGET.findall((house.ROOT / "Makefile").read_text("utf-8"))
        named = [word for word in line.partition("#")[0].split()[1:] if "=" not in word]
        assert set(named) <= set(targets), f"{page}: {line}"
    else:
        require_known(line)


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_a_help_and_an_example_that_fits(name: str) -> None:
    command = dict(commands())[name]
    assert (command.help or "").strip(), f"{name} has no help"
    assert examples(command), f"{name} has no example"
    for line in examples(command):
        assert line.startswith("kunskapsflode "), line
        require_known(line)


def test_an_unknown_command_or_option_is_seen() -> None:
    with pytest.raises(AssertionError):
        require_known("kunskapsflode process conjure")
    with pytest.raises(AssertionError):
        require_known("kunskapsflode process check --magic")


def test_the_first_case_runs_as_the_readme_tells_it(tmp_path: Path) -> None:
    text = (house.ROOT / "README.md").read_text("utf-8").partition("## Your first case")[2]
    block = BLOCK.search(text)
    assert block is not None
    for each in ("processes", "docs"):
        (tmp_path / each).symlink_to(house.ROOT / each)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KF_")}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.group(1)],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Vårdförlopp KOL" in ran.stdout
    assert "externalDue: 2026-04-14" in ran.stdout
    assert "Historiken är hel." in ran.stdout


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    named = re.findall(r'^    "([A-Za-z0-9-]+)(?:\[\w+\])?==', _dependencies(), re.MULTILINE)
    readme = (house.ROOT / "README.md").read_text("utf-8").lower()
    assert len(named) > 10
    assert [each for each in named if each.lower() not in readme] == []


def _dependencies() -> str:
    project = (house.ROOT / "pyproject.toml").read_text("utf-8")
    return project.partition("dependencies = [")[2].partition("\n]")[0]


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{house.name(page)}: {target}"
        for page in house.tracked("*.md")
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not broken, broken


def test_every_decision_has_the_parts_of_the_template() -> None:
    parts = ("- Status:", "- Date:", "## The question", "## What we decided", "## Why", "## What we gave up")
    pages = [path for path in house.tracked("docs/decisions/*.md") if path.name[:4].isdigit()]
    assert len(pages) > 3
    lacking = [f"{path.name}: {part}" for path in pages for part in parts if part not in path.read_text("utf-8")]
    assert not lacking, lacking
