"""Cases: the list, one case with its progress, its drawing, its dates, and what the coordinator may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from engine import access, calendar, definitions, due_days, responses, retention
from engine import cases as moves
from engine import deadlines as dates
from engine.access import Actor
from engine.connectors import webhook
from engine.definitions import Deployed
from engine.errors import Invalid, NotFound
from engine.regions import Region
from store import cases, deadlines, documents, history, incidents, links, people, recusals, rounds, tasks, timers
from store import definitions as versions
from store.cases import Case
from store.database import Reader
from store.tasks import Task
from web import chrome, here, words
from web.cases import papers, progress, rounds_page, timeline
from web.cases.wording import DEADLINES, OUTCOMES
from web.doors import SIGNED_IN, open_to
from web.language import say
from web.visitor import Visitor, area_names

pages = Blueprint("cases", __name__, template_folder="templates")

SHOWN = 50
STATUSES = {"active": ("Pågår", "now", "tjarn"), "suspended": ("Pausat", "pause", "info")}
ENDED = {"completed": ("Avslutat", "done", "klar"), "cancelled": ("Avbrutet", "minus", "quiet")}
MOVES = ("case.cancel", "case.suspend", "case.tag", "deadline.move")
"""Acts that the page has a form for."""
CHOICES: dict[str, moves.Choice] = {"fire": "fire", "shift": "shift", "skip": "skip"}


@pages.get("/arenden")
@open_to(SIGNED_IN)
def index() -> str:
    visitor, text = here.visitor(), request.args.get("sok", "").strip()[:100]
    chosen = request.args.get("lage", "pagar")
    status = {"pagar": ("active", "suspended"), "klara": ("completed", "cancelled")}.get(chosen, ())
    with here.db().read() as reader:
        found = cases.listed(
            reader,
            visitor.region,
            status=() if text else status,
            ids=access.cases_seen(reader, Actor(visitor.person), **here.place()),
            text=text,
            limit=SHOWN,
            offset=_offset(),
        )
        today = here.today(reader)
        open_tasks = {each.id: tasks.open_of_case(reader, each.id) for each in found}
        return render_template(
            "cases.html",
            cases=[_line(each, _kind(reader, each), open_tasks[each.id], today) for each in found],
            text=text,
            chosen="alla" if text else chosen,
            following=_offset() + SHOWN if len(found) == SHOWN else 0,
        )


@pages.get("/arenden/<id>")
@open_to(SIGNED_IN)
def show(id: str) -> str:
    visitor = here.visitor()
    with here.db().read() as reader:
        case = _seen(reader, visitor, id)
        today = here.today(reader)
        deployed = definitions.of_case(reader, case)
        entries = history.read(reader, case.id)
        own_tasks, stopped = tasks.of_case(reader, case.id), incidents.open_of_case(reader, case.id)
        names = people.names(reader, _concerned(case, entries, own_tasks))
        traces = progress.traces(entries, own_tasks, stopped, today, names)
        whole = "allt" in request.args
        happened = timeline.tell(entries, names, today, whole=whole)
        return render_template(
            "case.html",
            case=case,
            status_of=_status(case),
            steps=progress.steps(deployed.definition, traces, ended=case.status not in cases.OPEN),
            happened=happened if whole else happened[:8],
            happened_total=len(timeline.tell(entries, names, today, whole=True)),
            deadlines=_deadlines(reader, case, today),
            kept_until=_kept_until(deployed.region, case),
            persons=_persons(reader, case, own_tasks, names),
            papers=papers.of_case(reader, case, today),
            paper_size=papers.size,
            incidents=stopped,
            rounds=rounds_page.summaries(reader, case),
            timers=[
                (words.moment(each.due, today), _name_of(deployed, each.element))
                for each in timers.of_case(reader, case.id)
            ],
            passed=[
                (words.moment(each.due, today), _name_of(deployed, each.element))
                for each in timers.of_case(reader, case.id)
                if case.status == "suspended" and each.due <= reader.now
            ],
            links=_links(reader, visitor, case),
            open_tasks=[
                (each, words.due(each.due, today), _who(reader, each, names))
                for each in own_tasks
                if each.status == "open"
            ],
            tags=recusals.tags_of_case(reader, case.id),
            may={act: _may(reader, visitor, act, case) for act in MOVES},
            receipt=request.args.get("kvitto", ""),
            process_name=_process_name(reader, case, deployed),
        )


@pages.get("/arenden/<id>/ritning")
@open_to(SIGNED_IN)
def drawing(id: str) -> str:
    """The drawing on a page of its own: the case's own process, or one that it calls."""
    with here.db().read() as reader:
        case = _seen(reader, here.visitor(), id)
        deployed = definitions.of_case(reader, case)
        shown = request.args.get("process") or deployed.process.id
        process = deployed.definition.process if shown == deployed.process.id else deployed.definition.called.get(shown)
        if process is None:
            raise NotFound("Processen", shown)
        parts = [(each.id, each.name) for each in (deployed.process, *deployed.definition.called.values())]
        return render_template("drawing.html", case=case, process=process, parts=parts)


