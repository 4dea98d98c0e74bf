from decimal import Decimal

from django.db import models


class Hardware(models.Model):
    """An accelerator. Peaks are dense; datasheets often print the sparse figure, which is twice as large."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200, unique=True)
    vendor = models.CharField(max_length=100, blank=True)
    released_on = models.DateField(null=True, blank=True)
    peak_bf16_flop_per_s = models.FloatField(null=True, blank=True, verbose_name="peak BF16 or FP16, dense, FLOP/s")
    peak_fp8_flop_per_s = models.FloatField(null=True, blank=True, verbose_name="peak FP8, dense, FLOP/s")
    memory_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    tdp_w = models.FloatField(null=True, blank=True, verbose_name="thermal design power, W")
    source = models.ForeignKey("catalog.Source", models.PROTECT, null=True, blank=True, related_name="hardware")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "hardware"

    def __str__(self) -> str:
        return self.name


class HardwarePrice(models.Model):
    """What an hour of one accelerator cost, from whom, on which day."""

    class Terms(models.TextChoices):
        ON_DEMAND = "on_demand", "on demand"
        SPOT = "spot"
        RESERVED = "reserved"
        ASSUMED = "assumed", "assumed by an author"

    hardware = models.ForeignKey(Hardware, models.PROTECT, related_name="prices")
    provider = models.CharField(max_length=200)
    usd_per_gpu_hour = models.DecimalField(max_digits=18, decimal_places=8)
    terms = models.CharField(max_length=12, choices=Terms)
    quoted_on = models.DateField(null=True, blank=True)
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="hardware_prices")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["hardware", "-quoted_on", "provider"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(usd_per_gpu_hour__gte=0),
                name="hardware_price_is_not_negative",
                violation_error_message="A rent cannot be negative.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hardware}: ${Decimal(self.usd_per_gpu_hour).normalize():f} per hour from {self.provider}"
