"""Intervals and tests for rates, means and differences.

Never the Wald interval; always paired when two models answered the same items. scipy.stats is imported inside the
functions that need it: loading it takes about a second, which a web process that only prices requests need not pay.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from economics._checks import FloatArray, Number, count, fraction, probability_level, same_length, vector
from economics.errors import InvalidArgument
from economics.interval import Interval
from economics.simulation import RESAMPLES, Simulation, resampled_sums, simulation

MIN_GROUPS = 10
TOO_FEW_GROUPS = "too few groups"

_METHODS: dict[str, Literal["wilson", "exact"]] = {"wilson": "wilson", "clopper-pearson": "exact"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredMean:
    """A mean with the error that the grouping of its items leaves.

    mean, standard_error   in the unit of the scores; None when there is nothing to estimate them from
    interval               None below 10 groups, where ``method`` says "too few groups"
    n, groups              number of scores, and of independent groups
    """

    mean: float | None
    standard_error: float | None
    interval: Interval | None
    level: float
    method: str
    n: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """Mean of a - b over the items that both answered.

    interval   None below 10 items or groups, where ``method`` says "too few groups"
    p_value    two-sided, for no difference; ``p_method`` is "mcnemar" for yes/no scores of single items, else "normal"
    """

    difference: float | None
    standard_error: float | None
    interval: Interval | None
    p_value: float | None
    p_method: str
    level: float
    method: str
    n: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapMean:
    """A mean with its percentile bootstrap interval (None below two groups) and how to draw it again."""

    mean: float | None
    interval: Interval | None
    simulation: Simulation | None


def proportion_interval(
    *, successes: int | None, n: int | None, level: float = 0.95, method: str = "wilson"
) -> Interval | None:
    """Return the interval of a rate of ``successes`` out of ``n`` independent trials; None for n = 0 or unknown counts.

    method "wilson"            the default: the rates p with |k/n - p| <= z sqrt(p(1-p)/n). Never leaves [0, 1] and
                               works at 0/n and n/n. (Wilson 1927)
           "clopper-pearson"   from the exact binomial tails: coverage is never below ``level``, usually above.
    Wald (p +- z sqrt(p(1-p)/n)) is refused: it has zero width at 0/n and n/n.
    """
    level = probability_level(level)
    if method not in _METHODS:
        raise InvalidArgument(f"method is {method!r}; known are {', '.join(map(repr, _METHODS))}.")
    if successes is None or n is None:
        return None
    trials = count(n, name="n")
    hits = count(successes, name="successes")
    if hits > trials:
        raise InvalidArgument(f"successes is {hits}, more than n, {trials}.")
    if trials == 0:
        return None
    from scipy.stats import binomtest

    limits = binomtest(hits, trials).proportion_ci(confidence_level=level, method=_METHODS[method])
    # At the ends rounding leaves 1e-17 where the formula says 0 (or 1): the interval must hold the rate itself.
    rate = hits / trials
    return Interval(min(float(limits.low), rate), max(float(limits.high), rate), level, method)


def clustered_mean(
    *, scores: Sequence[Number] | FloatArray, clusters: Sequence[Hashable] | None = None, level: float = 0.95
) -> ClusteredMean:
    """Return the mean of ``scores`` with the standard error that counts each cluster once.

    se = sqrt(sum over clusters of (sum of residuals)^2) / n   (Miller 2024, arXiv 2411.00640)
    interval = mean +- z se. Repeated samples of one question, or questions about one text, form a cluster. Without
    ``clusters`` each score is its own. Below 10 clusters there is no normal interval. No scores: all None.
    """
    level = probability_level(level)
    values = vector(scores, name="scores")
    n = len(values)
    if n == 0:
        return ClusteredMean(
            mean=None, standard_error=None, interval=None, level=level, method="no scores", n=0, groups=0
        )
    mean = float(values.mean())
    sums = group_sums(columns=(values - mean)[:, None], clusters=clusters, name="scores")
    error = math.sqrt(float(np.sum(sums**2))) / n
    interval, method = _normal_interval(mean, error, groups=len(sums), level=level, clustered=clusters is not None)
    return ClusteredMean(
        mean=mean,
        standard_error=error if len(sums) > 1 else None,
        interval=interval,
        level=level,
        method=method,
        n=n,
        groups=len(sums),
    )


def paired_difference(
    *,
    a: Sequence[Number] | FloatArray,
    b: Sequence[Number] | FloatArray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> PairedDifference:
    """Return the mean of d_i = a_i - b_i over the same items, with se = sd(d) / sqrt(n) (ddof 1), or clustered.

    The items' difficulty cancels, which is why this is far sharper than comparing two intervals. The p-value of yes/no
    scores without clusters is the exact McNemar test on the discordant items; else it is normal, 2 (1 - Phi(|d|/se)),
    and None below 10 items or groups.
    :raises MismatchedShapes: when a and b (or clusters) differ in length.
    """
    level = probability_level(level)
    first, second = vector(a, name="a"), vector(b, name="b")
    same_length({"a": first, "b": second})
    difference = first - second
    n = len(difference)
    if n == 0:
        return PairedDifference(
            difference=None,
            standard_error=None,
            interval=None,
            p_value=None,
            p_method="none",
            level=level,
            method="no items",
            n=0,
            groups=0,
        )
    mean = float(difference.mean())
    sums = group_sums(columns=(difference - mean)[:, None], clusters=clusters, name="a")
    groups = len(sums)
    error: float | None = None
    if clusters is not None and groups > 1:
        error = math.sqrt(float(np.sum(sums**2))) / n
    elif clusters is None and n > 1:
        error = float(difference.std(ddof=1)) / math.sqrt(n)
    interval, method = _normal_interval(mean, error, groups=groups, level=level, clustered=clusters is not None)
    p_value: float | None
    if clusters is None and _is_binary(first) and _is_binary(second):
        p_method = "mcnemar"
        p_value = mcnemar_exact(a_only=int(np.sum(difference > 0)), b_only=int(np.sum(difference < 0)))
    else:
        p_method = "normal"
        p_value = None if interval is None or error is None else _normal_p(mean, error)
    return PairedDifference(
        difference=mean,
        standard_error=error,
        interval=interval,
        p_value=p_value,
        p_method=p_method,
        level=level,
        method=method,
        n=n,
        groups=groups,
    )


def mcnemar_exact(*, a_only: int, b_only: int) -> float:
    """Return the two-sided exact p-value for "a and b solve equally many", from the items that only one solved.

    Under it each discordant item goes either way with probability 1/2: p = min(1, 2 P(X <= min(a_only, b_only))) for
    X ~ Binomial(a_only + b_only, 1/2). No discordant item: p = 1. (McNemar 1947)
    """
    first, second = count(a_only, name="a_only"), count(b_only, name="b_only")
    if first + second == 0:
        return 1.0
    # The two tails are equal at 1/2. scipy.special has the sum; scipy.stats takes a second to load, statsmodels two.
    from scipy.special import bdtr

    return min(1.0, 2.0 * float(bdtr(min(first, second), first + second, 0.5)))


def holm(*, p_values: Sequence[Number] | FloatArray) -> list[float]:
    """Return Holm's adjusted p-values, in the order given: compare each with alpha to test the whole family at alpha.

    Sorted ascending, p_(i) becomes the running maximum of (m - i + 1) p_(i), at most 1. No comparison: an empty list.
    (Holm 1979.) Four lines of our own, tested against statsmodels, whose import loads pandas and takes seconds.
    """
    values = vector([fraction(p, name=f"p_values[{index}]") for index, p in enumerate(p_values)], name="p_values")
    order = np.argsort(values, kind="stable")
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1.0)
    return [float(p) for p in adjusted]


def bootstrap_mean(
    *,
    scores: Sequence[Number] | FloatArray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> BootstrapMean:
    """Return the mean of ``scores`` with the percentile interval over resampled items, or resampled clusters.

    The same seed gives the same bytes. For scores that are not yes/no and too skewed or too few for a normal interval.
    """
    level = probability_level(level)
    values = vector(scores, name="scores")
    if len(values) == 0:
        return BootstrapMean(mean=None, interval=None, simulation=None)
    mean = float(values.mean())
    groups = group_sums(columns=np.column_stack([values, np.ones_like(values)]), clusters=clusters, name="scores")
    described = simulation(groups, seed=seed, resamples=resamples)
    if len(groups) < 2:
        return BootstrapMean(mean=mean, interval=None, simulation=described)
    sums = resampled_sums(groups=groups, resamples=resamples, seed=seed)
    tail = (1 - level) / 2
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [tail, 1 - tail])
    return BootstrapMean(
        mean=mean,
        interval=Interval(min(float(low), mean), max(float(high), mean), level, "bootstrap"),
        simulation=described,
    )


def group_sums(*, columns: FloatArray, clusters: Sequence[Hashable] | None, name: str) -> FloatArray:
    """Return the sums of ``columns`` (n, K) by cluster, (G, K), clusters in order of first appearance."""
    if clusters is None:
        return columns
    same_length({name: columns, "clusters": clusters})
    codes: dict[Hashable, int] = {}
    labels = np.asarray([codes.setdefault(cluster, len(codes)) for cluster in clusters], dtype=np.intp)
    sums = np.zeros((len(codes), columns.shape[1]))
    np.add.at(sums, labels, columns)
    return sums


def normal_quantile(level: float) -> float:
    """Two-sided normal quantile: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def _normal_interval(
    mean: float, error: float | None, *, groups: int, level: float, clustered: bool
) -> tuple[Interval | None, str]:
    if groups < MIN_GROUPS or error is None:
        return None, TOO_FEW_GROUPS
    method = "normal, clustered" if clustered else "normal"
    reach = normal_quantile(level) * error
    return Interval(mean - reach, mean + reach, level, method), method


def _normal_p(mean: float, error: float) -> float:
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return 2 * NormalDist().cdf(-abs(mean) / error)


def _is_binary(values: FloatArray) -> bool:
    return bool(np.all((values == 0) | (values == 1)))
