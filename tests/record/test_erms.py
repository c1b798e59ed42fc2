"""Case files for the archive: valid by schema and Schematron, each record with what the law asks a register to show."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, isoschematron

from engine import conversation, messages
from engine.access import SYSTEM
from engine.errors import Invalid
from engine.record import exports
from engine.record.log import Part
from store import tasks
from store.cases import Case
from tests.core import diagrams as d
from tests.engine.test_disposal import DECISION, LATER, ended
from tests.engine.test_disposal import run as dispose
from tests.engine.town import REGION, Town

SCHEMAS = Path(__file__).parent / "schemas"
HOUR = timedelta(hours=1)
ERMS = "{https://DILCIS.eu/XML/ERMS}"
REMISS = d.diagram(
    d.start(trigger=d.message("Published"), name="Remiss publicerad", properties={"startKey": "externalRef"}),
    d.user_task("Write", d.field("answer"), name="Skriv svaret", candidateGroups="coordinator"),
    d.service_task("Submit", "submitNationalAnswer", name="Lämna in svaret", properties={"manualRole": "coordinator"}),
    d.service_task("Diary", "registerInDiary", name="Diarieför", properties={"manualRole": "registrar"}),
    d.end(),
)


def remiss(town: Town, title: str = "Vårdförlopp KOL") -> Case:
    """A consultation that came, was answered with an appendix, sent and entered in the diary."""
    town.deploy(REMISS)
    data = {"title": title, "externalRef": "KS-2026-014", "issuer": "KUNSKAPSSTYRNING_VARD"}
    messages.correlate(town.db, REGION, "Published", None, data, by=SYSTEM)
    write = town.open_task("Write").id
    town.clock.advance(HOUR)
    conversation.attach(town.db, write, "svar.pdf", b"%PDF-1.7", "application/pdf", by=town.by("Sam"))
    town.complete("Write", "Sam", {"answer": "Tillstyrks"})
    town.clock.advance(HOUR)
    town.complete("Submit", "Sam", {"receiptRef": "KSV-4711", "performedAt": "2026-02-16"})
    return town.complete("Diary", "Ria", {"diaryNumber": "RS/412/2026", "performedAt": "2026-02-16"})


def written(town: Town, **part: Any) -> bytes:
    return "".join(exports.export(town.db, REGION, "erms", by=SYSTEM, part=Part(**part))).encode()


def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "ERMS_v3.xsd")))


def rules() -> isoschematron.Schematron:
    """The rules say XSLT 2 but are written in XPath 1."""
    document = etree.parse(str(SCHEMAS / "erms_v3.sch"))
    del document.getroot().attrib["queryBinding"]
    return isoschematron.Schematron(document)


def valid(file: bytes) -> Any:
    """The root of a file that both judges pass."""
    tree = etree.parse(BytesIO(file))
    judge = schema()
    assert judge.validate(tree), judge.error_log
    assert rules().validate(tree)
    return tree.getroot()


def shown(record: Any) -> tuple[str, str, str, str]:
    """Direction, kind of date, who, and what, as a register shows a document."""
    agent = record.find(f"{ERMS}agents/{ERMS}agent")
    return (
        record.find(f"{ERMS}direction").get("directionDefinition"),
        record.find(f"{ERMS}dates/{ERMS}date").get("dateType"),
        f"{agent.get('agentType')} {agent.findtext(f'{ERMS}name')}",
        record.findtext(f"{ERMS}title"),
    )


def test_a_case_file_is_valid_and_says_what_the_register_shows(town: Town) -> None:
    case = remiss(town)
    root = valid(written(town, case=case.number))
    (file,) = root.iter(f"{ERMS}aggregation")
    assert (file.get("aggregationType"), file.get("systemIdentifier")) == ("caseFile", case.id)
    assert file.findtext(f"{ERMS}objectId") == "RS/412/2026"
    assert file.findtext(f"{ERMS}extraId") == case.number
    assert file.find(f"{ERMS}status").get("value") == "closed"
    records = list(file.iter(f"{ERMS}record"))
    assert [shown(each) for each in records] == [
        ("incoming", "received", "sender KUNSKAPSSTYRNING_VARD", "Remiss publicerad: Vårdförlopp KOL"),
        ("internal_memo_without_follow-up", "created", "creator Sam", "svar.pdf"),
        ("outgoing", "sent", "receiver Nationella systemet för kunskapsstyrning", "Lämna in svaret"),
    ]
    assert [each.findtext(f"{ERMS}objectId") for each in records] == [f"RS/412/2026:{n}" for n in (1, 2, 3)]
    assert [each.findtext(f"{ERMS}extraId") for each in records] == ["KS-2026-014", None, "KSV-4711"]
    (appendix,) = file.iter(f"{ERMS}appendix")
    assert appendix.get("path").endswith("/svar.pdf")


def test_the_process_is_told_with_who_did_what(town: Town) -> None:
    root = valid(written(town, case=remiss(town).number))
    told = {each.findtext(f"{ERMS}actionText"): each.findtext(f".//{ERMS}name") for each in root.iter(f"{ERMS}action")}
    assert told == {"Skriv svaret": "Sam", "Lämna in svaret": "Sam", "Diarieför": "Ria"}


def test_every_record_has_the_four_fields_of_the_law(town: Town) -> None:
    remiss(town)
    for record in valid(written(town)).iter(f"{ERMS}record"):
        assert record.findtext(f"{ERMS}dates/{ERMS}date")
        assert record.findtext(f"{ERMS}objectId")
        assert record.findtext(f"{ERMS}agents/{ERMS}agent/{ERMS}name")
        assert record.findtext(f"{ERMS}title")


def test_a_running_case_and_odd_words_are_valid_too(one_town: Town) -> None:
    one_town.deploy(d.diagram(d.start(), d.user_task("A", name="A & B <c>", candidateGroups="coordinator"), d.end()))
    one_town.start(title="]]> & \ufffe <script>")
    task = one_town.open_task("A").id
    conversation.attach(one_town.db, task, "å & \x01.pdf", b"x", "application/pdf", by=one_town.by("Sam"))
    root = valid(written(one_town))
    assert root.find(f".//{ERMS}status").get("value") == "in_progress"
    with one_town.db.read() as reader:
        assert tasks.find(reader, task) is not None


def test_a_case_that_was_disposed_of_says_on_which_decision(one_town: Town) -> None:
    case = ended(one_town)
    one_town.clock.advance(LATER)
    dispose(one_town, 1)
    root = valid(written(one_town, case=case.number))
    assert root.find(f".//{ERMS}status").get("value") == "obliterated"
    assert root.findtext(f".//{ERMS}disposal/{ERMS}disposalMandate") == DECISION
    assert list(root.iter(f"{ERMS}record")) == []


def test_nothing_makes_no_file(one_town: Town) -> None:
    one_town.deploy(REMISS)
    with pytest.raises(Invalid):
        written(one_town)


def test_the_judges_see_what_is_wrong(one_town: Town) -> None:
    file = written(one_town, case=remiss(one_town).number)
    assert not schema().validate(etree.parse(BytesIO(file.replace(b'aggregationType="caseFile"', b""))))
    other = file.replace(b'dateType="opened"', b'dateType="other"')
    assert not rules().validate(etree.parse(BytesIO(other)))
