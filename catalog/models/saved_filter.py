from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """A list of the admin with its filters, search and order, under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    list_name = models.CharField(max_length=80, help_text='The list it belongs to: "catalog.price".')
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="The part of the address after the question mark.")
    is_shared = models.BooleanField(default=False, help_text="Shown to everybody who may see the list.")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "list_name", "name"], name="filter_is_named_once")]

    def __str__(self) -> str:
        return self.name
