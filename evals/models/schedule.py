from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from evals.models.run import Run
from evals.schedule_times import MOST_CATCH_UP, cron_problem, next_times, zone_problem


class Schedule(models.Model):
    """When a suite is run on some endpoints by itself."""

    class Misfire(models.TextChoices):
        SKIP = "skip", "leave the missed times out"
        ONCE = "once", "run once for all missed times"
        ALL = "all", "run each missed time, up to the number below"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    suite = models.ForeignKey("evals.Suite", models.PROTECT, related_name="schedules")
    endpoints = models.ManyToManyField("evals.Endpoint", related_name="schedules")
    cron = models.CharField(
        max_length=100,
        help_text='Five fields: minute, hour, day, month, weekday. "0 6 * * MON-FRI" is 6:00 on workdays.',
    )
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Such as Europe/Berlin.")
    misfire = models.CharField(
        max_length=4, choices=Misfire, default=Misfire.ONCE, help_text="What happens to times at which nothing ran."
    )
    most_catch_up = models.PositiveSmallIntegerField(
        default=3, help_text=f"The newest that many missed times are run, 1 to {MOST_CATCH_UP}."
    )
    repeats = models.PositiveSmallIntegerField(default=1, help_text="How often each sample is asked.")
    sample_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Empty means the whole suite.")
    budget_usd = models.DecimalField(
        max_digits=18,
        decimal_places=12,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
        verbose_name="cap per run in USD",
        help_text="No run of this schedule spends more, on any endpoint.",
    )
    accept_unknown_cost = models.BooleanField(
        default=False, help_text="Also run endpoints whose price is not known. No cap can hold there."
    )
    lane = models.CharField(
        max_length=8,
        choices=Run.Lane,
        default=Run.Lane.NORMAL,
        help_text="The latency lane measures how long answers take without waiting behind other calls. It is slower.",
    )
    is_paused = models.BooleanField(default=False, help_text="Times that pass meanwhile are not missed.")
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(
                fields=["next_due_at"],
                condition=models.Q(is_paused=False, next_due_at__isnull=False),
                name="schedule_due_next",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        problems: dict[str, str] = {}
        if problem := zone_problem(self.time_zone):
            problems["time_zone"] = problem
        elif problem := cron_problem(self.cron, ZoneInfo(self.time_zone)):
            problems["cron"] = problem
        if not 1 <= (self.most_catch_up or 0) <= MOST_CATCH_UP:
            problems["most_catch_up"] = (
                f"At most {MOST_CATCH_UP} missed times can be run, and at least 1. To run none, choose to leave "
                "them out."
            )
        if not 1 <= (self.repeats or 0) <= 100:
            problems["repeats"] = "Each sample is asked 1 to 100 times. Give a number between them."
        if self.sample_limit == 0:
            problems["sample_limit"] = "With 0 samples nothing is asked. Give at least 1, or leave it empty for all."
        if self.budget_usd is not None and (not self.budget_usd.is_finite() or self.budget_usd <= 0):
            problems["budget_usd"] = "With no money nothing is asked. Give an amount above 0, such as 0.50."
        if problems:
            raise ValidationError(problems)

    def due_after(self, moment: datetime) -> datetime:
        """The first time of this schedule after ``moment``, in UTC."""
        return next_times(self.cron, self.time_zone, after=moment, n=1)[0].astimezone(UTC)


class ScheduleSlot(models.Model):
    """One moment of a schedule. Whoever inserts the row has it; nobody else can."""

    class State(models.TextChoices):
        CLAIMED = "claimed", "about to start"
        STARTED = "started"
        MISSED = "missed", "left out"

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="slots")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.CLAIMED)
    is_manual = models.BooleanField(default=False, help_text="Somebody pressed Run now.")
    missed = models.PositiveIntegerField(default=0, help_text="Times before this one that were left out.")
    requested_by = models.CharField(max_length=150, blank=True)
    claimed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-due_at"]
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="slot_is_claimed_once")]
        indexes = [models.Index(fields=["state"], condition=models.Q(state="claimed"), name="slot_about_to_start")]

    def __str__(self) -> str:
        return f"{self.schedule} at {self.due_at:%Y-%m-%d %H:%M} UTC"


class SlotRun(models.Model):
    """What a slot came to on one endpoint: a run, or the reason why there is none."""

    slot = models.ForeignKey(ScheduleSlot, models.CASCADE, related_name="runs")
    endpoint = models.ForeignKey("evals.Endpoint", models.CASCADE, related_name="slot_runs")
    run = models.OneToOneField("evals.Run", models.CASCADE, null=True, blank=True, related_name="slot_run")
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["slot", "endpoint"]
        constraints = [models.UniqueConstraint(fields=["slot", "endpoint"], name="slot_runs_once_per_endpoint")]

    def __str__(self) -> str:
        return f"{self.slot} on {self.endpoint}"
