"""Capability per dollar without a ratio: who is beaten, by whom, and by how much.

Everything here uses the *order* of capability only, so any increasing change of the index (another zero, another unit)
changes no answer. That is why these measures stand in for "index divided by price", whose order depends on the
arbitrary zero of the index. ``convex_frontier`` alone needs a ratio scale (a share of tasks solved).

Conventions: one entry per model; prices in any one unit (USD per million tokens, or USD per task), all >= 0.
Unknown is ``None`` or NaN on the way in and NaN (arrays) or ``None`` (single answers) on the way out. An unknown price
or capability puts a model outside: it is on no frontier and sets no premium. A stated price of 0 is a real, free price.

Needs numpy only, so that a web process may import it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from economics._checks import FloatArray as Floats
from economics._checks import Number, number, probability_level
from economics.errors import InvalidArgument, MismatchedShapes
from economics.interval import Interval

Values: TypeAlias = Collection[Number | None] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class PricePremium:
    """How many times the cheapest price of equal capability each model costs.

    ``premium``: one float per model: 1.0 = nobody as good is cheaper, ``inf`` = as good is free, NaN = unknown.
    ``set_by``: position of the model that sets the premium (itself at 1.0), ``None`` where the premium is unknown.
    """

    premium: Floats
    set_by: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class PremiumInterval:
    """Median and interval of the price premium over joint capability draws; arrays with one entry per model.

    Ends may be ``inf`` (a free alternative in some draws) or NaN (price unknown, or capability unknown in every draw).
    """

    median: Floats
    low: Floats
    high: Floats
    level: float
    method: str

    @property
    def intervals(self) -> tuple[Interval | None, ...]:
        """One ``Interval`` per model, ``None`` where the premium is unknown."""
        return tuple(
            None if math.isnan(low) else Interval(low, high, self.level, self.method)
            for low, high in zip(self.low.tolist(), self.high.tolist(), strict=True)
        )


@dataclass(frozen=True, slots=True)
class CapabilityPrice:
    """Cheapest ``price`` (as it was given) that buys a level, and the position ``index`` of the model that sells it."""

    price: Number | None
    index: int | None


@dataclass(frozen=True, slots=True)
class ConvexFrontier:
    """What mixes of two models can reach: corner points in order of rising cost.

    ``index``: positions of the corner models in the caller's arrays; ``cost`` and ``score``: their values.
    """

    index: tuple[int, ...]
    cost: Floats
    score: Floats

    def score_at(self, *, cost: Number) -> float | None:
        """Best expected score for an expected ``cost`` per task; ``None`` below the cheapest corner.

        Linear between corners (send a share of the tasks to each of the two neighbours), constant beyond the last.
        """
        budget = number(cost, name="cost")
        if not self.index or budget < self.cost[0]:
            return None
        return float(np.interp(budget, self.cost, self.score))

    def mix_at(self, *, cost: Number) -> tuple[tuple[int, float], ...]:
        """The mix that reaches ``score_at(cost)``: (position, share of tasks) pairs, shares > 0 that add to 1.

        Empty below the cheapest corner.
        """
        budget = number(cost, name="cost")
        if not self.index or budget < self.cost[0]:
            return ()
        right = int(np.searchsorted(self.cost, budget, side="right"))
        if right == len(self.index) or budget == self.cost[right - 1]:
            return ((self.index[right - 1], 1.0),)
        share = float((budget - self.cost[right - 1]) / (self.cost[right] - self.cost[right - 1]))
        return ((self.index[right - 1], 1.0 - share), (self.index[right], share))


def pareto_frontier(*, price: Values, capability: Values) -> NDArray[np.bool_]:
    """Which models nobody beats on both price and capability.

    Model i is dominated if some j has price_j <= price_i and capability_j >= capability_i, one of them strictly. Exact
    ties both stay. Unknown price or capability: False. O(n log n). Compare at full precision and round for display
    only, since rounding makes false ties.

    ``price``, ``capability``: n values each. Returns n booleans. Raises ``MismatchedShapes`` for different lengths and
    ``InvalidArgument`` for a negative or infinite value.
    """
    prices, capabilities = _pair(price, capability)
    on: NDArray[np.bool_] = _on_frontier(prices, capabilities[np.newaxis, :])[0]
    return on


def frontier_probability(*, price: Values, draws: ArrayLike) -> Floats:
    """Share of joint capability draws in which each model is on the frontier.

    ``price``: n values. ``draws``: resamples x n, one column per model in the order of ``price`` (a DataFrame's columns
    are taken by position), all columns drawn together so that correlated errors cancel. A NaN in a draw leaves that
    model out of that draw; its share is over the draws in which it is known.

    Returns n probabilities; NaN where the price is unknown or no draw knows the model. Words used on the site: "likely"
    from 0.8, "possible" from 0.2.
    """
    prices, table = _prices_and_draws(price, draws)
    known = ~np.isnan(table) & ~np.isnan(prices)
    on = _on_frontier(prices, table)
    counted = known.sum(axis=0)
    share: Floats = np.full(prices.shape, np.nan)
    np.divide(on.sum(axis=0), counted, out=share, where=counted > 0)
    return share


def price_premium(*, price: Values, capability: Values) -> PricePremium:
    """Own price over the cheapest price among models at least as capable (Farrell's input efficiency, inverted).

    premium_i = price_i / min{price_j : capability_j >= capability_i}; the free disposal hull, no convexity assumed.
    1.0 means nobody as good is cheaper; 17 means a 17th would buy as much. Own price 0: 1.0. Own price > 0 and a free
    alternative: ``inf``. Unknown own price or capability: NaN, and such a model sets nobody's premium. Every frontier
    model has 1.0; a model off the frontier has 1.0 only if a better one costs exactly the same.

    If several models share the cheapest price, ``set_by`` is the model itself when it is one of them, else the most
    capable, else the first.
    """
    prices, capabilities = _pair(price, capability)
    cheapest, setter = _cheapest_at_least(prices, capabilities)
    return PricePremium(
        premium=_ratio(prices, cheapest),
        set_by=tuple(None if position < 0 else position for position in setter.tolist()),
    )


def premium_interval(*, price: Values, draws: ArrayLike, level: Number = 0.9) -> PremiumInterval:
    """Median and central ``level`` interval of ``price_premium`` over joint capability draws (resamples x n).

    The premium jumps when two models change places, so it is computed anew in every draw. Quantiles interpolate between
    order statistics and keep ``inf``. The point premium may lie outside its own interval for models near others.
    """
    share = probability_level(level)
    prices, table = _prices_and_draws(price, draws)
    premiums = np.empty_like(table)
    for row, capabilities in enumerate(table):
        cheapest, _ = _cheapest_at_least(prices, capabilities)
        premiums[row] = _ratio(prices, cheapest)
    tail = (1.0 - share) / 2.0
    quantiles = np.array([_quantiles(column, (0.5, tail, 1.0 - tail)) for column in premiums.T]).reshape(-1, 3)
    return PremiumInterval(
        median=quantiles[:, 0], low=quantiles[:, 1], high=quantiles[:, 2], level=share, method="joint draws"
    )


def price_of_capability(*, price: Values, capability: Values, level: Number) -> CapabilityPrice:
    """Cheapest known price among models with capability >= ``level``: "what does that level cost today?"

    Returns the price as it was given (a Decimal stays a Decimal) and the model's position; both ``None`` when no model
    with a known price reaches the level. Equal prices: the most capable, then the first.
    """
    prices, capabilities = _pair(price, capability)
    floor = number(level, name="level", low=-math.inf)
    reaching = np.flatnonzero((capabilities >= floor) & ~np.isnan(prices))
    if not reaching.size:
        return CapabilityPrice(price=None, index=None)
    order = np.lexsort((-capabilities[reaching], prices[reaching]))
    index = int(reaching[order[0]])
    found = list(price)[index]  # by position, also for a labelled Series
    return CapabilityPrice(price=found if isinstance(found, Decimal) else float(prices[index]), index=index)


def convex_frontier(*, cost: Values, score: Values) -> ConvexFrontier:
    """Upper convex hull of (cost, score): the best expected score that a mix of two models reaches for a given cost.

    Sending a share w of the tasks to one model and 1 - w to another costs and scores the weighted mean of both, so
    every point under the hull can be bought. ``score`` must be a mean that mixes linearly (share of tasks solved),
    never an index. The hull starts at the cheapest model and ends at the best; unknown pairs are outside. A do-nothing
    option counts only if the caller adds it as (0, 0). Andrew's monotone chain, O(n log n).
    """
    costs, scores = _pair(cost, score, names=("cost", "score"))
    candidates = np.flatnonzero(_on_frontier(costs, scores[np.newaxis, :])[0])
    order = candidates[np.lexsort((candidates, costs[candidates]))]
    hull: list[int] = []
    for point in order.tolist():
        if hull and costs[point] == costs[hull[-1]]:
            continue  # an exact tie: the first one stands for both
        while len(hull) > 1 and _not_above(costs, scores, hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return ConvexFrontier(index=tuple(hull), cost=costs[hull], score=scores[hull])


def _not_above(costs: Floats, scores: Floats, left: int, middle: int, right: int) -> bool:
    """Whether ``middle`` lies on or below the line from ``left`` to ``right``."""
    rise = (scores[middle] - scores[left]) * (costs[right] - costs[left])
    return bool(rise <= (scores[right] - scores[left]) * (costs[middle] - costs[left]))


def _on_frontier(prices: Floats, table: Floats) -> NDArray[np.bool_]:
    """Frontier membership for each row of ``table`` (draws x models) under one price list."""
    result = np.zeros(table.shape, dtype=bool)
    priced = np.flatnonzero(~np.isnan(prices))
    if not priced.size or not table.shape[0]:
        return result
    order = priced[np.argsort(prices[priced], kind="stable")]
    ranked = prices[order]
    capabilities = table[:, order]
    missing = np.isnan(capabilities)
    capabilities = np.where(missing, -np.inf, capabilities)
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    group = np.cumsum(np.concatenate(([False], ranked[1:] != ranked[:-1])))
    best_at_price = np.maximum.reduceat(capabilities, starts, axis=1)
    best_cheaper = np.full_like(best_at_price, -np.inf)
    best_cheaper[:, 1:] = np.maximum.accumulate(best_at_price, axis=1)[:, :-1]
    result[:, order] = ~missing & (capabilities >= best_at_price[:, group]) & (capabilities > best_cheaper[:, group])
    return result


def _cheapest_at_least(prices: Floats, capabilities: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """For each model the cheapest price among models at least as capable, and who asks it (-1: unknown)."""
    cheapest: Floats = np.full(prices.shape, np.nan)
    setter = np.full(prices.shape, -1, dtype=np.intp)
    known = np.flatnonzero(~np.isnan(prices) & ~np.isnan(capabilities))
    if not known.size:
        return cheapest, setter
    # From the most capable down. Within one capability the cheapest comes first, so it serves all of its equals.
    order = known[np.lexsort((prices[known], -capabilities[known]))]
    ranked = prices[order]
    first = np.concatenate(([True], capabilities[order][1:] != capabilities[order][:-1]))
    running = np.minimum.accumulate(ranked)
    # The position that set the running minimum first: of equally cheap models the most capable one.
    fresh = np.concatenate(([True], ranked[1:] < running[:-1]))
    holder = np.maximum.accumulate(np.where(fresh, np.arange(order.size), 0))
    lead = np.maximum.accumulate(np.where(first, np.arange(order.size), 0))
    cheapest[order] = running[lead]
    setter[order] = np.where(ranked == running[lead], order, order[holder[lead]])
    return cheapest, setter


def _ratio(prices: Floats, cheapest: Floats) -> Floats:
    """Own price over the cheapest one; 0/0 is 1 (a free model is not dear), x/0 is infinite, unknown stays NaN."""
    ratio: Floats = np.full(prices.shape, np.nan)
    np.divide(prices, cheapest, out=ratio, where=cheapest > 0)
    ratio[(cheapest == 0) & (prices > 0)] = np.inf
    ratio[prices == cheapest] = 1.0
    return ratio


def _quantiles(values: Floats, probabilities: tuple[float, ...]) -> tuple[float, ...]:
    """Linear-interpolation quantiles that survive infinite values (numpy's turn inf - inf into NaN)."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return (math.nan,) * len(probabilities)
    result = []
    for probability in probabilities:
        position = probability * (known.size - 1)
        lower, share = int(position), position - int(position)
        below = float(known[lower])
        above = float(known[min(lower + 1, known.size - 1)])
        result.append(below if share == 0.0 or below == above else below + share * (above - below))
    return tuple(result)


def _pair(price: Values, capability: Values, names: tuple[str, str] = ("price", "capability")) -> tuple[Floats, Floats]:
    prices = _vector(price, name=names[0])
    capabilities = _vector(capability, name=names[1], negative=True)
    _check_labels(_labels(price, "index"), _labels(capability, "index"), names)
    if prices.shape != capabilities.shape:
        raise MismatchedShapes(
            f"{names[0]} has {prices.size} values and {names[1]} {capabilities.size}; give one of each per model."
        )
    return prices, capabilities


def _prices_and_draws(price: Values, draws: ArrayLike) -> tuple[Floats, Floats]:
    prices = _vector(price, name="price")
    try:
        table = np.asarray(draws, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"draws must be a table of numbers, with NaN for unknown ({error}).") from error
    if table.ndim != 2 or table.shape[1] != prices.size:
        raise MismatchedShapes(
            f"draws has shape {table.shape}; give a table of resamples x {prices.size} models, one column per price."
        )
    _check_labels(_labels(price, "index"), _labels(draws, "columns"), ("price", "draws"))
    if np.isinf(table).any():
        raise InvalidArgument("draws holds an infinite value; leave an unknown capability as NaN.")
    return prices, table


def _vector(values: Values, *, name: str, negative: bool = False) -> Floats:
    """Float64 copy of ``values`` with None as NaN."""
    if isinstance(values, Mapping):
        raise InvalidArgument(f"{name} is a mapping; give a list of its values, in one order for all arguments.")
    try:
        vector = np.array([math.nan if value is None else float(value) for value in values], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"{name} must be a flat list of numbers, with None for unknown ({error}).") from error
    if np.isinf(vector).any():
        raise InvalidArgument(f"{name}[{int(np.argmax(np.isinf(vector)))}] is infinite; use None for unknown.")
    if not negative and (vector < 0).any():
        position = int(np.argmax(vector < 0))
        raise InvalidArgument(f"{name}[{position}] is {vector[position]:g}; it must be 0 or more (None for unknown).")
    return vector


def _labels(values: object, axis: str) -> list[object] | None:
    """The names that a pandas object gives its entries; None for a mere count from 0. (No pandas is imported here.)"""
    labels = list(getattr(values, axis)) if hasattr(values, "iloc") else []
    return None if labels == list(range(len(labels))) else labels


def _check_labels(first: list[object] | None, second: list[object] | None, names: tuple[str, str]) -> None:
    """Refuse two labelled arguments in different orders: by position they would pair one model with another's price."""
    if first is not None and second is not None and first != second:
        raise MismatchedShapes(
            f"{names[0]} and {names[1]} label their entries differently; reindex one to the labels of the other."
        )
