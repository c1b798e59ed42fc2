"""The house as its files show it: what is tracked, what each file imports, what each file calls."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("engine/core", "engine", "store", "webhooks", "web")
"""Innermost first: a file belongs to the first room that its path begins with."""


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """Files under version control, and new ones that would be, that match any of the git path patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def python_files() -> tuple[Path, ...]:
    """The Python of the product itself, without its tests."""
    return tracked("engine/*.py", "store/*.py", "webhooks/*.py", "web/*.py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """`engine.effects` for `engine/effects/__init__.py`."""
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def room(path: str) -> str:
    return next(each for each in ROOMS if path.startswith(f"{each}/"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(module: ast.Module) -> Iterator[str]:
    """Every module that is imported anywhere in the file, as dotted names; `from a import b` gives `a.b`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which room a file belongs to"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def calls(module: ast.Module) -> Iterator[str]:
    """Every call as it is written: `datetime.now`, `eval`, `tx.connection.commit`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
