"""What changed, as a page and as an Atom feed."""

from dataclasses import dataclass, replace
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from dashboard import formats
from dashboard.changes import KINDS, Change, changes
from dashboard.feed import Feed
from dashboard.query import choice
from dashboard.sharing import Exhibit, query_string, share
from dashboard.tables import provenance as tables
from dashboard.templatetags.dashboard_pages import slug_of
from dashboard.views.reading import Reading, plain, read

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

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query string's content, defaults left out."""
        return [(name, value) for name, value in (("kind", self.kind), ("model", self.model)) if value]

    def string(self, **changes: str) -> str:
        return query_string(replace(self, **changes).parameters)


@dataclass(frozen=True, slots=True)
class Found:
    asked: Asked
    changes: list[Change]


def page(request: HttpRequest) -> HttpResponse:
    """``/changes/?kind=price|model|score|run|index&model=SLUG``."""
    seen = look(request.GET)
    asked, found, shown = seen.value.asked, seen.value.changes, exhibit(seen.value)
    pages = Paginator(found, CHANGES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "notices": seen.notices,
        "pages": pages,
        "total": len(found),
        "days": [(day, list(rows)) for day, rows in groupby(pages.object_list, key=lambda each: each.at.date())],
        "kinds": [(value, label, asked.string(kind=value) or "?") for value, label in LABELS],
        "atom_url": f"{reverse('dashboard:changes_atom')}{asked.string()}",
        "shared": share(request, shown),
    }
    return render(request, "dashboard/changes.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[Found]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    asked = read(plain(values), lambda each: Asked.parse(dict(each)))
    found = changes(now=timezone.now(), kind=asked.value.kind or None, model=asked.value.model)  # type: ignore[arg-type]
    return Reading(Found(asked.value, found), asked.bad, asked.notices)


def exhibit(found: Found) -> Exhibit:
    return Exhibit(
        name="changes",
        sentence=sentence(found),
        note="By the day on which it took effect, else the day on which it was first seen",
        parameters=found.asked.parameters,
        tables={"changes": lambda: tables.changes(found.changes)},
        json_url=f"{reverse('api:changes')}{found.asked.string()}",
    )


def line_address(change: Change) -> str:
    """Where the change stands on the page: among those of its kind and model, so that later ones leave it there."""
    where = Asked(kind=change.kind, model=change.model or "")
    return f"{reverse('dashboard:changes')}{where.string()}#{slug_of(change.key)}"


def sentence(found: Found) -> str:
    """How much changed, and what last."""
    about = f" about {found.asked.model}" if found.asked.model else ""
    if not found.changes:
        return f"Nothing is known to have changed{about}."
    newest = found.changes[0]
    return (
        f"{formats.plural(len(found.changes), 'change')}{about}, the latest on {formats.day(newest.at.date())}: "
        f"{newest.title}."
    )


def atom(request: HttpRequest) -> HttpResponse:
    """``/changes.atom``: the newest changes. Each entry keeps its id for ever."""
    seen = look(request.GET)
    asked, found = seen.value.asked, seen.value.changes
    feed = Feed(
        request,
        title="Capability per dollar: what changed",
        about="Price changes, new models, new scores and runs of our own.",
        link=reverse("dashboard:changes"),
        address=f"{request.path}{asked.string()}",
    )
    for change in found[:IN_FEED]:
        sight = " (day of first sight)" if change.is_observed else ""
        read_at = ", ".join(source.url for source in change.sources)
        text = f"{change.detail}{sight}{f'. Source: {read_at}' if read_at else ''}"
        feed.add(
            key=change.key, at=change.at, title=change.title, lines=[text], link=line_address(change), kind=change.kind
        )
    return feed.answer("public, max-age=300")
