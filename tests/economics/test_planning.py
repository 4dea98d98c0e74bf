"""Sample sizes, detectable differences, and stopping rules that stay valid at every look."""

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln
from scipy.stats import norm

from economics.errors import InvalidArgument
from economics.planning import (
    confidence_sequence,
    design_effect,
    detectable_difference,
    difference_sequence,
    evalue_paired,
    n_mcnemar,
    n_paired,
    n_unpaired,
    repeats_per_question,
)

# The same examples every time, and no stopwatch: a slow machine fails no test.
steady = settings(deadline=None, derandomize=True)


def test_n_unpaired_of_eighty_against_seventy_percent() -> None:
    assert n_unpaired(p1=0.8, p2=0.7) == 294
    assert n_unpaired(p1=0.7, p2=0.8) == 294


def test_n_paired_for_three_points() -> None:
    assert n_paired(omega2=1 / 9, delta=0.03) == 969
    assert n_paired(omega2=1 / 9, delta=-0.03) == 969
    assert n_paired(omega2=0, delta=0.03) == 1  # not even chance differs: one question shows it


def test_n_paired_counts_noise_within_questions_by_repeats() -> None:
    # 1/9 + (1/6)/2 + (1/6)/3 = 1/4; (1.959964 + 0.841621)^2 / 4 / 0.05^2 = 784.9
    assert n_paired(omega2=1 / 9, delta=0.05, within_a=1 / 6, within_b=1 / 6, repeats_a=2, repeats_b=3) == 785


def test_n_mcnemar_of_eighty_against_seventy_percent() -> None:
    result = n_mcnemar(p_a=0.8, p_b=0.7, correlation=0.5)
    assert result.pairs == 153
    # psi = .8 x .3 + .7 x .2 - 2 x .5 x sqrt(.16 x .21)
    assert result.discordant_share == pytest.approx(0.38 - math.sqrt(0.0336))
    assert result.discordant == pytest.approx(153 * result.discordant_share)


def test_n_mcnemar_without_correlation_needs_more_pairs() -> None:
    assert n_mcnemar(p_a=0.8, p_b=0.7, correlation=0.0).pairs == 296


def test_detectable_difference_of_225_items_is_eight_points() -> None:
    assert detectable_difference(n=225, omega2=0.19) == pytest.approx(0.0814, abs=5e-5)
    assert round(100 * detectable_difference(n=225, omega2=0.19)) == 8


def test_detectable_difference_inverts_n_paired() -> None:
    assert detectable_difference(n=969, omega2=1 / 9) <= 0.03 < detectable_difference(n=968, omega2=1 / 9)


def test_design_effect_of_five_alike_questions() -> None:
    assert design_effect(cluster_size=5, icc=0.2) == pytest.approx(1.8)
    assert design_effect(cluster_size=1, icc=0.9) == 1.0
    assert detectable_difference(n=225 / design_effect(cluster_size=5, icc=0.2), omega2=0.19) == pytest.approx(
        detectable_difference(n=125, omega2=0.19)
    )


def test_repeats_balance_the_cost_of_questions_and_samples() -> None:
    # sqrt(9 x 0.2 / (1 x 0.05)) = 6
    assert repeats_per_question(within=0.2, omega2=0.05, cost_per_repeat=1, cost_per_question=9) == 6


@pytest.mark.parametrize(("cost_per_question", "repeats"), [(1.4, 2), (1.6, 3)])
def test_repeats_between_two_whole_numbers_take_the_cheaper(cost_per_question: float, repeats: int) -> None:
    # The optimum is 2.37 and 2.53. Cost x variance for 2 and 3 repeats: .510 and .513, then .540 and .537.
    arguments = {"within": 0.2, "omega2": 0.05, "cost_per_repeat": 1}
    assert repeats_per_question(**arguments, cost_per_question=cost_per_question) == repeats


