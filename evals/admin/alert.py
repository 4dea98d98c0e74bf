from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from evals.models import Alert, AlertRule, Channel, Delivery, Look
from evals.services.alerts import acknowledge
from evals.services.delivery import new_signing_secret, queue_test, send_again


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Written by the service alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django names it
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "kind", "address", "is_active", "is_open_to_readers"]
    search_fields = ["name", "address"]
    actions = ["test", "new_secret"]

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.kind == Channel.Kind.WEBHOOK and not obj.signing_secret:
            self._show_secret(request, obj)

    @admin.action(description="Send a test message", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            queue_test(channel, requested_by=str(request.user))
            self.message_user(request, f"A test message to {channel} is on its way; Deliveries say if it arrived.")

    @admin.action(description="Make a new signing secret", permissions=["change"])
    def new_secret(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset.filter(kind=Channel.Kind.WEBHOOK):
            self._show_secret(request, channel)

    def _show_secret(self, request: HttpRequest, channel: Channel) -> None:
        self.message_user(
            request,
            f"Messages to {channel} are signed with {new_signing_secret(channel)}. Copy it to the receiver now: it is "
            "not shown again.",
            messages.WARNING,
        )


@admin.register(AlertRule)
class AlertRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "kind", "schedule", "endpoint", "suite", "is_active", "muted_until"]
    list_filter = ["kind", "is_active"]
    list_select_related = ("schedule", "endpoint", "suite")
    search_fields = ["name"]
    autocomplete_fields = ["schedule", "endpoint", "suite", "channels"]

    class Media:
        js = ("catalog/entry.js",)  # names the choosers for screen readers, saves by Ctrl+S


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = ["title", "rule", "opened_at", "recovered_at", "acknowledged_by"]
    list_filter = [("recovered_at", admin.EmptyFieldListFilter), "rule__kind"]
    list_select_related = ("rule",)
    search_fields = ["title"]
    actions = ["note_seen", "accept"]

    def _may(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("evals.change_alert"))

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    @admin.action(description="Acknowledge", permissions=["acknowledge"])
    def note_seen(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        for alert in queryset:
            acknowledge(alert, by=str(request.user))

    @admin.action(description="Accept as the new normal", permissions=["acknowledge"])
    def accept(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        from evals.errors import EvalError

        for alert in queryset:
            try:
                acknowledge(alert, by=str(request.user), accept=True)
            except EvalError as error:
                self.message_user(request, str(error), messages.ERROR)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["title", "channel", "state", "attempts", "happened_at", "sent_at", "last_error"]
    list_filter = ["state", "channel"]
    list_select_related = ("channel",)
    actions = ["again"]

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("evals.change_delivery"))

    @admin.action(description="Send again what was given up", permissions=["resend"])
    def again(self, _: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset:
            send_again(delivery)


@admin.register(Look)
class LookAdmin(ReadOnly):
    list_display = ["run", "rule", "is_alarm", "words", "looked_at"]
    list_filter = ["is_alarm", "rule"]
    list_select_related = ("rule", "run__suite", "run__endpoint")
