"""``/evals/schedules/``: when what is measured by itself, what came of it last, and the buttons of operators."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard import formats
from dashboard.schedules import schedule_views
from evals.errors import EvalError
from evals.models import Schedule
from evals.services.schedules import run_now, set_paused

PERMISSION = "evals.change_schedule"
SCHEDULES_PER_PAGE = 50


def page(request: HttpRequest) -> HttpResponse:
    """Schedules in the order of their names."""
    pages = Paginator(range(Schedule.objects.count()), SCHEDULES_PER_PAGE).get_page(request.GET.get("page"))
    start = (pages.number - 1) * SCHEDULES_PER_PAGE
    views = schedule_views(window=slice(start, start + SCHEDULES_PER_PAGE))
    paused = sum(view.schedule.is_paused for view in views)
    context = {
        "pages": pages,
        "views": views,
        "summary": f"{formats.plural(pages.paginator.count, 'schedule')}" + (f", {paused} paused" if paused else ""),
        "may_run": request.user.has_perm(PERMISSION),
    }
    return render(request, "dashboard/schedules.html", context)


@require_POST
def act(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """``run``, ``pause`` or ``go-on``; operators only."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("dashboard:schedules"), reverse("admin:login"))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if action not in {"run", "pause", "go-on"}:
        raise Http404
    schedule = get_object_or_404(Schedule, slug=slug)
    if action == "run":
        _run(request, schedule)
    else:
        set_paused(schedule, is_paused=action == "pause")
        messages.success(
            request,
            f"{schedule.name} is paused. Times that pass meanwhile are not missed."
            if schedule.is_paused
            else f"{schedule.name} goes on at {schedule.next_due_at:%Y-%m-%d %H:%M} UTC.",
        )
    return redirect("dashboard:schedules")


def _run(request: HttpRequest, schedule: Schedule) -> None:
    try:
        slot = run_now(schedule, requested_by=str(request.user)[:150])
    except EvalError as error:
        messages.error(request, str(error))
        return
    for each in slot.runs.select_related("endpoint"):
        say = messages.error if each.problem else messages.success
        say(request, f"{schedule.name} on {each.endpoint.name}: {each.problem or 'started.'}")
