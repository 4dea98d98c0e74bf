"""``/evals/new/``: a suite on one or more endpoints, planned before it is started. For operators."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboard.charts.text import clean_text
from evals.errors import EvalError, UnknownPrice
from evals.models import Endpoint, Run, Suite
from evals.plans import Plan, plan_run
from evals.services import start_comparison, start_run
from evals.services.comparisons import MOST
from evals.services.pricing import freeze_prices
from evals.services.runs import MAX_REPEATS

PERMISSION = "evals.add_run"


class SuiteChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return clean_text(obj.name)


class RunForm(forms.Form):
    suite = SuiteChoice(
        Suite.objects.order_by("slug"),
        to_field_name="slug",
        empty_label=None,
        error_messages={"invalid_choice": "There is no such suite. Choose one of the list."},
    )
    endpoint = forms.ModelMultipleChoiceField(
        Endpoint.objects.order_by("name"),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        label="Endpoints",
        error_messages={
            "required": "Choose at least one endpoint.",
            "invalid_choice": "There is no endpoint %(value)s. Choose from the list.",
        },
    )
    detect = forms.FloatField(
        min_value=0.1,
        max_value=99,
        initial=10,
        label="Difference to be seen, in points",
        help_text="The plan says how many questions that takes.",
    )
    limit = forms.IntegerField(
        min_value=1,
        required=False,
        label="Questions",
        help_text="Empty: all of the suite. The same draw for every endpoint.",
    )
    repeats = forms.IntegerField(min_value=1, max_value=MAX_REPEATS, initial=1, label="Ask each so many times")
    budget = forms.DecimalField(
        min_value=Decimal("0.000001"),
        max_value=Decimal(1_000_000),
        max_digits=18,
        decimal_places=12,
        initial=Decimal("0.50"),
        label="Cap for each endpoint, US$",
        help_text="Money is reserved before each call, so the cap is never passed.",
    )
    stop_early = forms.BooleanField(
        required=False,
        label="Stop once the difference is decided",
        help_text="Judged by evidence that may be looked at after every answer. Saves calls; intervals become wider.",
    )
    indifference = forms.FloatField(
        min_value=0.1,
        max_value=99,
        required=False,
        label="Differences below so many points do not matter",
        help_text="Only with stopping early: a pair that is surely closer is decided too.",
    )
    latency_lane = forms.BooleanField(
        required=False,
        label="Measure latency",
        help_text=f"The latency lane: at most {Run.LATENCY_CALLS} calls at once and nothing beside them. Slower.",
    )
    accept_unknown_cost = forms.BooleanField(
        required=False, label="Run endpoints without a known price", help_text="No cap holds for them."
    )

    def clean_endpoint(self) -> Any:
        chosen = self.cleaned_data["endpoint"]
        if len(chosen) > MOST:
            raise forms.ValidationError(f"{len(chosen)} endpoints are chosen; at most {MOST} are compared at once.")
        return chosen

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("stop_early") and values.get("repeats", 1) != 1:
            self.add_error(
                "stop_early", "Stopping early weighs each question once. Ask each once, or leave this unchecked."
            )
        if values.get("stop_early") and len(values.get("endpoint") or [1, 2]) < 2:
            self.add_error("stop_early", "There is nothing to decide with one endpoint. Choose a second one.")
        return values


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of a form that could be read, or what is in its way."""

    plan: Plan | None = None
    problem: str = ""
    notes: list[str] = field(default_factory=list)


def page(request: HttpRequest) -> HttpResponse:
    """GET ``?suite=&endpoint=&endpoint=`` plans and changes nothing; POST starts. Needs the right to start runs."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    data = sent.copy()
    if data:
        for name, default in (("detect", "10"), ("repeats", "1"), ("budget", "0.50")):
            data.setdefault(name, default)
    form = RunForm(data or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            return started(request, form.cleaned_data)
        except EvalError as error:
            problem = str(error)
    planned = plan_of(form) if form.is_bound and form.is_valid() else Planned()
    context = {
        "form": form,
        "planned": planned,
        "problem": problem or planned.problem,
        "key": sent.get("key") or uuid4().hex,
        "suites": Suite.objects.count(),
        "endpoints": Endpoint.objects.count(),
    }
    return render(request, "dashboard/run_new.html", context, status=400 if form.errors or problem else 200)


def plan_of(form: RunForm) -> Planned:
    values = form.cleaned_data
    try:
        plan = plan_run(
            suite=values["suite"],
            endpoints=list(values["endpoint"]),
            detect_points=values["detect"],
            limit=values["limit"],
            repeats=values["repeats"],
        )
    except EvalError as error:
        return Planned(problem=str(error))
    notes = [
        f"{each.endpoint.name}: the expected cost is above the cap, so the run would stop early at the cap."
        for each in plan.forecasts
        if each.usd is not None and each.usd > values["budget"]
    ]
    if not values["accept_unknown_cost"]:
        notes += [note for endpoint in values["endpoint"] if (note := _without_price(endpoint))]
    return Planned(plan=plan, notes=notes)


def _without_price(endpoint: Endpoint) -> str:
    """What starting would say of an endpoint whose price is not known; it is said before."""
    try:
        freeze_prices(endpoint, as_of=timezone.now(), accept_unknown_cost=False)
    except UnknownPrice as error:
        return str(error)
    return ""


def started(request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
    """Start what the form says: one run, or a comparison. The form's key makes a second click start nothing more."""
    common = {
        "suite": values["suite"],
        "limit": values["limit"],
        "repeats": values["repeats"],
        "budget_usd": values["budget"],
        "accept_unknown_cost": values["accept_unknown_cost"],
        "lane": Run.Lane.LATENCY if values["latency_lane"] else Run.Lane.NORMAL,
        "idempotency_key": f"form:{request.user.pk}:{request.POST.get('key', '')[:40]}",
        "requested_by": request.user.get_username()[:150],
    }
    endpoints = list(values["endpoint"])
    if len(endpoints) == 1:
        run = start_run(endpoint=endpoints[0], **common)
        messages.success(request, f"{run.suite.name} on {run.endpoint.name} is started.")
        return redirect("dashboard:run", run.pk)
    comparison = start_comparison(
        endpoints=endpoints,
        stop_early=values["stop_early"],
        indifference_points=values["indifference"],
        **common,
    )
    names = ", ".join(endpoint.name for endpoint in endpoints)
    messages.success(request, f"{comparison.suite.name} is started on {names}.")
    return redirect(f"{reverse('dashboard:run_compare')}?comparison={comparison.pk}")
