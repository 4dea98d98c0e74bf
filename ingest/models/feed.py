from datetime import UTC, datetime

from cronsim import CronSim, CronSimError
from django.core.exceptions import ValidationError
from django.db import models

from ingest.adapters.mapped_csv import MappingError, check_mapping


class Feed(models.Model):
    """An outside source that a named adapter can read."""

    slug = models.SlugField(max_length=60, unique=True, help_text="Also the name of its adapter file.")
    name = models.CharField(max_length=200)
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="feeds")
    enabled = models.BooleanField(default=True)
    fetch_url = models.URLField(
        max_length=1000, blank=True, help_text="Where the data is now, if it moved; empty means where its adapter says."
    )
    schedule = models.CharField(
        max_length=100, blank=True, help_text='When to read it, as five cron fields in UTC: "17 */6 * * *".'
    )
    mapping = models.JSONField(
        null=True,
        blank=True,
        help_text="What the columns of a CSV file mean, for a feed without an adapter of its own; see docs/feeds.md.",
    )
    next_due_at = models.DateTimeField(null=True, blank=True, help_text="Empty means by hand only.")

    class Meta:
        ordering = ["slug"]
        indexes = [
            models.Index(
                fields=["next_due_at"],
                condition=models.Q(enabled=True, next_due_at__isnull=False),
                name="feed_due_next",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.mapping is not None:
            try:
                mapping = check_mapping(self.mapping)
            except MappingError as error:
                raise ValidationError({"mapping": str(error)}) from None
            if Feed.objects.filter(slug=mapping.feed).exclude(pk=self.pk).exists():
                message = f"There is a feed named {mapping.feed!r} already; choose another name in 'feed'."
                raise ValidationError({"mapping": message})
        if self.schedule:
            try:
                CronSim(self.schedule, datetime.now(UTC))
            except CronSimError:
                message = (
                    f"{self.schedule!r} is not five cron fields such as '17 */6 * * *' (minute 17, every 6 hours)."
                )
                raise ValidationError({"schedule": message}) from None

    def due_after(self, moment: datetime) -> datetime | None:
        """The first scheduled moment after this one, or None without a schedule."""
        return next(CronSim(self.schedule, moment.astimezone(UTC))) if self.schedule else None


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
    covers = models.JSONField(
        null=True,
        blank=True,
        help_text="Beginnings of the keys that the file was complete about; null means all, an empty list none.",
    )
    written = models.PositiveIntegerField(default=0, help_text="Rows added to the catalog.")
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.feed} at {self.started_at:%Y-%m-%d %H:%M}: {self.state}"
