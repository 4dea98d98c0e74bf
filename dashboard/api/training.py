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
from dashboard.stated_totals import Stated, conflicting_totals
from dashboard.training_costs import CostLine, cost_lines, market
from dashboard.training_query import TrainingQuery

router = Router(tags=["training"])


PART = r"(\.[0-9]{1,6})?"
# Numbers within the limits of the page's fields, or nothing. That the least utilisation is less than the greatest is
# said in words only: a document cannot.
SHARE = rf"^(0\.[1-9][0-9]{{0,5}}|[1-9][0-9]?{PART}|100)?$"


class TrainingParameters(Schema):
    """Documented here; read by ``TrainingQuery``, as for the page."""

    usd_per_gpu_hour: str = stated(
        "2", "Rent of one GPU for one hour, US dollars.", type="number", minimum=0, maximum=int(MAX_RENT)
    )
    server_price: str = stated(
        "",
        "US dollars of one chip with its share of the server; without it, a quoted price of each chip.",
        pattern=rf"^([0-9]{{1,7}}{PART}|10000000)?$",
    )
    usd_per_kwh: str = stated(
        "", "US dollars of one kWh; without it, the newest official price.", pattern=rf"^([0-9]{{1,2}}{PART}|100)?$"
    )
    owned_years: str = stated(
        "", "Years the chips were owned before the run; without it, 0.", pattern=rf"^(1?[0-9]{PART}|20)?$"
    )
    peak_tflop: str = stated(
        "",
        "Peak of one chip, TFLOP/s; without it, its own dense one in BF16.",
        pattern=rf"^([1-9][0-9]{{0,5}}{PART}|1000000)?$",
    )
    utilisation_low: str = stated(
        "", "Least utilisation, % of the peak, less than the greatest; without it, 20.", pattern=SHARE
    )
    utilisation_high: str = stated("", "Greatest utilisation, % of the peak; without it, 60.", pattern=SHARE)


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
    query = TrainingQuery.parse(asked.dict())
    found = ledgers(query.rent, query.judged_by)
    known = market()
    totals = {
        (total.version.pk, total.what): [stated_item(each) for each in total.statements]
        for total in conflicting_totals(found)
    }
    items = [
        item(ledger)
        | {
            "costs": {line.method: cost_item(line) for line in cost_lines(ledger, query.owned, known)},
            "stated_gpu_hours": totals.get((ledger.run.version_id, "GPU-hours"), []),
            "stated_usd": totals.get((ledger.run.version_id, "Cost"), []),
        }
        for ledger in found[window(paging)]
    ]
    pair = comparison(found)
    more = {"usd_per_gpu_hour": number(query.rent), "comparison": pair and comparison_item(pair)}
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


def cost_item(line: CostLine) -> dict[str, Any]:
    return {"usd": number(line.usd), "inputs": line.inputs, "sources": source_items(line.sources)}


def stated_item(said: Stated) -> dict[str, Any]:
    return {
        "number": number(said.number),
        "qualifier": said.how,
        "comes_to": said.reading,
        "note": said.note,
        "read_on": said.on,
        "sources": source_items([said.source]),
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
