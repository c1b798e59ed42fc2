"""`addition.register` and `addition.list`: the region's register of local additions, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.effects.reach import Reach, day
from engine.errors import EffectRefused
from engine.record import register as register_rows
from store import additions
from store.additions import Addition

REGISTER_INPUTS = frozenset(
    (
        *("article", "articleVersion", "articleTitle", "anchor", "title", "content", "area"),
        *("documentReference", "publishedOn", "reviewBy", "status"),
    )
)
STATUSES = frozenset(("draft", "published", "review", "withdrawn"))


def register(reach: Reach, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Enter an addition, or change the one that stands at the same place of the article. Gives `additionId`.

    `status` is `published` unless given; what is withdrawn must be there already.
    """
    if not inputs.get("article"):
        raise EffectRefused("Tillägget saknar artikel och kan inte föras in i förteckningen.")
    status = _status(inputs)
    found = _standing(reach, inputs)
    if found is None and status == "withdrawn":
        raise EffectRefused(f"Förteckningen har inget tillägg till {inputs['article']} att fasa ut.")
    addition = found or _new(reach, inputs)
    additions.change(reach.tx, addition.id, **_columns(reach, inputs, status))
    return {"additionId": addition.id}


def listed(reach: Reach, _: Mapping[str, Any]) -> Mapping[str, Any]:
    """Gives `additions`: a record for each published addition of the region, by article and place."""
    rows = additions.of_region(reach.tx, reach.case.region)
    return {"additions": [register_rows.row(each) for each in rows if each.status == "published"]}


def _status(inputs: Mapping[str, Any]) -> str:
    status = str(inputs.get("status") or "published")
    if status not in STATUSES:
        raise EffectRefused(f"Ett tillägg kan inte vara ”{status}”. Välj något av {', '.join(sorted(STATUSES))}.")
    return status


def _standing(reach: Reach, inputs: Mapping[str, Any]) -> Addition | None:
    known = additions.of_article(reach.tx, reach.case.region, str(inputs["article"]))
    place = (str(inputs.get("anchor") or ""), str(inputs.get("area") or ""))
    return next((each for each in known if (each.anchor, each.area) == place and each.status != "withdrawn"), None)


def _new(reach: Reach, inputs: Mapping[str, Any]) -> Addition:
    return additions.register(
        reach.tx,
        region=reach.case.region,
        article=str(inputs["article"]),
        article_version=str(inputs.get("articleVersion") or ""),
        article_title=str(inputs.get("articleTitle") or inputs["article"]),
        anchor=str(inputs.get("anchor") or ""),
        title=str(inputs.get("title") or reach.case.title),
        area=str(inputs.get("area") or ""),
        case_id=reach.case.id,
    )


def _columns(reach: Reach, inputs: Mapping[str, Any], status: str) -> dict[str, Any]:
    """What the case says of the addition now; what it does not say stays."""
    said = {
        "article_version": inputs.get("articleVersion"),
        "article_title": inputs.get("articleTitle"),
        "title": inputs.get("title"),
        "content": inputs.get("content"),
        "document_reference": inputs.get("documentReference"),
        "published_on": day(inputs, "publishedOn"),
        "review_by": day(inputs, "reviewBy"),
    }
    kept = {name: value for name, value in said.items() if value is not None}
    return kept | {"status": status, "case_id": reach.case.id}
