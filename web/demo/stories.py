"""The cases of the demo, each told as what people did on which day.

A day is a number of working days from today: -1 is the last working day, +4 four working days ahead. A person is
named by user name: `Someone("lo")` in an answer becomes that person's key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Someone:
    """A person of the demo by user name."""

    username: str


@dataclass(frozen=True)
class Day:
    """A date as working days from today."""

    workdays: int


@dataclass(frozen=True)
class Message:
    """Something arrives from outside."""

    day: int
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """Someone starts a case by its form."""

    day: int
    process: str
    who: str
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """Someone completes a task of the case. Of several at one element, the one that they can take."""

    day: int
    element: str
    who: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claimed:
    """Someone takes a task that they have not begun."""

    day: int
    element: str
    who: str


@dataclass(frozen=True)
class Paused:
    """Someone suspends the case."""

    day: int
    who: str
    reason: str


@dataclass(frozen=True)
class Answered:
    """Someone answers what waits at an element of every case of a process that the clock has started, if any."""

    day: int
    process: str
    element: str
    who: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WhereAsked:
    """Someone completes a task of the case, in the regions where it has that task."""

    day: int
    element: str
    who: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class YearBegins:
    """From this day the calendar starts what the region does every year; what is older would wait for nobody."""

    day: int


Event = Message | Start | Done | WhereAsked | Claimed | Paused | Answered | YearBegins


Events = tuple[Event, ...]


@dataclass(frozen=True)
class Story:
    """One case: its reference outside, and what happened, in order."""

    ref: str
    events: Sequence[Event]


# What happens to a national consultation, step by step ---------------------------------------------------------------


def published(day: int, title: str, type: str, areas: Sequence[str], ref: str, closes: int) -> Message:
    data = {
        "externalRef": ref,
        "title": title,
        "type": type,
        "programAreaIds": list(areas),
        "opensAt": Day(day),
        "closesAt": Day(closes),
    }
    return Message(day, "ConsultationPublished", data)


def triaged(day: int, type: str, areas: Sequence[str], closes: int, **more: Any) -> Done:
    answers = {
        "type": type,
        "issuer": "KUNSKAPSSTYRNING_VARD",
        "programAreaIds": list(areas),
        "impactAnalysisAttached": True,
        "impactLevel": "LITEN",
        "externalDueDate": Day(closes),
        "respond": "JA",
    }
    return Done(day, "Task_Triage", "sam", answers | more)


def staffed(day: int, lead: str, respondents: Sequence[str], internal: int, instruction: str = "") -> Events:
    """Who answers is settled, and, where the region asks it this early, that no working group is formed."""
    answers = {
        "leadUserId": Someone(lead),
        "leadRole": "LPO_ORDFORANDE",
        "respondents": [{"person": None, "group": each} for each in respondents],
        "internalDueDate": Day(internal),
        "instruction": instruction,
    }
    no_group = {"proposalOutcome": "AVSTA", "noGroupReason": "Området har en grupp som tar sig an frågan."}
    return (
        Done(day, "Task_AppointLead", "sam", answers),
        WhereAsked(day, "Task_InformPreparatoryGroup", "sekret", {"meetingDate": Day(day + 4)}),
        WhereAsked(day + 1, "Task_ProposeGroup", lead, no_group),
    )


def viewed(day: int, who: str, stance: str, *comments: tuple[str, str, str], **more: Any) -> Done:
    rows = [{"section": section, "comment": comment, "proposal": proposal} for section, comment, proposal in comments]
    return Done(day, "Task_GiveView", who, {"stance": stance, "comments": rows, "ownImpact": "LITEN"} | more)


def compiled(day: int, who: str, stance: str, answer: str, dissent: str = "") -> Done:
    answers = {"overallStance": stance, "answerText": answer, "dissent": dissent, "sendToCoordinator": True}
    return Done(day, "Task_CompileAnswer", who, answers)


def approved(day: int) -> Done:
    return Done(day, "Task_ReviewAnswer", "sam", {"reviewOutcome": "GODKANN"})


def submitted(day: int, receipt: str) -> Done:
    return Done(day, "Task_SubmitAnswer", "sam", {"receiptRef": receipt, "performedAt": Day(day)})


def registered(day: int, number: str) -> Done:
    return Done(day, "Task_RegisterInDiary", "ria", {"diaryNumber": number, "performedAt": Day(day)})


def fetched(day: int) -> Answered:
    """The coordinator has looked for new consultations, where a window has opened."""
    return Answered(day, "consultation-window-watch", "Task_FetchConsultations", "sam")


def assessed(day: int) -> Answered:
    """A gap analysis that begins before the national decision, where the region does so, is put off until then."""
    answers = {
        "relevance": "JA",
        "expectedGap": "OKANT",
        "urgency": "VANTA",
        "needReason": "Gapet går att bedöma när det nationella beslutet har kommit.",
        "reviewAfter": Day(+45),
    }
    return Answered(day, "gap-analysis", "Task_AssessNeed", "sam", answers)


def confirmed(day: int) -> tuple[Answered, ...]:
    """The editor has gone through the register of local additions, where a quarter has begun."""
    register, address = "local-addition-register", "https://region.example.se/tillagg"
    return (
        Answered(day, register, "Task_ConfirmRegister", "edda", {"confirmed": True}),
        Answered(day, register, "Task_PublishRegister", "edda", {"publishedAt": address}),
    )


def drafted(day: int, chair: str, author: str, area: str, title: str, article: str, place: str, text: str) -> Events:
    """A local addition to a national article: asked for, and written."""
    address = f"https://nkk.example.se/{article}"
    asked = {"title": title, "article": address, "articleVersion": "3", "articleTitle": title, "anchor": place}
    return (
        Start(day, "local-addition", author, asked | {"programAreaId": area}),
        Done(day + 2, "Task_AssessNeed", chair, {"need": "NYTT", "authorId": Someone(author)}),
        Done(day + 6, "Task_DraftAddition", author, {"content": text, "draftOutcome": "KLART"}),
        Done(
            day + 8,
            "Task_CreateProtocol",
            "sam",
            {"publishedAt": f"https://dokument.example.se/{article}", "receiptRef": f"{article}-1"},
        ),
    )


def published_addition(day: int, chair: str, owner: str, address: str) -> Events:
    """Reviewed, approved, published and told of."""
    return (
        Done(day, "Task_ReviewAddition", chair, {"approvalOutcome": "GODKANT"}),
        Done(day + 2, "Task_ApproveAddition", owner, {"approvalOutcome": "GODKANT"}),
        Done(day + 4, "Task_PublishAddition", "edda", {"protocolPublic": True, "publishedAt": address}),
        Done(day + 5, "Task_PostNews", "sam"),
    )


PATHWAY, PROGRAMME, VIP = "VARDFORLOPP_PSV", "NATIONELLT_VARDPROGRAM", "VIP"
YES, YES_BUT, NO = "TILLSTYRKER", "TILLSTYRKER_MED_SYNPUNKTER", "AVSTYRKER"

UNREACHED = "kaj"
"""Whose address no longer takes mail."""
ARCHIVE_CLOSES = -3
"""The working day from which the archive takes no more events."""

# The stories ---------------------------------------------------------------------------------------------------------


def consultation(
    ref: str, title: str, type: str, areas: Sequence[str], opens: int, closes: int, *events: Event
) -> Story:
    return Story(ref, (published(opens, title, type, areas, ref, closes), *events))


STORIES: tuple[Story, ...] = (
    Story("DEMO-FONSTER", (fetched(-40), fetched(-20), fetched(-1))),
    Story("DEMO-FORTECKNING", (*confirmed(-33), *confirmed(-15), *confirmed(-2))),
    # Late: the lead should have compiled the answer by the last working day.
    consultation(
        "DEMO-KOL",
        "Vårdförlopp KOL",
        PATHWAY,
        ["LUNG"],
        -38,
        +4,
        triaged(-37, PATHWAY, ["LUNG"], +4, primaryCareConcern=True),
        *staffed(-36, "lo", ["lpoChair@LUNG", "primaryCareRep@LUNG", "headOfUnit@LUNG"], -6),
        viewed(
            -20,
            "pia",
            YES_BUT,
            ("4.2 Spirometri", "Tiderna räcker inte i dag.", "Skriv inom åtta veckor."),
        ),
        viewed(-12, "lo", YES),
        viewed(-7, "vera", YES_BUT, ("6 Uppföljning", "Rehabilitering nämns bara i förbigående.", "")),
    ),
    # In round, one day left: one has answered, two have not.
    consultation(
        "DEMO-LEVNADSVANOR",
        "Nationellt vårdprogram levnadsvanor",
        PROGRAMME,
        ["LEVNADSVANOR"],
        -30,
        +11,
        triaged(-29, PROGRAMME, ["LEVNADSVANOR"], +11, primaryCareConcern=True, municipalConcern=True),
        *staffed(
            -28,
            "leo",
            ["lpoChair@LEVNADSVANOR", "primaryCareRep@LEVNADSVANOR", "municipalContact"],
            +1,
            "Läs särskilt avsnittet om samtal på olika nivåer. Skriv hellre kort än inte alls.",
        ),
        viewed(-9, "prim", YES_BUT, ("3.1 Samtal", "Tidsåtgången är för lågt räknad.", "Räkna med 30 minuter.")),
    ),
    # In round with time left; one recipient was missed and has been added by another.
    consultation(
        "DEMO-ADHD",
        "VIP ADHD",
        VIP,
        ["PSYK"],
        -20,
        +20,
        triaged(-19, VIP, ["PSYK"], +20),
        *staffed(-18, "pelle", ["lpoChair@PSYK", "headOfUnit@PSYK", "primaryCareRep@PSYK"], +10),
        viewed(-5, "pax", YES, forwardTo=[{"person": None, "group": "lpoChair@BARN"}]),
    ),
    # Compiled; the coordinator is to review it.
    consultation(
        "DEMO-STROKE",
        "Vårdförlopp stroke och TIA",
        PATHWAY,
        ["NERV"],
        -40,
        +5,
        triaged(-39, PATHWAY, ["NERV"], +5),
        *staffed(-38, "nour", ["lpoChair@NERV", "headOfUnit@NERV", "lpoChair@REHAB"], -5),
        viewed(-25, "nils", YES),
        viewed(
            -18,
            "hanna",
            YES_BUT,
            ("5.3", "Tidig utskrivning kräver team i hemmet.", "Nämn bemanningen."),
        ),
        viewed(-8, "nour", YES),
        compiled(
            -2,
            "nour",
            YES_BUT,
            "Regionen tillstyrker vårdförloppet. Tidig utskrivning till hemmet förutsätter rehabiliteringsteam, och "
            "bemanningen i glesbygd behöver beskrivas.",
        ),
        Claimed(-1, "Task_ReviewAnswer", "sam"),
    ),
    # Approved; to be submitted today.
    consultation(
        "DEMO-OSTEOPOROS",
        "Vårdförlopp osteoporos",
        PATHWAY,
        ["ENDO"],
        -42,
        +1,
        triaged(-41, PATHWAY, ["ENDO"], +1),
        *staffed(-40, "esa", ["lpoChair@ENDO"], -9),
        viewed(-15, "esa", YES),
        compiled(-5, "esa", YES, "Regionen tillstyrker vårdförloppet utan ändringar. Frakturkedjan är redan införd."),
        approved(-2),
    ),
    # Submitted; waits for a diary number.
    consultation(
        "DEMO-HJARTSVIKT",
        "Vårdförlopp hjärtsvikt",
        PATHWAY,
        ["HJART"],
        -44,
        +6,
        triaged(-43, PATHWAY, ["HJART"], +6),
        *staffed(-42, "tove", ["lpoChair@HJART", "headOfUnit@HJART"], -4),
        viewed(-20, "vera", YES),
        viewed(-14, "tove", YES_BUT, ("2 Utredning", "Provtagning före ekokardiografi bör stå först.", "")),
        compiled(-6, "tove", YES_BUT, "Regionen tillstyrker och föreslår att provtagningen ställs först."),
        approved(-3),
        submitted(-2, "KV-2271"),
    ),
    # Answered from beginning to end.
    consultation(
        "DEMO-PALLIATIV",
        "Nationellt vårdprogram palliativ vård",
        PROGRAMME,
        ["ALDRE"],
        -45,
        -4,
        triaged(-44, PROGRAMME, ["ALDRE"], -4),
        *staffed(-43, "alva", ["lpoChair@ALDRE"], -14),
        viewed(-22, "alva", YES),
        compiled(-12, "alva", YES, "Regionen tillstyrker vårdprogrammet. Det stämmer med arbetssättet i länet."),
        approved(-9),
        submitted(-8, "KV-2190"),
        registered(-7, "RS/1042"),
    ),
    # The region abstains, with its reason.
    consultation(
        "DEMO-VAGLEDNING",
        "Vägledning om digitala vårdmöten",
        "VAGLEDNING",
        ["PRIMARVARD"],
        -16,
        +24,
        triaged(
            -15,
            "VAGLEDNING",
            ["PRIMARVARD"],
            +24,
            respond="NEJ",
            declineReason="Vägledningen ändrar inget i regionens arbetssätt. Sjukvårdsregionen har svarat.",
        ),
    ),
    # Withdrawn by whoever published it, in the middle of the round.
    consultation(
        "DEMO-BARN",
        "Vårdförlopp barn med svår astma",
        PATHWAY,
        ["BARN"],
        -26,
        +15,
        triaged(-25, PATHWAY, ["BARN"], +15),
        *staffed(-24, "bea", ["lpoChair@BARN", "headOfUnit@BARN"], +5),
        Message(-11, "ConsultationWithdrawn", {"externalRef": "DEMO-BARN"}),
    ),
    # Missed: the last day passed while the answer was being compiled.
    consultation(
        "DEMO-TAND",
        "Vårdriktlinje karies hos barn",
        "VARDRIKTLINJE",
        ["TAND"],
        -35,
        -1,
        triaged(-33, "VARDRIKTLINJE", ["TAND"], -1, dentalConcern=True),
        *staffed(-32, "ture", ["lpoChair@TAND"], -11),
    ),
    Story("DEMO-ARET", (YearBegins(-6),)),
    Story("DEMO-BEHOV", (assessed(-45), assessed(-34), assessed(-25), assessed(-15), assessed(-5))),
    # Just in: to be sorted.
    consultation("DEMO-DEMENS", "Vårdförlopp kognitiv svikt", PATHWAY, ["ALDRE", "NERV"], -1, +40),
    # To be sorted, and late.
    consultation(
        "DEMO-SMARTA",
        "Nationellt vårdprogram långvarig smärta",
        PROGRAMME,
        ["REHAB"],
        -5,
        +35,
        Claimed(-4, "Task_Triage", "sam"),
    ),
    # Sorted and paused: waits for word from the national level.
    consultation(
        "DEMO-PSORIASIS",
        "Vårdförlopp psoriasis",
        PATHWAY,
        ["HUD"],
        -3,
        +28,
        triaged(-2, PATHWAY, ["HUD"], +28),
        Paused(-1, "sam", "Den nationella arbetsgruppen har aviserat en ny version. Väntar på besked."),
    ),
    # Two local additions that hold, and one that the chair is to review.
    Story(
        "DEMO-TILLAGG-KOL",
        (
            *drafted(
                -60,
                "lo",
                "pia",
                "LUNG",
                "Kroniskt obstruktiv lungsjukdom",
                "kol",
                "Uppföljning",
                "I länet görs spirometri vid uppföljning på hälsocentral. Stöd att sluta röka bokas samma dag.",
            ),
            *published_addition(-50, "lo", "otto", "https://nkk.example.se/kol#lokalt"),
        ),
    ),
    Story(
        "DEMO-TILLAGG-ADHD",
        (
            *drafted(
                -58,
                "pelle",
                "prim",
                "PSYK",
                "ADHD hos vuxna",
                "adhd-vuxna",
                "Remiss",
                "Frågeformulär och skolhistorik bifogas remissen. Utan dem börjar väntetiden inte räknas.",
            ),
            *published_addition(-48, "pelle", "pax", "https://nkk.example.se/adhd-vuxna#lokalt"),
        ),
    ),
    Story(
        "DEMO-TILLAGG-ASTMA",
        drafted(
            -12,
            "lo",
            "pia",
            "LUNG",
            "Astma hos vuxna",
            "astma-vuxna",
            "Utredning",
            "Reversibilitetstest görs på hälsocentral. Lungmottagningen tar emot efter två försämringar på ett år.",
        ),
    ),
    # A decision on its way: written, and with the director.
    Story(
        "DEMO-LAG-STROKE",
        (
            Start(
                -9,
                "decision-escalation",
                "nour",
                {
                    "title": "Lokal arbetsgrupp stroke, permanent",
                    "decisionType": "LAG_FORMATION",
                    "programAreaId": "NERV",
                    "memoAuthor": Someone("nour"),
                    "scope": "FLERA_VERKSAMHETER",
                    "budget": "INOM_BUDGET",
                    "principal": ["REGION_HSV"],
                },
            ),
            Done(
                -6,
                "Task_WriteDecisionMemo",
                "nour",
                {
                    "situation": "Vårdförloppet stroke och TIA saknar en lokal arbetsgrupp.",
                    "background": "Fyra yrkesgrupper arbetar i dag var för sig med samma patienter.",
                    "assessment": "En permanent grupp ger ett sammanhållet införande och en ägare av uppföljningen.",
                    "recommendation": "Inrätta en permanent lokal arbetsgrupp med fyra yrkesgrupper.",
                    "proposedDecision": "LAG stroke inrättas från nästa månadsskifte.",
                    "scope": "FLERA_VERKSAMHETER",
                    "budget": "INOM_BUDGET",
                    "principal": ["REGION_HSV"],
                },
            ),
        ),
    ),
)
