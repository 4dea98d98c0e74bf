from django.core.exceptions import ValidationError
from django.db import models


class Alias(models.Model):
    """What a feed's name meant during a period. Names move: ``deepseek-chat`` has been eight models."""

    class Target(models.TextChoices):
        VERSION = "version", "a version"
        NOT_A_MODEL = "not_a_model", "not a model"
        COMPOSITE = "composite", "several models at once"
        AMBIGUOUS = "ambiguous", "cannot be told apart"

    class Status(models.TextChoices):
        ACCEPTED = "accepted"
        PROPOSED = "proposed"
        REJECTED = "rejected"

    namespace = models.CharField(
        max_length=100, help_text='The feed, with its provider where it has one: "genai-prices/openai".'
    )
    raw_name = models.CharField(max_length=300)
    target = models.CharField(max_length=20, choices=Target, default=Target.VERSION)
    version = models.ForeignKey("catalog.ModelVersion", models.PROTECT, null=True, blank=True, related_name="aliases")
    valid_from = models.DateTimeField(null=True, blank=True, help_text="Inclusive; empty means always before.")
    valid_to = models.DateTimeField(null=True, blank=True, help_text="Exclusive; empty means still.")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACCEPTED)
    decided_by = models.CharField(max_length=150, blank=True)
    evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["namespace", "raw_name", "valid_from"]
        verbose_name_plural = "aliases"
        indexes = [models.Index(fields=["namespace", "raw_name"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target="version", version__isnull=False)
                | (~models.Q(target="version") & models.Q(version__isnull=True)),
                name="alias_names_a_version_or_says_why_not",
                violation_error_message="Choose the version that the name means, or another target and no version.",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="alias_period_runs_forward",
                violation_error_message="The period ends before it begins. Correct one of the two moments.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}: {self.raw_name}"

    def clean(self) -> None:
        if self.status != self.Status.ACCEPTED:
            return
        others = Alias.objects.filter(
            namespace=self.namespace, raw_name=self.raw_name, status=self.Status.ACCEPTED
        ).exclude(pk=self.pk)
        if self.valid_to:
            others = others.filter(models.Q(valid_from__isnull=True) | models.Q(valid_from__lt=self.valid_to))
        if self.valid_from:
            others = others.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=self.valid_from))
        if clash := others.first():
            raise ValidationError(
                f"{self.raw_name!r} already means {clash.version or clash.get_target_display()} from "
                f"{clash.valid_from or 'the beginning'} to {clash.valid_to or 'now'}. End that period first."
            )
