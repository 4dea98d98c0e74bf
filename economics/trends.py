"""How fast the price of a fixed capability falls.

The points of a price frontier are minima, each the cheapest so far, and not independent: the interval here is too
narrow, which is why every result carries its n, its leave-one-out range and words that fit the evidence. Rates differ
from 9-fold to 900-fold a year between tasks (Epoch AI, 2025), so no single rate stands for all of them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from economics._checks import Number, day, number, positive, probability_level
from economics.errors import InvalidArgument, MismatchedShapes
from economics.interval import Interval

if TYPE_CHECKING:  # web processes compute trends too, and pandas is not theirs to load
    import pandas as pd

FEWEST_POINTS = 5
WIDEST_RATIO = 100.0


@dataclass(frozen=True, slots=True)
class PriceTrend:
    """A rate of price decline.

    ``factor_per_year``: the price falls that many fold per year (below 1: it rises; exactly 1: flat), ``None`` under
    two points. ``interval``: of the factor, ``None`` under three. ``halving_days``: ``inf`` when the price does not
    fall. ``leave_one_out``: least and greatest factor with any one point left out, ``None`` under three points.
    ``words``: what may be said; when ``words_only`` is True the figures must not be shown as a rate (fewer than 5
    points, or an interval wider than 100-fold).
    """

    factor_per_year: float | None
    interval: Interval | None
    halving_days: float | None
    n: int
    leave_one_out: tuple[float, float] | None
    words: str
    words_only: bool


def cheapest_at_level(
    *, rows: pd.DataFrame, level: Number, upper: Number | None = None, since: dt.date | None = None
) -> pd.DataFrame:
    """The record-low prices among models that reach a level: each row strictly cheaper than all before it.

    ``rows``: DataFrame with columns on (the day that *price* was available, so a later price cut is a row of its own),
    model, price (USD, any one unit), score. Kept: known price > 0 (a trend of logarithms has no place for a free
    offer), ``level`` <= score (< ``upper`` if given), from ``since`` on (the day of the level-setting model; default:
    the first qualifying row). One row per day, the cheapest. Returns the same columns, sorted by day, with a fresh
    index; empty if nothing qualifies. Negative prices raise ``InvalidArgument``.
    """
    missing = [column for column in ("on", "model", "price", "score") if column not in rows.columns]
    if missing:
        raise InvalidArgument(f"rows lacks the column {missing[0]!r}; it needs on, model, price and score.")
    records = record_lows(
        days=rows["on"],
        models=list(rows["model"]),
        prices=rows["price"],
        scores=rows["score"],
        level=level,
        upper=upper,
        since=since,
    )
    return rows[["on", "model", "price", "score"]].iloc[records].reset_index(drop=True)


def record_lows(
    *,
    days: Iterable[Any],
    models: Sequence[Any],
    prices: Iterable[Any],
    scores: Iterable[Any],
    level: float,
    upper: float | None = None,
    since: dt.date | None = None,
) -> list[int]:
    """The positions of the rows that :func:`cheapest_at_level` keeps, in order of time; one entry of each per row.

    The same rules, without a DataFrame. Raises ``InvalidArgument`` for a negative price, a day that cannot be read or
    an impossible level, and ``MismatchedShapes``.
    """
    least = number(level, name="level", low=-math.inf)
    most = math.inf if upper is None else number(upper, name="upper", low=-math.inf)
    if not most > least:
        raise InvalidArgument(f"upper is {upper!r}; it must be above the level, {level!r}.")
    price = np.array([_number(value) for value in prices], dtype=np.float64)
    score = np.array([_number(value) for value in scores], dtype=np.float64)
    on = _days(days, name="rows['on']")
    if not on.size == len(models) == price.size == score.size:
        raise MismatchedShapes(
            f"rows has {on.size} days, {len(models)} models, {price.size} prices and {score.size} scores; give one of "
            "each per row."
        )
    if (price < 0).any():
        position = int(np.argmax(price < 0))
        raise InvalidArgument(f"rows has the price {price[position]:g} for {models[position]!r}; it must be > 0.")
    keep = (price > 0) & np.isfinite(price) & (score >= least) & (score < most)
    if since is not None:
        keep &= on >= day(since, name="since").toordinal()
    kept = np.flatnonzero(keep)
    # Within a day the cheapest sorts first, so no second row of that day can be strictly cheaper.
    ordered = kept[np.lexsort((price[kept], on[kept]))]
    records: list[int] = []
    lowest = math.inf
    for position in ordered.tolist():
        if price[position] < lowest:
            lowest = price[position]
            records.append(position)
    return records


def price_trend(
    *,
    dates: Sequence[dt.date] | Iterable[Any],
    prices: Sequence[Decimal | float] | Iterable[Any],
    level: Number = 0.9,
    days_per_year: Number = 365,
) -> PriceTrend:
    """Fall of a price per year, from a line through log10(price) over days.

    factor = 10^(-``days_per_year`` x slope); interval from Student's t with n - 2 degrees; halving time =
    -log10(2) / slope days. Two points: a factor without interval. Fewer: none. A flat price: exactly 1. 365 days per
    year compares with Epoch's published table.

    ``dates``: dates, datetimes or ISO text; ``prices``: > 0, one per date. Unknown prices do not belong here
    (``cheapest_at_level`` drops them). Raises ``MismatchedShapes``, and ``InvalidArgument`` for a price <= 0 or when
    all dates are one day.
    """
    level, days_per_year = probability_level(level), positive(days_per_year, name="days_per_year")
    days = _days(dates, name="dates")
    price = np.array([_number(value) for value in prices], dtype=np.float64)
    if days.size != price.size:
        raise MismatchedShapes(f"dates has {days.size} values and prices {price.size}; give one price per date.")
    if price.size and not ((price > 0) & np.isfinite(price)).all():
        raise InvalidArgument(f"prices holds {price[np.argmin(price > 0)]:g}; every price must be known and above 0.")
    n = int(price.size)
    if n < 2:
        return PriceTrend(None, None, None, n, None, "too few prices to say", words_only=True)
    if np.ptp(days) == 0:
        raise InvalidArgument("dates are all the same day; a trend needs prices of at least two days.")

    logs = np.log10(price)
    slope = _slope(days, logs)
    interval = _factor_interval(days, logs, slope, level, days_per_year) if n > 2 else None
    factor = _factor(slope, days_per_year)
    left_out = _leave_one_out(days, logs, days_per_year) if n > 2 else None
    words_only = n < FEWEST_POINTS or interval is None or interval.high > WIDEST_RATIO * interval.low
    return PriceTrend(
        factor_per_year=factor,
        interval=interval,
        halving_days=-math.log10(2.0) / slope if slope < 0 else math.inf,
        n=n,
        leave_one_out=left_out,
        words=_words(factor, interval, n, uncertain=words_only),
        words_only=words_only,
    )


def _slope(day: NDArray[np.float64], logs: NDArray[np.float64]) -> float:
    """Least-squares slope per day; exactly 0 for a constant price."""
    if np.ptp(logs) == 0:
        return 0.0
    centred = day - day.mean()
    return float(centred @ (logs - logs.mean()) / (centred @ centred))


def _factor(slope: float, days_per_year: float) -> float:
    exponent = -days_per_year * slope
    return 10.0**exponent if exponent < 308.0 else math.inf


def _factor_interval(
    day: NDArray[np.float64], logs: NDArray[np.float64], slope: float, level: float, days_per_year: float
) -> Interval:
    centred = day - day.mean()
    residual = logs - logs.mean() - slope * centred
    freedom = day.size - 2
    error = math.sqrt(float(residual @ residual) / freedom / float(centred @ centred))
    reach = float(stdtrit(freedom, 0.5 + level / 2.0)) * error
    return Interval(
        _factor(slope + reach, days_per_year),
        _factor(slope - reach, days_per_year),
        level,
        "Student t on log10 price",
    )


def _leave_one_out(
    day: NDArray[np.float64], logs: NDArray[np.float64], days_per_year: float
) -> tuple[float, float] | None:
    factors = []
    for position in range(day.size):
        days = np.delete(day, position)
        if np.ptp(days) > 0:
            factors.append(_factor(_slope(days, np.delete(logs, position)), days_per_year))
    return (min(factors), max(factors)) if factors else None


def _words(factor: float, interval: Interval | None, n: int, *, uncertain: bool) -> str:
    """A phrase that says no more than the evidence."""
    if uncertain:
        if factor == 1.0:
            return "flat, rate uncertain"
        if factor < 1.0:
            return "rose, rate uncertain"
        return "fell fast, rate uncertain" if factor >= 10.0 else "fell, rate uncertain"
    if interval is None or interval.low <= 1.0 <= interval.high:
        return f"no clear change over {n} prices"
    verb, sizes = "fell", (factor, interval.low, interval.high)
    if factor < 1.0:
        verb, sizes = "rose", (1.0 / factor, 1.0 / interval.high, 1.0 / interval.low)
    middle, low, high = (f"{size:#.3g}".rstrip(".") if size < 1000 else f"{size:,.0f}" for size in sizes)
    return f"{verb} {middle}-fold per year ({interval.level:.0%} interval {low} to {high}, {n} prices)"


def _days(values: Iterable[Any], *, name: str) -> NDArray[np.float64]:
    """Day numbers; times of day are dropped, since a price is dated to the day."""
    ordinals = [day(value, name=f"{name}[{position}]").toordinal() for position, value in enumerate(values)]
    return np.array(ordinals, dtype=np.float64)


def _number(value: Any) -> float:
    # pandas' NA is a type of its own that float() refuses; it is recognised without loading pandas.
    return math.nan if value is None or type(value).__name__ == "NAType" else float(value)
