"""What is said and attached beside a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from flask import Response, request, send_file
from marshmallow import fields, validate
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from engine import conversation as moves
from engine.errors import NotFound
from store import comments, documents
from store.comments import Comment
from store.database import Reader
from store.documents import Document
from web import here
from web.api import caller, cursors, sight
from web.api.cursors import Paged, page_of
from web.api.problems import Unfit
from web.api.reading import Shape, Text
from web.api.room import Room, guarded
from web.attachments import LARGEST, media_type, safe_name

room = Room("conversation", "What is said and attached beside a task.")


class TaskComment(Shape):
    id = fields.String(required=True)
    person = fields.String(required=True)
    text = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class NewComment(Shape):
    text = Text(required=True, validate=validate.Length(min=1), metadata={"maxLength": Text.longest})


class Attachment(Shape):
    id = fields.String(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    sha256 = fields.String(required=True, attribute="hash")
    added_by = fields.String(required=True, allow_none=True)
    added_at = fields.AwareDateTime(required=True)


CommentPage = page_of(TaskComment)
AttachmentPage = page_of(Attachment)


@room.get("/tasks/<id>/comments", scope="tasks:read", query=Paged, answers=CommentPage)
def spoken(query: dict[str, Any], id: str) -> dict[str, Any]:
    """What has been said about a task, oldest first"""
    return _of_task(comments.of_case, id, query)


@room.post("/tasks/<id>/comments", scope="tasks:write", takes=NewComment, answers=TaskComment, status=201)
def say(body: dict[str, Any], id: str) -> Comment:
    """Say something about a task"""
    return moves.comment(guarded(), id, body["text"], by=caller.current().by)


@room.get("/tasks/<id>/attachments", scope="tasks:read", query=Paged, answers=AttachmentPage)
def attached(query: dict[str, Any], id: str) -> dict[str, Any]:
    """The files of a task, oldest first"""
    return _of_task(documents.of_case, id, query)


@room.post("/tasks/<id>/attachments", scope="tasks:write", uploads=True, answers=Attachment, status=201)
def attach(id: str) -> Document:
    """Attach a file to a task"""
    with here.db().read() as reader:
        sight.task(reader, id)
    name, content, kind = _one_file()
    return moves.attach(guarded(), id, name, content, kind, by=caller.current().by)


@room.get(
    "/tasks/<id>/attachments/<attachment_id>/content",
    scope="tasks:read",
    answers={"type": "string", "format": "binary"},
    kind="application/octet-stream",
)
def content(id: str, attachment_id: str) -> Response:
    """The file itself"""
    with here.db().read() as reader:
        task, _ = sight.task(reader, id)
        found = documents.find(reader, attachment_id)
        if found is None or found.task_id != task.id:
            raise NotFound("Bilagan", attachment_id)
        bytes_ = documents.content(reader, found)
    return send_file(BytesIO(bytes_), mimetype="application/octet-stream", as_attachment=True, download_name=found.name)


def _of_task(
    of_case: Callable[[Reader, str], Iterable[Comment | Document]], id: str, query: Mapping[str, Any]
) -> dict[str, Any]:
    """A part of what stands beside the task, out of what its case has."""
    with here.db().read() as reader:
        task, case = sight.task(reader, id)
        found = [each for each in of_case(reader, case.id) if each.task_id == task.id]
    return cursors.part(found, query)


def _one_file() -> tuple[str, bytes, str]:
    """The file of the request: name, content, media type by its ending. Raises `Unfit` and its like."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent: list[FileStorage] = [each for each in request.files.getlist("file") if each.filename]
    if len(sent) != 1 or set(request.files) - {"file"} or request.form:
        raise Unfit({"file": "Skicka en fil i taget, i delen file."})
    name = safe_name(sent[0].filename)
    kind = media_type(name)
    if kind is None:
        raise Unfit({"file": "Filer av det slaget tas inte emot. Skicka en PDF i stället."})
    body = sent[0].stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise RequestEntityTooLarge
    return name, body, kind
