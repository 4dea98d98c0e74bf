"""Merging what is there twice, from the lists of models and versions, and undoing it from the list of merges."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from catalog.admin.base import EntryAdmin
from catalog.errors import BadFact
from catalog.models import Merge, Model, ModelVersion
from catalog.services.merges import merge_models, merge_versions, undo_merge


@admin.action(description="Merge the selected into one", permissions=["change"])
def merge_selected(modeladmin: Any, request: HttpRequest, rows: "QuerySet[Any]") -> HttpResponse | None:
    """Ask which one stays, then take the others into it."""
    chosen = list(rows.order_by("pk")[:20])
    if len(chosen) < 2:
        modeladmin.message_user(request, "Select two or more that are the same thing.", messages.WARNING)
        return None
    target = next((row for row in chosen if str(row.pk) == request.POST.get("target", "")), None)
    if target is None:
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": "Which one stays?",
            "opts": modeladmin.opts,
            "rows": [(row, _weight(row)) for row in chosen],
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/catalog/merge.html", context)
    merge: Callable[..., Merge] = merge_versions if isinstance(target, ModelVersion) else merge_models
    for row in chosen:
        if row.pk == target.pk:
            continue
        try:
            made = merge(row, target, by=request.user.get_username(), reason=request.POST.get("reason", ""))
        except BadFact as error:
            modeladmin.message_user(request, str(error), messages.ERROR)
        else:
            modeladmin.message_user(request, f"Merged {made}. It can be undone under Merges.", messages.SUCCESS)
    return None


def _weight(row: Model | ModelVersion) -> str:
    if isinstance(row, Model):
        return f"{row.versions.count()} versions"
    counts = [(row.offerings.count(), "offerings"), (row.scores.count(), "scores"), (row.claims.count(), "claims")]
    return ", ".join(f"{count} {name}" for count, name in counts)


@admin.register(Merge)
class MergeAdmin(EntryAdmin):
    """The record of merges. It is evidence and not edited; the action takes a merge back."""

    save_as = False
    list_display = ["source_slug", "target_slug", "kind", "merged_by", "merged_at", "reason", "undone_by", "undone_at"]
    list_filter = ["kind", ("undone_at", admin.EmptyFieldListFilter)]
    search_fields = ["source_slug", "target_slug", "source_name"]
    date_hierarchy = "merged_at"
    exclude = ["marks"]
    actions = ["undo"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    @admin.action(description="Undo the selected merges", permissions=["change"])
    def undo(self, request: HttpRequest, merges: "QuerySet[Merge]") -> None:
        for merge in merges.order_by("-pk"):
            try:
                remarks = undo_merge(merge, by=request.user.get_username())
            except BadFact as error:
                self.message_user(request, str(error), messages.ERROR)
                continue
            self.message_user(request, f"Undone: {merge}.", messages.SUCCESS)
            for remark in remarks:
                self.message_user(request, remark, messages.WARNING)
