"""The event log as XES (IEEE 1849): one trace for each case, read by ProM, PM4Py, Celonis and others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.record.log import Event, Log, Trace
from store.columns import instant_text

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000000Z"/>
    <string key="lifecycle:transition" value="complete"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="lifecycle:model" value="standard"/>
"""
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML file may hold."""


def pieces(log: Log) -> Iterator[str]:
    """The file, a case at a time."""
    yield _HEAD
    for trace in log.traces():
        yield etree.tostring(_trace(trace), encoding="unicode", pretty_print=True)
    yield "</log>\n"


def _trace(trace: Trace) -> etree._Element:
    case = trace.case
    element = etree.Element("trace")
    about = {"concept:name": case.number, "process": case.process_key, "version": case.version}
    _attributes(element, about | {"status": case.status, "outcome": case.outcome})
    for each in trace.events:
        _event(element, each)
    return element


def _event(trace: etree._Element, event: Event) -> None:
    element = etree.SubElement(trace, "event")
    _attributes(element, {"concept:name": event.label, "concept:instance": event.task})
    etree.SubElement(element, "date", key="time:timestamp", value=instant_text(event.at))
    people = {"org:resource": event.person, "org:role": event.role, "onBehalfOf": event.on_behalf_of}
    _attributes(element, {"lifecycle:transition": "complete", **people})
    _attributes(element, {"activityName": event.name, "activityType": event.kind, "processKey": event.process})
    if event.loop_counter is not None:
        etree.SubElement(element, "int", key="loopCounter", value=str(event.loop_counter))


def _attributes(element: etree._Element, values: Mapping[str, str | None]) -> None:
    for key, value in values.items():
        if value is not None:
            etree.SubElement(element, "string", key=key, value=NOT_XML.sub("\ufffd", value))
