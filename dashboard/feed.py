"""An Atom feed of this site: ids that stay for ever, and texts that stay texts in every reader."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from dashboard.charts.text import clean_text

SITE = "Capability per dollar"


class Feed:
    """``address``: where it is read, with its query; ``link``: the page that it is about."""

    def __init__(self, request: HttpRequest, *, title: str, about: str, link: str, address: str = "") -> None:
        self._request = request
        here = request.build_absolute_uri(address or request.path)
        self._host = urlsplit(here).hostname or "localhost"
        self._atom = Atom1Feed(
            title=clean_text(title, longest=None),
            link=request.build_absolute_uri(link),
            description=about,
            feed_url=here,
            feed_guid=here,
            author_name=SITE,
        )

    def add(self, *, key: str, at: datetime, title: str, lines: Iterable[str], link: str, kind: str = "") -> None:
        """One entry. ``key`` must not change; ``title`` and ``lines`` are plain text, whoever wrote it."""
        self._atom.add_item(
            title=clean_text(title, longest=None),
            link=self._request.build_absolute_uri(link),
            # A summary is HTML to those who read it.
            description="<br>\n".join(escape(clean_text(line, longest=None)) for line in lines),
            unique_id=f"tag:{self._host},2025:{key}",
            pubdate=at,
            updateddate=at,
            categories=[kind] if kind else (),
        )

    def answer(self, cache_control: str) -> HttpResponse:
        response = HttpResponse(self._atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
        response["Cache-Control"] = cache_control
        return response
