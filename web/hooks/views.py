"""`POST /hooks/{source}`: a signed event from outside, taken once.

200 when it is taken or has been taken before; 401 when the signature does not hold; 422 when it cannot be read; 429
with Retry-After when too many come.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from engine.errors import NotFound
from web import here, outgoing
from web.api import problems
from web.api.room import require_pace
from web.doors import MACHINES, open_to
from webhooks import receiving, sources

pages = Blueprint("hooks", __name__)
pages.register_error_handler(Exception, problems.answer)


@pages.post("/hooks/<source>")
@open_to(MACHINES)
def take(source: str) -> dict[str, Any]:
    """Take one event from a source. Raises `NotFound` for a source that nobody has a secret for."""
    require_pace(f"source:{source}:{request.remote_addr}")
    request.max_content_length = receiving.LARGEST
    secrets = outgoing.hook_secrets(here.settings()).get(source)
    found = sources.find(source)
    if found is None or not secrets:
        raise NotFound("Källan", source)
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.get_data(cache=False)
    received = receiving.receive(here.db(), here.settings().region, found, secrets, headers, body)
    return {"cases": received.cases, "kept": received.kept, "replayed": received.replayed}
