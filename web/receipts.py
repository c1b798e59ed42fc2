"""The receipt of an act, shown by the page that the act leads to.

It travels in the address, sealed with the visitor's own session: it needs no script, follows the tab it belongs to, and
nobody can send a link that makes the product say something.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import request

from web import here
from web.language import say


def sealed(sentence: str, **values: object) -> str:
    """The sentence in the visitor's language behind its seal, for the address: `kvitto=sealed("Sparat.")`."""
    text = say(sentence, **values)
    return f"{_seal(text)}.{text}"


def read() -> str:
    """What the address of this page tells, if we said it to this visitor; else empty."""
    seal, _, text = request.args.get("kvitto", "").partition(".")
    return text if hmac.compare_digest(seal.encode(), _seal(text).encode()) else ""


def _seal(text: str) -> str:
    return hmac.new(here.visitor().secret.encode(), f"receipt {text}".encode(), hashlib.sha256).hexdigest()
