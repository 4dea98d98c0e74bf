"""What a solved task costs by our own runs: one finished run of each version on one suite.

It is the newest among those that asked the most items, so a quick look at twenty does not replace the whole suite.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse

from dashboard import formats
from dashboard.errors import BadParameter
from economics.interval import Interval
from evals.models import Run, RunSample, Suite
from evals.selectors import run_summaries
from evals.services.measured import run_address

SERVED = Coalesce("version_id", "endpoint__version_id", "endpoint__offering__version_id")
# Of a finished run: it has a sample for each item it was to ask. Repeats of an item are no more items.
N_ITEMS = Subquery(
    RunSample.objects.filter(run=OuterRef("pk"))
    .order_by()
    .values("run")
    .annotate(n=Count("sample", distinct=True))
    .values("n")
)
ORDER = (F("n_items").desc(nulls_last=True), F("finished_at").desc(), F("pk").desc())


@dataclass(frozen=True, slots=True)
class MeasuredCost:
    """US$ per correct answer of one run. ``usd`` is None where a price was unknown, infinite where nothing was solved.

    ``n`` answers were counted; ``interval`` is in USD, its upper end may be infinite.
    """

    run: Run
    usd: Decimal | None
    interval: Interval | None
    n: int
    solved: int

    @property
    def url(self) -> str:
        return reverse("dashboard:run", args=[self.run.pk])

    @property
    def measured_on(self) -> date | None:
        return self.run.finished_at.date() if self.run.finished_at else None

    @property
    def solved_nothing(self) -> bool:
        return self.usd is not None and self.usd.is_infinite()

    @property
    def drawable_usd(self) -> Decimal | None:
        """None for infinite too, which has no place on an axis."""
        return None if self.solved_nothing else self.usd

    @property
    def words(self) -> str:
        """ "$0.0021 to $0.0034 (95%), 60 answers, 26 Nov 2026"; without an interval the rest."""
        level = f"{self.interval.level:.0%}" if self.interval else ""
        span = (
            f"{formats.usd(self.interval.low)} to {formats.usd(self.interval.high)} ({level}), "
            if self.interval
            else ""
        )
        return f"{span}{formats.plural(self.n, 'answer')}, {formats.day(self.measured_on)}"


@dataclass(frozen=True, slots=True)
class MeasuredSuite:
    """A suite with the number of versions that have a finished run on it."""

    slug: str
    name: str
    versions: int

    @property
    def url(self) -> str:
        return reverse("dashboard:suite", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Measurement:
    """The runs behind the x axis. ``suite`` None: nothing has been measured, or nothing was asked for."""

    suite: MeasuredSuite | None
    suites: list[MeasuredSuite]
    costs: dict[int, list[MeasuredCost]] = field(default_factory=dict)

    def of_version(self, version_id: int) -> MeasuredCost | None:
        costs = self.costs.get(version_id)
        return costs[0] if costs else None

    def of_run(self, version_id: int, url: str) -> MeasuredCost | None:
        """The cost of the run whose page is at ``url``."""
        return next((cost for cost in self.costs.get(version_id, []) if cost.url == url), None)


def measured_suites(day: date) -> list[MeasuredSuite]:
    """Every suite with a finished run of a known version by that day, the most widely run first."""
    counts = (
        _finished(day)
        .values("suite__slug", "suite__name")
        .annotate(versions=Count("served_id", distinct=True))
        .order_by("-versions", "suite__slug")
    )
    return [MeasuredSuite(each["suite__slug"], each["suite__name"], each["versions"]) for each in counts]


def measurement(slug: str, day: date, *, all_runs: bool = False) -> Measurement:
    """The costs on a suite (empty: on the one where most versions have a cost) by version id.

    The run with the most items first, of equals the newest. Only that one of a version is there, unless ``all_runs``.

    :raises BadParameter: for a name that is no suite.
    """
    every = costs_by_suite(day)
    suites = [suite for suite, _ in every]
    chosen = next((each for each in suites if each.slug == slug or not slug), None)
    if chosen is None:
        if slug and not Suite.objects.filter(slug=slug).exists():
            known = ", ".join(each.slug for each in suites) or "none yet"
            raise BadParameter(
                "task", f"task is {slug!r}, which is no suite here. Suites with a finished run: {known}."
            )
        return Measurement(None, suites)
    if not all_runs:
        of_suite = next(costs for suite, costs in every if suite == chosen)
        return Measurement(chosen, suites, {pk: [cost] for pk, cost in of_suite.items()})
    runs = list(_finished(day).filter(suite__slug=chosen.slug).annotate(n_items=N_ITEMS).order_by(*ORDER))
    costs: dict[int, list[MeasuredCost]] = {}
    for run, cost in zip(runs, _costs(runs), strict=True):
        costs.setdefault(run.served_id, []).append(cost)
    return Measurement(chosen, suites, costs)


def run_ranks(slugs: Collection[str], day: date) -> dict[str, int]:
    """The address of each finished run on these suites to its place: of two runs of a version the higher one counts.

    It is the order in which costs are chosen. Without a suite nothing is asked; ``""`` is none.
    """
    if not any(slugs):
        return {}
    runs = _finished(day).filter(suite__slug__in=slugs).annotate(n_items=N_ITEMS).order_by(*ORDER)
    return {run_address(run): -place for place, run in enumerate(runs)}


def widest_runs(version_ids: Collection[int], day: date) -> list[tuple[int, Run]]:
    """The run that counts of each of these versions on each suite, with the version's id."""
    runs = _one_each(day).filter(served_id__in=version_ids).select_related("suite", "endpoint")
    return [(run.served_id, run) for run in runs]


