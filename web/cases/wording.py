"""What named dates, outcomes and states of cases are called on the pages."""

from __future__ import annotations

from store.cases import Case
from web.language import say

STATUSES = {
    "active": ("Pågår", "now", "tjarn"),
    "suspended": ("Pausat", "pause", "info"),
    "completed": ("Avslutat", "done", "klar"),
    "cancelled": ("Avbrutet", "minus", "quiet"),
}
"""Status of a case -> its word, icon and tone."""

DEADLINES = {
    "triageDue": "Fördelning",
    "internalDue": "Interna svar",
    "compileDue": "Sammanställning",
    "approveDue": "Godkännande",
    "submitDue": "Inlämning",
    "externalDue": "Stänger nationellt",
    "planDue": "Planering",
    "prepareDue": "Beredning",
    "memoDue": "Underlag",
    "analysisDue": "Gapanalys",
    "reassessDue": "Ny bedömning av behovet",
    "opinionDue": "Yttrande",
    "reviewDue": "Granskning",
    "decisionDue": "Beslut",
    "renewalDue": "Ny jävsdeklaration",
    "assessmentDue": "Jävsbedömning",
    "declarationEnds": "Uppdraget vilar från",
    "declarationDue": "Jävsdeklaration",
    "announceDue": "Utlysning",
    "nominationDue": "Nominering",
    "adoptDue": "Fastställs senast",
    "draftDue": "Utkast",
    "dialogueDue": "Dialog",
    "reportDue": "Presentation",
    "meetingDay": "Mötesdag",
    "knowledgeDay": "Kunskapsstyrningsdag",
    "expiryDue": "Löper ut",
    "signDue": "Underskrifter",
    "seminarDue": "Seminarium",
    "jointAnswerDue": "Gemensamt svar",
    "surveyDue": "Enkät",
    "followUpDue": "Uppföljning",
    "reGapAsk": "Fråga om ny gapanalys",
    "reGapLatest": "Ny gapanalys senast",
    "reGapStart": "Ny gapanalys börjar",
    "answerDue": "Svar från chefen",
    "shrDue": "Svar till sjukvårdsregionen",
    "studyDue": "Förbättringsvarvet utvärderas",
    "contactDue": "Kontakt med chefen",
    "handOverDue": "Överlämning",
}
"""Named date of the shipped processes -> its words."""

OUTCOMES = {
    "BESVARAD": "Besvarad",
    "EJ_BESVARAD": "Besvaras inte",
    "EJ_INLAMNAD": "Ej inlämnad",
    "AVBRUTEN": "Avbruten",
    "BESLUTAD": "Beslutad",
    "AVSLAG": "Avslag",
    "BIFALL": "Bifall",
    "DUBBLETT": "Dubblett",
    "FORSENAD": "Försenad",
    "INGAR_I_SHR_SVAR": "Ingår i sjukvårdsregionens svar",
    "OMDIRIGERAD": "Omdirigerad",
    "AVSTAR": "Avstår",
    "AVSLUTAD": "Avslutad",
    "FORNYELSE_BEGARD": "Förnyelse begärd",
    "EJ_GODKAND": "Ej godkänd",
    "GODKAND_MED_BEGRANSNING": "Godkänd med begränsning",
    "GODKAND": "Godkänd",
    "INGEN_KANDIDAT": "Ingen kandidat",
    "EJ_UTSEDD": "Ej utsedd",
    "UTSEDD": "Utsedd",
    "BILDAD": "Bildad",
    "AVSLAGEN": "Avslagen",
    "ATERTAGEN": "Återtagen",
    "BESLUTAD_INFORANDE": "Införande beslutat",
    "INGET_GAP": "Inget gap",
    "EJ_RELEVANT": "Ej relevant",
    "PUBLICERAD": "Publicerad",
    "EJ_BEHOV": "Inget behov",
    "AVSTYRKT": "Avstyrkt",
    "UTFASAD": "Utfasad",
    "DELVIS_BIFALL": "Delvis bifall",
    "HAMTADE": "Remisser hämtade",
    "KLAR": "Klar",
    "INGA_SVAR": "Inga svar",
    "KONTROLLERAD": "Kontrollerad",
    "SVAR_LAMNAT": "Svar lämnat",
    "EJ_BERORD": "Berörs inte",
    "PRESENTERAD": "Presenterad",
    "GENOMFORD": "Genomförd",
    "AKTIV": "Uppdraget gäller",
    "FASTSTALLD": "Fastställd",
    "EJ_FASTSTALLD": "Ej fastställd",
    "UTVARDERAD": "Utvärderad",
    "ANDRAD": "Planen ändrad",
    "UTBETALD": "Utbetald",
    "GODKANT": "Godkänt",
    "TILLBAKADRAGEN": "Tillbakadragen",
    "NAS_INTE": "Går inte att nå",
    "ANMALD": "Anmäld",
    "ATGARD_BEGARD": "Åtgärd begärd",
    "TILLFORORDNAD": "Någon tar över tills vidare",
    "KONTAKTPERSON_UTSEDD": "Kontaktperson utsedd",
    "UTSKICKAT": "Utskickat",
    "RATTAT": "Rättat",
    "FORLANGS": "Förlängs",
    "AVSLUTAS": "Avslutas",
    "BYTE": "Personen byts ut",
    "INAKTUELLT": "Inaktuellt",
    "HALLET": "Mötet är hållet",
    "FUNGERAR": "Deltagandet fungerar",
    "REKRYTERAD": "Rekryterad",
    "EJ_REKRYTERAD": "Ingen rekryterad",
    "EJ_MOJLIG": "Kunde inte besvaras",
    "FORLANGT": "Förlängt",
    "LOPT_UT": "Löpte ut",
    "UPPHOR": "Upphör",
    "STARTADE": "Startade",
    "BEDOMD": "Bedömd",
    "INFORD": "Infört",
    "DELVIS_INFORD": "Delvis infört",
}
"""Outcome of the shipped processes -> its words."""


def status(case: Case) -> tuple[str, str, str]:
    """Icon, word and tone of how a case stands; one that has ended is called by its outcome."""
    word, icon, tone = STATUSES[case.status]
    return icon, say(OUTCOMES.get(case.outcome or "", "") or word), tone


def deadline(key: str) -> str:
    """`memoDue` in words; `memoDue-2` of the second of several has its number."""
    name, _, number = key.partition("-")
    word = say(DEADLINES[name]) if name in DEADLINES else name
    return f"{word} {number}" if number else word
