"""What all entry forms of the catalog have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, ForeignKey, QuerySet
from django.forms import Field as FormField
from django.http import HttpRequest


class _Entry:
    """Autocomplete for every reference, and a source for every fact."""

    requires_source = True

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002  Django's signature
        model = self.model  # type: ignore[attr-defined]
        return [field.name for field in model._meta.fields if isinstance(field, ForeignKey)]

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> FormField | None:
        field: FormField | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and db_field.name == "source" and self.requires_source:
            field.required = True
        return field


class EntryAdmin(_Entry, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that costs the same number of queries whatever it shows, and a form that can be saved as a new row."""

    save_as = True
    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Also what autocomplete lists and names its rows from.
        return super().get_queryset(request).select_related(*self.list_select_related)


class EntryInline(_Entry, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = True


class StackedEntryInline(_Entry, admin.StackedInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = True
