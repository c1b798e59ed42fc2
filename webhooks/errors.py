"""What can go wrong at the machines' door. Each class is a sentence.

DoorError
├── NotSigned       what came is not signed with a secret of ours, or not now: 401
├── BadEvent        what came is signed, but cannot be read: 422
├── BadSource       the file of a source cannot be read
├── BadSecret       a secret is not one that can be signed with
├── BadKey          a key is not one that secrets can be sealed with
├── Sealed          a secret is sealed with a key that is not at hand
├── BadAddress      an address is not one that anything can be sent to: 422
└── NotSent         a try to send did not lead to an answer
    ├── Forbidden   the address leads to a place that we do not send to
    ├── Unreachable nobody answered, or not in time
    └── Unwritable  a letter cannot be written as it stands, and never will
"""

from __future__ import annotations


class DoorError(Exception):
    """Something went wrong at the machines' door."""


class NotSigned(DoorError):
    """What came is not signed with a secret of ours, or was signed at another time."""


class BadEvent(DoorError):
    """What came is signed but cannot be read as an event."""


class BadSource(DoorError):
    """The file of a source cannot be read."""


class BadSecret(DoorError):
    """A secret is not one that can be signed with."""


class BadKey(DoorError):
    """A key is not one that secrets can be sealed with."""


class Sealed(DoorError):
    """A secret is sealed with a key that is not at hand."""


class BadAddress(DoorError):
    """An address is not one that anything can be sent to."""


class NotSent(DoorError):
    """A try to send did not lead to an answer."""


class Forbidden(NotSent):
    """The address leads to a place that we do not send to."""


class Unreachable(NotSent):
    """Nobody answered, or not in time."""


class Unwritable(NotSent):
    """The letter cannot be written as it stands, and never will."""
