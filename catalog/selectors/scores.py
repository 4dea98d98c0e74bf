"""Which score is used where several exist. A chart shows one measurer and one setting, or the spread; never a mean."""

import re
from collections import defaultdict
from collections.abc import Collection
from statistics import median_low
from typing import Literal

from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Confidence, Model, Score

ScorePolicy = Literal["independent", "vendor", "median", "worst"]
POLICIES: tuple[ScorePolicy, ...] = ("independent", "vendor", "median", "worst")


def picked_scores(
    *,
    policy: ScorePolicy = "independent",
    benchmark_ids: Collection[int] | None = None,
    version_ids: Collection[int] | None = None,
    in_index: bool = False,
) -> dict[tuple[int, int], list[Score]]:
    """Scores by (version id, benchmark id), the used one first. One query.

    ``independent``: measured by somebody who develops no models, else by another developer, else by the developer
    itself. ``vendor``: the developer itself first, then the same order. Within the first group that has any score the
    source with the lowest rank counts, and of its scores the best one, that is the most favourable setting which was
    published; editors change the ranks of sources in the admin. ``median``: the lower median of all.
    ``worst``: the lowest of all. A score of low confidence is used only where there is no other, and never in the
    index. Superseded scores are left out.
    """
    scores = _current()
    if benchmark_ids is not None:
        scores = scores.filter(benchmark_id__in=benchmark_ids)
    if version_ids is not None:
        scores = scores.filter(version_id__in=version_ids)
    if in_index:
        scores = scores.filter(benchmark__in_index=True).exclude(confidence=Confidence.LOW)
    cells: defaultdict[tuple[int, int], list[Score]] = defaultdict(list)
    for score in scores:
        cells[score.version_id, score.benchmark_id].append(score)
    return {cell: _ordered(found, policy) for cell, found in cells.items()}


def picked_by_effort(*, benchmark_id: int, policy: ScorePolicy) -> dict[int, dict[str, list[Score]]]:
    """As :func:`picked_scores`, but for each reasoning effort of a version: version id to effort to scores.

    An effort of which only scores of low confidence are known counts where the version has no surer score at all.
    """
    versions: defaultdict[int, defaultdict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for score in _current().filter(benchmark_id=benchmark_id):
        versions[score.version_id][effort_label(score.effort)].append(score)
    found: dict[int, dict[str, list[Score]]] = {}
    for version, efforts in versions.items():
        sure = {each for each, scores in efforts.items() if any(score.confidence != Confidence.LOW for score in scores)}
        found[version] = {
            each: _ordered(scores, policy) for each, scores in sorted(efforts.items()) if each in sure or not sure
        }
    return found


BUDGET = re.compile(r"([0-9]+)k( thinking( tokens)?)?", re.IGNORECASE)


def effort_label(effort: str) -> str:
    """The same setting in the words of several measurers: "no think" is "non-thinking", "32k thinking tokens" "32K"."""
    words = effort.strip()
    if words.lower() in ("no think", "no thinking"):
        return "non-thinking"
    budget = BUDGET.fullmatch(words)
    return f"{budget[1]}K" if budget else words.removesuffix(" think")


def _current() -> QuerySet[Score]:
    """With ``by_developer``: whether who measured it develops models."""
    develops = Exists(Model.objects.filter(developer=OuterRef("measured_by")))
    scores = Score.objects.filter(superseded_by=None).select_related("source", "measured_by", "benchmark")
    return scores.annotate(by_developer=develops)


def _ordered(scores: list[Score], policy: ScorePolicy) -> list[Score]:
    surest = [score for score in scores if score.confidence != Confidence.LOW] or scores
    if policy == "worst":
        first = min(surest, key=lambda score: (score.value, score.pk))
    elif policy == "median":
        middle = median_low(score.value for score in surest)
        first = next(score for score in sorted(surest, key=lambda score: score.pk) if score.value == middle)
    else:
        groups = {score.pk: _distance(score) for score in surest}
        if policy == "vendor":
            groups = {pk: -1 if group == OWN_DEVELOPER else group for pk, group in groups.items()}
        first = min(surest, key=lambda score: (groups[score.pk], score.source.rank, -score.value, score.pk))
    return [first, *(score for score in scores if score is not first)]


INDEPENDENT, OTHER_DEVELOPER, OWN_DEVELOPER = range(3)


def _distance(score: Score) -> int:
    if score.self_reported:
        return OWN_DEVELOPER
    if score.measured_by_id is None or score.by_developer:  # type: ignore[attr-defined]
        return OTHER_DEVELOPER
    return INDEPENDENT
