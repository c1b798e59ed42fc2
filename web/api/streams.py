"""What is taken away whole: read at once, and sent piece by piece."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from flask import Response

CHUNK = 64 * 1024
IN_MEMORY = 4_000_000
"""Bytes that are kept in memory; the rest goes to a file that is gone afterwards."""


def taken_away(pieces: Iterable[str], media_type: str) -> Response:
    """An answer of pieces. Whoever takes it away slowly holds no view of the database meanwhile."""
    kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed by the answer
    for each in pieces:
        kept.write(each.encode())
    kept.seek(0)
    return Response(_chunks(kept), content_type=media_type)


def _chunks(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while chunk := kept.read(CHUNK):
            yield chunk
