from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models

from catalog.models.source import Confidence


class Price(models.Model):
    """One dated price of one component, under stated conditions. Rows are added, never overwritten.

    ``effective_*`` is when the price applies, as the source says it; ``observed_from``/``last_seen`` is when we or a
    feed saw it. Many feeds know only the second, and first seen is not effective.
    """

    class Component(models.TextChoices):
        INPUT = "input"
        CACHED_INPUT = "cached_input"
        CACHE_WRITE = "cache_write"
        CACHE_WRITE_1H = "cache_write_1h", "cache write, kept one hour"
        OUTPUT = "output"
        REASONING = "reasoning"
        INPUT_AUDIO = "input_audio"
        CACHED_INPUT_AUDIO = "cached_input_audio"
        OUTPUT_AUDIO = "output_audio"
        INPUT_IMAGE = "input_image"
        OUTPUT_IMAGE = "output_image"

    class ServiceClass(models.TextChoices):
        STANDARD = "standard"
        BATCH = "batch"
        FLEX = "flex"
        PRIORITY = "priority"

    class TierScope(models.TextChoices):
        REQUEST = "request", "the whole request"
        MARGINAL = "marginal", "only the tokens above the threshold"

    offering = models.ForeignKey("catalog.Offering", models.PROTECT, related_name="prices")
    component = models.CharField(max_length=20, choices=Component)
    usd_per_mtok = models.DecimalField(
        max_digits=24,
        decimal_places=12,
        null=True,
        blank=True,
        verbose_name="USD per million tokens",
        help_text="Empty means unknown. A stated price of 0 is 0.",
    )
    service_class = models.CharField(max_length=10, choices=ServiceClass, default=ServiceClass.STANDARD)
    min_input_tokens = models.PositiveIntegerField(default=0, help_text="Applies from this many input tokens on.")
    tier_scope = models.CharField(max_length=10, choices=TierScope, default=TierScope.REQUEST)
    utc_from = models.TimeField(null=True, blank=True, help_text="Start of a daily window in UTC; may wrap midnight.")
    utc_to = models.TimeField(null=True, blank=True)
    weekdays = models.CharField(max_length=7, blank=True, help_text="Digits 1 (Monday) to 7; empty means every day.")
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_to = models.DateTimeField(null=True, blank=True, help_text="Exclusive; empty means open.")
    observed_from = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    absent_since = models.DateTimeField(null=True, blank=True, help_text="When the feed stopped listing it.")
    announced = models.BooleanField(default=False, help_text="Announced for the future and not yet seen in force.")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="prices")
    confidence = models.CharField(max_length=10, choices=Confidence)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["offering", "component", "-effective_from", "-observed_from"]
        indexes = [models.Index(fields=["offering", "component", "effective_from"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(usd_per_mtok__isnull=True) | models.Q(usd_per_mtok__gte=0),
                name="price_is_not_negative",
                violation_error_message="A price cannot be negative. Leave it empty when it is unknown.",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_from__isnull=True)
                | models.Q(effective_to__isnull=True)
                | models.Q(effective_to__gt=models.F("effective_from")),
                name="price_period_runs_forward",
                violation_error_message="The price ends before it begins. Correct one of the two moments.",
            ),
            models.CheckConstraint(
                condition=models.Q(utc_from__isnull=True, utc_to__isnull=True)
                | models.Q(utc_from__isnull=False, utc_to__isnull=False),
                name="price_window_has_two_ends",
                violation_error_message="Hours of the day need a beginning and an end. Give both or neither.",
            ),
        ]

    def __str__(self) -> str:
        value = "unknown" if self.usd_per_mtok is None else f"${Decimal(self.usd_per_mtok).normalize():f}"
        return f"{self.offering}: {self.component} {value} per million tokens"

    def clean(self) -> None:
        if set(self.weekdays) - set("1234567"):
            raise ValidationError({"weekdays": "Write the days as digits, such as 12345 for Monday to Friday."})
