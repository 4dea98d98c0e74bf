from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator

from catalog.admin.base import EntryAdmin
from catalog.admin.exporting import Exporting
from catalog.admin.forms import EntryForm
from catalog.admin.queues import ReadFilter
from catalog.models import Source
from catalog.selectors.source_hints import source_hint


class SourceForm(EntryForm):
    """Paste the address: publisher and kind follow from other sources of the same host."""

    publisher = forms.CharField(
        required=False, max_length=200, help_text="Empty: as other sources of the same host have it."
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "as other sources of the same host"), *Source.Kind.choices],
    )
    rank = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=1000,
        help_text="When sources disagree, the lowest rank is shown. Empty: the usual rank of its kind.",
    )

    class Meta:
        model = Source
        fields = "__all__"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        hint = source_hint(cleaned.get("url") or "")
        for name, known in (("publisher", hint.publisher), ("kind", hint.kind)):
            cleaned[name] = cleaned.get(name) or known
            if not cleaned[name] and name not in self.errors:
                self.add_error(name, f"Nothing is known about this host yet. Give its {name}.")
        if cleaned.get("rank") is None and cleaned.get("kind"):
            cleaned["rank"] = Source.DEFAULT_RANK[Source.Kind(cleaned["kind"])]
        if cleaned.get("retrieved_at") is None and "retrieved_at" not in self.errors:
            self.add_error("retrieved_at", "Give the day on which you read it: a page may say something else later.")
        return cleaned


@admin.register(Source)
class SourceAdmin(Exporting, EntryAdmin):
    form = SourceForm
    list_display = ["rank", "named", "kind", "licence", "retrieved_at"]
    list_display_links = ["named"]
    # The ranking decides which of several values is shown, so it is edited where it can be seen as a whole.
    list_editable = ["rank"]
    ordering = ["rank", "publisher", "url"]
    list_filter = ["kind", ReadFilter, "licence"]
    search_fields = ["url", "title", "publisher"]
    date_hierarchy = "retrieved_at"
    actions = ["edit_field", "export_csv", "export_xlsx"]

    def notes(self, request: HttpRequest, form: Any) -> list[str]:  # noqa: ARG002
        source: Source = form.instance
        return [f"Publisher {source.publisher}, {source.get_kind_display()}."]

    def view_on_site(self, obj: Source) -> str:
        return reverse("dashboard:source", args=[obj.pk])

    @admin.display(description="source", ordering="publisher")
    def named(self, source: Source) -> str:
        return Truncator(source).chars(70)
