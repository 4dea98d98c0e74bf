"""``/api/v1/models`` and ``/api/v1/models/{slug}``: what is known about models, claim by claim."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view
from pydantic import Field

from catalog.models import Score, Source
from catalog.selectors.models import ModelRow, VersionRow, model_rows, search_models
from dashboard.api.answers import answer, number, source_item, source_items
from dashboard.api.paging import DAY, DAY_WORDS, Paging, notices_of, page, stated, window
from dashboard.api.schemas import ModelDetail, ModelPage, Problem
from dashboard.dossier import Offer, VersionDossier, dossier, score_setting
from dashboard.kept import kept
from dashboard.query import parse_day

router = Router(tags=["models"])


class ModelsParameters(Schema):
    """Which models."""

    q: str = Field("", description="Words that name, developer or version must contain.", max_length=100)


class ModelParameters(Schema):
    """On which day."""

    as_of: str = stated("", DAY_WORDS, anyOf=DAY)


@router.get("/models", response={200: ModelPage, 400: Problem}, url_name="models", summary="All models")
@decorate_view(kept)
def models_view(
    request: HttpRequest,
    paging: Query[Paging],
    asked: Query[ModelsParameters],
) -> HttpResponse:
    """In the order of their names."""
    found = search_models(asked.q.replace("\x00", ""))
    rows = model_rows(found, window(paging))
    items = listed(rows, request.build_absolute_uri(reverse("dashboard:models")))
    return answer(request, page(request, paging, found.count()).envelope(items))


@router.get(
    "/models/{slug}",
    response={200: ModelDetail, 400: Problem, 404: Problem},
    url_name="model",
    summary="One model: claims, prices, scores",
)
@decorate_view(kept)
def model_view(
    request: HttpRequest,
    slug: str,
    asked: Query[ModelParameters],
) -> HttpResponse:
    """Versions from the newest to the oldest. An unknown slug is answered with the nearest ones."""
    found = dossier(slug.replace("\x00", ""), day=parse_day(asked.as_of) if asked.as_of else None)
    return answer(
        request,
        {
            "model": found.model.slug,
            "name": found.model.name,
            "developer": found.model.developer.name,
            "description": found.model.description,
            "as_of": found.day,
            "notices": notices_of(found.day),
            "url": page_url(request, found.model.slug),
            "versions": [version_item(each) for each in found.versions],
            "sources": source_items(found.sources),
        },
    )


def page_url(request: HttpRequest, slug: str) -> str:
    return request.build_absolute_uri(reverse("dashboard:model", args=[slug]))


def listed(rows: Sequence[tuple[ModelRow, Sequence[VersionRow]]], base: str) -> list[dict[str, Any]]:
    """These models, in this order, under their addresses below ``base``."""
    used = {version.source_id for _, versions in rows for version in versions if version.source_id}
    sources = {source.pk: source_item(source) for source in Source.objects.filter(pk__in=used)}
    return [
        {
            "model": model.slug,
            "name": model.name,
            "developer": model.developer__name,
            "versions": [version.slug for version in versions],
            "released_on": min((day for version in versions if (day := version.released_on)), default=None),
            "open_weights": _same({version.open_weights for version in versions}),
            "url": f"{base}{model.slug}/",
            "sources": [sources[each] for each in dict.fromkeys(version.source_id for version in versions) if each],
        }
        for model, versions in rows
    ]


def _same(values: set[bool | None]) -> bool | None:
    return values.pop() if len(values) == 1 else None


def version_item(each: VersionDossier) -> dict[str, Any]:
    return {
        "version": each.version.slug,
        "name": each.version.name,
        "released_on": each.version.released_on,
        "open_weights": each.version.open_weights,
        "claims": [
            {
                "attribute": claim.attribute,
                "value": claim.value,
                "number": number(claim.number),
                "unit": claim.unit,
                "qualifier": claim.qualifier,
                "shown": position == 0,
                "confidence": claim.confidence,
                "source": source_item(claim.source),
            }
            for said in each.claims.values()
            for position, claim in enumerate(said)
        ],
        "offers": [offer_item(offer) for offer in each.offers],
        "scores": [score_item(score) for score in each.scores],
        "capability_index": each.index.value if each.index else None,
        "capability_index_low": each.index.low if each.index else None,
        "capability_index_high": each.index.high if each.index else None,
    }


def offer_item(offer: Offer) -> dict[str, Any]:
    found = offer.offering_price
    return {
        "provider": found.offering.provider.name,
        "provider_model_id": found.offering.provider_model_id,
        "prices_usd_per_mtok": {name: number(price.usd_per_mtok) for name, price in found.components.items()},
        "not_listed_since": offer.ended.on if offer.ended else None,
        "conflicts": found.conflicts,
        "sources": source_items(offer.sources),
    }


def score_item(score: Score) -> dict[str, Any]:
    return {
        "benchmark": score.benchmark.slug,
        "name": str(score.benchmark),
        "value": score.value,
        "original_value": score.original_value,
        "original_unit": score.original_unit,
        "standard_error": score.standard_error,
        "n": score.n,
        "setting": score_setting(score),
        "measured_by": score.measured_by.name if score.measured_by else None,
        "self_reported": score.self_reported,
        "measured_on": score.measured_on,
        "confidence": score.confidence,
        "source": source_item(score.source),
    }
