from django.db import models


class Suite(models.Model):
    """A small test of our own. Immutable once run: a change is a new version with a new slug."""

    slug = models.SlugField(max_length=80, unique=True, help_text='Carries its version: "everyday-v1".')
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, help_text="sha256 over its samples.")
    max_output_tokens = models.PositiveIntegerField(default=256)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Sample(models.Model):
    """One item of a suite: a prompt, what is right, and how that is judged."""

    suite = models.ForeignKey(Suite, models.PROTECT, related_name="samples")
    key = models.CharField(max_length=80, help_text="Stable name inside the suite.")
    position = models.PositiveIntegerField()
    category = models.CharField(max_length=60)
    prompt = models.TextField()
    target = models.JSONField(help_text="What the scorer compares with.")
    scorer = models.CharField(max_length=40)
    scorer_options = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["suite", "position"]
        constraints = [models.UniqueConstraint(fields=["suite", "key"], name="sample_key_is_unique_in_suite")]

    def __str__(self) -> str:
        return f"{self.suite.slug}/{self.key}"
