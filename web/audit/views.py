"""The auditor's pages: search history, read one row, verify the chains, take history out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.errors import Invalid, NotFound
from engine.record import audit, exports
from engine.record.log import Part
from store import cases, definitions, disposals, history, people, seals, searches
from store.database import Reader
from store.searches import Place, Wanted
from web import here
from web.api.streams import taken_away
from web.audit import telling
from web.doors import AUDITORS, open_to
from web.language import say

pages = Blueprint("audit", __name__, template_folder="templates")

SHOWN = 25
DECISIONS = ("completed", "assigned", "forwarded", "deadline.moved", "suspended", "resumed", "cancelled", "taken-over")
FORMATS = {
    "xes": ("XES", "xes", "application/xml"),
    "csv": ("CSV", "csv", "text/csv; charset=utf-8"),
    "jsonl": ("JSON Lines", "jsonl", "application/x-ndjson"),
    "ocel": ("OCEL 2.0", "json", "application/json"),
    "pnml": ("PNML", "pnml", "application/xml"),
}
"""Format -> its name, ending and media type."""


@pages.get("/granskning")
@open_to(AUDITORS)
def index() -> str:
    """History searched, latest first; what people did, unless all is asked for."""
    region = here.visitor().region
    with here.db().read() as reader:
        wanted, unknown = _wanted(reader)
        rows = [] if unknown else searches.find(reader, wanted, after=_after(), limit=SHOWN + 1)
        seal = seals.last(reader)
        return render_template(
            "audit.html",
            rows=telling.rows(reader, rows[:SHOWN]),
            unknown=unknown,
            following=_place(rows[SHOWN - 1]) if len(rows) > SHOWN else "",
            asked=request.args,
            acts=telling.named(searches.acts(reader, region)),
            processes=_processes(reader),
            formats=FORMATS,
            total=history.count(reader, region),
            seal=seal,
            sealed=telling.moment(reader, seal.at) if seal else "",
        )


@pages.get("/granskning/rad/<chain>/<int:seq>")
@open_to(AUDITORS)
def row(chain: str, seq: int) -> str:
    """One row of history: who, in which mandate, on which text."""
    with here.db().read() as reader:
        found = searches.row(reader, chain, seq)
        if found is None or found.region != here.visitor().region:
            raise NotFound("Raden", f"{chain} {seq}")
        return render_template("audit-row.html", **telling.whole(reader, found))


@pages.post("/granskning/kontroll")
@open_to(AUDITORS)
def verify() -> str:
    """Walk every chain from its first row, and against a seal that was kept outside when one is given."""
    head = telling.seal_of(request.files["head"].read(10_000)) if request.files.get("head") else None
    faults = audit.verify(here.db(), head)
    with here.db().read() as reader:
        return render_template(
            "audit-verified.html",
            faults=faults[:100],
            number=len(faults),
            total=history.count(reader, here.visitor().region),
            against=head,
            disposed=disposals.decisions(reader, here.visitor().region),
            now=telling.moment(reader, reader.now),
        )


@pages.post("/granskning/sigill")
@open_to(AUDITORS)
def head() -> Answer:
    """Seal all that has happened, and take the seal out."""
    return _file([telling.as_json(audit.head(here.db()))], "sigill.json", "application/json")


@pages.post("/granskning/export")
@open_to(AUDITORS)
def export() -> Answer:
    """History to take away; that it was taken becomes a row in it."""
    format, by, region = request.form.get("format", ""), here.visitor().by, here.visitor().region
    if format not in FORMATS:
        raise Invalid(say("Välj ett format."))
    process = request.form.get("process") or None
    _, ending, media_type = FORMATS[format]
    name = f"{process or region}.{ending}"
    if format == "pnml":
        if process is None:
            raise Invalid(say("Välj vilken process nätet ska visa."))
        return _file([exports.export_net(here.db(), region, process, by=by)], name, media_type)
    since, before = _days(request.form.get("from", ""), request.form.get("to", ""))
    part = Part(process, None, request.form.get("case", "").strip() or None, since, before)
    return _file(exports.export(here.db(), region, format, by=by, part=part), name, media_type)


@pages.get("/granskning/arende")
@open_to(AUDITORS)
def of_case() -> Answer:
    """A case's own page, from its number."""
    with here.db().read() as reader:
        found = cases.find_any(reader, request.args.get("nummer", ""), here.visitor().region)
    if found is None:
        raise NotFound("Ärendet", request.args.get("nummer", ""))
    return redirect(url_for("cases.show", id=found.id), 303)


def _wanted(reader: Reader) -> tuple[Wanted, str]:
    """What was asked for; and what of it there is not, in words."""
    region, asked = here.visitor().region, request.args
    chain, persons, unknown = None, None, ""
    if text := asked.get("arende", "").strip()[:100]:
        case = cases.find_any(reader, text, region)
        chain, unknown = (case.id, "") if case else (None, say("Inget ärende har numret {number}.", number=text))
    if text := asked.get("person", "").strip()[:100]:
        persons = tuple(
            each.key for each in people.of_region(reader, region) if text.casefold() in each.name.casefold()
        )
        unknown = unknown if persons else say("Ingen person heter {name}.", name=text)
    act = asked.get("handelse", "")
    since, before = _days(asked.get("from", ""), asked.get("to", ""))
    acts = DECISIONS if act == "beslut" else (act,) if act else ()
    by_people = not asked or act == "beslut" or "manniskor" in asked
    return Wanted(region, chain, persons, acts, by_people, since, before), unknown


def _days(first: str, last: str) -> tuple[datetime | None, datetime | None]:
    """From the first moment of a day to the last of another, as the region's clocks go."""
    since, until = _day(first), _day(last)
    zone = ZoneInfo(here.region().timezone)
    return (
        datetime.combine(since, time.min, zone) if since else None,
        datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(say("Skriv datumet som ÅÅÅÅ-MM-DD.")) from None
    if found is not None and not 1900 < found.year < 2200:
        raise Invalid(say("Skriv datumet som ÅÅÅÅ-MM-DD."))
    return found


def _place(entry: history.Entry) -> str:
    return f"{entry.at.isoformat()}~{entry.chain}~{entry.seq}"


def _after() -> Place | None:
    at, _, rest = request.args.get("efter", "").partition("~")
    chain, _, seq = rest.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, chain, int(seq)) if moment.tzinfo and seq.isdecimal() and len(seq) < 15 else None


def _processes(reader: Reader) -> list[tuple[str, str]]:
    found = {each.process_key: each.name for each in definitions.all_latest(reader, here.visitor().region)}
    return sorted(found.items(), key=lambda each: each[1])


def _file(pieces: Iterable[str], name: str, media_type: str) -> Answer:
    answer = taken_away(pieces, media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
