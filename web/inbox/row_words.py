"""What the repeatable rows of the shipped diagrams are called: one of them, and all."""

from __future__ import annotations

from web.language import say

ROWS = {
    "comments": ("Synpunkt", "Synpunkter per avsnitt"),
    "sectionComments": ("Synpunkt", "Synpunkter per avsnitt"),
    "respondents": ("Svarande", "Svarande"),
    "dispositions": ("Bemötande", "Bemötanden"),
    "attendees": ("Deltagare", "Deltagare"),
    "decisions": ("Beslut", "Beslut"),
    "recipients": ("Mottagare", "Mottagare"),
    "consultations": ("Remiss", "Remisser"),
    "replacedDocs": ("Dokument", "Dokument"),
    "members": ("Ledamot", "Ledamöter"),
    "actions": ("Åtgärd", "Åtgärder"),
    "gaps": ("Gap", "Gap"),
    "activities": ("Aktivitet", "Aktiviteter"),
    "checklist": ("Punkt", "Checklista"),
    "communication": ("Budskap", "Kommunikation"),
    "cosmicChanges": ("Ändring", "Ändringar i journalsystemet"),
    "dataNeeds": ("Uppgift", "Uppgifter som behöver tas fram"),
    "days": ("Dag", "Dagar"),
    "efforts": ("Insats", "Insatser"),
    "figures": ("Mått", "Siffror"),
    "goals": ("Mål", "Mål"),
    "openTasks": ("Uppgift", "Uppgifter att lämna över"),
    "priorities": ("Insats", "Insatser i ordning"),
    "recommendations": ("Rekommendation", "Rekommendationer"),
    "results": ("Resultat", "Resultat"),
    "rounds": ("Synpunktsinhämtning", "Synpunktsinhämtningar"),
    "ties": ("Bindning", "Bindningar"),
    "risks": ("Risk", "Risker"),
}
"""Name of the rows -> one, and several."""
OTHERS = ("Rad", "Rader")
"""What rows are called that are not here."""


def one(name: str) -> str:
    """`Synpunkt`."""
    return say(ROWS.get(name, OTHERS)[0])


def several(name: str) -> str:
    """`Synpunkter per avsnitt`."""
    return say(ROWS.get(name, OTHERS)[1])
