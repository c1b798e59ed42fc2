"""What a region profile holds that no source states: listed in words, for the region to confirm.

A profile marks a whole part (`assumption: true`, asked as `ask`), single values of a part (`assumptions`: key -> what
is asked), and readings that no key holds (`questions`). An answer is a row in the region's history; it counts as long
as what was chosen is still the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine import access, calendar, journal, regions
from engine.access import Actor
from engine.errors import Invalid, NotFound
from engine.regions import Region
from store import history
from store.database import Database, Reader

PARTS = {
    "": "Hela regionen",
    "roles": "Roller och titlar",
    "consultation": "Nationell remiss",
    "feedback": "Synpunktsinhämtning",
    "guidelines": "Nationella riktlinjer",
    "timers": "Arbetsdagar i en remiss",
    "cancer": "Cancerremiss",
    "pdsa": "Förbättringsvarv",
    "gap": "Gapanalys",
    "implementation": "Införande",
    "coi": "Jäv",
    "nomination": "Nominering",
    "localAdditions": "Lokala tillägg",
    "nhv": "Nationell högspecialiserad vård",
    "lag": "Lokala arbetsgrupper",
    "lpo": "Lokala programområden",
    "recruitment": "Rekrytering",
    "assignment": "Uppdrag",
    "bodies": "Möten",
    "yearWheel": "Årshjul",
    "compensation": "Ersättning",
    "retention": "Gallring",
    "questions": "Tolkningar",
}
KEYS = {
    "actAfter": "någon tar över efter",
    "adjustAfter": "inväntar",
    "agendaBeforeWd": "arbetsdagar före mötet för dagordningen",
    "agreementRequired": "överenskommelse krävs",
    "anchor": "förankras i",
    "answerLevel": "svaret lämnas av",
    "answerMode": "svaret",
    "answerWd": "arbetsdagar för svar",
    "approveBeforeWd": "arbetsdagar för godkännande",
    "approver": "godkänner",
    "assessor": "bedömer",
    "cases": "ärenden",
    "centre": "får en kopia",
    "careAgreement": "överenskommelser mellan vårdnivåer heter",
    "careAgreementPath": "överenskommelser ligger i",
    "chairTimePercent": "procent av heltid för en ordförande",
    "checklist": "checklistan",
    "checklistApprover": "godkänner checklistan",
    "closeRule": "stänger",
    "coi": "jävsdeklarationer",
    "compileBeforeWd": "arbetsdagar för sammanställning",
    "compensationWd": "arbetsdagar för beslut om ersättning",
    "consult": "tillfrågas före beslutet",
    "cycle": "ett varv",
    "decideBeforeWd": "arbetsdagar för beslut",
    "decider": "beslutar",
    "decisionLadder": "beslutsstegen",
    "days": "börjar",
    "decisionOnVacancy": "en ny ordförande beslutas",
    "developerRequired": "verksamhetsutvecklare krävs",
    "drugList": "utgår från",
    "earlyGapAnalysis": "gapanalys under remisstiden",
    "escalateAfterWd": "arbetsdagar innan en sen uppgift lyfts",
    "expertsBy": "väljer ut sakkunniga",
    "feedback": "synpunktsinhämtningar",
    "extras": "gör också",
    "firstTypes": "börjar med",
    "followUpRole": "tar emot uppföljningen",
    "followUpWd": "arbetsdagar till uppföljningen",
    "form": "blankett",
    "handler": "hanterar deklarationerna",
    "inform": "får veta",
    "internalDueBeforeWd": "arbetsdagar före stängning för interna svar",
    "introduction": "att läsa",
    "knowledgeDayMonths": "månader",
    "lead": "sammanhållande",
    "leadRoles": "sammanhållande",
    "members": "uppgifter om ledamöter",
    "municipalDecider": "beslutar när kommunerna berörs",
    "noLpoAppoints": "bildar gruppen när ordförande saknas",
    "notesAfterWd": "arbetsdagar efter mötet för anteckningarna",
    "patientSource": "patientföreträdare söks hos",
    "parallel": "tillfrågas",
    "principalPeriod": "tid för en huvudmans beslut",
    "principals": "huvudmän som beslutar för sig",
    "planHorizonYears": "planens år",
    "planWd": "arbetsdagar för planering",
    "primaryCareHelp": "hjälp i primärvården",
    "protocolPath": "protokollen ligger i",
    "reGapEnabled": "ny gapanalys",
    "reGapMax": "ny gapanalys senast efter",
    "reGapMin": "ny gapanalys tidigast efter",
    "receiver": "prövar begäran",
    "recruiter": "rekryterar",
    "registerCadence": "förteckningen kommer var",
    "registerInDiary": "diarieförs",
    "remindBefore": "frågan om förlängning kommer före slutet",
    "remindersBeforeWd": "påminnelser, arbetsdagar före",
    "renewal": "förnyas efter",
    "reportDiarisedWithChecklist": "rapporten diarieförs med checklistan",
    "reviewer": "granskar",
    "revision": "ses över efter",
    "roll": "på en röd dag",
    "saveTheDateWd": "arbetsdagar till inbjudan till nästa dag",
    "sender": "skickar svaret",
    "shrCoordination": "samordning i sjukvårdsregionen",
    "shrDueFallbackBeforeWd": "arbetsdagar före stängning",
    "signWd": "arbetsdagar för underskrift",
    "softMaxCycles": "varv innan rapport",
    "submitBeforeWd": "arbetsdagar för inlämning",
    "summonsBeforeWd": "arbetsdagar före mötet för kallelsen",
    "tool": "verktyg",
    "triageWd": "arbetsdagar för fördelning",
    "useRegionRuleAsInternalTarget": "regionens egen dag som internt mål",
    "variantEnabled": "egen väg",
    "watch": "bevakas",
    "zamsynPath": "Zamsyn ligger i",
    "what": "arbete",
}
"""Key of a profile -> what it is in words."""
ROLES = {"COORDINATOR": "coordinator", "LAG_LEDARE": "lagLeader", "LPO_ORDFORANDE": "lpoChair"}
"""Codes that a profile may hold -> the role that is meant."""
VALUES = {
    "ACTUAL_PLUS_P28D": "28 dagar efter öppningen",
    "CONFIRM_WITH_GUIDE_220916": "att bekräfta mot riktlinje 220916",
    "DIRECT_IN_TOOL": "skrivs direkt i verktyget",
    "EKONOMI": "ekonomi",
    "FORWARD": "dagen efter",
    "FORWARD_LINK": "länken skickas vidare",
    "LAG_LEDARE_SVF": "ledarna för vårdförloppens arbetsgrupper",
    "LPO_CANCER": "LPO Cancersjukdomar",
    "MLA_MLU": "MLA eller MLU",
    "NAT_PUBLISHED": "enligt den nationella listan",
    "NONE": "ingen",
    "OVRIGA_LPO": "övriga berörda LPO",
    "REGION": "regionen",
    "SKS_DECISION": "det nationella beslutet",
    "SJUKVARDSREGION": "sjukvårdsregionen",
    "VARDFORLOPP_PSV": "vårdförlopp",
    "VC": "verksamhetschefer",
    "VERKSAMHETSCHEF": "verksamhetschef",
}
"""Codes that a profile may hold -> words."""
_MARKS = frozenset(("assumption", "assumptions", "ask", "source"))
_UNITS = {"D": ("dag", "dagar"), "W": ("vecka", "veckor"), "M": ("månad", "månader"), "Y": ("år", "år")}
ANSWERED = "assumption.answered"


@dataclass(frozen=True)
class Answer:
    """What the region said of an assumption."""

    agrees: bool
    note: str
    person: str | None
    at: datetime


@dataclass(frozen=True)
class Assumption:
    """One thing to confirm."""

    place: str
    """Where it stands in the profile: `consultation.registerInDiary`."""
    ask: str
    chosen: str
    """What the product does until the region says otherwise, in words."""
    answer: Answer | None = None

    @property
    def part(self) -> str:
        """The heading it belongs under."""
        return PARTS.get(self.place.partition(".")[0], PARTS[""])


def of(region: Region) -> list[Assumption]:
    """Everything that the profile assumes, in the order of `PARTS`."""
    order = list(PARTS.values())
    return sorted(_found(region.data, (), region), key=lambda each: order.index(each.part))


def answered(reader: Reader, region: Region) -> list[Assumption]:
    """What the profile assumes, with the region's answers. An answer to something else than what now stands is left."""
    said = {str((row.details or {}).get("place")): row for row in _answers(reader, region)}
    return [_with_answer(each, said.get(each.place)) for each in of(region)]