@pages.get("/arenden/<id>/ritning.bpmn")
@open_to(SIGNED_IN)
def source(id: str) -> Answer:
    """The diagram that the case runs on, as it was deployed."""
    with here.db().read() as reader:
        case = _seen(reader, here.visitor(), id)
        deployed = definitions.of_case(reader, case)
        wanted = request.args.get("process") or deployed.process.id
        for part in deployed.parts:
            if part.kind in ("process", "called") and f'id="{wanted}"'.encode() in part.bytes:
                return Response(part.bytes, mimetype="application/xml")
    raise NotFound("Ritningen", wanted)


@pages.get("/arenden/<id>/lage")
@open_to(SIGNED_IN)
def marks(id: str) -> Answer:
    """Where the case stands, for the drawing: element -> state, words; and which called parts can be opened."""
    with here.db().read() as reader:
        case = _seen(reader, here.visitor(), id)
        deployed = definitions.of_case(reader, case)
        wanted = request.args.get("process") or deployed.process.id
        process = deployed.process if wanted == deployed.process.id else deployed.definition.called.get(wanted)
        if process is None:
            raise NotFound("Processen", wanted)
        own_tasks = tasks.of_case(reader, case.id)
        found = progress.traces(
            history.read(reader, case.id), own_tasks, incidents.open_of_case(reader, case.id), here.today(reader), {}
        )
        states = {node: found.state((process.id, node)) for node in process.nodes}
        opens = {
            node.id: url_for("cases.drawing", id=case.id, process=node.called)
            for node in process.nodes.values()
            if node.called in deployed.definition.called
        }
        badges = {element: str(len(each)) for (owner, element), each in found.waiting.items() if owner == process.id}
        badges |= {id: "1" for id in opens if states[id] == "now"}
        return jsonify(states=states, opens=opens, badges=badges, roles=_role_tags(deployed, process.id))


def _process_name(reader: Reader, case: Case, deployed: Deployed) -> str:
    """With the number of the version that the case runs on."""
    found = versions.by_version(reader, case.region, case.version)
    name = deployed.process.name
    return say("{kind}, version {n}", kind=name, n=found.number) if found else name


@pages.get("/arenden/<id>/dokument/<document>")
@open_to(SIGNED_IN)
def document(id: str, document: str) -> Answer:
    with here.db().read() as reader:
        case = _seen(reader, here.visitor(), id)
        found = documents.find(reader, document)
        if found is None or found.case_id != case.id or found.removed_at:
            raise NotFound("Dokumentet", document)
        content = documents.content(reader, found)
        shown = found.media_type in papers.INLINE and (found.media_type != papers.PAGE or papers.is_made(reader, found))
    kind = found.media_type.partition(";")[0]
    answer = send_file(BytesIO(content), mimetype=kind, as_attachment=not shown, download_name=found.name)
    if found.media_type == papers.PAGE:
        answer.headers["Content-Security-Policy"] = papers.SANDBOX
    return answer


@pages.get("/rundor/<id>")
@open_to(SIGNED_IN)
def round(id: str) -> str:
    with here.db().read() as reader:
        found = rounds.find(reader, id)
        if found is None:
            raise NotFound("Rundan", id)
        case = _seen(reader, here.visitor(), found.case_id)
        receipt = request.args.get("kvitto", "")
        return render_template("round.html", case=case, receipt=receipt, **rounds_page.of(reader, found, case))


@pages.get("/rundor/<id>/synpunkter.xlsx")
@open_to(SIGNED_IN)
def response_table(id: str) -> Answer:
    """Every comment of the round and what became of it, for a spreadsheet program."""
    with here.db().read() as reader:
        found = rounds.find(reader, id)
        if found is None:
            raise NotFound("Rundan", id)
        case = _seen(reader, here.visitor(), found.case_id)
        today, table = here.today(reader), responses.of(reader, found, here.region())
    from engine.record import spreadsheet  # slow to import, and seldom asked for

    kept, name = BytesIO(spreadsheet.responses(today, table)), f"synpunkter-{case.number}.xlsx"
    return send_file(kept, mimetype=spreadsheet.MEDIA_TYPE, as_attachment=True, download_name=name)


