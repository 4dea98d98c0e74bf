"""``/api/v1/offerings`` and ``/api/v1/prices``: who sells what at which list price."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from catalog.models import Offering
from catalog.selectors.models import model_detail
from catalog.selectors.prices import OfferingPrice, PriceInForce, components_in_force, prices_in_force
from dashboard.api.answers import answer, number, source_item, source_items
from dashboard.api.market_schemas import OfferingPage, PricePage
from dashboard.api.paging import DAY, DAY_WORDS, Paging, notices_of, page, stated, window
from dashboard.api.schemas import Problem
from dashboard.kept import kept
from dashboard.query import parse_day

router = Router(tags=["prices"])
MODEL_WORDS = "Slug of one model; without it, all."


class MarketParameters(Schema):
    model: str = stated("", MODEL_WORDS, maxLength=120)
    as_of: str = stated("", DAY_WORDS, anyOf=DAY)


@router.get(
    "/offerings",
    response={200: OfferingPage, 400: Problem, 404: Problem},
    url_name="offerings",
    summary="Who sells which version",
)
@decorate_view(kept)
def offerings_view(request: HttpRequest, paging: Query[Paging], asked: Query[MarketParameters]) -> HttpResponse:
    """In the order of models, then providers. Prices are those of the standard class on the day asked for."""
    day = read_day(asked.as_of)
    versions = versions_of(asked.model)
    found = Offering.objects.select_related("provider", "version__model", "source").order_by(
        "version__model__slug", "version__slug", "provider__name", "provider_model_id", "pk"
    )
    if versions is not None:
        found = found.filter(version_id__in=versions)
    shown = list(found[window(paging)])
    prices = {
        each.offering.pk: each
        for each_of in prices_in_force(as_of=day, version_ids={offering.version_id for offering in shown}).values()
        for each in each_of
    }
    items = [offering_item(offering, prices.get(offering.pk)) for offering in shown]
    return answer(request, page(request, paging, found.count()).envelope(items, as_of=day, notices=notices_of(day)))


@router.get(
    "/prices",
    response={200: PricePage, 400: Problem, 404: Problem},
    url_name="prices",
    summary="List prices in force on a day",
)
@decorate_view(kept)
def prices_view(request: HttpRequest, paging: Query[Paging], asked: Query[MarketParameters]) -> HttpResponse:
    """One item for each component of each offering, in the order of models and providers."""
    day = read_day(asked.as_of)
    every = components_in_force(as_of=day, version_ids=versions_of(asked.model))
    wanted = every[window(paging)]
    found = prices_in_force(as_of=day, version_ids={version for version, _, _ in wanted})
    offers = {offer.offering.pk: offer for each in found.values() for offer in each}
    # A write between the queries may take a price away.
    shown = [(offers[pk], name) for _, pk, name in wanted if pk in offers and name in offers[pk].components]
    items = [price_item(offer, offer.components[name]) for offer, name in shown]
    return answer(request, page(request, paging, len(every)).envelope(items, as_of=day, notices=notices_of(day)))


def read_day(text: str) -> date:
    return parse_day(text) if text.strip() else timezone.now().date()


def versions_of(slug: str) -> list[int] | None:
    """Ids of a model's versions, also under a slug that was merged away; None for all models.

    :raises UnknownModel: with near names.
    """
    slug = slug.strip()
    if not slug:
        return None
    return [version.pk for version in model_detail(slug.replace("\x00", "")).versions.all()]


def offering_item(offering: Offering, price: OfferingPrice | None) -> dict[str, Any]:
    components = price.components if price else {}
    return {
        "model": offering.version.model.slug,
        "version": offering.version.slug,
        "provider": offering.provider.name,
        "provider_model_id": offering.provider_model_id,
        "first_party": offering.is_first_party,
        "prices_usd_per_mtok": {name: number(found.usd_per_mtok) for name, found in components.items()},
        "not_listed_since": price.ended.on if price and price.ended else None,
        "conflicts": price.conflicts if price else 0,
        "quantisation": offering.quantisation,
        "region": offering.region,
        "speed_class": offering.speed_class,
        "context_tokens": offering.context_tokens,
        "retired_on": offering.retired_on,
        "retirement_source": source_item(offering.source) if offering.source else None,
        "retirement_note": offering.note,
        "sources": source_items(found.source for found in components.values()),
    }


def price_item(offer: OfferingPrice, price: PriceInForce) -> dict[str, Any]:
    offering = offer.offering
    return {
        "model": offering.version.model.slug,
        "version": offering.version.slug,
        "provider": offering.provider.name,
        "provider_model_id": offering.provider_model_id,
        "first_party": offering.is_first_party,
        "component": price.component,
        "usd_per_mtok": number(price.usd_per_mtok),
        "effective_from": price.effective_from,
        "effective_to": price.effective_to,
        "observed_from": price.observed_from,
        "last_seen": price.last_seen,
        "absent_since": price.absent_since,
        "confidence": price.confidence,
        "note": price.note,
        "sources": source_items([price.source]),
    }
