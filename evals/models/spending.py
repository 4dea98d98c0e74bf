from decimal import Decimal

from django.db import models


class SpendingDay(models.Model):
    """What calls that began on a day (UTC) have taken: booked, or reserved while they are under way.

    One row per endpoint, written under the endpoint's lock. The row without an endpoint holds no money: whoever claims
    under the installation's budget of the day locks it first, so that two endpoints cannot both take the last dollar.
    """

    on = models.DateField()
    endpoint = models.ForeignKey("evals.Endpoint", models.CASCADE, null=True, blank=True, related_name="spending")
    taken_usd = models.DecimalField(max_digits=18, decimal_places=12, default=Decimal(0))

    class Meta:
        ordering = ["-on", "endpoint"]
        constraints = [
            models.UniqueConstraint(fields=["on", "endpoint"], name="spending_is_counted_once_a_day"),
            models.UniqueConstraint(
                fields=["on"], condition=models.Q(endpoint__isnull=True), name="spending_has_one_lock_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint or 'all endpoints'} on {self.on}: ${self.taken_usd.normalize():f}"
