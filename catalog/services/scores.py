"""Writes scores down."""

from datetime import date
from math import isfinite
from typing import Any

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
    is_all_of_source: bool = False,
) -> Score:
    """Record a result in the benchmark's unit (a percentage as a fraction); the same result twice is one row.

    A source that now states another value for the same setting supersedes what it said before; the old row stays.
    ``is_all_of_source``: this result is the only one that the source states, so it supersedes whatever it said before.

    :raises BadFact: for a value that cannot be a result of this benchmark.
    """
    ceiling = benchmark.ceiling if benchmark.ceiling is not None else 1.0
    if not isfinite(value) or (benchmark.unit == Benchmark.Unit.FRACTION and not 0 <= value <= ceiling):
        raise BadFact(
            f"{value!r} is no result of {benchmark}, which is scored from 0 to {ceiling:g}. "
            "Give a share, not a percentage, or correct the ceiling of the benchmark."
        )
    setting = {
        "version": version,
        "benchmark": benchmark,
        "measured_by": measured_by,
        "effort": effort,
        "shots": shots,
        "harness": harness,
        "configuration": configuration,
        "measured_on": measured_on,
    }
    result = {"value": value, "standard_error": standard_error, "n": n}
    stated = Score.objects.select_for_update().filter(source=source, superseded_by=None)
    before = list((stated if is_all_of_source else stated.filter(**setting)).order_by("pk"))
    known = next((each for each in before if _says(each, setting | result)), None)
    score = known or Score.objects.create(
        **setting,
        **result,
        original_value=original_value or repr(value),
        original_unit=original_unit,
        self_reported=self_reported,
        source=source,
        confidence=confidence,
        note=note,
    )
    for each in before:
        if each != score:
            each.superseded_by = score
            each.save(update_fields=["superseded_by"])
    return score


def _says(score: Score, values: dict[str, Any]) -> bool:
    return all(getattr(score, name) == value for name, value in values.items())
