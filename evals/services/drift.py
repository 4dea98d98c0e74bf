"""Whether a run differs from an earlier one by more than chance: pass rate, cost, latency.

A rule that looks every day would cry wolf every twentieth day at 95%. So each look spends an equal share of the rule's
rate of false alarms: with 5% in 30 looks, p must fall below 0.05 / 30 (Bonferroni; the looks share their baseline, and
the bound holds for dependent ones). The interval that is shown has the same level, so it excludes zero when p does.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from economics.intervals import normal_quantile, paired_difference
from economics.order_statistics import quantile_interval
from evals.models import Attempt, Run, RunSample
from evals.selectors import LAG_LIMIT_MS, run_summary

LOOKS = 30
FEWEST_ITEMS = 10
FEWEST_CALLS = 20
FEWEST_CALLS_P90 = 50


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a look found. ``words`` hold difference, interval, n and p; ``p_value`` is None where there is no test."""

    is_alarm: bool
    words: str
    title: str = ""
    p_value: float | None = None


def compare_scores(run: Run, baseline: Run, *, rate: float) -> Comparison:
    """Pass rates on the items that both answered: exact McNemar, or over the items' means when they were repeated."""
    now, then = _outcomes(run), _outcomes(baseline)
    shared = sorted(now.keys() & then.keys())
    if len(shared) < FEWEST_ITEMS:
        return Comparison(False, f"Only {len(shared)} items were answered in both runs; {FEWEST_ITEMS} are needed.")
    alpha = rate / LOOKS
    found = paired_difference(a=[now[key] for key in shared], b=[then[key] for key in shared], level=1 - alpha)
    difference, p_value = found.difference or 0.0, found.p_value
    interval = "" if found.interval is None else (
        f" ({1 - alpha:.2%} interval {_points(found.interval.low)} to {_points(found.interval.high)})"
    )  # fmt: skip
    test = "exact McNemar" if found.p_method == "mcnemar" else "paired, normal"
    before, after = (sum(side[key] for key in shared) / len(shared) for side in (then, now))
    words = (
        f"Pass rate {after:.1%} against {before:.1%} in the run it is compared with, on the same {len(shared)} items: "
        f"{_points(difference)} points{interval}; p {_p(p_value)} ({test}), alarm below {alpha:.4f}."
    )
    is_alarm = p_value is not None and p_value < alpha
    way = "fell" if difference < 0 else "rose"
    return Comparison(is_alarm, words, f"pass rate {way} from {before:.1%} to {after:.1%}", p_value)


def compare_costs(run: Run, baseline: Run, *, rate: float) -> Comparison:
    """Cost per correct answer, on the logarithm, with the errors of both runs; careful, as pairing is not used."""
    now, then = run_summary(run).cost_of_pass, run_summary(baseline).cost_of_pass
    values = [each.value if each else None for each in (now, then)]
    if now is None or then is None or any(value is None or not math.isfinite(value) or value <= 0 for value in values):
        return Comparison(False, "One of the two runs has no finite cost per correct answer.")
    errors = []
    for each in (now, then):
        if each.interval is None or not math.isfinite(each.interval.high) or each.interval.low <= 0:
            return Comparison(False, "One of the two costs has no interval with two ends.")
        errors.append(math.log(each.interval.high / each.interval.low) / 2 / normal_quantile(each.interval.level))
    error = math.hypot(*errors)
    alpha = rate / LOOKS
    change = math.log(values[0] / values[1])  # type: ignore[operator]
    width = normal_quantile(1 - alpha) * error
    p_value = math.erfc(abs(change) / error / math.sqrt(2)) if error else float(change == 0)
    low, high = math.exp(change - width), math.exp(change + width)
    words = (
        f"${values[0]:.4g} per correct answer against ${values[1]:.4g}: {math.exp(change):.2f} times "
        f"({1 - alpha:.2%} interval {low:.2f} to {high:.2f}); n = {run_summary(run).n_scored} and "
        f"{run_summary(baseline).n_scored} scored; p {_p(p_value)}, alarm below {alpha:.4f}."
    )
    title = f"cost per correct answer went from ${values[1]:.4g} to ${values[0]:.4g}"
    return Comparison(p_value < alpha, words, title, p_value)


def compare_latencies(run: Run, baseline: Run, *, factor: float) -> Comparison:
    """Median, and with enough calls the 90th percentile: ``factor`` times as long, and the two 95% intervals apart."""
    now, then = _latencies(run), _latencies(baseline)
    if min(len(now), len(then)) < FEWEST_CALLS:
        return Comparison(
            False, f"{len(now)} and {len(then)} answered calls with a latency; {FEWEST_CALLS} are needed in each run."
        )
    parts, alarms = [], []
    for quantile, name in ((0.5, "median"), (0.9, "90th percentile")):
        if quantile > 0.5 and min(len(now), len(then)) < FEWEST_CALLS_P90:
            continue
        after, after_interval = quantile_interval(values=now, quantile=quantile)
        before, before_interval = quantile_interval(values=then, quantile=quantile)
        if after_interval is None or before_interval is None or before <= 0:
            continue
        parts.append(
            f"{name} {after:,.0f} ms ({after_interval.low:,.0f} to {after_interval.high:,.0f}) against "
            f"{before:,.0f} ms ({before_interval.low:,.0f} to {before_interval.high:,.0f}), {after / before:.1f} times"
        )
        if after >= factor * before and after_interval.low > before_interval.high:
            alarms.append(f"{name} latency went from {before:,.0f} to {after:,.0f} ms")
    words = f"{'; '.join(parts)}. n = {len(now)} and {len(then)} calls; alarm from {factor:g} times, intervals apart."
    return Comparison(bool(alarms), words[:1].upper() + words[1:], " and ".join(alarms))


def _outcomes(run: Run) -> dict[int, float]:
    """Item to its mean outcome over the repeats; items without an outcome are left out."""
    found: defaultdict[int, list[float]] = defaultdict(list)
    judged = run.samples.filter(outcome__in=(RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT))
    for sample_id, outcome in judged.values_list("sample_id", "outcome"):
        found[sample_id].append(float(outcome == RunSample.Outcome.CORRECT))
    return {key: sum(each) / len(each) for key, each in found.items()}


def _latencies(run: Run) -> list[float]:
    """Of answered calls; those that our own worker delayed say nothing of the endpoint, as on the run's page."""
    answered = Attempt.objects.filter(run_sample__run=run, state=Attempt.State.ANSWERED, latency_ms__isnull=False)
    calls = answered.values_list("latency_ms", "loop_lag_ms")
    return [float(value) for value, lag in calls if value is not None and (lag or 0) <= LAG_LIMIT_MS]


def _points(share: float) -> str:
    return f"{share * 100:+.1f}"


def _p(value: float | None) -> str:
    return "unknown" if value is None else "under 0.0001" if value < 0.0001 else f"= {value:.4f}"
