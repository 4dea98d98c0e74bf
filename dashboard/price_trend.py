"""What a fixed level of capability costs, now and over time, with how sure the trend is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.utils import timezone

from catalog.models import ModelVersion, Source
from catalog.selectors.capabilities import Capability, capabilities
from catalog.selectors.price_timeline import price_timelines
from dashboard.axis import CapabilityAxis, capability_axis
from dashboard.price_list import Segment, midnight, model_segments
from dashboard.query import DEFAULT_MIX, FrontierQuery, Mix, parse_amount
from economics.frontier import price_of_capability
from economics.trends import PriceTrend, price_trend, record_lows

# The level shown first is that of the model this site compares others with; without it, the middle of what is known.
REFERENCE = "claude-3-5-sonnet"
MOST_LEVEL = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class TrendQuery:
    """``level`` None: that of the reference model. Shares are given in percent, as the page shows them."""

    base: FrontierQuery
    level: float | None = None

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "TrendQuery":
        """:raises BadParameter: naming the parameter."""
        text = values.get("level", "").strip()
        level = float(parse_amount("level", text, least=-MOST_LEVEL, most=MOST_LEVEL, example="130")) if text else None
        names = ("mix", "as_of", "capability", "policy", "price_policy")
        return cls(FrontierQuery.parse({name: value for name, value in values.items() if name in names}), level)

    @property
    def parameters(self) -> dict[str, str]:
        return self.base.parameters | ({} if self.level is None else {"level": f"{self.level:g}"})


@dataclass(frozen=True, slots=True)
class PricePoint:
    """One price that a version was sold at, from the day on which that was so."""

    on: date
    version: ModelVersion
    usd_per_mtok: Decimal
    score: float
    segment: Segment

    @property
    def is_observed(self) -> bool:
        """Whether the day is that of a first sight: the price itself may be older."""
        price = self.segment.price.offering_price
        return price is not None and any(each.effective_from is None for each in price.components.values())

    @property
    def sources(self) -> list[Source]:
        return self.segment.price.sources


@dataclass(frozen=True, slots=True)
class Reference:
    """A model whose level can be asked for: "as good as ..."."""

    slug: str
    name: str
    level: float


@dataclass(frozen=True, slots=True)
class CapabilityPriceTrend:
    """``level`` and the scores are in the unit of the capability, shares from 0 to 1. ``records``: the lows."""

    query: TrendQuery
    day: date
    axis: CapabilityAxis
    level: float | None
    records: list[PricePoint]
    cheapest_now: PricePoint | None
    trend: PriceTrend | None
    versions: int
    references: list[Reference]

    @property
    def mix(self) -> Mix:
        return self.query.base.mix or DEFAULT_MIX


def capability_price_trend(query: TrendQuery) -> CapabilityPriceTrend:
    """Compute the price of a level in a constant number of queries.

    :raises UnknownCapability: for a benchmark or suite that is not in the catalog.
    """
    base = query.base
    levels = capabilities(base.capability, policy=base.policy)
    axis = capability_axis(base.capability)
    day = base.as_of or timezone.now().date()
    points = _points(levels, base, day)
    references = _references(points)
    level = _level(query, axis, references, levels)
    reaching = [point for point in points if level is not None and point.score >= level]
    records = [] if level is None else _records(points, level)
    return CapabilityPriceTrend(
        query=query,
        day=day,
        axis=axis,
        level=level,
        records=records,
        cheapest_now=None if level is None else _cheapest(points, level, day),
        trend=price_trend(dates=[point.on for point in records], prices=[point.usd_per_mtok for point in records])
        if records
        else None,
        versions=len({point.version.pk for point in reaching}),
        references=references,
    )


def _points(levels: Mapping[int, Capability], base: FrontierQuery, day: date) -> list[PricePoint]:
    until = midnight(day) + timedelta(days=1)
    found = []
    for pk, timelines in price_timelines(version_ids=list(levels)).items():
        segments = model_segments(timelines, mix=base.mix, price_policy=base.price_policy, until=until)
        found += [
            PricePoint(segment.start.date(), segment.version, segment.usd_per_mtok, float(levels[pk].value), segment)
            for segment in segments
        ]
    return sorted(found, key=lambda point: (point.on, point.usd_per_mtok, point.version.slug))


def _references(points: Sequence[PricePoint]) -> list[Reference]:
    """One per model, its best version, the most capable first."""
    by_model = sorted(points, key=lambda point: (point.version.model.slug, -point.score))
    best = [next(group) for _, group in groupby(by_model, key=lambda point: point.version.model.slug)]
    found = [Reference(point.version.model.slug, point.version.model.name, point.score) for point in best]
    return sorted(found, key=lambda reference: (-reference.level, reference.name))


def _level(
    query: TrendQuery, axis: CapabilityAxis, references: Sequence[Reference], levels: Mapping[int, Capability]
) -> float | None:
    if query.level is not None:
        return query.level / 100 if axis.is_share else query.level
    for reference in references:
        if reference.slug == REFERENCE:
            return reference.level
    known = sorted(float(each.value) for each in levels.values())
    return known[len(known) // 2] if known else None


def _records(points: Sequence[PricePoint], level: float) -> list[PricePoint]:
    kept = record_lows(
        days=[point.on for point in points],
        models=[point.version.slug for point in points],
        prices=[point.usd_per_mtok for point in points],
        scores=[point.score for point in points],
        level=level,
    )
    return [points[position] for position in kept]


def _cheapest(points: Sequence[PricePoint], level: float, day: date) -> PricePoint | None:
    """The cheapest of the prices in force at the start of the day."""
    moment = midnight(day)
    now = [
        point
        for point in points
        if point.segment.start <= moment and (point.segment.end is None or moment < point.segment.end)
    ]
    found = price_of_capability(
        price=[point.usd_per_mtok for point in now], capability=[point.score for point in now], level=level
    )
    return None if found.index is None else now[found.index]
