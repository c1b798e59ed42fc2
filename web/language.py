"""Swedish first, English second. The Swedish sentence is the key; `texts/en.yaml` holds the English one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from flask import g, has_request_context, request

LANGUAGES = {"sv": "Svenska", "en": "English"}
TEXTS = Path(__file__).parent / "texts"
CATALOGUE = TEXTS / "en.yaml"


@lru_cache(maxsize=1)
def english() -> dict[str, str]:
    """Swedish sentence -> the English one."""
    return dict(yaml.safe_load(CATALOGUE.read_text("utf-8")))


@lru_cache(maxsize=1)
def phrases() -> dict[str, str]:
    """What the engine's sentences about days are put together of; the longest phrase first."""
    found = dict(yaml.safe_load((TEXTS / "phrases.yaml").read_text("utf-8")))
    return dict(sorted(found.items(), key=lambda each: -len(each[0])))


def current() -> str:
    """`sv` or `en`."""
    if not has_request_context():
        return "sv"
    if "language" not in g:
        chosen = request.cookies.get("kf_language", "sv")
        g.language = chosen if chosen in LANGUAGES else "sv"
    return str(g.language)


def say(sentence: str, **values: object) -> str:
    """The sentence in the reader's language, with `{name}` replaced. What has no English yet stays Swedish."""
    text = english().get(sentence, sentence) if current() == "en" else sentence
    return text.format(**values) if values else text
