from django.db import models


class SeededRow(models.Model):
    """What the seed last wrote for one row, so that a later seed can tell an editor's value from its own."""

    table = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="seeded_row_is_remembered_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"
