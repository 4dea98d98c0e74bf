"""Distribution-free intervals of quantiles: which slowness is beyond chance when latencies have no nice shape."""

from collections.abc import Sequence

import numpy as np

from economics._checks import fraction, probability_level, vector
from economics.errors import InvalidArgument
from economics.interval import Interval


def quantile_interval(
    *, values: Sequence[float], quantile: float = 0.5, level: float = 0.95
) -> tuple[float, Interval | None]:
    """Return a quantile of ``values`` and its interval between two order statistics.

    The number of values below the true quantile is Binomial(n, q), so x_(l) .. x_(u) holds it with at least ``level``
    when P(X <= l - 1) <= a/2 and P(X <= u - 1) >= 1 - a/2, a = 1 - level. The interval is None when n is too small for
    one (6 values for a median at 95%). (David and Nagaraja 2003, section 7.1)
    :raises InvalidArgument: without a value.
    """
    level = probability_level(level)
    share = fraction(quantile, name="quantile")
    found = np.sort(vector(values, name="values"))
    n = len(found)
    if n == 0:
        raise InvalidArgument("values is empty; a quantile needs at least one.")
    point = float(np.quantile(found, share))
    from scipy.special import bdtr

    below = np.asarray([float(bdtr(k, n, share)) for k in range(n)])  # P(X <= k)
    tail = (1 - level) / 2
    lower = int(np.sum(below <= tail))  # l, counted from 1; 0 when there is none
    upper = int(np.sum(below < 1 - tail)) + 1  # u, counted from 1
    if lower < 1 or upper > n:
        return point, None
    return point, Interval(float(found[lower - 1]), float(found[upper - 1]), level, "order statistics")
