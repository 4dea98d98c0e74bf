"""``/api/v1/runs`` and ``/api/v1/runs/{id}``: what our own evaluations measured and what that cost."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Header, Query, Router, Schema

from catalog.errors import UnknownName
from catalog.models import Source
from dashboard.api.access import by_token, need
from dashboard.api.answers import answer, interval_item, number, plain, source_items, sum_known
from dashboard.api.comparison_schemas import ComparisonItem, ComparisonWish
from dashboard.api.paging import Paging, page, stated, window
from dashboard.api.schemas import Problem, RunItem, RunPage, RunWish, SamplePage
from dashboard.query import choice
from dashboard.run_comparison import PairView, run_comparison
from dashboard.runs import RunFilter, RunView, all_runs, run_view, run_views
from evals.models import Comparison, Run, RunSample
from evals.selectors import endpoint_by_slug, run_samples, suite_by_slug
from evals.services.comparisons import start_comparison
from evals.services.runs import cancel_run, resume_run, retry_failed, start_run

router = Router(tags=["runs"])


class RunQuery(Schema):
    """Which runs are wanted; empty means all."""

    suite: str = stated("", "Slug of a suite.")
    endpoint: str = stated("", "Slug of an endpoint.")
    state: str = stated("", "Such as finished.", enum=["", *Run.State.values])


@router.get("/runs", response={200: RunPage, 400: Problem, 404: Problem}, url_name="runs", summary="Evaluation runs")
def runs_view(request: HttpRequest, asked: Query[RunQuery], paging: Query[Paging]) -> HttpResponse:
    """The newest first, open ones included."""
    found = RunFilter(
        suite=suite_by_slug(asked.suite).slug if asked.suite else "",
        endpoint=endpoint_by_slug(asked.endpoint).slug if asked.endpoint else "",
        state=choice("state", asked.state, tuple(Run.State.values)) if asked.state else "",
    ).runs()
    items = items_with_sources(request, run_views(found[window(paging)]))
    return answer(request, page(request, paging, found.count()).envelope(items))


@router.get(
    "/runs/{run_id}", response={200: RunItem, 400: Problem, 404: Problem}, url_name="run", summary="One evaluation run"
)
def run_detail(request: HttpRequest, run_id: str) -> HttpResponse:
    """Its numbers so far; they are final once ``finished_at`` is set."""
    return answer(request, items_with_sources(request, [run_view(known_run(run_id))])[0])


@router.get(
    "/runs/{run_id}/samples",
    response={200: SamplePage, 400: Problem, 404: Problem},
    url_name="run_samples",
    summary="Prompts, answers and outcomes of a run",
)
def run_samples_view(request: HttpRequest, run_id: str, paging: Query[Paging]) -> HttpResponse:
    """In the order of sending."""
    found = run_samples(known_run(run_id))
    items = [sample_item(sample) for sample in found[window(paging)]]
    return answer(request, page(request, paging, found.count()).envelope(items))


@router.post(
    "/runs",
    **by_token("runs:write"),
    response={201: RunItem, 400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 429: Problem},
    summary="Start a run",
)
def start(
    request: HttpRequest,
    wish: RunWish,
    idempotency_key: str = Header(alias="Idempotency-Key", min_length=8, max_length=100),  # type: ignore[type-arg]
) -> HttpResponse:
    """Spends money up to the budget. The same Idempotency-Key gives the same run, however often it is sent.

    With other settings than the first time, it is refused (409).
    """
    token = need(request, "evals.add_run")
    run = start_run(
        suite=suite_by_slug(wish.suite),
        endpoint=endpoint_by_slug(wish.endpoint),
        limit=wish.limit,
        repeats=wish.repeats,
        budget_usd=wish.budget_usd,
        accept_unknown_cost=wish.accept_unknown_cost,
        lane=Run.Lane.LATENCY if wish.latency_lane else Run.Lane.NORMAL,
        idempotency_key=f"{token.user_id}:{sha256(idempotency_key.encode()).hexdigest()}",
        requested_by=f"{token.user} by {token.name}"[:150],
    )
    return created(request, known_run(str(run.pk)))


@router.get(
    "/comparisons/{comparison_id}",
    response={200: ComparisonItem, 400: Problem, 404: Problem},
    url_name="comparison",
    summary="Endpoints on the same items",
)
def comparison_view(request: HttpRequest, comparison_id: str) -> HttpResponse:
    """Pair by pair: who was right where the other was wrong, and whether that is a difference."""
    return answer(request, comparison_item(request, *known_comparison(comparison_id)))


@router.post(
    "/comparisons",
    **by_token("runs:write"),
    response={201: ComparisonItem, 400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 429: Problem},
    summary="Start a comparison",
)
def compare(
    request: HttpRequest,
    wish: ComparisonWish,
    idempotency_key: str = Header(alias="Idempotency-Key", min_length=8, max_length=100),  # type: ignore[type-arg]
) -> HttpResponse:
    """One run of the suite on each endpoint, all or none. Spends money up to the budget of each run."""
    token = need(request, "evals.add_run")
    comparison = start_comparison(
        suite=suite_by_slug(wish.suite),
        endpoints=[endpoint_by_slug(slug) for slug in wish.endpoints],
        limit=wish.limit,
        repeats=wish.repeats,
        budget_usd=wish.budget_usd,
        stop_early=wish.stop_early,
        alpha=wish.alpha,
        indifference_points=wish.indifference_points,
        accept_unknown_cost=wish.accept_unknown_cost,
        lane=Run.Lane.LATENCY if wish.latency_lane else Run.Lane.NORMAL,
        idempotency_key=f"{token.user_id}:{sha256(idempotency_key.encode()).hexdigest()}",
        requested_by=f"{token.user} by {token.name}"[:150],
    )
    response = plain(comparison_item(request, *known_comparison(str(comparison.pk))), 201)
    response["Location"] = request.build_absolute_uri(reverse("api:comparison", args=[comparison.pk]))
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/runs/{run_id}/cancel",
    **by_token("runs:write"),
    response={200: RunItem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 429: Problem},
    summary="Stop a run",
)
def cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Calls under way are finished and paid; no new one is sent. A run that had finished is finished as before."""
    need(request, "evals.change_run")
    cancel_run(known_run(run_id))
    return created(request, known_run(run_id), status=200)


