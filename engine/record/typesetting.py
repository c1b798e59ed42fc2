"""Sets a page as PDF/A, in a process of its own: `python -m engine.record.typesetting < page.html > page.pdf`.

Nothing from outside the page is loaded but the fonts that lie beside this file: no network, no files. The same page
gives the same bytes. Only this file imports WeasyPrint, which takes a second or more.
"""

from __future__ import annotations

import hashlib
import logging
import sys
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

VARIANT = "pdf/a-2a"
FONTS = Path(__file__).parent / "fonts"
FAMILIES = {"Inter": "inter-latin", "Inter Ext": "inter-latin-ext"}
WEIGHTS = (400, 600)
MOST_MEMORY = 2_000_000_000
"""Bytes of address space."""
MOST_SECONDS = 300
"""Of processor time."""


def typeset(page: bytes) -> bytes:
    """The page as PDF/A-2a: tagged, with its language, title and fonts in it."""
    fonts = FontConfiguration()
    fetcher = PackagedOnly()
    faces = CSS(string=_faces(), url_fetcher=fetcher, font_config=fonts)
    set_page: bytes = HTML(string=page.decode("utf-8"), url_fetcher=fetcher).write_pdf(
        stylesheets=[faces],
        font_config=fonts,
        pdf_variant=VARIANT,
        pdf_identifier=hashlib.sha256(page).hexdigest()[:32].encode(),
    )
    return set_page


class PackagedOnly(URLFetcher):  # type: ignore[misc]
    """Answers for the packaged fonts, and refuses every other address."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        known = {f"font:{path.name}": path for path in FONTS.glob("*.woff2")}
        if url not in known:
            raise ValueError("A document loads nothing from outside itself.")
        return URLFetcherResponse(url, known[url].read_bytes(), {"Content-Type": "font/woff2"})


def _faces() -> str:
    return "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight};'
        f' src: url("font:{file}-{weight}-normal.woff2") }}\n'
        for family, file in FAMILIES.items()
        for weight in WEIGHTS
    )


def _within_bounds() -> None:
    """A page that would take the whole machine is stopped, and no connection is ever opened."""
    try:
        import resource
    except ImportError:  # not on Windows
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.addaudithook(_refuse_connections)


def _refuse_connections(event: str, _: Any) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
        raise PermissionError(event)


if __name__ == "__main__":
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    _within_bounds()
    sys.stdout.buffer.write(typeset(sys.stdin.buffer.read()))
