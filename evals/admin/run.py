from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.admin.attention import Queue, register
from evals.errors import EvalError
from evals.models import Attempt, Run, RunSample
from evals.services import cancel_run, resume_run, retry_failed


class ReadOnly:
    """Nothing of a run is edited: results and money are what they were."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["suite", "endpoint", "state", "spent_usd", "budget_usd", "requested_by", "created_at"]
    list_filter = ["state", "suite", "endpoint"]
    list_select_related = ("suite", "endpoint")
    date_hierarchy = "created_at"
    actions = ["cancel", "resume", "retry"]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Stopping a run and going on with it, which spends money, although nothing of it can be edited."""
        return request.user.has_perm("evals.change_run")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset:
            cancel_run(run)
            self.message_user(request, f"{run} is cancelled: no call starts from now on; those under way are booked.")

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset:
            try:
                resume_run(run)
            except EvalError as error:
                self.message_user(request, f"{run}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{run} goes on.")

    @admin.action(description="Ask failed samples again", permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset:
            try:
                count = retry_failed(run)
            except EvalError as error:
                self.message_user(request, f"{run}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{run}: failed samples asked again: {count}.")


class AttemptInline(ReadOnly, admin.StackedInline):  # type: ignore[type-arg]
    model = Attempt
    extra = 0


@admin.register(RunSample)
class RunSampleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every prompt and every reply, with what it cost."""

    list_display = ["sample", "run", "state", "outcome", "answer", "attempts_made", "finished_at"]
    list_filter = ["state", "outcome", "run__suite", "run__endpoint"]
    list_select_related = ("sample__suite", "run")
    search_fields = ["sample__key", "answer"]
    inlines = [AttemptInline]


STOPPED = [Run.State.FAILED, Run.State.PAUSED]
register(
    Queue(
        "Runs that failed or are paused",
        lambda: Run.objects.filter(state__in=STOPPED).count(),
        lambda: f"{reverse('admin:evals_run_changelist')}?state__in={','.join(STOPPED)}",
        "evals.view_run",
        "Nothing is lost; resume them when the endpoint answers again.",
        51,
    )
)
