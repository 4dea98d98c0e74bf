"""Builds the pages that most visitors open before they ask, whenever data or day have changed."""

import io
import logging
from functools import lru_cache
from urllib.parse import urlsplit

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.urls import reverse

from dashboard import answer, saved_views
from dashboard.freshness import data_version, edition
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from dashboard.shelf import shelf

logger = logging.getLogger(__name__)

FIRST_PAGES = (
    "/",
    "/api/v1/frontier",
    "/models/",
    "/training/",
    "/api/v1/training",
    "/prices/",
    "/trends/",
    "/routing/",
    "/whole-life/",
    "/sources/",
    "/method/",
)
RUNNING, RUNNING_S = "warm:running", 60
HEADLINE = "warm:headline"
ROUNDS = 3  # a load that goes on and on is left to the next tick


@shared_task(name="dashboard.warm")
def warm() -> None:
    """Ask for the first pages as a visitor of ``APP_URL`` would. What is kept and still right is not built again.

    One at a time; data that change meanwhile make another round.
    """
    if not cache.add(RUNNING, 1, RUNNING_S):
        return
    try:
        for _ in range(ROUNDS):
            before = data_version()
            for path in (*FIRST_PAGES, *headline_pages()):
                _ask(path)
            if data_version() == before:
                return
    finally:
        cache.delete(RUNNING)


def headline_pages() -> list[str]:
    """What the first page points to: its preview picture, the models it names, and the comparison of its pair."""
    now = edition()
    known = cache.get(HEADLINE)
    if known and known[0] == now:
        return list(known[1])
    found = frontier(FrontierQuery())
    pair = answer.favourite_comparison(found)
    rows = [pair.first, pair.second] if pair else []
    slugs = dict.fromkeys([row.slug for row in rows] + [pick.row.slug for pick in answer.picks(found)])
    pages = [f"{reverse('dashboard:preview')}{found.query.frozen().string}"]
    pages += [reverse("dashboard:model", args=[slug]) for slug in slugs]
    if rows:
        pages.append(reverse("dashboard:compare", args=["/".join(row.slug for row in rows)]))
    cache.set(HEADLINE, (now, pages), settings.PAGE_CACHE_S)
    return pages


@shared_task(name="dashboard.check_views", ignore_result=True)
def check_views() -> None:
    """Compute the saved views whose data have changed, and tell who follows them."""
    saved_views.check_views()


@lru_cache(maxsize=1)
def _site() -> WSGIHandler:
    return WSGIHandler()


def _ask(path: str) -> None:
    """Through all middleware, so that what is kept is what a visitor would get."""
    shelf.clear()  # of this process: the cache of all is to have it
    status = _site().get_response(_request(path)).status_code
    if status != 200:
        logger.warning("%s answered %s and is not ready for visitors.", path, status)


def _request(address: str) -> WSGIRequest:
    site, asked = urlsplit(settings.APP_URL), urlsplit(address)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": asked.path,
            "QUERY_STRING": asked.query,
            "HTTP_HOST": site.netloc,
            "SERVER_NAME": site.hostname or "",
            "SERVER_PORT": str(site.port or ""),
            "REMOTE_ADDR": "",  # reads for nobody, counted against nobody's limit
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": io.BytesIO(),
        }
    )
