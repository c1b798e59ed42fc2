"""The words of every finding: rule -> message and remedy in Swedish, message and remedy in English.

Placeholders in braces are filled by the check that finds. Rules in kebab-case are part of the command line's promise.
"""

from __future__ import annotations

from engine.core.rules import of_advice, of_files, of_forms, of_structure, of_work
from engine.core.rules.words import Words

__all__ = ["ADVICE", "REFUSALS", "Words"]

REFUSALS: dict[str, Words] = {**of_files.RULES, **of_structure.RULES, **of_work.RULES, **of_forms.RULES}
ADVICE: dict[str, Words] = of_advice.RULES
