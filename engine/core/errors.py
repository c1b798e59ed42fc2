"""What can go wrong inside the fence. Each class is a sentence; `Stopped` and its kin become a problem of the case.

CoreError
├── NoSuchTask          the case has no open task of that key
├── WrongDelivery       the delivery does not fit the task, e.g. an instance for something that is no multi-instance
├── UnknownStart        the process has no such start event
├── NoNet               the process cannot be drawn as a Petri net
├── StateUnreadable     stored state is of another format or belongs to another definition
└── Stopped             an element cannot go on; the token stays before it
    ├── NoWayOut        no condition holds and there is no default flow
    ├── LimitReached    a cap on steps, depth or size
    └── Uncaught        an error event that nothing catches
"""

from __future__ import annotations


class CoreError(Exception):
    """The core refuses."""


class NoSuchTask(CoreError):
    """The case has no open task of that key."""

    def __init__(self, task: str) -> None:
        super().__init__(f"Uppgiften {task} är inte öppen i ärendet.")


class WrongDelivery(CoreError):
    """The delivery does not fit the task."""


class UnknownStart(CoreError):
    """The process has no such start event."""

    def __init__(self, process: str, start: str | None) -> None:
        which = f"starthändelsen {start}" if start else "någon vanlig starthändelse"
        super().__init__(f"Processen {process} har inte {which}.")


class NoNet(CoreError):
    """The process cannot be drawn as a Petri net."""

    def __init__(self, process: str, why: str) -> None:
        super().__init__(f"Processen {process} kan inte ritas som ett petrinät: {why}.")


class StateUnreadable(CoreError):
    """Stored state cannot be read with this definition."""


class Stopped(CoreError):
    """An element cannot go on; `rule` names why."""

    rule = "stopped"


class NoWayOut(Stopped):
    """No condition holds and there is no default flow."""

    rule = "no-flow"

    def __init__(self, name: str) -> None:
        super().__init__(f"Inget av svaren på ”{name}” passar, och inget av flödena är standard.")


class LimitReached(Stopped):
    """A cap has been reached."""

    rule = "limit"


class Uncaught(Stopped):
    """An error event that nothing catches."""

    rule = "error-uncaught"

    def __init__(self, code: str | None) -> None:
        super().__init__(f"Felet {code or 'utan kod'} kastas, men inget i ärendet fångar det.")
