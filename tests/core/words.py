"""A small vocabulary and library for checks in tests."""

from __future__ import annotations

from engine.core.checking import Library, Topic, Vocabulary, check
from engine.core.findings import Finding
from engine.core.reading import read
from engine.core.types import Function

WORDS = Vocabulary(
    roles={"coordinator": "Samordnare", "lpoChair": "LPO-ordförande", "programOwner": "Programägare"},
    region={"consultation": {"registerInDiary": True}},
    topics={
        "registerInDiary": Topic(inputs=frozenset(("title",)), outputs={"diaryNumber": "text"}),
        "sendNotice": Topic(),
        "deadline.set": Topic(any_inputs=True),
        "round.open": Topic(outputs={"roundId": "text"}),
    },
    functions={"workday": Function({"d": "text", "n": "int"}, "text")},
    deadlines=frozenset(("internalDue", "externalDue")),
    templates=frozenset(("feedback",)),
)


def findings(
    source: bytes, *others: bytes, decisions: tuple[str, ...] = (), words: Vocabulary = WORDS
) -> list[Finding]:
    """What `check` says about a file that has `others` beside it."""
    beside = [process for each in others if (process := read(each).process) is not None]
    library = Library({process.id: process for process in beside}, dict.fromkeys(decisions, None))
    return check(read(source, "test.bpmn"), library, words)


def rules(source: bytes, *others: bytes, decisions: tuple[str, ...] = (), words: Vocabulary = WORDS) -> set[str]:
    """The rules of those findings."""
    return {finding.rule for finding in findings(source, *others, decisions=decisions, words=words)}
