"""Schedules: claimed once, started once, whatever was down in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from evals.errors import InvalidSetting
from evals.models import Endpoint, Run, Schedule, ScheduleSlot, SlotRun, Suite
from evals.services import schedules, start_run
from evals.services.schedules import claim_due, plan_next, run_now, set_paused, start_slot, tick

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]
MakeSchedule = Callable[..., Schedule]


@pytest.fixture
def make_schedule(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> MakeSchedule:
    """Every day at 6:00 UTC on one endpoint, first due on a Monday."""

    def make(**fields: Any) -> Schedule:
        endpoints = fields.pop("endpoints", None) or [make_endpoint()]
        defaults: dict[str, Any] = {"cron": "0 6 * * *", "budget_usd": Decimal("0.1"), "next_due_at": MONDAY}
        suite = fields.pop("suite", None) or make_suite()
        schedule = Schedule.objects.create(slug="daily", name="Daily", suite=suite, **(defaults | fields))
        schedule.endpoints.set(endpoints)
        return schedule

    return make


def slots() -> list[tuple[str, str, int]]:
    return [(f"{slot.due_at:%d %H:%M}", slot.state, slot.missed) for slot in ScheduleSlot.objects.order_by("due_at")]


def test_a_due_time_starts_one_run_per_endpoint_and_moves_on(
    make_schedule: MakeSchedule, make_endpoint: MakeEndpoint
) -> None:
    schedule = make_schedule(
        endpoints=[make_endpoint(slug="one"), make_endpoint(slug="two")],
        repeats=2,
        sample_limit=2,
        budget_usd=Decimal("0.25"),
    )
    assert tick(MONDAY - SECOND) == 0
    assert tick(MONDAY) == 1
    assert tick(MONDAY + SECOND) == 0, "a second tick changes nothing"
    assert slots() == [("23 06:00", "started", 0)]
    runs = list(Run.objects.order_by("endpoint__slug"))
    assert [(run.endpoint.slug, run.repeats, run.samples.count(), run.budget_usd) for run in runs] == [
        ("one", 2, 4, Decimal("0.25")),
        ("two", 2, 4, Decimal("0.25")),
    ]
    assert [run.requested_by for run in runs] == ["schedule daily"] * 2
    schedule.refresh_from_db()
    assert schedule.next_due_at == MONDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "expected", "runs"),
    [
        ({"misfire": "skip"}, [("26 06:00", "missed", 3)], 0),
        ({"misfire": "once"}, [("26 06:00", "started", 3)], 1),
        ({"misfire": "all", "most_catch_up": 2}, [("25 06:00", "started", 2), ("26 06:00", "started", 0)], 2),
        (
            {"misfire": "all", "most_catch_up": 50},
            [
                ("23 06:00", "started", 0),
                ("24 06:00", "started", 0),
                ("25 06:00", "started", 0),
                ("26 06:00", "started", 0),
            ],
            4,
        ),
    ],
)
def test_days_without_a_scheduler_follow_the_misfire_policy(
    make_schedule: MakeSchedule, fields: dict[str, Any], expected: list[tuple[str, str, int]], runs: int
) -> None:
    schedule = make_schedule(**fields)
    tick(MONDAY + timedelta(days=3, hours=12))
    assert slots() == expected
    assert Run.objects.count() == runs
    schedule.refresh_from_db()
    assert schedule.next_due_at == MONDAY + timedelta(days=4)


def test_skip_runs_a_time_that_is_only_a_little_late(make_schedule: MakeSchedule) -> None:
    make_schedule(misfire="skip")
    tick(MONDAY + timedelta(minutes=4))
    assert slots() == [("23 06:00", "started", 0)]


def test_a_crash_between_claim_and_start_is_finished_by_the_next_tick_with_one_run(
    make_schedule: MakeSchedule, make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_schedule(endpoints=[make_endpoint(slug="one"), make_endpoint(slug="two")])
    real = start_run
    calls = 0

    def dies_at_the_second(**fields: Any) -> Run:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise SystemExit
        return real(**fields)

    monkeypatch.setattr(schedules, "start_run", dies_at_the_second)
    with pytest.raises(SystemExit):
        tick(MONDAY)
    assert slots() == [("23 06:00", "claimed", 0)]
    first = Run.objects.get()
    # Worse: the process died after the run and before the note of it.
    SlotRun.objects.all().delete()
    tick(MONDAY + SECOND)
    assert slots() == [("23 06:00", "started", 0)]
    assert Run.objects.count() == SlotRun.objects.filter(run__isnull=False).count() == 2
    assert SlotRun.objects.get(endpoint__slug="one").run == first


def test_a_slot_that_fails_does_not_hold_up_the_others(
    make_schedule: MakeSchedule, make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_schedule(misfire="all", endpoints=[make_endpoint()])
    real, calls = start_run, 0

    def fails_first(**fields: Any) -> Run:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("disk on fire")
        return real(**fields)

    monkeypatch.setattr(schedules, "start_run", fails_first)
    assert tick(MONDAY + timedelta(days=1)) == 1
    assert tick(MONDAY + timedelta(days=1)) == 1, "the next tick makes up for it"
    assert Run.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_schedulers_at_once_claim_and_start_each_slot_once(make_schedule: MakeSchedule) -> None:
    make_schedule(misfire="all", most_catch_up=5)

    def go(_: int) -> int:
        try:
            return tick(MONDAY + timedelta(days=4))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        started = sum(pool.map(go, range(8)))
    assert started == Run.objects.count() == ScheduleSlot.objects.count() == 5


def test_runs_of_a_schedule_are_in_its_lane(make_schedule: MakeSchedule) -> None:
    run_now(make_schedule(lane=Run.Lane.LATENCY), requested_by="ada")

    assert Run.objects.get().lane == Run.Lane.LATENCY


def test_a_run_that_cannot_start_leaves_its_reason_and_does_not_stop_the_others(
    make_schedule: MakeSchedule, make_endpoint: MakeEndpoint
) -> None:
    closed = make_endpoint(slug="closed", state=Endpoint.State.NO_CREDIT, state_message="The account is empty.")
    make_schedule(endpoints=[closed, make_endpoint(slug="open")])
    tick(MONDAY)
    assert Run.objects.get().endpoint.slug == "open"
    assert "The account is empty." in SlotRun.objects.get(endpoint=closed).problem
    assert slots() == [("23 06:00", "started", 0)]


def test_paused_schedules_rest_and_nothing_is_missed_meanwhile(make_schedule: MakeSchedule) -> None:
    schedule = set_paused(make_schedule(), is_paused=True)
    assert schedule.next_due_at is None
    tick(MONDAY + timedelta(days=2))
    set_paused(schedule, is_paused=False, now=MONDAY + timedelta(days=2, hours=1))
    tick(MONDAY + timedelta(days=2, hours=2))
    assert slots() == []
    assert schedule.next_due_at == MONDAY + timedelta(days=3)


def test_run_now_pressed_twice_runs_once_and_leaves_the_plan_alone(make_schedule: MakeSchedule) -> None:
    schedule = make_schedule(is_paused=True, next_due_at=None)
    first = run_now(schedule, requested_by="ada", now=MONDAY + timedelta(seconds=7))
    second = run_now(schedule, requested_by="ada", now=MONDAY + timedelta(seconds=8))
    assert first == second
    assert Run.objects.get().requested_by == "ada"
    schedule.refresh_from_db()
    assert schedule.next_due_at is None


def test_run_now_without_an_endpoint_says_so(make_schedule: MakeSchedule) -> None:
    schedule = make_schedule()
    schedule.endpoints.clear()
    with pytest.raises(InvalidSetting, match=r"The schedule Daily has no endpoint. Add one"):
        run_now(schedule, requested_by="ada")


def test_claiming_a_schedule_that_moved_on_gives_nothing(make_schedule: MakeSchedule) -> None:
    schedule = make_schedule()
    assert len(claim_due(schedule.pk, now=MONDAY)) == 1
    assert claim_due(schedule.pk, now=MONDAY) == []
    slot = ScheduleSlot.objects.select_related("schedule__suite").get()
    assert [start_slot(slot), start_slot(slot)] == [True, False]


def test_days_of_clock_changes_have_one_slot_each(make_schedule: MakeSchedule) -> None:
    schedule = make_schedule(cron="30 2 * * *", time_zone="Europe/Berlin")
    plan_next(schedule, now=datetime(2026, 10, 24, 12, tzinfo=UTC))
    for hour in range(60):
        tick(datetime(2026, 10, 24, 12, tzinfo=UTC) + timedelta(hours=hour))
    assert slots() == [("25 00:30", "started", 0), ("26 01:30", "started", 0)]
