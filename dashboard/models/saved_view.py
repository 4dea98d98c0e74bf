import secrets

from django.conf import settings
from django.db import models


def new_feed_key() -> str:
    return secrets.token_urlsafe(18)


class SavedView(models.Model):
    """An address of this site that somebody follows, with what it answered last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=600, help_text="Path and query on this site.")
    channels = models.ManyToManyField("evals.Channel", blank=True, related_name="saved_views")
    answer = models.JSONField(default=dict, help_text="What it says, to the value and the source of it.")
    checked = models.CharField(max_length=80, blank=True, help_text="The state of the data it was computed from.")
    feed_key = models.CharField(max_length=40, unique=True, default=new_feed_key, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="view_is_saved_once_per_user")]

    def __str__(self) -> str:
        return self.name


class ViewChange(models.Model):
    """One change of what a saved view answers."""

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    title = models.CharField(max_length=300)
    text = models.TextField(help_text="One line per thing that changed: before, after, source.")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.title
