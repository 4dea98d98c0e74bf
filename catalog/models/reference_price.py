from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models


class ReferencePrice(models.Model):
    """What owning hardware cost on a day: a chip with its share of the server, or a kilowatt-hour."""

    class Kind(models.TextChoices):
        SERVER = "server", "one chip with its share of the server, USD"
        ELECTRICITY = "electricity", "electricity, USD per kWh"

    kind = models.CharField(max_length=20, choices=Kind)
    hardware = models.ForeignKey(
        "catalog.Hardware", models.PROTECT, null=True, blank=True, related_name="server_prices"
    )
    what = models.CharField(max_length=200, help_text="What was priced: a system, or a class of customers.")
    usd = models.DecimalField(max_digits=18, decimal_places=6)
    quoted_on = models.DateField(null=True, blank=True, help_text="For a period, its last day.")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="reference_prices")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["kind", "hardware", "-quoted_on", "what"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(usd__gte=0),
                name="reference_price_is_not_negative",
                violation_error_message="A price cannot be negative.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}: ${Decimal(self.usd).normalize():f}"

    def clean(self) -> None:
        if self.kind == self.Kind.SERVER and self.hardware_id is None:
            raise ValidationError({"hardware": "A server's price is that of one of its chips. Choose the chip."})
