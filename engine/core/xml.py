"""The one door for XML: bytes in, an lxml root out, or `BadXml`.

BPMN and DMN files come from people and partners. Nothing here fetches, expands or includes anything: a DOCTYPE is
refused whatever the encoding, before its declarations can do harm, and size and depth have limits of our own.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
PREFIXES = {
    BPMN: "bpmn",
    CAMUNDA: "camunda",
    "http://www.omg.org/spec/BPMN/20100524/DI": "bpmndi",
    "http://www.omg.org/spec/DD/20100524/DC": "dc",
    "http://www.omg.org/spec/DD/20100524/DI": "di",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "http://camunda.org/schema/modeler/1.0": "modeler",
    "http://bpmn.io/schema/bpmn/biocolor/1.0": "bioc",
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0": "color",
}
MOST_BYTES = 1_000_000
MAX_DEPTH = 40
CHUNK = 16_384


class BadXml(Exception):
    """The file is not XML that we read. `reason` is one of `doctype`, `size`, `depth`, `syntax`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def parse(source: bytes) -> etree._Element:
    """The root of `source`, in any encoding that its declaration names. Raises `BadXml`."""
    if len(source) > MOST_BYTES:
        raise BadXml("size", str(MOST_BYTES))
    try:
        _refuse_doctype(source)
        root = etree.fromstring(source, _parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise BadXml("syntax", str(error)[:200]) from None
    _refuse_depth(root)
    return root


def short(qualified: object) -> str:
    """`{http://www.omg.org/...MODEL}task` -> `bpmn:task`; names of other namespaces stay as they are."""
    name = str(qualified)
    if not name.startswith("{"):
        return name
    namespace, _, local = name[1:].partition("}")
    prefix = PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else name


def qualified(name: str) -> str:
    """`bpmn:task` -> `{http://www.omg.org/...MODEL}task`."""
    prefix, _, local = name.rpartition(":")
    if not prefix:
        return name
    return f"{{{next(uri for uri, known in PREFIXES.items() if known == prefix)}}}{local}"


def text_of(element: etree._Element) -> str:
    """All text inside an element, without surrounding white space."""
    return "".join(str(piece) for piece in element.itertext()).strip()


class _Prolog:
    """A parser target that looks no further than the root's start tag, and stops at a DOCTYPE."""

    done = False

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise BadXml("doctype")

    def start(self, tag: str, attributes: object) -> None:
        self.done = True

    def close(self) -> None:
        """The tree is not built here."""


def _refuse_doctype(source: bytes) -> None:
    prolog: Any = _Prolog()
    parser = etree.XMLParser(target=prolog, resolve_entities=False, no_network=True, load_dtd=False)
    for at in range(0, len(source), CHUNK):
        parser.feed(source[at : at + CHUNK])
        if prolog.done:
            return  # A DOCTYPE can only stand before the root.


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise BadXml("depth", str(MAX_DEPTH))
