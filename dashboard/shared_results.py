"""Results that two models share: published benchmarks, and our own suites item by item."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from catalog.models import Benchmark, ModelVersion, Score
from catalog.selectors.scores import picked_scores
from economics.intervals import mcnemar_exact
from evals.comparisons import Pair, pair_of, results_of
from evals.models import Run
from evals.selectors import runs_of_versions


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


def shared_benchmarks(versions: Sequence[ModelVersion], *, policy: str) -> list[SharedBenchmark]:
    """Benchmarks that at least two of the versions have a score on, those measured for most of them first."""
    cells = picked_scores(policy=policy, version_ids=[version.pk for version in versions])  # type: ignore[arg-type]
    by_benchmark: defaultdict[int, dict[int, Score]] = defaultdict(dict)
    for (version, benchmark), scores in cells.items():
        by_benchmark[benchmark][version] = scores[0]
    shared = [
        SharedBenchmark(next(iter(scores.values())).benchmark, scores)
        for scores in by_benchmark.values()
        if len(scores) > 1
    ]
    return sorted(shared, key=lambda each: (-len(each.scores), str(each.benchmark).lower(), each.benchmark.pk))


def sign_test(*, ahead: int, behind: int) -> float:
    """Two-sided p-value of as lopsided a count if either model led on a benchmark by the toss of a coin."""
    return mcnemar_exact(a_only=ahead, b_only=behind)


def suite_pairs(versions: Sequence[ModelVersion]) -> dict[tuple[int, int], list[Pair]]:
    """Paired results by the ids of two versions, for each suite that both finished; the newest run of each counts.

    Two queries. Items that failed or could not be scored in either run are left out of both.
    """
    keys = [version.pk for version in versions]
    runs = (
        runs_of_versions(keys)
        .filter(state=Run.State.FINISHED)
        .select_related("suite", "version", "endpoint__version", "endpoint__offering__version")
        .order_by("created_at", "pk")
    )
    newest: dict[tuple[int, int], Run] = {}
    for run in runs:
        version = run.measured_version
        if version is not None:
            newest[run.suite_id, version.pk] = run
    results = results_of(newest.values())
    found: defaultdict[tuple[int, int], list[Pair]] = defaultdict(list)
    for suite in sorted({suite for suite, _ in newest}):
        for first, second in combinations(keys, 2):
            if (suite, first) in newest and (suite, second) in newest:
                pair = pair_of(newest[suite, first], newest[suite, second], results)
                if pair:
                    found[first, second].append(pair)
    return dict(found)
