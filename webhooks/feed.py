"""A person's due days as iCalendar: one all-day event for each task, to be fetched by their own calendar program.

Nothing personal and nothing that someone has written stands in it: the diagram's name for the task, the case's number
and a link. It says the same until something changes, so that it can be fetched often and cost little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vDuration

from store import deadlines, inbox, standing
from store.database import Reader
from store.inbox import Filters, Listed

CONTENT_TYPE = "text/calendar; charset=utf-8"
SHOWN_AFTERWARDS = timedelta(days=14)
"""How long a task that is done or withdrawn stands as cancelled: then every calendar has fetched that it is."""
MOST = 500
OFTEN = timedelta(hours=1)


def write(reader: Reader, person: str, region: str, today: datetime, base_url: str) -> bytes:
    """The calendar of a person, with the tasks that are theirs, or theirs to take, as of a local moment."""
    roles = standing.roles_on(reader, person, today.date())
    everything = Filters(with_hidden=True)
    waiting = [
        *inbox.mine(reader, standing.acts_for(person, roles), today.date(), everything, limit=MOST),
        *inbox.can_take(reader, person, region, roles, today.date(), everything, limit=MOST),
    ]
    ended = inbox.ended(reader, person, reader.now - SHOWN_AFTERWARDS, MOST)
    return _calendar(_events(reader, [*waiting, *ended], base_url))


def _calendar(events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Kunskapsflöde//Uppgifter//SV")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Kunskapsflöde")
    calendar.add("refresh-interval", vDuration(OFTEN), parameters={"VALUE": "DURATION"})
    # As a text: the library writes a period of an X-property in a way that no calendar reads.
    calendar.add("x-published-ttl", "PT1H")
    for each in events:
        calendar.add_component(each)
    return bytes(calendar.to_ical())


def _events(reader: Reader, tasks: Iterable[Listed], base_url: str) -> Iterator[Event]:
    dated = {each.id: each for each in tasks if each.due is not None}
    moved = deadlines.moves(reader, (each.case_id for each in dated.values()))
    for each in dated.values():
        yield _event(each, [at for at in moved.get(each.case_id, ()) if at > each.opened_at], base_url)


def _event(task: Listed, moved: list[datetime], base_url: str) -> Event:
    """The sequence goes up with every move of the case's days since the task came, and once more when it ends."""
    assert task.due is not None, "only what has a day stands in a calendar"
    changed = max((task.opened_at, *moved, *([task.closed_at] if task.closed_at else [])))
    event = Event()
    event.add("uid", f"{task.id}@kunskapsflode")
    event.add("sequence", len(moved) + (task.closed_at is not None))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", task.due)
    event.add("dtend", task.due + timedelta(days=1))
    event.add("summary", f"{task.name} ({task.case_number})")
    event.add("url", f"{base_url}/uppgifter/{task.id}")
    event.add("status", "CANCELLED" if task.closed_at else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event