@router.post(
    "/runs/{run_id}/resume",
    **by_token("runs:write"),
    response={200: RunItem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 429: Problem},
    summary="Go on with a paused run",
)
def resume(request: HttpRequest, run_id: str) -> HttpResponse:
    """What is done stays done and is not paid again."""
    need(request, "evals.change_run")
    resume_run(known_run(run_id))
    return created(request, known_run(run_id), status=200)


@router.post(
    "/runs/{run_id}/retry",
    **by_token("runs:write"),
    response={200: RunItem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 429: Problem},
    summary="Ask failed samples again",
)
def retry(request: HttpRequest, run_id: str) -> HttpResponse:
    """Those that got no answer by an error, within what is left of the run's budget. Wrong answers stay."""
    need(request, "evals.change_run")
    retry_failed(known_run(run_id))
    return created(request, known_run(run_id), status=200)


def known_run(run_id: str) -> Run:
    """The run of that id, or 404 with where to look."""
    try:
        run = all_runs().filter(pk=UUID(run_id)).first()
    except ValueError:
        run = None
    if run is None:
        raise UnknownName(f"There is no run {run_id!r}. GET /api/v1/runs lists all runs.")
    return run


def known_comparison(comparison_id: str) -> tuple[Comparison, list[Run]]:
    """The comparison of that id with its runs, or 404."""
    try:
        found = Comparison.objects.select_related("suite").filter(pk=UUID(comparison_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise UnknownName(f"There is no comparison {comparison_id!r}. GET /api/v1/runs lists all runs.")
    return found, list(all_runs().filter(comparison=found).order_by("created_at", "pk"))


def comparison_item(request: HttpRequest, comparison: Comparison, runs: list[Run]) -> dict[str, Any]:
    found = run_comparison(comparison, runs)
    return {
        "id": str(comparison.pk),
        "suite": comparison.suite.slug,
        "stop_early": comparison.stop_early,
        "alpha": float(comparison.alpha),
        "indifference_points": comparison.indifference_points,
        "decided_at": comparison.decided_at,
        "words": found.sentence,
        "runs": items_with_sources(request, found.views),
        "pairs": [pair_item(each) for each in found.pairs],
        "created_at": comparison.created_at,
        "url": request.build_absolute_uri(f"{reverse('dashboard:run_compare')}?comparison={comparison.pk}"),
        "sources": [],
    }


def pair_item(view: PairView) -> dict[str, Any]:
    pair, looked = view.pair, view.evidence
    return {
        "first": pair.first.endpoint.slug,
        "second": pair.second.endpoint.slug,
        "items": pair.difference.n,
        "only_first": pair.only_first,
        "only_second": pair.only_second,
        "difference": pair.difference.difference,
        "difference_interval": interval_item(looked.interval if looked else pair.difference.interval),
        "p_value": None if looked else pair.p_value,
        "evalue": number(looked.evalue) if looked else None,
        "verdict": looked.verdict if looked else None,
        "words": view.words,
    }


def created(request: HttpRequest, run: Run, status: int = 201) -> HttpResponse:
    """The run as it is now; never kept by anybody."""
    response = plain(items_with_sources(request, [run_view(run)])[0], status)
    response["Location"] = request.build_absolute_uri(reverse("api:run", args=[run.pk]))
    response["Cache-Control"] = "no-store"
    return response


def sample_item(sample: RunSample) -> dict[str, Any]:
    attempts = list(sample.attempts.all())
    return {
        "key": sample.sample.key,
        "category": sample.sample.category,
        "repeat": sample.repeat,
        "state": sample.state,
        "outcome": sample.outcome or None,
        "prompt": sample.sample.prompt,
        "answer": sample.answer,
        "explanation": sample.explanation,
        "truncated": sample.truncated,
        "refused": sample.refused,
        "attempts": len(attempts),
        "errors": [f"{each.error_code}: {each.error_message}" for each in attempts if each.error_code],
        "input_tokens": sum_known(each.input_tokens for each in attempts),
        "output_tokens": sum_known(each.output_tokens for each in attempts),
        "cost_usd": number(sum_known(each.cost_usd for each in attempts)),
        "latency_ms": sum_known(each.latency_ms for each in attempts),
    }


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
        "refused": found.n_refused,
        "skipped": found.n_skipped,
        "not_asked": found.n_not_asked,
        "comparison": str(run.comparison_id) if run.comparison_id else None,
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
        "repeats": run.repeats,
        "lane": run.lane,
        "code_version": run.code_version or None,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "url": request.build_absolute_uri(view.url),
        "sources": source_items([source] if source else []),
    }
