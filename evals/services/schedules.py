"""Schedules: claiming the times that have come, and starting their runs. Safe to run anywhere, any number of times.

The row of a slot is made once, whoever comes first; the key of its runs is made of that row, so a start that was cut
off in the middle is finished by the next tick without a second run.
"""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from evals.errors import EvalError, InvalidSetting
from evals.models import Endpoint, Run, Schedule, ScheduleSlot, SlotRun
from evals.schedule_times import MOST_COUNTED, due_times
from evals.services.runs import start_run

logger = logging.getLogger(__name__)

# A tick that comes this late is still on time: a restart of the scheduler is no misfire.
LATE = timedelta(minutes=5)


def plan_next(schedule: Schedule, *, now: datetime | None = None) -> Schedule:
    """Write when the schedule is due next, after its times or its pause were changed. What is past is not missed."""
    schedule.next_due_at = None if schedule.is_paused else schedule.due_after(now or timezone.now())
    schedule.save(update_fields=["next_due_at"])
    return schedule


def set_paused(schedule: Schedule, *, is_paused: bool, now: datetime | None = None) -> Schedule:
    """Pause a schedule or let it go on from now."""
    schedule.is_paused = is_paused
    schedule.save(update_fields=["is_paused"])
    return plan_next(schedule, now=now)


def tick(now: datetime | None = None) -> int:
    """Claim what is due and start what is claimed. Return how many slots were started."""
    moment = now or timezone.now()
    for pk in Schedule.objects.filter(is_paused=False, next_due_at__lte=moment).values_list("pk", flat=True):
        try:
            claim_due(pk, now=moment)
        except DatabaseError:
            logger.exception("Schedule %s could not be claimed; the next tick tries again.", pk)
    started = 0
    for slot in ScheduleSlot.objects.filter(state=ScheduleSlot.State.CLAIMED).select_related("schedule__suite"):
        try:
            started += start_slot(slot)
        except Exception:  # one slot must not hold up the others; it stays claimed for the next tick
            logger.exception("%s could not be started; the next tick tries again.", slot)
    return started


@transaction.atomic
def claim_due(schedule_id: int, *, now: datetime) -> list[ScheduleSlot]:
    """Make the slots of the times that have come, by the schedule's misfire policy, and move it on."""
    schedule = Schedule.objects.select_for_update(no_key=True).get(pk=schedule_id)
    first = schedule.next_due_at
    if schedule.is_paused or first is None or first > now:
        return []
    newest = schedule.most_catch_up if schedule.misfire == Schedule.Misfire.ALL else 1
    found, n = due_times(schedule.cron, schedule.time_zone, first=first, until=now, newest=newest)
    is_late = found[-1] < now - LATE
    is_left_out = schedule.misfire == Schedule.Misfire.SKIP and is_late
    slots = [
        ScheduleSlot(
            schedule=schedule,
            due_at=due,
            state=ScheduleSlot.State.MISSED if is_left_out else ScheduleSlot.State.CLAIMED,
            missed=n - len(found) if position == 0 else 0,
        )
        for position, due in enumerate(found)
    ]
    ScheduleSlot.objects.bulk_create(slots, ignore_conflicts=True)
    schedule.next_due_at = schedule.due_after(now)
    schedule.save(update_fields=["next_due_at"])
    if n > len(found) or is_left_out:
        count = f"{MOST_COUNTED} or more" if n >= MOST_COUNTED else str(n)
        logger.warning("Schedule %s had %s times while nothing claimed them.", schedule.slug, count)
    return slots


def start_slot(slot: ScheduleSlot) -> bool:
    """Start the runs of a claimed slot, one per endpoint, and say whether this call finished it. Idempotent."""
    for endpoint in slot.schedule.endpoints.select_related("offering__provider", "version").order_by("pk"):
        _start_on(slot, endpoint)
    changed = ScheduleSlot.objects.filter(pk=slot.pk, state=ScheduleSlot.State.CLAIMED)
    return bool(changed.update(state=ScheduleSlot.State.STARTED))


def run_now(schedule: Schedule, *, requested_by: str, now: datetime | None = None) -> ScheduleSlot:
    """Run a schedule now, paused or not. Pressed twice within a minute it runs once.

    :raises InvalidSetting: for a schedule without endpoints.
    """
    if not schedule.endpoints.exists():
        raise InvalidSetting(f"The schedule {schedule.name} has no endpoint. Add one, then run it.")
    minute = (now or timezone.now()).replace(second=0, microsecond=0)
    with transaction.atomic():
        slot, _ = ScheduleSlot.objects.get_or_create(
            schedule=schedule, due_at=minute, defaults={"is_manual": True, "requested_by": requested_by}
        )
    start_slot(slot)
    slot.refresh_from_db()
    return slot


def _start_on(slot: ScheduleSlot, endpoint: Endpoint) -> None:
    if slot.runs.filter(endpoint=endpoint).exists():
        return
    schedule = slot.schedule
    key = f"slot:{slot.pk}:{endpoint.pk}"
    # A start that was cut off after the run was made: it is that one, even if the schedule has been edited since.
    run, problem = Run.objects.filter(idempotency_key=key).first(), ""
    try:
        run = run or start_run(
            suite=schedule.suite,
            endpoint=endpoint,
            limit=schedule.sample_limit,
            repeats=schedule.repeats,
            budget_usd=schedule.budget_usd,
            accept_unknown_cost=schedule.accept_unknown_cost,
            lane=schedule.lane,
            idempotency_key=key,
            requested_by=slot.requested_by or f"schedule {schedule.slug}"[:150],
        )
    except EvalError as error:
        problem = str(error)
        logger.warning("Schedule %s has no run on %s: %s", schedule.slug, endpoint.slug, problem)
    SlotRun.objects.bulk_create(
        [SlotRun(slot=slot, endpoint=endpoint, run=run, problem=problem)], ignore_conflicts=True
    )
