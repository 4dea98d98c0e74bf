import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest

from evals.errors import InvalidSuite
from evals.models import Run, Sample, Suite
from evals.scorers import scorer_names
from evals.services.importing import check_slug
from evals.services.suites import hash_of
from evals.suites import BUILDERS
from evals.suites.checking import item_troubles, read_target

FIELDS = {"prompt": "prompt", "target": "target", "scorer": "scorer", "options": "scorer_options"}


class ScorerField(forms.ChoiceField):
    """One of the scorers; an unknown one is told the near names."""

    def validate(self, value: Any) -> None:
        if value and value not in scorer_names():
            raise ValidationError(
                item_troubles(prompt="x", target="x", scorer=value, options={})["scorer"], code="invalid_choice"
            )
        super().validate(value)


class TargetField(forms.CharField):
    """What is right, typed plainly: a text or a number as it is, everything else as JSON."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class SampleForm(ModelForm):  # type: ignore[type-arg]
    scorer = ScorerField(choices=lambda: [(name, name) for name in scorer_names()])
    target = TargetField(
        required=False,
        help_text='A text or number as it is: Paris, 12.5, B. For constraints, json, set, io_table: {"words": 3}.',
    )

    class Meta:
        model = Sample
        fields = ["position", "key", "category", "prompt", "target", "scorer", "scorer_options"]
        widgets = {"prompt": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "prompt": {"required": "The prompt is empty. Write the question that the model gets."},
            "key": {"required": "The key is empty. Give the sample a short name of its own, such as capital-1."},
        }

    def clean(self) -> dict[str, Any]:
        """A scorer that cannot judge this target would leave the sample unscored in every run; say so now."""
        values = super().clean() or {}
        scorer, options = values.get("scorer"), values.get("scorer_options") or {}
        if scorer is None:
            return values
        try:
            values["target"] = read_target(values.get("target") or "", scorer=scorer, options=options)
        except ValueError as error:
            self.add_error(
                "target", f'This is not valid JSON ({error}). Write it like {{"words": 3}} or ["red", "blue"].'
            )
            return values
        target = None if values["target"] == "" else values["target"]
        for name, sentence in item_troubles(prompt="x", target=target, scorer=scorer, options=options).items():
            self.add_error(FIELDS[name], sentence)
        return values


class SampleFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """A suite without a sample cannot be run, and two samples of one key cannot be told apart."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        kept = [values for values in kept if not values.get("DELETE")]
        if not kept and not any(form.errors for form in self.forms):
            raise ValidationError(
                "The suite has no sample. Fill in at least one row with a key, a prompt and a target."
            )


class SampleInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Sample
    form = SampleForm
    formset = SampleFormSet
    extra = 3
    max_num = 500


class SuiteForm(ModelForm):  # type: ignore[type-arg]
    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if self.instance.pk is None or slug != self.instance.slug:
            try:
                check_slug(slug)
            except InvalidSuite as error:
                raise ValidationError(str(error)) from error
            if Suite.objects.filter(slug=slug).exists():
                raise ValidationError(f"There is a suite {slug!r} already. Give this one the next version number.")
        return slug


@admin.register(Suite)
class SuiteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A suite can be written here until it has been run; from then on it is what its results rest on."""

    form = SuiteForm
    list_display = ["slug", "name", "max_output_tokens", "created_at"]
    search_fields = ["slug", "name"]
    fields = ["name", "slug", "description", "max_output_tokens", "content_hash"]
    readonly_fields = ["content_hash"]
    prepopulated_fields = {"slug": ("name",)}
    inlines = [SampleInline]

    def has_change_permission(self, request: HttpRequest, obj: Suite | None = None) -> bool:
        return not is_fixed(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Suite | None = None) -> bool:
        return not is_fixed(obj) and super().has_delete_permission(request, obj)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Suite | None = None) -> dict[str, Any]:
        return {} if obj is not None else dict(super().get_prepopulated_fields(request, obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: list[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        suite = form.instance
        suite.content_hash = hash_of(suite)
        suite.save(update_fields=["content_hash"])


def is_fixed(suite: Suite | None) -> bool:
    """Whether a suite may not change: it has been run, or it comes with the project and is made from code."""
    return suite is not None and (suite.slug in BUILDERS or Run.objects.filter(suite=suite).exists())
