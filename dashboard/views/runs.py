"""Our own evaluations: the list with live progress, and one run with every prompt and answer."""

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from catalog.models import Price
from dashboard import formats
from dashboard.run_actions import PERMISSION, possible
from dashboard.run_actions import name_of as name_of_run
from dashboard.run_details import distributions, hypothesis, name_of, offerings_to_choose
from dashboard.run_items import SHOWN, filters, item_rows, items_shown
from dashboard.run_rules import with_rules
from dashboard.runs import RunFilter, all_runs, comparable, read_filter, run_choices, run_view, run_views
from dashboard.sharing import Exhibit, share
from dashboard.tables import evals as tables
from dashboard.views.reading import Reading, given, plain
from evals.errors import EvalError
from evals.models import Run, RunSample
from evals.services.rescore import judge_again, rescore_run

RUNS_PER_PAGE = 25
ITEMS_PER_PAGE = 50
CORRECT = str(RunSample.Outcome.CORRECT)


def listing(request: HttpRequest) -> HttpResponse:
    """``/evals/?suite=&endpoint=&state=&page=``. The browser asks again while a run is open; a reload does the same."""
    values, choices = given(request), run_choices()
    wanted = read_filter(values, choices)
    pages = Paginator(wanted.runs(), RUNS_PER_PAGE).get_page(values.get("page"))
    views = with_rules(run_views(pages.object_list))
    context = {
        "pages": pages,
        "runs": views,
        "is_live": any(view.is_open for view in views),
        "wanted": wanted,
        "choices": [(name, choices[name], getattr(wanted, name)) for name in ("suite", "endpoint", "state")],
        "has_runs": bool(choices["suite"]),
        "may_start": request.user.has_perm("evals.add_run"),
        "shared": share(request, exhibit(wanted, total=pages.paginator.count)),
    }
    return live(request, "dashboard/runs.html", "dashboard/_run_list.html", context)


def look(values: QueryDict) -> Reading[RunFilter]:
    """What a file of the list holds; one that names what is not there is refused."""
    wanted = read_filter(plain(values), run_choices())
    notices = [notice.replace(", so that was left out", "") for notice in wanted.notices]
    return Reading(wanted, ("filter",) if notices else (), notices)


def exhibit(wanted: RunFilter, *, total: int | None = None) -> Exhibit:
    """All runs of the list, not only those of one page."""
    count = wanted.runs().count() if total is None else total
    chosen = [(name, getattr(wanted, name)) for name in ("suite", "endpoint", "state")]
    parameters = [(name, value) for name, value in chosen if value]
    return Exhibit(
        name="runs",
        sentence=f"{formats.plural(count, 'run')} of our own suites, with what a correct answer cost.",
        note="Failed calls are not wrong answers: they are counted apart",
        parameters=parameters,
        tables={"runs": lambda: tables.runs(with_rules(run_views(wanted.runs())))},
        json_url="" if parameters else reverse("api:runs"),
    )


def detail(request: HttpRequest, run_id: str) -> HttpResponse:
    """``/evals/runs/<id>/?outcome=&page=&offering=&on=&tier=``: summary, progress, spreads, items with every reply."""
    run = run_or_404(run_id)
    view = run_view(run)
    moving = {"view": view, "is_live": view.is_open, "actions": []}
    if request.user.has_perm(PERMISSION):
        moving["actions"] = possible(run)
    if request.headers.get("X-Live"):
        return live(request, "", "dashboard/_run_summary.html", moving)
    values = given(request)
    wanted = values.get("outcome", "")
    wanted = wanted if wanted in SHOWN else ""
    pages = Paginator(items_shown(run, wanted), ITEMS_PER_PAGE).get_page(values.get("page"))
    context = moving | {
        "pages": pages,
        "outcome": wanted,
        "items": item_rows(run, pages.object_list),
        "n_items": view.summary.n_planned // run.repeats,
        "filters": filters(run),
        "distributions": distributions(run),
        "other_prices": hypothesis(run, values, today=timezone.now().date()),
        "offerings": [(name_of(each), each) for each in offerings_to_choose(run)],
        "tiers": Price.ServiceClass.choices,
        "siblings": comparable(run),
        "read_at": timezone.now(),
    }
    return live(request, "dashboard/run.html", "dashboard/_run_summary.html", context)


def rescore(request: HttpRequest, run_id: str) -> HttpResponse:
    """``/evals/runs/<id>/rescore/``: every stored reply judged by the scorers of today, beside the judgement on record.

    Looking changes nothing. Operators can let the new judgements stand.
    """
    run = run_or_404(run_id)
    may_apply = request.user.has_perm(PERMISSION)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.path, reverse("admin:login"))
        if not may_apply:
            raise PermissionDenied
        try:
            done = rescore_run(run)
        except EvalError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        replies, outcomes = formats.plural(done.judged, "reply", "replies"), formats.plural(len(done.keys), "outcome")
        messages.success(request, f"{name_of_run(run)}: {replies} judged again; {outcomes} changed.")
        return redirect("dashboard:run", run.pk)
    again = judge_again(run)
    changed = [each for each in again if each.differs]
    old = sum(each.sample.outcome == CORRECT for each in again)
    new = sum(each.judgement.outcome == CORRECT for each in again)
    context = {
        "view": run_view(run),
        "judged": len(again),
        "changed": changed,
        "old": old,
        "new": new,
        "labels": sorted({(each.sample.scorer_version, each.label) for each in again}),
        "may_apply": may_apply,
    }
    return render(request, "dashboard/rescore.html", context)


def run_or_404(run_id: str) -> Run:
    try:
        return get_object_or_404(all_runs(), pk=run_id)
    except ValidationError as error:
        raise Http404 from error


def live(request: HttpRequest, template: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for the poller its moving part: 204 when nothing has changed since it last asked."""
    if not request.headers.get("X-Live"):
        return render(request, template, context)
    html = render_to_string(part, context, request)
    etag = hashlib.sha256(html.encode()).hexdigest()[:24]
    unchanged = request.headers["X-Live"] == etag
    response = HttpResponse("" if unchanged else html, status=204 if unchanged else 200)
    response["X-Live"] = etag
    response["Cache-Control"] = "no-store"
    if not context["is_live"]:
        response["X-Live-Done"] = "1"
    return response
