"""Sources, with how many facts rest on each and which."""

from django.db.models import Count, F, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from catalog.models import (
    Benchmark,
    Claim,
    Hardware,
    HardwarePrice,
    ModelVersion,
    Offering,
    Price,
    ReferencePrice,
    Score,
    Source,
    TrainingPhase,
    TrainingRun,
)

# What can rest on a source, by the name of its count.
FACTS: dict[str, type[Model]] = {
    "prices": Price,
    "scores": Score,
    "claims": Claim,
    "versions": ModelVersion,
    "benchmarks": Benchmark,
    "hardware": Hardware,
    "hardware_prices": HardwarePrice,
    "reference_prices": ReferencePrice,
    "retirements": Offering,
    "training_runs": TrainingRun,
    "training_phases": TrainingPhase,
}


def sources() -> QuerySet[Source]:
    """All sources with ``n_prices``, ``n_scores`` and so on, and ``n_facts`` in all: one query."""
    counts = {f"n_{name}": Coalesce(_count(model), Value(0)) for name, model in FACTS.items()}
    total = sum((F(name) for name in counts), start=Value(0))
    return Source.objects.annotate(**counts).annotate(n_facts=total).order_by("-n_facts", "publisher", "pk")


def _count(model: type[Model]) -> Subquery:
    rows = model._default_manager.filter(source=OuterRef("pk")).order_by().values("source")
    return Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def facts_of(source: Source) -> dict[str, QuerySet[Model]]:
    """What rests on the source, by kind, each with what is needed to name it: one query per kind when read."""
    related = {
        "prices": ("offering__provider", "offering__version__model"),
        "scores": ("version__model", "benchmark", "measured_by"),
        "claims": ("version__model",),
        "versions": ("model",),
        "benchmarks": (),
        "hardware": (),
        "hardware_prices": ("hardware",),
        "reference_prices": ("hardware",),
        "retirements": ("provider", "version__model"),
        "training_runs": ("version__model",),
        "training_phases": ("run__version__model", "hardware"),
    }
    return {
        name: model._default_manager.filter(source=source).select_related(*related[name]).order_by("pk")
        for name, model in FACTS.items()
    }
