from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.base import EntryAdmin
from catalog.models import ConflictNote


@admin.register(ConflictNote)
class ConflictNoteAdmin(EntryAdmin):
    """For reading: notes are written beside the disagreement, and stay as they were written."""

    save_as = False
    list_display = ["key", "text", "written_by", "written_at"]
    list_select_related = ("written_by",)
    search_fields = ["key", "text", "written_by__username"]
    date_hierarchy = "written_at"

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
