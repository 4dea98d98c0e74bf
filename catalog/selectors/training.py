"""Training runs with everything their ledger shows."""

from django.db.models import Prefetch, QuerySet

from catalog.models import TrainingPhase, TrainingRun


def training_runs() -> QuerySet[TrainingRun]:
    """Runs with version, model, developer, source and phases (with hardware and source): two queries in all."""
    phases = TrainingPhase.objects.select_related("hardware", "source").order_by("run", "position")
    return (
        TrainingRun.objects.select_related("version__model__developer", "source")
        .prefetch_related(Prefetch("phases", phases))
        .order_by("version__model__name", "version__slug")
    )
