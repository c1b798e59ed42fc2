"""A process's Petri net as PNML (ISO/IEC 15909-2), with the markings that ProM and PM4Py read."""

from __future__ import annotations

from lxml import etree

from engine.core.net import PetriNet

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml">
"""
_KIND = "http://www.pnml.org/version-2009/grammar/ptnet"


def text(net: PetriNet) -> str:
    """The file."""
    drawn = etree.Element("net", id="net1", type=_KIND)
    _text(drawn, "name", net.name or net.process)
    page = etree.SubElement(drawn, "page", id="page1")
    _places(page, net)
    _transitions(page, net)
    marking = etree.SubElement(etree.SubElement(drawn, "finalmarkings"), "marking")
    _text(marking, "place", "1").set("idref", net.end)
    return f"{_HEAD}{etree.tostring(drawn, encoding='unicode', pretty_print=True)}</pnml>\n"


def _places(page: etree._Element, net: PetriNet) -> None:
    for each in net.places:
        place = etree.SubElement(page, "place", id=each.id)
        _text(place, "name", each.name)
        if each.id == net.start:
            _text(place, "initialMarking", "1")


def _transitions(page: etree._Element, net: PetriNet) -> None:
    for each in net.transitions:
        transition = etree.SubElement(page, "transition", id=each.id)
        if each.label is not None:
            _text(transition, "name", each.label)
        else:
            etree.SubElement(transition, "toolspecific", tool="ProM", version="6.4", activity="$invisible$")
        arcs = [(place, each.id) for place in each.takes] + [(each.id, place) for place in each.gives]
        for number, (source, target) in enumerate(arcs, start=1):
            etree.SubElement(page, "arc", id=f"{each.id}a{number}", source=source, target=target)


def _text(element: etree._Element, name: str, text: str) -> etree._Element:
    made = etree.SubElement(element, name)
    etree.SubElement(made, "text").text = text
    return made
