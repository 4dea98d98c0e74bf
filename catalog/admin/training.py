from django.contrib import admin
from django.urls import reverse

from catalog.admin.base import FactAdmin, StackedEntryInline
from catalog.admin.exporting import Exporting
from catalog.models import TrainingPhase, TrainingRun


class PhaseInline(StackedEntryInline):
    model = TrainingPhase
    fields = (
        ("position", "name", "is_estimate"),
        ("gpu_hours", "hardware", "gpus"),
        ("tokens", "precision"),
        ("published_cost_usd", "cost_basis"),
        ("source", "confidence"),
        "note",
    )


@admin.register(TrainingRun)
class TrainingRunAdmin(Exporting, FactAdmin):
    list_display = ["version", "tokens", "flop_per_token", "publisher"]
    list_select_related = ("version", "source")
    search_fields = ["version__name", "version__slug"]
    inlines = [PhaseInline]
    actions = ["edit_field", "export_csv", "export_xlsx"]

    def view_on_site(self, obj: TrainingRun) -> str:  # noqa: ARG002
        return reverse("dashboard:training")


@admin.register(TrainingPhase)
class TrainingPhaseAdmin(Exporting, FactAdmin):
    list_display = ["run", "name", "gpu_hours", "hardware", "gpus", "is_estimate", "publisher", "sure"]
    list_filter = ["is_estimate", "confidence", "hardware"]
    list_select_related = ("run__version", "hardware", "source")
    search_fields = ["run__version__name", "run__version__slug", "name"]
    actions = ["edit_field", "export_csv", "export_xlsx"]

    def view_on_site(self, obj: TrainingPhase) -> str:  # noqa: ARG002
        return reverse("dashboard:training")
