"""``/api/v1/frontier``: the first page's numbers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from dashboard.api.answers import answer, interval_item, number, source_items
from dashboard.api.paging import DAY, DAY_WORDS, Paging, page, stated, window
from dashboard.api.schemas import FrontierPage, Problem
from dashboard.frontier import Frontier, frontier
from dashboard.frontier_row import FrontierRow
from dashboard.frontier_words import notices, reach
from dashboard.kept import kept
from dashboard.measured_costs import MeasuredCost
from dashboard.query import CAPABILITY, CHOICES, HIDABLE, SUITE, FrontierQuery

router = Router(tags=["frontier"])
HIDE = rf"^(({'|'.join(HIDABLE)})(,({'|'.join(HIDABLE)}))*)?$"
NUMBER = r"[0-9]{1,6}(\.[0-9]{1,3})?"


def chosen(name: str, text: str) -> Any:
    """A choice as documented; the first value is the default."""
    values = CHOICES[name]
    return stated(values[0], text, enum=[*values, ""])


class FrontierParameters(Schema):
    """Documented here; read by ``FrontierQuery``, as for the page."""

    mix: str = stated(
        "3:0:1", "Tokens as input:cached_input:output.", pattern=rf"^((?=.*[1-9]){NUMBER}:{NUMBER}:{NUMBER})?$"
    )
    as_of: str = stated("", DAY_WORDS, anyOf=DAY)
    capability: str = stated("index", "index, benchmark:SLUG or suite:SLUG.", pattern=f"^({CAPABILITY.pattern})?$")
    cost: str = chosen(
        "cost",
        "list: the list price of the mix. measured: US$ per solved task of the newest "
        "among the finished runs with the most items.",
    )
    task: str = stated(
        "",
        "The suite that a measured cost is of; without it, the one of the capability, else the most widely run one.",
        pattern=f"^({SUITE.pattern})?$",
    )
    policy: str = chosen("policy", "Whose score counts first.")
    price_policy: str = chosen(
        "price_policy", "Whose price counts. first_party: the developer's, else the median over providers."
    )
    access: str = chosen("access", "open: open weights. api: closed weights, sold by API.")
    variants: str = chosen("variants", "all: every reasoning effort of a benchmark or suite is an item of its own.")
    older: str = chosen("older", "show lists superseded versions and withdrawn models too; on_frontier is null there.")
    hide: str = stated("", "A key entry to leave out (several with commas), such as meta or other.", pattern=HIDE)
    unknown: str = chosen("unknown", "show lists models without a price or a capability too.")
    intervals: str = chosen("intervals", "Only drawn: the intervals are in every answer.")
    labels: str = chosen("labels", "Only drawn: names of all models that fit, or of the frontier.")


@router.get(
    "/frontier",
    response={200: FrontierPage, 400: Problem, 404: Problem},
    url_name="frontier",
    summary="Capability against price, with the frontier",
)
@decorate_view(kept)
def frontier_view(
    request: HttpRequest,
    paging: Query[Paging],
    asked: Query[FrontierParameters],
) -> HttpResponse:
    """Complete models first, by price. Models of which price or capability is unknown are counted in not_shown."""
    found = frontier(FrontierQuery.parse(asked.dict()))
    items = [item(row, request) for row in found.shown[window(paging)]]
    return answer(request, page(request, paging, len(found.shown)).envelope(items, **assumptions(found)))


def assumptions(found: Frontier) -> dict[str, Any]:
    query, unseen, newest = found.query, found.unseen, reach(found)
    return {
        "mix": query.mix.text,
        "as_of": query.day,
        "capability": query.capability,
        "policy": query.policy,
        "price_policy": query.price_policy,
        "access": query.access,
        "cost": query.cost,
        "task": found.measurement.suite.slug if found.measurement.suite else None,
        "variants": "all" if found.has_variants else "best",
        "older": query.older,
        "notices": notices(found),
        "newest_scored": {
            "model": newest.newest.slug,
            "name": newest.newest.name,
            "released_on": newest.released_on,
            "newer_without_score": newest.newer,
        }
        if newest
        else None,
        "not_shown": {
            "without_price": unseen.costless + unseen.unpriced + unseen.unsolved,
            "without_capability": unseen.unscored,
            "withdrawn": unseen.withdrawn,
        },
    }


def measured_item(cost: MeasuredCost | None, request: HttpRequest) -> dict[str, Any] | None:
    if cost is None:
        return None
    return {
        "usd_per_solved_task": number(cost.usd),
        "interval": interval_item(cost.interval),
        "answers": cost.n,
        "solved": cost.solved,
        "measured_on": cost.measured_on,
        "run": str(cost.run.pk),
        "url": request.build_absolute_uri(cost.url),
    }


def item(row: FrontierRow, request: HttpRequest) -> dict[str, Any]:
    capability, price = row.capability, row.price
    return {
        "model": row.slug,
        "name": row.name,
        "version": row.version.slug,
        "developer": row.developer,
        "provider": (price.provider or None) if price else None,
        "price_usd_per_mtok": number(row.usd_per_mtok),
        "prices_usd_per_mtok": {name: number(found.usd_per_mtok) for name, found in row.components.items()},
        "price_assumed": list(price.assumed) if price else [],
        "price_note": price.policy_note if price else None,
        "sale_note": row.sale_words or None,
        "withdrawn_on": row.withdrawn_on,
        "superseded_by": row.superseded_by or None,
        "effort": row.variant or None,
        "measured_cost": measured_item(row.measured, request),
        "capability": row.value,
        "capability_low": capability.low if capability else None,
        "capability_high": capability.high if capability else None,
        "capability_status": capability.status if capability else None,
        "on_frontier": row.on_frontier,
        "frontier_probability": row.frontier_probability,
        "price_premium": number(row.price_premium),
        "premium_set_by": row.premium_set_by,
        "premium_set_by_name": row.premium_set_by_name,
        "released_on": row.version.released_on,
        "open_weights": row.version.open_weights,
        "sources": source_items(row.sources),
    }
