"""Region profiles: how one region runs the shared processes. This is their only reader.

A profile is `processes/regions/<id>.yaml`, checked against `processes/schemas/region.schema.json`. What no source
states is marked `assumption: true` in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from engine import bodies, calendar, soundness, windows, yaml_file
from engine.bodies import Plan
from engine.connectors import ANSWER_WITHIN
from engine.errors import BadProfile, NotFound
from engine.windows import Period, Window

PROCESSES = Path(__file__).resolve().parent.parent / "processes"
FOLDER = PROCESSES / "regions"
MANUAL = "manual"
MAIL = "mail"
WEBHOOK = "webhook"


class Section(Mapping[str, Any]):
    """A part of a profile, read by key or by attribute; a key that is not written is None as an attribute."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def __getitem__(self, key: str) -> Any:
        value = self._data[key]
        return Section(value) if isinstance(value, dict) else value

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_"):
            raise AttributeError(key)
        return self.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


@dataclass(frozen=True)
class Connector:
    """How a hand-over to a system outside is made in this region."""

    mode: str = MANUAL
    """`manual`: a person does it and records the receipt. `mail`: the product sends it. `webhook`: another system is
    asked by a signed event, and answers with the receipt.
    """
    role: str | None = None
    system: str | None = None
    endpoint: str | None = None
    """Address of the receiver that a webhook goes to; its secret is where receivers are."""
    answer_within: str = ANSWER_WITHIN
    """ISO 8601 duration: after that, a person gets it."""


@dataclass(frozen=True)
class Region:
    """One region's profile, never changed once read."""

    id: str
    source: str = field(repr=False)
    """The file as written: part of the version of every definition deployed with it."""
    data: Mapping[str, Any] = field(repr=False, hash=False)
    """The profile as plain JSON values, as expressions see it under `region`."""

    @property
    def name(self) -> str:
        return str(self.data["name"])

    @property
    def timezone(self) -> str:
        return str(self.data["timezone"])

    @cached_property
    def profile(self) -> Section:
        return Section(self.data)

    def __getitem__(self, key: str) -> Any:
        return self.profile[key]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.data["roles"])

    def title(self, role: str) -> str:
        """The local title of a role, or its id where the profile has none: `lpoChair` -> `LPO-ordförande`."""
        return str(self.data["roles"].get(role, {}).get("title", role))

    @cached_property
    def mailboxes(self) -> Mapping[str, str]:
        """Role -> the address of its function mailbox, for those that have one."""
        return {role: str(each["mailbox"]) for role, each in self.data["roles"].items() if each.get("mailbox")}

    def connector(self, topic: str) -> Connector:
        """How this region makes a hand-over; by hand unless the profile says otherwise."""
        written = self.data.get("connectors", {}).get(topic, MANUAL)
        if isinstance(written, str):
            return Connector(written)
        return Connector(
            written["mode"],
            written.get("manualRole"),
            written.get("system"),
            written.get("endpoint"),
            written.get("answerWithin", ANSWER_WITHIN),
        )

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        return tuple(
            Period(bodies.month_day(each["start"]), bodies.month_day(each["end"]), each.get("endYearOffset", 0))
            for each in self.data["consultation"]["windows"]
        )

    def window(self, kind: str, day: date) -> Window:
        """The `consultation` (remiss) or `feedback` (synpunktsinhämtning) round open on this day, or the next one.

        Raises `calendar.OutsideCalendar` for another kind.
        """
        if kind == "consultation":
            return windows.consultation_window(day, self.periods)
        if kind == "feedback":
            rules = self.data["feedback"]
            return windows.feedback_window(day, rules["months"], rules["closeRule"])
        raise calendar.OutsideCalendar(f"Fönstret {kind} finns inte: skriv consultation eller feedback.")

    def stated_close(self, kind: str, window: Window) -> date | None:
        """The day that the region's own text gives for a window, where it states one; the national day rules."""
        match self.data[kind].get("regionStatedRule"):
            case "NOMINAL_START_PLUS_P2M_USUALLY":
                return windows.two_months_from(window.nominal_opens)
            case "FIRST_WORKDAY_PLUS_P4W":
                return calendar.roll_back(window.opens + timedelta(days=28))
            case "NOMINAL_PLUS_P1M_DEC_P2M":
                first = window.nominal_opens
                return windows.feedback_round(first.year, first.month, "NOMINAL_PLUS_P1M_DEC_P2M").closes
            case _:
                return None

    @cached_property
    def bodies(self) -> Mapping[str, Plan]:
        """How the bodies of the region meet."""
        return {id: bodies.plan(written) for id, written in self.data.get("bodies", {}).items()}

    @property
    def ladder(self) -> list[str]:
        """The steps of the decision ladder in words: `Verksamhetschef och Programordförande`."""
        return [self._step(each) for each in self.data.get("decisionLadder", ())]

    def _step(self, step: str) -> str:
        either = (" och ".join(map(self._body_title, each.split("+"))) for each in step.split("|"))
        return " eller ".join(either)

    def _body_title(self, body: str) -> str:
        """What a body is called; a body that is one role has the role's title."""
        roles = (str(each["title"]) for each in self.data["roles"].values() if each.get("body") == body)
        return self.bodies[body].title if body in self.bodies else next(roles, body)

    def next_meeting(self, body: str, day: date) -> date | None:
        """The first meeting of a body on or after a day: among its listed dates, else by cadence; None if unknown."""
        plan = self.bodies.get(body)
        return plan.next_meeting(day) if plan else None


