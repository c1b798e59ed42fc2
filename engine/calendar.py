"""The Swedish working calendar.

All functions are pure: days in, days out. A *working day* (arbetsdag) is Monday to Friday that is not a public holiday
by lag (1989:253), nor midsommarafton, julafton or nyårsafton. Openings roll forward to a working day and external
closings roll back to one. A closing is 23:59:59 local time on its day; openings and reminders are 08:00 local time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

STOCKHOLM = "Europe/Stockholm"
OPENING = time(8, 0)
YEARS = range(1990, 2201)
"""The years that the calendar answers for."""
FARTHEST = 2_600
"""Working days that a sum may span: about ten years."""

_EVES = {(12, 24): "julafton", (12, 31): "nyårsafton"}
_NAMES = {
    "Nyårsdagen": "nyår",
    "nyårsafton": "nyår",
    "Trettondedag jul": "trettondagen",
    "Långfredagen": "påsken",
    "Påskdagen": "påsken",
    "Annandag påsk": "påsken",
    "Första maj": "första maj",
    "Kristi himmelsfärdsdag": "Kristi himmelsfärdsdag",
    "Pingstdagen": "pingsten",
    "Annandag pingst": "pingsten",
    "Nationaldagen": "nationaldagen",
    "midsommarafton": "midsommar",
    "Midsommardagen": "midsommar",
    "Alla helgons dag": "alla helgons dag",
    "julafton": "julen",
    "Juldagen": "julen",
    "Annandag jul": "julen",
}
_MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)

_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


class OutsideCalendar(ValueError):
    """A day or a sum lies outside what the calendar answers for."""


# Days ----------------------------------------------------------------------------------------------------------------


def within(day: date) -> date:
    """The day itself. Raises `OutsideCalendar` for one that the calendar does not answer for."""
    if day.year not in YEARS:
        raise OutsideCalendar(f"{day.isoformat()} ligger utanför kalendern ({YEARS[0]}–{YEARS[-1]}).")
    return day


def holiday(day: date) -> str | None:
    """The Swedish name of the holiday, or of the eve that counts as one, on this day."""
    return _holidays(within(day).year).get(day)


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and holiday(day) is None


def roll_forward(day: date) -> date:
    """The first working day on or after this one."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def roll_back(day: date) -> date:
    """The last working day on or before this one."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def workday(day: date, count: int) -> date:
    """The day that lies `count` working days after this one (before it when negative). The day itself is day 0."""
    if abs(count) > FARTHEST:
        raise OutsideCalendar(f"{count} arbetsdagar är längre än kalendern räknar ({FARTHEST}).")
    return deque(_walk(day, count), maxlen=1).pop() if count else day


def workdays_between(first: date, last: date) -> int:
    """How many working days lie after `first` up to and including `last`; negative when `last` is earlier."""
    if last < first:
        return -workdays_between(last, first)
    return sum(is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def add_months(day: date, count: int) -> date:
    """The same day of the month `count` months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if year not in YEARS:
        raise OutsideCalendar(f"År {year} ligger utanför kalendern ({YEARS[0]}–{YEARS[-1]}).")
    return date(year, month + 1, min(day.day, _last_of_month(year, month + 1)))


def add_period(day: date, period: str, count: int = 1) -> date:
    """`count` periods of one unit later, unrolled: `P3M`, `P1Y`, `P4W`, `P10D`."""
    amount, unit = int(period[1:-1]) * count, period[-1]
    if unit in "MY":
        return add_months(day, amount * (12 if unit == "Y" else 1))
    return day + timedelta(days=amount * (7 if unit == "W" else 1))


def in_words(day: date, count: int) -> str:
    """The sum of `workday` in words: `10 arbetsdagar före 14 april 2026, påsken borträknad`."""
    passed = [name for name in map(holiday, sorted(_weekdays_passed(day, count))) if name]
    skipped = list(dict.fromkeys(_NAMES.get(name, name) for name in passed))
    amount = f"{abs(count)} arbetsdag{'' if abs(count) == 1 else 'ar'}"
    side = "före" if count < 0 else "efter"
    return f"{amount} {side} {long_date(day)}" + (f", {_listed(skipped)} borträknad" if skipped else "")


def why_rolled(nominal: date, actual: date) -> str:
    """Why a day was moved to a working day: `15 november är en söndag`; empty when it was not."""
    return f"{day_and_month(nominal)} är {why_off(nominal)}" if nominal != actual else ""


