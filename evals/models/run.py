import uuid
from decimal import Decimal

from django.db import models


class Run(models.Model):
    """One suite on one endpoint. The row is the queue's outbox: Redis only wakes workers."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        FINISHED = "finished"
        DECIDED = "decided", "stopped early: decided"
        CAPPED = "capped", "stopped at its budget"
        CANCELLED = "cancelled"
        FAILED = "failed"

    class Lane(models.TextChoices):
        NORMAL = "normal"
        LATENCY = "latency", "latency: few calls at once, nothing beside it"

    # More calls at once on one event loop add waiting of our own to what is measured.
    LATENCY_CALLS = 8
    CLAIMABLE_STATES = (State.QUEUED, State.RUNNING)
    OPEN_STATES = (State.QUEUED, State.RUNNING, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suite = models.ForeignKey("evals.Suite", models.PROTECT, related_name="runs")
    endpoint = models.ForeignKey("evals.Endpoint", models.PROTECT, related_name="runs")
    comparison = models.ForeignKey(
        "evals.Comparison", models.PROTECT, null=True, blank=True, related_name="runs", help_text="Made together with."
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    stop_reason = models.TextField(blank=True)
    lane = models.CharField(
        max_length=8,
        choices=Lane,
        default=Lane.NORMAL,
        help_text="In the latency lane at most 8 calls are under way, so that waiting in a queue is not measured.",
    )
    repeats = models.PositiveSmallIntegerField(default=1)
    max_output_tokens = models.PositiveIntegerField()
    temperature = models.FloatField(default=0.0)
    seed = models.PositiveIntegerField(default=0)
    budget_usd = models.DecimalField(max_digits=18, decimal_places=12)
    reserved_usd = models.DecimalField(max_digits=18, decimal_places=12, default=Decimal(0))
    spent_usd = models.DecimalField(max_digits=18, decimal_places=12, default=Decimal(0))
    cancel_requested = models.BooleanField(default=False)
    prices = models.JSONField(help_text="The prices in force when the run was made, frozen, with their sources.")
    idempotency_key = models.CharField(max_length=100, null=True, blank=True, unique=True)
    idempotency_wish = models.JSONField(
        default=dict, blank=True, help_text="What was asked for with that key, to tell a repetition from a mistake."
    )
    requested_by = models.CharField(max_length=150, blank=True)
    model_id = models.CharField(
        max_length=300,
        blank=True,
        help_text="The id that was asked for at the start. Empty: older than this was noted.",
    )
    version = models.ForeignKey(
        "catalog.ModelVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        help_text="What the endpoint served at the start, as far as the catalog knew it.",
    )
    code_version = models.CharField(
        max_length=12, blank=True, help_text="Digest of the code that made the run. Empty: older than this was noted."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    first_finished_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Noted when failed samples are asked again: the run keeps this end, so that its day stays its day.",
    )
    rescored_at = models.DateTimeField(
        null=True, blank=True, help_text="When its stored replies were last judged again."
    )
    busy_s = models.FloatField(
        default=0, help_text="Seconds during which a call was under way; calls under way together share the time."
    )
    price_usd_per_mtok = models.DecimalField(
        max_digits=24,
        decimal_places=12,
        null=True,
        blank=True,
        help_text="Self-hosted: machine rent divided by measured throughput, all tokens alike.",
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.suite} on {self.endpoint}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def can_be_cancelled(self) -> bool:
        """While it is open, and when asking its failed samples again failed: then it is finished as before."""
        if self.state == self.State.FAILED:
            return self.first_finished_at is not None
        return self.state in self.OPEN_STATES and not self.cancel_requested


class RunSample(models.Model):
    """One graded item of a run."""

    class State(models.TextChoices):
        PENDING = "pending"
        CLAIMED = "claimed"
        DONE = "done"
        FAILED = "failed", "failed, not scored"
        SKIPPED = "skipped", "not attempted: budget"
        OVERSIZE = "oversize", "not sent: longer than the endpoint takes"
        NOT_ASKED = "not_asked", "not asked: decided before"
        CANCELLED = "cancelled"

    class Outcome(models.TextChoices):
        CORRECT = "correct"
        INCORRECT = "incorrect"
        UNSCORED = "unscored"

    run = models.ForeignKey(Run, models.CASCADE, related_name="samples")
    sample = models.ForeignKey("evals.Sample", models.PROTECT, related_name="run_samples")
    repeat = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(help_text="Order of sending, random and fixed before the run.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts_made = models.PositiveSmallIntegerField(default=0, help_text="Calls, whatever came of them.")
    attempts_before = models.PositiveSmallIntegerField(
        default=0, help_text="Calls made before it was last asked again; the limit of calls counts from there."
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="Calls that failed by this sample's own count.")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=64, blank=True, help_text="The driver that is calling for it now.")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(blank=True, help_text="What the scorer took as the answer.")
    explanation = models.TextField(blank=True, help_text="Why it was judged so, or why it could not be.")
    truncated = models.BooleanField(default=False)
    refused = models.BooleanField(default=False)
    scorer_version = models.CharField(max_length=60, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "position"]
        indexes = [models.Index(fields=["run", "state", "next_attempt_at"])]
        constraints = [
            models.UniqueConstraint(fields=["run", "sample", "repeat"], name="sample_runs_once_per_repeat"),
            models.UniqueConstraint(fields=["run", "position"], name="position_is_unique_in_run"),
        ]

    def __str__(self) -> str:
        return f"{self.sample} in {self.run_id}"


class Attempt(models.Model):
    """One paid call. The row is written before the call, so money cannot be spent unseen."""

    class State(models.TextChoices):
        SENT = "sent"
        ANSWERED = "answered"
        ERROR = "error"
        UNKNOWN = "unknown", "outcome unknown; booked as paid"

    run_sample = models.ForeignKey(RunSample, models.CASCADE, related_name="attempts")
    n = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    request = models.JSONField(help_text="What was sent, without the key.")
    reply = models.JSONField(null=True, blank=True, help_text="What came back, whole.")
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    raw_usage = models.JSONField(null=True, blank=True)
    input_tokens = models.PositiveIntegerField(null=True, blank=True, help_text="Uncached input only.")
    cached_input_tokens = models.PositiveIntegerField(null=True, blank=True)
    cache_write_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True, help_text="Reasoning included.")
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    reply_model = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=200, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    maybe_billed = models.BooleanField(default=False)
    reserved_usd = models.DecimalField(max_digits=18, decimal_places=12)
    cost_usd = models.DecimalField(
        max_digits=18, decimal_places=12, null=True, blank=True, help_text="Empty means unknown, never zero."
    )
    booked_usd = models.DecimalField(
        max_digits=18,
        decimal_places=12,
        null=True,
        blank=True,
        help_text="What was taken from the budget: the cost, or the reserve where the cost is unknown.",
    )
    started_at = models.DateTimeField()
    machine_s = models.FloatField(
        null=True, blank=True, help_text="Its share of the endpoint's time: calls under way together share it evenly."
    )
    time_to_first_token_ms = models.FloatField(null=True, blank=True)
    latency_ms = models.FloatField(null=True, blank=True)
    loop_lag_ms = models.FloatField(null=True, blank=True, help_text="How late our own event loop was.")

    class Meta:
        ordering = ["run_sample", "n"]
        constraints = [models.UniqueConstraint(fields=["run_sample", "n"], name="attempt_is_numbered_once")]

    def __str__(self) -> str:
        return f"Attempt {self.n} at {self.run_sample}"
