from django.core.exceptions import ValidationError
from django.db import models


class Offering(models.Model):
    """A provider's sale of one version under the provider's own id. Prices hang here."""

    provider = models.ForeignKey("catalog.Organization", models.PROTECT, related_name="offerings")
    provider_model_id = models.CharField(max_length=300)
    version = models.ForeignKey("catalog.ModelVersion", models.PROTECT, related_name="offerings")
    quantisation = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=60, blank=True)
    speed_class = models.CharField(max_length=40, blank=True)
    context_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    retired_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day on which this provider ends the sale, as it states it; a day to come is an announcement.",
    )
    source = models.ForeignKey(
        "catalog.Source",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="offerings",
        help_text="Where the end of the sale was read.",
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "provider__name", "provider_model_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_model_id", "version", "quantisation", "region", "speed_class"],
                name="offering_is_listed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} by {self.provider} ({self.provider_model_id})"

    def clean(self) -> None:
        if self.retired_on and not self.source_id:
            raise ValidationError({"source": "Say where the end of the sale was read: choose or add the source."})

    @property
    def is_first_party(self) -> bool:
        """Sold by the organisation that developed it."""
        return self.provider_id == self.version.model.developer_id
