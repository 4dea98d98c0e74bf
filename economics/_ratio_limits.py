"""Three ways to bound the ratio of two means: total cost over total successes.

``sums`` is (G, 2): cost and successes of each independent group (an item, or a cluster of items).
"""

import math

import numpy as np

from economics._checks import FloatArray
from economics.intervals import normal_quantile
from economics.simulation import Simulation, resampled_sums


def log_delta_limits(*, sums: FloatArray, value: float, n: int, level: float) -> tuple[float, float]:
    """v exp(-+ z se / v), se the delta-method error of the ratio over n items: the log keeps the lower end above 0."""
    if value == 0:
        return 0.0, 0.0  # every attempt was free
    groups = len(sums)
    residuals = (sums[:, 0] - value * sums[:, 1]) / (sums[:, 1].sum() / n)
    error = math.sqrt(float(np.sum(residuals**2)) * groups / (groups - 1)) / n
    reach = math.exp(normal_quantile(level) * error / value)
    return value / reach, value * reach


def bootstrap_limits(*, sums: FloatArray, level: float, drawn_by: Simulation) -> tuple[float, float]:
    """Percentiles of the ratio over resampled groups; a draw without success is infinite and sorts to the top."""
    drawn = resampled_sums(groups=sums, resamples=drawn_by.resamples, seed=drawn_by.seed)
    solved = drawn[:, 1] > 0
    values = np.full(len(drawn), np.inf)
    np.divide(drawn[:, 0], drawn[:, 1], out=values, where=solved)
    tail = (1 - level) / 2
    # Order statistics, not interpolation: between a finite and an infinite draw there is nothing.
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


def fieller_limits(*, sums: FloatArray, value: float, level: float) -> tuple[float, float]:
    """The v that a t test of mean(c) - v mean(s) = 0 does not reject (Fieller 1954); high is inf when unbounded."""
    from scipy.stats import t as student  # loading scipy.stats takes a second: only who asks for Fieller pays

    groups = len(sums)
    squared = float(student.ppf((1 + level) / 2, groups - 1)) ** 2
    means = [float(mean) for mean in sums.mean(axis=0)]
    spread = np.cov(sums, rowvar=False, ddof=1) / groups
    # The set of v with (mean c - v mean s)^2 <= t^2 var(mean c - v mean s):  a v^2 - 2 b v + c <= 0
    a = means[1] ** 2 - squared * float(spread[1, 1])
    b = means[0] * means[1] - squared * float(spread[0, 1])
    c = means[0] ** 2 - squared * float(spread[0, 0])
    discriminant = b * b - a * c
    if a > 0:
        root = math.sqrt(max(discriminant, 0.0))
        return max((b - root) / a, 0.0), (b + root) / a
    # Unbounded above. The set's lower end is its root below the estimate, if it has one above zero.
    if a == 0:
        return (max(c / (2 * b), 0.0) if b > 0 else 0.0), math.inf
    if discriminant <= 0:
        return 0.0, math.inf
    root = math.sqrt(discriminant)
    below = [v for v in ((b - root) / a, (b + root) / a) if 0 < v <= value]
    return max(below, default=0.0), math.inf
