from datetime import date

from django.db import models
from django.db.models.functions import Coalesce, Least, NullIf


class Model(models.Model):
    """A named model as its developer announces it: "Claude 3.5 Sonnet". Its weights are its versions."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    developer = models.ForeignKey("catalog.Organization", models.PROTECT, related_name="models")
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["name", "id"])]  # the order of every list

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One set of weights, or one dated snapshot behind an API: the unit that has parameters, training and scores."""

    class Kind(models.TextChoices):
        CHAT = "chat", "instruction-tuned"
        BASE = "base", "base model"

    model = models.ForeignKey(Model, models.PROTECT, related_name="versions")
    slug = models.SlugField(max_length=160, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CHAT)
    derived_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="derivatives")
    open_weights = models.BooleanField(null=True, blank=True, help_text="Unknown is a legal answer.")
    announced_on = models.DateField(null=True, blank=True)
    api_on = models.DateField(null=True, blank=True, help_text="First day on the developer's own API.")
    weights_on = models.DateField(null=True, blank=True, help_text="Day the weights were published.")
    snapshot_on = models.DateField(null=True, blank=True, help_text="The date inside the developer's own id.")
    source = models.ForeignKey(
        "catalog.Source",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="versions",
        help_text="Where the dates were read.",
    )
    note = models.TextField(blank=True, help_text="What an editor should know, such as dates that disagree.")

    class Meta:
        ordering = ["model__name", "announced_on", "slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def released_on(self) -> date | None:
        """The day the public could first use it, as far as known."""
        return first_use(self.announced_on, self.api_on, self.weights_on, self.snapshot_on)


def first_use(announced_on: date | None, *others: date | None) -> date | None:
    """The stated day if there is one, else the earliest of the others."""
    return announced_on or min(filter(None, others), default=None)


_NEVER = models.Value(date.max, models.DateField())
_FIRST_OTHER = Least(*(Coalesce(name, _NEVER) for name in ("api_on", "weights_on", "snapshot_on")))
# ``first_use`` of a version, said in SQL; the databases differ in what the least of nothing is.
FIRST_USE = Coalesce("announced_on", NullIf(_FIRST_OTHER, _NEVER), output_field=models.DateField())
