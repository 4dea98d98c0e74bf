from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse

from catalog.admin.base import EntryAdmin, FactAdmin
from catalog.admin.exporting import Exporting
from catalog.admin.forms import FactForm
from catalog.models import Benchmark, Score

UNITS = {"percent": Decimal(100), "fraction": Decimal(1), "points": Decimal(1)}


class ScoreForm(FactForm):
    """Type what the source prints; the value and who reported it follow from that."""

    value = forms.FloatField(required=False, help_text="Empty: computed from the printed value and its unit.")
    original_value = forms.CharField(label="printed value", max_length=60)
    original_unit = forms.ChoiceField(label="unit", choices=[(unit, unit) for unit in UNITS])

    class Meta:
        model = Score
        fields = "__all__"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        printed, unit = cleaned.get("original_value"), cleaned.get("original_unit")
        if cleaned.get("value") is None and printed and unit:
            try:
                cleaned["value"] = float(Decimal(printed) / UNITS[unit])
            except InvalidOperation:
                raise ValidationError(
                    {"original_value": f"{printed!r} is not a number. Write digits such as 75.9."}
                ) from None
        version, measurer = cleaned.get("version"), cleaned.get("measured_by")
        if cleaned.get("self_reported") is None and version and measurer:
            cleaned["self_reported"] = measurer.pk == version.model.developer_id
        return cleaned


@admin.register(Benchmark)
class BenchmarkAdmin(Exporting, EntryAdmin):
    requires_source = False  # our own suites are their own source
    list_display = ["name", "variant", "slug", "unit", "chance", "ceiling", "in_index", "is_own_suite"]
    list_filter = ["in_index", "is_own_suite", "unit"]
    search_fields = ["name", "variant", "slug"]
    prepopulated_fields = {"slug": ["name", "variant"]}
    actions = ["edit_field", "export_csv", "export_xlsx"]


@admin.register(Score)
class ScoreAdmin(Exporting, FactAdmin):
    form = ScoreForm
    not_in_bulk = ("value", "original_value", "original_unit", "standard_error", "n")  # one number says another
    list_display = [
        *("version", "benchmark", "value", "original_value", "original_unit", "effort", "shots", "measured_by"),
        *("self_reported", "measured_on", "source", "confidence"),
    ]
    list_filter = ["benchmark", "self_reported", "confidence", "measured_by"]
    list_select_related = ("version", "benchmark", "measured_by", "source")
    search_fields = ["version__name", "version__slug", "benchmark__name", "configuration"]
    date_hierarchy = "measured_on"
    actions = ["edit_field", "export_csv", "export_xlsx"]
    fieldsets = [
        (None, {"fields": [("version", "benchmark"), ("original_value", "original_unit", "value")]}),
        ("Sampling", {"fields": [("standard_error", "n")]}),
        ("How it was measured", {"fields": [("effort", "shots", "harness"), "configuration"]}),
        (
            "Who says so",
            {"fields": [("measured_by", "self_reported", "measured_on"), ("source", "confidence"), "note"]},
        ),
        ("History", {"fields": ["superseded_by"], "classes": ["collapse"]}),
    ]

    def view_on_site(self, obj: Score) -> str:
        return reverse("dashboard:model", args=[obj.version.model.slug])
