"""Connectors: hand-overs to systems outside. None of them has a documented interface, so a person does it and records
the receipt, unless the region's profile says that the product sends a mail, or asks the other system by a webhook.

One table of all connectors; `mail.py` sends what may go by mail, `webhook.py` asks and takes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.core.checking import Topic
from engine.core.model import Field

ANSWER_WITHIN = "P2D"
"""How long another system has to answer, where the profile does not say."""


@dataclass(frozen=True)
class Connector:
    """One kind of hand-over: what it is called, what the person who does it records, and where that goes."""

    topic: str
    title: str
    form: tuple[Field, ...]
    by_mail: bool = False
    """True when a region may let the product send it."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Variable -> type."""

    @property
    def vocabulary(self) -> Topic:
        return Topic(outputs=self.outputs, any_inputs=True)


def _text(id: str, label: str, *, required: bool = False, longest: int = 200, **properties: str) -> Field:
    needed = {"required": "true"} if required else {}
    return Field(id, label, "string", constraints={"maxlength": str(longest), **needed}, properties=properties)


_DONE_ON = Field(
    "performedAt",
    "När gjordes det?",
    "date",
    default="today",
    default_is_expression=True,
    constraints={"required": "true"},
    properties={"maxDate": "today"},
)
_RECEIPT = _text("receiptRef", "Kvittens eller referens", help="Nummer, länk eller rubrik som visar att det är gjort.")
_RECEIPT_REQUIRED = _text(
    "receiptRef", "Kvittens", required=True, help="Det som verktyget visar när svaret är mottaget."
)
_SENT_RECEIPT = _text("receiptRef", "Kvittens", required=True, help="Det som visar att det är mottaget.")
_CLAIM_RECEIPT = _text("receiptRef", "Kvittens", required=True, help="Det nummer som ges när blanketten är mottagen.")
_DIARY_NUMBER = _text("diaryNumber", "Diarienummer", required=True, longest=60)
_ADDRESS = _text("publishedAt", "Adress", longest=500, url="true")
_COMMON = {"receiptRef": "text", "performedAt": "text", "performedBy": "text"}


def _connector(topic: str, title: str, *fields: Field, by_mail: bool = False) -> Connector:
    own = {each.id: "text" for each in fields if each.id not in _COMMON}
    asked = fields if any(each.id == "receiptRef" for each in fields) else (*fields, _RECEIPT)
    return Connector(topic, title, (*asked, _DONE_ON), by_mail, _COMMON | own)


CONNECTORS: Mapping[str, Connector] = {
    each.topic: each
    for each in (
        _connector("registerInDiary", "Diarieför", _DIARY_NUMBER),
        _connector("submitNationalAnswer", "Lämna in i det nationella verktyget", _RECEIPT_REQUIRED),
        _connector("submitRegionalContribution", "Lämna in till sjukvårdsregionen", _SENT_RECEIPT),
        _connector("sendNotice", "Skicka meddelande", by_mail=True),
        _connector("publishDocument", "Publicera dokument", _ADDRESS),
        _connector("publishLocalAddition", "Publicera lokalt tillägg", _ADDRESS),
        _connector("recordInStratsys", "Registrera i Stratsys"),
        _connector("postToTeams", "Skriv i Teams"),
        _connector("sendInvite", "Skicka kallelse"),
        _connector("updateRoleRegistry", "Uppdatera rollregistret"),
        _connector("requestData", "Begär data"),
        _connector("requestCosmicChange", "Begär ändring i journalsystemet"),
        _connector("claimCompensation", "Skicka ersättningsblankett", _CLAIM_RECEIPT),
        _connector("requestDeclaration", "Be om jävsdeklaration", by_mail=True),
    )
}
"""Topic -> connector."""


def form_of(topic: str, must_give: str = "") -> tuple[Field, ...]:
    """What whoever makes a hand-over records; `must_give` are ids of fields that this diagram cannot do without."""
    must = {name.strip() for name in must_give.split(",")}
    return tuple(_required(each) if each.id in must else each for each in CONNECTORS[topic].form)


def _required(field: Field) -> Field:
    return replace(field, constraints={**field.constraints, "required": "true"})
