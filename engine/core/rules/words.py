"""The four sentences of a rule."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What is wrong, and what to do about it."""

    message: str
    remedy: str
    message_en: str
    remedy_en: str
