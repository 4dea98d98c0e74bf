"""Results that two models share: published benchmarks, and our own suites item by item."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from catalog.models import Benchmark, ModelVersion, Score
from catalog.selectors.capabilities import by_rank
from catalog.selectors.scores import picked_scores
from dashboard.measured_costs import run_ranks, widest_runs
from economics.intervals import mcnemar_exact
from evals.comparisons import Pair, pair_of, results_of


@dataclass(frozen=True, slots=True)
class SharedBenchmark:
    """One benchmark with the score used for each version (by version id) that has one."""

    benchmark: Benchmark
    scores: dict[int, Score]

    def gap(self, first: int, second: int) -> float | None:
        """First minus second, or None where one of the two was not measured."""
        if first not in self.scores or second not in self.scores:
            return None
        # Scores are read as decimal text: 0.591 - 0.591 must be a tie, and 0.1 + 0.2 style dust must not decide one.
        return round(self.scores[first].value - self.scores[second].value, 9)

    @property
    def is_share(self) -> bool:
        return self.benchmark.unit == Benchmark.Unit.FRACTION

    @property
    def is_one_measurer(self) -> bool:
        """Whether the same party measured all of them; otherwise settings may differ as well."""
        measurers = {score.measured_by_id for score in self.scores.values()}
        return len(measurers) == 1 and None not in measurers


def shared_benchmarks(versions: Sequence[ModelVersion], *, policy: str, day: date) -> list[SharedBenchmark]:
    """Benchmarks that at least two of the versions have a score on, those measured for most of them first.

    Of our own suites only what was measured by the day counts, whatever the policy: the run that :mod:`measured_costs`
    chooses.
    """
    cells = picked_scores(policy=policy, version_ids=[version.pk for version in versions])  # type: ignore[arg-type]
    own = {scores[0].benchmark.slug for scores in cells.values() if scores[0].benchmark.is_own_suite}
    ranks = run_ranks(own, day)
    by_benchmark: defaultdict[int, dict[int, Score]] = defaultdict(dict)
    for (version, benchmark), scores in cells.items():
        chosen = _own_score(scores, ranks, day) if scores[0].benchmark.is_own_suite else scores[0]
        if chosen:
            by_benchmark[benchmark][version] = chosen
    shared = [
        SharedBenchmark(next(iter(scores.values())).benchmark, scores)
        for scores in by_benchmark.values()
        if len(scores) > 1
    ]
    return sorted(shared, key=lambda each: (-len(each.scores), str(each.benchmark).lower(), each.benchmark.pk))


def _own_score(scores: Sequence[Score], ranks: Mapping[str, int], day: date) -> Score | None:
    known = [score for score in scores if score.measured_on is None or score.measured_on <= day]
    by_day = sorted(known, key=lambda score: (score.measured_on or date.min, score.pk))
    return by_rank(by_day, ranks)[-1] if known else None


def sign_test(*, ahead: int, behind: int) -> float:
    """Two-sided p-value of as lopsided a count if either model led on a benchmark by the toss of a coin."""
    return mcnemar_exact(a_only=ahead, b_only=behind)


def suite_pairs(versions: Sequence[ModelVersion], *, day: date) -> dict[tuple[int, int], list[Pair]]:
    """Paired results by the ids of two versions, for each suite that both finished by the day.

    Of the runs of one version the newest counts of those that asked the most items. Two queries. Items that failed or
    could not be scored in either run are left out of both.
    """
    keys = [version.pk for version in versions]
    chosen = {(run.suite_id, version): run for version, run in widest_runs(keys, day)}
    results = results_of(chosen.values())
    found: defaultdict[tuple[int, int], list[Pair]] = defaultdict(list)
    for suite in sorted({suite for suite, _ in chosen}):
        for first, second in combinations(keys, 2):
            if (suite, first) in chosen and (suite, second) in chosen:
                pair = pair_of(chosen[suite, first], chosen[suite, second], results)
                if pair:
                    found[first, second].append(pair)
    return dict(found)