def long_date(day: date) -> str:
    """`14 april 2026`."""
    return f"{day_and_month(day)} {day.year}"


def day_and_month(day: date) -> str:
    """`14 april`."""
    return f"{day.day} {month(day)}"


def month(day: date) -> str:
    """`april`."""
    return _MONTHS[day.month - 1]


def weekday(day: date) -> str:
    """`tisdag`."""
    return _WEEKDAYS[day.weekday()]


def hours_and_minutes(minutes: int) -> str:
    """`25 minuter`, `1 timme`, `1 timme 30 minuter`, `2 timmar`."""
    hours, rest = divmod(minutes, 60)
    parts = [_amount(hours, "timme", "timmar")] if hours else []
    parts += [_amount(rest, "minut", "minuter")] if rest or not hours else []
    return " ".join(parts)


def _amount(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def knowledge_day_fault(day: date, months: Sequence[int]) -> str | None:
    """Why a kunskapsstyrningsdag cannot be on this day: it is a working day in one of its months. None when it can."""
    if months and day.month not in months:
        allowed = _listed([_MONTHS[month - 1] for month in months])
        return f"{long_date(day)} ligger inte i {allowed}, när kunskapsstyrningsdagen ska vara."
    if not is_workday(day):
        return f"{long_date(day)} är ingen arbetsdag: {why_off(day)}."
    return None


def save_the_date(day: date, workdays: int = 1) -> date:
    """When the invitation to the next kunskapsstyrningsdag goes out at the latest: working days after this one."""
    return workday(day, workdays)


def why_off(day: date) -> str:
    """Why a day is no working day: `långfredagen`, `en söndag`; empty for a working day."""
    if is_workday(day):
        return ""
    name = holiday(day)
    return _lower(name) if name and day.weekday() < 5 else f"en {weekday(day)}"


# Moments -------------------------------------------------------------------------------------------------------------


def at(day: date, clock: time, timezone: str = STOCKHOLM) -> datetime:
    """This local time on this day, as an aware local moment.

    A time that summer time skips becomes the first moment after the gap; one that comes twice is the first of the two.
    """
    zone = ZoneInfo(timezone)
    local = datetime.combine(day, clock.replace(fold=0), zone)
    gap = local.utcoffset() != local.astimezone(UTC).astimezone(zone).utcoffset()
    if not gap:
        return local
    return next(moment for moment in _minutes_after(local) if moment.utcoffset() != local.utcoffset())


def opening(day: date, timezone: str = STOCKHOLM) -> datetime:
    """08:00 local time: when openings and reminders happen."""
    return at(day, OPENING, timezone)


@lru_cache(maxsize=64)  # a step asks for the day of the same moment again and again
def local_day(moment: datetime, timezone: str = STOCKHOLM) -> date:
    """The local calendar day of an aware moment."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def day_of(text: str) -> date:
    """The day of a date's or an instant's text. Raises ValueError with a sentence for people."""
    try:
        return datetime.fromisoformat(text).date()
    except (TypeError, ValueError):
        raise ValueError(f"”{text}” är inte ett datum: skriv det som 2026-04-14.") from None


def zone(timezone: str) -> ZoneInfo:
    """The time zone by its name."""
    return ZoneInfo(timezone)


# Inside --------------------------------------------------------------------------------------------------------------


@cache
def _holidays(year: int) -> dict[date, str]:
    found: dict[date, str] = dict(holidays.country_holidays("SE", years=year, language="sv").items())
    midsummer = next(day for day, name in found.items() if name == "Midsommardagen")
    eves = {date(year, *day): name for day, name in _EVES.items()} | {midsummer - timedelta(days=1): "midsommarafton"}
    return found | eves


def _walk(day: date, count: int) -> Iterator[date]:
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day = within(day) + step
        left -= is_workday(day)
        yield day


def _weekdays_passed(day: date, count: int) -> list[date]:
    return [passed for passed in _walk(day, count) if passed.weekday() < 5]


def _last_of_month(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _minutes_after(moment: datetime) -> Iterator[datetime]:
    start = moment.replace(minute=0, second=0).astimezone(UTC) - timedelta(hours=2)
    return ((start + timedelta(minutes=n)).astimezone(moment.tzinfo) for n in range(300))


def _lower(name: str) -> str:
    """A holiday's name within a sentence: `långfredagen`, `Kristi himmelsfärdsdag`."""
    if name == "Första maj":
        return "en helgdag"
    return name if name.startswith("Kristi") else name[:1].lower() + name[1:]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"
