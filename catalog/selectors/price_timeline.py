"""List prices over time: for every offering the periods in which nothing about its price changed.

The price of a period is what ``prices_in_force`` answers for any moment inside it, as far as it is sold then; a test
holds the two together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Literal

from django.db.models import F, QuerySet

from catalog.models import Offering, Price, Source
from catalog.selectors.keyed import by_key
from catalog.selectors.price_periods import BEGINNING, begins
from catalog.selectors.prices import OfferingPrice, PriceInForce, PriceRow, choose, in_force
from catalog.selectors.sales import EndOfSale, end_of_sale, is_listed

Basis = Literal["effective", "observed"]
BASES: tuple[Basis, ...] = ("effective", "observed")


@dataclass(frozen=True, slots=True)
class PricePeriod:
    """From ``start`` (inclusive; None: since always) to ``end`` (exclusive; None: still)."""

    start: datetime | None
    end: datetime | None
    price: OfferingPrice


@dataclass(frozen=True, slots=True)
class OfferingTimeline:
    """The periods of one offering in order of time. Between two of them its price is not known, or it is not sold.

    ``windowed`` are the rows (ids) that hold for hours of the day or days of the week only. ``ended``: how its last
    period ended, where the sale ended with it.
    """

    offering: Offering
    periods: list[PricePeriod]
    windowed: frozenset[int] = frozenset()
    ended: EndOfSale | None = None

    def at(self, moment: datetime) -> OfferingPrice | None:
        for period in self.periods:
            if (period.start is None or period.start <= moment) and (period.end is None or moment < period.end):
                return period.price
        return None


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A component that became dearer or cheaper. ``before`` and ``after`` may come from two sources."""

    offering: Offering
    component: str
    at: datetime
    before: PriceInForce
    after: PriceInForce

    @property
    def share(self) -> Decimal | None:
        """+1 is a doubling, -0.5 a halving; None where the price was nothing before."""
        old, new = self.before.usd_per_mtok, self.after.usd_per_mtok
        return None if not old or new is None else new / old - 1

    @property
    def is_observed_only(self) -> bool:
        """Whether the day is that of a first sight, so that the change itself may be older."""
        return self.after.effective_from is None

    @property
    def is_across_sources(self) -> bool:
        return self.before.source.pk != self.after.source.pk


def price_timelines(
    *,
    version_ids: Collection[int] | QuerySet[Any, int] | None = None,
    basis: Basis = "effective",
    service_class: str = "standard",
) -> dict[int, list[OfferingTimeline]]:
    """Timelines by version id, those of one version by provider. Three queries.

    ``effective``: the rules of ``prices_in_force``, so stated days first and first sights where nothing is stated.
    ``observed``: only what was seen, when it was seen; a row that nobody dated by sight takes no part, and neither does
    one that had ended before: it was read as history.
    """
    rows = Price.objects.filter(
        announced=False, service_class=service_class, min_input_tokens=0, offering__region=""
    ).exclude(effective_from=None, effective_to=None, observed_from=None)
    if basis == "observed":
        rows = rows.exclude(observed_from=None).exclude(effective_to__lte=F("observed_from"))
    if version_ids is not None:
        rows = rows.filter(offering__version_id__in=version_ids)
    by_offering: defaultdict[int, list[PriceRow]] = defaultdict(list)
    for row in map(PriceRow._make, rows.values_list(*PriceRow._fields)):
        seen_only = row._replace(effective_from=None, effective_to=None) if basis == "observed" else row
        by_offering[row.offering_id].append(seen_only)
    sources = by_key(Source.objects.all(), (row.source_id for said in by_offering.values() for row in said))
    joined = Offering.objects.select_related("provider", "version__model__developer", "source")
    offerings = by_key(joined, by_offering)
    found: defaultdict[int, list[OfferingTimeline]] = defaultdict(list)
    for offering in sorted(offerings.values(), key=lambda each: (each.provider.name, each.provider_model_id, each.pk)):
        found[offering.version_id].append(_timeline(offering, by_offering[offering.pk], sources))
    return dict(found)


