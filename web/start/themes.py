"""Under which heading a process that can be started stands; one that is not known here stands under the last."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.model import Process

REST = "Annat"
THEMES: dict[str, tuple[str, ...]] = {
    "Remisser och synpunkter": (
        "national-consultation",
        "feedback-collection",
        "cancer-consultation",
        "nhv-consultation",
        "guideline-survey",
    ),
    "Gapanalys, införande och tillägg": (
        "gap-analysis",
        "risk-assessment",
        "decision-escalation",
        "implementation",
        "local-addition",
        "dms-publish",
        "support-request",
    ),
    "Grupper och uppdrag": (
        "nomination",
        "lag-formation",
        "lpo-formation",
        "recruitment",
        "assignment",
        "conflict-of-interest",
        "participation-escalation",
        "compensation",
        "mandate-expiry",
        "resignation",
    ),
    "Möten, planer och rapporter": (
        "meeting-cycle",
        "business-plan",
        "activity-plan",
        "annual-report",
        "annual-review",
        "follow-up-report",
        "communication-evaluation",
        "knowledge-day",
        "lpo-year-wheel",
    ),
}
"""Heading -> the processes under it, what is started most often first."""


def grouped(processes: Sequence[Process]) -> list[tuple[str, list[Process]]]:
    """Each heading with those of the processes that stand under it; headings with none are left out."""
    by_key = {each.id: each for each in processes}
    found = [(theme, [by_key[key] for key in keys if key in by_key]) for theme, keys in THEMES.items()]
    known = {key for keys in THEMES.values() for key in keys}
    found.append((REST, [each for each in processes if each.id not in known]))
    return [(theme, inside) for theme, inside in found if inside]
