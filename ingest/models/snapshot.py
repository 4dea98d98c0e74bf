import zlib

from django.db import models


class Snapshot(models.Model):
    """The bytes a feed gave us, kept once, so that a better adapter can read them again."""

    feed = models.ForeignKey("ingest.Feed", models.PROTECT, related_name="snapshots")
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    body_zlib = models.BinaryField()
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True, help_text="As the feed's server said it.")
    observed_at = models.DateTimeField(help_text="When the feed said this; the time of the fetch, or the file's date.")
    fetched_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-observed_at"]
        constraints = [models.UniqueConstraint(fields=["feed", "sha256"], name="snapshot_is_kept_once")]

    def __str__(self) -> str:
        return f"{self.feed} of {self.observed_at:%Y-%m-%d} ({self.sha256[:12]})"

    @property
    def body(self) -> bytes:
        return zlib.decompress(bytes(self.body_zlib))
