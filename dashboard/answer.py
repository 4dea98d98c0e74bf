"""The answer in words: one generated sentence, and the best picks under a price. No number here is written by hand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from dashboard import formats
from dashboard.charts.ticks import one_two_five, usd_tick
from dashboard.frontier import TRIO, Frontier
from dashboard.frontier_row import LIKELY, FrontierRow
from dashboard.standing import joint_draws

# The pair this site was built to compare; any other pair is compared the same way.
FAVOURITE_PAIR = TRIO[:2]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rows side by side; ``first_wins`` is the share of joint draws in which the first is more capable."""

    first: FrontierRow
    second: FrontierRow
    difference: float
    price_ratio: float | None
    first_wins: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the data tell the two apart. Without draws the plain difference has to do."""
        return self.first_wins is None or self.first_wins >= LIKELY or self.first_wins <= 1 - LIKELY


@dataclass(frozen=True, slots=True)
class Pick:
    """The most capable model at or below a cost; ``limit`` None is any. ``what`` the limit is of: price or cost.

    ``rival`` is more capable within the same limit, as far as its few scores tell.
    """

    limit: Decimal | None
    row: FrontierRow
    what: str = "price"
    rival: FrontierRow | None = None

    @property
    def title(self) -> str:
        return (
            f"Best of the scored, any {self.what}"
            if self.limit is None
            else f"Best of the scored under {usd_tick(float(self.limit))}"
        )


def compare(first: FrontierRow, second: FrontierRow) -> Comparison:
    """Compare two complete rows."""
    draws = joint_draws([first, second])
    wins = None
    if draws is not None:
        wins = float(np.mean(draws[:, 0] > draws[:, 1]) + 0.5 * np.mean(draws[:, 0] == draws[:, 1]))
    cheap, dear = first.cost, second.cost
    return Comparison(
        first=first,
        second=second,
        difference=(first.value or 0.0) - (second.value or 0.0),
        price_ratio=float(dear / cheap) if cheap and dear is not None else None,
        first_wins=wins,
    )


def favourite_comparison(frontier: Frontier) -> Comparison | None:
    """The favourite pair while their developers sell both, else the answer to "which model gives most for my dollar".

    That is the cheapest model that the data do not tell apart from the best one, against the best one. Where no
    cheaper one is level with it: the two dearest steps of the frontier. Settings of one model are a pair only where
    there are no two models.
    """
    first, second = (frontier.row(slug) for slug in FAVOURITE_PAIR)
    if first and second and (frontier.cost.is_measured or (first.by_developer and second.by_developer)):
        return compare(first, second)
    if found := _cheapest_level(frontier):
        return found
    steps = frontier.frontier
    if len(steps) < 2:
        return None
    others = [row for row in steps if row.slug != steps[-1].slug]
    return compare(others[-1] if others else steps[-2], steps[-1])


def _cheapest_level(frontier: Frontier) -> Comparison | None:
    """Levels that rest on few scores do not count while there are others."""
    sure = [row for row in frontier.rows if not row.is_provisional] or frontier.rows
    best = max(sure, key=lambda row: row.value or 0.0, default=None)
    if best is None:
        return None
    for row in sure:
        if row is best:
            return None
        if row.slug == best.slug:
            continue
        found = compare(row, best)
        if found.difference == 0 or not found.is_clear:
            return found
    return None


def sentence(frontier: Frontier) -> str:
    """The headline."""
    found = favourite_comparison(frontier)
    if found:
        return comparison_sentence(frontier, found)
    if frontier.rows:
        only = frontier.frontier[0]
        return f"{only.name} is the only model on the frontier, at {formats.usd(only.cost)} {frontier.cost.spoken}."
    if frontier.catalog:
        cost = "measured cost" if frontier.cost.is_measured else "price"
        return f"No model has both a {cost} and a score under these assumptions."
    return "No models yet."


def comparison_sentence(frontier: Frontier, found: Comparison, basis: str = "") -> str:
    """Who is ahead by how much, as far as the data tell, and what that costs; ``basis`` is of which traffic."""
    first, second = found.first.name, found.second.name
    gap = frontier.axis.between(found.first.value, found.second.value)
    if found.difference == 0:
        standing = f"{first} equals {second}"
    elif found.is_clear:
        standing = f"{first} {'leads' if found.difference > 0 else 'trails'} {second} by {gap}"
    else:
        standing = f"{first} is level with {second}, within the uncertainty,"
    return f"{standing} and {_cost_words(frontier, found)}{f' {basis}' if basis else ''}."


def _cost_words(frontier: Frontier, found: Comparison) -> str:
    cheap, dear, per = found.first.cost, found.second.cost, frontier.cost.less
    if cheap is None or dear is None:
        return f"one of the two {'costs' if frontier.cost.is_measured else 'prices'} is unknown"
    if cheap == dear:
        return f"costs the same{per}"
    if dear == 0:
        return "is not free, as the other is"
    change = 1 - cheap / dear
    if change > 0:
        # 99.96% must not round to a price of nothing.
        return f"costs {formats.percent(change, 0 if change < Decimal('0.985') else 1)} less{per}"
    if -change < 1:
        return f"costs {formats.percent(-change, 0)} more{per}"
    return f"costs {formats.times(cheap / dear)} as much{per}"


def certainty(frontier: Frontier, found: Comparison | None) -> str:
    """How sure the comparison is, in words; empty where nothing is known about it."""
    if found is None or found.first_wins is None:
        return ""
    ahead, share = (
        (found.first.name, found.first_wins) if found.first_wins >= 0.5 else (found.second.name, 1 - found.first_wins)
    )
    gap = frontier.axis.between(found.first.value, found.second.value)
    return (
        f"The gap is {gap}; {ahead} is the more capable of the two in {formats.percent(share, 0)} of the resamples "
        "of the scores."
    )


def assumption(found: Comparison | None) -> str:
    """What the prices of the two rest on, where that is an assumption; else nothing."""
    assumed = [row.name for row in (found.first, found.second) if row.is_cached_assumed] if found else []
    if not assumed:
        return ""
    return f"No price of cached input is known for {' and '.join(assumed)}: the price of input stands in for it."


def picks(frontier: Frontier, count: int = 3) -> list[Pick]:
    """Up to ``count`` answers to "the best I can get under ...", the last one at any price.

    The limits are round costs just above steps that divide the frontier evenly. Provisional levels are not picked; one
    that is above the pick is named beside it.
    """
    every = staircase(frontier.rows)
    steps = staircase([row for row in frontier.rows if not row.is_provisional]) or staircase(frontier.rows)
    if not steps:
        return []
    found: list[Pick] = []
    what = "cost" if frontier.cost.is_measured else "price"
    for part in range(1, count):
        step = steps[math.ceil(len(steps) * part / count) - 1]
        limit = round_price_above(step.cost)
        pick = _pick(limit, steps, every, what)
        if pick.row is not steps[-1] and all(pick.row is not other.row for other in found):
            found.append(pick)
    return [*found, _pick(None, steps, every, what)]


def _pick(limit: Decimal | None, steps: Sequence[FrontierRow], every: Sequence[FrontierRow], what: str) -> Pick:
    row, best = _best_under(steps, limit), _best_under(every, limit)
    return Pick(limit, row, what, best if (best.value or 0.0) > (row.value or 0.0) else None)


def staircase(rows: Sequence[FrontierRow]) -> list[FrontierRow]:
    """Of complete rows sorted by cost, those that are more capable than every cheaper one."""
    steps: list[FrontierRow] = []
    for row in rows:
        if row.value is not None and (not steps or row.value > (steps[-1].value or 0.0)):
            steps.append(row)
    return steps


def round_price_above(price: Decimal | None) -> Decimal:
    """The next 1-2-5 price above: 0.4775 gives 0.5."""
    low = price or Decimal("0.01")
    ticks = (Decimal(str(tick)) for tick in one_two_five(float(low), float(low) * 10))
    return next(tick for tick in ticks if tick > low)


def _best_under(steps: Sequence[FrontierRow], limit: Decimal | None) -> FrontierRow:
    return [row for row in steps if row.cost is not None and (limit is None or row.cost <= limit)][-1]
