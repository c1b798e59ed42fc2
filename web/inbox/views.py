"""The inbox: views to the left, the list, and the chosen task beside it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from store import cases, tasks
from store.database import Reader
from store.inbox import Filters, Listed
from web import here, receipts, words
from web.doors import SIGNED_IN, open_to
from web.inbox import afterwards, lists, page
from web.language import say
from web.visitor import Visitor

pages = Blueprint("inbox", __name__, template_folder="templates")


@pages.get("/")
@open_to(SIGNED_IN)
def index() -> str:
    """The view of the address, or where the visitor has something to do; with the chosen task beside the list."""
    visitor = here.visitor()
    with here.db().read() as reader:
        today = here.today(reader)
        counts = lists.counts(reader, visitor, today)
        view = lists.view_named(visitor, request.args.get("vy") or lists.first_view(counts))
        found = lists.tasks_of(reader, visitor, view, today, _filters(), request.args.get("efter", ""))
        lines = lists.lines(reader, visitor, found, today)
        chosen = _chosen(found)
        answer = render_template(
            "inbox.html",
            views=lists.views_of(visitor),
            view=view,
            counts=counts,
            groups=list(lists.groups(lines, today)) if view.key != "klara" else [lists.Group("", tuple(lines))],
            total=len(found),
            more=found[-1].sort if len(found) == lists.SHOWN and view.key != "klara" else "",
            week=_week(lists.tasks_of(reader, visitor, lists.VIEWS[0], today, Filters(), ""), today),
            chosen=chosen,
            asked_for=bool(request.args.get("uppgift")),
            text=request.args.get("sok", ""),
            receipt=receipts.read(),
            afterwards=afterwards.of(reader, visitor, request.args.get("klar", "")),
            coming=None if found else _next_known(today),
            elsewhere=[] if found else _elsewhere(reader, visitor, today),
            **(page.of_task(reader, visitor, chosen) if chosen else {"today": today}),
        )
    if chosen and chosen == request.args.get("uppgift"):
        page.note_opened(visitor, chosen)
    return answer


def _filters() -> Filters:
    return Filters(text=request.args.get("sok", "").strip()[:100])


def _chosen(found: list[Listed]) -> str | None:
    """The task of the address when the list still has it, else the first."""
    asked = request.args.get("uppgift")
    if asked and any(each.id == asked for each in found):
        return asked
    return found[0].id if found else None


def _week(mine: list[Listed], today: date) -> tuple[int, int]:
    """How many of the person's tasks are due this week or before, and the minutes they take together."""
    due = [each for each in mine if each.due is not None and words.group(each.due, today) != "later"]
    minutes = (str(each.properties.get("minutes") or "0") for each in due)
    return len(due), sum(int(each) for each in minutes if each.isdecimal())


def _next_known(today: date) -> date | None:
    """When the next national consultation window opens, for an empty inbox; None while one is open."""
    opens = here.region().window("consultation", today).opens
    return opens if opens > today else None


def _elsewhere(reader: Reader, visitor: Visitor, today: date) -> list[dict[str, str]]:
    """Where the person's cases wait for others."""
    roles = [(held.role, held.area) for held in visitor.roles]
    ids = tasks.cases_of(reader, visitor.region, visitor.people, roles)
    running = cases.listed(reader, visitor.region, status=("active",), ids=ids, limit=3)
    return [{"id": each.id, "title": each.title, "more": _waits_for(reader, each.id, today)} for each in running]


def _waits_for(reader: Reader, case_id: str, today: date) -> str:
    waiting = next(iter(tasks.open_of_case(reader, case_id)), None)
    if waiting is None:
        return say("väntar på ett datum eller ett besked")
    due = words.due(waiting.due, today).text.lower() if waiting.due else ""
    return ", ".join(part for part in (waiting.name, due) if part)
