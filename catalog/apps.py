from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Facts about the world, each with its source."""

    name = "catalog"

    def ready(self) -> None:
        from catalog import audit, models

        audit.watch(
            *(models.Organization, models.Source, models.Model, models.ModelVersion, models.Claim, models.Alias),
            *(models.Offering, models.Price, models.Benchmark, models.Score, models.Hardware, models.HardwarePrice),
            models.ReferencePrice,
            *(models.TrainingRun, models.TrainingPhase, models.ConflictNote),
        )
        audit.watch(models.Report, fields=["state", "decided_by", "answer"])
