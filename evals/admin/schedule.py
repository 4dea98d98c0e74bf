from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join

from evals.errors import EvalError
from evals.models import Schedule, ScheduleSlot
from evals.schedule_times import cron_problem, next_times, words, zone_problem
from evals.services.schedules import plan_next, run_now, set_paused

SHOWN_TIMES = 5


def upcoming(cron: str, zone: str) -> list[str]:
    """The next times in words, or the one sentence that says why there are none."""
    if problem := zone_problem(zone) or cron_problem(cron, ZoneInfo(zone)):
        return [problem]
    return [words(each) for each in next_times(cron, zone, after=timezone.now(), n=SHOWN_TIMES)]


class ScheduleForm(ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Schedule
        exclude: list[str] = []
        error_messages = {
            "suite": {"required": "No suite is chosen. Choose what to run."},
            "endpoints": {"required": "No endpoint is chosen. Choose at least one to run the suite on."},
            "cron": {"required": 'The times are empty. Write five fields, such as "0 6 * * *" for 6:00 every day.'},
            "budget_usd": {"required": "The cap is empty. Give the most that one run may spend, such as 0.50."},
        }


class SlotInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ScheduleSlot
    fields = readonly_fields = ("due_at", "state", "is_manual", "missed", "requested_by")
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduleSlot]:
        recent = super().get_queryset(request).order_by("-due_at").values("pk")[:200]
        return super().get_queryset(request).filter(pk__in=list(recent.values_list("pk", flat=True)))


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ScheduleForm
    list_display = ["name", "suite", "cron", "time_zone", "next_due_at", "is_paused", "budget_usd"]
    list_filter = ["is_paused"]
    list_select_related = ("suite",)
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ["suite", "endpoints"]

    class Media:
        js = ("catalog/entry.js",)  # names the choosers for screen readers, saves by Ctrl+S

    readonly_fields = ("next_due_at", "created_by", "next_times")
    inlines = [SlotInline]
    actions = ["run_now", "pause", "go_on"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "suite", "endpoints"]}),
        (
            "When",
            {
                "fields": ["cron", "time_zone", "next_times", "misfire", "most_catch_up", "is_paused"],
                "description": (
                    "The button Show the next times, below, lists them in words without saving. A time that a change "
                    "of clocks skips comes at the change; one that it repeats comes once."
                ),
            },
        ),
        ("How much", {"fields": ["repeats", "sample_limit", "budget_usd", "accept_unknown_cost", "lane"]}),
    ]

    @admin.display(description="Next times")
    def next_times(self, schedule: Schedule) -> str:
        times = (
            upcoming(schedule.cron, schedule.time_zone) if schedule.cron else ["Not known before the times are set."]
        )
        return format_html_join("", "<div>{}</div>", ((each,) for each in times))

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = str(request.user)[:150]
        super().save_model(request, obj, form, change)
        if not change or {"cron", "time_zone", "is_paused"} & set(form.changed_data):
            plan_next(obj)

    @admin.action(description="Run now", permissions=["change"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        for schedule in queryset:
            try:
                slot = run_now(schedule, requested_by=str(request.user)[:150])
            except EvalError as error:
                self.message_user(request, str(error), messages.ERROR)
                continue
            for each in slot.runs.select_related("endpoint"):
                level = messages.ERROR if each.problem else messages.SUCCESS
                self.message_user(request, f"{schedule} on {each.endpoint}: {each.problem or 'started.'}", level)

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        for schedule in queryset:
            set_paused(schedule, is_paused=True)
            self.message_user(request, f"{schedule} is paused.")

    @admin.action(description="Go on", permissions=["change"])
    def go_on(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        for schedule in queryset:
            set_paused(schedule, is_paused=False)
            self.message_user(request, f"{schedule} goes on at {schedule.next_due_at:%Y-%m-%d %H:%M} UTC.")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The button that shows the next times checks the form and saves nothing."""
        if request.method == "POST" and "_show_times" in request.POST:
            for line in upcoming(request.POST.get("cron", ""), request.POST.get("time_zone", "")):
                self.message_user(request, line, messages.INFO)
            return self._form_again(request, *args, **kwargs)
        return super().changeform_view(request, *args, **kwargs)

    def _form_again(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        post = request.POST.copy()
        post["cron"], kept = "", post.get("cron", "")  # an invalid form is shown again, filled in, and saves nothing
        request.POST = post  # type: ignore[assignment]
        response = super().changeform_view(request, *args, **kwargs)
        if hasattr(response, "context_data"):
            form = response.context_data["adminform"].form
            form.data["cron"] = kept
            form._errors = ErrorDict()
            response.context_data["errors"] = None
        return response