def answer(db: Database, region: str, place: str, agrees: bool, note: str, *, by: Actor) -> None:
    """Say whether an assumption is right; a no says how it is instead. Raises `NotFound`, `Forbidden` or `Invalid`."""
    profile = regions.load(region)
    found = next((each for each in of(profile) if each.place == place), None)
    if found is None:
        raise NotFound("Antagandet", place)
    if not agrees and not note.strip():
        raise Invalid("Skriv hur det är hos er i stället.")
    with db.transaction() as tx:
        by = access.require(tx, by, "profile.answer", region=region, timezone=profile.timezone)
        told = {"place": place, "chosen": found.chosen, "agrees": agrees, "note": note.strip()[:1000]}
        journal.region(tx, region, ANSWERED, by, told, name=found.ask)


def _answers(reader: Reader, region: Region) -> Iterator[history.Entry]:
    return (row for row in history.read(reader, history.of_region(region.id)) if row.what == ANSWERED)


def _with_answer(found: Assumption, row: history.Entry | None) -> Assumption:
    told = (row.details or {}) if row else {}
    if row is None or told.get("chosen") != found.chosen:
        return found
    given = Answer(bool(told["agrees"]), str(told["note"]), row.person, row.at)
    return Assumption(found.place, found.ask, found.chosen, given)


