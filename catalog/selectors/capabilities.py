"""How capable a version is, by name: the index, one benchmark, or one of our own suites."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from math import inf
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, Q, QuerySet, Subquery
from numpy.typing import NDArray

from catalog.errors import UnknownCapability
from catalog.models import Benchmark, IndexEstimate, IndexFit, Score, Source
from catalog.selectors.keyed import by_key
from catalog.selectors.scores import POLICIES, ScorePolicy, picked_by_effort, picked_scores

INTERVAL_LEVEL = 0.9
_Z = NormalDist().inv_cdf(0.5 + INTERVAL_LEVEL / 2)


@dataclass(frozen=True, slots=True)
class Capability:
    """A value with what is known of its error.

    ``low`` and ``high`` bound 90 %. ``draws`` are joint over the versions of one index fit; other capabilities have
    none. ``self_reported``: measured by the developer itself; None for the index, which mixes. ``effort`` is the
    reasoning effort or thinking budget, for our own suites what tells the run's setting apart.
    """

    value: float
    low: float | None
    high: float | None
    draws: NDArray[np.float32] | None
    status: str
    self_reported: bool | None
    sources: list[Source]
    detail: str
    effort: str = ""


def capabilities(
    name: str,
    *,
    policy: ScorePolicy = "independent",
    as_of: date | None = None,
    ranks: Mapping[str, int] | None = None,
) -> dict[int, Capability]:
    """Capability by version id. ``name``: ``index``, ``benchmark:SLUG`` or ``suite:SLUG``.

    ``as_of`` leaves out our own runs that ended after that day; None keeps all. ``ranks``: the place of each of our own
    runs by its address; the highest counts, and without a place the newest. Empty while the index has not been fitted,
    or when nothing was measured.

    :raises UnknownCapability: with the nearest names.
    """
    if policy not in POLICIES:
        raise UnknownCapability(f"There is no score policy {policy!r}. Choose one of {', '.join(POLICIES)}.")
    if name == "index":
        return _index(policy)
    benchmark = _benchmark_named(name)
    return _suite(benchmark, as_of, ranks) if benchmark.is_own_suite else _benchmark(benchmark, policy)


def capability_of_runs(name: str, *, as_of: date | None = None) -> dict[int, list[Capability]]:
    """What each of our own runs measured, by version id, the newest last; ``name`` is ``suite:SLUG``.

    :raises UnknownCapability: with the nearest names.
    """
    runs = _runs(_benchmark_named(name), as_of, None)
    return {version: [_measured(run, len(found)) for run in found] for version, found in runs.items()}


def capability_variants(
    name: str,
    *,
    policy: ScorePolicy = "independent",
    as_of: date | None = None,
    ranks: Mapping[str, int] | None = None,
) -> dict[int, list[Capability]]:
    """Every setting that was measured, by version id; ``name`` as for :func:`capabilities`, but not the index.

    Of one reasoning effort the score that the policy chooses; of our own runs the one of each setting that counts.

    :raises UnknownCapability: with the nearest names.
    """
    benchmark = _benchmark_named(name)
    if benchmark.is_own_suite:
        return {
            version: [_measured(found[-1], len(found), effort) for effort, found in _settings(runs).items()]
            for version, runs in _runs(benchmark, as_of, ranks).items()
        }
    by_effort = picked_by_effort(benchmark_id=benchmark.pk, policy=policy)
    return {
        version: [_measured(found[0], len(found), effort) for effort, found in efforts.items()]
        for version, efforts in by_effort.items()
    }


def _benchmark_named(name: str) -> Benchmark:
    kind, _, slug = name.partition(":")
    benchmark = Benchmark.objects.filter(slug=slug, is_own_suite=kind == "suite").first()
    if kind not in ("benchmark", "suite") or benchmark is None:
        near = get_close_matches(name, [choice for choice, _, _ in capability_choices()], 3, cutoff=0.4)
        raise UnknownCapability(f"There is no capability {name!r}.", near)
    return benchmark


def scored_versions(name: str, *, policy: ScorePolicy = "independent") -> QuerySet[Any, int]:
    """The ids of the versions that may have that capability, as a query to be put into another one."""
    if name == "index":
        return _scored(policy).order_by().values_list("version_id", flat=True)
    found = Score.objects.filter(benchmark__slug=name.partition(":")[2], superseded_by=None)
    return found.order_by().values_list("version_id", flat=True)


class IndexLevel(NamedTuple):
    """A version's level on the index, with the ends of its 90 %. ``status``: ranked, or provisional (few scores)."""

    value: float
    low: float | None
    high: float | None
    status: str


def index_levels(version_ids: Collection[int]) -> dict[int, IndexLevel]:
    """The levels of these versions in the newest fit, without draws and sources: one query."""
    scored = _scored("independent").filter(version__in=version_ids, capability__isnull=False)
    rows = scored.values_list("version_id", "capability", "low", "high", "status")
    return {
        version: IndexLevel(value, low, high, status) for version, value, low, high, status in rows if value is not None
    }


