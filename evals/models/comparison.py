import uuid
from decimal import Decimal

from django.db import models


class Comparison(models.Model):
    """Runs of one suite on several endpoints, made together and asked the same items in the same order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suite = models.ForeignKey("evals.Suite", models.PROTECT, related_name="comparisons")
    stop_early = models.BooleanField(
        default=False, help_text="Ask nothing more once every pair of endpoints is decided."
    )
    alpha = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.05"),
        help_text="The chance of calling a difference that is not there, over all pairs and all looks.",
    )
    indifference_points = models.FloatField(
        null=True,
        blank=True,
        help_text="Differences below so many percentage points do not matter; a pair that is surely closer is decided.",
    )
    idempotency_key = models.CharField(max_length=100, null=True, blank=True, unique=True)
    requested_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.JSONField(
        null=True, blank=True, help_text="What was known of each pair at the moment of stopping, and by which rule."
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.suite} compared, {self.created_at:%Y-%m-%d %H:%M}"
