"""`Idempotency-Key`: a request that is sent again is carried out once, and answered as the first time."""

from __future__ import annotations

import hashlib
import logging
import re

from flask import Request, Response, g, request

from store import receipts
from store.database import Database, Transaction
from store.errors import StorageUnavailable
from store.receipts import Receipt
from web.api import caller
from web.api.problems import AnswerLost, BadKey, KeyReused, StillWorking

log = logging.getLogger("kunskapsflode.api")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def before(db: Database) -> Response | None:
    """Before the view: the answer of the first time, or None when there is something to do.

    Raises `BadKey`, `KeyReused`, `StillWorking` or `AnswerLost`.
    """
    g.receipt = None
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return None
    if not _KEY.fullmatch(key):
        raise BadKey("Nyckeln ska vara 1-255 synliga ASCII-tecken utan mellanslag.")
    fingerprint = _fingerprint(request)
    with db.transaction() as tx:
        receipt, is_new = receipts.claim(tx, caller.current().token.id, key, fingerprint)
    if is_new:
        g.receipt = receipt
        return None
    return _again(receipt, fingerprint)


def note(tx: Transaction) -> None:
    """In the move's own transaction: it is carried out now. Raises `StillWorking` when another try has taken over."""
    tx.after_commit(_carried_out)
    receipt: Receipt | None = g.get("receipt")
    if receipt is not None and not receipts.carry_out(tx, receipt):
        raise StillWorking("En senare begäran med samma nyckel har tagit över.")


def after(db: Database, response: Response) -> None:
    """After the view: keep the answer of what was done; free the key of what was not.

    A database that is away by now takes the answer from nobody: only from whoever asks again.
    """
    receipt: Receipt | None = g.get("receipt")
    if receipt is None:
        return
    try:
        _keep(db, receipt, response)
    except StorageUnavailable as error:
        log.warning("The answer under a key was not kept: %s", error)


def _keep(db: Database, receipt: Receipt, response: Response) -> None:
    with db.transaction() as tx:
        if response.status_code < 300:
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            receipts.answer(tx, receipt, response.status_code, headers, response.get_data(as_text=True))
        else:
            receipts.forget(tx, receipt)


def _again(receipt: Receipt, fingerprint: str) -> Response:
    if receipt.fingerprint != fingerprint:
        raise KeyReused("Nyckeln har redan använts för en annan begäran. Välj en ny nyckel.")
    if receipt.status is not None:
        response = Response(receipt.body or "", receipt.status, dict(receipt.headers))
        response.headers[REPLAYED] = "true"
        return response
    if receipt.carried_out_at is None:
        raise StillWorking("Samma begäran utförs just nu. Försök igen om en stund.")
    raise AnswerLost("Begäran är utförd, men svaret gick förlorat. Läs hur det står till i stället.")


def _fingerprint(req: Request) -> str:
    """Of the whole request; a form by what it holds, since its boundaries are new every time."""
    whole = hashlib.sha256(f"{req.method} {req.full_path}\n{req.mimetype}\n".encode())
    if req.mimetype == "multipart/form-data":
        # A part may come without a name.
        for name, value in sorted((name or "", value) for name, value in req.form.items(multi=True)):
            whole.update(f"{name}={value}\n".encode("utf-8", "surrogatepass"))
        for name, file in sorted(req.files.items(multi=True), key=lambda each: (each[0] or "", each[1].filename or "")):
            content = hashlib.sha256(file.stream.read()).hexdigest()
            file.stream.seek(0)
            whole.update(f"{name}/{file.filename}={content}\n".encode("utf-8", "surrogatepass"))
    else:
        whole.update(req.get_data(cache=True))
    return whole.hexdigest()


def _carried_out() -> None:
    g.carried_out = True
