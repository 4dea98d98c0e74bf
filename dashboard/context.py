"""What every page's frame needs: the main navigation, with the present place marked."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class NavigationItem:
    title: str
    url: str
    is_current: bool


PLACES = (
    ("Frontier", "dashboard:frontier"),
    ("Models", "dashboard:models"),
    ("Training cost", "dashboard:training"),
    ("Eval runs", "dashboard:runs"),
    ("Method", "dashboard:method"),
    ("API", "api:openapi-view"),
)


def navigation(request: HttpRequest) -> dict[str, list[NavigationItem]]:
    """Context processor."""
    items = []
    for title, name in PLACES:
        url = reverse(name)
        here = request.path == url or (url != "/" and request.path.startswith(url))
        items.append(NavigationItem(title, url, here))
    return {"navigation": items}
