"""Documents as pages and as PDF/A: what is in them, that the same is always the same, and that nothing gets in."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import cache
from typing import Any

import pikepdf
import pytest
from lxml import html
from openpyxl import load_workbook

from engine.record import documents, press, spreadsheet
from engine.record.documents import KINDS, Facts
from engine.record.labels import Labels
from engine.responses import Response
from store.rounds import Comment

FACTS = Facts(
    region="Region Norrmark",
    title="Vårdförlopp KOL i Åre",
    made_on=date(2026, 3, 2),
    version=2,
    case_number="BES-2026-003",
    diary_number="RS/77/2026",
    process="Inhämta beslut 1.1.0",
    sources=("Beslutsunderlag SBAR", "delegationsbestämmelser"),
)
LABELS = Labels(
    choices={("scope", "REGIONOVERGRIPANDE"): "Hela regionen", ("gaps_gap", "STORT"): "Stort"},
    pickers={"programAreaId": "programArea", "memoAuthor": "person"},
    people={"p1": "Nour Alm"},
    areas={"LUNG": "Lung- och allergisjukdomar"},
)
MEMO = {
    "programAreaId": "LUNG",
    "memoAuthor": "p1",
    "scope": "REGIONOVERGRIPANDE",
    "situation": "Spirometri saknas.\nPå två av fyra hälsocentraler.",
    "proposedDecision": "Spirometri införs.",
    "body": "Kunskapsstyrningsrådet",
    "meetingDate": "2026-03-16",
}
DECIDED = MEMO | {"decisionOutcome": "BIFALL", "decidedOn": "2026-03-16", "paragraph": "§ 14"}
GAP = {"recommendation": "Erbjud spirometri", "currentState": "Saknas", "gap": "STORT", "gapSize": 2}
ADDITION = {
    "articleTitle": "KOL",
    "articleVersion": "3",
    "anchor": "Behandling",
    "title": "KOL i Norrmark",
    "area": "LUNG",
}
GOAL = {"gapNumber": 1, "goal": "Alla erbjuds", "indicator": "Andel", "baseline": "10 %", "target": "50 %"}
ACTIVITY = {"what": "Starta grupper", "who": "p1", "unit": "Lungmottagningen", "ends": "2026-06-26"}
MESSAGE = {"audience": "VERKSAMHET", "unit": "Lungmottagningen", "message": "Nya grupper", "channel": "APT"}
CHECKED = {"item": "Rutinerna är ändrade", "answer": "NEJ", "comment": "Väntar"}
CYCLE = {"number": 1, "question": "Kommer fler?", "comparison": "Ja", "decision": "ANTA"}
MEASURED = {"goal": GOAL, "indicatorValue": "30 %", "measuredOn": "2026-09-01", "targetReached": "NEJ"}
PLAN = {"goals": [GOAL], "activities": [ACTIVITY], "dataNeeds": [{"need": "Andel per enhet"}], "leadId": "p1"}
DRAFT = {"planArea": "LUNG", "sourceNpo": "Ny plan", "efforts": [{"effort": "Spirometri", "year": "2026", "lag": True}]}
EXAMPLES: dict[str, dict[str, Any]] = {
    "decisionMemo": DECIDED,
    "gapReport": {"gaps": [GAP] * 30, "actions": [{"measure": "Köp in", "finishBy": "2026-12-01"}]},
    "consultationAnswer": {
        "overallStance": "TILLSTYRKER",
        "answerText": "Regionen tillstyrker.",
        "dissent": "En mening.",
    },
    "gapAgreement": {"scopeText": "KOL i primärvården", "startDate": "2026-03-02", "headSigns": "JA"},
    "assignmentForm": {"personId": "p1", "fromDate": "2026-04-01", "memberSigns": "JA", "managerName": "Vera Alm"},
    "implementationPlan": PLAN | {"training": "En halvdag", "followUpDate": "2026-09-01"},
    "communicationPlan": {"communication": [MESSAGE], "affectedUnits": "Lungmottagningen"},
    "implementationChecklist": {"checklist": [CHECKED], "approvalOutcome": "GODKAND"},
    "followUpReport": {"results": [MEASURED], "activityResults": [{"activity": ACTIVITY}], "cycles": [CYCLE]},
    "annualReport": {"areaReports": [{"reportArea": "LUNG", "done": "Två remisser"}], "vacantAreas": ["LUNG"]},
    "activityPlan": {"activities": [{"matter": "Spirometri", "responsible": "Lo", "date": "2026-12-01"}]},
    "businessPlan": {"planDrafts": [DRAFT], "priorities": [{"effort": "Spirometri"}], "decisionOutcome": "BIFALL"},
    "councilReport": {"results": [{"resultArea": "LUNG", "measure": "Andel", "value": "30 %"}]},
    "annualReview": {"figures": [{"measure": "Införda", "value": "12"}], "analysis": "Fler än i fjol"},
    "riskAssessment": {
        "risks": [{"risk": "Sena svar", "severity": "BETYDANDE", "doneBy": "2026-12-01"}],
        "background": "Nytt",
    },
    "additionRegister": {"additions": [ADDITION], "registerNote": "Gäller från 1 april."},
}
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{% include 'parts.html' %}</style>"
    '<link rel=stylesheet href="file:///etc/passwd"><style>body{background:url(http://192.0.2.1/)}</style>&amp;\x00'
)


def page(template: str, inputs: dict[str, Any], facts: Facts = FACTS) -> bytes:
    return documents.page(template, facts, LABELS, inputs)


def words(template: str, inputs: dict[str, Any]) -> str:
    return " ".join(html.fromstring(page(template, inputs)).find("body").text_content().split())


@cache
def printed(template: str) -> bytes:
    return press.typeset(page(template, EXAMPLES[template]))


def opened(template: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(printed(template)))


# Pages ---------------------------------------------------------------------------------------------------------------


def test_a_page_says_whose_it_is_what_it_is_and_where_it_comes_from() -> None:
    said = words("decisionMemo", MEMO)
    assert "Region Norrmark" in said
    assert "Dnr RS/77/2026" in said
    assert "Version 2, 2 mars 2026" in said.replace("Version2", "Version 2")
    assert "i processen Inhämta beslut 1.1.0" in said
    assert "delegationsbestämmelser" in said


def test_codes_keys_and_dates_are_written_in_words() -> None:
    said = words("decisionMemo", MEMO)
    assert all(each in said for each in ("Hela regionen", "Lung- och allergisjukdomar", "Nour Alm", "16 mars 2026"))
    assert not any(each in said for each in ("REGIONOVERGRIPANDE", "LUNG", "2026-03-16"))


def test_the_decision_stands_in_a_block_of_its_own_once_it_is_made() -> None:
    assert "Paragraf § 14" in words("decisionMemo", DECIDED).replace("Paragraf§", "Paragraf §")
    assert "Beslutas av" in words("decisionMemo", MEMO)
    assert "Beslutas av" not in words("decisionMemo", DECIDED)


def test_people_in_rows_are_named() -> None:
    said = words("implementationPlan", EXAMPLES["implementationPlan"])
    assert "Nour Alm Lungmottagningen" in said.replace("AlmLung", "Alm Lung")
    columns = Labels({}, {"activities_who": "person"}, {}, {})
    assert columns.persons_in({"activities": [ACTIVITY, {"who": None}]}) == {"p1"}


def test_an_assignment_form_says_who_has_signed_and_who_has_not() -> None:
    said = words("assignmentForm", {"fromDate": "2026-04-01", "memberSigns": "JA", "memberSignedOn": "2026-03-02"})
    assert "Till och med Tills vidare" in said.replace("medTills", "med Tills")
    assert said.count("Inte underskriven") == 1
    assert "2 mars 2026" in said.split("Underskrifter")[1]


@pytest.mark.parametrize("template", KINDS)
def test_a_document_of_nothing_is_a_document(template: str) -> None:
    assert FACTS.title in words(template, {})


@pytest.mark.parametrize("template", KINDS)
def test_hostile_text_is_text(template: str) -> None:
    named = (*GAP, *ADDITION, *GOAL, *ACTIVITY, *MESSAGE, *CHECKED, *CYCLE)
    named += ("reportArea", "done", "planArea", "sourceNpo", "effort", "matter", "resultArea", "value", "source")
    row = dict.fromkeys((*named, "measure", "sourceRef", "article", "reviewBy", "priority", "need", "change"), HOSTILE)
    rows = {name for example in EXAMPLES.values() for name, value in example.items() if isinstance(value, list)}
    inputs = {
        name: [row] if name in rows | {"priorities", "cosmicChanges"} else HOSTILE for name in KINDS[template].inputs
    }
    read = html.fromstring(documents.page(template, Facts(HOSTILE, HOSTILE, date(2026, 3, 2)), LABELS, inputs))
    assert not read.xpath("//script | //img | //link | //iframe | //@onerror | //@href | //@src")
    assert len(read.xpath("//style")) == 1
    assert "{{ 7 * 7 }}" in read.text_content()


def test_a_page_loads_nothing() -> None:
    for template, inputs in EXAMPLES.items():
        assert b"url(" not in page(template, inputs)
        assert b"@import" not in page(template, inputs)


def test_more_than_a_page_may_hold_is_refused() -> None:
    with pytest.raises(documents.TooLarge, match="för stort"):
        page("decisionMemo", {"situation": "x" * documents.LARGEST})


def test_a_gap_report_counts_what_the_actions_cost() -> None:
    actions = [{"costLevel": "INOM_BUDGET", "costAmount": 40_000}, {"costLevel": "UTOVER_BUDGET", "costAmount": 2_000}]
    said = words("gapReport", {"actions": [*actions, {"measure": "Utan kostnad"}]})
    assert "Ekonomisk beräkning" in said
    assert re.search(r"Tillsammans\s?2\s?42000", said)
    assert "Ekonomisk beräkning" not in words("gapReport", {"actions": [{"measure": "Utan kostnad"}]})


# PDF -----------------------------------------------------------------------------------------------------------------


def test_this_machine_can_set_pages() -> None:
    assert press.missing() == ""


@pytest.mark.parametrize("template", KINDS)
def test_the_pdf_declares_what_pdf_a_asks_for(template: str) -> None:
    with opened(template) as pdf:
        with pdf.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("2", "A")
            assert told["dc:title"] == f"{KINDS[template].name}: {FACTS.title}"
        root = pdf.Root
        assert str(root.Lang) == "sv"
        assert root.MarkInfo.Marked
        assert "/StructTreeRoot" in root
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert root.OutputIntents[0].DestOutputProfile.read_bytes()
        assert not pdf.is_encrypted
        assert "/Encrypt" not in pdf.trailer
        assert pdf.docinfo["/Title"] == f"{KINDS[template].name}: {FACTS.title}"


@pytest.mark.parametrize("template", KINDS)
def test_the_pdf_runs_nothing_and_carries_its_fonts(template: str) -> None:
    with opened(template) as pdf:
        things = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary | pikepdf.Stream)]
        keys = {key for each in things for key in each.keys()}  # noqa: SIM118 - the keys of a PDF dictionary
        assert not keys & {"/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/Launch"}
        fonts = [each for each in things if each.get("/Type") == "/FontDescriptor"]
        assert fonts
        assert all("/FontFile2" in each or "/FontFile3" in each for each in fonts)
        assert all("Inter" in str(each.FontName) for each in fonts)


def test_the_same_page_gives_the_same_bytes() -> None:
    assert press.typeset(page("decisionMemo", DECIDED)) == printed("decisionMemo")
    assert page("decisionMemo", DECIDED) == page("decisionMemo", dict(reversed(DECIDED.items())))


def test_setting_a_page_opens_no_file_and_no_connection(tmp_path: Any) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"never read")
    asks = f'<img src="{secret.as_uri()}"><img src="http://127.0.0.1:9/x.png"><link rel=stylesheet href="http://127.0.0.1:9/x.css">'
    with_asks = page("decisionMemo", MEMO).replace(b"</main>", asks.encode() + b"</main>")
    with pikepdf.open(io.BytesIO(press.typeset(with_asks))) as pdf:
        assert not [
            each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"
        ]


def test_what_cannot_be_set_says_so() -> None:
    with pytest.raises(press.PressFailed, match="UnicodeDecodeError"):
        press.typeset(b"\xff\xfe not a page")


def test_huge_text_is_set_in_time() -> None:
    assert press.typeset(page("decisionMemo", {"background": "Ett långt ord och ett till. " * 1_500})).startswith(
        b"%PDF"
    )


# The answer to a consultation ----------------------------------------------------------------------------------------


def test_the_answer_carries_every_comment_and_what_it_led_to() -> None:
    asked = Comment("c1", "r1", "i1", 1, "Avsnitt 3", "Spirometri tar tid.", "Ge mer tid.", "rejected", "Det ryms.")
    table = [Response(asked, 1, "Lo Lungprov (LPO-ordförande)")]
    made = documents.page("consultationAnswer", FACTS, LABELS, EXAMPLES["consultationAnswer"], table)
    said = " ".join(html.fromstring(made).find("body").text_content().split())
    assert all(each in said for each in ("Lo Lungprov (LPO-ordförande)", "Spirometri tar tid.", "Ge mer tid."))
    assert "Tas inte medDet ryms." in said
    assert "Inga synpunkter lämnades" in words("consultationAnswer", EXAMPLES["consultationAnswer"])


def test_the_response_table_as_a_sheet_keeps_text_as_text() -> None:
    asked = Comment("c1", "r1", "i1", 1, "", "=1+1", "", "accepted", "")
    rows = load_workbook(io.BytesIO(spreadsheet.responses(date(2026, 3, 2), [Response(asked, 1, "Lo")]))).active
    assert rows is not None
    assert [cell.value for cell in rows[2]] == [1, "Lo", None, "=1+1", None, "Tas med", None]
    assert rows["D2"].data_type != "f"
