"""`ETag` and `If-Match`: do it only if it is still what the program saw, asked in the move's own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Response, jsonify, request

from store.columns import canonical
from store.database import Database, Transaction
from web.api.problems import HasChanged
from web.api.reading import Shape

Ask = Callable[[Transaction], None]


class Guarded(Database):
    """A database whose transactions begin with a question and end with a note, in the same commit as the move."""

    def __init__(self, db: Database, *, ask: Ask | None = None, note: Ask | None = None) -> None:
        vars(self).update(vars(db))
        self._ask, self._note = ask, note

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with super().transaction() as tx:
            if self._ask:
                self._ask(tx)
            yield tx
            if self._note:
                self._note(tx)


def tag(document: object) -> str:
    """The entity tag of a thing as it is answered."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()[:32]


def answered(shape: Shape, thing: object, status: int = 200, location: str | None = None) -> Response:
    """A thing with its entity tag; 304 when the caller has it already."""
    document = shape.dump(thing)
    response = jsonify(document)
    response.status_code = status
    response.set_etag(tag(document))
    if location:
        response.headers["Location"] = location
    if request.method == "GET":
        response.make_conditional(request)
    return response


def unchanged(document: Callable[[Transaction], object]) -> Ask:
    """The question whether a thing is still what `If-Match` names. Asks nothing where the header is not sent."""

    def ask(tx: Transaction) -> None:
        if "If-Match" in request.headers and not request.if_match.contains(tag(document(tx))):
            raise HasChanged("Det har ändrats sedan det lästes. Läs det igen och försök på nytt.")

    return ask
