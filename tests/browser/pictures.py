"""Draw every shipped diagram to PNG, to be looked at: `python -m tests.browser.pictures OUT_DIR [FILE...]`.

Needs Chromium and the installed `bpmn-js`, see `viewer_script`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
BUILD = "dist/bpmn-navigated-viewer.production.min.js"
PAGE = """<!doctype html><meta charset="utf-8"><style>
html, body { margin: 0; background: #fff } #canvas { width: %(width)spx; height: %(height)spx }
</style><div id="canvas"></div>"""
MARGIN, FOOT = 30, 60
"""Room around the drawing; below it also for the mark of the viewer, which stands in the corner."""


def script(package: str, build: str) -> Path:
    """The installed browser build of an npm package; raises FileNotFoundError when it is not there."""
    places = [os.environ.get("NODE_MODULES", ""), str(ROOT / "node_modules"), str(ROOT / "web/static/vendor")]
    for place in filter(None, places):
        for found in (
            Path(place, package, build),
            Path(place, package, Path(build).name),
            Path(place, Path(build).name),
        ):
            if found.is_file():
                return found
    raise FileNotFoundError(f"{package} is not installed: run `make install`")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium."""
    with sync_playwright() as play:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"], timeout=PATIENCE * 1000)
        yield browser
        browser.close()


def canvas(browser: Browser, width: int, height: int) -> Page:
    """A page with nothing on it but room for a drawing."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE * 1000)
    page.set_content(PAGE % {"width": width, "height": height})
    return page


def draw(browser: Browser, diagram: Path, picture: Path) -> None:
    """Render one BPMN file at scale 1."""
    page = canvas(browser, 1660, 1000)
    page.add_script_tag(path=str(script("bpmn-js", BUILD)))
    box = page.evaluate(
        """async xml => {
          const viewer = new BpmnJS({ container: '#canvas' });
          const { warnings } = await viewer.importXML(xml);
          if (warnings.length) throw new Error(warnings.map(each => each.message).join('; '));
          return viewer.get('canvas').viewbox().inner;
        }""",
        diagram.read_text(encoding="utf-8"),
    )
    page.close()
    width, height = int(box["width"]) + 2 * MARGIN, int(box["height"]) + MARGIN + FOOT
    page = canvas(browser, width, height)
    page.add_script_tag(path=str(script("bpmn-js", BUILD)))
    page.evaluate(
        """async ([xml, view]) => {
          const viewer = new BpmnJS({ container: '#canvas' });
          await viewer.importXML(xml);
          viewer.get('canvas').viewbox(view);
        }""",
        [
            diagram.read_text(encoding="utf-8"),
            {"x": box["x"] - MARGIN, "y": box["y"] - MARGIN, "width": width, "height": height},
        ],
    )
    page.screenshot(path=str(picture))
    page.close()


def main(out: Path, diagrams: list[Path]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for diagram in diagrams:
            draw(browser, diagram, out / f"{diagram.stem}.png")
            print(out / f"{diagram.stem}.png")


if __name__ == "__main__":
    chosen = [Path(name) for name in sys.argv[2:]] or sorted((ROOT / "processes").glob("*.bpmn"))
    main(Path(sys.argv[1]), chosen)
