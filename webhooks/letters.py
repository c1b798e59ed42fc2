"""A mail of the outbox as a letter: plain text, and the same as HTML built of tables.

Nothing in it acts: links lead to a page where the reader decides. Headers that hold a line break are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

from engine import calendar
from store import cases, tasks
from store.database import Reader
from store.outbox import Outgoing
from store.people import Person
from store.tasks import Task
from webhooks import events
from webhooks.errors import Unwritable

FOOTER = "Brevet är skrivet av programmet. Svara inte med uppgifter om patienter."


def compose(reader: Reader, out: Outgoing, to: Person, sender: str, base_url: str) -> EmailMessage:
    """The letter to a person who has an address. Raises `Unwritable`."""
    words = _words(reader, out, base_url)
    letter = EmailMessage(policy=SMTP)
    try:
        for name, value in _headers(out, to, sender, words["subject"]).items():
            letter[name] = value
    except (ValueError, IndexError, MessageError) as error:
        raise Unwritable(f"Brevhuvudet går inte att skriva: {error}") from error
    letter.set_content(
        "\n\n".join((*words["paragraphs"], words["link"], f"-- \n{FOOTER}")) + "\n", cte="quoted-printable"
    )
    letter.add_alternative(_template().render(words), subtype="html", cte="quoted-printable")
    return letter


def _headers(out: Outgoing, to: Person, sender: str, subject: str) -> Mapping[str, Any]:
    own = Address(addr_spec=sender)
    thread = {"References": f"<{out.case_id}@{own.domain}>"} if out.case_id else {}
    return {
        "From": Address("Kunskapsflöde", addr_spec=sender),
        "To": Address(to.name, addr_spec=to.email or ""),
        "Subject": subject,
        "Date": out.created_at,
        "Message-ID": f"<{out.id}@{own.domain}>",
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<{out.name}.{own.domain}>",
        **thread,
    }


def _words(reader: Reader, out: Outgoing, base_url: str) -> dict[str, Any]:
    """What the letter says: of its task where it has one, else of its case."""
    case = cases.find(reader, out.case_id) if out.case_id else None
    task = tasks.find(reader, out.task_id) if out.task_id else None
    subject, text = str(out.payload["subject"]), str(out.payload["text"])
    facts = {
        "Ärende": case.number if case else None,
        "Tid": _time(task) if task else None,
        "Om inget görs": task.properties.get("ifNothing") if task else None,
    }
    return {
        "subject": subject,
        "heading": task.name if task else subject,
        "about": case.title if case and task else "",
        "due": calendar.long_date(task.due) if task and task.due else "",
        "paragraphs": [each.strip() for each in text.split("\n\n") if each.strip()],
        "facts": [(name, value) for name, value in facts.items() if value],
        "link": events.link(out, base_url),
        "button": "Öppna uppgiften" if task else "Öppna ärendet",
        "footer": FOOTER,
    }


def _time(task: Task) -> str | None:
    minutes = task.properties.get("minutes")
    return f"Ungefär {calendar.hours_and_minutes(int(minutes))}" if minutes else None


@cache
def _template() -> Template:
    pages = Environment(loader=PackageLoader("webhooks"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pages.filters["join_lines"] = _lines
    return pages.get_template("letter.html")


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))
