"""What can go wrong in a move. Each class is a sentence; the doors translate class to answer in one table.

MoveError
├── NotFound             the thing is not there, or not for this person: 404
├── Forbidden            the person may see it but not do this: 403
│   ├── NoMandate        someone new has come, and nothing gives them a mandate here
│   └── ClosedPerson     the person has been closed here
├── Conflict             it was possible a moment ago, or elsewhere: 409
│   ├── AlreadyDone      somebody else has done it; says who and when
│   ├── NotRunning       the case is suspended or has ended
│   ├── SeveralWait      a message that is not broadcast fits several waiting cases
│   ├── NeedsConfirming  the move has consequences that must be confirmed, e.g. a deadline in the past
│   └── Incalculable     an expression of a form or a schedule has no answer
├── Invalid              what was given cannot be used: 422
│   ├── FormErrors       one sentence per field
│   ├── Refused          a deployment with blocking findings
│   ├── BadProfile       a region profile that cannot be read
│   ├── BadOrganisation  organisation data that cannot be read
│   ├── BadGroups        rules from groups to mandates that cannot be read
│   ├── BadRehearsal     a rehearsal that cannot be read
│   └── UnknownStart     the process cannot be started so
└── EffectRefused        an effect that a diagram asks for cannot be applied: becomes an incident
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.findings import Finding


class MoveError(Exception):
    """A move could not be made."""


class NotFound(MoveError):
    """The thing is not there, or not for this person."""

    def __init__(self, what: str, which: str) -> None:
        super().__init__(f"{what} {which} finns inte.")


class Forbidden(MoveError):
    """The person may see the thing but not do this with it."""


class NoMandate(Forbidden):
    """Someone new has come, and none of their groups gives them a mandate here."""

    def __init__(self) -> None:
        super().__init__("Din inloggning gick bra, men ingen av dina grupper ger dig ett uppdrag här.")


class ClosedPerson(Forbidden):
    """The person has been closed here, whatever the log-in service says."""

    def __init__(self) -> None:
        super().__init__("Du finns i Kunskapsflöde, men har stängts av.")


class Conflict(MoveError):
    """It was possible a moment ago, or would be elsewhere."""


class AlreadyDone(Conflict):
    """Somebody has already done it. `what` says what with it: `Uppgiften X är redan klar`."""

    def __init__(self, what: str, who: str | None, when: str | None) -> None:
        self.who, self.when = who, when
        by = f" av {who}" if who else ""
        at = f" {when}" if when else ""
        super().__init__(f"{what}{by}{at}.")


class NotRunning(Conflict):
    """The case is suspended or has ended."""

    def __init__(self, case: str, status: str) -> None:
        words = {"suspended": "är pausat", "completed": "är avslutat", "cancelled": "är avbrutet", "active": "pågår"}
        super().__init__(f"Ärendet {case} {words.get(status, status)}.")


class SeveralWait(Conflict):
    """A message that is not broadcast fits several waiting cases."""

    def __init__(self, message: str, cases: Sequence[str]) -> None:
        self.cases = tuple(cases)
        super().__init__(f"Meddelandet {message} passar flera ärenden som väntar: {', '.join(cases)}. Ange en nyckel.")


class NeedsConfirming(Conflict):
    """The move has consequences that must be confirmed first."""


class Incalculable(Conflict):
    """An expression of a form or a schedule has no answer: a fault of the diagram or of the machine, of no person."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Försök igen om en stund. Hjälper det inte behöver den som ansvarar för processen rätta den."
        )


class Invalid(MoveError):
    """What was given cannot be used."""


class FormErrors(Invalid):
    """One Swedish sentence per field, saying what to do. Rows are addressed `rows.index.column`."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("Rätta uppgifterna: " + "; ".join(f"{name}: {text}" for name, text in self.errors.items()))


class Refused(Invalid):
    """A deployment with findings that block it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = (f"{each.element or 'filen'}: {each.message}" for each in self.findings)
        super().__init__("Processen kan inte driftsättas. " + " ".join(lines))


class BadProfile(Invalid):
    """A region profile that cannot be read; each problem names its line."""


class BadOrganisation(Invalid):
    """Organisation data that cannot be read; each problem names its line."""


class BadGroups(Invalid):
    """Rules from groups to mandates that cannot be read; each problem names its line."""


class BadRehearsal(Invalid):
    """A rehearsal that cannot be read; each problem names its line."""


class UnknownStart(Invalid):
    """The process cannot be started so."""


class EffectRefused(MoveError):
    """An effect that a diagram asks for cannot be applied."""
