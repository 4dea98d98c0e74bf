from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from catalog.admin.base import EntryAdmin
from catalog.models import Report

SAID: list[Any] = ["page_link", "about", "shown", "right_value", "evidence_url", "text", "contact", "created_at"]


@admin.register(Report)
class ReportAdmin(EntryAdmin):
    """What readers say is wrong. Correct the fact in its own form; write here what was found out."""

    requires_source = False
    save_as = False
    list_display = ["__str__", "right_value", "page", "state", "created_at", "decided_by"]
    list_filter = ["state"]
    search_fields = ["about", "page", "shown", "right_value", "text"]
    date_hierarchy = "created_at"
    readonly_fields = [*SAID, "decided_at", "decided_by"]
    fieldsets = [
        ("What the reader says", {"fields": SAID}),
        ("What came of it", {"fields": ["state", "answer", ("decided_by", "decided_at")]}),
    ]
    actions = ["keep"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False  # readers write them

    @admin.display(description="page")
    def page_link(self, report: Report) -> str:
        return format_html('<a href="{}">{}</a>', report.page, report.page) if report.page else "–"

    def save_model(self, request: HttpRequest, obj: Report, form: Any, change: bool) -> None:
        if "state" in form.changed_data:
            decide(obj, obj.state, request.user.get_username())
        super().save_model(request, obj, form, change)

    @admin.action(description="Keep the numbers: the selected reports are answered", permissions=["change"])
    def keep(self, request: HttpRequest, queryset: "QuerySet[Report]") -> None:
        reports = list(queryset.filter(state=Report.State.OPEN))
        for report in reports:
            decide(report, Report.State.KEPT, request.user.get_username())
            report.save()
        self.message_user(request, f"{len(reports)} reports closed; the numbers stay.")


def decide(report: Report, state: str, actor: str) -> None:
    """Note who decided, and when. Does not save."""
    report.state, report.decided_by = state, actor[:150]
    report.decided_at = None if state == Report.State.OPEN else timezone.now()
