from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from catalog.admin.base import EntryAdmin, FactAdmin
from catalog.admin.columns import UNKNOWN, cut
from catalog.admin.exporting import Exporting
from catalog.admin.forms import EntryForm, FactForm
from catalog.models import Benchmark, Score
from catalog.printed_scores import COUNTED, ENTERED, per_one, says, unit_stays, value_of


class ScoreForm(FactForm):
    """Type what the source prints; the value and who reported it follow from that."""

    value = forms.FloatField(
        required=False,
        help_text="What the pages use. It is computed again whenever the printed value or its unit changes.",
    )
    original_value = forms.CharField(label="printed value", max_length=60)
    original_unit = forms.ChoiceField(label="unit")
    standard_error = forms.FloatField(
        required=False, help_text="Beside the value, so as a share where the value is one: 0.012, not 1.2 percent."
    )

    class Meta:
        model = Score
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A feed has units of its own; opening its score must not change them into the first of the list.
        unit = self.instance.original_unit
        own = () if self.instance.pk is None or unit in ENTERED else (unit,)
        if "original_unit" in self.fields:
            self.fields["original_unit"].choices = [(each, each or "none stated") for each in (*own, *ENTERED)]  # type: ignore[attr-defined]
            self.fields["original_unit"].required = "" not in own

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if {"value", "original_value", "original_unit"} <= cleaned.keys():
            self._agree(cleaned)
        version, measurer = cleaned.get("version"), cleaned.get("measured_by")
        if cleaned.get("self_reported") is None and version and measurer:
            cleaned["self_reported"] = measurer.pk == version.model.developer_id
        return cleaned

    def _agree(self, cleaned: dict[str, Any]) -> None:
        """Let the value follow what is printed; refuse a pair of which one says another number."""
        printed, unit, value = cleaned["original_value"], cleaned["original_unit"], cleaned["value"]
        is_new = self.instance.pk is None
        is_printed_new = is_new or not {"original_value", "original_unit"}.isdisjoint(self.changed_data)
        is_value_new = value is not None and "value" in self.changed_data
        if not (is_printed_new or is_value_new or value is None):
            return
        expected = value_of(printed, unit)
        if expected is None and unit != COUNTED and per_one(unit) is None:
            if not is_value_new:
                self.add_error(
                    "value",
                    f"There is no rule that turns {unit or 'a number without a unit'} into a value, so the two would "
                    "disagree. Give the value as well, or choose the unit of the printed value.",
                )
        elif expected is None:
            example = "12/40" if unit == COUNTED else "75.9"
            self.add_error("original_value", f"{printed!r} is not a number. Write digits such as {example}.")
        elif is_value_new and not says(printed, unit, value):
            self.add_error(
                "value",
                f"{printed} {unit} is {expected:.12g}, not {value:.12g}. Correct the printed value or its unit; the "
                "value follows from them.",
            )
        elif not is_value_new:
            cleaned["value"] = expected


class BenchmarkForm(EntryForm):
    """A benchmark whose scores are counted in its unit: the unit stays while they are there."""

    class Meta:
        model = Benchmark
        fields = "__all__"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk and "unit" in self.changed_data and (count := self.instance.scores.count()):
            self.add_error("unit", unit_stays(count))
        return cleaned


@admin.register(Benchmark)
class BenchmarkAdmin(Exporting, EntryAdmin):
    form = BenchmarkForm
    not_in_bulk = ("unit",)
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
        *("named", "test", "printed", "value", "effort", "measurer", "measured_on", "publisher", "sure"),
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

    @admin.display(description="model", ordering="version__name")
    def named(self, score: Score) -> str:
        return cut(score.version, f"{score.version}, {score.version.slug}")

    @admin.display(description="benchmark", ordering="benchmark__name")
    def test(self, score: Score) -> str:
        setting = ", ".join(filter(None, (score.shots, score.harness, score.configuration)))
        return cut(score.benchmark, f"{score.benchmark}{': ' if setting else ''}{setting}")

    @admin.display(description="as printed", ordering="original_value")
    def printed(self, score: Score) -> str:
        if score.original_unit == "percent":
            return f"{score.original_value}%"
        return cut(score.original_value, f"{score.original_value} {score.original_unit}".strip())

    @admin.display(description="measured by", ordering="measured_by__name")
    def measurer(self, score: Score) -> str:
        own = " (its developer)" if score.self_reported else ""
        return cut(score.measured_by or UNKNOWN, f"{score.measured_by or 'unknown'}{own}")

    def notes(self, request: HttpRequest, form: Any) -> list[str]:  # noqa: ARG002
        score: Score = form.instance
        if form.initial.get("value") == score.value:
            return []
        return [f"The value is {score.value:.12g}, from {score.original_value} {score.original_unit}."]

    def view_on_site(self, obj: Score) -> str:
        return reverse("dashboard:model", args=[obj.version.model.slug])
