from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse

from catalog import audit
from catalog.admin.base import differences
from catalog.errors import CannotRevert
from catalog.models import AuditEvent
from catalog.services import revert

# Taking a creation back deletes a row, and so on: who does it must be allowed that.
NEEDED = {AuditEvent.Verb.CREATED: "delete", AuditEvent.Verb.CHANGED: "change", AuditEvent.Verb.DELETED: "add"}


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Every change of every row. For reading; one change at a time can be taken back."""

    list_display = ["at", "actor", "verb", "label", "table", "origin", "reason"]
    list_filter = ["origin", "verb", "table", "actor"]
    search_fields = ["label", "actor", "reason", "row"]
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/revert/", self.admin_site.admin_view(self.revert_view), name="catalog_auditevent_revert")
        return [own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  Django names them
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        event = self.get_object(request, object_id)
        if event is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(event),
            "opts": self.opts,
            "original": event,
            "differences": differences(event),
            "row_url": _row_url(event),
            "may_revert": may_revert(request, event),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog/audit_event.html", context)

    def revert_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take one change back, with a reason."""
        event = get_object_or_404(AuditEvent, pk=pk)
        if request.method != "POST" or not may_revert(request, event):
            raise PermissionDenied
        try:
            revert([event], actor=request.user.get_username(), reason=request.POST.get("reason", ""))
        except CannotRevert as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"Taken back: {event.label}.", messages.SUCCESS)
        return redirect("admin:catalog_auditevent_change", pk)


def may_revert(request: HttpRequest, event: AuditEvent) -> bool:
    """Whether this user may do the opposite of what was done."""
    model = audit.watched_models().get(event.table)
    if model is None or model._meta.app_label != "catalog":
        return False  # undoing a decision would not undo what followed from it
    verb = NEEDED[AuditEvent.Verb(event.verb)]
    return request.user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")


def _row_url(event: AuditEvent) -> str:
    model = audit.watched_models().get(event.table)
    if model is None or not model._base_manager.filter(pk=event.row).exists():
        return ""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[event.row])
    except NoReverseMatch:
        return ""
