from django.db import models


class Proposal(models.Model):
    """A name of a feed that nobody has explained yet, with what it may mean. Decided once, it never asks again."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted", "decided: an alias says what it means"
        REJECTED = "rejected", "rejected: do not ask again"
        SETTLED = "settled", "settled by an alias from elsewhere"

    feed = models.ForeignKey("ingest.Feed", models.PROTECT, related_name="proposals")
    namespace = models.CharField(max_length=100)
    raw_name = models.CharField(max_length=300)
    record = models.ForeignKey("ingest.RawRecord", models.PROTECT, related_name="proposals")
    version = models.ForeignKey(
        "catalog.ModelVersion", models.PROTECT, null=True, blank=True, related_name="+", help_text="The likeliest one."
    )
    method = models.CharField(max_length=40, blank=True, help_text="How the candidate was found.")
    score = models.FloatField(default=0, help_text="How sure that is, 0 to 1.")
    evidence = models.JSONField(default=list, help_text="The reasons, a sentence each.")
    records = models.PositiveIntegerField(default=0)
    prices = models.PositiveIntegerField(default=0)
    scores = models.PositiveIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    worth = models.PositiveIntegerField(default=0, help_text="Number of prices, scores and facts that wait for it.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was decided so.")
    written = models.JSONField(
        default=dict, blank=True, help_text="The rows that the decision made, so that it can be taken back."
    )
    log = models.JSONField(default=list, blank=True, help_text="Every decision and its undoing: when, who, what, why.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-worth", "namespace", "raw_name"]
        constraints = [models.UniqueConstraint(fields=["namespace", "raw_name"], name="name_is_proposed_once")]
        indexes = [models.Index(fields=["state", "-worth"])]

    def __str__(self) -> str:
        return f"{self.namespace}: {self.raw_name}"
