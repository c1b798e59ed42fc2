"""The page of one task: read it, write in it, send it, take it, give it back, pass it on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import tasks as moves
from engine.errors import AlreadyDone, FormErrors, Incalculable, NotRunning
from store import drafts, held_answers, inbox, people
from store.cases import Case
from store.database import Reader
from store.inbox import Listed
from store.tasks import Task
from web import errors, here, receipts, words
from web.doors import SIGNED_IN, open_to
from web.inbox import files, given, page, sheet
from web.inbox.questions import Option
from web.language import say

Words = Sequence[tuple[str, str]]
"""Labels and what was written under them."""

pages = Blueprint("tasks", __name__, template_folder="templates")


@pages.get("/uppgifter/<id>")
@open_to(SIGNED_IN)
def show(id: str) -> Answer | str:
    """A task on a page of its own; one that was withdrawn says why."""
    with here.db().read() as reader:
        task, case = page.found(reader, here.visitor(), id)
        if task.status == "cancelled":
            return make_response(_vanished(reader, task, case), 410)
        answer = _page(reader, id, focus_heading=bool(receipts.read()))
    page.note_opened(here.visitor(), id)
    return answer


@pages.post("/uppgifter/<id>")
@open_to(SIGNED_IN)
def submit(id: str) -> Answer:
    """One form, many buttons: `do` says which was pressed."""
    act = request.form.get("do", "refresh")
    if act in SIMPLE:
        return SIMPLE[act](id)
    with here.db().read() as reader:
        task, case = page.found(reader, here.visitor(), id)
        declared, _ = sheet.declared_for(reader, case, task)
        draft = drafts.find(reader, id, here.visitor().person)
        if not page.acts(reader, here.visitor(), task, case)["write"]:
            return _too_late(reader, task, case, given.read(request.form, declared, {}))
    answers = given.read(request.form, declared, draft.values if draft else {})
    answers, refused = files.take_in(answers, declared, files.of_task(task))
    removed = given.removed_row(answers, act)
    if act == "send" and not refused:
        return _send(id, given.without_blank_rows(answers, declared))
    answers = given.change_rows(answers, act, request.form) if ":" in act else answers
    _keep(id, answers)
    if act == "save":
        saved = receipts.sealed("Utkastet är sparat.")
        return redirect(url_for("inbox.index", vy=request.form.get("vy") or None, kvitto=saved), 303)
    return _shown_again(id, answers, refused, removed=removed)


@pages.post("/uppgifter/<id>/vidarebefordra")
@open_to(SIGNED_IN)
def forward(id: str) -> Answer:
    """Ask one more in the round that the task belongs to."""
    to = request.form.get("to", "")
    moves.forward(here.db(), id, [to], by=here.visitor().by)
    return _back_to(id, "Uppgiften är vidarebefordrad.")


@pages.post("/uppgifter/<id>/tilldela")
@open_to(SIGNED_IN)
def assign(id: str) -> Answer:
    """Give the task to someone."""
    moves.assign(here.db(), id, request.form.get("to", ""), by=here.visitor().by)
    return _back_to(id, "Uppgiften är tilldelad.")


# What the buttons do ------------------------------------------------------------------------------------------------


def _send(id: str, answers: Mapping[str, Any]) -> Answer:
    """Complete the task. What is wrong comes back on the page; what came too late comes back with the person's text."""
    try:
        moves.complete(here.db(), id, answers, by=here.visitor().by)
    except FormErrors as wrong:
        _keep(id, answers)
        return _shown_again(id, answers, wrong.errors)
    except Incalculable:
        _keep(id, answers)
        raise
    except (AlreadyDone, NotRunning):
        with here.db().read() as reader:
            task, case = page.found(reader, here.visitor(), id)
            return _too_late(reader, task, case, answers)
    if _may_be_taken_back(id):
        return _back_to(id, "Svaret är skickat.")
    return _next_task(id, "Svaret är skickat.")


def _claim(id: str) -> Answer:
    moves.claim(here.db(), id, by=here.visitor().by)
    return _back_to(id, "Uppgiften är din.")


def _take_over(id: str) -> Answer:
    moves.take_over(here.db(), id, by=here.visitor().by)
    return _back_to(id, "Uppgiften är din. Utkastet följde med.")


def _release(id: str) -> Answer:
    moves.release(here.db(), id, by=here.visitor().by)
    return _back_to(id, "Uppgiften är tillbakalämnad. Ditt utkast är kvar.")


def _take_back(id: str) -> Answer:
    moves.take_back(here.db(), id, by=here.visitor().by)
    return _back_to(id, "Svaret är tillbakataget. Det står kvar i formuläret som utkast.")


SIMPLE: Mapping[str, Callable[[str], Answer]] = {
    "claim": _claim,
    "take-over": _take_over,
    "release": _release,
    "undo": _take_back,
}


