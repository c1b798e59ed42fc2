"""An error class is a sentence, and the tree of a file's errors stands before its functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.promises import house


def errors(module: ast.Module) -> Iterator[ast.ClassDef]:
    """Classes of the file that are exceptions, by their own bases or by those of a class above them."""
    known = {"Exception", "ValueError", "RuntimeError", "LookupError", "KeyError", "PermissionError"}
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if bases & known or any(base.endswith(("Error", "Exception")) for base in bases):
                known.add(node.name)
                yield node


def faults(path: str, module: ast.Module) -> list[str]:
    first_function = next((each.lineno for each in module.body if isinstance(each, ast.FunctionDef)), None)
    wrong = []
    for error in errors(module):
        sentence = (ast.get_docstring(error) or "").split("\n\n")[0]
        if len(sentence.split()) < 3 or not sentence.rstrip().endswith((".", "?", "!")) or sentence[0].islower():
            wrong.append(f"{path}: {error.name} is no sentence: {sentence!r}")
        if first_function is not None and error.lineno > first_function:
            wrong.append(f"{path}: {error.name} stands below the first function")
    return wrong


def test_every_error_is_a_sentence() -> None:
    wrong = [each for path in house.python_files() for each in faults(house.name(path), house.tree(path))]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_swallowed() -> None:
    """`except:` and `except Exception: pass` hide what went wrong."""
    wrong = []
    for path in house.python_files():
        for node in ast.walk(house.tree(path)):
            if isinstance(node, ast.ExceptHandler):
                kind = ast.unparse(node.type) if node.type else ""
                silent = all(isinstance(each, ast.Pass) for each in node.body)
                if not kind or (silent and kind in ("Exception", "BaseException")):
                    wrong.append(f"{house.name(path)}:{node.lineno}")
    assert not wrong, wrong


@pytest.mark.parametrize(
    "source",
    [
        "class TaskGone(Exception):\n    pass",
        "class TaskGone(Exception):\n    '''gone'''",
        "def f(): ...\nclass TaskGone(Exception):\n    '''The task is gone.'''",
    ],
)
def test_a_faulty_error_is_seen(source: str) -> None:
    assert faults("engine/tasks.py", ast.parse(source))
