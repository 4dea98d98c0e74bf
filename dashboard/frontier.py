"""Who sells how much capability at which price: one computation behind the page, the CSV and the API.

One model is one point: its newest version, released by the day asked for, that has both a price and a capability (else
one that has a price, else the newest that has a capability).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from catalog.models import Model, ModelVersion, Offering, Source
from catalog.selectors.capabilities import Capability, capabilities
from catalog.selectors.prices import OfferingPrice, PriceInForce, VersionPrice, prices_in_force, version_price
from dashboard import formats
from dashboard.axis import CapabilityAxis, capability_axis
from dashboard.charts import theme
from dashboard.query import FrontierQuery
from economics import frontier as mathematics

LIKELY = 0.8
POSSIBLE = 0.2


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """One model as the visitor's assumptions show it. None is unknown; a premium may be ``math.inf``."""

    version: ModelVersion
    price: VersionPrice | None
    capability: Capability | None
    on_frontier: bool | None = None
    frontier_probability: float | None = None
    price_premium: float | None = None
    premium_set_by: str | None = None
    premium_set_by_name: str | None = None

    @property
    def slug(self) -> str:
        return self.version.model.slug

    @property
    def name(self) -> str:
        return self.version.model.name

    @property
    def key(self) -> str:
        """The entry of the chart's key it belongs to: a developer with a colour of its own, or "other"."""
        return theme.colour_name(self.version.model.developer.slug)

    @property
    def developer(self) -> str:
        return self.version.model.developer.name

    @property
    def usd_per_mtok(self) -> Decimal | None:
        return self.price.usd_per_mtok if self.price else None

    @property
    def value(self) -> float | None:
        return self.capability.value if self.capability else None

    @property
    def is_complete(self) -> bool:
        return self.usd_per_mtok is not None and self.value is not None

    @property
    def is_provisional(self) -> bool:
        return self.capability is not None and self.capability.status == "provisional"

    @property
    def components(self) -> dict[str, PriceInForce]:
        """The prices behind the blended one; empty where it is a median over providers."""
        return self.price.offering_price.components if self.price and self.price.offering_price else {}

    def component_usd(self, name: str) -> Decimal | None:
        found = self.components.get(name)
        return found.usd_per_mtok if found else None

    @property
    def input_usd(self) -> Decimal | None:
        return self.component_usd("input")

    @property
    def output_usd(self) -> Decimal | None:
        return self.component_usd("output")

    @property
    def price_sources(self) -> list[Source]:
        return unique(found.source for found in self.components.values())

    @property
    def sources(self) -> list[Source]:
        return unique([*self.price_sources, *(self.capability.sources if self.capability else [])])

    @property
    def price_since(self) -> date | None:
        """The latest day on which one of the components began to apply or was first seen."""
        return self._newest_start[0]

    @property
    def since_words(self) -> str:
        """ "since 8 Feb 2025", or "seen since ..." where no source states when the price began; empty if unknown."""
        day, stated = self._newest_start
        return "" if day is None else f"{'since' if stated else 'seen since'} {formats.day(day)}"

    @property
    def _newest_start(self) -> tuple[date | None, bool]:
        starts = [
            (begun.date(), found.effective_from is not None)
            for found in self.components.values()
            if (begun := found.effective_from or found.observed_from)
        ]
        return max(starts, key=lambda start: (start[0], not start[1])) if starts else (None, False)

    @property
    def price_ended_on(self) -> date | None:
        """When the source stopped listing the price, where it has: the model may be withdrawn."""
        gone = [found.absent_since.date() for found in self.components.values() if found.absent_since]
        return max(gone) if gone else None

    @property
    def standing(self) -> str:
        """ "likely", "possible" or nothing: how sure the place on the frontier is (limits as in docs/metrics.md)."""
        share = self.frontier_probability
        if share is None or share < POSSIBLE:
            return ""
        return "likely" if share >= LIKELY else "possible"


@dataclass(frozen=True, slots=True)
class Frontier:
    """The rows (complete ones first, by price), and every other model of the catalog in exactly one class.

    ``withdrawn``       scored, but no longer sold on the day        ``left_out``  taken out by a filter
    ``later``           released after the day                       ``catalog``   all models, by developer
    ``band``            (USD, low, high): between which levels the frontier lies from that price on, in 90 % of draws
    """

    query: FrontierQuery
    axis: CapabilityAxis
    rows: list[FrontierRow]
    without_price: list[FrontierRow] = field(default_factory=list)
    without_capability: list[FrontierRow] = field(default_factory=list)
    withdrawn: list[FrontierRow] = field(default_factory=list)
    left_out: int = 0
    later: int = 0
    catalog: Sequence[Model] = ()
    band: list[tuple[Decimal, float, float]] = field(default_factory=list)

    @property
    def with_neither(self) -> int:
        """Models of which neither a price nor a level is known on that day; they are in no list."""
        listed = len(self.rows) + len(self.without_price) + len(self.without_capability) + len(self.withdrawn)
        return len(self.catalog) - listed - self.left_out - self.later

    @property
    def read_on(self) -> date | None:
        """The day of the newest reading among the prices shown."""
        days = [at.date() for row in self.rows for found in row.components.values() if (at := found.read_at)]
        return max(days) if days else None

    @property
    def frontier(self) -> list[FrontierRow]:
        """From the cheapest up."""
        return [row for row in self.rows if row.on_frontier]

    @property
    def shown(self) -> list[FrontierRow]:
        """What the table, the CSV and the API list."""
        if self.query.unknown == "hide":
            return self.rows
        return [*self.rows, *self.without_price, *self.withdrawn, *self.without_capability]

    def row(self, slug: str) -> FrontierRow | None:
        return next((row for row in self.rows if row.slug == slug), None)


