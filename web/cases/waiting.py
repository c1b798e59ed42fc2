"""Where the cases of a process wait: how many at each step, how long, and how many of them are late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine import waiting
from engine.waiting import Chart, Place
from store import definitions
from store import waiting as numbers
from store.cases import Ids
from store.database import Reader
from web import here, words
from web.doors import OPERATOR_ROLES, SIGNED_IN, open_to
from web.language import say

pages = Blueprint("waiting", __name__, template_folder="templates")

TONES = {"tjarn": ("Ingen sen", "done"), "nu": ("Högst var tredje sen", "clock"), "fel": ("Fler sena", "triangle")}
"""Tone of a step -> what it means and its icon."""


@dataclass(frozen=True)
class Narrowed:
    """The list of cases kept to those that wait at one place."""

    name: str
    process: str
    cases: Ids
    query: Mapping[str, str]
    """What the address says of it."""


@pages.get("/vantar")
@open_to(SIGNED_IN)
def index() -> str:
    """The processes that have open cases, those with most first."""
    with here.db().read() as reader:
        running = numbers.processes(reader, here.region().id, _counted(reader), here.today(reader))
        names = {each.process_key: each.name for each in definitions.all_latest(reader, here.region().id)}
    return render_template("waiting.html", running=running, names=names)


@pages.get("/vantar/<key>")
@open_to(SIGNED_IN)
def show(key: str) -> str:
    """One diagram of a process, with its numbers; the table says everything that the drawing does."""
    with here.db().read() as reader:
        chart = _chart(reader, key)
        return render_template(
            "waiting-process.html",
            key=key,
            chart=chart,
            rows=[_row(reader, chart, each) for each in waiting.places(reader, chart)],
            tones=TONES,
            may_list=chart.wanted.ids is not None or here.cases_seen(reader) is None,
            now=words.clock(reader.now),
        )


@pages.get("/vantar/<key>/ritning.bpmn")
@open_to(SIGNED_IN)
def source(key: str) -> Answer:
    """The diagram as it was deployed last; nothing of any case."""
    with here.db().read() as reader:
        return Response(_chart(reader, key).source, mimetype="application/xml")


@pages.get("/vantar/<key>/lage")
@open_to(SIGNED_IN)
def marks(key: str) -> Answer:
    """The numbers, for the drawing: element -> words and tone; and which called processes can be opened."""
    with here.db().read() as reader:
        chart = _chart(reader, key)
        rows = [_row(reader, chart, each) for each in waiting.places(reader, chart)]
    heat = {row["element"]: {"now": row["now"], "more": row["more"], "tone": row["tone"]} for row in rows}
    opens = {row["element"]: row["down"] for row in rows if row["down"]}
    return jsonify(states={}, opens=opens, badges={}, roles={}, heat=heat)


def asked_for(reader: Reader) -> Narrowed | None:
    """The place in a diagram that the address of a list of cases names, if any. Raises `NotFound`."""
    key, element = request.args.get("vantar", ""), request.args.get("steg", "")
    if not key or not element:
        return None
    chart = waiting.chart(reader, here.region(), key, request.args.get("process", ""), here.cases_seen(reader))
    query = {"vantar": key, "process": chart.process.id, "steg": element}
    node, _ = chart.find(element)
    return Narrowed(node.name or element, chart.process.name, numbers.cases_at(chart.wanted, element), query)


def _chart(reader: Reader, key: str) -> Chart:
    """The diagram that the address names: the process's own, or one that it calls. Raises `NotFound`."""
    return waiting.chart(reader, here.region(), key, request.args.get("process", ""), _counted(reader))


def _counted(reader: Reader) -> list[str] | None:
    """The cases that the numbers are of: every one for those who look after operations, else those one may see."""
    return None if here.visitor().holds(*OPERATOR_ROLES) else here.cases_seen(reader)


def _row(reader: Reader, chart: Chart, place: Place) -> dict[str, Any]:
    waits, key, process = place.waits, chart.wanted.process_key, chart.process.id
    time = words.waited(reader.now - waits.since)
    late = say("{n} av {total}", n=waits.late, total=waits.cases)
    called = place.node.called
    return {
        "element": waits.element,
        "name": place.node.name or waits.element,
        "waits": waits,
        "time": time,
        "late": late,
        "now": say("{n} nu", n=waits.cases),
        "more": "\n".join((time, say("{late} sena", late=late))),
        "tone": _tone(waits.late, waits.cases),
        "version": place.version,
        "cases": url_for("cases.index", vantar=key, process=process, steg=waits.element),
        "down": url_for("waiting.show", key=key, process=called) if called else "",
    }


def _tone(late: int, cases: int) -> str:
    if not late:
        return "tjarn"
    return "nu" if late * 3 <= cases else "fel"
