"""How sure a training figure is: is the claimed run plausible, and between which bounds does its cost lie."""

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from economics._checks import FloatArray, Number, number, positive
from economics.errors import InvalidArgument
from economics.interval import Interval
from economics.simulation import Simulation, even_uniforms, simulation

DRAWS = 20_000

# 5th and 95th percentile of 62 published utilisations are 0.20 and 0.58.
UTILISATION = (0.20, 0.60)
# 6 FLOP per parameter and token, up to a quarter more for attention.
FLOP_PER_PARAM_TOKEN = (6.0, 7.5)

IMPOSSIBLE = "impossible"
NOT_PLAUSIBLE = "not plausible as stated"
UNUSUAL = "needs unusual efficiency"
PLAUSIBLE = "plausible"
INEFFICIENT = "plausible, inefficient"
UNKNOWN = "unknown"

Range: TypeAlias = Number | tuple[Number, Number] | tuple[Number, Number, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausibility:
    """Whether the claimed GPU-hours can have trained the model. About the final run only.

    verdict               "impossible", "not plausible as stated", "needs unusual efficiency", "plausible",
                          "plausible, inefficient" (extra work, restarts or several runs), or "unknown"
    probability           that a run of this size needs at most the claimed hours
    needed_gpu_hours      median and 90% interval of the hours it needs: ``median_gpu_hours``, ``needed_gpu_hours``
    implied_utilisation   6 N D / (claimed hours x peak), on the basis of ``peak_flop_per_s``
    """

    verdict: str
    probability: float | None
    needed_gpu_hours: Interval | None
    median_gpu_hours: float | None
    implied_utilisation: float | None
    simulation: Simulation | None


class Quantiles(NamedTuple):
    """5%, 50% and 95% points."""

    p05: float
    p50: float
    p95: float


class Bounds(NamedTuple):
    """Least and greatest value that the ranges allow."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostInterval:
    """USD of a run whose hours, rent and overhead are known as ranges (statistics, so float64).

    quantiles   5%, 50% and 95% of the simulated cost
    bounds      interval arithmetic: all ranges at their low ends, and all at their high ends
    """

    quantiles: Quantiles
    bounds: Bounds
    simulation: Simulation


def plausibility(
    *,
    active_params: Number | None,
    tokens: Number | None,
    gpu_hours: Number | None,
    peak_flop_per_s: Number | None,
    precision_peak_flop_per_s: Number | None = None,
    utilisation: tuple[Number, Number] = UTILISATION,
    seed: int = 0,
) -> Plausibility:
    """Compare claimed GPU-hours with those that a run of this size needs.

    needed = k x active_params x tokens / (3600 x peak x u), with u log-uniform on ``utilisation`` (of the peak, in
    (0, 1]) and k uniform on [6, 7.5]. P = P(needed <= claimed). In words: implied utilisation above the peak:
    impossible; P < 1%: not plausible as stated; 1 to 5%: needs unusual efficiency; 5 to 95%: plausible; above 95%:
    plausible, inefficient.

    ``peak_flop_per_s`` is the dense BF16 peak of one chip; ``precision_peak_flop_per_s`` that of the precision the run
    used, if faster (FP8): only beyond it is a run impossible. Without ``gpu_hours`` the needed hours still come out;
    without any other input nothing does ("unknown").
    :raises InvalidArgument: for a utilisation that is no rising range within (0, 1].
    """
    lowest, highest = (positive(share, name="utilisation") for share in utilisation)
    if not lowest < highest <= 1:
        raise InvalidArgument(
            f"utilisation is {utilisation!r}; give two rising shares of the peak, such as (0.2, 0.6)."
        )
    if active_params is None or tokens is None or peak_flop_per_s is None:
        return Plausibility(
            verdict=UNKNOWN,
            probability=None,
            needed_gpu_hours=None,
            median_gpu_hours=None,
            implied_utilisation=None,
            simulation=None,
        )
    size = positive(active_params, name="active_params") * positive(tokens, name="tokens")
    peak = positive(peak_flop_per_s, name="peak_flop_per_s")
    precision_peak = (
        peak
        if precision_peak_flop_per_s is None
        else positive(precision_peak_flop_per_s, name="precision_peak_flop_per_s")
    )
    factor, share = even_uniforms(draws=DRAWS, dimensions=2, seed=seed)
    factor = FLOP_PER_PARAM_TOKEN[0] + factor * (FLOP_PER_PARAM_TOKEN[1] - FLOP_PER_PARAM_TOKEN[0])
    share = lowest * (highest / lowest) ** share
    needed = factor * size / (3600 * peak * share)
    low, median, high = (float(q) for q in np.quantile(needed, [0.05, 0.5, 0.95]))
    probability = implied = None
    verdict = UNKNOWN
    if gpu_hours is not None:
        claimed = positive(gpu_hours, name="gpu_hours")
        probability = float(np.mean(needed <= claimed))
        implied = FLOP_PER_PARAM_TOKEN[0] * size / (claimed * 3600 * peak)
        verdict = IMPOSSIBLE if implied > precision_peak / peak else _words(probability)
    return Plausibility(
        verdict=verdict,
        probability=probability,
        needed_gpu_hours=Interval(low, high, 0.9, "simulation"),
        median_gpu_hours=median,
        implied_utilisation=implied,
        simulation=simulation(
            [size, peak, math.nan if gpu_hours is None else float(gpu_hours), lowest, highest],
            seed=seed,
            resamples=DRAWS,
        ),
    )


def cost_interval(
    *, gpu_hours: Range | None, usd_per_gpu_hour: Range | None, overhead: Range | None = (1, 1), seed: int = 0
) -> CostInterval | None:
    """Return 5, 50 and 95% points, and outer bounds, of gpu_hours x usd_per_gpu_hour x overhead in USD.

    Each range is a number (a point), (low, high): uniform, or (low, mode, high): triangular; the three are drawn
    independently. The point claim stays beside the result: this says how far it could be off, not what is true.
    Unknown in, unknown out.
    :raises InvalidArgument: for a range that is negative or not in order.
    """
    if gpu_hours is None or usd_per_gpu_hour is None or overhead is None:
        return None
    ranges = [
        _range(values, name=name)
        for name, values in (("gpu_hours", gpu_hours), ("usd_per_gpu_hour", usd_per_gpu_hour), ("overhead", overhead))
    ]
    uniforms = even_uniforms(draws=DRAWS, dimensions=len(ranges), seed=seed)
    cost = np.prod([_drawn(limits, u) for limits, u in zip(ranges, uniforms, strict=True)], axis=0)
    low, high = (math.prod(limits[end] for limits in ranges) for end in (0, -1))
    # The ends of a point's triangle differ from its product in the last bit: no quantile leaves the bounds.
    quantiles = np.clip(np.quantile(cost, [0.05, 0.5, 0.95]), low, high)
    return CostInterval(
        quantiles=Quantiles(*(float(q) for q in quantiles)),
        bounds=Bounds(low, high),
        simulation=simulation(*ranges, seed=seed, resamples=DRAWS),
    )


def _words(probability: float) -> str:
    if probability < 0.01:
        return NOT_PLAUSIBLE
    if probability < 0.05:
        return UNUSUAL
    return PLAUSIBLE if probability <= 0.95 else INEFFICIENT


def _range(values: Range, *, name: str) -> tuple[float, ...]:
    parts = tuple(values) if isinstance(values, tuple | list | np.ndarray) else (values,)
    if not 1 <= len(parts) <= 3:
        raise InvalidArgument(f"{name} is {values!r}; give a number, (low, high) or (low, mode, high).")
    limits = tuple(number(part, name=name) for part in parts)
    if list(limits) != sorted(limits):
        raise InvalidArgument(f"{name} is {values!r}; its parts must ascend.")
    return limits


def _drawn(limits: tuple[float, ...], uniform: FloatArray) -> FloatArray:
    """Inverse distribution function of the range at ``uniform``."""
    low, high = limits[0], limits[-1]
    if len(limits) < 3 or low == high:
        return low + uniform * (high - low)
    mode, width = limits[1], high - low
    rising = low + np.sqrt(uniform * width * (mode - low))
    falling = high - np.sqrt((1 - uniform) * width * (high - mode))
    return np.where(uniform * width < mode - low, rising, falling)
