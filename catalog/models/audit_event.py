from typing import Any, NoReturn

from django.db import models

APPEND_ONLY = "History is only added to. Revert the change instead: that is a change of its own, with its own entry."


class AppendOnlyError(TypeError):
    """Somebody tried to rewrite history."""


class _AppendOnly(models.QuerySet["AuditEvent"]):
    def update(self, **_: Any) -> NoReturn:
        raise AppendOnlyError(APPEND_ONLY)

    def delete(self) -> NoReturn:
        raise AppendOnlyError(APPEND_ONLY)

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise AppendOnlyError(APPEND_ONLY)


class AuditEvent(models.Model):
    """One change of one row: who made it, when, what it was before and after, and why. Never changed, never deleted."""

    class Verb(models.TextChoices):
        CREATED = "created"
        CHANGED = "changed"
        DELETED = "deleted"

    class Origin(models.TextChoices):
        ADMIN = "admin", "typed in the admin"
        IMPORT = "import", "a file"
        REVERT = "revert", "taken back"
        SEED = "seed", "the starting facts"
        DECISION = "decision", "a decision on a waiting change"
        SERVICE = "service", "the program itself"

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150, help_text="The user, or the part of the program, that made the change.")
    origin = models.CharField(max_length=10, choices=Origin)
    verb = models.CharField(max_length=10, choices=Verb)
    table = models.CharField(max_length=60, help_text='The kind of row: "catalog.price".')
    row = models.CharField(max_length=60, help_text="Its number.")
    label = models.CharField(max_length=300, help_text="What the row was called then.")
    before = models.JSONField(null=True, help_text="The changed fields as they were; null for a new row.")
    after = models.JSONField(null=True, help_text="The changed fields as they became; null for a deleted row.")
    reason = models.TextField(blank=True)
    batch = models.ForeignKey(
        "catalog.ImportBatch", models.PROTECT, null=True, blank=True, related_name="events", db_index=True
    )
    reverts = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reverted_by")

    objects = _AppendOnly.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "change"
        indexes = [models.Index(fields=["table", "row"]), models.Index(fields=["-at"])]

    def __str__(self) -> str:
        return f"{self.label} {self.verb} by {self.actor}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(APPEND_ONLY)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise AppendOnlyError(APPEND_ONLY)
