"""What makes a diagram hard to read, or a task hard to do."""

from __future__ import annotations

from engine.core.rules.words import Words

RULES: dict[str, Words] = {
    "history-time": Words(
        "historyTimeToLive gäller inte här: ärendens historik gallras inte av diagrammet.",
        "Ta gärna bort inställningen.",
        "historyTimeToLive does not apply here: a diagram does not prune the history of cases.",
        "You may remove the setting.",
    ),
}