def unique(sources: Iterable[Source]) -> list[Source]:
    return list({source.pk: source for source in sources}.values())


def frontier(query: FrontierQuery) -> Frontier:
    """Compute the frontier under the visitor's assumptions, in a constant number of queries.

    Raises ``catalog.errors.UnknownCapability`` for a benchmark or suite that is not in the catalog.
    """
    levels = capabilities(query.capability, policy=query.policy)
    offers = prices_in_force(as_of=query.day)
    known = [found[0].offering.version for found in offers.values()]
    known += ModelVersion.objects.select_related("model__developer").filter(pk__in=levels.keys() - offers.keys())
    every = [_row(version, levels, offers, query) for version in _one_per_model(known, levels, offers, query)]
    rows = [row for row in every if _has_access(row.version, query.access) and row.key not in query.hide]
    is_retired = Exists(Offering.objects.filter(version__model=OuterRef("pk"), retired_on__lte=query.day))
    everyone = Model.objects.select_related("developer").order_by("developer__name", "name")
    catalog = list(everyone.annotate(is_retired=is_retired))
    retired = {model.pk for model in catalog if model.is_retired}
    unpriced = [row for row in rows if row.usd_per_mtok is None and row.value is not None]
    complete = sorted(
        (row for row in rows if row.is_complete), key=lambda row: (row.usd_per_mtok, -(row.value or 0.0), row.name)
    )
    return Frontier(
        query=query,
        axis=capability_axis(query.capability),
        rows=_judged(complete),
        without_price=_by_name(row for row in unpriced if row.version.model_id not in retired),
        withdrawn=_by_name(row for row in unpriced if row.version.model_id in retired),
        without_capability=_by_name(row for row in rows if row.value is None),
        left_out=len(every) - len(rows),
        later=len({version.model_id for version in known}) - len(every),
        catalog=catalog,
        band=frontier_band(complete),
    )


def frontier_band(rows: Sequence[FrontierRow], level: float = 0.9) -> list[tuple[Decimal, float, float]]:
    """From each price on, between which levels the frontier lies in ``level`` of the joint draws.

    ``rows`` are complete and sorted by price. Empty where no draws are known.
    """
    draws = joint_draws(rows)
    if draws is None:
        return []
    best = np.maximum.accumulate(draws, axis=1)
    low, high = np.quantile(best, [(1 - level) / 2, (1 + level) / 2], axis=0)
    band: list[tuple[Decimal, float, float]] = []
    for row, under, over in zip(rows, low.tolist(), high.tolist(), strict=True):
        if row.usd_per_mtok is None:
            continue
        if band and band[-1][0] == row.usd_per_mtok:
            band.pop()
        if not band or band[-1][1:] != (under, over):
            band.append((row.usd_per_mtok, under, over))
    return band


def _by_name(rows: Iterable[FrontierRow]) -> list[FrontierRow]:
    return sorted(rows, key=lambda row: row.name.lower())


def _one_per_model(
    versions: Iterable[ModelVersion],
    levels: dict[int, Capability],
    offers: dict[int, list[OfferingPrice]],
    query: FrontierQuery,
) -> list[ModelVersion]:
    chosen: dict[int, tuple[tuple[bool, bool, date, int], ModelVersion]] = {}
    for version in versions:
        released = version.released_on
        if released and released > query.day:
            continue
        priced = version.pk in offers
        key = (priced and version.pk in levels, priced, released or date.min, version.pk)
        if version.model_id not in chosen or key > chosen[version.model_id][0]:
            chosen[version.model_id] = (key, version)
    return [version for _, version in chosen.values()]


def _row(
    version: ModelVersion,
    levels: dict[int, Capability],
    offers: dict[int, list[OfferingPrice]],
    query: FrontierQuery,
) -> FrontierRow:
    found = offers.get(version.pk)
    price = version_price(found, mix=query.mix.weights, policy=query.price_policy) if found else None
    return FrontierRow(version=version, price=price, capability=levels.get(version.pk))


def _has_access(version: ModelVersion, access: str) -> bool:
    return access == "all" or version.open_weights is (access == "open")


def _judged(rows: Sequence[FrontierRow]) -> list[FrontierRow]:
    """The same rows with frontier membership, its probability and the premium."""
    if not rows:
        return []
    prices = [row.usd_per_mtok for row in rows]
    values = [row.value for row in rows]
    on_frontier = mathematics.pareto_frontier(price=prices, capability=values)
    premium = mathematics.price_premium(price=prices, capability=values)
    draws = joint_draws(rows)
    probability = None if draws is None else mathematics.frontier_probability(price=prices, draws=draws)
    judged = []
    for position, row in enumerate(rows):
        setter = premium.set_by[position]
        judged.append(
            FrontierRow(
                version=row.version,
                price=row.price,
                capability=row.capability,
                on_frontier=bool(on_frontier[position]),
                frontier_probability=None if probability is None else _known(float(probability[position])),
                price_premium=_known(float(premium.premium[position])),
                premium_set_by=None if setter is None else rows[setter].slug,
                premium_set_by_name=None if setter is None else rows[setter].name,
            )
        )
    return judged


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def joint_draws(rows: Sequence[FrontierRow]) -> NDArray[np.float64] | None:
    """Draws of all rows, resamples x rows, or None where nobody has any.

    A model without draws among models with draws counts as known exactly, as the anchors of the index are.
    """
    lengths = {len(row.capability.draws) for row in rows if row.capability and row.capability.draws is not None}
    if len(lengths) != 1:
        return None
    resamples = lengths.pop()
    columns = []
    for row in rows:
        draws = row.capability.draws if row.capability else None
        columns.append(np.full(resamples, row.value, dtype=np.float64) if draws is None else draws)
    return np.column_stack(columns)