def index_sources(version_ids: Collection[int]) -> dict[int, list[Source]]:
    """Where the scores were read that carry the levels of these versions."""
    pairs = set(
        Score.objects.filter(version__in=version_ids, benchmark__in_index=True)
        .order_by()
        .values_list("version_id", "source_id")
    )
    sources = by_key(Source.objects.all(), (source for _, source in pairs))
    found: dict[int, list[Source]] = {}
    for version, source in sorted(pairs):
        found.setdefault(version, []).append(sources[source])
    return found


def capability_choices() -> list[tuple[str, str, int]]:
    """(name, label, number of versions) of every capability that has a value, the most widely covered first."""
    return [("index", "Capability index", _scored("independent").count()), *benchmark_choices()]


def benchmark_choices(unit: Benchmark.Unit | None = None) -> list[tuple[str, str, int]]:
    """As :func:`capability_choices`, without the index; of one unit, or of all. One query."""
    benchmarks = Benchmark.objects.annotate(versions=Count("scores__version", distinct=True)).filter(versions__gt=0)
    if unit is not None:
        benchmarks = benchmarks.filter(unit=unit)
    choices = []
    for benchmark in benchmarks.order_by("is_own_suite", "-versions", "slug"):
        kind = "suite" if benchmark.is_own_suite else "benchmark"
        label = f"{benchmark}, measured here" if benchmark.is_own_suite else str(benchmark)
        choices.append((f"{kind}:{benchmark.slug}", label, benchmark.versions))
    return choices


def _scored(policy: ScorePolicy) -> QuerySet[IndexEstimate]:
    """The estimates of the newest fit."""
    newest = IndexFit.objects.filter(policy=policy).values("pk")[:1]
    return IndexEstimate.objects.filter(fit_id=Subquery(newest)).exclude(status=IndexEstimate.Status.NOT_SCORED)


def _index(policy: ScorePolicy) -> dict[int, Capability]:
    estimates = list(_scored(policy))
    if not estimates:
        return {}
    sources = index_sources([estimate.version_id for estimate in estimates])
    return {
        estimate.version_id: Capability(
            value=estimate.capability,
            low=estimate.low,
            high=estimate.high,
            draws=estimate.draws,
            status=estimate.status,
            self_reported=None,
            sources=sources.get(estimate.version_id, []),
            detail=f"{estimate.benchmarks} benchmarks",
        )
        for estimate in estimates
        if estimate.capability is not None
    }


def _benchmark(benchmark: Benchmark, policy: ScorePolicy) -> dict[int, Capability]:
    cells = picked_scores(policy=policy, benchmark_ids=[benchmark.pk])
    return {version: _measured(scores[0], len(scores)) for (version, _), scores in cells.items()}


def _suite(benchmark: Benchmark, as_of: date | None, ranks: Mapping[str, int] | None) -> dict[int, Capability]:
    """Our own runs: the one that counts is not the best one."""
    return {version: _measured(runs[-1], len(runs)) for version, runs in _runs(benchmark, as_of, ranks).items()}


def _runs(benchmark: Benchmark, as_of: date | None, ranks: Mapping[str, int] | None) -> dict[int, list[Score]]:
    """Scores of our own runs by version id, the one that counts last."""
    scores = Score.objects.filter(benchmark=benchmark, superseded_by=None).select_related(
        "source", "measured_by", "benchmark"
    )
    if as_of is not None:
        scores = scores.filter(Q(measured_on=None) | Q(measured_on__lte=as_of))
    found: dict[int, list[Score]] = {}
    for score in by_rank(scores.order_by("measured_on", "pk"), ranks or {}):
        found.setdefault(score.version_id, []).append(score)
    return found


def by_rank(scores: Iterable[Score], ranks: Mapping[str, int]) -> list[Score]:
    """Scores of our own runs, those without a place first, each of them as they come; the one that counts last."""
    return sorted(scores, key=lambda score: ranks.get(score.source.url, -inf))


def _settings(runs: list[Score]) -> dict[str, list[Score]]:
    """Runs of one version by setting: the effort, or of the configuration the parts that tell them apart."""
    parts = {run.pk: [run.effort, *run.configuration.split(", ")] for run in runs}
    common = set.intersection(*(set(each) for each in parts.values()))
    found: dict[str, list[Score]] = {}
    for run in runs:
        label = ", ".join(part for part in parts[run.pk] if part and part not in common)
        found.setdefault(label, []).append(run)
    return found


def _measured(score: Score, count: int, effort: str | None = None) -> Capability:
    error = score.standard_error
    ceiling = 1.0 if score.benchmark.unit == Benchmark.Unit.FRACTION else inf
    setting = ", ".join(filter(None, (score.effort, score.shots, score.harness, score.configuration)))
    by = f"measured by {score.measured_by.name}" if score.measured_by else ""
    by = "measured here" if score.benchmark.is_own_suite else by
    others = f"one of {count} results" if count > 1 else ""
    return Capability(
        value=score.value,
        low=None if error is None else max(0.0, score.value - _Z * error),
        high=None if error is None else min(score.benchmark.ceiling or ceiling, score.value + _Z * error),
        draws=None,
        status="measured",
        self_reported=score.self_reported,
        sources=[score.source],
        detail="; ".join(filter(None, (by, setting, others))),
        effort=score.effort if effort is None else effort,
    )
