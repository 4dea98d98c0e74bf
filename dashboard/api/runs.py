"""``/api/v1/runs`` and ``/api/v1/runs/{id}``: what our own evaluations measured and what that cost."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from catalog.errors import UnknownName
from catalog.models import Source
from dashboard.api.answers import answer, number, source_items
from dashboard.api.paging import Paging, page, window
from dashboard.api.schemas import Problem, RunItem, RunPage
from dashboard.runs import RunView, all_runs, run_view
from economics.interval import Interval
from evals.models import Run

router = Router(tags=["runs"])


@router.get("/runs", response={200: RunPage, 400: Problem}, url_name="runs", summary="Evaluation runs")
def runs_view(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """The newest first, open ones included."""
    views = [run_view(run) for run in all_runs()[window(paging)]]
    items = items_with_sources(request, views)
    return answer(request, page(request, paging, Run.objects.count()).envelope(items))


@router.get(
    "/runs/{run_id}", response={200: RunItem, 400: Problem, 404: Problem}, url_name="run", summary="One evaluation run"
)
def run_detail(request: HttpRequest, run_id: str) -> HttpResponse:
    """Its numbers so far; they are final once ``finished_at`` is set."""
    try:
        run = all_runs().filter(pk=UUID(run_id)).first()
    except ValueError:
        run = None
    if run is None:
        raise UnknownName(f"There is no run {run_id!r}. GET /api/v1/runs lists all runs.")
    return answer(request, items_with_sources(request, [run_view(run)])[0])


def items_with_sources(request: HttpRequest, views: list[RunView]) -> list[dict[str, Any]]:
    """A run's source is the page of the run itself, which the catalog keeps once it is published."""
    published = {source.url: source for source in Source.objects.filter(url__in=[view.url for view in views])}
    return [item(request, view, published.get(view.url)) for view in views]


def item(request: HttpRequest, view: RunView, source: Source | None) -> dict[str, Any]:
    run, found = view.run, view.summary
    return {
        "id": str(run.pk),
        "suite": run.suite.slug,
        "endpoint": run.endpoint.slug,
        "model": view.version.model.slug if view.version else None,
        "state": run.state,
        "stop_reason": run.stop_reason,
        "samples": found.n_planned,
        "scored": found.n_scored,
        "correct": found.n_correct,
        "incorrect": found.n_incorrect,
        "unscored": found.n_unscored,
        "failed": found.n_failed,
        "skipped": found.n_skipped,
        "pass_rate": found.pass_rate,
        "pass_rate_interval": interval_item(found.pass_rate_interval),
        "input_tokens": found.input_tokens,
        "output_tokens": found.output_tokens,
        "cost_usd": number(found.cost_usd),
        "cost_is_lower_bound": found.cost_is_lower_bound,
        "spent_usd": number(found.spent_usd),
        "budget_usd": number(found.budget_usd),
        "usd_per_correct_answer": number(view.usd_per_correct),
        "usd_per_correct_answer_interval": interval_item(view.usd_per_correct_interval),
        "price_usd_per_mtok": number(found.price_usd_per_mtok),
        "price_note": found.price_note,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "url": request.build_absolute_uri(view.url),
        "sources": source_items([source] if source else []),
    }


def interval_item(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    return {
        "low": interval.low,
        "high": number(interval.high),
        "level": interval.level,
        "method": interval.method,
    }
