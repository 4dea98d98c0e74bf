from django.db import models


class RawRecord(models.Model):
    """One record of a feed as it stands there. Disappearing upstream is an event, not a delete."""

    feed = models.ForeignKey("ingest.Feed", models.PROTECT, related_name="records")
    external_key = models.CharField(max_length=400)
    payload = models.JSONField()
    payload_hash = models.CharField(max_length=64)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    absent_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["feed", "external_key"]
        constraints = [models.UniqueConstraint(fields=["feed", "external_key"], name="record_is_kept_once")]

    def __str__(self) -> str:
        return f"{self.feed}: {self.external_key}"
