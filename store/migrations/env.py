"""Where Alembic meets our database: it works in the transaction that `upgrade` has begun."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from store.columns import Instant, Json
from store.tables import metadata


def _in_our_words(kind: str, value: Any, autogen_context: Any) -> str | Literal[False]:
    """Our own column types by name, in a migration that is written from the tables."""
    if kind == "type" and isinstance(value, Instant | Json):
        autogen_context.imports.add(f"from store.columns import {type(value).__name__}")
        return f"{type(value).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_in_our_words,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
