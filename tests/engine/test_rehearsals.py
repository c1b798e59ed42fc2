"""A rehearsal that fails says where and why. (That the shipped ones pass is seen where their cases are replayed.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadRehearsal
from engine.rehearsing import rehearsals

BEGINNING = """\
name: "prov"
region: jh
now: "2026-02-16T08:00"
people: {coordinator: Sam, "lpoChair@LUNG": Lo}
steps:
  - message: ConsultationPublished
    data: {externalRef: "KS-1", title: "Vårdförlopp KOL", type: VARDFORLOPP_PSV, opensAt: "2026-02-16"}
"""


def rehearse(tmp_path: Path, steps: str) -> rehearsals.Outcome:
    path = tmp_path / "prov.yaml"
    path.write_text(BEGINNING + steps, encoding="utf-8")
    return rehearsals.rehearse(path)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ('  - expect: {deadlines: {externalDue: "2026-04-15"}}', "externalDue är 2026-04-14, väntade 2026-04-15"),
        ("  - expect: {task: Task_Triage, for: Lo}", "Task_Triage är inte för Lo. Den är för Sam"),
        ("  - expect: {task: Task_Nothing}", "Öppna uppgifter: Task_Triage"),
        ("  - expect: {outcome: BESVARAD}", "Utfallet är None, väntade BESVARAD"),
        ("  - expect: {mails: {Sam: 7}}", "Sam har fått 1 mejl, väntade 7"),
        ("  - expect: {taken: [Flow_Nowhere]}", "Flow_Nowhere har inte tagits"),
        ("  - expect: {linked: [gap-analysis]}", "Länkarna når national-consultation, väntade gap-analysis"),
        ("  - expect: {inputs: {Task_Triage: {title: KOL}}}", "Task_Triage får title = None, väntade 'KOL'"),
        ("  - complete: Task_Triage\n    as: Eva", "Eva finns inte bland personerna"),
        ("  - refuse: Task_Triage\n    as: Sam\n    data: {respond: JA, programAreaIds: [LUNG]}", "gick igenom"),
        ('  - start: lpo-year-wheel\n    as: Sam\n    error: "behörighet"', "lpo-year-wheel skulle ha avvisats"),
        ('  - start: lpo-year-wheel\n    as: Lo\n    error: "profilen"', "men med ”Du har inte behörighet"),
        ('  - advance: "2026-02-01"', "har redan passerat"),
    ],
)
def test_what_fails_is_told_with_its_line(tmp_path: Path, steps: str, said: str) -> None:
    [failure] = rehearse(tmp_path, steps).failures
    assert failure.startswith("prov.yaml, rad 8: ")
    assert said in failure


def test_the_strip_tells_what_happened_day_by_day(tmp_path: Path) -> None:
    outcome = rehearse(tmp_path, '  - advance: "2026-02-21T08:00"')
    assert outcome.passed
    text = "\n".join(day.text() for day in outcome.days)
    assert text.startswith("mån 16 februari 2026\n")
    assert "08:00 påminnelse: Fördela remissen" in text
    assert outcome.taken


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - expcet: {task: A}", "Rad 8: nyckeln ”expcet” finns inte. Menade du ”expect”?"),
        ("  - advance: 2026-02-17", "Rad 8"),
    ],
)
def test_a_rehearsal_that_cannot_be_read_names_the_line(tmp_path: Path, steps: str, said: str) -> None:
    with pytest.raises(BadRehearsal, match=r"Rad 8") as caught:
        rehearse(tmp_path, steps)
    assert said in str(caught.value)


# A year -------------------------------------------------------------------------------------------------------------

BUSY = """\
name: "prov"
region: jh
now: "2026-02-16T08:00"
people:
  coordinator: Sam
  "lpoChair@LUNG": Lo
  "primaryCareRep@LUNG": [Pia, Per]
  "programOwner@LUNG": Otto
  registrar: Ria
steps:
  - year:
      until: "2026-04-30"
      arrivals:
        - message: ConsultationPublished
          data: {externalRef: "KS-${n}", type: VARDFORLOPP_PSV, opensAt: "${today}", programAreaIds: [LUNG]}
          each:
            - {day: "2026-02-17", data: {title: "Vårdförlopp KOL"}}
            - {day: "2026-02-18", data: {title: "Vårdförlopp astma"}, answers: {Task_Triage: {respond: NEJ}}}
      answers:
        Task_Triage: {respond: JA}
        Task_GiveView: [{stance: TILLSTYRKER, ownImpact: INGEN}, {stance: TILLSTYRKER, ownImpact: LITEN}]
        Task_CompileAnswer: {sendToCoordinator: true}
        Task_ReviewAnswer: {reviewOutcome: GODKANN}
      late: {Pia: 2}
      away: [{who: Ria, from: "2026-03-02", to: "2026-03-15"}]
      leaves: [{who: Lo, day: "2026-02-20", after: Leo}]
  - expect: {outcomes: {national-consultation: {BESVARAD: 1, AVSTAR: 1}}, incident: false, happened: {reminder.sent: 2}}
"""


def lived(tmp_path: Path, written: str) -> rehearsals.Outcome:
    path = tmp_path / "prov.yaml"
    path.write_text(written, encoding="utf-8")
    return rehearsals.rehearse(path)


def test_what_arrives_is_worked_on_to_its_end_and_told_by_month(tmp_path: Path) -> None:
    outcome = lived(tmp_path, BUSY)
    assert outcome.failures == []
    assert [each.split(" ")[0] for each in outcome.months] == ["februari", "mars", "april"][: len(outcome.months)]
    assert outcome.months[0].startswith("februari 2026: 2 ärenden började, 1 slutade, ")
    assert "1 mandat slutade" in outcome.months[0]
    told = "\n".join(line for day in outcome.days for line in day.lines)
    assert "klar: Lämna synpunkter (Leo)" in told
    assert "(Lo)" not in told.partition("mandat")[2]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("respond: JA", "respond: KANSKE", "går Task_Triage inte att svara på"),
        ("BESVARAD: 1,", "BESVARAD: 2,", "national-consultation har gått"),
        ("reminder.sent: 2", "reminder.sent: 2000", "väntade minst 2000"),
        ("stance: TILLSTYRKER, ownImpact: INGEN", "stance: '${nobody[0]}'", "går inte att räkna ut"),
        ("who: Ria", "who: Eva", "Eva finns inte bland personerna"),
    ],
)
def test_a_year_stops_where_something_goes_wrong(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in BUSY
    [failure] = lived(tmp_path, BUSY.replace(before, after)).failures
    assert said in failure