def costs_by_suite(day: date) -> list[tuple[MeasuredSuite, dict[int, MeasuredCost]]]:
    """Each suite with a finished run by that day, and the cost of each version that ran it, by version id.

    First the suite on which most versions have a cost that can be drawn, then the most widely run one.
    """
    runs = list(_one_each(day))
    found: dict[str, dict[int, MeasuredCost]] = {}
    for run, cost in zip(runs, _costs(runs), strict=True):
        found.setdefault(run.suite.slug, {})[run.served_id] = cost
    names = {run.suite.slug: run.suite.name for run in runs}
    drawn = {slug: sum(cost.drawable_usd is not None for cost in costs.values()) for slug, costs in found.items()}
    ranked = sorted(found, key=lambda slug: (-drawn[slug], -len(found[slug]), slug))
    return [(MeasuredSuite(slug, names[slug], len(found[slug])), found[slug]) for slug in ranked]


def _one_each(day: date) -> QuerySet[Any]:
    """For each version and suite the newest among the finished runs that asked the most items."""
    place = Window(RowNumber(), partition_by=[F("suite_id"), SERVED], order_by=list(ORDER))
    runs: QuerySet[Any] = (
        _finished(day).annotate(n_items=N_ITEMS).annotate(place=place).filter(place=1).select_related("suite")
    )
    return runs


def _finished(day: date) -> QuerySet[Any]:
    runs = Run.objects.filter(Q(state=Run.State.FINISHED), finished_at__date__lte=day)
    return runs.annotate(served_id=SERVED).filter(served_id__isnull=False)


def _costs(runs: Sequence[Run]) -> Iterable[MeasuredCost]:
    summaries = run_summaries(runs)
    for run in runs:
        found = summaries[run.pk].cost_of_pass
        if found is None:
            yield MeasuredCost(run, None, None, summaries[run.pk].n_scored, summaries[run.pk].n_correct)
            continue
        value = found.value
        yield MeasuredCost(
            run,
            # A quotient of floats: what is behind the twelfth digit is noise, and would cross round limits.
            None if value is None else Decimal(f"{value:.12g}"),
            found.interval if value is not None else None,
            found.n,
            found.successes,
        )
