"""What surrounds a case: deadlines, rounds, documents, messages, incidents, mail, links, drafts."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from store import (
    additions,
    comments,
    deadlines,
    definitions,
    documents,
    drafts,
    incidents,
    links,
    messages,
    outbox,
    replays,
    rounds,
    subscriptions,
    webhooks,
)
from store.columns import as_row
from store.database import Database, SteppedClock
from store.definitions import Part
from store.outbox import Outgoing
from tests.store import given

DAY = date(2026, 4, 14)


def test_a_deadline_keeps_its_changes(db: Database, clock: SteppedClock) -> None:
    first = clock.moment
    with db.transaction() as tx:
        case = given.case(tx)
        assert deadlines.set_day(tx, case.id, "externalDue", DAY, source="message", rule_day=date(2026, 4, 15)) is None
        assert deadlines.set_day(tx, case.id, "externalDue", DAY, source="person") == DAY
    clock.advance(timedelta(days=1))
    with db.transaction() as tx:
        later = date(2026, 4, 30)
        assert deadlines.set_day(tx, case.id, "externalDue", later, source="person", reason="anstånd", by="sam") == DAY
        deadlines.set_day(tx, case.id, "internalDue", date(2026, 3, 27), source="diagram")
        assert deadlines.days(tx, case.id) == {"internalDue": date(2026, 3, 27), "externalDue": later}
        assert deadlines.moves(tx, [case.id]) == {case.id: [first, clock.moment, clock.moment]}


def test_a_round_from_the_question_to_the_disposition(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        opened = rounds.open(tx, case.id, "jh", "Remissrunda", DAY, "sam")
        lo = rounds.invite(tx, opened.id, person="lo")
        rounds.attach(tx, lo.id, "t1")
        clock.advance(timedelta(seconds=1))
    with db.transaction() as tx:
        pia = rounds.invite(tx, opened.id, group="primaryCareRep@LUNG", via="lo")
        rounds.attach(tx, pia.id, "t2")
        assert rounds.seen(tx, "t1")
        assert not rounds.seen(tx, "t1")
        for text in ("först", "sedan"):
            rounds.answered(
                tx,
                lo.id,
                by="lo",
                stance="TILLSTYRKER",
                answer={"ownImpact": "INGEN"},
                comments_=[("2.1", text, "stryk"), ("3", "b", "")],
            )
        first, second = rounds.comments_of(tx, opened.id)
        assert (first.comment, second.comment) == ("sedan", "b")
        rounds.dispose(tx, first.id, "accepted", "Infört.", "sam")
        assert rounds.comments_of(tx, opened.id)[0].disposition == "accepted"
        assert rounds.counts(tx, opened.id) == {"answered": 1, "asked": 1}
        assert rounds.open_of_case(tx, case.id) == opened
        rounds.close(tx, opened.id)
        assert [each.status for each in rounds.invitees_of(tx, opened.id)] == ["answered", "silent"]
        found = rounds.invitee_of_task(tx, "t2")
        assert found is not None
        assert (found.group, found.via) == ("primaryCareRep@LUNG", "lo")
        assert rounds.open_of_case(tx, case.id) is None


def test_the_same_bytes_are_stored_once(db: Database) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        one, two = (
            documents.add(tx, b"%PDF", region="jh", name=name, media_type="application/pdf", case_id=case.id)
            for name in ("a.pdf", "b.pdf")
        )
        assert one.hash == two.hash
        assert documents.content(tx, two) == b"%PDF"
        assert tx.scalar(select(func.count()).select_from(documents.blobs)) == 1
        assert documents.of_case(tx, case.id) == [one, two]


def test_bytes_go_with_the_last_document_that_has_them(db: Database) -> None:
    with db.transaction() as tx:
        one, two = given.case(tx), given.case(tx)
        for case, content in ((one, b"both"), (two, b"both"), (one, b"own")):
            documents.add(tx, content, region="jh", name="a.txt", media_type="text/plain", case_id=case.id)
        documents.forget(tx, one.id)
        assert documents.of_case(tx, one.id) == []
        [left] = documents.of_case(tx, two.id)
        assert documents.content(tx, left) == b"both"
        assert tx.scalar(select(func.count()).select_from(documents.blobs)) == 1
        documents.forget(tx, two.id)
        assert tx.scalar(select(func.count()).select_from(documents.blobs)) == 0


def test_what_was_added_for_a_case_that_never_came_is_swept(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        documents.add(tx, b"%PDF", region="jh", name="a.pdf", media_type="application/pdf")
        assert documents.sweep(tx, clock.moment) == 0
    clock.advance(timedelta(days=31))
    with db.transaction() as tx:
        assert documents.sweep(tx, clock.moment) == 1


def test_versions_are_kept_once_and_deployed_in_order(db: Database) -> None:
    parts = [Part("process", "remiss.bpmn", b"<bpmn/>"), Part("profile", "jh.yaml", b"region: jh")]
    with db.transaction() as tx:
        assert definitions.keep(tx, "h1", "remiss", "Nationell remiss", parts)
        assert not definitions.keep(tx, "h1", "remiss", "Nationell remiss", parts)
        assert definitions.keep(tx, "h2", "remiss", "Remiss", parts)
        assert definitions.deploy(tx, "jh", "h1", "remiss", by=None)
        assert not definitions.deploy(tx, "jh", "h1", "remiss", by=None)
        assert definitions.deploy(tx, "jh", "h2", "remiss", by="sam", note="kortare")
        assert definitions.deploy(tx, "bl", "h1", "remiss", by=None)
        newest = definitions.latest(tx, "jh", "remiss")
        assert newest is not None
        assert (newest.version, newest.number, newest.name) == ("h2", 2, "Remiss")
        assert [each.number for each in definitions.of_key(tx, "jh", "remiss")] == [2, 1]
        assert definitions.all_latest(tx, "jh") == [newest]
        assert definitions.files(tx, "h1") == parts
        first = definitions.by_version(tx, "jh", "h1")
        assert first is not None
        assert first.number == 1


def test_messages_find_who_waits(db: Database) -> None:
    with db.transaction() as tx:
        case, other = given.case(tx), given.case(tx)
        subscriptions.add(tx, case.id, "s1", region="jh", element="E", name="Decision", message_key="KS-1")
        subscriptions.add(tx, other.id, "s2", region="jh", element="E", name="Decision", message_key=None)
        subscriptions.add(
            tx, other.id, "s3", region="jh", element="E", name="Decision", message_key=None, kind="signal"
        )

        def cases(key: str | None) -> set[str]:
            return {each.case_id for each in subscriptions.waiting(tx, "jh", "Decision", key)}

        assert cases("KS-1") == {case.id, other.id}
        assert cases("KS-2") == {other.id}
        assert cases(None) == {case.id, other.id}
        subscriptions.remove(tx, other.id, "s2")
        assert cases("KS-2") == set()
        assert [each.kind for each in subscriptions.of_case(tx, other.id)] == ["signal"]


def test_an_early_message_is_taken_by_one_and_kept_ninety_days(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        for _ in range(2):
            messages.keep(tx, "jh", "Decision", "KS-1", {"decision": "godkänd"})

    def take(index: int) -> str | None:
        with db.transaction() as tx:
            found = messages.take(tx, "jh", "Decision", "KS-1", f"case{index}")
            return found.id if found else None

    taken = [each for each in given.together(4, take) if each is not None]
    assert len(set(taken)) == len(taken) == 2
    with db.transaction() as tx:
        messages.keep(tx, "jh", "Decision", "KS-9", {})
    clock.advance(messages.KEPT)
    with db.transaction() as tx:
        assert messages.take(tx, "jh", "Decision", "KS-9", "late") is None
        assert messages.sweep(tx) == 3


def test_a_request_is_answered_once(db: Database, clock: SteppedClock) -> None:
    def first(_: int) -> bool:
        with db.transaction() as tx:
            return replays.first_time(tx, "client", "key", "hash")

    assert sorted(map(str, given.together(4, first))) == ["False"] * 3 + ["True"]
    with db.transaction() as tx:
        replays.answer(tx, "client", "key", 201, {"id": "REM-2026-001"})
        found = replays.find(tx, "client", "key")
        assert found is not None
        assert (found.status, found.answer, found.request_hash) == (201, {"id": "REM-2026-001"}, "hash")
        assert replays.first_time(tx, "other", "key", "hash")
        assert replays.sweep(tx) == 0
    clock.advance(replays.KEPT + timedelta(seconds=1))
    with db.transaction() as tx:
        assert replays.sweep(tx) == 2


def test_the_same_failure_is_one_incident(db: Database) -> None:
    said = {"element": "E", "process": "remiss", "rule": "expression", "message": "Namnet finns inte."}
    with db.transaction() as tx:
        case = given.case(tx)
        assert incidents.report(tx, "jh", case.id, "t1", **said)
        assert not incidents.report(tx, "jh", case.id, "t1", **said)
        (found,) = incidents.open_of_case(tx, case.id)
        assert found.count == 2
        incidents.annotate(tx, found.id, "väntar på ny version")
        assert incidents.resolve(tx, found.id, "sam")
        assert not incidents.resolve(tx, found.id, "sam")
        assert incidents.report(tx, "jh", case.id, "t1", **said)
        incidents.resolve_task(tx, case.id, "t1")
        assert incidents.open_of_case(tx, case.id) == []
        assert incidents.open_of_region(tx, "jh") == []
        resolved = incidents.find(tx, found.id)
        assert resolved is not None
        assert (resolved.status, resolved.annotation) == ("resolved", "väntar på ny version")


def test_mail_is_claimed_by_one_sender_under_a_lease(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        for _ in range(12):
            outbox.enqueue(tx, "jh", "mail", "reminder", {"to": "lo"}, recipient="lo")

    def send(_: int) -> list[str]:
        with db.transaction() as tx:
            return [each.id for each in outbox.claim_mail(tx, 4)]

    claimed = [id for ids in given.together(3, send) if isinstance(ids, list) for id in ids]
    assert len(claimed) == len(set(claimed))
    clock.advance(outbox.LEASE)
    with db.transaction() as tx:
        assert len(outbox.claim_mail(tx, 99)) == 12


def test_a_sender_that_wakes_up_late_changes_nothing(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        outbox.enqueue(tx, "jh", "mail", "reminder", {}, recipient="lo")
        (first,) = outbox.claim_mail(tx)
        assert outbox.claim_mail(tx) == []
    clock.advance(outbox.LEASE)
    with db.transaction() as tx:
        (second,) = outbox.claim_mail(tx)
        assert (second.id, second.attempts) == (first.id, 2)
        assert not outbox.sent(tx, first)
        assert outbox.failed(tx, second, "550", None)
        assert [each.last_error for each in outbox.listed(tx, "jh", "failed")] == ["550"]
        assert outbox.resend(tx, second.id)
        (third,) = outbox.claim_mail(tx)
        assert outbox.sent(tx, third)
        assert outbox.claim_mail(tx) == []


def test_events_of_a_case_leave_in_order_for_each_endpoint(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        case = given.case(tx)
        for name in ("task.created", "task.completed"):
            for endpoint in ("first", "second"):
                outbox.enqueue(tx, "jh", "event", name, {}, case_id=case.id, recipient=endpoint)
        outbox.enqueue(tx, "jh", "mail", "reminder", {}, case_id=case.id, recipient="lo")

        def claimed(endpoint: str) -> list[Outgoing]:
            return outbox.claim_events(tx, endpoint)

        (first,) = claimed("first")
        assert (first.name, first.sequence) == ("task.created", 1)
        assert claimed("first") == []
        assert [each.name for each in claimed("second")] == ["task.created"]
        assert [each.name for each in outbox.claim_mail(tx)] == ["reminder"]
        assert outbox.sent(tx, first)
        (second,) = claimed("first")
        assert (second.name, second.sequence) == ("task.completed", 3)
        outbox.enqueue(tx, "jh", "mail", "reminder", {}, case_id=case.id, recipient="lo")
        outbox.withdraw(tx, case.id)
        left = select(outbox.outbox.c.status).where(outbox.outbox.c.case_id == case.id)
        assert list(tx.execute(left.order_by(outbox.outbox.c.sequence)).scalars()) == [
            *("sent", "sending", "sending", "waiting", "sending", "withdrawn")
        ]


def test_what_was_taken_but_not_tried_is_as_it_was(db: Database) -> None:
    with db.transaction() as tx:
        outbox.enqueue(tx, "jh", "event", "task.created", {}, recipient="far")
        (taken,) = outbox.claim_events(tx, "far")
        assert not outbox.resend(tx, taken.id)
        outbox.put_back(tx, [taken])
        assert outbox.events_are_due(tx, "far")
        assert not outbox.events_are_due(tx, "near")
        (again,) = outbox.claim_events(tx, "far")
        assert (again.id, again.attempts) == (taken.id, 1)


def test_an_endpoint_that_is_shut_off_gets_what_it_missed_when_it_is_opened(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        endpoint = webhooks.add(tx, "jh", "https://far.example/in", ["task.created"], "whsec_c2VjcmV0")
        assert "whsec" not in repr(webhooks.of_region(tx, "jh"))
        assert webhooks.secret_of(tx, endpoint.id) == "whsec_c2VjcmV0"
        assert webhooks.listening(tx, "jh", "task.created") == [endpoint.id]
        assert webhooks.listening(tx, "jh", "task.claimed") == webhooks.listening(tx, "bl", "task.created") == []
        outbox.enqueue(tx, "jh", "event", "task.created", {}, recipient=endpoint.id)
        assert webhooks.disable(tx, endpoint.id, "410")
        assert not webhooks.disable(tx, endpoint.id, "410")
        assert outbox.give_up(tx, endpoint.id, "410") == 1
        assert (webhooks.listening(tx, "jh", "task.created"), webhooks.awake(tx)) == ([], {})
        webhooks.enable(tx, endpoint.id)
        assert outbox.resend_missed(tx, endpoint.id) == 1
        assert [each.status for each in outbox.claim_events(tx, endpoint.id)] == ["sending"]


def test_an_endpoint_that_fails_rests_until_it_answers(db: Database, clock: SteppedClock) -> None:
    with db.transaction() as tx:
        endpoint = webhooks.add(tx, "jh", "https://far.example/in", ["*"], "whsec_c2VjcmV0")
        webhooks.failed(tx, endpoint, tx.now + timedelta(minutes=1))
        found = webhooks.find(tx, endpoint.id)
        assert found is not None
        assert (found.failures, found.failing_since) == (1, tx.now)
        assert webhooks.awake(tx) == {}
    clock.advance(timedelta(minutes=1))
    with db.transaction() as tx:
        assert webhooks.awake(tx) == {endpoint.id: endpoint.url}
        webhooks.failed(tx, found, tx.now)
        later = webhooks.find(tx, endpoint.id)
        assert later is not None
        assert (later.failures, later.failing_since) == (2, found.failing_since)
        webhooks.answered(tx, endpoint.id)
        assert webhooks.find(tx, endpoint.id) == endpoint


def test_links_comments_drafts_and_additions(db: Database) -> None:
    with db.transaction() as tx:
        case, other = given.case(tx), given.case(tx)
        assert links.add(tx, case.id, other.id, "started")
        assert not links.add(tx, case.id, other.id, "started")
        assert links.of_case(tx, other.id) == links.of_case(tx, case.id)

        task = given.task(tx, case)
        said = comments.add(tx, case.id, "lo", "Hej!", task.id)
        assert comments.of_case(tx, case.id) == [said]

        for values in ({"svar": "utk"}, {"svar": "utkast"}):
            drafts.save(tx, task.id, "lo", values)
        draft = drafts.find(tx, task.id, "lo")
        assert draft is not None
        assert draft.values == {"svar": "utkast"}
        drafts.drop(tx, task.id)
        assert drafts.find(tx, task.id, "lo") is None

        place = {"article": "nkk-1", "article_version": "3", "article_title": "KOL", "anchor": "behandling"}
        addition = additions.register(tx, region="jh", title="Lokal kontakt", **place)
        additions.change(tx, addition.id, status="published", published_on=DAY)
        (found,) = additions.of_article(tx, "jh", "nkk-1")
        assert as_row(found) == as_row(addition) | {"status": "published", "published_on": DAY}
        assert additions.of_region(tx, "bl") == []
