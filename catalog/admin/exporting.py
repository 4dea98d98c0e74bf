"""The selected rows as a file, in the columns in which they can be imported again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from catalog.importing.cells import export_rows, table_of

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(name: str, content: bytes, kind: str) -> HttpResponse:
    """A file that the browser saves."""
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


class Exporting:
    """Mixin: two actions, for everybody who may read the list."""

    @admin.action(description="Export the selected rows as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse:  # noqa: ARG002
        return _export(queryset, "csv")

    @admin.action(description="Export the selected rows as XLSX", permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse:  # noqa: ARG002
        return _export(queryset, "xlsx")


def _export(queryset: "QuerySet[Any]", kind: str) -> HttpResponse:
    table = table_of(queryset.model)
    name = f"{table.name if table else 'rows'}-{timezone.now():%Y-%m-%d}"
    return download(name, export_rows(queryset, kind=kind), kind)
