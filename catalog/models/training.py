from django.db import models

from catalog.models.source import Confidence


class TrainingRun(models.Model):
    """The run that made a version, as its developer accounts for it. Its phases add up; a published total does not."""

    version = models.OneToOneField("catalog.ModelVersion", models.PROTECT, related_name="training_run")
    scope = models.TextField(help_text="What the figure leaves out. Shown beside every cost.")
    tokens = models.FloatField(null=True, blank=True)
    flop_per_token = models.FloatField(null=True, blank=True, help_text="As the developer states it.")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="training_runs")

    class Meta:
        ordering = ["version"]

    def __str__(self) -> str:
        return f"Training of {self.version}"


class TrainingPhase(models.Model):
    """One phase of a run. Unknown hours make the run's total a lower bound."""

    run = models.ForeignKey(TrainingRun, models.PROTECT, related_name="phases")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=80)
    gpu_hours = models.FloatField(null=True, blank=True)
    hardware = models.ForeignKey("catalog.Hardware", models.PROTECT, null=True, blank=True, related_name="phases")
    gpus = models.PositiveIntegerField(null=True, blank=True)
    tokens = models.FloatField(null=True, blank=True)
    precision = models.CharField(max_length=40, blank=True)
    published_cost_usd = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    cost_basis = models.CharField(max_length=200, blank=True)
    is_estimate = models.BooleanField(default=False, help_text="Not stated by the developer.")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="training_phases")
    confidence = models.CharField(max_length=10, choices=Confidence)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="phase_is_named_once"),
            models.CheckConstraint(
                condition=models.Q(gpu_hours__isnull=True) | models.Q(gpu_hours__gte=0),
                name="gpu_hours_not_negative",
                violation_error_message="GPU-hours cannot be negative. Leave them empty when they are unknown.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.name}"