def test_repeats_are_one_when_questions_cost_nothing_to_add() -> None:
    assert repeats_per_question(within=0.2, omega2=0.05, cost_per_repeat=1, cost_per_question=0) == 1


def test_evalue_by_hand() -> None:
    # b = 2, c = 0: B(2.5, .5) / B(.5, .5) x 4 = (3/8) x 4
    assert evalue_paired(a_only=2, b_only=0) == pytest.approx(1.5)
    assert evalue_paired(a_only=0, b_only=0) == 1.0
    # A flat prior: B(1 + 3, 1 + 1) / B(1, 1) x 16 = 16 / 20
    assert evalue_paired(a_only=3, b_only=1, prior=1.0) == pytest.approx(0.8)


def test_evalue_calls_a_difference_at_twenty() -> None:
    assert evalue_paired(a_only=6, b_only=0) == pytest.approx(64 * 231 / 1024)  # 14.4: go on
    assert evalue_paired(a_only=7, b_only=0) == pytest.approx(128 * 429 / 2048)  # 26.8: stop


def test_evalue_beyond_floats_is_infinite() -> None:
    assert evalue_paired(a_only=5000, b_only=0) == math.inf


def test_decimals_and_whole_floats_are_numbers_too() -> None:
    assert n_unpaired(p1=Decimal("0.8"), p2=0.7) == 294
    assert n_mcnemar(p_a=Decimal("0.8"), p_b=Decimal("0.7"), correlation=Decimal("0.5")).pairs == 153
    assert n_paired(omega2=Decimal(1) / 9, delta=Decimal("0.03"), repeats_a=2) == 969
    assert design_effect(cluster_size=5, icc=Decimal("0.2")) == pytest.approx(1.8)
    assert evalue_paired(a_only=np.float64(2.0), b_only=0) == pytest.approx(1.5)  # type: ignore[arg-type]
    expected = confidence_sequence(successes=5, n=10)
    assert confidence_sequence(successes=np.int64(5), n=10, alpha=Decimal("0.05")) == expected  # type: ignore[arg-type]


@steady
@given(st.integers(0, 30))
def test_evalue_has_mean_one_without_a_difference(n: int) -> None:
    mean = sum(math.comb(n, b) * 0.5**n * evalue_paired(a_only=b, b_only=n - b) for b in range(n + 1))
    assert mean == pytest.approx(1.0)


@steady
@given(st.integers(0, 200), st.integers(0, 200))
def test_evalue_does_not_care_which_model_is_named_first(b: int, c: int) -> None:
    assert evalue_paired(a_only=b, b_only=c) == evalue_paired(a_only=c, b_only=b)


def excess(p: float, k: int, n: int, alpha: float, prior: float) -> float:
    mixture = betaln(k + prior, n - k + prior) - betaln(prior, prior)
    return float(mixture) - k * math.log(p) - (n - k) * math.log(1 - p) - math.log(1 / alpha)


def test_confidence_sequence_ends_solve_the_equation() -> None:
    result = confidence_sequence(successes=50, n=100)
    assert result[:2] == pytest.approx((0.33825755, 0.66174245), abs=1e-8)
    assert result[2:] == (0.95, "beta-binomial confidence sequence")
    for end in result[:2]:
        assert excess(end, 50, 100, 0.05, 0.5) == pytest.approx(0.0, abs=1e-9)


def test_confidence_sequence_reaches_the_border_at_no_and_all_successes() -> None:
    none, every = confidence_sequence(successes=0, n=10), confidence_sequence(successes=10, n=10)
    # 10 log(1 - p) = log(alpha B(.5, 10.5) / B(.5, .5))
    assert none.low == 0.0
    assert none.high == pytest.approx(1 - (0.05 * math.exp(betaln(0.5, 10.5) - betaln(0.5, 0.5))) ** 0.1, rel=1e-9)
    assert (every.low, every.high) == pytest.approx((1 - none.high, 1.0))


