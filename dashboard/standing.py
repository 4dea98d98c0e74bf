"""Where complete rows stand: on the frontier or how far above it, how surely, and between which levels it lies."""

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from dashboard.frontier_row import FrontierRow
from economics import frontier as mathematics


def judged(rows: Sequence[FrontierRow]) -> list[FrontierRow]:
    """The same rows with frontier membership, its probability and the premium."""
    if not rows:
        return []
    costs = [row.cost for row in rows]
    values = [row.value for row in rows]
    on_frontier = mathematics.pareto_frontier(price=costs, capability=values)
    premium = mathematics.price_premium(price=costs, capability=values)
    draws = joint_draws(rows)
    probability = None if draws is None else mathematics.frontier_probability(price=costs, draws=draws)
    found = []
    for position, row in enumerate(rows):
        setter = premium.set_by[position]
        found.append(
            replace(
                row,
                on_frontier=bool(on_frontier[position]),
                frontier_probability=None if probability is None else _known(float(probability[position])),
                price_premium=_known(float(premium.premium[position])),
                premium_set_by=None if setter is None else rows[setter].slug,
                premium_set_by_name=None if setter is None else rows[setter].name,
            )
        )
    return found


def frontier_band(rows: Sequence[FrontierRow], level: float = 0.9) -> list[tuple[Decimal, float, float]]:
    """From each cost on, between which levels the frontier lies in ``level`` of the joint draws.

    ``rows`` are complete and sorted by cost. Empty where no draws are known.
    """
    draws = joint_draws(rows)
    if draws is None:
        return []
    best = np.maximum.accumulate(draws, axis=1)
    low, high = np.quantile(best, [(1 - level) / 2, (1 + level) / 2], axis=0)
    band: list[tuple[Decimal, float, float]] = []
    for row, under, over in zip(rows, low.tolist(), high.tolist(), strict=True):
        if row.cost is None:
            continue
        if band and band[-1][0] == row.cost:
            band.pop()
        if not band or band[-1][1:] != (under, over):
            band.append((row.cost, under, over))
    return band


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


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
