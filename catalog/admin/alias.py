from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.base import EntryAdmin
from catalog.models import Alias


@admin.register(Alias)
class AliasAdmin(EntryAdmin):
    list_display = ["raw_name", "namespace", "target", "version", "valid_from", "valid_to", "status", "decided_by"]
    list_filter = ["status", "target", "namespace"]
    list_select_related = ("version",)
    search_fields = ["raw_name", "namespace", "version__name", "version__slug"]
    date_hierarchy = "valid_from"
    readonly_fields = ["decided_by"]
    actions = ["accept", "reject"]

    def save_model(self, request: HttpRequest, obj: Alias, form: object, change: bool) -> None:
        obj.decided_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    @admin.action(description="Accept the selected names", permissions=["change"])
    def accept(self, request: HttpRequest, aliases: QuerySet[Alias]) -> None:
        self._decide(request, aliases, Alias.Status.ACCEPTED)

    @admin.action(description="Reject the selected names", permissions=["change"])
    def reject(self, request: HttpRequest, aliases: QuerySet[Alias]) -> None:
        self._decide(request, aliases, Alias.Status.REJECTED)

    def _decide(self, request: HttpRequest, aliases: QuerySet[Alias], status: str) -> None:
        done = 0
        for alias in aliases:
            alias.status, alias.decided_by = status, request.user.get_username()
            try:
                alias.full_clean()
            except ValidationError as error:
                self.message_user(request, f"{alias}: {' '.join(error.messages)}", messages.ERROR)
                continue
            alias.save(update_fields=["status", "decided_by"])
            done += 1
        if done:
            self.message_user(request, f"{done} {'name' if done == 1 else 'names'} {status}.", messages.SUCCESS)
