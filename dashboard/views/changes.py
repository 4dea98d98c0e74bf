"""What changed, as a page and as an Atom feed."""

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode, urlsplit

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from dashboard.changes import KINDS, changes
from dashboard.charts.text import clean_text
from dashboard.query import choice
from dashboard.views.reading import given, read

CHANGES_PER_PAGE = 100
IN_FEED = 100
LABELS = (
    ("", "All"),
    ("price", "Prices"),
    ("model", "New models"),
    ("score", "Scores"),
    ("run", "Our runs"),
    ("index", "Index"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    kind: str = ""
    model: str = ""

    @classmethod
    def parse(cls, values: dict[str, str]) -> "Asked":
        kind = values.get("kind", "")
        return cls(choice("kind", kind, KINDS) if kind else "", values.get("model", "").strip()[:120])

    def string(self, **changed: str) -> str:
        kept = {name: value for name, value in ({"kind": self.kind, "model": self.model} | changed).items() if value}
        return f"?{urlencode(kept)}" if kept else ""


def page(request: HttpRequest) -> HttpResponse:
    """``/changes/?kind=price|model|score|run|index&model=SLUG``."""
    values = given(request)
    asked = read(values, lambda each: Asked.parse(dict(each)))
    found = changes(now=timezone.now(), kind=asked.value.kind or None, model=asked.value.model)  # type: ignore[arg-type]
    pages = Paginator(found, CHANGES_PER_PAGE).get_page(values.get("page"))
    context = {
        "asked": asked.value,
        "notices": asked.notices,
        "pages": pages,
        "total": len(found),
        "days": [(day, list(rows)) for day, rows in groupby(pages.object_list, key=lambda each: each.at.date())],
        "kinds": [(value, label, asked.value.string(kind=value) or "?") for value, label in LABELS],
        "atom_url": f"{reverse('dashboard:changes_atom')}{asked.value.string()}",
        "json_url": f"{reverse('api:changes')}{asked.value.string()}",
    }
    return render(request, "dashboard/changes.html", context, status=asked.status)


def atom(request: HttpRequest) -> HttpResponse:
    """``/changes.atom``: the newest changes. Each entry keeps its id for ever."""
    asked = read(given(request), lambda each: Asked.parse(dict(each)))
    found = changes(now=timezone.now(), kind=asked.value.kind or None, model=asked.value.model)  # type: ignore[arg-type]
    here = request.build_absolute_uri(f"{request.path}{asked.value.string()}")
    host = urlsplit(here).hostname or "localhost"
    feed = Atom1Feed(
        title="Capability per dollar: what changed",
        link=request.build_absolute_uri(reverse("dashboard:changes")),
        description="Price changes, new models, new scores and runs of our own.",
        feed_url=here,
        feed_guid=here,
    )
    for change in found[:IN_FEED]:
        seen = " (day of first sight)" if change.is_observed else ""
        read_at = ", ".join(source.url for source in change.sources)
        feed.add_item(
            title=clean_text(change.title, longest=None),
            link=request.build_absolute_uri(change.url),
            description=clean_text(f"{change.detail}{seen}{f'. Source: {read_at}' if read_at else ''}", longest=None),
            unique_id=f"tag:{host},2025:{change.key}",
            pubdate=change.at,
            updateddate=change.at,
            categories=[change.kind],
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response
