from django.db import models


class Merge(models.Model):
    """One model or version taken into another because both were the same thing. Keeps what is needed to undo it."""

    class Kind(models.TextChoices):
        MODEL = "model"
        VERSION = "version"

    kind = models.CharField(max_length=10, choices=Kind)
    source_slug = models.CharField(max_length=160, help_text="What went; its page leads to the target's.")
    source_name = models.CharField(max_length=200)
    target_slug = models.CharField(max_length=160, help_text="What stayed.")
    target_id = models.BigIntegerField()
    steps = models.JSONField(help_text="What moved, changed and went, in order; undoing walks it backwards.")
    marks = models.JSONField(help_text="The last row of each table at the time, to tell what was added since.")
    merged_by = models.CharField(max_length=150, blank=True)
    merged_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=500, blank=True)
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-merged_at", "-pk"]
        indexes = [models.Index(fields=["kind", "source_slug"])]

    def __str__(self) -> str:
        return f"{self.source_slug} into {self.target_slug}"
