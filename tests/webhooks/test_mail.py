"""Letters to a real SMTP server: plain and HTML, under an id that stays, never with a header of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest

from engine import regions
from store import outbox, people
from tests.core.diagrams import diagram, end, start, user_task
from tests.engine.town import REGION
from tests.webhooks.office import BASE, Office
from tests.webhooks.post_office import PostOffice, open_office

POISON = """<svg onload=alert(1)>"'{{7*7}}"""


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with open_office() as found:
        yield found


@pytest.fixture
def mailing(one_office: Office, post: PostOffice) -> Office:
    """Sam can be written to."""
    one_office.sender.mail_server = post.server
    address(one_office, "sam@region.example.se")
    return one_office


def address(office: Office, email: str | None, name: str = "Sam Åkerö") -> None:
    with office.db.transaction() as tx:
        people.change(tx, office.town.keys["Sam"], name=name, email=email, active=True)


def enqueue(office: Office, subject: str = "Påminnelse", text: str = "Hej!\n\nRad ett\nrad två") -> str:
    with office.db.transaction() as tx:
        words = {"subject": subject, "text": text}
        return outbox.enqueue(tx, REGION, "mail", "reminder", words, recipient=office.town.keys["Sam"])


def status(office: Office, out: str) -> tuple[str, int, str]:
    with office.db.read() as reader:
        found = outbox.find(reader, out)
    assert found is not None
    return found.status, found.attempts, found.last_error


def parts(letter: EmailMessage) -> tuple[str, str]:
    plain, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert page is not None
    return plain.get_content(), page.get_content()


def test_a_new_task_comes_as_a_letter(mailing: Office, post: PostOffice) -> None:
    task = user_task(
        "A",
        name="Läs & svara",
        candidateGroups="coordinator",
        dueDate="2026-03-31",
        properties={"minutes": "25", "ifNothing": "Du räknas som ”ej svar”."},
    )
    mailing.town.deploy(diagram(start(), task, end()))
    case = mailing.town.start(title=f"Vårdförlopp {POISON}")
    mailing.drain()
    (letter,) = post.letters
    assert letter["To"] == "Sam Åkerö <sam@region.example.se>"
    assert letter["From"] == "Kunskapsflöde <flode@region.example.se>"
    assert "Läs & svara" in letter["Subject"]
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["References"] == f"<{case.id}@region.example.se>"
    plain, page = parts(letter)
    link = f"{BASE}/uppgifter/{mailing.town.open_task('A').id}"
    for each in (link, "Läs & svara"):
        assert each in plain
    for each in (link, "Läs &amp; svara", "31 mars 2026", "Ungefär 25 minuter", "Du räknas som", case.number):
        assert each in page, page
    assert "<svg" not in page
    assert "{{7*7}}" in page
    assert "<script" not in page
    assert "http" not in page.replace(link, ""), "nothing is fetched when the letter is opened"


def test_the_message_id_is_that_of_the_outbox_at_every_attempt(mailing: Office, post: PostOffice) -> None:
    out = enqueue(mailing)
    with mailing.db.transaction() as tx:
        outbox.claim_mail(tx)  # a sender that dies here has recorded its attempt
    mailing.drain(seconds=60)
    assert [each["Message-ID"] for each in post.letters] == [f"<{out}@region.example.se>"]
    assert status(mailing, out) == ("sent", 2, "")
    assert "Rad ett<br>rad två" in parts(post.letters[0])[1]


@pytest.mark.parametrize(
    ("subject", "email", "name"),
    [
        ("Hej\r\nBcc: alla@region.example.se", "sam@region.example.se", "Sam"),
        ("Hej\nX: y", "sam@region.example.se", "Sam"),
        ("Hej", "sam@region.example.se\r\nBcc: alla@region.example.se", "Sam"),
        ("Hej", "sam@region.example.se, alla@region.example.se", "Sam"),
        ("Hej", "sam@region.example.se", "Sam\r\nBcc: alla@region.example.se"),
        ("Hej", "ingen adress", "Sam"),
    ],
)
def test_no_header_of_somebody_else_s(mailing: Office, post: PostOffice, subject: str, email: str, name: str) -> None:
    address(mailing, email, name)
    out = enqueue(mailing, subject)
    fine = enqueue(mailing) if subject != "Hej" else None
    mailing.drain()
    assert status(mailing, out)[0] == "failed"
    assert len(post.letters) == (1 if fine else 0)
    (told,) = mailing.town.incidents()
    assert told.rule == "mail"


def test_people_without_an_address_are_one_incident_each(mailing: Office, post: PostOffice) -> None:
    address(mailing, None)
    first, second = enqueue(mailing), enqueue(mailing)
    mailing.drain()
    assert post.letters == []
    assert {status(mailing, each)[0] for each in (first, second)} == {"failed"}
    (told,) = mailing.town.incidents()
    assert (told.count, told.case_id) == (2, None)
    assert "ingen e-postadress" in told.message


def test_a_server_that_asks_to_wait_is_tried_again(mailing: Office, post: PostOffice) -> None:
    post.replies.append("451 later")
    out = enqueue(mailing)
    mailing.drain()
    assert status(mailing, out)[:2] == ("waiting", 1)
    mailing.drain(seconds=10)
    assert status(mailing, out) == ("sent", 2, "")


def test_a_server_that_says_no_is_believed(mailing: Office, post: PostOffice) -> None:
    post.replies.append("554 no")
    out, other = enqueue(mailing), enqueue(mailing)
    mailing.drain(days=1)
    assert status(mailing, out)[:2] == ("failed", 1)
    assert status(mailing, other)[0] == "sent"
    assert len(mailing.town.incidents()) == 1


def test_a_server_that_is_away_is_knocked_at_once_a_round(mailing: Office, post: PostOffice) -> None:
    mailing.sender.mail_server = replace(post.server, port=1)
    outs = [enqueue(mailing) for _ in range(3)]
    mailing.drain()
    assert sorted(status(mailing, each)[1] for each in outs) == [0, 0, 1]
    mailing.sender.mail_server = post.server
    mailing.drain(minutes=1)
    assert len(post.letters) == 3


def test_without_a_server_mail_waits_and_what_is_too_old_never_leaves(mailing: Office, post: PostOffice) -> None:
    mailing.sender.mail_server = None
    old = enqueue(mailing)
    mailing.drain()
    assert status(mailing, old) == ("waiting", 0, "")
    mailing.drain(days=4)
    fresh = enqueue(mailing)
    mailing.sender.mail_server = post.server
    mailing.drain()
    assert status(mailing, old)[0] == "failed"
    assert status(mailing, fresh)[0] == "sent"
    assert (len(post.letters), mailing.town.incidents()) == (1, [])


def test_a_role_with_a_function_mailbox_gets_its_letters_there(mailing: Office, post: PostOffice) -> None:
    mailbox = {"roles": {"coordinator": {"mailbox": "samordning@region.example.se"}}}
    mailing.town.region = regions.varied(mailing.town.region, mailbox)
    mailing.town.deploy(diagram(start(), user_task("A", candidateGroups="coordinator"), end()))
    mailing.town.start()
    mailing.drain()
    (letter,) = post.letters
    assert letter["To"].addresses[0].addr_spec == "samordning@region.example.se"
