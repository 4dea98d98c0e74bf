import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from economics.cost_of_pass import (
    cost_of_pass,
    essentialness,
    from_totals,
    frontier_cost_of_pass,
    retries_to_success,
)
from economics.errors import InvalidArgument, MismatchedShapes

Z = 1.959963984540054


def sample(n: int, rate: float, seed: int = 0) -> tuple[list[float], list[bool]]:
    """Lognormal costs, failures dearer."""
    rng = np.random.default_rng(seed)
    success = rng.random(n) < rate
    cost = np.exp(rng.normal(-5, 0.8, n)) * np.where(success, 1.0, 1.5)
    return cost.tolist(), success.tolist()


def test_value_is_all_that_was_paid_per_success() -> None:
    result = cost_of_pass(cost=["0.10", Decimal("0.20"), 0.3, 0], success=[1, False, True, 0])
    assert result.value == pytest.approx(0.3)
    assert (result.n, result.successes, result.success_rate) == (4, 2, 0.5)


def test_log_delta_interval_by_hand() -> None:
    cost, success = [1.0, 2.0, 3.0, 4.0] * 10, [1, 0, 1, 1] * 10
    result = cost_of_pass(cost=cost, success=success)
    value = 100 / 30
    residuals = [(c - value * s) / 0.75 for c, s in zip(cost, success, strict=True)]
    error = np.std(residuals, ddof=1) / math.sqrt(40)
    assert result.value == pytest.approx(value)
    assert result.interval is not None
    assert result.interval.low == pytest.approx(value * math.exp(-Z * error / value))
    assert result.interval.high == pytest.approx(value * math.exp(Z * error / value))
    assert (result.method, result.interval.method, result.lower_bound) == ("log-delta", "log-delta", None)


def test_thirty_items_with_five_successes_are_enough_for_log_delta() -> None:
    cost = [1.0 + item % 3 for item in range(30)]
    assert cost_of_pass(cost=cost, success=[item < 5 for item in range(30)]).method == "log-delta"


@pytest.mark.parametrize(("n", "successes"), [(29, 20), (60, 4)])
def test_few_items_or_successes_use_the_bootstrap_and_say_so(n: int, successes: int) -> None:
    cost = [1.0 + item % 3 for item in range(n)]
    result = cost_of_pass(cost=cost, success=[item < successes for item in range(n)])
    assert result.method == "bootstrap"
    assert result.simulation is not None
    assert (result.simulation.seed, result.simulation.resamples) == (0, 2000)


def test_bootstrap_of_one_success_has_no_upper_limit() -> None:
    result = cost_of_pass(cost=[1.0] * 40, success=[1] + [0] * 39)
    assert result.interval is not None
    assert result.value == 40
    assert result.interval.high == math.inf
    assert 0 < result.interval.low < 40


def test_bootstrap_is_repeatable() -> None:
    cost, success = sample(50, 0.5)
    first = cost_of_pass(cost=cost, success=success, method="bootstrap", seed=4)
    assert first == cost_of_pass(cost=cost, success=success, method="bootstrap", seed=4)
    assert first.interval != cost_of_pass(cost=cost, success=success, method="bootstrap", seed=5).interval


def test_the_three_methods_agree_on_many_items() -> None:
    cost, success = sample(4000, 0.6)
    limits = [
        cost_of_pass(cost=cost, success=success, method=method).interval
        for method in ("log-delta", "bootstrap", "fieller")
    ]
    for interval in limits:
        assert interval is not None
        assert interval.low == pytest.approx(limits[0].low, rel=0.005)  # type: ignore[union-attr]
        assert interval.high == pytest.approx(limits[0].high, rel=0.005)  # type: ignore[union-attr]


def test_fieller_limits_are_where_the_t_test_turns() -> None:
    cost, success = sample(80, 0.5)
    interval = cost_of_pass(cost=cost, success=success, method="fieller").interval
    assert interval is not None
    for limit in (interval.low, interval.high):
        differences = np.asarray(cost) - limit * np.asarray(success, dtype=float)
        assert stats.ttest_1samp(differences, 0).pvalue == pytest.approx(0.05)


def test_fieller_is_unbounded_when_the_rate_may_be_zero() -> None:
    result = cost_of_pass(cost=[1.0, 2.0] * 20, success=[1, 0, 0, 0] + [0] * 36, method="fieller")
    assert result.interval is not None
    assert result.interval.high == math.inf
    assert result.value == 60
    differences = np.asarray([1.0, 2.0] * 20) - result.interval.low * np.asarray([1.0] + [0.0] * 39)
    assert stats.ttest_1samp(differences, 0).pvalue == pytest.approx(0.05)


