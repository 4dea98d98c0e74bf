"""Builds the pages that most visitors open before they ask, whenever data or day have changed."""

import io
from urllib.parse import urlsplit

from celery import shared_task
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve

from dashboard import saved_views

FIRST_PAGES = (
    "/",
    "/models/",
    "/training/",
    "/prices/",
    "/trends/",
    "/routing/",
    "/whole-life/",
    "/sources/",
    "/api/v1/frontier",
    "/api/v1/training",
)


@shared_task(name="dashboard.warm")
def warm() -> None:
    """Ask for the first pages as a visitor of ``APP_URL`` would. What is kept and still right is not built again."""
    for path in FIRST_PAGES:
        match = resolve(path)
        match.func(_request(path), *match.args, **match.kwargs)


@shared_task(name="dashboard.check_views", ignore_result=True)
def check_views() -> None:
    """Compute the saved views whose data have changed, and tell who follows them."""
    saved_views.check_views()


def _request(path: str) -> WSGIRequest:
    site = urlsplit(settings.APP_URL)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "HTTP_HOST": site.netloc,
            "SERVER_NAME": site.hostname or "",
            "SERVER_PORT": str(site.port or ""),
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": io.BytesIO(),
        }
    )