def test_confidence_sequence_before_the_first_answer_is_everything() -> None:
    assert confidence_sequence(successes=0, n=0)[:2] == (0.0, 1.0)


def test_confidence_sequence_of_a_million_answers_is_narrow() -> None:
    result = confidence_sequence(successes=999_999, n=1_000_000)
    assert 0.99998 < result.low < 0.999999 < result.high < 1.0


@steady
@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.001, 0.5))
def test_confidence_sequence_contains_the_rate(counts: tuple[int, int], alpha: float) -> None:
    k, n = counts
    result = confidence_sequence(successes=k, n=n, alpha=alpha)
    assert 0.0 <= result.low <= k / n <= result.high <= 1.0
    wider = confidence_sequence(successes=k, n=n, alpha=alpha / 2)
    assert wider.low <= result.low
    assert wider.high >= result.high


def test_difference_sequence_subtracts_the_ends() -> None:
    result = difference_sequence(a_only=70, b_only=25, n=500)
    a = confidence_sequence(successes=70, n=500, alpha=0.025)
    b = confidence_sequence(successes=25, n=500, alpha=0.025)
    assert result[:3] == (a.low - b.high, a.high - b.low, 0.95)
    assert result.low < 45 / 500 < result.high


def test_difference_sequence_when_no_question_is_solved_alike() -> None:
    assert difference_sequence(a_only=6, b_only=4, n=10).high > 0.2


def test_looking_after_every_item_keeps_the_false_alarm_rate() -> None:
    # Two equal models (rate .75, correlation .5, so a discordant share of .1875), looked at after each of 500 items. An
    # ordinary z test looked at every 10 items cries wolf several times as often as its nominal 5%.
    rng = np.random.default_rng(11)
    u = rng.random((400, 500))
    a_only = np.cumsum(u < 0.09375, axis=1)
    b_only = np.cumsum((u >= 0.09375) & (u < 0.1875), axis=1)
    log_e = betaln(0.5 + a_only, 0.5 + b_only) - betaln(0.5, 0.5) + (a_only + b_only) * math.log(2)
    assert math.exp(log_e[3, 499]) == pytest.approx(
        evalue_paired(a_only=int(a_only[3, 499]), b_only=int(b_only[3, 499]))
    )
    alarms = np.mean((log_e >= math.log(20)).any(axis=1))
    assert alarms <= 0.05
    discordant = np.maximum(a_only + b_only, 1)
    z = np.abs(a_only - b_only) / np.sqrt(discordant)
    assert np.mean((z[:, 9::10] > norm.isf(0.025)).any(axis=1)) > 0.15


def test_looking_after_every_item_finds_ten_points_early() -> None:
    # 0.8 against 0.7 with correlation 0.5: shares .1483 and .0483 of the items only A, only B solves.
    rng = np.random.default_rng(13)
    u = rng.random((1000, 500))
    both = 0.5 * math.sqrt(0.8 * 0.2 * 0.7 * 0.3)
    only_a, only_b = 0.8 * 0.3 - both, 0.7 * 0.2 - both
    b = np.cumsum(u < only_a, axis=1)
    c = np.cumsum((u >= only_a) & (u < only_a + only_b), axis=1)
    log_e = betaln(0.5 + b, 0.5 + c) - betaln(0.5, 0.5) + (b + c) * math.log(2)
    called = log_e >= math.log(20)
    stop = np.where(called.any(axis=1), called.argmax(axis=1) + 1, 500)
    assert called.any(axis=1).mean() == pytest.approx(0.99, abs=0.02)
    assert stop.mean() == pytest.approx(169, abs=12)


