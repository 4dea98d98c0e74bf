"""``/evals/runs/<id>/cancel/``, ``resume/`` and ``retry/``: what it costs at most, then the step. For operators."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from dashboard.run_actions import PERMISSION, WORDS, act, name_of, possible, question
from dashboard.runs import run_view
from dashboard.views.runs import run_or_404
from evals.errors import EvalError
from evals.services.runs import retry_problem


def page(request: HttpRequest, run_id: str, action: str) -> HttpResponse:
    """GET asks and changes nothing; POST does it and leads back to the run."""
    if action not in WORDS:
        raise Http404
    run = run_or_404(run_id)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path, reverse("admin:login"))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if action not in dict(possible(run)):
        why = retry_problem(run) if action == "retry" else f"It is {run.get_state_display()}."
        messages.error(request, f"{name_of(run)}: {WORDS[action].lower()} is not possible now. {why}")
        return redirect("dashboard:run", run.pk)
    if request.method == "POST":
        try:
            messages.success(request, act(run, action))
        except EvalError as error:
            messages.error(request, f"{name_of(run)}: {error}")
        return redirect("dashboard:run", run.pk)
    context = {"view": run_view(run), "question": question(run, action)}
    return render(request, "dashboard/run_action.html", context)
