"""An event of the outbox as CloudEvents 1.0, structured: the whole of it stands in the signed body."""

from __future__ import annotations

from typing import Any

from store.columns import canonical
from store.outbox import Outgoing

PREFIX = "se.kunskapsflode."
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def envelope(out: Outgoing, base_url: str) -> dict[str, Any]:
    """The event. Thin: ids, keys, titles and a link; whoever needs more asks for it with rights of its own."""
    about = dict(out.payload)
    happened = about.pop("at", None) or out.created_at.isoformat()
    return {
        "specversion": "1.0",
        "id": out.id,
        "source": f"urn:kunskapsflode:{out.region}",
        "type": PREFIX + out.name,
        "subject": out.task_id or out.case_id or about.get("processKey", ""),
        "time": happened,
        "timestamp": happened,
        "sequence": f"{out.sequence:010d}",
        "datacontenttype": "application/json",
        "data": about | {"link": link(out, base_url)},
    }


def body(out: Outgoing, base_url: str) -> bytes:
    """The same bytes at every attempt."""
    return canonical(envelope(out, base_url)).encode()


def link(out: Outgoing, base_url: str) -> str:
    """Where a person sees what it is about."""
    if out.task_id:
        return f"{base_url}/uppgifter/{out.task_id}"
    return f"{base_url}/arenden/{out.case_id}" if out.case_id else f"{base_url}/"
