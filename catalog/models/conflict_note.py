from django.conf import settings
from django.db import models


class ConflictNote(models.Model):
    """What an editor found out about values that disagree. Notes are added, never changed: the newest one is shown."""

    key = models.CharField(max_length=400, help_text="Which disagreement: its kind and what it is about.")
    text = models.TextField(max_length=2000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key", "-written_at", "-pk"]
        indexes = [models.Index(fields=["key", "-written_at"])]

    def __str__(self) -> str:
        return f"{self.key}: {self.text[:60]}"
