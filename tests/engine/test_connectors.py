"""Hand-overs, notices and signals: what leaves a case, and who hears of it."""

from __future__ import annotations

import pytest

from engine.connectors import mail
from engine.errors import FormErrors
from tests.core import diagrams as d
from tests.engine.town import REGION, Town


def test_a_hand_over_waits_for_its_receipt(town: Town) -> None:
    diary = d.service_task(
        "Diary", "registerInDiary", properties={"manualRole": "registrar", "manualDue": "2026-02-20"}
    )
    town.deploy(d.diagram(d.start(), diary, d.end()))
    town.start()
    assert str(town.open_task("Diary").due) == "2026-02-20"
    with pytest.raises(FormErrors, match="Diarienummer"):
        town.complete("Diary", "Ria", {"performedAt": "2026-02-16"})
    ended = town.complete("Diary", "Ria", {"diaryNumber": "RS/1/2026", "performedAt": "2026-02-16"})
    assert ended.variables["diaryNumber"] == "RS/1/2026"
    assert ended.variables["performedBy"] == town.keys["Ria"]


def test_a_notice_goes_by_mail_at_once(town: Town) -> None:
    notice = d.service_task(
        "Notice", "sendNotice", extension=d.parameters({"recipients": "['coordinator', 'registrar']"})
    )
    town.deploy(d.diagram(d.start(), notice, d.end()))
    assert town.start(title="Hej").status == "completed"
    assert town.mails("Ria") == town.mails("Sam") == ["notice"]


@pytest.mark.parametrize("recipients", ["['medicalLead']", "['finns-inte']", "[]"])
def test_a_notice_that_reaches_nobody_is_a_task_for_the_coordinator(one_town: Town, recipients: str) -> None:
    notice = d.service_task("Notice", "sendNotice", extension=d.parameters({"recipients": recipients}))
    one_town.deploy(d.diagram(d.start(), notice, d.end()))
    case = one_town.start(title="Hej")
    assert case.status == "active"
    task = one_town.open_task("Notice")
    assert task.properties["ifNothing"] == mail.NOBODY
    ended = one_town.complete("Notice", "Sam", {"receiptRef": "Ringde", "performedAt": "2026-02-16"})
    assert ended.status == "completed"


def test_recipients_are_people_roles_and_answers_of_pickers(one_town: Town) -> None:
    today = one_town.clock.moment.date()
    given = [
        {"person": one_town.keys["Lo"], "group": None},
        "primaryCareRep@LUNG, registrar",
        one_town.keys["Lo"],
        None,
    ]
    with one_town.db.read() as reader:
        found = mail.recipients(reader, REGION, given, today)
    assert found == [one_town.keys[name] for name in ("Lo", "Pia", "Ria")]


def test_a_signal_reaches_every_case_that_listens(town: Town) -> None:
    listener = d.diagram(
        d.start(),
        d.catch("Hear", d.signal("Stop")),
        d.user_task("Told", candidateGroups="coordinator"),
        d.end(),
        id="hear",
    )
    thrower = d.diagram(d.start(), d.end("Tell", d.signal("Stop")), id="tell")
    town.deploy(listener, thrower)
    heard = [town.start("hear"), town.start("hear")]
    town.start("tell")
    assert [town.case(case).status for case in heard] == ["active", "active"]
    assert [task.element for task in town.open_tasks()] == ["Told", "Told"]
