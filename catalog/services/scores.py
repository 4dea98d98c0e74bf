"""Writes scores down."""

from datetime import date
from math import isfinite

from django.db import transaction

from catalog.errors import BadFact
from catalog.models import Benchmark, ModelVersion, Organization, Score, Source


@transaction.atomic
def record_score(
    *,
    version: ModelVersion,
    benchmark: Benchmark,
    value: float,
    source: Source,
    confidence: str,
    original_value: str = "",
    original_unit: str = "",
    standard_error: float | None = None,
    n: int | None = None,
    effort: str = "",
    shots: str = "",
    harness: str = "",
    configuration: str = "",
    measured_by: Organization | None = None,
    self_reported: bool | None = None,
    measured_on: date | None = None,
    note: str = "",
) -> Score:
    """Record a result in the benchmark's unit (a percentage as a fraction); the same result twice is one row.

    A source that now states another value for the same setting supersedes what it said before; the old row stays.

    :raises BadFact: for a value that cannot be a result of this benchmark.
    """
    ceiling = benchmark.ceiling if benchmark.ceiling is not None else 1.0
    if not isfinite(value) or (benchmark.unit == Benchmark.Unit.FRACTION and not 0 <= value <= ceiling):
        raise BadFact(
            f"{value!r} is no result of {benchmark}, which is scored from 0 to {ceiling:g}. "
            "Give a share, not a percentage, or correct the ceiling of the benchmark."
        )
    same = Score.objects.select_for_update().filter(
        version=version,
        benchmark=benchmark,
        source=source,
        measured_by=measured_by,
        effort=effort,
        shots=shots,
        harness=harness,
        configuration=configuration,
        measured_on=measured_on,
        superseded_by=None,
    )
    before = same.first()
    if before and (before.value, before.standard_error, before.n) == (value, standard_error, n):
        return before
    score = Score.objects.create(
        version=version,
        benchmark=benchmark,
        value=value,
        original_value=original_value or repr(value),
        original_unit=original_unit,
        standard_error=standard_error,
        n=n,
        effort=effort,
        shots=shots,
        harness=harness,
        configuration=configuration,
        measured_by=measured_by,
        self_reported=self_reported,
        measured_on=measured_on,
        source=source,
        confidence=confidence,
        note=note,
    )
    if before:
        before.superseded_by = score
        before.save(update_fields=["superseded_by"])
    return score
