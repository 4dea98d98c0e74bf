"""``/api/v1/changes``: what changed, as on the page and in the Atom feed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from dashboard.api.answers import answer, source_items
from dashboard.api.change_schemas import ChangePage
from dashboard.api.market import versions_of
from dashboard.api.paging import Paging, page, window
from dashboard.api.schemas import Problem
from dashboard.changes import KINDS, changes
from dashboard.query import choice

router = Router(tags=["changes"])


class ChangeParameters(Schema):
    kind: str = Field("", description="price, model, score or run; empty is all.")
    model: str = Field("", description="Slug of one model; empty is all.", max_length=120)


@router.get(
    "/changes",
    response={200: ChangePage, 400: Problem, 404: Problem},
    url_name="changes",
    summary="What changed, the newest first",
)
def changes_view(request: HttpRequest, paging: Query[Paging], asked: Query[ChangeParameters]) -> HttpResponse:
    """Price changes, releases, scores and runs. ``is_observed``: at is the day of a first sight."""
    wanted: Any = choice("kind", asked.kind, KINDS) if asked.kind else None
    if asked.model:
        versions_of(asked.model)  # a name that nothing has is a 404, not an empty list
    found = changes(now=timezone.now(), kind=wanted, model=asked.model.strip())
    items = [
        {
            "key": change.key,
            "kind": change.kind,
            "at": change.at,
            "is_observed": change.is_observed,
            "title": change.title,
            "detail": change.detail,
            "model": change.model,
            "url": request.build_absolute_uri(change.url),
            "sources": source_items(change.sources),
        }
        for change in found[window(paging)]
    ]
    return answer(request, page(request, paging, len(found)).envelope(items))
