"""What a mix of two models reaches: some tasks go to the cheap one, the others to the good one.

Only for capabilities that are a share of tasks solved: a mix solves the weighted mean of the shares, whereas
the mean of two index values means nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from catalog.models import Benchmark
from catalog.selectors.capabilities import benchmark_choices
from dashboard.axis import CapabilityAxis
from dashboard.errors import BadParameter
from dashboard.frontier import frontier
from dashboard.frontier_row import FrontierRow
from dashboard.query import FrontierQuery, parse_amount
from economics.frontier import ConvexFrontier, convex_frontier
from economics.prices import Usage, request_cost

TASKS = 1000
MOST_TOKENS = Decimal(10_000_000)
MOST_BUDGET = Decimal(10_000_000)


@dataclass(frozen=True, slots=True)
class RoutingQuery:
    """Tokens of one task, and what may be spent on a thousand of them. ``budget`` None: the page picks one."""

    base: FrontierQuery
    input_tokens: int = 1000
    output_tokens: int = 500
    budget: Decimal | None = None

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "RoutingQuery":
        """:raises BadParameter: naming the parameter; also for a capability that is no share of tasks."""
        names = ("as_of", "capability", "policy", "price_policy", "access")
        base = {name: value for name, value in values.items() if name in names}
        query = FrontierQuery.parse(base)
        if query.capability == "index" and values.get("capability", "").strip():
            raise BadParameter(
                "capability",
                "capability is 'index': a mix of two models has no index. Choose a benchmark, such as "
                "benchmark:gpqa-diamond.",
            )
        tokens = {
            name: int(parse_amount(name, values[name], most=MOST_TOKENS, example=example))
            for name, example in (("input_tokens", "1000"), ("output_tokens", "500"))
            if values.get(name, "").strip()
        }
        text = values.get("budget", "").strip()
        budget = parse_amount("budget", text, most=MOST_BUDGET, example="2.50") if text else None
        return cls(query, budget=budget, **tokens)

    @property
    def parameters(self) -> dict[str, str]:
        default = RoutingQuery(FrontierQuery())
        own = {
            name: str(getattr(self, name))
            for name in ("input_tokens", "output_tokens")
            if getattr(self, name) != getattr(default, name)
        }
        spend = {} if self.budget is None else {"budget": f"{self.budget.normalize():f}"}
        return self.base.parameters | own | spend


@dataclass(frozen=True, slots=True)
class Route:
    """One model with the cost of a thousand tasks, and whether it is a corner of what mixes reach."""

    row: FrontierRow
    usd: Decimal
    score: float
    is_corner: bool


@dataclass(frozen=True, slots=True)
class Routing:
    """``routes`` from the cheapest up. ``shares`` is the mix for the budget: (route, share of tasks)."""

    query: RoutingQuery
    axis: CapabilityAxis | None
    routes: list[Route]
    budget: Decimal | None
    shares: list[tuple[Route, float]]
    mixed_score: float | None
    best_single: Route | None
    choices: list[tuple[str, str, int]]

    @property
    def corners(self) -> list[Route]:
        return [route for route in self.routes if route.is_corner]

    @property
    def gain(self) -> float | None:
        """How much more the mix solves than the best single model of the same price."""
        if self.mixed_score is None or self.best_single is None:
            return None
        return self.mixed_score - self.best_single.score


def share_choices() -> list[tuple[str, str, int]]:
    """Capabilities that are shares of tasks solved, the most widely covered first."""
    return benchmark_choices(Benchmark.Unit.FRACTION)


def routing(query: RoutingQuery) -> Routing:
    """Compute what mixes reach, in a constant number of queries.

    :raises UnknownCapability: for a benchmark or suite that is not in the catalog.
    :raises BadParameter: for one that is no share of tasks.
    """
    choices = share_choices()
    name = query.base.capability if query.base.capability != "index" else next((each[0] for each in choices), "")
    if not name:
        return Routing(query, None, [], query.budget, [], None, None, choices)
    values = query.base.parameters | {"capability": name}
    found = frontier(FrontierQuery.parse(values).by_model())
    if not found.axis.is_share:
        raise BadParameter("capability", f"capability is {name!r}, which is no share of tasks solved: mixes have none.")
    priced = [(row, usd) for row in found.rows if (usd := _cost(row, query)) is not None]
    hull = convex_frontier(cost=[usd for _, usd in priced], score=[row.value for row, _ in priced])
    routes = [Route(row, usd, row.value or 0.0, at in hull.index) for at, (row, usd) in enumerate(priced)]
    budget = query.budget if query.budget is not None else _telling_budget(hull, routes)
    shares = [] if budget is None else [(routes[at], share) for at, share in hull.mix_at(cost=budget)]
    return Routing(
        query=RoutingQuery(FrontierQuery.parse(values), query.input_tokens, query.output_tokens, query.budget),
        axis=found.axis,
        routes=sorted(routes, key=lambda route: (route.usd, -route.score, route.row.slug)),
        budget=budget,
        shares=shares,
        mixed_score=None if budget is None else hull.score_at(cost=budget),
        best_single=_best_single(routes, budget),
        choices=choices,
    )


def _cost(row: FrontierRow, query: RoutingQuery) -> Decimal | None:
    """USD of a thousand tasks; None where a price is not known."""
    usage = Usage(input=query.input_tokens, cached_input=0, cache_write=0, output=query.output_tokens)
    price = {name: found.usd_per_mtok for name, found in row.components.items()}
    total = request_cost(price=price, usage=usage).total
    return None if total is None else total * TASKS


def _telling_budget(hull: ConvexFrontier, routes: Sequence[Route]) -> Decimal | None:
    """Half-way between the two corners where a mix solves most beyond the best single model of that price."""
    corners = [routes[at] for at in hull.index]
    if not corners:
        return None
    steps = list(pairwise(corners))
    if not steps:
        return corners[0].usd
    halves = [(low.usd + high.usd) / 2 for low, high in steps]

    def gain(budget: Decimal) -> float:
        single, mixed = _best_single(routes, budget), hull.score_at(cost=budget)
        return 0.0 if single is None or mixed is None else mixed - single.score

    return max(halves, key=lambda budget: (gain(budget), budget))


def _best_single(routes: Sequence[Route], budget: Decimal | None) -> Route | None:
    affordable = [route for route in routes if budget is not None and route.usd <= budget]
    return max(affordable, key=lambda route: (route.score, -route.usd), default=None)
