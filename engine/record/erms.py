"""Case files as CITS ERMS 3.0 (FGS Ärendehantering 2.0), for the archive of the region.

One `caseFile` for each case: what it concerns, what was done and by whom, and a record for each document that came in,
was drawn up or was sent. Every record says what OSL chapter 5 section 2 asks for: its date, its number, who sent or
received it, and briefly what it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from lxml import etree

from engine import regions
from engine.core import net
from engine.errors import Invalid
from engine.record.log import Log
from engine.record.xes import NOT_XML
from engine.regions import Region
from store import disposals, documents, links, people, tasks
from store.cases import Case
from store.columns import instant_text
from store.database import Reader
from store.disposals import Disposal
from store.documents import Document
from store.history import Entry
from store.tasks import Task

NAMESPACE = "https://DILCIS.eu/XML/ERMS"
INCOMING, OUTGOING, INTERNAL = "incoming", "outgoing", "internal_memo_without_follow-up"
STATUS = {"active": "in_progress", "suspended": "on_hold", "completed": "closed", "cancelled": "closed"}
SENT_TO = {
    "submitNationalAnswer": "Nationella systemet för kunskapsstyrning",
    "submitRegionalContribution": "Sjukvårdsregionen",
    "sendNotice": "Mottagare enligt utskick",
    "publishDocument": "Allmänheten",
    "publishLocalAddition": "Allmänheten",
}
"""Topic of a hand-over that sends something out of the house -> who gets it."""
UNKNOWN = "Uppgift saknas"


@dataclass(frozen=True, slots=True)
class Record:
    """A document of the case (handling), as the register shows it."""

    id: str
    title: str
    direction: str
    at: datetime
    date_type: str
    agent: str
    agent_type: str
    reference: str = ""
    """What the other side calls it: its own number, or a receipt."""
    appendix: Mapping[str, str] = field(default_factory=dict)


def pieces(log: Log) -> Iterator[str]:
    """The file, one action or record at a time. Raises `Invalid` when there is no case: the format has no such file."""
    told = log.told()
    first = next(told, None)
    if first is None:
        raise Invalid("Det finns inga ärenden att skriva ut.")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<erms xmlns="{NAMESPACE}">\n'
    yield _text(_control(regions.load(log.region), log.reader.now))
    yield "<aggregations>\n"
    for case, rows in chain([first], told):
        yield from _case(log.reader, case, rows)
    yield "</aggregations>\n</erms>\n"


def _control(region: Region, now: datetime) -> etree._Element:
    control = etree.Element("control")
    _add(control, "identification", f"urn:kunskapsflode:{region.id}", identificationType="system")
    maintenance = _add(control, "maintenanceInformation")
    _add(maintenance, "maintenanceStatus", value="created")
    _add(_add(maintenance, "maintenanceAgency"), "agencyName", region.name)
    event = _add(_add(maintenance, "maintenanceHistory"), "maintenanceEvent")
    _add(event, "eventType", value="created")
    _add(event, "eventDateTime", instant_text(now))
    _agent(event, "Kunskapsflöde", "archiver")
    return control


# A case ------------------------------------------------------------------------------------------------------------


def _case(reader: Reader, case: Case, rows: Sequence[Entry]) -> Iterator[str]:
    done, kept = tasks.of_case(reader, case.id), documents.of_case(reader, case.id)
    names = people.names(reader, _people(case, rows, done, kept))
    yield f'<aggregation systemIdentifier="{case.id}" aggregationType="caseFile">\n'
    for each in _about(reader, case, names):
        yield _text(each)
    for row in rows:
        if net.is_event(row.what, row.element_kind):
            yield _text(_action(row, names))
    for number, record in enumerate(_records(case, rows, done, kept, names), start=1):
        yield _text(_record(case, number, record))
    yield "</aggregation>\n"


def _about(reader: Reader, case: Case, names: Mapping[str, str]) -> Iterator[etree._Element]:
    """What the case file says of itself, in the order that the schema has."""
    diary = case.variables.get("diaryNumber")
    yield _new("objectId", str(diary or case.number))
    if diary:
        yield _new("extraId", case.number, extraIdType="caseNumber")
    yield _new("title", case.title)
    disposed = disposals.find(reader, case.id)
    yield _new("status", value="obliterated" if disposed else STATUS[case.status])
    for link in links.of_case(reader, case.id):
        other = link.to_case if link.from_case == case.id else link.from_case
        yield _new("relation", other, relationType="reference")
    if disposed:
        yield _disposal(disposed)
    agents = _new("agents")
    _agent(agents, names.get(case.owner or case.started_by or "", UNKNOWN), "responsible_person")
    yield agents
    yield _new("description", " ".join(filter(None, (case.process_key, case.outcome, case.reason))))
    dates = _new("dates")
    _add(dates, "date", instant_text(case.started_at), dateType="opened")
    if case.ended_at:
        _add(dates, "date", instant_text(case.ended_at), dateType="closed")
    yield dates


def _disposal(disposed: Disposal) -> etree._Element:
    """That the case has lost its content, when, and on which decision."""
    disposal = _new("disposal", disposable="true")
    _add(disposal, "disposalScheduleId", disposed.rule)
    _add(disposal, "disposalMandate", disposed.decision)
    _add(_add(disposal, "dates"), "disposalDate", instant_text(disposed.at), dateType="applied")
    return disposal


def _people(case: Case, rows: Iterable[Entry], done: Iterable[Task], kept: Iterable[Document]) -> set[str]:
    found = {case.owner, case.started_by, *(each.added_by for each in kept), *(each.completed_by for each in done)}
    return {each for each in found | {row.person or row.on_behalf_of for row in rows} if each}


def _action(row: Entry, names: Mapping[str, str]) -> etree._Element:
    """A step of the process, as it was done."""
    action = _new("action")
    _add(action, "actionText", row.name or row.element)
    _add(action, "actionType", row.element_kind)
    _add(_add(action, "dates"), "actionDate", instant_text(row.at), dateType="finished")
    person = row.person or row.on_behalf_of
    if person:
        _agent(_add(action, "agents"), names.get(person, UNKNOWN), "agent")
    return action


# Its records -------------------------------------------------------------------------------------------------------


def _records(
    case: Case,
    rows: Iterable[Entry],
    done: Iterable[Task],
    kept: Iterable[Document],
    names: Mapping[str, str],
) -> list[Record]:
    """What came in, was sent and was drawn up, by date."""
    found = [_received(case, row) for row in rows if _is_received(row)]
    found += [_sent(task) for task in done if task.topic in SENT_TO and task.status == "completed"]
    found += [_drawn_up(document, names) for document in kept]
    return sorted(found, key=lambda each: (each.at, each.id))


def _is_received(row: Entry) -> bool:
    """A message from outside that the case began with, or that it waited for: it brings values."""
    starts = row.element_kind == "startEvent" and row.what == "completed"
    return bool((starts or row.what == "received") and (row.details or {}).get("values"))


def _received(case: Case, row: Entry) -> Record:
    brought = (row.details or {}).get("values") or {}
    sender = brought.get("issuer") or case.variables.get("issuer") or UNKNOWN
    title = f"{row.name or row.element}: {brought.get('title') or case.title}"
    reference = str(brought.get("externalRef") or "")
    return Record(f"{row.chain}:{row.seq}", title, INCOMING, row.at, "received", str(sender), "sender", reference)


def _sent(task: Task) -> Record:
    assert task.closed_at is not None, "a completed task was closed"
    values = task.values or {}
    reference = str(values.get("receiptRef") or "")
    receiver = SENT_TO[task.topic or ""]
    return Record(task.id, task.name, OUTGOING, task.closed_at, "sent", receiver, "receiver", reference)


def _drawn_up(document: Document, names: Mapping[str, str]) -> Record:
    creator = names.get(document.added_by or "", "Kunskapsflöde" if document.added_by is None else UNKNOWN)
    appendix = {
        "name": document.name,
        "description": f"sha256 {document.hash}",
        "fileFormat": document.media_type,
        "path": f"documents/{document.id}/{document.name}",
    }
    return Record(
        document.id, document.name, INTERNAL, document.added_at, "created", creator, "creator", appendix=appendix
    )


def _record(case: Case, number: int, record: Record) -> etree._Element:
    element = _new("record", systemIdentifier=record.id, recordPhysicalOrDigital="digital")
    _add(element, "objectId", f"{case.variables.get('diaryNumber') or case.number}:{number}")
    if record.reference:
        _add(element, "extraId", record.reference, extraIdType="reference")
    _add(element, "title", record.title)
    _add(element, "runningNumber", str(number))
    _add(element, "direction", directionDefinition=record.direction)
    _agent(_add(element, "agents"), record.agent, record.agent_type)
    _add(_add(element, "dates"), "date", instant_text(record.at), dateType=record.date_type)
    if record.appendix:
        _add(_add(element, "additionalInformation"), "appendix", **record.appendix)
    return element


# XML ---------------------------------------------------------------------------------------------------------------


def _agent(parent: etree._Element, name: str, kind: str) -> None:
    _add(_add(parent, "agent", agentType=kind), "name", name)


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    made = _new(tag, text, **attributes)
    parent.append(made)
    return made


def _new(tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    made = etree.Element(tag, {name: NOT_XML.sub("\ufffd", value) for name, value in attributes.items()})
    made.text = None if text is None else NOT_XML.sub("\ufffd", text)
    return made


def _text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", pretty_print=True)
