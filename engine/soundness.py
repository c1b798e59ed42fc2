"""What a schema cannot say of a profile: that its days exist, its windows follow each other, its roles are known.

Each fault is a Swedish sentence that begins with the line it stands on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from engine import bodies, calendar
from engine.bodies import Plan
from engine.connectors import ANSWER_WITHIN, CONNECTORS
from engine.yaml_file import Place, Written

ROLE_PLACES: Sequence[Place] = (
    ("cancer", "lead"),
    ("cancer", "sender"),
    *(("localAdditions", key) for key in ("reviewer", "approver")),
    *(("coi", key) for key in ("assessor", "handler")),
    ("compensation", "receiver"),
    ("gap", "principals", "*", "role"),
    ("implementation", "checklistApprover"),
    ("implementation", "followUpRole"),
    ("bodies", "*", "secretaryRole"),
    ("yearWheel", "organiser"),
    ("yearWheel", "reportTo", "role"),
    ("yearWheel", "reviewBy", "role"),
    ("connectors", "*", "manualRole"),
    ("recruitment", "recruiter"),
    ("lag", "noLpoAppoints"),
    ("consultation", "informFirst"),
)
"""Where a profile names a role. `*` is every key of a part."""
ROLE_LISTS: Sequence[Place] = (
    ("yearWheel", "audience"),
    ("yearWheel", "meetings", "inform"),
    ("consultation", "ethicsRoles"),
)
"""Where a profile names several."""
NEEDED = ("coordinator",)
"""Roles that the product itself turns to."""
PERIODS: Sequence[Place] = (
    ("bodies", "*", "cadence"),
    ("bodies", "*", "cadenceMin"),
    ("bodies", "*", "cadenceMax"),
    ("pdsa", "cycle"),
    ("gap", "reGapMin"),
    ("gap", "reGapMax"),
    ("gap", "principalPeriod"),
    ("localAdditions", "registerCadence"),
    ("assignment", "remindBefore"),
    ("lpo", "actAfter"),
)


def faults(written: Written) -> Iterator[str]:
    """Everything that is wrong with a profile whose form is right."""
    yield from _timezone(written)
    yield from _roles(written)
    yield from _periods(written)
    yield from _windows(written)
    yield from _meetings(written)
    yield from _ladder(written)
    yield from _year(written)
    yield from _months(written)
    yield from _assumptions(written)
    yield from _connectors(written)


def _timezone(written: Written) -> Iterator[str]:
    name = written.data["timezone"]
    if name not in available_timezones():
        yield _at(written, ("timezone",), f"tidszonen {name} finns inte. Skriv till exempel Europe/Stockholm.")


def _roles(written: Written) -> Iterator[str]:
    roles: Mapping[str, Any] = written.data["roles"]
    for role in NEEDED:
        if role not in roles:
            yield _at(written, ("roles",), f"rollen {role} saknas, och utan den får ingen det som ingen annan har.")
    for pattern in ROLE_PLACES:
        for place, role in _written_at(written, pattern):
            if role is not None and role not in roles:
                yield _at(written, place, f"rollen {role} finns inte bland profilens roller (roles).")
    for pattern in ROLE_LISTS:
        for place, several in _written_at(written, pattern):
            for role in several:
                if role not in roles:
                    yield _at(written, place, f"rollen {role} finns inte bland profilens roller (roles).")


def _periods(written: Written) -> Iterator[str]:
    for pattern in PERIODS:
        for place, period in _written_at(written, pattern):
            if period is not None and not int(period[1:-1]):
                yield _at(written, place, f"{period} är ingen tid alls. Skriv till exempel P1M.")


def _windows(written: Written) -> Iterator[str]:
    where: Place = ("consultation", "windows")
    last: date | None = None
    for n, window in enumerate(written.data["consultation"]["windows"]):
        place: Place = (*where, n)
        try:
            start = date(_YEAR, *bodies.month_day(window["start"]))
            end = date(_YEAR + window.get("endYearOffset", 0), *bodies.month_day(window["end"]))
        except ValueError:
            days = f"{window['start']} eller {window['end']}"
            yield _at(written, place, f"{days} finns inte varje år. Skriv månad och dag, till exempel 02-15.")
            return
        if end <= start:
            yield _at(written, place, f"fönstret slutar {window['end']} innan det börjar {window['start']}.")
        elif last is not None and start <= last:
            yield _at(written, place, f"fönstret börjar {window['start']} innan det förra har slutat.")
        last = end


def _meetings(written: Written) -> Iterator[str]:
    for id, plan_written in written.data.get("bodies", {}).items():
        place: Place = ("bodies", id)
        try:
            plan = bodies.plan(plan_written)
        except ValueError as error:
            yield _at(written, place, f"{id} har ett datum som inte finns ({error}).")
            continue
        if plan.first and not calendar.is_workday(plan.first):
            why = calendar.why_off(plan.first)
            yield _at(written, (*place, "firstMeeting"), f"{plan.title} kan inte börja mötas {plan.first}: {why}.")
        yield from _announced(written, (*place, "meetings"), plan)


def _announced(written: Written, place: Place, plan: Plan) -> Iterator[str]:
    for meeting in plan.meetings:
        if not calendar.is_workday(meeting):
            yield _at(written, place, f"{plan.title} kan inte mötas {meeting}: {calendar.why_off(meeting)}.")
        elif plan.is_closed(meeting):
            yield _at(written, place, f"{plan.title} har uppehåll {meeting}.")
    for one, other in plan.wrong_gaps(plan.meetings) if plan.longest else ():
        yield _at(written, place, f"{plan.title} har fel tid mellan mötena {one} och {other}: {_span(plan)}.")


def _connectors(written: Written) -> Iterator[str]:
    """Hand-overs that there are, made in a way that they can be made."""
    for topic, each in written.data.get("connectors", {}).items():
        place: Place = ("connectors", topic)
        known = {"mode": each} if isinstance(each, str) else each
        if topic not in CONNECTORS:
            yield _at(written, place, f"överlämningen {topic} finns inte. De som finns: {', '.join(CONNECTORS)}.")
        elif known["mode"] == "mail" and not CONNECTORS[topic].by_mail:
            yield _at(written, place, f"{topic} kan inte gå med mejl. Skriv manual eller webhook.")
        elif known["mode"] == "webhook" and not known.get("endpoint"):
            yield _at(written, place, f"{topic} ska gå till ett annat system: skriv dess adress (endpoint).")
        elif not _lasts(known.get("answerWithin", ANSWER_WITHIN)):
            yield _at(written, place, f"{known['answerWithin']} är ingen tid alls. Skriv till exempel P2D.")


def _lasts(period: str) -> bool:
    return any(mark in "123456789" for mark in period)


def _ladder(written: Written) -> Iterator[str]:
    """Every step of the decision ladder is a body of the profile, or what some role is (`body`)."""
    known = {each.get("body") for each in written.data["roles"].values()} | written.data.get("bodies", {}).keys()
    for n, step in enumerate(written.data.get("decisionLadder", ())):
        for part in steps(step):
            if part not in known:
                reason = "är varken ett organ (bodies) eller någon rolls organ (roles.*.body)"
                yield _at(written, ("decisionLadder", n), f"{part} i beslutsstegen {reason}.")


def _year(written: Written) -> Iterator[str]:
    """Days that are set, and days that someone is reminded of, must exist and fit their rule."""
    wheel, place = written.data.get("yearWheel", {}), ("yearWheel",)
    months = wheel.get("knowledgeDayMonths", ())
    for n, text in enumerate(wheel.get("knowledgeDays", ())):
        here = (*place, "knowledgeDays", n)
        problem = _missing(text) or calendar.knowledge_day_fault(date.fromisoformat(text), months)
        if problem:
            yield _at(written, here, problem)
    for n, watched in enumerate(wheel.get("watch", ())):
        if problem := _missing(watched["day"]):
            yield _at(written, (*place, "watch", n), problem)
    for process, rule in wheel.get("starts", {}).items():
        for problem in _start(written, rule):
            yield _at(written, (*place, "starts", process), problem)


def _start(written: Written, rule: Mapping[str, Any]) -> Iterator[str]:
    """Work of the year begins on days that exist, or before the meetings of bodies that have some."""
    for text in rule.get("days", ()):
        try:
            bodies.month_day(text)
        except ValueError:
            yield f"dagen {text} finns inte varje år. Skriv månad och dag, till exempel 09-01."
    known = written.data.get("bodies", {})
    for body in rule.get("bodies", ()):
        if not {"firstMeeting", "meetings"} & known.get(body, {}).keys():
            yield f"{body} är inget organ med möten (bodies)."


def _missing(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return f"dagen {text} finns inte."
    return None


def _months(written: Written) -> Iterator[str]:
    months = written.data["feedback"]["months"]
    if len(set(months)) < len(months):
        yield _at(written, ("feedback", "months"), "en månad står två gånger.")


def _assumptions(written: Written, place: Place = ()) -> Iterator[str]:
    """What is called an assumption must stand there."""
    here = written.data
    for key in place:
        here = here[key]
    if not isinstance(here, dict):
        return
    for key in here.get("assumptions", ()):
        if key not in here:
            yield _at(written, (*place, "assumptions", key), f"{key} kallas ett antagande men står inte här.")
    for key in here:
        yield from _assumptions(written, (*place, key))


def steps(step: str) -> list[str]:
    """The bodies of one step of a decision ladder: `+` is together, `|` is either."""
    return [part for each in step.split("|") for part in each.split("+")]


def _span(plan: Plan) -> str:
    return f"de ska ligga {plan.cadence}–{plan.longest} från varandra"


def _written_at(written: Written, pattern: Place) -> Iterator[tuple[Place, Any]]:
    """Every place that fits a pattern, with what stands there."""
    found: list[tuple[Place, Any]] = [((), written.data)]
    for key in pattern:
        found = [((*place, each), value[each]) for place, value in found for each in _within(value, key)]
    yield from found


def _within(value: Any, key: str | int) -> Iterable[Any]:
    """What a step of a pattern leads to: a key of a part, each key of it, or each place of a list."""
    if key == "*":
        return value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [key] if isinstance(value, dict) and key in value else ()


def _at(written: Written, place: Place, sentence: str) -> str:
    return f"Rad {written.lines.get(place) or written.lines[place[:-1]]}: {sentence}"


_YEAR = 2027
"""A common year: a day that only leap years have is refused."""
