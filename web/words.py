"""Dates, counts and states as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine import calendar
from web import here, language
from web.language import say

DAYS = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "sv": tuple("januari februari mars april maj juni juli augusti september oktober november december".split()),
    "en": tuple("January February March April May June July August September October November December".split()),
}
NUMBERS = ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
ALPHABET = str.maketrans({0xE5: "\uf000", 0xE4: "\uf001", 0xF6: "\uf002"})
"""Å, ä and ö in that order behind every other letter: by code points alone ä would stand before å."""
SOON = 2
"""Working days within which a due day is shown as soon."""


@dataclass(frozen=True)
class Due:
    """A due day in words, with its tone (`fel`, `nu` or `quiet`) and icon."""

    text: str
    tone: str
    icon: str
    more: str = ""
    """How far away it is: `om 2 arbetsdagar`."""


def short_day(day: date, this_year: int | None = None) -> str:
    """`fre 29 jan`, with the year when it is another one."""
    tongue = language.current()
    text = f"{DAYS[tongue][day.weekday()][:3]} {day.day} {MONTHS[tongue][day.month - 1][:3]}"
    return text if this_year in (None, day.year) else f"{text} {day.year}"


def long_day(day: date) -> str:
    """`fredag 29 januari`."""
    tongue = language.current()
    return f"{DAYS[tongue][day.weekday()]} {day.day} {MONTHS[tongue][day.month - 1]}"


def told(sentence: str) -> str:
    """A sentence of the engine's about days, in the reader's language: `14 februari är en söndag`."""
    if language.current() == "sv":
        return sentence
    english = language.phrases() | _day_names()
    pattern = rf"\b({'|'.join(map(re.escape, english))})\b"
    return re.sub(pattern, lambda found: english[found[0]], sentence)


def _day_names() -> dict[str, str]:
    """Swedish weekdays and months -> English."""
    return dict(zip(DAYS["sv"] + MONTHS["sv"], DAYS["en"] + MONTHS["en"], strict=True))


def clock(moment: datetime) -> str:
    """`14:02`, local time."""
    return here.local(moment).strftime("%H:%M")


def moment(when: datetime, today: date) -> str:
    """`i dag 09:12`, `i går 16:40`, `fre 22 jan 08:30`."""
    return f"{day(when, today)} {clock(when)}"


def day(when: datetime, today: date) -> str:
    """The day of a moment: `i dag`, `fre 22 jan`."""
    there = here.local(when).date()
    names = {today: say("i dag"), today - timedelta(days=1): say("i går"), today + timedelta(days=1): say("i morgon")}
    return names.get(there) or short_day(there, today.year)


def coordinator() -> str:
    """Whoever coordinates in the region, in the middle of a sentence: `samordnaren`, `Kunskapsstödsgruppen`."""
    return "the coordinator" if language.current() == "en" else str(here.region()["roles"]["coordinator"]["called"])


def waited(time: timedelta) -> str:
    """How long something has waited, in whole days: `4 dagar`."""
    if time.days < 1:
        return say("mindre än 1 dag")
    return say("1 dag") if time.days == 1 else say("{n} dagar", n=time.days)


def due(day: date | None, today: date) -> Due:
    """A due day as the inbox shows it."""
    if day is None:
        return Due(say("Ingen tid satt"), "quiet", "calendar")
    if day < today:
        late = (today - day).days
        return Due(say("1 dag sen") if late == 1 else say("{n} dagar sen", n=late), "fel", "triangle", short_day(day))
    left = calendar.workdays_between(today, day)
    soon = left <= SOON
    return Due(capital(_near(day, today)), "nu" if soon else "quiet", "clock" if soon else "calendar", _left(left))


def due_fact(day: date | None, today: date) -> Due:
    """A due day in full: `Fredag 29 januari`, `om 2 arbetsdagar`; with the year when it is another one."""
    short = due(day, today)
    if day is None:
        return short
    year = "" if day.year == today.year else f" {day.year}"
    return Due(capital(long_day(day)) + year, short.tone, short.icon, short.text if day < today else short.more)


def _near(day: date, today: date) -> str:
    if day == today:
        return f"{say('i dag')}, {short_day(day)}"
    if day == today + timedelta(days=1):
        return f"{say('i morgon')}, {short_day(day)}"
    return short_day(day, today.year)


def _left(workdays: int) -> str:
    if workdays <= 0:
        return say("i dag")
    return say("om 1 arbetsdag") if workdays == 1 else say("om {n} arbetsdagar", n=workdays)


def capital(text: str) -> str:
    """With a capital letter first, the rest as it is."""
    return text[:1].upper() + text[1:]


def alphabetical(text: str) -> str:
    """A key that puts words in the order of the Swedish alphabet: å, ä and ö last."""
    return text.lower().translate(ALPHABET)


def group(day: date | None, today: date) -> str:
    """Which heading of the inbox a due day stands under: `late`, `week` or `later`."""
    if day is not None and day < today:
        return "late"
    sunday = today + timedelta(days=6 - today.weekday())
    return "week" if day is not None and day <= sunday else "later"


def number(count: int) -> str:
    """Small numbers as words, for headings: `två`."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) and language.current() == "sv" else str(count)


def minutes(count: int) -> str:
    """`25 min`, `1 tim 5 min`."""
    hours, rest = divmod(count, 60)
    parts = [f"{hours} {say('tim')}" if hours else "", f"{rest} min" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def figure(value: object) -> str:
    """A number as people write it, `4` and `4,5`; a list with commas between; any other text as it is."""
    if isinstance(value, list):
        return ", ".join(map(figure, value))
    return f"{value:.15g}".replace(".", ",") if isinstance(value, float) else str(value)


def role(role: str, area: str, areas: Mapping[str, str]) -> str:
    """A role by its title, and the programme area by its name: `LPO-ordförande, Lung- och allergisjukdomar`."""
    return ", ".join(part for part in (here.region().title(role), areas.get(area, area)) if part)


def size(count: int) -> str:
    """`14 kB`, `2,3 MB`."""
    return (
        f"{count / 1_000_000:.1f} MB".replace(".", ",") if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"
    )
