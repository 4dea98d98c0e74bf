"""Placing observed scores. A score that its source revises is superseded by the new row, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from catalog.models import Benchmark, Score, Source
from ingest.adapters.base import BenchmarkInfo, ScoreObservation
from ingest.batches import create_many
from ingest.offerings import ensure_organizations
from ingest.timeline import Timeline

# A published result moves by a correction of some points; more than this is another setting or another model.
LARGEST_CHANGE = 0.15


class ScoreKey(NamedTuple):
    """What was measured, on what, how and when: two values under one key contradict each other."""

    version_id: int
    benchmark_id: int
    effort: str
    shots: str
    harness: str
    configuration: str
    measured_by_id: int | None
    measured_on: date | None


@dataclass(slots=True)
class _Known:
    pk: int
    value: float
    standard_error: float | None
    n: int | None


class ScoreBook:
    """All scores of one source, read with one query and compared in memory."""

    def __init__(self, source: Source, timeline: Timeline, benchmarks: Mapping[str, BenchmarkInfo]) -> None:
        self._source = source
        self._time = timeline
        self._benchmarks = _ensure_benchmarks(benchmarks, source)
        self._organizations: dict[str, int] = {}
        self._new: dict[ScoreKey, Score] = {}
        self._superseded: dict[ScoreKey, int] = {}
        self.contradictions = 0
        rows = Score.objects.filter(source=source, superseded_by__isnull=True).order_by("pk")
        self._known = {
            ScoreKey._make(key): _Known(pk, value, error, n)
            for *key, pk, value, error, n in rows.values_list(*ScoreKey._fields, "pk", "value", "standard_error", "n")
        }

    def know_organizations(self, names: set[str]) -> None:
        """Find or make the measurers that are about to be named, all at once."""
        self._organizations = ensure_organizations(names - {""})

    def key(self, version_id: int, score: ScoreObservation) -> ScoreKey:
        return ScoreKey(
            version_id,
            self._benchmarks[score.benchmark].pk,
            score.effort,
            score.shots,
            score.harness,
            score.configuration,
            self._organizations[score.measured_by] if score.measured_by else None,
            score.measured_on,
        )

    def confirms(self, key: ScoreKey, score: ScoreObservation) -> bool:
        """Whether the catalog has exactly this result."""
        known = self._known.get(key)
        return known is not None and (known.value, known.standard_error, known.n) == (
            score.value,
            score.standard_error,
            score.n,
        )

    def last_value(self, key: ScoreKey) -> float | None:
        known = self._known.get(key)
        return known.value if known else None

    def doubt(self, key: ScoreKey, score: ScoreObservation) -> str:
        """Why this score should wait for a person, or an empty text."""
        last = self.last_value(key)
        is_fraction = self._benchmarks[score.benchmark].unit == Benchmark.Unit.FRACTION
        if last is not None and is_fraction and abs(score.value - last) > LARGEST_CHANGE:
            return f"The score would change from {last:g} to {score.value:g}, more than {LARGEST_CHANGE:g}."
        return ""

    def record(self, key: ScoreKey, score: ScoreObservation) -> None:
        """Take one score as read at this moment. An older reading adds what is missing and revises nothing.

        Of two results of one reading under one key the first is taken.
        """
        known = self._known.get(key)
        if self.confirms(key, score):
            return
        if first := self._new.get(key):
            self.contradictions += first.value != score.value
            return
        if known and not self._time.is_newest:
            return
        if known:
            self._superseded[key] = known.pk
        self._new[key] = Score(
            **key._asdict(),
            value=score.value,
            original_value=score.original_value[:60],
            original_unit=score.original_unit[:40],
            standard_error=score.standard_error,
            n=score.n,
            self_reported=score.self_reported,
            source=self._source,
            confidence=score.confidence,
            note=score.note,
        )

    def write(self) -> int:
        """Write everything recorded; returns the number of new rows."""
        create_many(Score, list(self._new.values()))
        old = [Score(pk=pk, superseded_by_id=self._new[key].pk) for key, pk in self._superseded.items()]
        Score.objects.bulk_update(old, ["superseded_by"], batch_size=100)
        return len(self._new)


def _ensure_benchmarks(infos: Mapping[str, BenchmarkInfo], source: Source) -> dict[str, Benchmark]:
    """The benchmark of each slug. One that the catalog has keeps what an editor wrote about it."""
    found = Benchmark.objects.in_bulk(list(infos), field_name="slug")
    new = [
        Benchmark(
            slug=slug,
            name=info.name,
            variant=info.variant,
            unit=info.unit,
            chance=info.chance,
            description=info.description,
            source=source,
        )
        for slug, info in infos.items()
        if slug not in found
    ]
    create_many(Benchmark, new)
    return found | {benchmark.slug: benchmark for benchmark in new}