def test_confidence_sequence_covers_the_rate_at_every_look() -> None:
    rng = np.random.default_rng(12)
    k = np.cumsum(rng.random((300, 300)) < 0.8, axis=1)
    n = np.arange(1, 301)
    mixture = np.asarray(betaln(k + 0.5, n - k + 0.5) - betaln(0.5, 0.5), dtype=np.float64)
    outside = mixture - k * math.log(0.8) - (n - k) * math.log(0.2)
    missed = (outside > math.log(20)).any(axis=1)
    assert missed.mean() <= 0.05
    first = int(np.argmax(missed))
    look = int(np.argmax(outside[first] > math.log(20.0)))
    interval = confidence_sequence(successes=int(k[first, look]), n=look + 1)
    assert missed[first]
    assert not interval.low <= 0.8 <= interval.high


@steady
@given(st.floats(0.05, 0.95), st.floats(0.02, 0.4))
def test_pairing_with_positive_correlation_never_needs_more_questions(p: float, gap: float) -> None:
    other = p - gap
    if other <= 0.02:
        other = p + gap
    if not 0.02 < other < 0.98:
        return
    # At most the correlation that nested successes allow.
    low, high = min(p, other), max(p, other)
    most = (low - low * high) / math.sqrt(low * (1 - low) * high * (1 - high))
    sizes = [n_mcnemar(p_a=p, p_b=other, correlation=share * most).pairs for share in (0.0, 0.5, 0.99)]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: n_unpaired(p1=0.7, p2=0.7), r"p1 and p2 are both 0\.7"),
        (lambda: n_unpaired(p1=80, p2=70), "p1 is 80"),
        (lambda: n_unpaired(p1=math.nan, p2=0.7), "p1 is nan"),
        (lambda: n_unpaired(p1=None, p2=0.7), "p1 is None"),  # type: ignore[arg-type]
        (lambda: evalue_paired(a_only=1.5, b_only=0), "a_only is 1.5; give a whole number"),  # type: ignore[arg-type]
        (lambda: n_unpaired(p1=0.8, p2=0.7, alpha=5), "alpha is 5"),
        (lambda: n_unpaired(p1=0.8, p2=0.7, power=1.0), r"power is 1\.0"),
        (lambda: n_paired(omega2=1 / 9, delta=0.0), r"delta is 0\.0"),
        (lambda: n_paired(omega2=-1, delta=0.03), "omega2 is -1"),
        (lambda: n_paired(omega2=1 / 9, delta=0.03, repeats_a=0), "repeats_a is 0"),
        (lambda: n_mcnemar(p_a=0.7, p_b=0.7, correlation=0.5), r"p_a and p_b are both 0\.7"),
        (lambda: n_mcnemar(p_a=0.9, p_b=0.1, correlation=0.9), r"correlation is 0\.9"),
        # A quarter-share each that only one solves would leave less than nothing that neither solves.
        (lambda: n_mcnemar(p_a=0.9, p_b=0.8, correlation=-0.5), r"correlation is -0\.5"),
        (lambda: n_mcnemar(p_a=0.5, p_b=0.6, correlation=math.nan), "correlation is nan"),
        (lambda: detectable_difference(n=0, omega2=0.19), "n is 0"),
        (lambda: detectable_difference(n=10, omega2=math.nan), "omega2 is nan"),
        (lambda: design_effect(cluster_size=0.5, icc=0.1), r"cluster_size is 0\.5"),
        (lambda: design_effect(cluster_size=5, icc=-0.5), r"icc is -0\.5"),
        (lambda: repeats_per_question(within=1, omega2=0, cost_per_repeat=1, cost_per_question=1), "omega2 is 0"),
        (lambda: evalue_paired(a_only=-1, b_only=0), "a_only is -1"),
        (lambda: evalue_paired(a_only=1, b_only=0, prior=0), "prior is 0"),
        (lambda: confidence_sequence(successes=11, n=10), "successes is 11 of n 10"),
        (lambda: confidence_sequence(successes=1, n=10, alpha=0), "alpha is 0"),
        (lambda: difference_sequence(a_only=6, b_only=6, n=10), "a_only 6 plus b_only 6 exceeds n 10"),
    ],
)
def test_bad_plans_are_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        call()
