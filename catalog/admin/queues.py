"""The catalog's own queues on the first page of the admin, and the list filters that they link to."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.admin.attention import Queue, register
from catalog.models import ImportBatch, Offering, Report
from catalog.selectors.attention import (
    conflicts_without_note,
    models_without_price,
    stale_price_sources,
    undated_sources,
)


class PricedFilter(admin.SimpleListFilter):
    title = "price"
    parameter_name = "price"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        yield "none", "without a price"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002
        return queryset.filter(pk__in=models_without_price().values("pk")) if self.value() == "none" else queryset


class ReadFilter(admin.SimpleListFilter):
    title = "day it was read"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        yield "never", "not known"
        yield "stale", "prices rest on it, read over 90 days ago"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002
        found = {"never": undated_sources, "stale": stale_price_sources}.get(self.value() or "")
        return queryset.filter(pk__in=found().values("pk")) if found else queryset


class SellerFilter(admin.RelatedFieldListFilter):
    """Organizations that sell something; most only make models, or measure them."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> Any:
        return field.get_choices(
            include_blank=False,
            limit_choices_to={"pk__in": Offering.objects.values("provider")},
            ordering=self.field_admin_ordering(field, request, model_admin),
        )


def _list(name: str, query: str) -> str:
    return f"{reverse(f'admin:catalog_{name}_changelist')}?{query}"


register(
    Queue(
        "Reports of wrong numbers",
        lambda: Report.objects.filter(state=Report.State.OPEN).count(),
        lambda: _list("report", "state__exact=open"),
        "catalog.view_report",
        "Readers say that these numbers are wrong.",
        10,
    )
)
register(
    Queue(
        "Imports to take or discard",
        lambda: ImportBatch.objects.filter(state=ImportBatch.State.CHECKED).count(),
        lambda: _list("importbatch", "state__exact=checked"),
        "catalog.view_importbatch",
        "Files that were checked and not yet taken.",
        30,
    )
)
register(
    Queue(
        "Imports to review",
        lambda: ImportBatch.objects.filter(state=ImportBatch.State.TAKEN, reviewed_at=None).count(),
        lambda: _list("importbatch", "state__exact=taken&reviewed_at__isempty=1"),
        "catalog.view_importbatch",
        "Files that were taken and that nobody has looked over.",
        31,
    )
)
register(
    Queue(
        "Conflicts without a note",
        conflicts_without_note,
        lambda: reverse("dashboard:conflicts"),
        "catalog.view_conflictnote",
        "Sources answer the same question differently, and nobody has said why.",
        40,
    )
)
register(
    Queue(
        "Models without a price",
        lambda: models_without_price().count(),
        lambda: _list("model", "price=none"),
        "catalog.view_model",
        "They are missing from the frontier.",
        60,
    )
)
register(
    Queue(
        "Prices last read over 90 days ago",
        lambda: stale_price_sources().count(),
        lambda: _list("source", "read=stale"),
        "catalog.view_source",
        "Sources of prices still in force that nobody has read lately.",
        61,
    )
)
register(
    Queue(
        "Sources without a day",
        lambda: undated_sources().count(),
        lambda: _list("source", "read=never"),
        "catalog.view_source",
        "It is not known when they were read.",
        62,
    )
)
