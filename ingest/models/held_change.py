from django.db import models


class HeldChange(models.Model):
    """A doubtful change that waits for a person while the old value stays in force."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    record = models.ForeignKey("ingest.RawRecord", models.PROTECT, related_name="held_changes")
    field = models.CharField(max_length=120, help_text='What would change: "output, standard".')
    old_value = models.CharField(max_length=60, blank=True)
    new_value = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300)
    proposal = models.JSONField(help_text="The observation, complete, so that accepting it needs no second reading.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.record}: {self.field} {self.old_value} to {self.new_value}"
