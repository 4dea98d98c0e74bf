"""``/api/v1/views``: the pages that the user of a token follows."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.errors import UnknownName
from dashboard.api.access import by_token
from dashboard.api.answers import plain
from dashboard.api.paging import Paging, page, window
from dashboard.api.schemas import Problem, SourceItem
from dashboard.errors import BadParameter
from dashboard.models import SavedView
from dashboard.saved_views import LONGEST_ADDRESS, CannotBeSaved, NoSuchPage, save_view

router = Router(tags=["views"])
REFUSED = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 429: Problem}


class ViewWish(Schema):
    """A page of this site to follow."""

    address: str = Field(max_length=LONGEST_ADDRESS, description="Path and query, such as /?access=open.")
    name: str = Field("", max_length=100, description="Empty: the address.")


class ViewItem(Schema):
    """A saved view."""

    id: int
    name: str
    address: str
    url: str
    feed_url: str = Field(description="Its own Atom feed; whoever has this address may read it.")
    created_at: datetime
    changed_at: datetime | None = Field(description="When its answer changed last; null: not since it was saved.")
    sources: list[SourceItem] = Field(description="Always empty: sources stand in the changes of the feed.")


class ViewPage(Schema):
    count: int
    next: str | None
    items: list[ViewItem]


@router.get(
    "/views", **by_token("read"), response={200: ViewPage, **REFUSED}, url_name="views", summary="Your saved views"
)
def saved_views(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """Those of the token's user, in the order of their names."""
    found = SavedView.objects.filter(user=request.auth.user_id).prefetch_related("changes")  # type: ignore[attr-defined]
    items = [item(request, view) for view in found[window(paging)]]
    return private(plain(page(request, paging, found.count()).envelope(items), 200))


@router.post("/views", **by_token("views:write"), response={201: ViewItem, **REFUSED}, summary="Follow a page")
def save_a_view(request: HttpRequest, wish: ViewWish) -> HttpResponse:
    """Its answer now is what later ones are compared with. The same address again renames the view."""
    try:
        view, _ = save_view(user=request.auth.user, address=wish.address, name=wish.name.strip())  # type: ignore[attr-defined]
    except NoSuchPage as error:
        raise UnknownName(str(error)) from error
    except CannotBeSaved as error:
        raise BadParameter("address", str(error)) from error
    return private(plain(item(request, view), 201))


@router.delete(
    "/views/{view_id}",
    **by_token("views:write"),
    response={200: ViewItem, **REFUSED},
    summary="Follow a page no longer",
)
def remove_view(request: HttpRequest, view_id: str) -> HttpResponse:
    """Only one of your own. Answers what it was."""
    mine = SavedView.objects.filter(user=request.auth.user_id).prefetch_related("changes")  # type: ignore[attr-defined]
    view = mine.filter(pk=view_id).first() if view_id.isdecimal() and len(view_id) < 19 else None
    if view is None:
        raise UnknownName(f"You have no saved view {view_id!r}. GET /api/v1/views lists yours.")
    answer = item(request, view)
    view.delete()
    return private(plain(answer, 200))


def item(request: HttpRequest, view: SavedView) -> dict[str, Any]:
    changes = list(view.changes.all())
    return {
        "id": view.pk,
        "name": view.name,
        "address": view.address,
        "url": request.build_absolute_uri(view.address),
        "feed_url": request.build_absolute_uri(reverse("dashboard:view_atom", args=[view.feed_key])),
        "created_at": view.created_at,
        "changed_at": changes[0].at if changes else None,
        "sources": [],
    }


def private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