def test_no_success_is_infinite_with_a_lower_bound() -> None:
    result = cost_of_pass(cost=[1.0, 2.0, 3.0], success=[0, 0, 0])
    upper_rate = stats.beta.ppf(0.95, 1, 3)
    assert result.value == math.inf
    assert result.lower_bound == pytest.approx(2 / upper_rate)
    assert result.interval == (result.lower_bound, math.inf, 0.95, result.method)
    assert result.success_rate == 0


def test_no_success_in_clusters_counts_each_cluster_once() -> None:
    apart = cost_of_pass(cost=[1.0] * 4, success=[0] * 4)
    together = cost_of_pass(cost=[1.0] * 4, success=[0] * 4, clusters=["a", "a", "b", "b"])
    assert together.lower_bound == pytest.approx(1 / stats.beta.ppf(0.95, 1, 2))
    assert together.lower_bound is not None
    assert apart.lower_bound is not None
    assert together.lower_bound < apart.lower_bound


def test_all_successes_cost_the_mean_and_keep_the_doubt_about_the_rate() -> None:
    result = cost_of_pass(cost=[2.0] * 100, success=[1] * 100)
    assert result.value == 2
    assert result.interval is not None
    assert result.success_rate_interval is not None
    assert result.interval.low == 2
    assert result.interval.high == pytest.approx(2 / result.success_rate_interval.low)
    assert result.method == "log-delta, rate by Wilson"


