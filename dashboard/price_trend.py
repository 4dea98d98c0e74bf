"""What a fixed level of capability costs, now and over time, with how sure the trend is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from heapq import heappop, heappush
from itertools import groupby

from django.utils import timezone

from catalog.models import ModelVersion, Source
from catalog.selectors.capabilities import Capability, capabilities
from catalog.selectors.price_timeline import OfferingTimeline, price_timelines
from dashboard.axis import CapabilityAxis, capability_axis
from dashboard.measured_costs import run_ranks
from dashboard.price_list import Segment, first_price_day, midnight, model_segments
from dashboard.query import DEFAULT_MIX, FrontierQuery, Mix, parse_amount
from economics.frontier import price_of_capability
from economics.trends import PriceTrend, price_trend, record_lows

# The level shown first is that of the model this site compares others with; without it, the middle of what is known.
REFERENCE = "claude-3-5-sonnet"
MOST_LEVEL = Decimal(1_000_000)
# The level of a model as an address has it: rounded down, so that the model itself reaches it.
LEVEL_STEP, REFERENCE_STEP = Decimal("0.001"), Decimal("0.1")
# A share that a source prints as 86.4% may be stored a hair below it.
DUST = 1e-9


@dataclass(frozen=True, slots=True)
class TrendQuery:
    """``level`` None: that of the reference model. Shares are given in percent, as the page shows them."""

    base: FrontierQuery
    level: Decimal | None = None

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "TrendQuery":
        """:raises BadParameter: naming the parameter."""
        text = values.get("level", "").strip()
        level = parse_amount("level", text, least=-MOST_LEVEL, most=MOST_LEVEL, example="130") if text else None
        # No more digits than the numbers have that it is compared with.
        level = None if level is None else as_decimal(float(level))
        names = ("mix", "as_of", "capability", "policy", "price_policy")
        return cls(FrontierQuery.parse({name: value for name, value in values.items() if name in names}), level)

    @property
    def parameters(self) -> dict[str, str]:
        return self.base.parameters | ({} if self.level is None else {"level": level_text(self.level)})


def as_decimal(value: float) -> Decimal:
    """The shortest decimal that reads as this float."""
    return Decimal(repr(value))


def level_text(level: Decimal) -> str:
    """A level as an address and a form have it: every digit, so that a link means what its page shows."""
    return f"{level.normalize():f}"


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
class Cheapest:
    """The lowest list price of the level for some time. ``end`` None: still, on the day asked for."""

    start: datetime
    end: datetime | None
    point: PricePoint


@dataclass(frozen=True, slots=True)
class CapabilityPriceTrend:
    """``level`` and the scores are in the unit of the capability, shares from 0 to 1; ``shown`` has them in percent.

    ``records`` are prices lower than all before, ``cheapest`` what the level cost on each day: it rises again when the
    seller of a record ends the offer or asks more. ``first_day``: the first with a price of anything on the scale.
    """

    query: TrendQuery
    day: date
    axis: CapabilityAxis
    shown: Decimal | None
    level: float | None
    records: list[PricePoint]
    cheapest: list[Cheapest]
    cheapest_now: PricePoint | None
    trend: PriceTrend | None
    versions: int
    references: list[Reference]
    first_day: date | None

    @property
    def mix(self) -> Mix:
        return self.query.base.mix or DEFAULT_MIX


def capability_price_trend(query: TrendQuery) -> CapabilityPriceTrend:
    """Compute the price of a level in a constant number of queries.

    :raises UnknownCapability: for a benchmark or suite that is not in the catalog.
    """
    base = query.base
    day = base.as_of or timezone.now().date()
    levels = capabilities(base.capability, policy=base.policy, as_of=day, ranks=run_ranks([base.suite], day))
    axis = capability_axis(base.capability)
    timelines = price_timelines(version_ids=list(levels))
    points = _points(timelines, levels, base, day)
    references = _references(points)
    shown = _shown(query, axis, references, levels)
    level = None if shown is None else float(shown / 100 if axis.is_share else shown)
    least = None if level is None else level - DUST
    reaching = [point for point in points if least is not None and point.score >= least]
    records = [] if least is None else _records(points, least)
    return CapabilityPriceTrend(
        query=query,
        day=day,
        axis=axis,
        shown=shown,
        level=level,
        records=records,
        cheapest=_cheapest_over_time(reaching, midnight(day)),
        cheapest_now=None if least is None else _cheapest(points, least, day),
        trend=price_trend(dates=[point.on for point in records], prices=[point.usd_per_mtok for point in records])
        if records
        else None,
        versions=len({point.version.pk for point in reaching}),
        references=references,
        first_day=first_price_day(timeline for each in timelines.values() for timeline in each),
    )


def _points(
    timelines: Mapping[int, Sequence[OfferingTimeline]],
    levels: Mapping[int, Capability],
    base: FrontierQuery,
    day: date,
) -> list[PricePoint]:
    until = midnight(day) + timedelta(days=1)
    found = []
    for pk, of_version in timelines.items():
        segments = model_segments(of_version, mix=base.mix, price_policy=base.price_policy, until=until)
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


def _shown(
    query: TrendQuery, axis: CapabilityAxis, references: Sequence[Reference], levels: Mapping[int, Capability]
) -> Decimal | None:
    """The level in the unit that readers see."""
    if query.level is not None:
        return query.level
    for reference in references:
        if reference.slug == REFERENCE:
            return rounded_down(axis, reference.level, LEVEL_STEP)
    known = sorted(float(each.value) for each in levels.values())
    return rounded_down(axis, known[len(known) // 2], LEVEL_STEP) if known else None


def rounded_down(axis: CapabilityAxis, level: float, step: Decimal) -> Decimal:
    """A level in the unit that readers see, so that whatever is at it also reaches the rounded one."""
    exact = as_decimal(level) * (100 if axis.is_share else 1)
    return (exact / step).to_integral_value(ROUND_FLOOR) * step


def _records(points: Sequence[PricePoint], least: float) -> list[PricePoint]:
    kept = record_lows(
        days=[point.on for point in points],
        models=[point.version.slug for point in points],
        prices=[point.usd_per_mtok for point in points],
        scores=[point.score for point in points],
        level=least,
    )
    return [points[position] for position in kept]


def _cheapest(points: Sequence[PricePoint], least: float, day: date) -> PricePoint | None:
    """The cheapest of the prices in force at the start of the day."""
    moment = midnight(day)
    now = [
        point
        for point in points
        if point.segment.start <= moment and (point.segment.end is None or moment < point.segment.end)
    ]
    found = price_of_capability(
        price=[point.usd_per_mtok for point in now], capability=[point.score for point in now], level=least
    )
    return None if found.index is None else now[found.index]


def _cheapest_over_time(reaching: Iterable[PricePoint], until: datetime) -> list[Cheapest]:
    """The lowest price at every moment up to ``until``. A free offer has no place on a scale of ratios."""
    paid = sorted((point for point in reaching if point.usd_per_mtok), key=lambda point: point.segment.start)
    ends = {point.segment.end for point in paid if point.segment.end}
    moments = sorted(moment for moment in {*ends, *(point.segment.start for point in paid)} if moment <= until)
    found: list[Cheapest] = []
    heap: list[tuple[Decimal, str, int]] = []
    following = 0
    for position, moment in enumerate(moments):
        while following < len(paid) and paid[following].segment.start <= moment:
            heappush(heap, (paid[following].usd_per_mtok, paid[following].version.slug, following))
            following += 1
        while heap and (over := paid[heap[0][2]].segment.end) and over <= moment:
            heappop(heap)
        if not heap:
            continue
        point = paid[heap[0][2]]
        end = moments[position + 1] if position + 1 < len(moments) else None
        last = found[-1] if found else None
        if last and last.end == moment and last.point is point:
            found[-1] = replace(last, end=end)
        else:
            found.append(Cheapest(moment, end, point))
    return found
