"""Schedules as the page and the API show them: last result, trend, next time. A constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Prefetch, Q, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString

from dashboard import formats
from dashboard.charts.svg import element
from economics.intervals import proportion_interval
from evals.models import Alert, Endpoint, Run, RunSample, Schedule, ScheduleSlot, SlotRun
from evals.schedule_times import next_times

IN_TREND = 20
WIDTH, HEIGHT, EDGE = 120.0, 28.0, 3.0


@dataclass(frozen=True, slots=True)
class Result:
    """One run of a schedule, or the reason why there is none."""

    due_at: datetime
    run: Run | None
    problem: str
    n_scored: int = 0
    n_correct: int = 0

    @property
    def pass_rate(self) -> float | None:
        return self.n_correct / self.n_scored if self.n_scored else None

    @property
    def interval(self) -> str:
        """Wilson's for single answers; repeats depend on each other, and the run's own page has theirs."""
        if not self.n_scored or (self.run and self.run.repeats > 1):
            return ""
        found = proportion_interval(successes=self.n_correct, n=self.n_scored)
        return "" if found is None else f"{formats.percent(found.low)} to {formats.percent(found.high)}, 95%"


@dataclass(frozen=True, slots=True)
class Line:
    """One schedule on one endpoint; ``results`` are the newest, oldest first."""

    endpoint: Endpoint
    results: list[Result] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def last(self) -> Result | None:
        return self.results[-1] if self.results else None

    @property
    def trend(self) -> list[float]:
        return [each.pass_rate for each in self.results if each.pass_rate is not None]

    @property
    def trend_words(self) -> str:
        rates = ", ".join(formats.percent(each) for each in self.trend)
        return f"Pass rates of the last {len(self.trend)} runs, the oldest first: {rates}"

    @property
    def sparkline(self) -> SafeString | str:
        """The pass rates from 0 to 100%, with the last one marked."""
        rates = self.trend
        if len(rates) < 2:
            return ""
        step = (WIDTH - 2 * EDGE) / (len(rates) - 1)
        places = [(EDGE + step * n, EDGE + (1 - rate) * (HEIGHT - 2 * EDGE)) for n, rate in enumerate(rates)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        x, y = places[-1]
        return element(
            "svg",
            element("polyline", points=line, fill="none"),
            element("circle", cx=x, cy=y, r=2.4),
            class_="spark", viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", width=WIDTH, height=HEIGHT, role="img",
            aria_label=self.trend_words,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScheduleView:
    schedule: Schedule
    lines: list[Line]
    missed: int

    @property
    def next_at(self) -> datetime | None:
        """In the schedule's own zone; None while it is paused."""
        due = self.schedule.next_due_at
        return due.astimezone(ZoneInfo(self.schedule.time_zone)) if due and not self.schedule.is_paused else None

    @property
    def following(self) -> list[datetime]:
        if self.next_at is None:
            return []
        return next_times(self.schedule.cron, self.schedule.time_zone, after=self.next_at, n=4)

    @property
    def alerts(self) -> list[Alert]:
        return [alert for line in self.lines for alert in line.alerts]


def schedule_views(*, window: slice | None = None, slug: str = "") -> list[ScheduleView]:
    """In the order of their names; only the one with that slug when it is given."""
    wanted = Schedule.objects.filter(slug=slug) if slug else Schedule.objects.all()
    endpoints = Prefetch("endpoints", Endpoint.objects.order_by("name"))
    schedules = list(
        wanted.select_related("suite").prefetch_related(endpoints).order_by("name", "pk")[window or slice(None)]
    )
    keys = [schedule.pk for schedule in schedules]
    results = _results(keys)
    open_alerts = _alerts(schedules)
    missed = _missed(keys)
    return [
        ScheduleView(
            schedule,
            [
                Line(
                    endpoint,
                    results[schedule.pk, endpoint.pk],
                    # A rule for one schedule says nothing about another one of the same suite.
                    [
                        alert
                        for alert in open_alerts[schedule.suite_id, endpoint.pk]
                        if alert.rule.schedule_id in {None, schedule.pk}
                    ],
                )
                for endpoint in schedule.endpoints.all()
            ],
            missed.get(schedule.pk, 0),
        )
        for schedule in schedules
    ]


def _results(keys: list[int]) -> defaultdict[tuple[int, int], list[Result]]:
    rank = Window(RowNumber(), partition_by=[F("slot__schedule"), F("endpoint")], order_by=F("slot__due_at").desc())
    newest = (
        SlotRun.objects.filter(slot__schedule__in=keys)
        .annotate(rank=rank)
        .filter(rank__lte=IN_TREND)
        .select_related("slot", "run")
        .order_by("slot__due_at", "pk")
    )
    rows = list(newest)
    judged = Q(outcome__in=(RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT))
    counts: dict[Any, tuple[int, int]] = {
        run: (scored, correct)
        for run, scored, correct in RunSample.objects.filter(run__in=[row.run_id for row in rows if row.run_id])
        .values("run")
        .annotate(scored=Count("pk", filter=judged), correct=Count("pk", filter=Q(outcome=RunSample.Outcome.CORRECT)))
        .values_list("run", "scored", "correct")
    }
    found: defaultdict[tuple[int, int], list[Result]] = defaultdict(list)
    for row in rows:
        scored, correct = counts.get(row.run_id, (0, 0))
        found[row.slot.schedule_id, row.endpoint_id].append(
            Result(row.slot.due_at, row.run, row.problem, scored, correct)
        )
    return found


def _alerts(schedules: list[Schedule]) -> defaultdict[tuple[int | None, int | None], list[Alert]]:
    found: defaultdict[tuple[int | None, int | None], list[Alert]] = defaultdict(list)
    suites = {schedule.suite_id for schedule in schedules}
    for alert in Alert.objects.filter(recovered_at=None).select_related("rule").order_by("opened_at"):
        for suite in suites if alert.suite_id is None else {alert.suite_id}:
            found[suite, alert.endpoint_id].append(alert)
    return found


def _missed(keys: list[int]) -> dict[int, int]:
    """How many times of each schedule's newest slot were left out."""
    found: dict[int, int] = {}
    rank = Window(RowNumber(), partition_by=[F("schedule")], order_by=F("due_at").desc())
    for slot in ScheduleSlot.objects.filter(schedule__in=keys).annotate(rank=rank).filter(rank=1):
        found[slot.schedule_id] = slot.missed + (slot.state == ScheduleSlot.State.MISSED)
    return found
