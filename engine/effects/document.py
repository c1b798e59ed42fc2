"""`document.make`: a document from what the case knows, stored with the step. Its PDF is set afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import events, journal, responses
from engine.effects.reach import Reach
from engine.errors import EffectRefused
from engine.record import documents, labels
from engine.record.documents import KINDS, Facts
from engine.record.labels import Labels
from engine.responses import Response
from store import documents as stored
from store import organisation, people, renderings, rounds

MAKE_INPUTS = frozenset(("template", "title")).union(*(kind.inputs for kind in KINDS.values()))
LONGEST_TITLE = 200


def make(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make a document of the kind that `template` names, and store it with the case. Gives `documentId`.

    The next one of the same kind and title is its next version.
    """
    template = str(inputs.get("template") or "")
    if template not in KINDS:
        raise EffectRefused(f"Det finns ingen dokumentmall ”{template}”. Välj någon av {', '.join(sorted(KINDS))}.")
    title = " ".join(str(inputs.get("title") or reach.case.title).split())[:LONGEST_TITLE]
    version = renderings.next_version(reach.tx, reach.case.id, template, title)
    try:
        page = documents.page(
            template, _facts(reach, title, version), _labels(reach, inputs), inputs, _responses(reach, template)
        )
    except documents.TooLarge as error:
        raise EffectRefused(str(error)) from error
    return {"documentId": _store(reach, template, title, version, page)}


def _store(reach: Reach, template: str, title: str, version: int, page: bytes) -> str:
    tx, case, kind = reach.tx, reach.case, KINDS[template].name
    made = stored.add(
        tx,
        page,
        region=case.region,
        name=f"{kind}, {title}, version {version}.html".replace("/", "-"),
        media_type=documents.MEDIA_TYPE,
        case_id=case.id,
        by=reach.by.performer,
    )
    renderings.enqueue(
        tx, made.id, case_id=case.id, region=case.region, template=template, title=title, version=version
    )
    about = {"document": made.id, "sha256": made.hash, "title": title, "template": template, "version": version}
    journal.note(tx, case, "document.made", reach.by, about, name=kind)
    events.of_case(tx, case, "document.registered", documentId=made.id, documentName=made.name, sha256=made.hash)
    return made.id


def _facts(reach: Reach, title: str, version: int) -> Facts:
    process, case = reach.deployed.process, reach.case
    return Facts(
        region=reach.deployed.region.name,
        title=title,
        made_on=reach.today,
        version=version,
        case_number=case.number,
        diary_number=str(case.variables.get("diaryNumber") or ""),
        process=f"{process.name} {process.version_tag or ''}".strip(),
        sources=tuple(each.strip() for each in process.properties.get("source", "").split(";") if each.strip()),
    )


def _responses(reach: Reach, template: str) -> list[Response]:
    """The table of comments, for a document that has one."""
    latest = next(iter(rounds.of_case(reach.tx, reach.case.id)), None) if KINDS[template].with_responses else None
    return responses.of(reach.tx, latest, reach.deployed.region) if latest else []


def _labels(reach: Reach, inputs: Mapping[str, Any]) -> Labels:
    """The words of the process, with the names of whoever the inputs name."""
    areas = organisation.names_on(reach.tx, reach.today)
    words = labels.of(reach.deployed.definition, {}, areas)
    return words.with_people(people.names(reach.tx, words.persons_in(inputs)))