@lru_cache(maxsize=32)
def read(text: str, name: str = "regionprofilen") -> Region:
    """Read a profile from its text. Raises `BadProfile`, naming lines."""
    try:
        written = yaml_file.read(text, "region", name)
    except yaml_file.BadYaml as bad:
        raise BadProfile(str(bad)) from None
    faults = list(soundness.faults(written))
    if faults:
        raise BadProfile(" ".join(f"{name}: {each}" for each in faults))
    return _spoken(text, written.data)


def varied(region: Region, changes: Mapping[str, Any]) -> Region:
    """The profile as it would be with some keys of it written otherwise. Raises `BadProfile`."""
    # JSON is YAML with everything quoted.
    return read(json.dumps(_merged(region.data, changes), ensure_ascii=False))


def _merged(written: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    inner = {
        key: _merged(written[key], value)
        for key, value in changes.items()
        if isinstance(value, Mapping) and isinstance(written.get(key), Mapping)
    }
    return {**written, **changes, **inner}


@lru_cache(maxsize=256)
def stored(text: str) -> Region:
    """A profile as it was deployed: sound by the rules of its day, and its cases go on by it whatever is asked now."""
    return _spoken(text, yaml_file.read(text).data)


def _spoken(text: str, data: Mapping[str, Any]) -> Region:
    """A role that the profile has no words for in the middle of a sentence is called by its title there."""
    roles = {role: {"called": each["title"], **each} for role, each in data["roles"].items()}
    return Region(data["id"], text, {**data, "roles": roles})


def load(region: str, folder: Path = FOLDER) -> Region:
    """The profile of a region. Raises `NotFound` or `BadProfile`."""
    path = folder / f"{region.lower()}.yaml"
    if region not in available(folder):
        raise NotFound("Regionprofilen", region)
    return _read_unchanged(path, path.stat().st_mtime_ns)


def folder_of(processes: Path) -> Path:
    """Where the profiles lie in a folder of processes."""
    return processes / "regions"


def available(folder: Path = FOLDER) -> tuple[str, ...]:
    """The ids of the regions that have a profile."""
    return _listed_unchanged(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _listed_unchanged(folder: Path, _changed_at: int) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


@lru_cache(maxsize=16)
def _read_unchanged(path: Path, _written_at: int) -> Region:
    return read(path.read_text(encoding="utf-8"), path.name)
