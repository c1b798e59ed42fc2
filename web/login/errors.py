"""What can go wrong when someone logs in at the region's service. Each class is a sentence.

LoginError
├── ServiceAway     the service does not answer, or cannot be asked: 503
├── LoginLost       the answer belongs to no log-in that this browser has begun, or to one that is used: 400
├── LoginLate       the log-in took too long: 400
├── Declined        the person turned back at the service: 403
├── ClocksDiffer    the service's clock and ours are too far apart: 503
├── BadAnswer       what the service answered is not to be trusted, or cannot be read: 403
└── GroupsLeftOut   the service knows groups of the person, and did not send them: 403
"""

from __future__ import annotations


class LoginError(Exception):
    """Someone could not log in at the region's service. `reason` is for the log, and holds no secrets."""

    sentence = ""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(self.sentence)


class ServiceAway(LoginError):
    """The service does not answer, or cannot be asked."""

    sentence = "Vi får inget svar från regionens inloggningstjänst."


class LoginLost(LoginError):
    """The answer belongs to no log-in that this browser has begun, or to one that has been used."""

    sentence = "Svaret från inloggningstjänsten hör inte till någon inloggning som påbörjats här."


class LoginLate(LoginError):
    """The log-in took too long."""

    sentence = "Det tog för lång tid mellan att du började logga in och att svaret kom."


class Declined(LoginError):
    """The person turned back at the service."""

    sentence = "Du loggades inte in, eftersom du avbröt hos regionens inloggningstjänst."


class ClocksDiffer(LoginError):
    """The service's clock and ours are too far apart for its word to be taken."""

    sentence = "Klockan hos regionens inloggningstjänst och vår klocka går inte lika."


class BadAnswer(LoginError):
    """What the service answered is not to be trusted, or cannot be read."""

    sentence = "Svaret från regionens inloggningstjänst går inte att lita på, så vi släppte inte in dig."


class GroupsLeftOut(LoginError):
    """The service knows groups of the person, and did not send them."""

    sentence = "Inloggningstjänsten skickade inte med dina grupper, så vi vet inte vilka uppdrag du har."
