from django.db import models


class DataVersion(models.Model):
    """One row: a number that grows with every commit that changed what pages show."""

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_data_version")]

    def __str__(self) -> str:
        return f"Data version {self.number}"
