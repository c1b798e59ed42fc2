"""A house with a case at every place where a case can wait, and a row of every kind that a release has stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, select

from engine import cases, conversation, messages, tasks
from engine.access import SYSTEM
from store import absences, accounts, drafts, links, outbox, seals, tokens, webhooks
from store.cases import Case
from store.columns import Instant, Json
from store.database import Transaction
from store.tables import metadata
from tests.core import diagrams as d
from tests.engine.town import REGION, Town

CHAIR = "lpoChair@LUNG"
RECEIVER = "https://mottagare.example/in"
ADDITION = {
    "article": "'nkk/kol'",
    "anchor": "'Behandling'",
    "content": "'Remiss till Östersund'",
    "reviewBy": "add_months(today, 24)",
}
DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="Definitions_route" name="Väg" namespace="urn:test">
  <decision id="route" name="Väg">
    <decisionTable id="Table_route" hitPolicy="FIRST">
      <input id="In_1" label="Poäng"><inputExpression id="Ask_1" typeRef="integer"><text>score</text></inputExpression></input>
      <output id="Out_1" label="Väg" name="way" typeRef="string" />
      <rule id="Rule_1"><inputEntry id="E_1"><text>&gt;= 10</text></inputEntry><outputEntry id="O_1"><text>"lång"</text></outputEntry></rule>
      <rule id="Rule_2"><inputEntry id="E_2"><text></text></inputEntry><outputEntry id="O_2"><text>"kort"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""  # noqa: E501


def ask(id: str = "Ask", **more: object) -> d.Part:
    return d.user_task(id, d.field("answer"), **{"candidateGroups": CHAIR, **more})


def later() -> bytes:
    """What the stopped case wants to start: deployed only when someone mends it."""
    return d.diagram(d.start(), d.end(), id="later")


def processes() -> list[bytes]:
    """Process by process, what a case of it waits at."""
    rows = (
        d.field("stance", "enum", choices={"JA": "Ja", "NEJ": "Nej"}),
        d.field("comments_comment", rows="comments"),
    )
    opening = d.parameters({"title": "'Remiss KOL'", "respondents": "asked", "closes": "'2026-03-27'"})
    dated = d.parameters({"internalDue": "'2026-03-27'"})
    respondents = d.many("asked", "respondent")
    return [
        _keyed("task", ask(dueDate="2026-03-20", properties={"reminder": "-5,-1", "escalation": "+1 coordinator"})),
        _keyed("timer", d.catch("Wait", d.timer("P5D"))),
        _keyed("message", d.catch("Hear", d.message("Heard"), properties={"correlationKey": "${ref}"})),
        _keyed("receive", d.receive_task("Hear", "Received", properties={"correlationKey": "${ref}"})),
        _keyed("signal", d.catch("Feel", d.signal("Felt"))),
        d.diagram(
            *(_begin("gateway"), d.event_gateway("Either")),
            *(d.catch("Hear", d.message("Chosen"), properties={"correlationKey": "${ref}"}),),
            *(d.catch("Wait", d.timer("P12D")), d.end("Heard"), d.end("Waited")),
            *(d.flow("Begin", "Either"), d.flow("Either", "Hear"), d.flow("Either", "Wait")),
            *(d.flow("Hear", "Heard"), d.flow("Wait", "Waited")),
            id="gateway",
        ),
        _keyed("many", ask(inside=d.many("['a', 'b', 'c']", "letter"))),
        _keyed("row", ask(inside=d.many("['a', 'b', 'c']", "letter", sequential=True))),
        d.diagram(d.start(), ask("Inner"), d.end(), id="part", properties={"part": "true"}),
        _keyed("caller", d.call("Call", "part", {"what": "'Delen'"}, {"told": "answer"}), ask("After")),
        _keyed("nested", d.sub_process("Sub", d.start("SubStart"), ask("Inner"), _aside(), d.end("SubEnd"))),
        _keyed("bounded", ask(), d.boundary("Late", "Ask", d.timer("P9D")), d.chain("Late", d.end("Over"))),
        _keyed("reminded", ask(), d.boundary("Often", "Ask", d.timer(cycle="R3/P4D"), interrupting=False), _told()),
        _keyed("manual", d.service_task("Register", "registerInDiary", properties={"manualRole": "registrar"})),
        _keyed("stopped", d.service_task("Begin2", "case.start", extension=d.parameters({"process": "'later'"}))),
        _keyed("early", ask(), d.catch("Hear", d.message("Early"), properties={"correlationKey": "${ref}"})),
        d.diagram(
            *(_begin("split"), d.parallel("Both"), ask("One"), ask("Two"), d.parallel("Join"), d.end()),
            *(d.flow("Begin", "Both"), d.flow("Both", "One"), d.flow("Both", "Two"), d.flow("One", "Join")),
            *(d.flow("Two", "Join"), d.flow("Join", "End")),
            id="split",
        ),
        d.diagram(
            *(_begin("loop"), ask("Again"), d.exclusive("Enough"), d.end()),
            *(d.flow("Begin", "Again"), d.flow("Again", "Enough"), d.flow("Enough", "Again", "answer == 'igen'")),
            d.flow("Enough", "End", default=True),
            id="loop",
        ),
        _keyed("decided", d.script_task("Score", "score = 12"), d.decision_task("Route", "route", "way"), ask()),
        _keyed("dated", d.service_task("Set", "deadline.set", extension=dated), ask(dueDate="${deadline.internalDue}")),
        _keyed("added", d.service_task("Enter", "addition.register", extension=d.parameters(ADDITION)), ask()),
        _keyed("thrower", ask(), d.throw("Tell", d.message("keyed wanted"))),
        _keyed("keyed", ask()),
        _keyed("undone", ask(properties={"undo": "PT10M"})),
        d.diagram(
            d.start(),
            d.user_task("Who", d.field("asked", picker="personOrRole", multiple="true"), candidateGroups="coordinator"),
            d.service_task("Open", "round.open", extension=opening),
            d.user_task(
                "View",
                *rows,
                assignee="${respondent.person}",
                candidateGroups="${respondent.group}",
                inside=respondents,
            ),
            d.boundary("Closes", "View", d.timer(date="2026-03-30")),
            d.end(),
            d.chain("Closes", d.end("Silent")),
            id="round",
        ),
        d.diagram(d.start(trigger=d.timer(cycle="R/2026-02-23T08:00/P1W")), ask("Look"), d.end(), id="weekly"),
    ]


def _begin(id: str) -> d.Part:
    return d.start("Begin", d.message(f"{id} wanted"), properties={"startKey": "${ref}"})


def _keyed(id: str, *parts: d.Part) -> bytes:
    return d.diagram(_begin(id), *parts, d.end(), id=id)


def _aside() -> d.Part:
    inner = d.start("Aside", d.message("Aside"), interrupting=False, properties={"correlationKey": "${ref}"})
    return d.sub_process("Handler", inner, d.end("AsideEnd"), event=True)


def _told() -> d.Part:
    return d.chain("Often", d.end("Told"))


# What has happened there ---------------------------------------------------------------------------------------------


def live(town: Town) -> None:
    """Let the house live until something waits everywhere."""
    endpoint = _surroundings(town)
    town.deploy(*processes(), beside={"route.dmn": DMN.encode()})
    for key in STATIONS:
        case = town.start(key, ref=f"REF-{key}", title=f"Ärende {key}")
        STATIONS[key](town, case)
    cancelled, ended = town.start("task", ref="REF-cancelled"), town.start("keyed", ref="REF-ended")
    cases.cancel(town.db, cancelled.id, reason="Återkallad", by=town.by("Sam"))
    _answer(town, ended)
    with town.db.transaction() as tx:
        seals.seal(tx)
        links.add(tx, cancelled.id, ended.id)
    messages.correlate(town.db, REGION, "Early", "REF-early", {"answer": "tidigt"}, by=SYSTEM)
    town.tick(days=8)  # the weekly start; mails and events of it wait
    _answer(town, town.start("undone", ref="REF-undone", title="Ärende undone"))
    with town.db.transaction() as tx:
        [failed, *_] = outbox.claim_events(tx, endpoint, 1)
        outbox.failed(tx, failed, "Svar 500.", tx.now + timedelta(hours=1))
        webhooks.note(tx, failed.id, endpoint, failed.attempts, 500, "Svar 500.", 12)
        _fill_the_rest(tx)


def _surroundings(town: Town) -> str:
    with town.db.transaction() as tx:
        accounts.add(tx, town.keys["Lo"], "lo", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA")
        day = date(2026, 2, 16)
        absences.add(tx, town.keys["Pia"], day, day, town.keys["Ria"])
        tokens.add(tx, town.keys["Sam"], REGION, "Prov", ["tasks:read"])
        made = webhooks.add(tx, REGION, RECEIVER, ["task.created", "process_instance.completed"], "whsec_aW52ZW50ZWQ=")
        return made.id


def _fill_the_rest(tx: Transaction) -> None:
    """A row in each table that no case and no person has left one in, so that no table is ever migrated untried."""
    for table in metadata.sorted_tables:
        if tx.execute(select(table).limit(1)).first() is None:
            tx.insert(table, {column.name: _invented(tx, column) for column in table.columns})


def _invented(tx: Transaction, column: Column[Any]) -> Any:
    """What fits the column: a key that exists where it points somewhere."""
    for key in column.foreign_keys:
        return tx.scalar(select(key.column).limit(1))
    kinds: dict[type, Any] = {
        Integer: 1,
        Instant: tx.now,
        Date: tx.now.date(),
        Json: {},
        LargeBinary: b"",
        Boolean: True,
    }
    return next((value for kind, value in kinds.items() if isinstance(column.type, kind)), "prov")


def _wait(town: Town, case: Case) -> None:
    """It waits where it stands."""


def _claimed(town: Town, case: Case) -> None:
    [task] = _open(town, case)
    tasks.claim(town.db, task, by=town.by("Lo"))
    tasks.seen(town.db, task, by=town.by("Lo"))
    conversation.comment(town.db, task, "Vi väntar på underlag.", by=town.by("Lo"))
    conversation.attach(town.db, task, "underlag.txt", "Underlag å ä ö".encode(), "text/plain", by=town.by("Lo"))
    with town.db.transaction() as tx:
        drafts.save(tx, task, town.keys["Lo"], {"answer": "Halvvägs"})


def _suspended(town: Town, case: Case) -> None:
    cases.suspend(town.db, case.id, reason="Väntar på Socialstyrelsen", by=town.by("Sam"))


def _first(town: Town, case: Case) -> None:
    _answer(town, case)


def _thrice(town: Town, case: Case) -> None:
    for _ in range(3):
        _answer(town, case, {"answer": "igen"})


def _answer(town: Town, case: Case, answers: Mapping[str, str] | None = None) -> None:
    tasks.complete(town.db, _open(town, case)[0], answers or {"answer": "ja"}, by=town.by("Lo"))


def _asked(town: Town, case: Case) -> None:
    asked = {"asked": [town.keys["Lo"], "primaryCareRep@LUNG", "registrar"]}
    tasks.complete(town.db, _open(town, case)[0], asked, by=town.by("Sam"))
    mine = next(task.id for task in town.open_tasks() if task.element == "View" and task.assignee == town.keys["Lo"])
    tasks.complete(town.db, mine, {"stance": "NEJ", "comments": [{"comment": "Oklart"}]}, by=town.by("Lo"))


def _open(town: Town, case: Case) -> list[str]:
    return [task.id for task in town.open_tasks() if task.case_id == case.id]


STATIONS: Mapping[str, Callable[[Town, Case], None]] = {
    "task": _claimed,
    "timer": _suspended,
    "message": _wait,
    "receive": _wait,
    "signal": _wait,
    "gateway": _wait,
    "many": _first,
    "row": _first,
    "caller": _wait,
    "nested": _wait,
    "bounded": _wait,
    "reminded": _wait,
    "manual": _wait,
    "stopped": _wait,
    "early": _wait,
    "split": _first,
    "loop": _thrice,
    "decided": _wait,
    "dated": _wait,
    "added": _wait,
    "thrower": _wait,
    "keyed": _wait,
    "round": _asked,
}
"""Process -> how a case of it comes to where it waits."""
