import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument
from economics.training import cost_interval, plausibility

DEEPSEEK_V3: dict[str, Any] = {"active_params": 37e9, "tokens": 14.8e12, "peak_flop_per_s": 989.4e12}


def interval(**arguments: Any) -> Any:
    """Loosely typed, since a cost interval may be unknown."""
    return cost_interval(**arguments)


def exact_probability(*, claimed: float, size: float, peak: float) -> float:
    """P(k size / (3600 peak u) <= claimed), integrated over k by the midpoint rule."""
    steps = 2000
    total = 0.0
    for step in range(steps):
        k = 6 + 1.5 * (step + 0.5) / steps
        least_u = k * size / (3600 * peak * claimed)
        total += min(max(1 - math.log(least_u / 0.2) / math.log(3), 0), 1)
    return total / steps


def test_the_claim_of_deepseek_v3_is_plausible() -> None:
    result = plausibility(**DEEPSEEK_V3, gpu_hours=2_664_000)
    assert result.verdict == "plausible"
    assert result.probability == pytest.approx(0.40, abs=0.006)
    assert result.implied_utilisation == pytest.approx(0.346, abs=5e-4)
    assert result.needed_gpu_hours is not None
    assert (result.needed_gpu_hours.level, result.needed_gpu_hours.method) == (0.9, "simulation")
    assert result.needed_gpu_hours.low == pytest.approx(1.8065e6, rel=2e-3)
    assert result.needed_gpu_hours.high == pytest.approx(4.9524e6, rel=2e-3)
    assert result.median_gpu_hours == pytest.approx(2.99e6, rel=2e-3)


@pytest.mark.parametrize("claimed", [1.9e6, 2.664e6, 3.5e6, 4.5e6])
def test_the_probability_agrees_with_the_integral(claimed: float) -> None:
    expected = exact_probability(claimed=claimed, size=37e9 * 14.8e12, peak=989.4e12)
    assert plausibility(**DEEPSEEK_V3, gpu_hours=claimed).probability == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("gpu_hours", "verdict"),
    [
        (266_400, "impossible"),
        (1_000_000, "not plausible as stated"),
        (1_540_000, "not plausible as stated"),
        (1_750_000, "needs unusual efficiency"),
        (3_000_000, "plausible"),
        (6_000_000, "plausible, inefficient"),
    ],
)
def test_the_verdict_in_words(gpu_hours: float, verdict: str) -> None:
    assert plausibility(**DEEPSEEK_V3, gpu_hours=gpu_hours).verdict == verdict


def test_a_tenth_of_the_hours_has_no_probability() -> None:
    assert plausibility(**DEEPSEEK_V3, gpu_hours=266_400).probability == 0


def test_a_faster_precision_makes_more_possible() -> None:
    hours = 700_000  # 132% of the BF16 peak, 66% of the FP8 peak
    assert plausibility(**DEEPSEEK_V3, gpu_hours=hours).verdict == "impossible"
    in_fp8 = plausibility(**DEEPSEEK_V3, gpu_hours=hours, precision_peak_flop_per_s=1978.9e12)
    assert in_fp8.verdict == "not plausible as stated"


def test_without_claimed_hours_the_needed_hours_are_still_known() -> None:
    result = plausibility(**DEEPSEEK_V3, gpu_hours=None)
    assert (result.verdict, result.probability, result.implied_utilisation) == ("unknown", None, None)
    assert result.needed_gpu_hours is not None


def test_without_a_size_nothing_is_known() -> None:
    result = plausibility(active_params=None, tokens=1, gpu_hours=1, peak_flop_per_s=1)
    assert (result.verdict, result.probability, result.needed_gpu_hours) == ("unknown", None, None)


def test_the_same_seed_gives_the_same_numbers_and_says_how() -> None:
    first = plausibility(**DEEPSEEK_V3, gpu_hours=2_664_000, seed=7)
    assert first == plausibility(**DEEPSEEK_V3, gpu_hours=2_664_000, seed=7)
    assert first.simulation is not None
    assert (first.simulation.seed, first.simulation.resamples) == (7, 20_000)
    other = plausibility(**DEEPSEEK_V3, gpu_hours=2_664_001, seed=7)
    assert other.simulation is not None
    assert other.simulation.input_sha256 != first.simulation.input_sha256


def test_cost_interval_of_deepseek_v3() -> None:
    result = interval(gpu_hours=2_788_000, usd_per_gpu_hour=(1.5, 2, 3))
    assert result.quantiles.p05 == pytest.approx(4.72e6, abs=5e3)
    assert result.quantiles.p50 == pytest.approx(5.95e6, abs=5e3)
    assert result.quantiles.p95 == pytest.approx(7.60e6, abs=5e3)
    assert result.bounds == (4_182_000, 8_364_000)


@pytest.mark.parametrize("unknown", ["gpu_hours", "usd_per_gpu_hour", "overhead"])
def test_cost_interval_without_an_input_is_unknown(unknown: str) -> None:
    assert interval(**({"gpu_hours": 100, "usd_per_gpu_hour": 2} | {unknown: None})) is None


def test_cost_interval_takes_a_range_as_tuple_list_or_array() -> None:
    expected = interval(gpu_hours=(90, 110), usd_per_gpu_hour=Decimal(2))
    assert interval(gpu_hours=[90, 110], usd_per_gpu_hour=2.0) == expected
    assert interval(gpu_hours=np.array([90.0, 110.0]), usd_per_gpu_hour=2) == expected


def test_cost_interval_of_points_is_the_point() -> None:
    result = interval(gpu_hours=100, usd_per_gpu_hour=2, overhead=1.5)
    assert result.quantiles == (300, 300, 300)
    assert result.bounds == (300, 300)


def test_cost_interval_of_a_uniform_range() -> None:
    result = interval(gpu_hours=(0, 100), usd_per_gpu_hour=1)
    assert result.quantiles == pytest.approx((5, 50, 95), abs=0.02)


@settings(max_examples=25, deadline=None)
@given(
    rent=st.tuples(*[st.floats(0, 100)] * 3).map(lambda parts: tuple(sorted(parts))),
    hours=st.tuples(*[st.floats(0, 1e7)] * 2).map(lambda parts: tuple(sorted(parts))),
    seed=st.integers(0, 99),
)
def test_quantiles_ascend_within_the_bounds(
    rent: tuple[float, float, float], hours: tuple[float, float], seed: int
) -> None:
    result = interval(gpu_hours=hours, usd_per_gpu_hour=rent, overhead=(1, 1.2), seed=seed)
    points = [result.bounds.low, *result.quantiles, result.bounds.high]
    assert points == sorted(points)


@pytest.mark.parametrize(
    ("rent", "named"),
    [((3, 2, 1.5), "must ascend"), ((-1, 2), "is -1"), ((1, 2, 3, 4), r"is \(1, 2, 3, 4\)"), (math.nan, "is nan")],
)
def test_a_range_that_cannot_be_is_refused(rent: tuple[float, ...], named: str) -> None:
    with pytest.raises(InvalidArgument, match=f"usd_per_gpu_hour.*{named}"):
        interval(gpu_hours=1, usd_per_gpu_hour=rent)


@pytest.mark.parametrize("utilisation", [(0.6, 0.2), (0.5, 0.5), (0.5, 1.1), (0, 0.5)])
def test_utilisation_that_is_no_rising_share_is_refused(utilisation: tuple[float, float]) -> None:
    with pytest.raises(InvalidArgument, match="utilisation"):
        plausibility(**DEEPSEEK_V3, gpu_hours=2_664_000, utilisation=utilisation)
