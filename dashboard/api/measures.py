"""``/api/v1/scores``, ``/index`` and ``/price-of-capability``: what was measured, and what a level of it costs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from catalog.errors import UnknownCapability
from catalog.models import Benchmark, IndexFit, ModelVersion, Score
from catalog.selectors.capabilities import capabilities
from catalog.selectors.keyed import by_key
from catalog.selectors.scores import POLICIES
from dashboard.api.answers import answer, number, source_items
from dashboard.api.frontier import NUMBER
from dashboard.api.market import MODEL_WORDS, versions_of
from dashboard.api.measure_schemas import IndexPage, PriceOfCapabilityPage, ScorePage
from dashboard.api.models import score_item
from dashboard.api.paging import DAY, DAY_WORDS, Paging, notices_of, page, stated, window
from dashboard.api.schemas import Problem
from dashboard.kept import kept
from dashboard.price_trend import CapabilityPriceTrend, TrendQuery, capability_price_trend
from dashboard.query import CAPABILITY, PRICE_POLICIES, choice

router = Router(tags=["capability"])
MIX = rf"^((?=.*[1-9]){NUMBER}:{NUMBER}:{NUMBER})?$"


class ScoreParameters(Schema):
    model: str = stated("", MODEL_WORDS, maxLength=120)
    benchmark: str = stated("", "Slug of one benchmark; without it, all.", maxLength=120)


class IndexParameters(Schema):
    policy: str = stated("independent", "Whose score counts first.", enum=[*POLICIES, ""])


class TrendParameters(Schema):
    """Documented here; read by ``TrendQuery``, as for the page."""

    level: str = stated(
        "",
        "In the unit of the capability, shares in percent; without it, the level of a usual model.",
        pattern=r"^(-?[0-9]{1,6}(\.[0-9]{1,17})?)?$",
    )
    capability: str = stated("index", "index, benchmark:SLUG or suite:SLUG.", pattern=f"^({CAPABILITY.pattern})?$")
    mix: str = stated("3:0:1", "Tokens as input:cached_input:output.", pattern=MIX)
    as_of: str = stated("", DAY_WORDS, anyOf=DAY)
    policy: str = stated("independent", "Whose score counts first.", enum=[*POLICIES, ""])
    price_policy: str = stated(
        "first_party",
        "Whose price counts. first_party: the developer's, else the median over providers.",
        enum=[*PRICE_POLICIES, ""],
    )


@router.get(
    "/scores", response={200: ScorePage, 400: Problem, 404: Problem}, url_name="scores", summary="Every score recorded"
)
@decorate_view(kept)
def scores_view(request: HttpRequest, paging: Query[Paging], asked: Query[ScoreParameters]) -> HttpResponse:
    """As each source prints them, in the order of models and benchmarks; superseded ones are left out."""
    found = (
        Score.objects.filter(superseded_by=None)
        .select_related("version__model", "benchmark", "source", "measured_by")
        .order_by("version__model__slug", "version__slug", "benchmark__slug", "source__rank", "pk")
    )
    versions = versions_of(asked.model)
    if versions is not None:
        found = found.filter(version_id__in=versions)
    if slug := asked.benchmark.replace("\x00", "").strip():
        if not Benchmark.objects.filter(slug=slug).exists():
            raise UnknownCapability(f"There is no benchmark {slug!r}.")
        found = found.filter(benchmark__slug=slug)
    items = [
        {
            "model": score.version.model.slug,
            "version": score.version.slug,
            **score_item(score),
            "sources": source_items([score.source]),
        }
        for score in found[window(paging)]
    ]
    return answer(request, page(request, paging, found.count()).envelope(items))


@router.get("/index", response={200: IndexPage, 400: Problem}, url_name="index", summary="The capability index")
@decorate_view(kept)
def index_view(request: HttpRequest, paging: Query[Paging], asked: Query[IndexParameters]) -> HttpResponse:
    """The newest fit, the most capable first, with the numbers that name the fit. Empty before the first fit."""
    policy: Any = choice("policy", asked.policy or "independent", POLICIES)
    found = sorted(capabilities("index", policy=policy).items(), key=lambda each: (-each[1].value, each[0]))
    shown = found[window(paging)]
    versions = by_key(ModelVersion.objects.select_related("model"), (pk for pk, _ in shown))
    fit = IndexFit.objects.filter(policy=policy).first()
    items = [
        {
            "model": versions[pk].model.slug,
            "version": versions[pk].slug,
            "capability": each.value,
            "capability_low": each.low,
            "capability_high": each.high,
            "status": each.status,
            "detail": each.detail,
            "sources": source_items(each.sources),
        }
        for pk, each in shown
    ]
    about = fit and {
        "created_at": fit.created_at,
        "data_hash": fit.data_hash,
        "policy": fit.policy,
        "ridge": fit.ridge,
        "anchors": fit.anchors,
        "resamples": fit.resamples,
        "level": fit.level,
        "scores": fit.scores,
    }
    return answer(request, page(request, paging, len(found)).envelope(items, fit=about))


@router.get(
    "/price-of-capability",
    response={200: PriceOfCapabilityPage, 400: Problem, 404: Problem},
    url_name="price_of_capability",
    summary="What a level of capability costs, now and over time",
)
@decorate_view(kept)
def price_of_capability_view(
    request: HttpRequest, paging: Query[Paging], asked: Query[TrendParameters]
) -> HttpResponse:
    """Items are the record lows, the oldest first; trend says how fast they fell and how sure that is."""
    found = capability_price_trend(TrendQuery.parse(asked.dict()))
    items = [
        {
            "model": point.version.model.slug,
            "version": point.version.slug,
            "provider": point.segment.price.provider,
            "on": point.on,
            "is_observed": point.is_observed,
            "price_usd_per_mtok": number(point.usd_per_mtok),
            "capability": point.score,
            "sources": source_items(point.sources),
        }
        for point in found.records[window(paging)]
    ]
    return answer(request, page(request, paging, len(found.records)).envelope(items, **about_trend(found)))


def about_trend(found: CapabilityPriceTrend) -> dict[str, Any]:
    trend, now = found.trend, found.cheapest_now
    return {
        "level": None if found.level is None else found.axis.shown(found.level),
        "capability": found.axis.name,
        "mix": found.query.base.mix.text,
        "as_of": found.day,
        "notices": notices_of(found.day),
        "policy": found.query.base.policy,
        "price_policy": found.query.base.price_policy,
        "price_usd_per_mtok": number(now.usd_per_mtok) if now else None,
        "cheapest": now.version.model.slug if now else None,
        "trend": trend
        and {
            "words": trend.words,
            "words_only": trend.words_only,
            "n": trend.n,
            "factor_per_year": number(trend.factor_per_year),
            "factor_low": number(trend.interval.low) if trend.interval else None,
            "factor_high": number(trend.interval.high) if trend.interval else None,
            "halving_days": number(trend.halving_days),
            "leave_one_out": [number(each) for each in trend.leave_one_out] if trend.leave_one_out else None,
        },
    }
