"""Cost of pass: the expected USD per correct answer, v = E[cost per attempt] / P(success).

After Erol et al. 2025, arXiv 2504.13359. Costs are USD and come out as float64: these are estimates, not sums of money.
"""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from economics._checks import FloatArray, Money, Number, count, exact, fraction, number, probability_level, same_length
from economics._ratio_limits import bootstrap_limits, fieller_limits, log_delta_limits
from economics.errors import InvalidArgument
from economics.interval import Interval
from economics.intervals import MIN_GROUPS, TOO_FEW_GROUPS, group_sums, proportion_interval
from economics.simulation import RESAMPLES, Simulation, simulation

if TYPE_CHECKING:
    from pandas import DataFrame

LOG_DELTA, BOOTSTRAP, FIELLER = "log-delta", "bootstrap", "fieller"
METHODS = ("auto", LOG_DELTA, BOOTSTRAP, FIELLER)
MIN_SUCCESSES, MIN_ITEMS = 5, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOfPass:
    """Expected USD per correct answer.

    value          USD; ``math.inf`` when nothing was solved; None without attempts, or with an unknown cost or outcome
    interval       USD; None when there is none, and ``method`` says why. Its ``high`` may be ``math.inf``
    lower_bound    USD, where there is no finite value: nothing solved (mean cost over the one-sided upper limit of the
                   success rate), or something unknown (known costs over the successes there could be). Else None
    success_rate   with its Wilson interval, which takes the items as independent even where clusters were given
    method         how the interval was made, or why there is none
    simulation     seed, resamples and input hash, where random numbers were drawn
    """

    value: float | None
    interval: Interval | None
    lower_bound: float | None
    success_rate: float | None
    success_rate_interval: Interval | None
    level: float
    method: str
    n: int
    successes: int
    simulation: Simulation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierCostOfPass:
    """The cheapest way to a correct answer, problem by problem.

    per_problem   USD; ``math.inf`` where nobody solves it; None where no model's cost of pass is known
    set_by        the model (or "human") that sets it; None where there is none
    mean          over the problems; infinite if one is, else None if one is unknown
    """

    per_problem: Mapping[Hashable, float | None]
    set_by: Mapping[Hashable, str | None]
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Trying again until a perfect checker says yes.

    attempts              smallest m with P(at least one success in m) >= target; ``math.inf`` if no m reaches it
    expected_cost         USD without a cap on attempts: c / p
    expected_cost_capped  USD when giving up after ``attempts``: c (1 - (1 - p)^m) / p

    None where the rate, or for the costs the cost per attempt, is unknown.
    """

    attempts: float | None
    expected_cost: float | None
    expected_cost_capped: float | None


def cost_of_pass(
    *,
    cost: Sequence[Money | None] | FloatArray,
    success: Sequence[Any] | FloatArray,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
    method: str = "auto",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> CostOfPass:
    """Return v = total cost / number of successes, with its interval.

    cost, success   one entry per item: USD of all its attempts, failed and retried ones too, and 0/1 (or a bool)
    clusters        one label per item: items that depend on each other (samples of one question) share a label
    method
      "log-delta"   r_i = (c_i - v s_i) / mean(s), se = sd(r) / sqrt(n) (ddof 1), interval v exp(-+ z se / v);
                    with clusters, r is summed by cluster before squaring, with the factor G / (G - 1)
      "bootstrap"   percentiles over resampled items (or clusters); draws without success count as infinite
      "fieller"     the v with |mean(c) - v mean(s)| <= t se of that; unbounded ("no upper limit", high = inf) when
                    mean(s)^2 <= t^2 var(mean s)
      "auto"        log-delta; the bootstrap below 5 successes or 30 items (or clusters)

    * No attempts: value None.
    * No success: value ``math.inf``; ``lower_bound`` = mean cost / U, U the one-sided Clopper-Pearson upper limit of
      the rate, 1 - (1 - level)^(1/n) (n = clusters, when given), and the interval reaches from there to infinity.
    * All successes: value = mean cost. The items show no failure, but the rate can still be below 1, so ``high`` is
      divided by the rate's lower Wilson limit (n = clusters, when given).
    * A cost or outcome that is None: the value is unknown, since the mean may move either way. ``lower_bound`` takes
      unknown costs as 0 and unknown outcomes as successes. (None of the items solved stays infinite.)
    * Below 10 clusters: no interval, "too few groups".

    :raises InvalidArgument: for negative or NaN costs, and outcomes other than 0 and 1.
    :raises MismatchedShapes: when the arguments differ in length.
    """
    level = probability_level(level)
    if method not in METHODS:
        raise InvalidArgument(f"method is {method!r}; known are {', '.join(map(repr, METHODS))}.")
    same_length({"cost": cost, "success": success})
    costs = [None if c is None else float(exact(c, name=f"cost[{i}]")) for i, c in enumerate(cost)]
    outcomes = [_outcome(s, name=f"success[{i}]") for i, s in enumerate(success)]
    n, successes, undecided = len(outcomes), outcomes.count(1), outcomes.count(None)
    if n == 0:
        return _no_interval(None, None, "no attempts", n=0, successes=0, level=level)
    spent = math.fsum(c for c in costs if c is not None)
    if successes == 0 and undecided == 0:
        columns = np.asarray([[c or 0.0, 0.0] for c in costs])
        groups = len(group_sums(columns=columns, clusters=clusters, name="cost"))
        return _never_solved(spent, n=n, groups=groups, level=level)
    if undecided or None in costs:
        words = "unknown cost" if None in costs else "unknown outcome"
        return _no_interval(
            None, spent / (successes + undecided), words, n=n, successes=successes, level=level, undecided=undecided
        )
    columns = np.column_stack([np.asarray(costs, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)])
    sums = group_sums(columns=columns, clusters=clusters, name="cost")
    value = spent / successes
    if clusters is not None and len(sums) < MIN_GROUPS:
        return _no_interval(value, None, TOO_FEW_GROUPS, n=n, successes=successes, level=level)
    if method == "auto":
        method = BOOTSTRAP if successes < MIN_SUCCESSES or len(sums) < MIN_ITEMS else LOG_DELTA
    if len(sums) < 2 and method != BOOTSTRAP:
        return _no_interval(value, None, "one item has no spread", n=n, successes=successes, level=level)
    drawn: Simulation | None = None
    if method == BOOTSTRAP:
        drawn = simulation(sums, seed=seed, resamples=resamples)
        low, high = bootstrap_limits(sums=sums, level=level, drawn_by=drawn)
    elif method == FIELLER:
        low, high = fieller_limits(sums=sums, value=value, level=level)
    else:
        low, high = log_delta_limits(sums=sums, value=value, n=n, level=level)
    words = method if clusters is None else f"{method}, clustered"
    least_rate = proportion_interval(successes=len(sums), n=len(sums), level=level)
    if successes == n and least_rate is not None:
        # Nothing failed, so the items cannot show how unsure the rate is; its own interval can. A cluster counts once.
        high /= least_rate.low
        words += ", rate by Wilson"
    return CostOfPass(
        value=value,
        interval=Interval(min(low, value), max(high, value), level, words),
        lower_bound=None,
        success_rate=successes / n,
        success_rate_interval=proportion_interval(successes=successes, n=n, level=level),
        level=level,
        method=words,
        n=n,
        successes=successes,
        simulation=drawn,
    )


def from_totals(*, total_cost: Money | None, successes: int, n: int, level: float = 0.95) -> CostOfPass:
    """Return the cost of pass when only totals are known: total cost / successes.

    The interval is mean cost / Wilson limits of the rate and is labelled "ignores cost variation": measured coverage
    of the nominal 95% is .57 to .94. Never present it as a full interval. No success and no attempts as in
    :func:`cost_of_pass`. Unknown total cost: value None (still infinite without success), and nothing bounds it.
    """
    level = probability_level(level)
    trials, hits = count(n, name="n"), count(successes, name="successes")
    rate = proportion_interval(successes=hits, n=trials, level=level)
    spent = None if total_cost is None else float(exact(total_cost, name="total_cost"))
    if rate is None:
        return _no_interval(None, None, "no attempts", n=0, successes=0, level=level)
    if spent is None:
        return _no_interval(None if hits else math.inf, None, "unknown cost", n=trials, successes=hits, level=level)
    if hits == 0:
        return _never_solved(spent, n=trials, groups=trials, level=level)
    words = "wilson, ignores cost variation"
    mean_cost = spent / trials
    return CostOfPass(
        value=spent / hits,
        interval=Interval(mean_cost / rate.high, mean_cost / rate.low, level, words),
        lower_bound=None,
        success_rate=hits / trials,
        success_rate_interval=rate,
        level=level,
        method=words,
        n=trials,
        successes=hits,
    )


def frontier_cost_of_pass(
    *,
    table: "Mapping[str, Mapping[Any, Number | None]] | DataFrame",
    human: Money | Mapping[Any, Money] | None = None,
) -> FrontierCostOfPass:
    """Return, per problem, the least cost of pass over the models (and a human), and its mean over the problems.

    table   model -> {problem: USD}, or a DataFrame with problems as rows and models as columns. ``math.inf``: tried
            and never solved. None, NaN in a DataFrame, or an absent problem: unknown; such an entry sets no frontier
    human   USD for which a person solves a problem: one price for all, or one per problem

    A problem that nobody solves is infinite, and then so is the mean. Ties go to the model named first.
    :raises InvalidArgument: for an empty table or a negative entry.
    """
    models = _models(table)
    problems = list(dict.fromkeys(problem for column in models.values() for problem in column))
    if not problems:
        raise InvalidArgument("table holds no problem; give model -> {problem: USD}.")
    per_problem: dict[Hashable, float | None] = {}
    set_by: dict[Hashable, str | None] = {}
    for problem in problems:
        offers = [(usd, model) for model, column in models.items() if (usd := column.get(problem)) is not None]
        human_usd = human.get(problem) if isinstance(human, Mapping) else human
        if human_usd is not None:
            offers.append((float(exact(human_usd, name="human")), "human"))
        cheapest = min(offers, key=lambda offer: offer[0], default=None)
        per_problem[problem] = None if cheapest is None else cheapest[0]
        set_by[problem] = None if cheapest is None or math.isinf(cheapest[0]) else cheapest[1]
    values = list(per_problem.values())
    known = [value for value in values if value is not None]
    total = math.fsum(known)
    complete = len(known) == len(values) or math.isinf(total)
    return FrontierCostOfPass(per_problem=per_problem, set_by=set_by, mean=total / len(values) if complete else None)


def essentialness(
    *,
    table: "Mapping[str, Mapping[Any, Number | None]] | DataFrame",
    removed: str | Collection[str],
    human: Money | Mapping[Any, Money] | None = None,
) -> float | None:
    """Return what a model (or group) is worth to the rest: (F without it - F) / F without it, F the frontier's mean.

    0: removing it changes nothing. 1: without it a problem has no solution at all. None when unknown, or when both are
    infinite (give a human price to tell them apart).
    :raises InvalidArgument: for a name that the table does not hold.
    """
    models = _models(table)
    names = {removed} if isinstance(removed, str) else set(removed)
    for name in sorted(names - models.keys()):
        raise InvalidArgument(f"removed names {name!r}, which is not a model of table.")
    every_problem = dict.fromkeys(problem for column in models.values() for problem in column)
    # A problem stays in the mean when the only model that tried it leaves.
    rest = {name: column for name, column in models.items() if name not in names}
    # What nobody else has tried is then unknown; with nobody left at all it is unsolved.
    rest[""] = dict.fromkeys(every_problem, None if rest else math.inf)
    with_all = frontier_cost_of_pass(table=models, human=human).mean
    without = frontier_cost_of_pass(table=rest, human=human).mean
    if with_all is None or without is None or math.isinf(with_all):
        return None
    if math.isinf(without):
        return 1.0
    return 0.0 if without == 0 else (without - with_all) / without


def retries_to_success(*, cost_per_attempt: Money | None, success_rate: Number | None, target: Number) -> Retries:
    """Return how often to try, with a perfect checker and independent attempts, to succeed with P >= ``target``.

    attempts = ceil(ln(1 - target) / ln(1 - success_rate)). A rate of 0 never succeeds: all infinite (0 attempts for a
    target of 0). A target of 1 needs a rate of 1, else infinitely many. Cost in USD. Unknown in, unknown out.
    """
    wanted = fraction(target, name="target")
    usd = None if cost_per_attempt is None else float(exact(cost_per_attempt, name="cost_per_attempt"))
    if success_rate is None:
        return Retries(attempts=None, expected_cost=None, expected_cost_capped=None)
    rate = fraction(success_rate, name="success_rate")
    attempts = _attempts(rate, wanted)
    if usd is None:
        return Retries(attempts=attempts, expected_cost=None, expected_cost_capped=None)
    if rate == 0:
        return Retries(
            attempts=attempts, expected_cost=math.inf, expected_cost_capped=0.0 if attempts == 0 else math.inf
        )
    reached = 1.0 if math.isinf(attempts) else 1 - (1 - rate) ** attempts
    return Retries(attempts=attempts, expected_cost=usd / rate, expected_cost_capped=usd * reached / rate)


def _attempts(rate: float, target: float) -> float:
    if target == 0:
        return 0
    if rate == 1:
        return 1
    if target == 1 or rate == 0:
        return math.inf
    attempts = math.ceil(math.log1p(-target) / math.log1p(-rate))
    # 1 - 0.5^2 is 0.75, but the ratio of logarithms may come out a hair above 2.
    if attempts > 1 and 1 - (1 - rate) ** (attempts - 1) >= target * (1 - 1e-15):
        attempts -= 1
    return attempts


def _never_solved(spent: float, *, n: int, groups: int, level: float) -> CostOfPass:
    highest_rate = -math.expm1(math.log1p(-level) / groups)
    bound = spent / n / highest_rate
    words = "no success: one-sided Clopper-Pearson bound"
    return CostOfPass(
        value=math.inf,
        interval=Interval(bound, math.inf, level, words),
        lower_bound=bound,
        success_rate=0.0,
        success_rate_interval=proportion_interval(successes=0, n=n, level=level),
        level=level,
        method=words,
        n=n,
        successes=0,
    )


def _no_interval(
    value: float | None,
    lower_bound: float | None,
    words: str,
    *,
    n: int,
    successes: int,
    level: float,
    undecided: int = 0,
) -> CostOfPass:
    rated = n > 0 and undecided == 0
    return CostOfPass(
        value=value,
        interval=None,
        lower_bound=lower_bound,
        success_rate=successes / n if rated else None,
        success_rate_interval=proportion_interval(successes=successes, n=n, level=level) if rated else None,
        level=level,
        method=words,
        n=n,
        successes=successes,
    )


def _outcome(value: Any, *, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return int(value)
    outcome = number(value, name=name)
    if outcome not in (0.0, 1.0):
        raise InvalidArgument(f"{name} is {value!r}; a success is 0 or 1 (or a bool), None when it is not known.")
    return int(outcome)


def _models(table: Any) -> dict[str, dict[Any, float | None]]:
    columns = table.to_dict() if hasattr(table, "to_dict") else table
    if not isinstance(columns, Mapping) or not columns:
        raise InvalidArgument("table is empty or no mapping; give model -> {problem: USD}.")
    from_frame = columns is not table
    return {
        model: {problem: _cell(usd, model, problem, from_frame) for problem, usd in column.items()}
        for model, column in columns.items()
    }


def _cell(usd: Any, model: object, problem: object, from_frame: bool) -> float | None:
    if usd is None or (from_frame and math.isnan(usd)):
        return None
    if usd == math.inf:
        return math.inf
    return float(exact(usd, name=f"table[{model!r}][{problem!r}]"))
