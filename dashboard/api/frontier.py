"""``/api/v1/frontier``: the first page's numbers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from dashboard.api.answers import answer, number, source_items
from dashboard.api.paging import DAY, Paging, page, stated, window
from dashboard.api.schemas import FrontierPage, Problem
from dashboard.frontier import Frontier, FrontierRow, frontier
from dashboard.kept import kept
from dashboard.query import ACCESS, CAPABILITY, HIDABLE, PRICE_POLICIES, SCORE_POLICIES, UNKNOWN, FrontierQuery

router = Router(tags=["frontier"])
HIDE = rf"^(({'|'.join(HIDABLE)})(,({'|'.join(HIDABLE)}))*)?$"
NUMBER = r"[0-9]{1,6}(\.[0-9]{1,3})?"


class FrontierParameters(Schema):
    """Documented here; read by ``FrontierQuery``, as for the page."""

    mix: str = stated(
        "3:0:1", "Tokens as input:cached_input:output.", pattern=rf"^((?=.*[1-9]){NUMBER}:{NUMBER}:{NUMBER})?$"
    )
    as_of: str = stated("", "Day of the prices; without it, today.", anyOf=DAY)
    capability: str = stated("index", "index, benchmark:SLUG or suite:SLUG.", pattern=f"^({CAPABILITY.pattern})?$")
    policy: str = stated("independent", "Whose score counts first.", enum=[*SCORE_POLICIES, ""])
    price_policy: str = stated("first_party", "Whose price counts.", enum=[*PRICE_POLICIES, ""])
    access: str = stated("all", "open: open weights. api: closed weights, sold by API.", enum=[*ACCESS, ""])
    hide: str = stated("", "A key entry to leave out (several with commas), such as meta or other.", pattern=HIDE)
    unknown: str = stated("hide", "show lists models without a price or a capability too.", enum=[*UNKNOWN, ""])


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
    items = [item(row) for row in found.shown[window(paging)]]
    return answer(request, page(request, paging, len(found.shown)).envelope(items, **assumptions(found)))


def assumptions(found: Frontier) -> dict[str, Any]:
    query = found.query
    return {
        "mix": query.mix.text,
        "as_of": query.day,
        "capability": query.capability,
        "policy": query.policy,
        "price_policy": query.price_policy,
        "access": query.access,
        "not_shown": {
            "without_price": len(found.without_price),
            "without_capability": len(found.without_capability),
        },
    }


def item(row: FrontierRow) -> dict[str, Any]:
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
        "capability": row.value,
        "capability_low": capability.low if capability else None,
        "capability_high": capability.high if capability else None,
        "capability_status": capability.status if capability else None,
        "on_frontier": row.on_frontier,
        "frontier_probability": row.frontier_probability,
        "price_premium": number(row.price_premium),
        "premium_set_by": row.premium_set_by,
        "released_on": row.version.released_on,
        "open_weights": row.version.open_weights,
        "sources": source_items(row.sources),
    }
