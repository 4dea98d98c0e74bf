from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.base import EntryAdmin
from catalog.models import IndexEstimate, IndexFit


class _ReadOnly(EntryAdmin):
    """Computed, never typed: ``manage.py fit_index`` makes a new one."""

    save_as = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(IndexFit)
class IndexFitAdmin(_ReadOnly):
    list_display = ["created_at", "policy", "scores", "anchor_benchmark", "resamples", "objective", "data_hash"]
    list_select_related = ("anchor_benchmark",)
    search_fields = ["data_hash"]
    date_hierarchy = "created_at"


@admin.register(IndexEstimate)
class IndexEstimateAdmin(_ReadOnly):
    list_display = ["version", "fit", "status", "capability", "low", "high", "standard_error", "benchmarks"]
    list_filter = ["status", "fit"]
    list_select_related = ("fit", "version")
    search_fields = ["version__name", "version__slug"]
    exclude = ["draws_f32"]
