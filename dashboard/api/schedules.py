"""``/api/v1/schedules``: what is measured by itself, and what came of it last."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from dashboard.api.access import by_token, need
from dashboard.api.answers import answer, number, plain
from dashboard.api.paging import Paging, page, window
from dashboard.api.schemas import Problem, SourceItem
from dashboard.schedules import Line, ScheduleView, schedule_views
from evals.errors import UnknownName
from evals.models import Schedule
from evals.services.schedules import run_now, set_paused

router = Router(tags=["runs"])
PERMISSION = "evals.change_schedule"


class ScheduleLineItem(Schema):
    """One schedule on one endpoint."""

    endpoint: str
    state: str = Field(description="Of the endpoint.")
    last_due_at: datetime | None
    last_run: str | None = Field(description="Id of the newest run; null when it could not be started.")
    last_state: str | None
    problem: str = Field(description="Why the newest run could not be started.")
    pass_rate: float | None
    pass_rates: list[float] = Field(description="Of at most the last 20 runs, the oldest first.")
    alerts: list[str] = Field(description="Titles of the open ones.")


class ScheduleItem(Schema):
    """When a suite runs by itself."""

    schedule: str
    name: str
    suite: str
    cron: str
    time_zone: str
    misfire: str
    is_paused: bool
    next_due_at: datetime | None
    repeats: int
    sample_limit: int | None
    budget_usd: float = Field(description="The most that one run may spend.")
    lane: str = Field(description='"latency": few calls at once and nothing beside them; else "normal".')
    endpoints: list[ScheduleLineItem]
    sources: list[SourceItem]


class SchedulePage(Schema):
    count: int
    next: str | None
    items: list[ScheduleItem]


@router.get(
    "/schedules",
    response={200: SchedulePage, 400: Problem},
    url_name="schedules",
    summary="Suites that run by themselves",
)
def schedules_view(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """In the order of their names. A source is the page of the newest run."""
    items = [item(request, view) for view in schedule_views(window=window(paging))]
    return answer(request, page(request, paging, Schedule.objects.count()).envelope(items))


@router.post(
    "/schedules/{slug}/run",
    **by_token("schedules:write"),
    response={200: ScheduleItem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 429: Problem},
    summary="Run a schedule now",
)
def run_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Paused or not, and up to its cap on each endpoint. Twice within a minute it runs once."""
    token = need(request, PERMISSION)
    run_now(known(slug), requested_by=f"{token.user} by {token.name}"[:150])
    return changed(request, slug)


@router.post(
    "/schedules/{slug}/pause",
    **by_token("schedules:write"),
    response={200: ScheduleItem, 401: Problem, 403: Problem, 404: Problem, 429: Problem},
    summary="Pause a schedule",
)
def pause_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Times that pass meanwhile are not missed."""
    need(request, PERMISSION)
    set_paused(known(slug), is_paused=True)
    return changed(request, slug)


@router.post(
    "/schedules/{slug}/go-on",
    **by_token("schedules:write"),
    response={200: ScheduleItem, 401: Problem, 403: Problem, 404: Problem, 429: Problem},
    summary="Go on with a paused schedule",
)
def go_on_with_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """From its next time on."""
    need(request, PERMISSION)
    set_paused(known(slug), is_paused=False)
    return changed(request, slug)


def known(slug: str) -> Schedule:
    """The schedule of that name, or 404 with near ones."""
    found = Schedule.objects.filter(slug=slug.replace("\x00", "")).first()
    if found is None:
        raise UnknownName("schedule", slug, Schedule.objects.values_list("slug", flat=True))
    return found


def changed(request: HttpRequest, slug: str) -> HttpResponse:
    """The schedule as it is now; never kept by anybody."""
    response = plain(item(request, schedule_views(slug=slug)[0]), 200)
    response["Cache-Control"] = "no-store"
    return response


def item(request: HttpRequest, view: ScheduleView) -> dict[str, Any]:
    schedule = view.schedule
    return {
        "schedule": schedule.slug,
        "name": schedule.name,
        "suite": schedule.suite.slug,
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "misfire": schedule.misfire,
        "is_paused": schedule.is_paused,
        "next_due_at": None if schedule.is_paused else schedule.next_due_at,
        "repeats": schedule.repeats,
        "sample_limit": schedule.sample_limit,
        "budget_usd": number(schedule.budget_usd),
        "lane": schedule.lane,
        "endpoints": [line_item(line) for line in view.lines],
        "sources": [
            {
                "url": request.build_absolute_uri(reverse("dashboard:run", args=[line.last.run.pk])),
                "publisher": "This installation",
                "published_on": None,
                "retrieved_at": line.last.run.finished_at,
                "licence": "",
            }
            for line in view.lines
            if line.last and line.last.run
        ],
    }


def line_item(line: Line) -> dict[str, Any]:
    last = line.last
    run = last.run if last else None
    return {
        "endpoint": line.endpoint.slug,
        "state": line.endpoint.state,
        "last_due_at": last.due_at if last else None,
        "last_run": str(run.pk) if run else None,
        "last_state": run.state if run else None,
        "problem": last.problem if last else "",
        "pass_rate": last.pass_rate if last else None,
        "pass_rates": line.trend,
        "alerts": [alert.title for alert in line.alerts],
    }
