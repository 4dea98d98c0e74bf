from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest

from evals.models import Run, Sample, Suite
from evals.scorers import ScorerError, get_scorer, scorer_names
from evals.services.suites import hash_of


class SampleForm(ModelForm):  # type: ignore[type-arg]
    scorer = forms.ChoiceField(choices=lambda: [(name, name) for name in scorer_names()])

    class Meta:
        model = Sample
        fields = ["position", "key", "category", "prompt", "target", "scorer", "scorer_options"]
        widgets = {"prompt": forms.Textarea(attrs={"rows": 3}), "target": forms.Textarea(attrs={"rows": 2})}

    def clean(self) -> dict[str, Any]:
        """A scorer that cannot judge this target would leave the sample unscored in every run; say so now."""
        values = super().clean() or {}
        if "scorer" not in values or "target" not in values:
            return values
        try:
            judgement = get_scorer(values["scorer"], values.get("scorer_options"))("probe", values["target"])
        except (ScorerError, TypeError) as error:
            raise ValidationError({"scorer_options": str(error)}) from error
        if judgement.outcome == "unscored":
            raise ValidationError({"target": judgement.explanation})
        return values


class SampleInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Sample
    form = SampleForm
    extra = 3
    max_num = 500


@admin.register(Suite)
class SuiteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A suite can be written here until it has been run; from then on it is what its results rest on."""

    list_display = ["slug", "name", "max_output_tokens", "created_at"]
    search_fields = ["slug", "name"]
    fields = ["name", "slug", "description", "max_output_tokens", "content_hash"]
    readonly_fields = ["content_hash"]
    prepopulated_fields = {"slug": ("name",)}
    inlines = [SampleInline]

    def has_change_permission(self, request: HttpRequest, obj: Suite | None = None) -> bool:
        if obj is not None and Run.objects.filter(suite=obj).exists():
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Suite | None = None) -> bool:
        if obj is not None and Run.objects.filter(suite=obj).exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Suite | None = None) -> dict[str, Any]:
        return {} if obj is not None else dict(super().get_prepopulated_fields(request, obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: list[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        suite = form.instance
        suite.content_hash = hash_of(suite)
        suite.save(update_fields=["content_hash"])
