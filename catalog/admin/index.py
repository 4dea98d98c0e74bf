from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.base import EntryAdmin
from catalog.models import IndexEstimate, IndexFit
from catalog.selectors.index_changes import IndexChanges


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
    exclude = ["inputs", "changes"]
    readonly_fields = ["what_changed"]

    @admin.display(description="what changed against the fit before")
    def what_changed(self, fit: IndexFit) -> str:
        if fit.changes is None:
            return "There is no earlier fit by the same rules."
        changes = IndexChanges.from_json(fit.changes)
        lines = [
            f"{each.version} {each.before:.1f} to {each.after:.1f}: "
            f"{'; '.join(score.words for score in each.scores) or 'through scores of others'}"
            for each in changes.moved
        ]
        lines += [f"entered: {', '.join(changes.entered)}"] if changes.entered else []
        lines += [f"left: {', '.join(changes.left)}"] if changes.left else []
        return "\n".join(lines) or f"Nothing moved beyond its interval; {len(changes.scores)} scores differ."


@admin.register(IndexEstimate)
class IndexEstimateAdmin(_ReadOnly):
    list_display = ["version", "fit", "status", "level", "interval", "benchmarks"]
    list_filter = ["status", "fit"]
    list_select_related = ("fit", "version")
    search_fields = ["version__name", "version__slug"]
    exclude = ["draws_f32"]

    @admin.display(description="capability", ordering="capability")
    def level(self, estimate: IndexEstimate) -> str:
        return "unknown" if estimate.capability is None else f"{estimate.capability:.2f}"

    @admin.display(description="interval", ordering="low")
    def interval(self, estimate: IndexEstimate) -> str:
        return (
            "unknown" if estimate.low is None or estimate.high is None else f"{estimate.low:.2f} to {estimate.high:.2f}"
        )
