"""``/api/v1/training``: what training runs cost at a rent."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from dashboard.api.answers import answer, number, source_items
from dashboard.api.paging import Paging, page, stated, window
from dashboard.api.schemas import Problem, TrainingPage
from dashboard.kept import kept
from dashboard.ledger import MAX_RENT, Ledger, RunComparison, comparison, ledgers
from dashboard.query import parse_amount

router = Router(tags=["training"])


class TrainingParameters(Schema):
    """Documented here; read by ``parse_amount``, as for the page."""

    usd_per_gpu_hour: str = stated(
        "2", "Rent of one GPU for one hour, US dollars.", type="number", minimum=0, maximum=int(MAX_RENT)
    )


@router.get(
    "/training",
    response={200: TrainingPage, 400: Problem},
    url_name="training",
    summary="GPU-hours by phase, and their cost at a rent",
)
@decorate_view(kept)
def training_view(
    request: HttpRequest,
    paging: Query[Paging],
    asked: Query[TrainingParameters],
) -> HttpResponse:
    """The dearest run first. Every item says in ``scope`` what its figure leaves out."""
    rent = parse_amount("usd_per_gpu_hour", asked.usd_per_gpu_hour, most=MAX_RENT, example="2")
    found = ledgers(rent)
    items = [item(ledger) for ledger in found[window(paging)]]
    pair = comparison(found)
    more = {"usd_per_gpu_hour": number(rent), "comparison": pair and comparison_item(pair)}
    return answer(request, page(request, paging, len(found)).envelope(items, **more))


def item(ledger: Ledger) -> dict[str, Any]:
    verdict = ledger.verdict
    needed = verdict.needed_gpu_hours
    return {
        "model": ledger.slug,
        "name": ledger.run.version.model.name,
        "version": ledger.run.version.slug,
        "developer": ledger.run.version.model.developer.name,
        "usd_per_gpu_hour": number(ledger.usd_per_gpu_hour),
        "total_usd": number(ledger.usd),
        "total_gpu_hours": ledger.gpu_hours,
        "is_lower_bound": ledger.is_lower_bound,
        "gpu_hours_per_trillion_tokens": ledger.hours_per_trillion,
        "tokens": ledger.tokens,
        "training_flop": ledger.flop,
        "phases": [
            {
                "name": line.phase.name,
                "gpu_hours": line.phase.gpu_hours,
                "usd": number(line.usd),
                "hardware": line.phase.hardware.name if line.phase.hardware else None,
                "gpus": line.phase.gpus,
                "tokens": line.phase.tokens,
                "precision": line.phase.precision,
                "published_cost_usd": number(line.phase.published_cost_usd),
                "is_estimate": line.phase.is_estimate,
                "sources": source_items([line.phase.source]),
            }
            for line in ledger.lines
        ],
        "scope": ledger.run.scope,
        "plausibility": {
            "verdict": verdict.verdict,
            "probability": verdict.probability,
            "needed_gpu_hours_low": needed.low if needed else None,
            "needed_gpu_hours_high": needed.high if needed else None,
            "implied_utilisation": verdict.implied_utilisation,
        },
        "sources": source_items(ledger.sources),
    }


def comparison_item(pair: RunComparison) -> dict[str, Any]:
    return {
        "first": pair.first.slug,
        "second": pair.second.slug,
        "gpu_hours_ratio": pair.gpu_hours_ratio,
        "flop_ratio": pair.flop_ratio,
        "cost_ratio": pair.cost_ratio,
        "note": pair.note,
    }