def price_changes(timelines: Iterable[OfferingTimeline]) -> list[PriceChange]:
    """Every change of a known price of one component, the newest first. A gap in between does not hide it.

    Like is compared with like: that a discount for the night is all that is left of an offering is no price cut, and
    that one source knows a price since a day while another states an undated one is no change at all, and neither is
    that one source stopped listing a price while another goes on.
    """
    changes = []
    for timeline in timelines:
        last: dict[tuple[str, bool], PriceInForce] = {}
        for period in timeline.periods:
            for component, price in period.price.components.items():
                kind = component, price.price_id in timeline.windowed
                before = last.get(kind)
                if price.usd_per_mtok is None:
                    continue
                differs = before is not None and before.usd_per_mtok != price.usd_per_mtok
                if before and differs and period.start and not _is_another_statement(before, price, period.start):
                    changes.append(PriceChange(timeline.offering, component, period.start, before, price))
                last[kind] = price
    return sorted(changes, key=lambda change: (change.at, change.after.price_id), reverse=True)


def _is_another_statement(before: PriceInForce, after: PriceInForce, moment: datetime) -> bool:
    """Whether another source is shown only because what was shown before it is undated, or not listed any more."""
    if before.source.pk == after.source.pk:
        return False
    is_undated = before.effective_from is None and before.observed_from is None
    return is_undated or not is_listed(before.absent_since, moment)


def announced_prices(*, after: datetime, version_ids: Collection[int] | None = None) -> list[Price]:
    """Prices announced to begin after a moment, the next first."""
    rows = Price.objects.filter(announced=True, effective_from__gt=after)
    if version_ids is not None:
        rows = rows.filter(offering__version_id__in=version_ids)
    return list(
        rows.select_related("offering__provider", "offering__version__model__developer", "source").order_by(
            "effective_from", "offering__version__name", "offering_id", "component"
        )
    )


def _timeline(offering: Offering, rows: list[PriceRow], sources: dict[int, Source]) -> OfferingTimeline:
    retired = None
    if offering.retired_on:
        # On sale through the day before: the same comparison as in prices_in_force.
        retired = datetime.combine(offering.retired_on, time.min, tzinfo=UTC)
    starts = [(start, row) for row in rows if (start := begins(row))]
    moments = {start for start, _ in starts} | {row.effective_to for _, row in starts if row.effective_to}
    moments |= {row.absent_since for _, row in starts if row.absent_since}
    moments = {moment for moment in moments if retired is None or moment < retired}
    ordered = sorted(moments)
    periods: list[PricePeriod] = []
    ended = None
    for position, moment in enumerate(ordered):
        end = ordered[position + 1] if position + 1 < len(ordered) else retired
        holding = [
            row for start, row in starts if start <= moment and not (row.effective_to and row.effective_to <= moment)
        ]
        price = _price_of(holding, offering, sources, moment)
        start = None if moment == BEGINNING else moment
        ended = price.ended if price else None
        if price is None or ended:
            continue
        if periods and periods[-1].end == start and _same(periods[-1].price, price):
            periods[-1] = replace(periods[-1], end=end)
        else:
            periods.append(PricePeriod(start, end, price))
    if offering.retired_on and (periods or ended):
        ended = EndOfSale(offering.retired_on, is_stated=True, source=offering.source)
    return OfferingTimeline(offering, periods, frozenset(row.id for row in rows if row.is_conditional), ended)


def _price_of(
    rows: Iterable[PriceRow], offering: Offering, sources: dict[int, Source], moment: datetime
) -> OfferingPrice | None:
    by_component: defaultdict[str, list[PriceRow]] = defaultdict(list)
    for row in rows:
        by_component[row.component].append(row)
    if not by_component:
        return None
    chosen = {component: choose(candidates, sources, moment=moment) for component, candidates in by_component.items()}
    prices = {component: in_force(row, sources) for component, (row, _) in chosen.items()}
    conflicts = sum(disagrees for _, disagrees in chosen.values())
    return OfferingPrice(offering, prices, conflicts, end_of_sale(offering, prices, moment))


def _same(one: OfferingPrice, other: OfferingPrice) -> bool:
    def rows(price: OfferingPrice) -> dict[str, int]:
        return {name: found.price_id for name, found in price.components.items()}

    return rows(one) == rows(other) and one.conflicts == other.conflicts