# Finding them --------------------------------------------------------------------------------------------------------


def _found(here: Any, place: tuple[str, ...], region: Region) -> Iterator[Assumption]:
    if not isinstance(here, Mapping):
        return
    for key, ask in here.get("assumptions", {}).items():
        yield Assumption(".".join((*place, key)), ask, _chosen(key, here[key], region))
    if here.get("assumption") is True:
        yield _whole(here, place, region)
    for n, each in enumerate(here.get("questions", ()) if not place else ()):
        yield Assumption(f"questions.{n + 1}", f"{each['about']}: {each['ask']}", each["chosen"])
    for key, value in here.items():
        yield from _found(value, (*place, key), region)


def _chosen(key: str, value: Any, region: Region) -> str:
    """A single value that is assumed."""
    if key == "decisionLadder":
        return " → ".join(region.ladder)
    return _said(key, _titled(value, region))


def _titled(value: Any, region: Region) -> Any:
    """A role, or the code of one, by its local title."""
    if isinstance(value, list):
        return [_titled(each, region) for each in value]
    role = ROLES.get(value, value) if isinstance(value, str) else None
    return region.title(role) if role in region.roles else value


def _whole(here: Mapping[str, Any], place: tuple[str, ...], region: Region) -> Assumption:
    """A part that is assumed from end to end."""
    match place:
        case ("roles", _):
            ask, chosen = f"Heter rollen ”{here['title']}” hos er?", str(here["title"])
        case ("bodies", body):
            ask, chosen = f"När möts {region.bodies[body].title}?", _meets(region, body)
        case _:
            ask = "Är det så hos er?"
            chosen = "; ".join(_said(key, _titled(value, region)) for key, value in here.items() if key not in _MARKS)
    return Assumption(".".join(place), here.get("ask", ask), chosen)


def _meets(region: Region, body: str) -> str:
    plan, written = region.bodies[body], region.data["bodies"][body]
    if plan.first is None or plan.cadence is None:
        return "Ingen mötestakt är satt"
    cadence = _period(plan.cadence)
    if plan.longest:
        cadence = f"{cadence.split()[0]}–{_period(plan.longest)}"
    closed = [f"{_month_day(each['from'])}–{_month_day(each['to'])}" for each in written.get("closed", ())]
    away = f", uppehåll {' och '.join(closed)}" if closed else ""
    return f"Från {calendar.long_date(plan.first)}, sedan {cadence} mellan mötena{away}"


def _said(key: str, value: Any) -> str:
    return f"{KEYS.get(key, key)}: {_value(value)}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "ja" if value else "nej"
        case None:
            return "inte satt"
        case list():
            return ", ".join(_value(each) for each in value) or "inga"
        case {"principal": str(), "name": name}:
            return str(name)
        case {"what": what, "day": day}:
            return f"{what} ({calendar.long_date(date.fromisoformat(day))})"
        case str() if len(value) > 2 and value[0] == "P" and value[1:-1].isdigit():
            return _period(value)
        case str() if len(value) == len("09-01") and value[2] == "-" and value.replace("-", "").isdigit():
            return _month_day(value)
        case _:
            return VALUES.get(value, str(value))


def _period(period: str) -> str:
    """`P3M` -> `3 månader`."""
    count, (one, many) = int(period[1:-1]), _UNITS[period[-1]]
    return f"{count} {one if count == 1 else many}"


def _month_day(text: str) -> str:
    month, day = map(int, text.split("-"))
    return calendar.day_and_month(date(2027, month, day))
