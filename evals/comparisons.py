"""Two or more endpoints on the same items: who was right where the other was wrong, and whether that is a difference.

Everything is paired: only items that both runs were scored on count, each once, with the share of its repeats that were
right, since repeats of an item depend on each other. With several pairs the p-values are Holm's. A comparison that may
stop early is judged by evidence that holds at every look instead: e-values and confidence sequences.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal
from uuid import UUID

from economics.interval import Interval
from economics.intervals import PairedDifference, holm, paired_difference
from economics.planning import difference_sequence, evalue_paired
from evals.models import Run, RunSample

Verdict = Literal["differ", "alike", "open"]
JUDGED = (RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT)
WAITING = (RunSample.State.PENDING, RunSample.State.CLAIMED)
ALPHA = 0.05
Results = Mapping[UUID, Mapping[int, Sequence[float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two runs on the items that both were scored on.

    only_first, only_second   items that one answered right more often than the other
    p_value                   of ``difference``, after Holm over all pairs of the comparison; None with too few items
    """

    first: Run
    second: Run
    only_first: int
    only_second: int
    difference: PairedDifference
    p_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one pair at one look, however often one has looked before.

    verdict    "differ" when the e-value reached 1 / alpha; "alike" when the interval lies inside the difference that
               does not matter; else "open"
    interval   of the difference of the two pass rates, valid at every look; None before the first shared item
    """

    n: int
    only_first: int
    only_second: int
    evalue: float
    interval: Interval | None
    verdict: Verdict


def weigh(
    *, only_first: int, only_second: int, n: int, alpha: float, indifference_points: float | None = None
) -> Evidence:
    """Judge the counts of one pair. Safe to ask after every item: ``alpha`` holds over all looks together.

    Each item counts once, so repeats cannot be weighed. ``alpha`` is this pair's own share of the whole.
    """
    evalue = evalue_paired(a_only=only_first, b_only=only_second)
    interval = difference_sequence(a_only=only_first, b_only=only_second, n=n, alpha=alpha) if n else None
    verdict: Verdict = "open"
    if evalue >= 1 / alpha:
        verdict = "differ"
    elif indifference_points and interval and -indifference_points <= 100 * interval.low:
        verdict = "alike" if 100 * interval.high <= indifference_points else "open"
    return Evidence(
        n=n, only_first=only_first, only_second=only_second, evalue=evalue, interval=interval, verdict=verdict
    )


def pairs_of(runs: Sequence[Run], results: Results | None = None) -> list[Pair]:
    """Every two of the runs, in their order, with p-values after Holm over all of them.

    ``results`` of these runs, where they are known already; else one query.
    """
    if results is None:
        results = results_of(runs)
    found = [pair for first, second in combinations(runs, 2) if (pair := pair_of(first, second, results)) is not None]
    return adjusted(found)


def results_of(runs: Iterable[Run]) -> Results:
    """Scored outcomes by run and item: one number for each repeat."""
    keys = [run.pk for run in runs]
    found: defaultdict[UUID, defaultdict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    if not keys:
        return {}
    rows = RunSample.objects.filter(run_id__in=keys, outcome__in=JUDGED).values_list("run_id", "sample_id", "outcome")
    for run, item, outcome in rows:
        found[run][item].append(float(outcome == RunSample.Outcome.CORRECT))
    return {run: dict(items) for run, items in found.items()}


def pair_of(first: Run, second: Run, results: Results) -> Pair | None:
    """Two runs item by item; None when they share no scored item. The p-value is of this pair alone."""
    one, other = results.get(first.pk, {}), results.get(second.pk, {})
    shared = sorted(set(one) & set(other))
    if not shared:
        return None
    a = [sum(one[item]) / len(one[item]) for item in shared]
    b = [sum(other[item]) / len(other[item]) for item in shared]
    difference = paired_difference(a=a, b=b)
    return Pair(
        first=first,
        second=second,
        only_first=sum(x > y for x, y in zip(a, b, strict=True)),
        only_second=sum(x < y for x, y in zip(a, b, strict=True)),
        difference=difference,
        p_value=difference.p_value,
    )


def shared_rates(runs: Sequence[Run], results: Results) -> tuple[int, dict[UUID, float]]:
    """How many items every one of the runs was scored on, and the share of them that each run answered right.

    An item counts once, with the share of its repeats that were right. Without a shared item there are no shares.
    """
    shared = set.intersection(*(set(results.get(run.pk, {})) for run in runs)) if runs else set()
    if not shared:
        return 0, {}
    rates = {
        run.pk: sum(sum(results[run.pk][item]) / len(results[run.pk][item]) for item in sorted(shared)) / len(shared)
        for run in runs
    }
    return len(shared), rates


def adjusted(pairs: Sequence[Pair]) -> list[Pair]:
    """The same pairs with Holm's p-values over those that have one."""
    known = [pair.p_value for pair in pairs if pair.p_value is not None]
    values = iter(holm(p_values=known))
    return [pair if pair.p_value is None else replace(pair, p_value=next(values)) for pair in pairs]


def evidence_of(
    runs: Sequence[Run], *, alpha: float, indifference_points: float | None
) -> dict[tuple[UUID, UUID], Evidence]:
    """What is known of each pair of runs now, ``alpha`` shared evenly by the pairs. One query.

    Looked at are the items up to the first one, in the order of sending, that either run still waits for. Counting
    whatever came home first would favour short answers, and no theorem covers that.
    """
    couples = list(combinations(runs, 2))
    rows: defaultdict[UUID, list[tuple[int, str, str]]] = defaultdict(list)
    samples = RunSample.objects.filter(run__in=[run.pk for run in runs]).order_by("position")
    for run_id, item, state, outcome in samples.values_list("run_id", "sample_id", "state", "outcome"):
        rows[run_id].append((item, state, outcome))
    found = {}
    for first, second in couples:
        n = only_first = only_second = 0
        for (item, state, outcome), (same, other_state, other) in zip(rows[first.pk], rows[second.pk], strict=False):
            if item != same or state in WAITING or other_state in WAITING:
                break
            if outcome not in JUDGED or other not in JUDGED:
                continue
            n += 1
            only_first += outcome == RunSample.Outcome.CORRECT != other
            only_second += other == RunSample.Outcome.CORRECT != outcome
        found[first.pk, second.pk] = weigh(
            only_first=only_first,
            only_second=only_second,
            n=n,
            alpha=alpha / len(couples),
            indifference_points=indifference_points,
        )
    return found
