"""Four schedulers as real processes on one database: each slot is claimed once."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from evals.models import Endpoint, Run, RunSample, Schedule, ScheduleSlot, Suite
from tests.support.worker import process_environment

PROGRAM = """
import sys
import django
django.setup()
from django.utils.dateparse import parse_datetime
from evals.services.schedules import tick
print("ready", flush=True)
for line in sys.stdin:
    tick(parse_datetime(line.strip()))
"""
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_four_processes_start_each_slot_once(
    make_suite: Callable[..., Suite], make_endpoint: Callable[..., Endpoint]
) -> None:
    schedule = Schedule.objects.create(
        slug="often",
        name="Often",
        suite=make_suite(2),
        cron="*/10 * * * *",
        budget_usd=Decimal("0.1"),
        next_due_at=MONDAY,
    )
    schedule.endpoints.set([make_endpoint(slug="one"), make_endpoint(slug="two")])
    # No broker there: a run stays queued, which is all that is asked here.
    environment = process_environment(redis_url="redis://127.0.0.1:9/0")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    moments = "".join(f"{(MONDAY + timedelta(minutes=10 * n)).isoformat()}\n" for n in range(8))
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(moments)
        process.stdin.flush()
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    # A process that is behind may find a time of its past already claimed; none is made twice and none is lost.
    due = list(ScheduleSlot.objects.order_by("due_at").values_list("due_at", "state"))
    assert len(due) == len({at for at, _ in due})
    assert {state for _, state in due} == {"started"}
    assert due[-1][0] == MONDAY + timedelta(minutes=70)
    assert sum(ScheduleSlot.objects.values_list("missed", flat=True)) + len(due) == 8
    assert Run.objects.count() == 2 * len(due)
    assert RunSample.objects.count() == 4 * len(due)
