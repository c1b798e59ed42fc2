"""Walks a whole file against the tables of `grammar`: whatever they do not have is a finding."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.core import grammar
from engine.core.findings import Finding, advice, refusal
from engine.core.xml import short

HISTORY_TIME = "history-time"
BOOLEAN_VALUES = ("true", "false", "1", "0")
_LAYOUT = ("bpmndi:", "dc:", "di:", "bioc:", "color:")
_FOREIGN_ON_ROOT = ("modeler:", "xsi:")


def audit(root: etree._Element) -> Iterator[Finding]:
    """Everything in the file that the tables do not have, each named by the nearest element with an id."""
    for element in root.iter(etree.Element):
        parent = element.getparent()
        if parent is not None and not _may_stand(element, parent):
            yield _about(
                element, grammar.REFUSED_TAGS.get(short(element.tag), "unknown-element"), what=_plain(element.tag)
            )
        elif not short(element.tag).startswith(_LAYOUT):
            yield from _audit_attributes(element)
            yield from _audit_repeats(element)


def host(element: etree._Element) -> etree._Element:
    """The nearest element that a designer sees: a node, flow, lane, pool or the process."""
    seen: etree._Element | None = element
    while seen is not None:
        if short(seen.tag) in grammar.SEEN:
            return seen
        seen = seen.getparent()
    return element


def _about(element: etree._Element, rule: str, **facts: object) -> Finding:
    named = host(element)
    return refusal(rule, named.get("id"), named.get("name", ""), **facts)


def _plain(qualified: object) -> str:
    """A tag or attribute as the designer's file has it, without its address."""
    return short(qualified).rpartition("}")[2]


def _may_stand(element: etree._Element, parent: etree._Element) -> bool:
    tag, within = short(element.tag), short(parent.tag)
    if tag in grammar.REFUSED_TAGS or not isinstance(element.tag, str):
        return False
    if within.startswith(_LAYOUT):
        return tag.startswith(_LAYOUT)
    if within == "bpmn:extensionElements":
        above = parent.getparent()
        return above is not None and tag in grammar.EXTENSIONS.get(short(above.tag), ())
    # What stands inside a refused element has been refused with it.
    return tag in grammar.CHILDREN.get(within, ()) or not _known(parent)


def _known(element: etree._Element) -> bool:
    tag, parent = short(element.tag), element.getparent()
    if parent is None:
        return True
    return tag not in grammar.REFUSED_TAGS and (
        tag in grammar.CHILDREN or tag in grammar.ATTRIBUTES or _may_stand(element, parent)
    )


def _audit_attributes(element: etree._Element) -> Iterator[Finding]:
    for name, value in element.attrib.items():
        rule = _fault(element, short(name), str(value))
        if rule == HISTORY_TIME:
            yield advice(rule, host(element).get("id"), host(element).get("name", ""))
        elif rule is not None:
            yield _about(element, rule, what=_plain(name), value=value, language=value)


def _fault(element: etree._Element, attribute: str, value: str) -> str | None:
    """The rule that an attribute breaks; None where it may stand as it is."""
    allowed = grammar.ATTRIBUTES.get(short(element.tag), grammar.ID_AND_NAME)
    if attribute in grammar.BOOLEANS and attribute in allowed and value not in BOOLEAN_VALUES:
        return "bad-boolean"
    if attribute in grammar.LANGUAGE_ATTRIBUTES and attribute in allowed:
        return None if value.strip().lower() in grammar.OUR_LANGUAGE else "script-language"
    if attribute == "camunda:historyTimeToLive":
        return HISTORY_TIME
    if _may_have(element, attribute, value, allowed):
        return None
    return grammar.REFUSED_ATTRIBUTES.get(attribute, "unknown-attribute")


def _audit_repeats(parent: etree._Element) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for child in parent:
        tag = short(child.tag)
        if tag in grammar.SINGLE:
            mark, what = (tag, ""), _plain(child.tag)
        elif tag in grammar.NAMED_ONCE:
            named = next((value for name in grammar.NAMED_ONCE[tag] if (value := child.get(name)) is not None), "")
            mark, what = (tag, named), named or _plain(child.tag)
        else:
            continue
        if mark in seen:
            yield _about(child, "given-twice", what=what)
        seen.add(mark)


def _may_have(element: etree._Element, attribute: str, value: str, allowed: frozenset[str]) -> bool:
    if element.getparent() is None:
        return True
    return (
        attribute in allowed
        or value in grammar.HARMLESS.get(attribute, ())
        or attribute.startswith(_FOREIGN_ON_ROOT)
        or not _known(element)
    )
