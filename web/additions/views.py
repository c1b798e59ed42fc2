"""The register of local additions: all of them, one of them, and the register to take along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, make_response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from engine.errors import NotFound
from engine.record import register
from store import additions, cases, organisation, renderings
from store.additions import Addition
from store.cases import Case
from store.database import Reader
from web import here, words
from web.additions import printing
from web.cases import papers
from web.doors import SIGNED_IN, open_to
from web.language import say

pages = Blueprint("additions", __name__, template_folder="templates")

SOON = timedelta(days=90)
SHOWN = 500
PUBLISHED, DRAFT = "published", "draft"
STATUSES = {
    "published": ("done", "Gäller", "klar"),
    "review": ("eye", "Ses över", "nu"),
    "withdrawn": ("minus", "Utfasat", "quiet"),
    "draft": ("pen", "Utkast", "quiet"),
}
"""Status -> icon, word and tone."""
CHOICES = {
    "galler": ("Gäller", ("published", "review")),
    "ses-over": ("Ses över nu", ("review",)),
    "utfasade": ("Utfasade", ("withdrawn",)),
    "alla": ("Alla", ()),
}
REVIEWS = {"": "När som helst", "sena": "Har passerat", "snart": "Inom 90 dagar"}


@dataclass(frozen=True)
class Wanted:
    """What the reader has asked to see."""

    text: str
    area: str
    state: str
    review: str

    @classmethod
    def asked(cls) -> Wanted:
        """What the address asks for; what it asks wrongly is passed over."""
        state, review = request.args.get("lage", "galler"), request.args.get("oversyn", "")
        return cls(
            request.args.get("sok", "").strip()[:100],
            request.args.get("omrade", "")[:40],
            state if state in CHOICES else "galler",
            review if review in REVIEWS else "",
        )

    def before(self, today: date) -> date | None:
        """The day that the next review is to lie before."""
        return {"sena": today, "snart": today + SOON}.get(self.review)


@pages.get("/tillagg")
@open_to(SIGNED_IN)
def index() -> str:
    """The additions that hold, or those that were asked for, by article and place."""
    wanted = Wanted.asked()
    with here.db().read() as reader:
        today = here.today(reader)
        names = organisation.names_on(reader, today)
        found = additions.listed(
            reader,
            here.region().id,
            status=CHOICES[wanted.state][1],
            area=wanted.area,
            text=wanted.text,
            review_before=wanted.before(today),
            limit=SHOWN,
        )
        return render_template(
            "additions.html",
            lines=[_line(each, today, names) for each in _visible(reader, found)],
            wanted=wanted,
            choices={key: say(word) for key, (word, _) in CHOICES.items()},
            reviews={key: say(word) for key, word in REVIEWS.items()},
            areas={id: names.get(id, id) for id in additions.areas_of(reader, here.region().id)},
            published=_published(reader, today),
            cannot_print=printing.cannot(),
            today=words.long_day(today),
        )


@pages.get("/tillagg/<id>")
@open_to(SIGNED_IN)
def show(id: str) -> str:
    """One addition: where it stands, what it says, its versions and documents."""
    with here.db().read() as reader:
        addition = additions.find(reader, id)
        if addition is None or addition.region != here.region().id or not _visible(reader, [addition]):
            raise NotFound("Tillägget", id)
        today, case = here.today(reader), _case(reader, addition.case_id)
        versions = additions.versions_of(reader, id)
        return render_template(
            "addition.html",
            addition=addition,
            line=_line(addition, today, organisation.names_on(reader, today)),
            case=case,
            papers=papers.of_case(reader, case, today) if case else [],
            versions=[
                {
                    "version": each,
                    "when": words.moment(each.at, today),
                    "status": _status(each.status),
                    "case": _case(reader, each.case_id),
                }
                for each in versions
            ],
            link=addition.article if addition.article.startswith(("https://", "http://")) else "",
            words_of_day=lambda day: words.short_day(day, today.year),
        )


@pages.get("/tillagg/forteckning.<kind>")
@open_to(SIGNED_IN)
def whole(kind: str) -> Answer:
    """The register of today: `html`, `pdf` or `xlsx`."""
    with here.db().read() as reader:
        found = additions.listed(reader, here.region().id, status=(PUBLISHED,), limit=SHOWN * 10)
        today = here.today(reader)
        names = organisation.names_on(reader, today)
    name = f"lokala-tillagg-{today.isoformat()}.{kind}"
    if kind == "xlsx":
        from engine.record import spreadsheet  # slow to import, and seldom asked for

        sheet = spreadsheet.sheet(today, found, names)
        return send_file(BytesIO(sheet), mimetype=spreadsheet.MEDIA_TYPE, as_attachment=True, download_name=name)
    page = register.page(here.region().name, today, found, names)
    if kind == "pdf":
        pdf = BytesIO(printing.printed(page))
        return send_file(pdf, mimetype="application/pdf", as_attachment=True, download_name=name)
    if kind != "html":
        raise NotFound("Förteckningen", kind)
    answer = make_response(page)
    answer.headers["Content-Type"] = papers.PAGE
    answer.headers["Content-Security-Policy"] = papers.SANDBOX
    return answer


def _visible(reader: Reader, found: list[Addition]) -> list[Addition]:
    """The register is for everyone in the region; a draft for those who may see its case."""
    if all(each.status != DRAFT for each in found):
        return found
    seen = here.cases_seen(reader)
    return [each for each in found if each.status != DRAFT or seen is None or each.case_id in seen]


def _case(reader: Reader, id: str | None) -> Case | None:
    """A case, if the visitor may see it."""
    case = cases.find(reader, id) if id else None
    return case if case and here.may(reader, "case.see", case=case) else None


def _status(status: str) -> tuple[str, str, str]:
    icon, word, tone = STATUSES[status]
    return icon, say(word), tone


def _line(addition: Addition, today: date, names: dict[str, str]) -> dict[str, Any]:
    review = addition.review_by if addition.status in (PUBLISHED, "review") else None
    late, soon = review is not None and review < today, review is not None and review < today + SOON
    return {
        "addition": addition,
        "area": names.get(addition.area, addition.area),
        "status": _status(addition.status),
        "published": words.short_day(addition.published_on, today.year) if addition.published_on else "",
        "review": words.short_day(review, today.year) if review else "",
        "tone": "fel" if late else "nu" if soon else "",
    }


def _published(reader: Reader, today: date) -> list[dict[str, Any]]:
    """The registers that have been published and that the visitor may open, latest first."""
    found = renderings.of_template(reader, here.region().id, "additionRegister", limit=8)
    seen = [(each, _case(reader, each.case_id)) for each in found]
    return [
        {
            "title": each.title,
            "when": words.moment(each.created_at, today),
            "page": url_for("cases.document", id=case.id, document=each.document_id),
            "pdf": url_for("cases.document", id=case.id, document=each.pdf_id) if each.pdf_id else "",
        }
        for each, case in seen
        if case is not None
    ]
