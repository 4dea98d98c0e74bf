from django.core.exceptions import ValidationError
from django.db import models

from catalog.models.source import Confidence


class Benchmark(models.Model):
    """A published test, or one of our own suites. Variants that do not compare are benchmarks of their own."""

    class Unit(models.TextChoices):
        FRACTION = "fraction", "share of tasks, 0 to 1"
        ELO = "elo", "rating points"
        INDEX = "index", "index points"

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    variant = models.CharField(max_length=120, blank=True)
    metric = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.FRACTION)
    chance = models.FloatField(null=True, blank=True, help_text="Score of guessing, 0 to 1; empty means unknown.")
    ceiling = models.FloatField(null=True, blank=True, help_text="Best possible score; empty means 1.")
    in_index = models.BooleanField(default=False, help_text="Takes part in the capability index.")
    is_own_suite = models.BooleanField(default=False)
    description = models.TextField(blank=True)
    source = models.ForeignKey("catalog.Source", models.PROTECT, null=True, blank=True, related_name="benchmarks")

    class Meta:
        ordering = ["name", "variant"]

    def __str__(self) -> str:
        return f"{self.name} ({self.variant})" if self.variant else self.name


class Score(models.Model):
    """One result of one version on one benchmark, in one configuration, by one measurer."""

    version = models.ForeignKey("catalog.ModelVersion", models.PROTECT, related_name="scores")
    benchmark = models.ForeignKey(Benchmark, models.PROTECT, related_name="scores")
    value = models.FloatField(help_text="In the benchmark's unit; a percentage is stored as a fraction.")
    original_value = models.CharField(max_length=60, help_text="As the source prints it.")
    original_unit = models.CharField(max_length=40, blank=True)
    standard_error = models.FloatField(null=True, blank=True)
    n = models.PositiveIntegerField(null=True, blank=True, help_text="Number of tasks scored.")
    effort = models.CharField(max_length=60, blank=True, help_text="Reasoning effort or thinking budget.")
    shots = models.CharField(max_length=60, blank=True)
    harness = models.CharField(max_length=120, blank=True)
    configuration = models.CharField(max_length=300, blank=True, help_text="Everything else that was set.")
    measured_by = models.ForeignKey(
        "catalog.Organization", models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    self_reported = models.BooleanField(null=True, blank=True, help_text="Measured by the model's own developer.")
    measured_on = models.DateField(null=True, blank=True)
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="scores")
    confidence = models.CharField(max_length=10, choices=Confidence)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "benchmark", "source__rank", "pk"]
        indexes = [models.Index(fields=["benchmark", "version"])]

    def __str__(self) -> str:
        return f"{self.version} on {self.benchmark}: {self.original_value} {self.original_unit}".strip()

    def clean(self) -> None:
        self._check_error()
        if self.value is None or not hasattr(self, "benchmark") or self.benchmark.unit != Benchmark.Unit.FRACTION:
            return
        ceiling = 1.0 if self.benchmark.ceiling is None else self.benchmark.ceiling
        if not 0 <= self.value <= ceiling:
            raise ValidationError(
                {"value": f"{self.value:g} is not between 0 and {ceiling:g}. Give a share, not a percentage."}
            )

    def _check_error(self) -> None:
        """A share spreads by half of its range at the most; a larger error is in another unit than the value."""
        if self.standard_error is None or not hasattr(self, "benchmark"):
            return
        if self.standard_error < 0:
            raise ValidationError({"standard_error": "A standard error cannot be negative. Empty means unknown."})
        ceiling = 1.0 if self.benchmark.ceiling is None else self.benchmark.ceiling
        if self.benchmark.unit == Benchmark.Unit.FRACTION and self.standard_error > ceiling / 2:
            raise ValidationError(
                {
                    "standard_error": f"{self.standard_error:g} is more than half of the scale. Give it in the unit of "
                    "the value: 0.012 for 1.2 percent."
                }
            )