def _keep(id: str, answers: Mapping[str, Any]) -> None:
    with here.db().transaction() as tx:
        drafts.save(tx, id, here.visitor().person, answers)


def _may_be_taken_back(id: str) -> bool:
    with here.db().read() as reader:
        return held_answers.find(reader, id) is not None


def _next_task(done: str, receipt: str) -> Answer:
    """To the next of the person's own tasks, or to the empty inbox, with the receipt of the one that is done."""
    visitor = here.visitor()
    with here.db().read() as reader:
        waiting = inbox.mine(reader, visitor.people, here.today(reader), limit=1)
    following: Listed | None = waiting[0] if waiting else None
    told = receipts.sealed(receipt)
    return redirect(url_for("inbox.index", uppgift=following.id if following else None, kvitto=told, klar=done), 303)


def _back_to(id: str, receipt: str) -> Answer:
    return redirect(url_for("tasks.show", id=id, kvitto=receipts.sealed(receipt)), 303)


# Pages --------------------------------------------------------------------------------------------------------------


def _page(
    reader: Reader,
    id: str,
    answers: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
    removed: tuple[str, str, str] | None = None,
    focus_heading: bool = False,
) -> str:
    found = page.of_task(reader, here.visitor(), id, answers=answers, faults=faults, removed=removed)
    chosen = sheet.everyone(reader) if found["may"]["forward"] or found["may"]["assign"] else None
    return render_template(
        "task.html",
        **found,
        came_from=request.values.get("vy") or None,
        receipt=receipts.read(),
        focus_heading=focus_heading,
        forward_to=_options({**chosen.people, **chosen.roles}) if chosen else [],
        assign_to=_options(chosen.people) if chosen else [],
    )


def _options(words_by_key: Mapping[str, str]) -> list[Option]:
    return [Option(key, text) for key, text in words_by_key.items()]


def _shown_again(
    id: str,
    answers: Mapping[str, Any],
    faults: Mapping[str, str],
    removed: tuple[str, str, str] | None = None,
) -> Response:
    with here.db().read() as reader:
        return make_response(_page(reader, id, answers, faults, removed), 422 if faults else 200)


def _too_late(reader: Reader, task: Task, case: Case, answers: Mapping[str, Any]) -> Response:
    """Someone was faster, or the task is gone: say who and when, and give the person's own text back."""
    own = _in_words(reader, task, case, answers)
    if task.status == "cancelled":
        return make_response(_vanished(reader, task, case, own), 409)
    said = [_who_was_faster(reader, task), say("Din text finns kvar här nedanför.") if own else ""]
    return make_response(_told(errors.LATE, " ".join(said).strip(), case, own), 409)


def _who_was_faster(reader: Reader, task: Task) -> str:
    names = people.names(reader, {each for each in (task.completed_by, task.assignee) if each})
    if task.status in ("completed", "answered") and task.closed_at:
        who = names.get(task.completed_by or "", say("någon annan"))
        return say("Redan klar: {name} svarade {time}.", name=who, time=words.clock(task.closed_at))
    if task.assignee and task.assignee not in here.visitor().people:
        return say("{name} har tagit uppgiften.", name=names.get(task.assignee, say("Någon annan")))
    return say("Du kan läsa uppgiften men inte svara på den just nu.")


def _vanished(reader: Reader, task: Task, case: Case, own: Words = ()) -> str:
    """Why a task is no longer there: the case was cancelled, a deadline passed, or the process went another way."""
    when = words.moment(task.closed_at, here.today(reader)) if task.closed_at else ""
    reasons = {
        "cancelled": say("Ärendet avbröts: {reason}", reason=case.reason or say("ingen orsak angiven")),
        "completed": say("Ärendet är avslutat."),
    }
    sentence = say("Uppgiften ”{name}” togs bort {when}.", name=task.name, when=when)
    why = reasons.get(case.status) or say("Ärendet har gått vidare, till exempel för att tiden gick ut.")
    return _told(errors.Answer(410, "Uppgiften finns inte längre"), f"{sentence} {why}", case, own)


def _told(row: errors.Answer, sentence: str, case: Case, own: Words) -> str:
    back = url_for("cases.show", id=case.id)
    return errors.page(row, sentence, own_text=own, back=back, back_word=say("Till ärendet"))


def _in_words(reader: Reader, task: Task, case: Case, answers: Mapping[str, Any]) -> Words:
    """What the person had written, with the labels of the form."""
    declared, _ = sheet.declared_for(reader, case, task)
    written: list[tuple[str, str]] = []
    for each in declared:
        column, value = each.column, answers.get(each.rows or each.id)
        if each.rows:
            written += [(each.label, str(row[column])) for row in value or [] if row.get(column)]
        elif value not in (None, "", [], False):
            written.append((each.label, str(value)))
    return written
