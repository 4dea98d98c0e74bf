"""How many questions an evaluation needs, what it can detect, and when it may stop early.

Differences and rates are shares (0.03 is three points). ``alpha`` is two-sided. Sample sizes are whole numbers, rounded
up. The two stopping rules stay valid however often one looks; an ordinary test does not (looking every 10 items up to
500 turns 5% false alarms into 31%). scipy is imported where it is needed: pages that only plan do not pay for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from economics._checks import Number, count, fraction, number, positive, probability_level
from economics.errors import InvalidArgument
from economics.interval import Interval

_LARGEST_EXPONENT = math.log(1.7e308)


@dataclass(frozen=True, slots=True)
class McNemarSize:
    """Items that a paired yes/no comparison needs.

    ``pairs``: questions that both models answer. ``discordant``: how many of them only one model is expected to solve
    (these alone carry information). ``discordant_share``: their share psi.
    """

    pairs: int
    discordant: float
    discordant_share: float


def n_unpaired(*, p1: Number, p2: Number, alpha: Number = 0.05, power: Number = 0.8) -> int:
    """Questions per arm to tell two success rates apart when each model answers its own questions.

    n = (z_a sqrt(2 p (1 - p)) + z_b sqrt(p1 q1 + p2 q2))^2 / (p1 - p2)^2, p the mean rate. 0.8 against 0.7: 294 each.
    Equal rates raise ``InvalidArgument``: no number of questions shows a difference that is not there.
    """
    first, second = fraction(p1, name="p1"), fraction(p2, name="p2")
    difference = _nonzero_difference(first, second, names=("p1", "p2"))
    mean = (first + second) / 2.0
    spread = _z_alpha(alpha) * math.sqrt(2.0 * mean * (1.0 - mean))
    spread += _z_power(power) * math.sqrt(first * (1.0 - first) + second * (1.0 - second))
    return _whole(spread**2 / difference**2)


def n_paired(
    *,
    omega2: Number,
    delta: Number,
    within_a: Number = 0.0,
    within_b: Number = 0.0,
    repeats_a: int = 1,
    repeats_b: int = 1,
    alpha: Number = 0.05,
    power: Number = 0.8,
) -> int:
    """Questions to detect a mean difference ``delta`` when both models answer the same questions.

    n = (z_{alpha/2} + z_beta)^2 (omega2 + within_a / repeats_a + within_b / repeats_b) / delta^2, with ``omega2`` the
    variance over questions of the difference of expected scores, ``within_*`` the mean variance of one model's score on
    a fixed question, ``repeats_*`` the samples per question. omega2 1/9 and delta 0.03: 969. Source: Miller 2024,
    arXiv 2411.00640, equation 9.
    """
    difference = number(delta, name="delta", low=-math.inf)
    if difference == 0.0:
        raise InvalidArgument(f"delta is {delta!r}; give the smallest difference that matters, such as 0.03.")
    variance = number(omega2, name="omega2")
    variance += number(within_a, name="within_a") / count(repeats_a, name="repeats_a", low=1)
    variance += number(within_b, name="within_b") / count(repeats_b, name="repeats_b", low=1)
    return _whole((_z_alpha(alpha) + _z_power(power)) ** 2 * variance / difference**2)


def n_mcnemar(
    *, p_a: Number, p_b: Number, correlation: Number, alpha: Number = 0.05, power: Number = 0.8
) -> McNemarSize:
    """Questions for McNemar's test when both models answer each of them once, right or wrong.

    n = (z_a sqrt(psi) + z_b sqrt(psi - d^2))^2 / d^2, d = p_a - p_b, psi the share of questions that only one model
    solves: psi = p_a q_b + p_b q_a - 2 ``correlation`` sqrt(p_a q_a p_b q_b). 0.8 against 0.7 with correlation 0.5:
    153, where unpaired arms need 294 each. A correlation that these rates cannot have raises ``InvalidArgument``.
    """
    a, b = fraction(p_a, name="p_a"), fraction(p_b, name="p_b")
    difference = _nonzero_difference(a, b, names=("p_a", "p_b"))
    covariance = number(correlation, name="correlation", low=-1.0, high=1.0)
    covariance *= math.sqrt(a * (1.0 - a) * b * (1.0 - b))
    only_a = a * (1.0 - b) - covariance
    only_b = b * (1.0 - a) - covariance
    both, neither = a - only_a, 1.0 - b - only_a
    if min(only_a, only_b, both, neither) < -1e-12:
        raise InvalidArgument(
            f"correlation is {correlation!r}, which success rates {p_a} and {p_b} cannot have; choose one nearer to 0."
        )
    psi = only_a + only_b
    spread = _z_alpha(alpha) * math.sqrt(psi) + _z_power(power) * math.sqrt(max(psi - difference**2, 0.0))
    pairs = _whole(spread**2 / difference**2)
    return McNemarSize(pairs=pairs, discordant=pairs * psi, discordant_share=psi)


def detectable_difference(*, n: Number, omega2: Number, alpha: Number = 0.05, power: Number = 0.8) -> float:
    """Smallest mean difference that ``n`` paired questions show with the given power.

    (z_{alpha/2} + z_beta) sqrt(omega2 / n). 225 questions with omega2 0.19: 0.081, so neighbours in a ranking stay
    untold. For clustered questions give n / ``design_effect``.
    """
    variance = number(omega2, name="omega2") / positive(n, name="n")
    return (_z_alpha(alpha) + _z_power(power)) * math.sqrt(variance)


def design_effect(*, cluster_size: Number, icc: Number) -> float:
    """1 + (m - 1) icc: by how much clusters of m alike questions inflate the variance; n_eff = n / design effect.

    ``icc`` is the correlation of two questions of one cluster; it cannot be below -1 / (m - 1).
    """
    others = number(cluster_size, name="cluster_size", low=1.0) - 1.0
    effect = 1.0 + others * number(icc, name="icc", low=-1.0, high=1.0)
    if effect < 0.0:
        raise InvalidArgument(f"icc is {icc!r}; give a correlation between -1 / (cluster_size - 1) and 1.")
    return effect


def repeats_per_question(*, within: Number, omega2: Number, cost_per_repeat: Number, cost_per_question: Number) -> int:
    """Samples per question that buy the most precision for the money: K = sqrt(c_Q s^2 / (c_K omega^2)), at least 1.

    ``within``: variance of repeated answers to one question; ``omega2``: variance over questions; the costs are for one
    more sample of a known question and for adding a question, in one currency. A question that costs nothing to add
    means K = 1: new questions beat repeats. K is the whole neighbour of the optimum with the lower cost times variance.
    """
    inside, between = number(within, name="within"), positive(omega2, name="omega2")
    repeat = positive(cost_per_repeat, name="cost_per_repeat")
    question = number(cost_per_question, name="cost_per_question")
    best = max(1.0, math.sqrt(question * inside / (repeat * between)))

    def cost_times_variance(repeats: int) -> float:
        return (question + repeats * repeat) * (between + inside / repeats)

    return min((math.floor(best), math.ceil(best)), key=cost_times_variance)


def evalue_paired(*, a_only: int, b_only: int, prior: Number = 0.5) -> float:
    """Evidence that two models differ, from the questions only one of them solved; valid at every look.

    e = B(prior + a_only, prior + b_only) / B(prior, prior) x 2^(a_only + b_only). Under "no difference" its mean is 1
    at any stopping time, so calling a difference at e >= 1 / alpha is wrong in at most a share alpha of comparisons
    (Ville's inequality). The order of questions must be random and fixed before the run. No discordant question: 1.
    Returns ``inf`` beyond the range of floats. Source: Robbins 1970; Howard et al. 2021.
    """
    a, b, weight = count(a_only, name="a_only"), count(b_only, name="b_only"), positive(prior, name="prior")
    from scipy.special import betaln

    log_e = float(betaln(weight + a, weight + b) - betaln(weight, weight)) + (a + b) * math.log(2.0)
    return math.exp(log_e) if log_e < _LARGEST_EXPONENT else math.inf


def confidence_sequence(*, successes: int, n: int, alpha: Number = 0.05, prior: Number = 0.5) -> Interval:
    """Interval for a success rate that holds at every n at once, with probability at least 1 - alpha.

    {p: log B(k + prior, n - k + prior) - log B(prior, prior) - k log p - (n - k) log(1 - p) <= log(1 / alpha)}, found
    by root search. Wider than Wilson's interval at one n, but looking after every answer is allowed. n = 0: all of [0,
    1].
    """
    hits, answers = count(successes, name="successes"), count(n, name="n")
    if hits > answers:
        raise InvalidArgument(f"successes is {hits} of n {answers}; there cannot be more successes than answers.")
    risk, weight = probability_level(alpha, name="alpha"), positive(prior, name="prior")
    low = _lower_end(hits, answers, risk, weight)
    high = 1.0 - _lower_end(answers - hits, answers, risk, weight)
    return Interval(low, high, 1.0 - risk, "beta-binomial confidence sequence")


def difference_sequence(*, a_only: int, b_only: int, n: int, alpha: Number = 0.05, prior: Number = 0.5) -> Interval:
    """Interval for rate(A) - rate(B) on the same questions that holds at every n at once.

    The difference is P(only A) - P(only B); each gets a ``confidence_sequence`` at alpha / 2 and the ends are
    subtracted, which is valid by the union bound and somewhat wide. Stop for "no relevant difference" when it lies
    inside plus or minus the smallest effect of interest.
    """
    a, b, shared = count(a_only, name="a_only"), count(b_only, name="b_only"), count(n, name="n")
    if a + b > shared:
        raise InvalidArgument(f"a_only {a} plus b_only {b} exceeds n {shared}; n counts every shared question.")
    risk = probability_level(alpha, name="alpha")
    of_a = confidence_sequence(successes=a, n=shared, alpha=risk / 2.0, prior=prior)
    of_b = confidence_sequence(successes=b, n=shared, alpha=risk / 2.0, prior=prior)
    return Interval(of_a.low - of_b.high, of_a.high - of_b.low, 1.0 - risk, "difference of confidence sequences")


def _lower_end(successes: int, n: int, alpha: float, prior: float) -> float:
    """Lower end of the confidence sequence; the upper end is that of the failures, seen from 1."""
    if successes == 0:
        return 0.0
    from scipy.optimize import brentq
    from scipy.special import betaln, xlogy

    mixture = float(betaln(successes + prior, n - successes + prior) - betaln(prior, prior)) + math.log(alpha)

    def excess(p: float) -> float:
        """Above 0 outside the set, below 0 inside; falls as p rises to the observed rate."""
        return mixture - float(xlogy(successes, p)) - float(xlogy(n - successes, 1.0 - p))

    return float(brentq(excess, 1e-300, successes / n, xtol=1e-15))


def _z_alpha(alpha: Number) -> float:
    return -NormalDist().inv_cdf(probability_level(alpha, name="alpha") / 2.0)


def _z_power(power: Number) -> float:
    return NormalDist().inv_cdf(probability_level(power, name="power"))


def _whole(n: float) -> int:
    # An exact result such as 100.00000000000001 is 100, not 101.
    return max(1, math.ceil(n - 1e-9 * n))


def _nonzero_difference(first: float, second: float, *, names: tuple[str, str]) -> float:
    if first == second:
        raise InvalidArgument(
            f"{names[0]} and {names[1]} are both {first!r}; name the smallest difference that matters, since no number "
            "of questions shows a difference of 0."
        )
    return first - second