@pages.post("/synpunkter/<comment>")
@open_to(SIGNED_IN)
def respond(comment: str) -> Answer:
    """What becomes of a comment."""
    chosen, why = request.form.get("disposition", ""), request.form.get("response", "")
    found = responses.decide(here.db(), comment, chosen, why, by=Actor(here.visitor().person))
    return redirect(url_for("cases.round", id=found.id, kvitto="Sparat.", _anchor=f"synpunkt-{comment}"), 303)


# What the coordinator may do ----------------------------------------------------------------------------------------


@pages.post("/arenden/<id>/avbryt")
@open_to(SIGNED_IN)
def cancel(id: str) -> Answer:
    moves.cancel(here.db(), id, reason=_reason(), by=Actor(here.visitor().person))
    return _back(id, "Ärendet är avbrutet.")


@pages.post("/arenden/<id>/pausa")
@open_to(SIGNED_IN)
def suspend(id: str) -> Answer:
    moves.suspend(here.db(), id, reason=_reason(), by=Actor(here.visitor().person))
    return _back(id, "Ärendet är pausat.")


@pages.post("/arenden/<id>/ateruppta")
@open_to(SIGNED_IN)
def resume(id: str) -> Answer:
    choice = CHOICES.get(request.form.get("passerat", ""), "fire")
    moves.resume(here.db(), id, choice=choice, by=Actor(here.visitor().person))
    return _back(id, "Ärendet fortsätter.")


@pages.post("/arenden/<id>/jav")
@open_to(SIGNED_IN)
def tag(id: str) -> Answer:
    """Which questions the case is about, so that whoever is recused in one of them has no part."""
    moves.tag(here.db(), id, request.form.get("tags", ""), reason=_reason(), by=Actor(here.visitor().person))
    return _back(id, "Frågorna är ändrade, och gäller från nu.")


@pages.post("/arenden/<id>/datum/<key>")
@open_to(SIGNED_IN)
def move_deadline(id: str, key: str) -> Answer | str:
    """First what would follow, then, when confirmed, the move itself."""
    by, day, reason = Actor(here.visitor().person), _day(request.form.get("day", "")), request.form.get("reason", "")
    if request.form.get("do") == "move":
        dates.move(here.db(), id, key, day, reason=reason, by=by, confirmed=True)
        return _back(id, "Datumet är flyttat.")
    follows = dates.preview(here.db(), id, key, day, by=by)
    with here.db().read() as reader:
        case = _seen(reader, here.visitor(), id)
        before = deadlines.find(reader, id, key)
        return render_template(
            "move-deadline.html",
            case=case,
            key=key,
            word=_word(key),
            word_of=_word,
            day=day,
            reason=reason,
            follows=follows,
            before=before,
        )


def _reason() -> str:
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Invalid(say("Skriv en orsak. Den syns för alla som har del i ärendet."))
    return reason[:1000]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(say("Skriv datumet som ÅÅÅÅ-MM-DD.")) from None


def _back(id: str, receipt: str) -> Answer:
    return redirect(url_for("cases.show", id=id, kvitto=receipt), 303)


# What the pages show ------------------------------------------------------------------------------------------------


def _seen(reader: Reader, visitor: Visitor, id: str) -> Case:
    """A case that the visitor may see. Raises `NotFound` also when it is there but not for them."""
    case = cases.find_any(reader, id, visitor.region)
    if case is None or not _may(reader, visitor, "case.see", case):
        raise NotFound("Ärendet", id)
    return case


def _may(reader: Reader, visitor: Visitor, act: str, case: Case) -> bool:
    return access.may(reader, Actor(visitor.person), act, **here.place(), case=case)


def _line(case: Case, kind: str, waiting: list[Any], today: date) -> dict[str, Any]:
    soonest = min((each.due for each in waiting if each.due), default=None)
    return {
        "case": case,
        "status": _status(case),
        "kind": kind,
        "now": ", ".join(dict.fromkeys(each.name for each in waiting)),
        "due": words.due(soonest, today) if soonest else None,
        "started": words.moment(case.started_at, today).rsplit(" ", 1)[0],
    }


