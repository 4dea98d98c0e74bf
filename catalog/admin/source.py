from typing import Any

from django import forms
from django.contrib import admin
from django.utils.text import Truncator

from catalog.admin.base import EntryAdmin
from catalog.models import Source


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    rank = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=1000,
        help_text="When sources disagree, the lowest rank is shown. Empty: the usual rank of its kind.",
    )

    class Meta:
        model = Source
        fields = "__all__"  # noqa: DJ007  the admin shows all of it

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("rank") is None and cleaned.get("kind"):
            cleaned["rank"] = Source.DEFAULT_RANK[Source.Kind(cleaned["kind"])]
        return cleaned


@admin.register(Source)
class SourceAdmin(EntryAdmin):
    form = SourceForm
    list_display = ["rank", "named", "kind", "licence", "retrieved_at"]
    list_display_links = ["named"]
    # The ranking decides which of several values is shown, so it is edited where it can be seen as a whole.
    list_editable = ["rank"]
    ordering = ["rank", "publisher", "url"]
    list_filter = ["kind", "licence"]
    search_fields = ["url", "title", "publisher"]
    date_hierarchy = "retrieved_at"

    @admin.display(description="source", ordering="publisher")
    def named(self, source: Source) -> str:
        return Truncator(source).chars(70)
