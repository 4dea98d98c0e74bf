from django.db import models


class Confidence(models.TextChoices):
    """How sure the person or feed that recorded a fact was."""

    HIGH = "high", "high: read in a primary document"
    MEDIUM = "medium", "medium: recorded by a curated feed or quoted by a secondary page"
    LOW = "low", "low: third-hand, or the setting is disputed"


class Source(models.Model):
    """A page, file, paper or run that a number was read from."""

    class Kind(models.TextChoices):
        MEASURED = "measured", "measured by this installation"
        PRIMARY = "primary", "primary document of the developer or provider"
        INDEPENDENT = "independent", "independent measurement"
        CURATED = "curated", "curated feed"
        SECONDARY = "secondary", "secondary page"

    # Lower wins when sources disagree; an editor may change it on any source.
    DEFAULT_RANK = {Kind.PRIMARY: 10, Kind.MEASURED: 15, Kind.INDEPENDENT: 20, Kind.CURATED: 30, Kind.SECONDARY: 40}

    url = models.CharField(max_length=1000, unique=True, help_text="Web address, or the path of a run on this site.")
    title = models.CharField(max_length=300, blank=True)
    publisher = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    rank = models.PositiveSmallIntegerField(help_text="When sources disagree, the lowest rank is shown.")
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.TextField(blank=True, help_text="The credit line that exports must carry.")
    published_on = models.DateField(null=True, blank=True, help_text="The day that the document itself states.")
    retrieved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["publisher", "url"]

    def __str__(self) -> str:
        return self.title or f"{self.publisher}: {self.url}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.rank is None:
            self.rank = self.DEFAULT_RANK[self.Kind(self.kind)]
        super().save(*args, **kwargs)  # type: ignore[arg-type]
