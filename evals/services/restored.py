"""After a restore nothing goes on by itself: a copy does not know what was paid, run or sent since it was made."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from evals.models import Delivery, Run, Schedule, ScheduleSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Quietened:
    """How many runs, schedules and messages wait for a person now."""

    runs: int
    schedules: int
    messages: int


@transaction.atomic
def stop_after_restore(*, made_at: datetime) -> Quietened:
    """Stop restored runs, pause schedules, leave out slots that were about to start, and hold messages not yet sent."""
    made = f"{made_at:%Y-%m-%d %H:%M} UTC"
    runs = Run.objects.filter(state__in=Run.OPEN_STATES).update(
        state=Run.State.FAILED,
        stop_reason=f"Under way when the backup of {made} was made, and stopped by its restore. "
        "What was paid after that moment is not known here. Resume the run to go on.",
        finished_at=timezone.now(),
    )
    schedules = Schedule.objects.filter(is_paused=False).update(is_paused=True, next_due_at=None)
    ScheduleSlot.objects.filter(state=ScheduleSlot.State.CLAIMED).update(state=ScheduleSlot.State.MISSED)
    messages = Delivery.objects.filter(state__in=(Delivery.State.WAITING, Delivery.State.SENDING)).update(
        state=Delivery.State.FAILED,
        last_error=f"Held by the restore of the backup of {made}: it may have been sent since. Send it again if not.",
    )
    return Quietened(runs=runs, schedules=schedules, messages=messages)