def _status(case: Case) -> tuple[str, str, str]:
    """Icon, word and tone."""
    word, icon, tone = {**STATUSES, **ENDED}[case.status]
    outcome = OUTCOMES.get(case.outcome or "", "")
    return icon, say(outcome or word), tone


def _concerned(case: Case, entries: list[Any], own_tasks: list[Any]) -> set[str]:
    found = {case.owner, case.started_by}
    found |= {person for each in entries for person in (each.person, each.on_behalf_of)}
    found |= {person for each in own_tasks for person in (each.assignee, each.completed_by)}
    return {each for each in found if each}


def _kept_until(region: Region, case: Case) -> str:
    """The last day that a closed case is kept, in words; empty while it is open or where the diary keeps it."""
    if case.ended_at is None:
        return ""
    ended = calendar.local_day(case.ended_at, region.timezone)
    until = retention.kept_until(region, case.process_key, ended, case.variables.get("diaryNumber"))
    return calendar.long_date(until) if until else ""


def _deadlines(reader: Reader, case: Case, today: date) -> list[dict[str, Any]]:
    found = deadlines.of_case(reader, case.id)
    region = definitions.of_case(reader, case).region
    why = due_days.explained(region, due_days.round_kind(case.process_key), found)
    return [
        {
            "deadline": each,
            "word": _word(each.key),
            "why": why.get(each.key, ""),
            "day": words.short_day(each.day, today.year),
            "due": words.due(each.day, today),
        }
        for each in found
    ]


def _word(key: str) -> str:
    """`memoDue` in words; `memoDue-2` of the second of several has its number."""
    name, _, number = key.partition("-")
    word = say(DEADLINES[name]) if name in DEADLINES else name
    return f"{word} {number}" if number else word


def _persons(reader: Reader, case: Case, own_tasks: list[Any], names: dict[str, str]) -> list[tuple[str, str]]:
    """Who is who in the case: the owner, the lead, and who has tasks now."""
    lead = people.names(reader, {str(case.variables.get("leadUserId") or "")})
    found = [(say("Ägare"), names[case.owner])] if case.owner in names else []
    found += [(say("Sammanhållande"), name) for name in lead.values()]
    working = {
        (each.name, names[each.assignee]) for each in own_tasks if each.status == "open" and each.assignee in names
    }
    return found + sorted(working)


def _who(reader: Reader, task: Task, names: Mapping[str, str]) -> str:
    """Who has a task, which role may take it, or which other system is to do it."""
    if task.assignee is not None:
        return names.get(task.assignee, "")
    if webhook.waits(task.properties):
        return str(task.properties[webhook.HANDOVER]["system"])
    scopes = tasks.roles_of(reader, task.id)
    areas = area_names(reader, {area for _, area in scopes})
    return "; ".join(chrome.title(role, area, areas) for role, area in scopes)


def _links(reader: Reader, visitor: Visitor, case: Case) -> list[dict[str, Any]]:
    """The cases that this one belongs with, oldest first: each with what it is and how it stands."""
    others = {each.from_case if each.to_case == case.id else each.to_case for each in links.of_case(reader, case.id)}
    found = (cases.find(reader, each) for each in others)
    seen = [each for each in found if each is not None and _may(reader, visitor, "case.see", each)]
    seen.sort(key=lambda each: each.started_at)
    return [{"case": each, "kind": _kind(reader, each), "status": _status(each)} for each in seen]


def _kind(reader: Reader, case: Case) -> str:
    """What the process of a case is called: cases of one chain share their title."""
    found = versions.by_version(reader, case.region, case.version)
    return found.name if found else ""


def _name_of(deployed: Deployed, element: str) -> str:
    processes = (deployed.process, *deployed.definition.called.values())
    return next((each.nodes[element].name or element for each in processes if element in each.nodes), element)


def _role_tags(deployed: Deployed, process: str) -> dict[str, str]:
    """Element -> the title of who does it, for tags in the drawing."""
    nodes = deployed.definition.lookup(process).nodes.values()
    found = {
        node.id: node.attributes.get("candidateGroups", "") or node.properties.get("manualRole", "") for node in nodes
    }
    roles = {id: text.split(",")[0].partition("@")[0].strip() for id, text in found.items() if text}
    return {id: deployed.region.title(role) for id, role in roles.items() if role in deployed.region.roles}


def _offset() -> int:
    text = request.args.get("fran", "0")
    return int(text) if text.isdigit() and len(text) < 7 else 0
