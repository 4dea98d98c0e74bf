from django.conf import settings
from django.db import models


class ImportBatch(models.Model):
    """One uploaded file, or one edit of many rows: what it would change, then what it changed. Undone as a whole."""

    class Kind(models.TextChoices):
        FILE = "file", "a file"
        EDIT = "edit", "one field of many rows"

    class State(models.TextChoices):
        CHECKED = "checked", "checked, nothing written yet"
        TAKEN = "taken"
        UNDONE = "undone"
        DISCARDED = "discarded"

    kind = models.CharField(max_length=4, choices=Kind, default=Kind.FILE)
    table = models.CharField(max_length=40, verbose_name="what it lists")
    file_name = models.CharField(max_length=200, help_text="Of an edit: the field and the rows, in words.")
    state = models.CharField(max_length=10, choices=State, default=State.CHECKED)
    columns = models.JSONField()
    lines = models.JSONField(help_text="Every line of the file with its cells, what it would do, and what is wrong.")
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    finished_by = models.CharField(max_length=150, blank=True, help_text="Who took, undid or discarded it.")
    finished_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "import"
        permissions = [("review_importbatch", "Can mark an import as reviewed")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.table})"
