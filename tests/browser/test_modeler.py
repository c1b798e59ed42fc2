"""The shipped diagrams in the designer's own tool: opened without warnings, edited, saved, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from engine.core import decisions, reading
from engine.core.model import Process
from engine.core.reading import Document
from tests.browser.pictures import ROOT, canvas, chromium, script

BUILD = "dist/camunda-platform-modeler.production.min.js"
DIAGRAMS = sorted((ROOT / "processes").glob("*.bpmn"))
EDIT = """async xml => {
  const { warnings } = await modeler.importXML(xml);
  const registry = modeler.get('elementRegistry');
  const first = kind => registry.find(each => kind.test(each.type));
  const node = first(/Task$|CallActivity$/) || first(/EndEvent$/);
  if (node) modeler.get('modeling').updateProperties(node, { name: node.businessObject.name + ' igen' });
  const saved = await modeler.saveXML({ format: true });
  return [warnings.map(each => each.message), node ? node.id : null, saved.xml];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def modeler(browser: Browser) -> Page:
    """A page with the Camunda Platform 7 modeler, as the designer's pages load it."""
    page = canvas(browser, 1600, 900)
    page.add_script_tag(path=str(script("camunda-bpmn-js", BUILD)))
    page.evaluate(
        "window.modeler = new (window.CamundaPlatformModeler || window.BpmnModeler)({ container: '#canvas' })"
    )
    return page


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_nothing_is_lost(modeler: Page, diagram: Path) -> None:
    before = reading.read(diagram.read_bytes(), diagram.name)
    warnings, edited, saved = modeler.evaluate(EDIT, diagram.read_text(encoding="utf-8"))
    after = reading.read(saved.encode(), diagram.name)
    assert warnings == []
    assert edited is not None
    assert after.findings == ()
    assert before.process is not None
    assert after.process is not None
    assert _renamed(before.process, edited) == _unordered(after.process)
    assert _placed(after) == _placed(before)
    assert sorted(after.messages) == sorted(before.messages)


def _placed(document: Document) -> dict[str, tuple[float, ...]]:
    """Where elements and flows stand beside each other: saving moves a whole picture to the modeler's own margin."""
    shapes = {id: shape for id, shape in document.shapes.items() if shape.bounds}
    left = min(shape.bounds.x for shape in shapes.values() if shape.bounds)
    top = min(shape.bounds.y for shape in shapes.values() if shape.bounds)
    boxes = {
        id: (box.x - left, box.y - top, box.width, box.height)
        for id, shape in shapes.items()
        if (box := shape.bounds) is not None
    }
    lines = {
        id: tuple(number for x, y in shape.waypoints for number in (x - left, y - top))
        for id, shape in document.shapes.items()
        if shape.waypoints
    }
    return boxes | lines


def _renamed(process: Process, element: str) -> Process:
    node = process.nodes[element]
    return _unordered(replace(process, nodes={**process.nodes, element: replace(node, name=f"{node.name} igen")}))


def _unordered(process: Process) -> Process:
    """The modeler may write elements in another order: it means nothing."""
    nodes, flows = dict(sorted(process.nodes.items())), dict(sorted(process.flows.items()))
    return replace(process, nodes=nodes, flows=flows, lanes=tuple(sorted(process.lanes)))


TABLES = sorted((ROOT / "processes").glob("*.dmn"))
SAVE_TABLE = """async xml => {
  const { warnings } = await tables.importXML(xml);
  const saved = await tables.saveXML({ format: true });
  return [warnings.map(each => each.message), saved.xml];
}"""


@pytest.fixture(scope="module")
def tables(browser: Browser) -> Page:
    """A page with the DMN modeler, as the designer's pages load it."""
    page = canvas(browser, 1600, 900)
    page.add_script_tag(path=str(script("dmn-js", "dist/dmn-modeler.production.min.js")))
    page.evaluate("window.tables = new DmnJS({ container: '#canvas' })")
    return page


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_no_rule_is_lost(tables: Page, table: Path) -> None:
    warnings, saved = tables.evaluate(SAVE_TABLE, table.read_text(encoding="utf-8"))
    assert warnings == []
    assert decisions.read(saved.encode(), table.name) == decisions.read(table.read_bytes(), table.name)
