from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from evals.addresses import web_address_problem


class Channel(models.Model):
    """Where messages go: a mail address or a web address of somebody's own."""

    class Kind(models.TextChoices):
        EMAIL = "email", "e-mail"
        WEBHOOK = "webhook"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    address = models.CharField(max_length=500, help_text="A mail address, or the web address that takes the POST.")
    signing_secret = models.TextField(
        blank=True, editable=False, help_text="Encrypted. Webhooks: what the receiver checks signatures with."
    )
    is_active = models.BooleanField(default=True)
    is_open_to_readers = models.BooleanField(
        "open to readers",
        default=False,
        help_text="Everybody who can sign in may have changes of saved views sent here. Otherwise only those who may "
        "change alerts can.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind == self.Kind.EMAIL:
            try:
                validate_email(self.address)
            except ValidationError:
                message = f"{self.address!r} is not a mail address. Write one such as models@example.org."
                raise ValidationError({"address": message}) from None
        elif problem := web_address_problem(self.address):
            raise ValidationError({"address": problem})


class AlertRule(models.Model):
    """What is watched, and who is told."""

    class Kind(models.TextChoices):
        SCORE = "score", "the pass rate moved beyond chance"
        COST = "cost", "the cost per correct answer moved beyond chance"
        LATENCY = "latency", "answers take much longer"
        ENDPOINT = "endpoint", "an endpoint fails"
        RUN = "run", "a run is paused, failed or stopped at its budget"
        BUDGET = "budget", "spending nears a budget"

    COMPARING = (Kind.SCORE, Kind.COST, Kind.LATENCY)

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind)
    schedule = models.ForeignKey(
        "evals.Schedule", models.CASCADE, null=True, blank=True, related_name="alert_rules",
        help_text="Empty means runs of any schedule and by hand.",
    )  # fmt: skip
    endpoint = models.ForeignKey(
        "evals.Endpoint",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="alert_rules",
        help_text="Empty means all.",
    )
    suite = models.ForeignKey(
        "evals.Suite", models.CASCADE, null=True, blank=True, related_name="alert_rules", help_text="Empty means all."
    )
    false_alarm_rate = models.FloatField(
        default=0.05,
        help_text="Pass rate and cost: the chance of one false alarm in 30 looks at one endpoint when nothing changed.",
    )
    factor = models.FloatField(
        default=2.0, help_text="Latency: how many times slower. Budget: not used; 80% of it is near."
    )
    channels = models.ManyToManyField(Channel, blank=True, related_name="rules")
    is_active = models.BooleanField(default=True)
    muted_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then alerts are recorded and nobody is told."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        problems: dict[str, str] = {}
        if self.false_alarm_rate is None or not 0 < self.false_alarm_rate < 0.5:
            problems["false_alarm_rate"] = "A chance between 0 and 0.5 is needed, such as 0.05 for 5%."
        if self.factor is None or not 1 < self.factor <= 100:
            problems["factor"] = "A number above 1 is needed, such as 2 for twice as slow."
        if self.kind == self.Kind.ENDPOINT and (self.suite or self.schedule):
            problems["kind"] = "An endpoint fails whatever it runs. Leave schedule and suite empty."
        if problems:
            raise ValidationError(problems)


class Look(models.Model):
    """One comparison that a rule made. Counted, since every look is one more chance of a false alarm."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="looks")
    run = models.ForeignKey("evals.Run", models.CASCADE, related_name="looks")
    baseline = models.ForeignKey("evals.Run", models.CASCADE, null=True, related_name="looks_as_baseline")
    is_alarm = models.BooleanField(default=False)
    words = models.TextField(help_text="Difference, interval, n and p-value, in words.")
    p_value = models.FloatField(null=True)
    looked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-looked_at"]
        verbose_name, verbose_name_plural = "check by an alert rule", "checks by alert rules"
        constraints = [models.UniqueConstraint(fields=["rule", "run"], name="rule_looks_at_a_run_once")]

    def __str__(self) -> str:
        return self.words


class Alert(models.Model):
    """Something a rule found, until it is over."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="alerts")
    endpoint = models.ForeignKey("evals.Endpoint", models.CASCADE, null=True, related_name="alerts")
    suite = models.ForeignKey("evals.Suite", models.CASCADE, null=True, related_name="alerts")
    subject = models.CharField(max_length=100, help_text="What it is about, as a stable key.")
    run = models.ForeignKey("evals.Run", models.SET_NULL, null=True, related_name="alerts")
    title = models.CharField(max_length=300)
    detail = models.TextField()
    url = models.CharField(max_length=300, help_text="The page behind it, on this site.")
    opened_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True, blank=True)
    recovery = models.TextField(blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    accepted_run = models.ForeignKey(
        "evals.Run", models.SET_NULL, null=True, related_name="accepted_alerts",
        help_text="This run is the new normal; later ones are compared with it.",
    )  # fmt: skip

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=models.Q(recovered_at=None), name="one_open_alert_per_subject"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message to one place. The row is made with the event, in its transaction, so that none is lost."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed", "given up"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=150, help_text="Stable key of the event: the same one is sent once.")
    title = models.CharField(max_length=300)
    text = models.TextField()
    url = models.CharField(max_length=600, blank=True, help_text="As long as the address of a saved view may be.")
    kind = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-happened_at", "-pk"]
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["channel", "event"], name="event_is_sent_once_per_channel")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=["waiting", "sending"]),
                name="delivery_due_next",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} to {self.channel}"
