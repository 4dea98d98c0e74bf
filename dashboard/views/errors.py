"""What a visitor sees when there is nothing at an address, or when something failed here."""

import logging
import uuid
from difflib import get_close_matches

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.selectors.models import near_names
from dashboard.api.answers import problem
from dashboard.context import FURTHER, PLACES

logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, message: str, near_models: list[str]) -> HttpResponse:
    """404 with models of a similar name."""
    near = [(slug, reverse("dashboard:model", args=[slug])) for slug in near_models]
    return render(request, "dashboard/not_found.html", {"message": message, "near": near}, status=404)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django names it
    """Handler of addresses that lead nowhere: names the pages and models that look like it."""
    path = request.path.strip("/")
    if path.startswith("api/"):
        detail = f"There is nothing at {request.path[:200]}. {reverse('api:openapi-json')} lists every address."
        return problem(404, "No such address", detail, kind="not-found", near=[])
    last = path.rpartition("/")[2]
    places = {reverse(name).strip("/"): (title, reverse(name)) for title, name in (*PLACES, *FURTHER)}
    near = [places[name] for name in get_close_matches(path, places, 2, cutoff=0.6) if name]
    near += [(slug, reverse("dashboard:model", args=[slug])) for slug in near_names(last[:200])]
    message = f"There is no page at {request.path[:200]}."
    return render(request, "dashboard/not_found.html", {"message": message, "near": near}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Handler of failures: a number to report, no trace. Uses no database and no context processor."""
    reference = uuid.uuid4().hex[:12]
    logger.error("Request %s failed; the visitor was told %s", request.path, reference)
    return HttpResponse(render_to_string("dashboard/server_error.html", {"reference": reference}), status=500)
