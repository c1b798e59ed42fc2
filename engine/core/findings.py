"""What is said about a diagram: `fel` stops it from being deployed, `råd` helps it to be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.core.rules import ADVICE, REFUSALS, Words

Level = Literal["fel", "råd"]
LONGEST_FACT = 120


@dataclass(frozen=True)
class Finding:
    """One sentence about one element, with what to do about it, in Swedish and English."""

    level: Level
    element: str | None
    """Element id; None for the file as a whole."""
    name: str
    """The element's name as people see it, empty where it has none."""
    rule: str
    message: str
    remedy: str
    message_en: str
    remedy_en: str


def refusal(rule: str, element: str | None = None, name: str = "", /, **facts: object) -> Finding:
    """A `fel` in the words of `rules.REFUSALS[rule]`, its placeholders filled with `facts`."""
    return _finding("fel", rule, REFUSALS[rule], element, name, facts)


def advice(rule: str, element: str | None = None, name: str = "", /, **facts: object) -> Finding:
    """A `råd` in the words of `rules.ADVICE[rule]`; `rule` may have a variant after a slash: `label-form/question`."""
    return _finding("råd", rule.partition("/")[0], ADVICE[rule], element, name, facts)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop deployment."""
    return [finding for finding in findings if finding.level == "fel"]


def _finding(
    level: Level, rule: str, words: Words, element: str | None, name: str, facts: dict[str, object]
) -> Finding:
    clipped = {key: _clip(str(fact)) for key, fact in facts.items()}
    return Finding(level, element, name, rule, *(sentence.format(**clipped) for sentence in words))


def _clip(fact: str) -> str:
    return fact if len(fact) <= LONGEST_FACT else f"{fact[:LONGEST_FACT]}…"