def test_all_successes_in_clusters_count_each_cluster_once() -> None:
    result = cost_of_pass(cost=[2.0] * 100, success=[1] * 100, clusters=[item // 5 for item in range(100)])
    assert result.interval is not None
    # The lower Wilson limit at 20 of 20 is n / (n + z^2).
    assert result.interval.high == pytest.approx(2 * (20 + Z**2) / 20)


def test_no_attempts_are_unknown() -> None:
    result = cost_of_pass(cost=[], success=[])
    assert (result.value, result.interval, result.lower_bound, result.method) == (None, None, None, "no attempts")


def test_an_unknown_cost_makes_the_value_unknown_with_a_lower_bound() -> None:
    result = cost_of_pass(cost=[1.0, None, 3.0], success=[1, 1, 0])
    assert (result.value, result.interval, result.method) == (None, None, "unknown cost")
    assert result.lower_bound == 2.0
    assert result.success_rate == pytest.approx(2 / 3)


def test_an_unknown_outcome_makes_the_value_unknown_with_a_lower_bound() -> None:
    result = cost_of_pass(cost=[1.0, 2.0, 3.0], success=[1, None, 0])
    assert (result.value, result.lower_bound, result.method) == (None, 3.0, "unknown outcome")
    assert result.success_rate is None


def test_free_answers_cost_nothing() -> None:
    result = cost_of_pass(cost=[0] * 40, success=[1, 0] * 20)
    assert result.value == 0
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == (0, 0)


def test_clusters_of_one_item_change_nothing() -> None:
    cost, success = sample(60, 0.6)
    plain = cost_of_pass(cost=cost, success=success)
    clustered = cost_of_pass(cost=cost, success=success, clusters=list(range(60)))
    assert plain.interval is not None
    assert clustered.interval is not None
    assert clustered.interval[:2] == pytest.approx(plain.interval[:2])
    assert clustered.method == "log-delta, clustered"


@pytest.mark.parametrize("method", ["log-delta", "bootstrap", "fieller"])
def test_repeating_each_item_does_not_narrow_a_clustered_interval(method: str) -> None:
    cost, success = sample(60, 0.6)
    once = cost_of_pass(cost=cost, success=success, method=method)
    thrice = cost_of_pass(cost=cost * 3, success=success * 3, clusters=list(range(60)) * 3, method=method)
    assert once.interval is not None
    assert thrice.interval is not None
    assert thrice.interval[:2] == pytest.approx(once.interval[:2])


def test_few_clusters_have_no_interval() -> None:
    cost, success = sample(60, 0.6)
    result = cost_of_pass(cost=cost, success=success, clusters=[item % 9 for item in range(60)])
    assert (result.interval, result.method) == (None, "too few groups")
    assert result.value == pytest.approx(sum(cost) / sum(success))


def test_one_item_has_no_spread_to_speak_of() -> None:
    assert cost_of_pass(cost=[1], success=[1], method="log-delta").interval is None
    result = cost_of_pass(cost=[1], success=[1])
    assert (result.value, result.method) == (1, "bootstrap, rate by Wilson")


@settings(max_examples=60, deadline=None)
@given(
    items=st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), min_size=1, max_size=60),
    method=st.sampled_from(["auto", "log-delta", "bootstrap", "fieller"]),
    factor=st.sampled_from([0.5, 2.0, 1024.0]),
)
def test_intervals_hold_the_value_and_scale_with_the_prices(
    items: list[tuple[int, bool]], method: str, factor: float
) -> None:
    cost, success = [c / 1024 for c, _ in items], [s for _, s in items]
    result = cost_of_pass(cost=cost, success=success, method=method, resamples=200)
    scaled = cost_of_pass(cost=[c * factor for c in cost], success=success, method=method, resamples=200)
    assert result.value is not None
    assert scaled.value == pytest.approx(result.value * factor)
    assert (scaled.interval is None) == (result.interval is None)
    if result.interval is not None and scaled.interval is not None:
        assert result.interval.low <= result.value <= result.interval.high
        assert scaled.interval[:2] == pytest.approx((result.interval.low * factor, result.interval.high * factor))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"cost": [-1], "success": [1]}, r"cost\[0\] is -1; it cannot be negative"),
        ({"cost": [math.nan], "success": [1]}, r"cost\[0\] is nan"),
        ({"cost": [1], "success": [0.5]}, r"success\[0\] is 0.5; a success is 0 or 1"),
        ({"cost": [1], "success": [math.nan]}, r"success\[0\] is nan"),
        ({"cost": [1], "success": [1], "method": "wald"}, "method is 'wald'; known are 'auto', 'log-delta'"),
        ({"cost": [1], "success": [1], "level": 1.5}, "level is 1.5"),
        ({"cost": [1], "success": [1], "resamples": 0}, "resamples is 0"),
        ({"cost": [1], "success": [1], "seed": -1}, "seed is -1"),
    ],
)
def test_cost_of_pass_refuses_what_cannot_be(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        cost_of_pass(**arguments)


def test_every_item_needs_a_cost_and_an_outcome() -> None:
    with pytest.raises(MismatchedShapes, match="cost has 2, success has 1"):
        cost_of_pass(cost=[1, 2], success=[1])
    with pytest.raises(MismatchedShapes, match="clusters has 1"):
        cost_of_pass(cost=[1, 2], success=[1, 0], clusters=["a"])


def test_totals_only_are_labelled_as_what_they_are() -> None:
    result = from_totals(total_cost="10", successes=5, n=20)
    rate = result.success_rate_interval
    assert result.value == 2
    assert rate is not None
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == pytest.approx((0.5 / rate.high, 0.5 / rate.low))
    assert "ignores cost variation" in result.interval.method


def test_totals_only_at_the_edges() -> None:
    assert from_totals(total_cost=1, successes=0, n=0).value is None
    never = from_totals(total_cost=6, successes=0, n=3)
    assert never.value == math.inf
    assert never.lower_bound == pytest.approx(2 / stats.beta.ppf(0.95, 1, 3))
    unknown = from_totals(total_cost=None, successes=1, n=3)
    assert (unknown.value, unknown.method) == (None, "unknown cost")
    neither = from_totals(total_cost=None, successes=0, n=3)
    assert (neither.value, neither.interval, neither.lower_bound) == (math.inf, None, None)
    with pytest.raises(InvalidArgument, match="successes is 4, more than n, 3"):
        from_totals(total_cost=1, successes=4, n=3)


TABLE: dict[str, dict[str, float | None]] = {
    "cheap": {"easy": 1.0, "hard": math.inf},
    "strong": {"easy": 3.0, "hard": 5.0},
}


def test_frontier_takes_the_cheapest_model_problem_by_problem() -> None:
    frontier = frontier_cost_of_pass(table=TABLE)
    assert frontier.per_problem == {"easy": 1.0, "hard": 5.0}
    assert frontier.set_by == {"easy": "cheap", "hard": "strong"}
    assert frontier.mean == 3.0


def test_frontier_reads_a_data_frame_of_problems_by_models() -> None:
    frame = pd.DataFrame({"cheap": [1.0, math.inf, math.nan], "strong": [3.0, 5.0, math.nan]}, index=["a", "b", "c"])
    frontier = frontier_cost_of_pass(table=frame)
    assert frontier.per_problem == {"a": 1.0, "b": 5.0, "c": None}
    assert frontier.mean is None


def test_a_problem_that_nobody_solves_needs_a_human() -> None:
    unsolved: dict[str, Any] = {"cheap": {"easy": 1, "hard": math.inf}}
    alone = frontier_cost_of_pass(table=unsolved)
    assert (alone.per_problem["hard"], alone.set_by["hard"], alone.mean) == (math.inf, None, math.inf)
    helped = frontier_cost_of_pass(table=unsolved, human="20")
    assert (helped.per_problem["hard"], helped.set_by["hard"], helped.mean) == (20.0, "human", 10.5)
    priced = frontier_cost_of_pass(table=unsolved, human={"easy": "0.5"})
    assert priced.per_problem == {"easy": 0.5, "hard": math.inf}


def test_an_unknown_cost_sets_no_frontier() -> None:
    partly = frontier_cost_of_pass(table={"a": {"p": None, "q": 1.0}, "b": {"p": 4.0}})
    assert partly.per_problem == {"p": 4.0, "q": 1.0}
    wholly = frontier_cost_of_pass(table={"a": {"p": None, "q": math.inf}})
    assert (wholly.per_problem["p"], wholly.mean) == (None, math.inf)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({}, "table is empty"),
        ({"a": {}}, "table holds no problem"),
        ({"a": {"p": -1}}, r"table\['a'\]\['p'\] is -1"),
        ({"a": {"p": math.nan}}, r"table\['a'\]\['p'\] is nan"),
    ],
)
def test_frontier_refuses_what_cannot_be(table: Any, named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        frontier_cost_of_pass(table=table)


def test_essentialness_is_the_share_that_a_model_saves() -> None:
    assert essentialness(table=TABLE, removed="cheap") == pytest.approx((4 - 3) / 4)
    assert essentialness(table=TABLE, removed="strong") == 1.0  # nobody else solves the hard problem
    assert essentialness(table=TABLE, removed="strong", human=21) == pytest.approx((11 - 3) / 11)
    assert essentialness(table=TABLE | {"idle": {"easy": 9.0, "hard": 9.0}}, removed="idle") == 0
    assert essentialness(table=TABLE, removed=["cheap", "strong"]) == 1.0
    assert essentialness(table={"a": {"p": 0}, "b": {"p": 0}}, removed="a") == 0


def test_essentialness_that_nobody_can_know() -> None:
    assert essentialness(table={"a": {"p": math.inf}, "b": {"p": math.inf}}, removed="a") is None
    assert essentialness(table={"a": {"p": 1, "q": 1}, "b": {"p": 2}}, removed="a") is None  # b never tried q
    with pytest.raises(InvalidArgument, match="removed names 'c'"):
        essentialness(table=TABLE, removed="c")


@pytest.mark.parametrize(
    ("rate", "target", "attempts", "capped"),
    [
        (0.5, 0.75, 2, 1.5),
        (0.5, 0.76, 3, 1.75),
        (0.9, 0.99, 2, 1.1),
        (1, 1, 1, 1),
        (0.3, 0, 0, 0),
        (0.2, 1, math.inf, 5),
    ],
)
def test_retries_by_hand(rate: float, target: float, attempts: float, capped: float) -> None:
    result = retries_to_success(cost_per_attempt=1, success_rate=rate, target=target)
    assert result.attempts == attempts
    assert result.expected_cost_capped == pytest.approx(capped)
    assert result.expected_cost == pytest.approx(1 / rate)


def test_retries_that_never_succeed() -> None:
    result = retries_to_success(cost_per_attempt="0.1", success_rate=0, target=0.5)
    assert (result.attempts, result.expected_cost, result.expected_cost_capped) == (math.inf, math.inf, math.inf)
    assert retries_to_success(cost_per_attempt=1, success_rate=0, target=0).attempts == 0
    with pytest.raises(InvalidArgument, match=r"success_rate is 1\.2"):
        retries_to_success(cost_per_attempt=1, success_rate=1.2, target=0.5)


def test_retries_with_an_unknown_input_know_what_they_can() -> None:
    unpriced = retries_to_success(cost_per_attempt=None, success_rate=0.5, target=0.75)
    assert (unpriced.attempts, unpriced.expected_cost, unpriced.expected_cost_capped) == (2, None, None)
    unrated = retries_to_success(cost_per_attempt=1, success_rate=None, target=0.75)
    assert (unrated.attempts, unrated.expected_cost, unrated.expected_cost_capped) == (None, None, None)


@settings(deadline=None)
@given(rate=st.floats(0.01, 0.99), target=st.floats(0.01, 0.999))
def test_retries_are_the_least_that_reach_the_target(rate: float, target: float) -> None:
    attempts = retries_to_success(cost_per_attempt=1, success_rate=rate, target=target).attempts
    assert attempts is not None
    assert 1 - (1 - rate) ** attempts >= target - 1e-12
    assert attempts == 1 or 1 - (1 - rate) ** (attempts - 1) < target + 1e-12
