"""What every page's frame needs: the main navigation, with the present place marked, and what was not understood."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from dashboard.finders import PLOTLY_STATIC
from dashboard.known_parameters import left_aside


@dataclass(frozen=True, slots=True)
class NavigationItem:
    title: str
    url: str
    is_current: bool


PLACES = (
    ("Frontier", "dashboard:frontier"),
    ("Models", "dashboard:models"),
    ("Compare", "dashboard:compare_choose"),
    ("Prices", "dashboard:prices"),
    ("Trends", "dashboard:trends"),
    ("Routing", "dashboard:routing"),
    ("Training cost", "dashboard:training"),
    ("Eval runs", "dashboard:runs"),
)

# Behind "More" in the header.
FURTHER = (
    ("Whole-life cost", "dashboard:whole_life"),
    ("Conflicts", "dashboard:conflicts"),
    ("What changed", "dashboard:changes"),
    ("Saved views", "dashboard:views"),
    ("Sources", "dashboard:sources"),
    ("Method", "dashboard:method"),
    ("API", "api:openapi-view"),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor."""
    further = _items(request, FURTHER)
    return {
        "navigation": _items(request, PLACES),
        "further": further,
        "further_current": next((item.title for item in further if item.is_current), ""),
        "plotly_file": PLOTLY_STATIC,
        "left_aside": left_aside(request),
    }


def _items(request: HttpRequest, places: Sequence[tuple[str, str]]) -> list[NavigationItem]:
    items = []
    for title, name in places:
        url = reverse(name)
        here = request.path == url or (url != "/" and request.path.startswith(url))
        items.append(NavigationItem(title, url, here))
    return items
