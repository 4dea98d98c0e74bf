from django.db import models


class Feed(models.Model):
    """An outside source that a named adapter can read."""

    slug = models.SlugField(max_length=60, unique=True, help_text="Also the name of its adapter file.")
    name = models.CharField(max_length=200)
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="feeds")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class FeedRun(models.Model):
    """One reading of a feed, and what came of it."""

    class State(models.TextChoices):
        RUNNING = "running"
        APPLIED = "applied"
        REJECTED = "rejected", "rejected as a whole"
        FAILED = "failed"

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey("ingest.Snapshot", models.PROTECT, null=True, blank=True, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    adapter_version = models.CharField(max_length=20)
    observed_at = models.DateTimeField(null=True, blank=True, help_text="The moment this reading is about.")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unresolved = models.PositiveIntegerField(default=0, help_text="Records whose name no alias explains yet.")
    absent = models.PositiveIntegerField(default=0, help_text="Records that the feed no longer lists since this run.")
    written = models.PositiveIntegerField(default=0, help_text="Rows added to the catalog.")
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.feed} at {self.started_at:%Y-%m-%d %H:%M}: {self.state}"
