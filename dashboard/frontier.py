"""Who sells how much capability at which price: one computation behind the page, the CSV and the API.

One model is one point: its newest version, released by the day asked for, that has both a price and a capability (else
one that has a price, else the newest that has a capability). Superseded versions and withdrawn models are beside the
frontier: never on it, never judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from catalog.models import Model, ModelVersion, Source
from catalog.selectors.capabilities import (
    Capability,
    capabilities,
    capability_of_runs,
    capability_variants,
    index_levels,
)
from catalog.selectors.models import standing
from catalog.selectors.prices import OfferingPrice, VersionPrice, prices_in_force, version_price
from dashboard import formats
from dashboard.axis import CapabilityAxis, CostAxis, capability_axis, cost_axis
from dashboard.frontier_row import FrontierRow
from dashboard.measured_costs import MeasuredCost, Measurement, measurement, run_ranks
from dashboard.query import FrontierQuery
from dashboard.standing import frontier_band, judged

# The three models this site was built to compare. They are drawn on the day of any view, sold or not.
TRIO = ("deepseek-v3", "claude-3-5-sonnet", "llama-3-1-405b")


class Unseen(NamedTuple):
    """How many models have no mark on the chart, by what is missing; no model is in two."""

    unpriced: int
    unsolved: int
    costless: int
    withdrawn: int
    unscored: int


@dataclass(frozen=True, slots=True)
class Frontier:
    """The rows (complete ones first, by cost), and every other model of the catalog in exactly one class.

    ``past``        drawn pale beside the frontier: withdrawn models of the trio, and with ``older=show`` every
                    withdrawn model and superseded version. Withdrawn ones are in ``withdrawn`` too
    ``withdrawn``   scored, but no longer sold on the day        ``left_out``  taken out by a filter
    ``later``       released after the day                       ``catalog``   all models, by developer
    ``band``        (USD, low, high): between which levels the frontier lies from that cost on, in 90 % of draws
    ``unfiltered``  complete rows of what is sold, those that a filter took out too: they hold the axes still
    ``has_variants``  whether the settings of a model are points of their own, as asked for
    """

    query: FrontierQuery
    axis: CapabilityAxis
    cost: CostAxis
    measurement: Measurement
    rows: list[FrontierRow]
    past: list[FrontierRow] = field(default_factory=list)
    without_cost: list[FrontierRow] = field(default_factory=list)
    without_capability: list[FrontierRow] = field(default_factory=list)
    withdrawn: list[FrontierRow] = field(default_factory=list)
    left_out: int = 0
    later: int = 0
    catalog: Sequence[Model] = ()
    band: list[tuple[Decimal, float, float]] = field(default_factory=list)
    has_variants: bool = False
    unfiltered: Sequence[FrontierRow] = ()

    @property
    def models(self) -> int:
        """How many models the rows are of."""
        return len(_models(self.rows))

    @property
    def with_neither(self) -> int:
        """Models of which neither a price nor a level is known on that day; they are in no list."""
        listed = _models([*self.rows, *self.past, *self.without_cost, *self.without_capability, *self.withdrawn])
        return len(self.catalog) - len(listed) - self.left_out - self.later

    @property
    def unseen(self) -> Unseen:
        """Models without a mark on the chart, each in the first class that fits."""
        seen = _models([*self.rows, *self.past])
        found = []
        for rows in (
            [row for row in self.without_cost if row.measured and not row.measured.solved_nothing],
            [row for row in self.without_cost if row.measured],
            self.without_cost,
            self.withdrawn,
            self.without_capability,
        ):
            models = _models(rows) - seen
            seen |= models
            found.append(len(models))
        return Unseen(*found)

    @property
    def read_on(self) -> date | None:
        """The day of the oldest of the frontier models' newest readings: one fresh row does not hide the old ones."""
        return min((at.date() for row in self.frontier if (at := row.read_at)), default=None)

    @property
    def frontier(self) -> list[FrontierRow]:
        """From the cheapest up."""
        return [row for row in self.rows if row.on_frontier]

    @property
    def shown(self) -> list[FrontierRow]:
        """What the table, the CSV and the API list."""
        drawn = [*self.rows, *self.past]
        if self.query.unknown == "hide":
            return drawn
        past = {row.id for row in self.past}
        withdrawn = [row for row in self.withdrawn if row.id not in past]
        return [*drawn, *self.without_cost, *withdrawn, *self.without_capability]

    def row(self, slug: str) -> FrontierRow | None:
        """The row of a model that is on sale; of several settings the first."""
        return next((row for row in self.rows if row.slug == slug), None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the versions on the day, by version id; ``ended`` are the last prices of what is not sold."""

    query: FrontierQuery
    levels: dict[int, list[Capability]]
    on_sale: dict[int, list[OfferingPrice]]
    ended: dict[int, list[OfferingPrice]]
    measurement: Measurement

    def has_cost(self, version_id: int) -> bool:
        """Whether it has a place on the x axis as something that is sold."""
        if self.query.cost == "measured" and self.measurement.of_version(version_id) is None:
            return False
        return version_id in self.on_sale or (self.query.cost == "measured" and version_id not in self.ended)

    def rows(self, version: ModelVersion, *, superseded_by: str = "", is_usual: bool = True) -> list[FrontierRow]:
        """One row for each level that is known of it; one without a level where none is."""
        offers = tuple(self.on_sale.get(version.pk) or self.ended.get(version.pk) or ())
        mix, policy = self.query.mix.weights, self.query.price_policy
        price = version_price(offers, mix=mix, policy=policy) if offers else None
        end = price.ended if price else None
        by_developer = any(offer.offering.is_first_party for offer in self.on_sale.get(version.pk, ()))
        levels: Sequence[Capability | None] = self.levels.get(version.pk) or (None,)
        found = []
        for level in levels:
            measured = self._measured(version.pk, level)
            list_price = price.usd_per_mtok if price else None
            row = FrontierRow(
                version=version,
                price=price,
                capability=level,
                cost=list_price if self.query.cost == "list" else measured.drawable_usd if measured else None,
                measured=measured,
                variant=level.effort if level and len(levels) > 1 else "",
                withdrawn_on=end.on if end else None,
                is_retired=end is not None and end.is_stated,
                end_source=end.source if end else None,
                superseded_by=superseded_by,
                is_usual=is_usual,
                offers=offers,
                by_developer=by_developer,
                left_by="" if by_developer else self._left_by(version),
                ends=self._ends(price, offers),
            )
            found.append(row)
        return found

    def _ends(self, price: VersionPrice | None, offers: Iterable[OfferingPrice]) -> str:
        """The end of the sale at whom the price is of, else at the developer; nothing that was read after the day."""
        shown = [price.offering_price] if price and price.offering_price else []
        for each in (*shown, *(offer for offer in offers if offer.offering.is_first_party)):
            offering = each.offering
            if each.ended is None and offering.retired_on and _was_known(offering.source, self.query):
                return f"ends {formats.day(offering.retired_on)} at {offering.provider.name}"
        return ""

    def _left_by(self, version: ModelVersion) -> str:
        own = [offer.ended for offer in self.ended.get(version.pk, ()) if offer.offering.is_first_party]
        how = "sold" if any(end and end.is_stated for end in own) else "listed"
        return f"no longer {how} by {version.model.developer.name}" if own else ""

    def _measured(self, version_id: int, level: Capability | None) -> MeasuredCost | None:
        if self.query.cost == "list":
            return None
        if self.query.variants == "all" and level:
            return next(filter(None, (self.measurement.of_run(version_id, each.url) for each in level.sources)), None)
        return self.measurement.of_version(version_id)


def frontier(query: FrontierQuery) -> Frontier:
    """Compute the frontier under the visitor's assumptions, in a constant number of queries.

    :raises UnknownCapability: for a benchmark or suite that is not in the catalog.
    :raises BadParameter: for a suite of ``task`` that is not here.
    """
    has_variants = variants_apply(query)
    found = _known(query if has_variants else replace(query, variants="best"))
    scored_or_sold = {*found.levels, *found.on_sale, *found.measurement.costs}
    # In the order of their keys: SQLite takes half a second for the usual order of 3,000 of them.
    versions = list(
        ModelVersion.objects.select_related("model__developer").filter(pk__in=scored_or_sold).order_by("pk")
    )
    chosen, older = _one_per_model(versions, found)
    usual = _usual(versions, chosen, query, found)
    every = [row for version in chosen.values() for row in found.rows(version, is_usual=version.pk in usual)]
    rows = [row for row in every if _passes(row, query)]
    complete = sorted(
        (row for row in rows if row.is_complete and not row.is_past),
        key=_by_cost,
    )
    withdrawn = [row for row in rows if row.withdrawn_on is not None and row.value is not None]
    past = _past(withdrawn, older, chosen, found)
    catalog = list(Model.objects.select_related("developer").order_by("developer__name", "name"))
    return Frontier(
        query=query,
        axis=capability_axis(query.capability),
        cost=cost_axis(query, found.measurement.suite),
        measurement=found.measurement,
        rows=judged(complete),
        past=past,
        without_cost=_by_name(
            row for row in rows if row.cost is None and row.value is not None and row.withdrawn_on is None
        ),
        withdrawn=_by_name(withdrawn),
        without_capability=_by_name(row for row in rows if row.value is None),
        left_out=len(_models(every) - _models(rows) - _models(past)),
        later=len({version.model_id for version in versions}) - len(chosen),
        catalog=catalog,
        band=frontier_band(complete),
        has_variants=has_variants,
        unfiltered=[row for row in every if row.is_complete and not row.is_past],
    )


def _was_known(source: Source | None, query: FrontierQuery) -> bool:
    """Whether a source had been published or read by the day; one without any day is known today."""
    if query.as_of is None or source is None:
        return query.as_of is None
    read_on = source.retrieved_at.date() if source.retrieved_at else None
    days = [day for day in (source.published_on, read_on) if day]
    return bool(days) and min(days) <= query.as_of


def variants_apply(query: FrontierQuery) -> bool:
    """Whether settings can be points of their own: the index has one level per model, and a cost that was measured
    belongs to the setting of its run only.
    """
    if query.variants == "best" or query.capability == "index":
        return False
    return query.cost == "list" or bool(query.suite)


def _known(query: FrontierQuery) -> _Known:
    levels, runs = _levels(query), Measurement(None, [])
    if query.cost == "measured":
        runs = measurement(query.suite or query.task, query.day, all_runs=query.variants == "all")
        if query.suite and query.variants == "best":
            levels = _of_the_same_runs(levels, runs)
    on_sale: dict[int, list[OfferingPrice]] = {}
    ended: dict[int, list[OfferingPrice]] = {}
    for pk, offers in prices_in_force(as_of=query.day, with_retired=True).items():
        for offer in offers:
            (on_sale if offer.ended is None else ended).setdefault(pk, []).append(offer)
    return _Known(query, levels, on_sale, ended, runs)


def _levels(query: FrontierQuery) -> dict[int, list[Capability]]:
    if query.cost == "measured" and query.suite and query.variants == "best":
        return capability_of_runs(query.capability, as_of=query.day)
    ranks = run_ranks([query.suite], query.day)
    if query.variants == "all":
        return capability_variants(query.capability, policy=query.policy, as_of=query.day, ranks=ranks)
    found = capabilities(query.capability, policy=query.policy, as_of=query.day, ranks=ranks)
    return {pk: [level] for pk, level in found.items()}


def _of_the_same_runs(levels: dict[int, list[Capability]], runs: Measurement) -> dict[int, list[Capability]]:
    """Of each version the level of the run that its cost is of; where no cost was measured, the newest."""
    found = {}
    for pk, each in levels.items():
        run = runs.of_version(pk)
        of_run = each if run is None else [level for level in each if run.url in {one.url for one in level.sources}]
        if of_run:
            found[pk] = of_run[-1:]
    return found


def _one_per_model(
    versions: Iterable[ModelVersion], found: _Known
) -> tuple[dict[int, ModelVersion], list[ModelVersion]]:
    """The version that stands for each model, by model id, and the other versions that were released by the day."""
    chosen, others = {}, []
    for model_id, candidates in _by_model(versions, found.query.day).items():
        candidates.sort(
            key=lambda each: standing(each, is_sold=found.has_cost(each.pk), has_level=each.pk in found.levels)
        )
        chosen[model_id] = candidates[-1]
        others += candidates[:-1]
    return chosen, others


def _usual(
    versions: Sequence[ModelVersion], chosen: dict[int, ModelVersion], query: FrontierQuery, found: _Known
) -> set[int]:
    """The versions that stand for their models on the other pages of that day, by the index and list prices."""
    if query.capability == "index" and query.cost == "list":
        return {version.pk for version in chosen.values()}
    by_model = _by_model(versions, query.day)
    several = [each for candidates in by_model.values() if len(candidates) > 1 for each in candidates]
    levels = index_levels([version.pk for version in several])
    return {
        max(
            candidates, key=lambda each: standing(each, is_sold=each.pk in found.on_sale, has_level=each.pk in levels)
        ).pk
        for candidates in by_model.values()
    }


def _by_model(versions: Iterable[ModelVersion], day: date) -> dict[int, list[ModelVersion]]:
    """What was released by the day."""
    found: dict[int, list[ModelVersion]] = {}
    for version in versions:
        if version.released_on is None or version.released_on <= day:
            found.setdefault(version.model_id, []).append(version)
    return found


def _past(
    withdrawn: Sequence[FrontierRow],
    older: Sequence[ModelVersion],
    chosen: dict[int, ModelVersion],
    found: _Known,
) -> list[FrontierRow]:
    """What is drawn pale: complete rows, the cheapest first."""
    if found.query.older == "hide":
        rows = [row for row in withdrawn if row.slug in TRIO]
    else:
        superseded = [
            row
            for version in older
            for row in found.rows(version, superseded_by=chosen[version.model_id].name)
            if _passes(row, found.query)
        ]
        rows = [*withdrawn, *superseded]
    return sorted((row for row in rows if row.is_complete), key=_by_cost)


def _passes(row: FrontierRow, query: FrontierQuery) -> bool:
    is_open = row.version.open_weights
    return (query.access == "all" or is_open is (query.access == "open")) and row.key not in query.hide


def _models(rows: Iterable[FrontierRow]) -> set[int]:
    return {row.version.model_id for row in rows}


def _by_name(rows: Iterable[FrontierRow]) -> list[FrontierRow]:
    return sorted(rows, key=lambda row: (row.name.lower(), row.id))


def _by_cost(row: FrontierRow) -> tuple[Decimal, float, str, str]:
    return row.cost or Decimal(0), -(row.value or 0.0), row.name, row.id
