"""What happens to a consultation and to a local addition, step by step, as a story of the demo tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web.demo.story import Answered, Day, Done, Event, Events, Message, Someone, Start, Story, WhereAsked


def consultation(
    ref: str, title: str, type: str, areas: Sequence[str], opens: int, closes: int, *events: Event
) -> Story:
    """The story of a national consultation: it is published, and then this happens."""
    return Story(ref, (published(opens, title, type, areas, ref, closes), *events))


def published(day: int, title: str, type: str, areas: Sequence[str], ref: str, closes: int) -> Message:
    """A national consultation comes, to be answered by the day `closes`."""
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
    """The coordinator sorts it: it is to be answered, unless `more` says otherwise."""
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
    """A respondent answers; a comment is its section, what is said, and what is proposed instead."""
    rows = [{"section": section, "comment": comment, "proposal": proposal} for section, comment, proposal in comments]
    return Done(day, "Task_GiveView", who, {"stance": stance, "comments": rows, "ownImpact": "LITEN"} | more)


def compiled(day: int, who: str, stance: str, answer: str) -> Done:
    """The lead puts the answers together and sends theirs to the coordinator."""
    answers = {"overallStance": stance, "answerText": answer, "dissent": "", "sendToCoordinator": True}
    return Done(day, "Task_CompileAnswer", who, answers)


def approved(day: int) -> Done:
    """The coordinator approves the answer."""
    return Done(day, "Task_ReviewAnswer", "sam", {"reviewOutcome": "GODKANN"})


def submitted(day: int, receipt: str) -> Done:
    """The answer is handed in to the national tool."""
    return Done(day, "Task_SubmitAnswer", "sam", {"receiptRef": receipt, "performedAt": Day(day)})


def registered(day: int, number: str) -> Done:
    """The registry gives the answer its diary number."""
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
