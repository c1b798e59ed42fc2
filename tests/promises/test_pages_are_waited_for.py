"""A test of a page waits for what it asserts: after a click the page may be on its way, and a single look sees nothing.

A look that neither waits nor tries again tells of the moment, not of the page; `expect(...)` looks until it is so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.promises import house

SINGLE_LOOKS = {
    *("content", "title", "count", "all", "all_inner_texts", "all_text_contents"),
    *("is_visible", "is_hidden", "is_checked", "is_enabled", "is_disabled", "is_editable"),
    *("inner_text", "inner_html", "text_content", "input_value", "get_attribute", "bounding_box"),
}
ALLOWED = {
    "tests/browser/test_a01_by_clicks.py: asked.locator('select').count": "the page has been waited for by its reader",
    "tests/browser/test_a01_by_clicks.py: asked.locator('option', has_text=words).first.get_attribute": "it waits",
    "tests/browser/test_pages.py: page.locator('.drawing:visible').count": "right after goto, which waits for it all",
    "tests/browser/test_pages.py: mark.bounding_box": "the mark has been seen, and is scrolled to",
}
"""A look at the moment -> why it is enough."""


def looks(module: ast.Module) -> Iterator[str]:
    """Every look at a page that does not wait for what it looks for."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SINGLE_LOOKS:
            yield ast.unparse(node.func)
        elif isinstance(node, ast.Compare):
            beside = (node.left, *node.comparators)
            yield from (ast.unparse(each) for each in beside if ast.unparse(each).endswith("page.url"))


def test_no_test_looks_once() -> None:
    found = {
        f"{house.name(path)}: {each}"
        for path in house.tracked("tests/browser/test_*.py")
        for each in looks(house.tree(path))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "written",
    [
        "assert 'Svaret är skickat.' in page.content()",
        "assert page.locator('.summary').count() == 0",
        "assert 'lage=galler' in page.url",
        "assert page.get_by_text('Version 2').is_visible()",
    ],
)
def test_a_single_look_is_seen(written: str) -> None:
    assert list(looks(ast.parse(written)))


@pytest.mark.parametrize("written", ["expect(page).to_have_title('x')", "expect(found).to_have_count(2)"])
def test_waiting_is_not(written: str) -> None:
    assert not list(looks(ast.parse(written)))
