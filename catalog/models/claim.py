import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.db import models

from catalog.models.source import Confidence

_MULTIPLE = re.compile(r"(?<![a-z])(k|m|b|t|bn|thousands?|millions?|billions?|trillions?)(?![a-z])", re.IGNORECASE)


class Claim(models.Model):
    """What one source says about one attribute of a version. The shown value is picked; the others stay."""

    class Attribute(models.TextChoices):
        TOTAL_PARAMS = "total_params", "total parameters"
        ACTIVE_PARAMS = "active_params", "active parameters per token"
        TRAINING_TOKENS = "training_tokens", "training tokens"
        CONTEXT_TOKENS = "context_tokens", "context window"
        LICENCE = "licence", "licence"
        TRAINING_GPU_HOURS = "training_gpu_hours", "training GPU-hours, total"
        TRAINING_COST = "training_cost_usd", "training cost, total"

    TEXT_ATTRIBUTES = {Attribute.LICENCE}

    version = models.ForeignKey("catalog.ModelVersion", models.PROTECT, related_name="claims")
    attribute = models.CharField(max_length=40, choices=Attribute)
    value = models.CharField(max_length=200, help_text="As the source states it, digits without separators.")
    unit = models.CharField(max_length=40, blank=True)
    qualifier = models.CharField(max_length=200, blank=True, help_text='Such as "without MTP weights" or "2023 USD".')
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="claims")
    confidence = models.CharField(max_length=10, choices=Confidence)
    observed_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "attribute", "source__rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "attribute", "qualifier", "source", "value"], name="claim_said_once_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_attribute_display()} = {self.value} {self.unit}".strip()

    def clean(self) -> None:
        if self.attribute not in self.TEXT_ATTRIBUTES and self.number is None:
            raise ValidationError(
                {"value": f"{self.value!r} is not a number. Write digits only, such as 671000000000."}
            )
        if self.attribute not in self.TEXT_ATTRIBUTES and (multiple := _MULTIPLE.search(self.unit)):
            raise ValidationError(
                {
                    "unit": f"{multiple[0]!r} multiplies the value, which is read as it stands. Write the whole "
                    "number, such as 671000000000, and what it counts."
                }
            )

    @property
    def number(self) -> Decimal | None:
        """The value as an exact number, or None for a text."""
        try:
            number = Decimal(self.value)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
