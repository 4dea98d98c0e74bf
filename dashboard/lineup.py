"""Two to six models beside each other: what differs, what the visitor's traffic costs on each, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from django.db.models import QuerySet

from catalog.errors import UnknownModel
from catalog.models import Claim, Model, ModelVersion
from catalog.selectors.facts import facts
from catalog.selectors.models import near_names
from catalog.selectors.prices import PricePolicy, VersionPrice, version_price
from dashboard import answer
from dashboard.formats import percent, plural
from dashboard.frontier import Frontier, frontier
from dashboard.frontier_row import FrontierRow
from dashboard.query import FrontierQuery, Mix
from dashboard.shared_results import SharedBenchmark, shared_benchmarks, sign_test, suite_pairs
from dashboard.workload import Workload
from economics.intervals import holm
from economics.prices import RequestCost
from evals.comparisons import Pair

FEWEST, MOST = 2, 6

# Kinds of traffic that rank models differently: how much is read, how much of that from a cache, how much is written.
MIXES = (
    ("reading long documents", Mix(Decimal(20), Decimal(0), Decimal(1))),
    ("an agent that rereads its cache", Mix(Decimal(2), Decimal(18), Decimal(1))),
    ("the usual mix", Mix(Decimal(3), Decimal(0), Decimal(1))),
    ("as much out as in", Mix(Decimal(1), Decimal(0), Decimal(1))),
    ("writing or reasoning at length", Mix(Decimal(1), Decimal(0), Decimal(5))),
)


@dataclass(frozen=True, slots=True)
class Entrant:
    """One model of the comparison with what it is known for."""

    row: FrontierRow
    claims: dict[str, list[Claim]]
    cost: RequestCost | None

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def version(self) -> ModelVersion:
        return self.row.version

    def claim(self, attribute: str) -> Claim | None:
        said = self.claims.get(attribute)
        return said[0] if said else None

    def number(self, attribute: str) -> Decimal | None:
        claim = self.claim(attribute)
        return claim.number if claim else None


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """Whether the first of two is really more capable. ``sign_p`` is adjusted for the number of pairs (Holm)."""

    comparison: answer.Comparison | None
    first: Entrant
    second: Entrant
    ahead: int
    behind: int
    level: int
    sign_p: float | None = None
    suites: list[Pair] = field(default_factory=list)

    @property
    def is_real(self) -> bool | None:
        """None where one of the two has no level, or nothing is known of the error."""
        if self.comparison is None or self.comparison.first_wins is None:
            return None
        return self.comparison.is_clear and self.comparison.difference != 0

    @property
    def words(self) -> str:
        """Whether the difference is real."""
        if self.comparison is None:
            return "cannot be said: a level is unknown"
        if self.is_real is None:
            return "cannot be said: the error of these scores is unknown"
        if not self.is_real:
            return "within the uncertainty"
        return "likely real" if not self.why else "likely real by all scores, not by the shared benchmarks"

    @property
    def why(self) -> str:
        """Why the verdict stands although the benchmarks that both sat do not show it; empty where they do."""
        shared = self.ahead + self.behind + self.level
        won, lost = (self.ahead, self.behind) if self.leader is self.first else (self.behind, self.ahead)
        if not self.is_real or self.leader_share is None or not shared or won > lost:
            return ""
        many = plural(shared, "benchmark")
        alone = "" if self.sign_p is None or self.sign_p < 0.05 else ", which do not tell the two apart"
        return (
            f"{self.leader.name} won {won} and lost {lost} of the {many} that both sat{alone}. They are only a part of "
            "the scores: the verdict rests on the level, which weighs every score of each model, also on benchmarks "
            f"that the other never sat. There {self.leader.name} is ahead in {percent(self.leader_share, 0)} of the "
            "resamples."
        )

    @property
    def leader(self) -> Entrant:
        wins = self.comparison.first_wins if self.comparison else None
        return self.second if wins is not None and wins < 0.5 else self.first

    @property
    def leader_share(self) -> float | None:
        wins = self.comparison.first_wins if self.comparison else None
        return None if wins is None else max(wins, 1 - wins)


class MixPrice(NamedTuple):
    """What one model costs under a mix, and at whom."""

    entrant: Entrant
    usd: Decimal
    price: VersionPrice


@dataclass(frozen=True, slots=True)
class MixOrder:
    """The models from the cheapest to the dearest under one kind of traffic; those without a price are left out.

    ``assumed``: slugs of which a price is unknown, so that another component's stands in for it.
    ``offerings``: the one chosen for each slug, by id.
    """

    title: str
    mix: Mix
    prices: list[MixPrice]
    assumed: tuple[str, ...]
    offerings: dict[str, int]

    @property
    def slugs(self) -> list[str]:
        return [price.entrant.slug for price in self.prices]


@dataclass(frozen=True, slots=True)
class Flip:
    """Two models of which now the one, now the other is cheaper.

    ``cheaper`` is so with more than ``input_per_output`` input tokens for each output token, ``other`` with fewer. None
    where no such boundary exists, because only the price of cached input turns the order, or because one of the two is
    sold by another provider under another mix (``sellers_change``).
    """

    cheaper: Entrant
    other: Entrant
    input_per_output: Decimal | None
    sellers_change: bool = False


@dataclass(frozen=True, slots=True)
class Lineup:
    """The comparison. Entrants stand in the order asked for."""

    frontier: Frontier
    workload: Workload
    entrants: list[Entrant]
    pairs: list[PairVerdict]
    benchmarks: list[SharedBenchmark]
    orders: list[MixOrder]
    flips: list[Flip]

    @property
    def slugs(self) -> list[str]:
        return [entrant.slug for entrant in self.entrants]

    @property
    def ended_words(self) -> str:
        """Which of them nobody sells any more, and since when; their prices are the last known ones."""
        return " ".join(each.row.end.of(each.name) for each in self.entrants if each.row.end)


def lineup(slugs: Sequence[str], query: FrontierQuery, workload: Workload) -> Lineup:
    """Gather the comparison in a constant number of queries.

    The traffic is the mix of every price here, and chooses the seller: one set of tokens never costs two amounts on the
    page. The mix of ``query`` counts only where there is no traffic at all.

    :raises UnknownModel: for the first slug that no model has, with near names.
    """
    found = frontier(replace(query.by_model(), mix=workload.mix or query.mix, access="all", unknown="show"))
    rows = _rows(slugs, found)
    claims = facts([row.version.pk for row in rows])
    entrants = [Entrant(row, claims.get(row.version.pk, {}), _cost(row, workload)) for row in rows]
    benchmarks = shared_benchmarks([row.version for row in rows], policy=query.policy, day=query.day)
    orders = [_order(entrants, title, mix, query.price_policy) for title, mix in MIXES]
    return Lineup(
        frontier=found,
        workload=workload,
        entrants=entrants,
        pairs=_pairs(entrants, benchmarks, query.day),
        benchmarks=benchmarks,
        orders=orders,
        flips=_flips(entrants, orders),
    )


def _rows(slugs: Sequence[str], found: Frontier) -> list[FrontierRow]:
    known = {row.slug: row for row in found.shown}
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        # Neither a price nor a score: the model itself may still be known.
        for version in _newest_versions(missing):
            known.setdefault(version.model.slug, FrontierRow(version=version, price=None, capability=None))
    for slug in slugs:
        if slug not in known:
            raise UnknownModel(f"There is no model {slug!r}.", near_names(slug))
    return [known[slug] for slug in slugs]


def _newest_versions(slugs: Sequence[str]) -> QuerySet[ModelVersion]:
    return (
        ModelVersion.objects.select_related("model__developer")
        .filter(model__slug__in=slugs)
        .order_by("-announced_on", "-pk")
    )


def models_to_choose() -> QuerySet[Model]:
    """Every model that can be compared, for the menus of the form."""
    return Model.objects.select_related("developer").order_by("developer__name", "name")


def _cost(row: FrontierRow, workload: Workload) -> RequestCost | None:
    return workload.cost(row.components) if row.components else None


def _pairs(entrants: Sequence[Entrant], benchmarks: Sequence[SharedBenchmark], day: date) -> list[PairVerdict]:
    suites = suite_pairs([entrant.version for entrant in entrants], day=day)
    verdicts = []
    for first, second in combinations(entrants, 2):
        both = first.row.value is not None and second.row.value is not None
        ahead, behind, level = _tally(benchmarks, first.version.pk, second.version.pk)
        verdicts.append(
            PairVerdict(
                comparison=answer.compare(first.row, second.row) if both else None,
                first=first,
                second=second,
                ahead=ahead,
                behind=behind,
                level=level,
                suites=suites.get((first.version.pk, second.version.pk), []),
            )
        )
    counted = [verdict for verdict in verdicts if verdict.ahead + verdict.behind]
    adjusted = holm(p_values=[sign_test(ahead=each.ahead, behind=each.behind) for each in counted])
    by_pair = {(each.first.slug, each.second.slug): p_value for each, p_value in zip(counted, adjusted, strict=True)}
    return [replace(each, sign_p=by_pair.get((each.first.slug, each.second.slug))) for each in verdicts]


def _tally(benchmarks: Sequence[SharedBenchmark], first: int, second: int) -> tuple[int, int, int]:
    """On how many shared benchmarks the first is ahead, behind and level."""
    gaps = [benchmark.gap(first, second) for benchmark in benchmarks]
    known = [gap for gap in gaps if gap is not None]
    return sum(gap > 0 for gap in known), sum(gap < 0 for gap in known), sum(gap == 0 for gap in known)


def _order(entrants: Sequence[Entrant], title: str, mix: Mix, price_policy: PricePolicy) -> MixOrder:
    """Each mix chooses its seller, as the page does when it is asked for that mix."""
    found = [(each, version_price(each.row.offers, mix=mix.weights, policy=price_policy)) for each in entrants]
    priced = [MixPrice(each, price.usd_per_mtok, price) for each, price in found if price.usd_per_mtok is not None]
    return MixOrder(
        title,
        mix,
        prices=sorted(priced, key=lambda price: (price.usd, price.entrant.name)),
        assumed=tuple(each.slug for each, price in found if price.assumed),
        offerings={each.slug: price.offering_price.offering.pk for each, price in found if price.offering_price},
    )


def _flips(entrants: Sequence[Entrant], orders: Sequence[MixOrder]) -> list[Flip]:
    found = []
    for first, second in combinations(entrants, 2):
        signs = set()
        for order in orders:
            prices = {price.entrant.slug: price.usd for price in order.prices}
            if first.slug in prices and second.slug in prices and prices[first.slug] != prices[second.slug]:
                signs.add(prices[first.slug] < prices[second.slug])
        if len(signs) == 2:
            moves = any(_sellers(each, orders) > 1 for each in (first, second))
            found.append(Flip(first, second, None, sellers_change=True) if moves else _boundary(first, second))
    return found


def _sellers(entrant: Entrant, orders: Sequence[MixOrder]) -> int:
    """How many offerings are chosen for it under these mixes and that of the page."""
    chosen = {order.offerings[entrant.slug] for order in orders if entrant.slug in order.offerings}
    own = entrant.row.price.offering_price if entrant.row.price else None
    return len(chosen | ({own.offering.pk} if own else set()))


def _boundary(first: Entrant, second: Entrant) -> Flip:
    """Where r input tokens for one output token cost the same: r x input gap + output gap = 0."""
    prices = [each.row.component_usd(name) for each in (first, second) for name in ("input", "output")]
    first_input, first_output, second_input, second_output = prices
    if first_input is None or first_output is None or second_input is None or second_output is None:
        return Flip(first, second, None)
    input_gap, output_gap = first_input - second_input, first_output - second_output
    if input_gap * output_gap >= 0:
        return Flip(first, second, None)
    cheaper, other = (first, second) if input_gap < 0 else (second, first)
    return Flip(cheaper, other, -output_gap / input_gap)
