"""A real SMTP server on a loopback port, that takes letters or refuses them as it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests.patience import PATIENCE
from webhooks.mail import MailServer


@dataclass
class PostOffice:
    """`replies` are used up one for each letter; then everything is taken."""

    replies: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            self.letters.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=default)))
        return reply

    @property
    def server(self) -> MailServer:
        return MailServer("127.0.0.1", "flode@region.example.se", self.port, "none", seconds=PATIENCE)


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        """The controller knocks at its own port, which the system chose."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def open_office() -> Iterator[PostOffice]:
    office = PostOffice()
    controller = _AnyPort(office, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()
