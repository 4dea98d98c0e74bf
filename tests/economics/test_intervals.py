import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from economics.errors import InvalidArgument, MismatchedShapes
from economics.intervals import (
    bootstrap_mean,
    clustered_mean,
    holm,
    mcnemar_exact,
    paired_difference,
    proportion_interval,
)

Z = 1.959963984540054


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 10), (7, 10), (10, 10), (180, 225), (1, 1)])
@pytest.mark.parametrize(("method", "reference"), [("wilson", "wilson"), ("clopper-pearson", "beta")])
def test_proportion_interval_agrees_with_statsmodels(successes: int, n: int, method: str, reference: str) -> None:
    interval = proportion_interval(successes=successes, n=n, method=method)
    assert interval is not None
    low, high = proportion_confint(successes, n, alpha=0.05, method=reference)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)
    assert (interval.level, interval.method) == (0.95, method)


def test_wilson_by_hand_at_zero_of_ten() -> None:
    interval = proportion_interval(successes=0, n=10)
    assert interval is not None
    assert interval.low == 0
    assert interval.high == pytest.approx(Z**2 / (10 + Z**2))


def test_no_trials_or_unknown_counts_have_no_interval() -> None:
    assert proportion_interval(successes=0, n=0) is None
    assert proportion_interval(successes=None, n=10) is None
    assert proportion_interval(successes=1, n=None) is None


@settings(deadline=None)
@given(n=st.integers(1, 500), share=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_a_proportion_interval_holds_its_rate_and_stays_in_zero_to_one(n: int, share: float, level: float) -> None:
    successes = round(share * n)
    for method in ("wilson", "clopper-pearson"):
        interval = proportion_interval(successes=successes, n=n, level=level, method=method)
        assert interval is not None
        assert 0 <= interval.low <= successes / n <= interval.high <= 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"successes": 11, "n": 10}, "successes is 11, more than n, 10"),
        ({"successes": -1, "n": 10}, "successes is -1"),
        ({"successes": 1.5, "n": 10}, "successes is 1.5; give a whole number"),
        ({"successes": True, "n": 10}, "successes is True; give a whole number"),
        ({"successes": Decimal("Infinity"), "n": 10}, "successes is .*Infinity.*; give a whole number"),
        ({"successes": 1, "n": 10, "level": 95}, "level is 95"),
        ({"successes": 1, "n": 10, "level": 1}, "level is 1; it must lie strictly between"),
        ({"successes": 1, "n": 10, "level": math.nan}, "level is nan"),
        ({"successes": 1, "n": 10, "method": "wald"}, "method is 'wald'; known are 'wilson', 'clopper-pearson'"),
    ],
)
def test_proportion_interval_refuses_what_cannot_be(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        proportion_interval(**arguments)


def test_clustered_mean_by_hand() -> None:
    scores = [1, 1, 0, 0] * 5 + [1, 0, 1, 1] * 5
    clusters = [group for group in range(20) for _ in range(2)]
    result = clustered_mean(scores=scores, clusters=clusters)
    mean = sum(scores) / 40
    by_cluster = [scores[i] + scores[i + 1] - 2 * mean for i in range(0, 40, 2)]
    error = math.sqrt(sum(r * r for r in by_cluster)) / 40
    assert result.mean == mean
    assert result.standard_error == pytest.approx(error)
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == pytest.approx((mean - Z * error, mean + Z * error))
    assert (result.n, result.groups, result.method) == (40, 20, "normal, clustered")


def test_repeated_samples_of_one_question_do_not_make_the_mean_surer() -> None:
    questions = [1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0]
    once = clustered_mean(scores=questions)
    repeated = clustered_mean(scores=questions * 5, clusters=[*range(12)] * 5)
    assert repeated.mean == pytest.approx(once.mean)
    assert repeated.standard_error == pytest.approx(once.standard_error)


def test_below_ten_groups_there_is_no_normal_interval() -> None:
    result = clustered_mean(scores=[0, 1] * 9, clusters=[group for group in range(9) for _ in range(2)])
    assert (result.interval, result.method, result.groups) == (None, "too few groups", 9)
    assert result.mean == 0.5
    assert result.standard_error == 0
    assert clustered_mean(scores=[1.0, 2.0], clusters=["a", "a"]).standard_error is None


def test_no_scores_are_unknown() -> None:
    result = clustered_mean(scores=[])
    assert (result.mean, result.standard_error, result.interval, result.n) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("scores", "named"),
    [([1, math.nan], r"scores\[1\] is nan"), ([1, None], r"scores\[1\] is None"), (["a"], r"scores is \['a'\]")],
)
def test_a_mean_refuses_what_is_no_score(scores: Any, named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        clustered_mean(scores=scores)


def test_clusters_must_fit_the_scores() -> None:
    with pytest.raises(MismatchedShapes, match="scores has 2, clusters has 3"):
        clustered_mean(scores=[1, 2], clusters=[1, 2, 3])


def test_paired_difference_by_hand() -> None:
    a, b = [1.0] * 8 + [0.0] * 4, [1.0] * 5 + [0.5] * 7
    result = paired_difference(a=a, b=b)
    difference = np.subtract(a, b)
    error = difference.std(ddof=1) / math.sqrt(12)
    assert result.difference == pytest.approx(difference.mean())
    assert result.standard_error == pytest.approx(error)
    assert result.interval is not None
    assert result.interval.low == pytest.approx(difference.mean() - Z * error)
    assert result.p_method == "normal"
    assert result.p_value == pytest.approx(math.erfc(abs(difference.mean()) / error / math.sqrt(2)))


def test_paired_yes_no_scores_use_the_exact_test() -> None:
    a = [1] * 12 + [0] * 8
    b = [1] * 3 + [0] * 9 + [1] + [0] * 7
    result = paired_difference(a=a, b=b)
    assert (result.p_method, result.p_value) == ("mcnemar", mcnemar_exact(a_only=9, b_only=1))
    assert result.difference == pytest.approx(8 / 20)


def test_paired_difference_with_clusters() -> None:
    a, b = [1, 1, 0, 1] * 6, [0, 1, 0, 0] * 6
    clusters = [item // 2 for item in range(24)]
    result = paired_difference(a=a, b=b, clusters=clusters)
    assert result.standard_error == clustered_mean(scores=np.subtract(a, b), clusters=clusters).standard_error
    assert (result.groups, result.p_method, result.method) == (12, "normal", "normal, clustered")


def test_paired_difference_of_the_same_answers() -> None:
    result = paired_difference(a=[0.5] * 12, b=[0.5] * 12)
    assert (result.difference, result.standard_error, result.p_value) == (0, 0, 1)
    shifted = paired_difference(a=[0.75] * 12, b=[0.5] * 12)
    assert (shifted.difference, shifted.p_value) == (0.25, 0)


def test_paired_difference_of_few_items_says_so() -> None:
    result = paired_difference(a=[0.1, 0.9], b=[0.2, 0.3])
    assert (result.interval, result.p_value, result.method) == (None, None, "too few groups")
    single = paired_difference(a=[1], b=[0])
    assert (single.difference, single.standard_error, single.p_value) == (1, None, 1)
    assert paired_difference(a=[], b=[]).difference is None


def test_paired_difference_needs_the_same_items() -> None:
    with pytest.raises(MismatchedShapes, match="a has 2, b has 3"):
        paired_difference(a=[1, 0], b=[1, 0, 1])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=10, max_size=40))
