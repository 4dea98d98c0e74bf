import numpy as np
from django.db import models
from numpy.typing import NDArray


class IndexFit(models.Model):
    """One fit of the capability index. Values of two fits are never mixed."""

    created_at = models.DateTimeField(auto_now_add=True)
    data_hash = models.CharField(max_length=64, help_text="sha256 of the scores that went in.")
    policy = models.CharField(max_length=20, help_text="Which score was used where several exist.")
    ridge = models.FloatField()
    clip = models.FloatField()
    loss = models.CharField(max_length=20)
    anchors = models.JSONField(help_text="Version slug to index points.")
    anchor_benchmark = models.ForeignKey("catalog.Benchmark", models.PROTECT, related_name="+")
    objective = models.FloatField()
    resamples = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    level = models.FloatField()
    scores = models.PositiveIntegerField(help_text="Number of scores that went in.")
    inputs = models.JSONField(
        default=list, editable=False, help_text="The scores that went in: version slug, benchmark slug, rescaled score."
    )
    previous = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", help_text="The fit before, by the same rules."
    )
    changes = models.JSONField(
        null=True,
        blank=True,
        help_text="What moved, entered and left since the fit before, and which scores differ.",
    )

    class Meta:
        ordering = ["-created_at"]
        get_latest_by = "created_at"
        constraints = [
            models.UniqueConstraint(
                fields=["data_hash", "policy", "ridge", "clip", "loss", "resamples", "seed"], name="fit_is_stored_once"
            )
        ]

    def __str__(self) -> str:
        return f"Index fit of {self.created_at:%Y-%m-%d} on {self.scores} scores"


class IndexEstimate(models.Model):
    """The index of one version in one fit, with its bootstrap draws (joint over the versions of the fit)."""

    class Status(models.TextChoices):
        RANKED = "ranked"
        PROVISIONAL = "provisional"
        NOT_SCORED = "not_scored", "not scored"

    fit = models.ForeignKey(IndexFit, models.CASCADE, related_name="estimates")
    version = models.ForeignKey("catalog.ModelVersion", models.PROTECT, related_name="index_estimates")
    status = models.CharField(max_length=12, choices=Status)
    capability = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    standard_error = models.FloatField(null=True)
    benchmarks = models.PositiveSmallIntegerField(help_text="Number of benchmarks with a score.")
    draws_f32 = models.BinaryField(help_text="Little-endian float32, one per resample.")

    class Meta:
        ordering = ["fit", "-capability"]
        constraints = [models.UniqueConstraint(fields=["fit", "version"], name="version_is_estimated_once_per_fit")]

    def __str__(self) -> str:
        return f"{self.version}: {'unknown' if self.capability is None else f'{self.capability:.1f}'}"

    @property
    def draws(self) -> NDArray[np.float32]:
        """Bootstrap draws, shape (resamples,)."""
        return np.frombuffer(bytes(self.draws_f32), dtype="<f4")
