"""What every page's frame needs: the main navigation, with the present place marked, and what was not understood."""

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
    ("Training cost", "dashboard:training"),
    ("Eval runs", "dashboard:runs"),
    ("Sources", "dashboard:sources"),
    ("Method", "dashboard:method"),
    ("API", "api:openapi-view"),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor."""
    items = []
    for title, name in PLACES:
        url = reverse(name)
        here = request.path == url or (url != "/" and request.path.startswith(url))
        items.append(NavigationItem(title, url, here))
    return {"navigation": items, "plotly_file": PLOTLY_STATIC, "left_aside": left_aside(request)}
