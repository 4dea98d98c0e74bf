"""What changed, by day: list prices, new versions, new scores, runs of our own, and the capability index."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.urls import reverse

from catalog.models import Benchmark, IndexFit, ModelVersion, Score, Source
from catalog.selectors.index_changes import IndexChanges
from catalog.selectors.merges import current_slugs
from catalog.selectors.price_timeline import PriceChange, price_changes, price_timelines
from dashboard import formats
from dashboard.frontier_row import unique
from dashboard.price_list import midnight
from evals.models import Run
from evals.selectors import recent_runs

Kind = Literal["price", "model", "score", "run", "index"]
KINDS: tuple[Kind, ...] = ("price", "model", "score", "run", "index")
MOST_RUNS = 200
MOST_FITS = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One event. ``key`` stays the same for ever; ``is_observed`` means that ``at`` is a day of first sight."""

    key: str
    kind: Kind
    at: datetime
    title: str
    detail: str
    url: str
    model: str | None
    sources: list[Source]
    is_observed: bool = False


def changes(*, now: datetime, kind: Kind | None = None, model: str = "") -> list[Change]:
    """Everything up to ``now``, the newest first, in a constant number of queries. ``model`` is a slug or empty."""
    model = current_slugs([model])[0] if model else ""
    found: list[Change] = []
    if kind in (None, "price"):
        found += _prices()
    if kind in (None, "model"):
        found += _versions()
    if kind in (None, "score"):
        found += _scores()
    if kind in (None, "run"):
        found += _runs()
    if kind in (None, "index"):
        found += _index()
    shown = [each for each in found if each.at <= now and (not model or each.model == model)]
    return sorted(shown, key=lambda each: (each.at, each.key), reverse=True)


def _prices() -> list[Change]:
    """One event per offering and moment, however many of its components changed."""
    timelines = [timeline for each in price_timelines().values() for timeline in each]
    events: defaultdict[tuple[int, datetime], list[PriceChange]] = defaultdict(list)
    for change in price_changes(timelines):
        events[change.offering.pk, change.at].append(change)
    found = []
    for (offering_id, at), parts in events.items():
        offering = parts[0].offering
        parts.sort(key=lambda part: part.component)
        found.append(
            Change(
                key=f"price:{offering_id}:{at:%Y%m%dT%H%M}",
                kind="price",
                at=at,
                title=f"{offering.version.name} by {offering.provider.name}: {direction(parts)}",
                detail="; ".join(map(part_words, parts)),
                url=f"{reverse('dashboard:prices')}?model={offering.version.model.slug}#changes",
                model=offering.version.model.slug,
                sources=unique(part.after.source for part in parts),
                is_observed=any(part.is_observed_only for part in parts),
            )
        )
    return found


def direction(parts: Iterable[PriceChange]) -> str:
    """Cheaper, dearer, or both."""
    rises = {(part.after.usd_per_mtok or 0) > (part.before.usd_per_mtok or 0) for part in parts}
    return "prices changed" if len(rises) > 1 else "dearer" if rises.pop() else "cheaper"


def part_words(part: PriceChange) -> str:
    before, after = formats.usd(part.before.usd_per_mtok), formats.usd(part.after.usd_per_mtok)
    share = "" if part.share is None else f" ({float(part.share) * 100:+.0f}%)"
    return f"{part.component.replace('_', ' ')} {before} to {after} per 1M{share}"


def _versions() -> list[Change]:
    versions = ModelVersion.objects.select_related("model__developer", "source")
    return [
        Change(
            key=f"model:{version.slug}",
            kind="model",
            at=midnight(version.released_on),
            title=f"{version.name} released by {version.model.developer.name}",
            detail={True: "open weights", False: "closed weights", None: "access unknown"}[version.open_weights],
            url=reverse("dashboard:model", args=[version.model.slug]),
            model=version.model.slug,
            sources=[version.source] if version.source else [],
        )
        for version in versions
        if version.released_on
    ]


def _scores() -> list[Change]:
    """One event per version, day and source."""
    scores = (
        Score.objects.filter(superseded_by=None, measured_on__isnull=False)
        .select_related("version__model", "benchmark", "source", "measured_by")
        .order_by("benchmark__name", "pk")
    )
    events: defaultdict[tuple[int, date, int], list[Score]] = defaultdict(list)
    for score in scores:
        if score.measured_on:
            events[score.version_id, score.measured_on, score.source_id].append(score)
    found = []
    for (_, on, source_id), parts in events.items():
        first = parts[0]
        by = f" by {first.measured_by.name}" if first.measured_by else ""
        found.append(
            Change(
                key=f"score:{first.version.slug}:{on:%Y%m%d}:{source_id}",
                kind="score",
                at=midnight(on),
                title=f"{first.version.name}: {formats.plural(len(parts), 'score')} measured{by}",
                detail="; ".join(f"{score.benchmark} {score_words(score)}" for score in parts[:6])
                + (f"; and {len(parts) - 6} more" if len(parts) > 6 else ""),
                url=f"{reverse('dashboard:model', args=[first.version.model.slug])}#scores",
                model=first.version.model.slug,
                sources=[first.source],
            )
        )
    return found


def score_words(score: Score) -> str:
    if score.benchmark.unit == Benchmark.Unit.FRACTION:
        return formats.percent(score.value)
    return f"{score.value:,.1f}"


def _index() -> list[Change]:
    """One event per nightly fit of the capability index that moved anything."""
    found = []
    fits = (
        IndexFit.objects.filter(policy="independent")
        .exclude(changes=None)
        .defer("inputs")
        .order_by("-created_at")[:MOST_FITS]
    )
    for fit in fits:
        changes = IndexChanges.from_json(fit.changes)
        if changes.is_nothing:
            continue
        parts = [
            f"{each.version} {each.before:.1f} to {each.after:.1f}"
            f" ({'; '.join(score.words for score in each.scores[:3]) or 'through scores of others'})"
            for each in changes.moved[:6]
        ]
        parts += [f"entered: {', '.join(changes.entered[:6])}"] if changes.entered else []
        parts += [f"left: {', '.join(changes.left[:6])}"] if changes.left else []
        found.append(
            Change(
                key=f"index:{fit.pk}:{fit.created_at:%Y%m%dT%H%M}",
                kind="index",
                at=fit.created_at,
                title=f"Capability index fitted anew: {len(changes.moved)} moved beyond their interval, "
                f"{len(changes.entered)} entered, {len(changes.left)} left",
                detail="; ".join(parts),
                url=reverse("dashboard:method"),
                model=None,
                sources=[],
            )
        )
    return found


def _runs() -> list[Change]:
    found = []
    finished: list[Any] = list(recent_runs(limit=MOST_RUNS))  # with counts that the model does not have
    for run in finished:
        if run.finished_at is None:
            continue
        version = run.measured_version
        found.append(
            Change(
                key=f"run:{run.pk}",
                kind="run",
                at=run.finished_at,
                title=f"{run.suite.name} on {run.endpoint.name}: {Run.State(run.state).label}",
                detail=f"{run.n_correct} of {run.n_scored} scored answers correct",
                url=reverse("dashboard:run", args=[run.pk]),
                model=version.model.slug if version else None,
                sources=[],
            )
        )
    return found