def test_swapping_the_models_turns_the_difference_around(pairs: list[tuple[float, float]]) -> None:
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    there, back = paired_difference(a=a, b=b), paired_difference(a=b, b=a)
    assert there.difference == pytest.approx(-(back.difference or 0.0), abs=1e-15)
    assert there.interval is not None
    assert there.difference is not None
    assert there.interval.low <= there.difference <= there.interval.high


@pytest.mark.parametrize(("a_only", "b_only", "p"), [(0, 0, 1.0), (5, 5, 1.0), (5, 0, 0.0625), (1, 9, 22 / 1024)])
def test_mcnemar_by_hand(a_only: int, b_only: int, p: float) -> None:
    assert mcnemar_exact(a_only=a_only, b_only=b_only) == pytest.approx(p)


@settings(deadline=None)
@given(a_only=st.integers(0, 60), b_only=st.integers(0, 60))
def test_mcnemar_agrees_with_statsmodels(a_only: int, b_only: int) -> None:
    reference = mcnemar([[5, a_only], [b_only, 5]], exact=True).pvalue
    assert mcnemar_exact(a_only=a_only, b_only=b_only) == pytest.approx(reference, abs=1e-12)


def test_mcnemar_refuses_negative_counts() -> None:
    with pytest.raises(InvalidArgument, match="b_only is -1"):
        mcnemar_exact(a_only=1, b_only=-1)


def test_holm_by_hand() -> None:
    assert holm(p_values=[0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(p_values=[]) == []
    with pytest.raises(InvalidArgument, match=r"p_values\[1\] is 1.5"):
        holm(p_values=[0.5, 1.5])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values=p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist(), abs=1e-12)


def test_bootstrap_mean_is_repeatable_and_near_the_normal_interval() -> None:
    scores = np.random.default_rng(3).normal(10, 2, 400)
    first = bootstrap_mean(scores=scores, seed=5)
    assert first == bootstrap_mean(scores=scores, seed=5)
    assert first.interval != bootstrap_mean(scores=scores, seed=6).interval
    normal = clustered_mean(scores=scores).interval
    assert first.interval is not None
    assert normal is not None
    assert (first.interval.low, first.interval.high) == pytest.approx((normal.low, normal.high), abs=0.03)
    assert first.simulation is not None
    assert (first.simulation.seed, first.simulation.resamples) == (5, 2000)


def test_bootstrap_mean_resamples_clusters_whole() -> None:
    scores = [0.0] * 50 + [1.0] * 50
    apart = bootstrap_mean(scores=scores).interval
    together = bootstrap_mean(scores=scores, clusters=[item // 25 for item in range(100)]).interval
    assert apart is not None
    assert together is not None
    assert (together.low, together.high) == (0, 1)
    assert 0.35 < apart.low < apart.high < 0.65


def test_bootstrap_mean_of_one_item_has_no_interval() -> None:
    assert bootstrap_mean(scores=[]).mean is None
    alone = bootstrap_mean(scores=[2.0])
    assert (alone.mean, alone.interval) == (2.0, None)
