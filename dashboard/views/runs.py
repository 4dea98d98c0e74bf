"""Our own evaluations: the list with live progress, and one run with every prompt and answer."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from dashboard.runs import all_runs, run_view, run_views
from evals.selectors import run_samples

RUNS_PER_PAGE = 25
SAMPLES_PER_PAGE = 100
OUTCOMES = ("correct", "incorrect", "unscored", "failed", "skipped", "pending")


def listing(request: HttpRequest) -> HttpResponse:
    """``/evals/``. The browser asks again while a run is open; without script a reload shows progress."""
    pages = Paginator(all_runs(), RUNS_PER_PAGE).get_page(request.GET.get("page"))
    views = run_views(pages.object_list)
    context = {"pages": pages, "runs": views, "is_live": any(view.is_open for view in views)}
    return live(request, "dashboard/runs.html", "dashboard/_run_list.html", context)


def detail(request: HttpRequest, run_id: str) -> HttpResponse:
    """``/evals/runs/<id>/``: summary, progress, samples with prompts, answers and errors."""
    try:
        run = get_object_or_404(all_runs(), pk=run_id)
    except ValidationError as error:
        raise Http404 from error
    view = run_view(run)
    if request.headers.get("X-Live"):
        return live(request, "", "dashboard/_run_summary.html", {"view": view, "is_live": view.is_open})
    wanted = request.GET.get("outcome", "")
    wanted = wanted if wanted in OUTCOMES else ""
    pages = Paginator(run_samples(run, outcome=wanted), SAMPLES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"view": view, "is_live": view.is_open, "pages": pages, "outcome": wanted, "outcomes": OUTCOMES}
    return live(request, "dashboard/run.html", "dashboard/_run_summary.html", context)


def live(request: HttpRequest, template: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for the poller its moving part: 204 when nothing has changed since it last asked."""
    if not request.headers.get("X-Live"):
        return render(request, template, context)
    html = render_to_string(part, context, request)
    etag = hashlib.sha256(html.encode()).hexdigest()[:24]
    unchanged = request.headers["X-Live"] == etag
    response = HttpResponse("" if unchanged else html, status=204 if unchanged else 200)
    response["X-Live"] = etag
    response["Cache-Control"] = "no-store"
    if not context["is_live"]:
        response["X-Live-Done"] = "1"
    return response
