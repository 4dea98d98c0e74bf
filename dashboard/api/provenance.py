"""``/api/v1/sources``, ``/conflicts`` and ``/feeds``: where numbers come from, and where that is disputed."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from catalog.selectors.conflicts import KINDS, Conflict, conflicts
from catalog.selectors.sources import FACTS, sources
from dashboard.api.answers import answer, number, source_item, source_items
from dashboard.api.market import versions_of
from dashboard.api.paging import Paging, page, window
from dashboard.api.provenance_schemas import ConflictPage, FeedPage, SourcePage
from dashboard.api.schemas import Problem
from dashboard.kept import kept
from dashboard.query import choice
from ingest.models import Feed, FeedRun

router = Router(tags=["provenance"])


class ConflictParameters(Schema):
    kind: str = Field("", description="claim, price or score; empty is all.")
    model: str = Field("", description="Slug of one model; empty is all.", max_length=120)


@router.get("/sources", response={200: SourcePage, 400: Problem}, url_name="sources", summary="Where numbers were read")
@decorate_view(kept)
def sources_view(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """Every source with how many facts rest on it, the most used first."""
    found = sources()
    items = [
        {
            "id": source.pk,
            "title": source.title,
            "kind": source.kind,
            "rank": source.rank,
            "attribution": source.attribution,
            "facts": {name: getattr(source, f"n_{name}") for name in FACTS},
            "sources": [source_item(source)],
        }
        for source in found[window(paging)]
    ]
    return answer(request, page(request, paging, found.count()).envelope(items))


@router.get(
    "/conflicts",
    response={200: ConflictPage, 400: Problem, 404: Problem},
    url_name="conflicts",
    summary="Values that disagree, by size",
)
@decorate_view(kept)
def conflicts_view(
    request: HttpRequest,
    paging: Query[Paging],
    asked: Query[ConflictParameters],
) -> HttpResponse:
    """The largest first. ``same_question`` false: the sources qualify their values differently, all may be right."""
    wanted: Any = choice("kind", asked.kind, KINDS) if asked.kind else None
    found = conflicts(kind=wanted, version_ids=versions_of(asked.model), as_of=timezone.now())
    items = [conflict_item(each) for each in found[window(paging)]]
    return answer(request, page(request, paging, len(found)).envelope(items))


@router.get("/feeds", response={200: FeedPage, 400: Problem}, url_name="feeds", summary="Feeds and their last reading")
def feeds_view(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """Every feed, in the order of its name, with what came of reading it last."""
    last = FeedRun.objects.filter(feed=OuterRef("pk")).order_by("-started_at", "-pk").values("pk")[:1]
    feeds = Feed.objects.select_related("source").annotate(last_run=Subquery(last)).order_by("slug")
    shown: list[Any] = list(feeds[window(paging)])
    runs = FeedRun.objects.in_bulk([feed.last_run for feed in shown if feed.last_run])
    items = [feed_item(feed, runs.get(feed.last_run)) for feed in shown]
    return answer(request, page(request, paging, feeds.count()).envelope(items))


def conflict_item(conflict: Conflict) -> dict[str, Any]:
    return {
        "key": conflict.key,
        "kind": conflict.kind,
        "model": conflict.version.model.slug,
        "version": conflict.version.slug,
        "what": conflict.what,
        "unit": conflict.unit,
        "size": conflict.size,
        "same_question": conflict.same_question,
        "values": [
            {
                "text": each.text,
                "number": number(each.number),
                "detail": each.detail,
                "on": each.on,
                "shown": each.shown,
                "sources": [source_item(each.source)],
            }
            for each in conflict.statements
        ],
        "note": conflict.note.text if conflict.note else None,
        "sources": source_items(conflict.sources),
    }


def feed_item(feed: Feed, run: FeedRun | None) -> dict[str, Any]:
    return {
        "feed": feed.slug,
        "name": feed.name,
        "enabled": feed.enabled,
        "last_run": None
        if run is None
        else {
            "state": run.state,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "created": run.created,
            "changed": run.changed,
            "unchanged": run.unchanged,
            "held": run.held,
            "rejected": run.rejected,
            "unresolved": run.unresolved,
            "message": run.message,
        },
        "sources": [source_item(feed.source)],
    }
