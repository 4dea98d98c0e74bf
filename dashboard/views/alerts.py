"""``/evals/alerts/``: what is wrong now and what was, with its Atom feed."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.feed import Feed
from evals.errors import EvalError
from evals.models import Alert, AlertRule, Channel
from evals.services.alerts import acknowledge, mute
from evals.services.delivery import queue_test

PERMISSION = "evals.change_alert"
ALERTS_PER_PAGE = 50
IN_FEED = 100
MUTED = timedelta(days=1)


def page(request: HttpRequest) -> HttpResponse:
    """Open ones first, then the newest."""
    alerts = Alert.objects.select_related("rule", "run")
    still_open = list(alerts.filter(recovered_at=None).order_by("-opened_at", "-pk"))
    over = Paginator(alerts.exclude(recovered_at=None), ALERTS_PER_PAGE).get_page(request.GET.get("page"))
    may_act = request.user.has_perm(PERMISSION)
    context = {
        "open_alerts": still_open,
        "pages": over,
        "rules": AlertRule.objects.select_related("schedule", "endpoint", "suite").prefetch_related("channels"),
        "channels": Channel.objects.filter(is_active=True) if may_act else [],
        "comparing": AlertRule.COMPARING,
        "may_act": may_act,
        "now": timezone.now(),
    }
    return render(request, "dashboard/alerts.html", context)


def atom(request: HttpRequest) -> HttpResponse:
    """``/evals/alerts.atom``: one entry when an alert opens and one when it is over; ids stay for ever."""
    feed = Feed(
        request,
        title="Capability per dollar: alerts",
        about="Scores, costs and latencies that moved beyond chance, and endpoints that fail.",
        link=reverse("dashboard:alerts"),
    )
    entries = []
    for alert in Alert.objects.order_by("-opened_at", "-pk")[:IN_FEED]:
        entries.append((alert.opened_at, "opened", alert.title, alert.detail, alert))
        if alert.recovered_at:
            entries.append((alert.recovered_at, "recovered", f"Recovered: {alert.title}", alert.recovery, alert))
    entries.sort(key=lambda entry: (entry[0], entry[4].pk), reverse=True)
    for at, kind, title, text, alert in entries[:IN_FEED]:
        feed.add(key=f"alert:{alert.pk}:{kind}", at=at, title=title, lines=[text], link=alert.url, kind=kind)
    return feed.answer("public, max-age=60")


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """``seen`` and ``accept`` an alert, ``mute`` and ``unmute`` a rule, ``test`` a channel; operators only."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("dashboard:alerts"), reverse("admin:login"))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if action not in {"seen", "accept", "mute", "unmute", "test"}:
        raise Http404
    who = str(request.user)[:150]
    if action in {"seen", "accept"}:
        alert = get_object_or_404(Alert, pk=pk)
        try:
            acknowledge(alert, by=who, accept=action == "accept")
        except EvalError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, f"{alert.title}: {'accepted as the new normal' if action == 'accept' else 'noted'}."
            )
    elif action == "test":
        channel = get_object_or_404(Channel, pk=pk)
        queue_test(channel, requested_by=who)
        messages.success(request, f"A test message to {channel.name} is on its way.")
    else:
        rule = get_object_or_404(AlertRule, pk=pk)
        mute(rule, until=timezone.now() + MUTED if action == "mute" else None)
        messages.success(request, f"{rule.name} is {'silent for a day' if action == 'mute' else 'told again'}.")
    return redirect("dashboard:alerts")
