"""Watching: each rule looks at what is new, opens an alert when something is wrong, and closes it when it is over."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from evals.errors import WrongState
from evals.models import Alert, AlertRule, Endpoint, Look, Run, Suite
from evals.services.delivery import queue
from evals.services.drift import Comparison, compare_costs, compare_latencies, compare_scores
from evals.spending import taken_on

logger = logging.getLogger(__name__)

NEAR = Decimal("0.8")
BAD_RUNS = {Run.State.PAUSED, Run.State.FAILED, Run.State.CAPPED}


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one subject: wrong, or in order."""

    subject: str
    is_wrong: bool
    title: str
    detail: str
    url: str
    endpoint: Endpoint | None = None
    suite: Suite | None = None
    run: Run | None = None


def watch(now: datetime | None = None) -> int:
    """Let every rule look. Return how many alerts were opened or closed. Safe to run twice and beside itself."""
    moment = now or timezone.now()
    changed = 0
    for rule in AlertRule.objects.filter(is_active=True).order_by("pk"):
        try:
            if rule.kind in AlertRule.COMPARING:
                changed += sum(_look(rule.pk, run.pk, moment) for run in _unseen(rule))
            else:
                changed += sum(_settle(rule, finding, moment) for finding in _findings(rule, moment))
        except Exception:  # one rule must not silence the others; it looks again at the next tick
            logger.exception("The rule %s could not look.", rule)
    return changed


def acknowledge(alert: Alert, *, by: str, accept: bool = False, now: datetime | None = None) -> Alert:
    """Note that somebody has seen it. ``accept``: its run is the new normal, and the alert is over.

    :raises WrongState: when ``accept`` is asked of an alert that compares nothing.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).select_related("rule").get(pk=alert.pk)
        if accept and (alert.rule.kind not in AlertRule.COMPARING or alert.run is None):
            raise WrongState(f"{alert.title}: there is no run to accept as the new normal. Acknowledge it instead.")
        if alert.acknowledged_at is None:
            alert.acknowledged_at, alert.acknowledged_by = moment, by
        if accept:
            alert.accepted_run = alert.run
            if alert.recovered_at is None:
                alert.recovered_at, alert.recovery = moment, f"{by} accepted it as the new normal."
        alert.save()
    return alert


def mute(rule: AlertRule, *, until: datetime | None) -> AlertRule:
    """Tell nobody about this rule until then; None ends the silence. Alerts are recorded all the same."""
    rule.muted_until = until
    rule.save(update_fields=["muted_until"])
    return rule


def _runs(rule: AlertRule) -> QuerySet[Run]:
    """The runs a rule is about."""
    runs = Run.objects.select_related("endpoint", "suite")
    if rule.schedule_id:
        runs = runs.filter(slot_run__slot__schedule=rule.schedule_id)
    if rule.endpoint_id:
        runs = runs.filter(endpoint=rule.endpoint_id)
    if rule.suite_id:
        runs = runs.filter(suite=rule.suite_id)
    return runs


def _unseen(rule: AlertRule) -> QuerySet[Run]:
    finished = _runs(rule).filter(state=Run.State.FINISHED, finished_at__gte=rule.created_at)
    return finished.exclude(looks__rule=rule).order_by("finished_at", "pk")


@transaction.atomic
def _look(rule_id: int, run_id: UUID, now: datetime) -> int:
    # One watcher at a time per rule: alert and look belong together.
    rule = AlertRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    if Look.objects.filter(rule=rule, run=run_id).exists():
        return 0
    run = Run.objects.select_related("endpoint", "suite").get(pk=run_id)
    subject = f"{run.endpoint_id}:{run.suite_id}"
    baseline = _baseline(rule, run, subject)
    found = (
        Comparison(False, "The first run: later ones are compared with it.")
        if baseline is None
        else _compare(rule, run, baseline)
    )
    Look.objects.create(
        rule=rule, run=run, baseline=baseline, is_alarm=found.is_alarm, words=found.words, p_value=found.p_value
    )
    finding = Finding(
        subject=subject,
        is_wrong=found.is_alarm,
        title=f"{run.suite.name} on {run.endpoint.name}: {found.title}",
        detail=found.words,
        url=f"/evals/runs/{run.pk}/",
        endpoint=run.endpoint,
        suite=run.suite,
        run=run,
    )
    return _settle(rule, finding, now)


def _compare(rule: AlertRule, run: Run, baseline: Run) -> Comparison:
    if rule.kind == AlertRule.Kind.SCORE:
        return compare_scores(run, baseline, rate=rule.false_alarm_rate)
    if rule.kind == AlertRule.Kind.COST:
        return compare_costs(run, baseline, rate=rule.false_alarm_rate)
    return compare_latencies(run, baseline, factor=rule.factor)


def _baseline(rule: AlertRule, run: Run, subject: str) -> Run | None:
    """What the run is compared with: the run accepted last as normal, else the first one of its series."""
    accepted = Alert.objects.filter(rule=rule, subject=subject, accepted_run__isnull=False).order_by(
        "-opened_at", "-pk"
    )
    if found := accepted.select_related("accepted_run").first():
        return found.accepted_run
    # A run whose failed samples are being asked again stays what others are compared with.
    has_ended = Q(state=Run.State.FINISHED) | Q(first_finished_at__isnull=False)
    earlier = (
        _runs(rule)
        .alias(first_end=Coalesce("first_finished_at", "finished_at"))
        .filter(has_ended, endpoint=run.endpoint_id, suite=run.suite_id, first_end__lt=run.finished_at)
    )
    if rule.kind == AlertRule.Kind.LATENCY:
        earlier = earlier.filter(lane=run.lane)  # answers wait behind other calls in one of them only
    return earlier.order_by("first_end", "pk").first()


def _findings(rule: AlertRule, now: datetime) -> Iterable[Finding]:
    if rule.kind == AlertRule.Kind.ENDPOINT:
        return _endpoint_findings(rule)
    if rule.kind == AlertRule.Kind.RUN:
        newest = _newest(_runs(rule).filter(created_at__gte=rule.created_at))
        # One under way is neither wrong nor in order yet, so it neither opens an alert nor ends one.
        return [_run_finding(run) for run in newest if run.state not in (Run.State.QUEUED, Run.State.RUNNING)]
    return _budget_findings(rule, now)


def _endpoints(rule: AlertRule) -> QuerySet[Endpoint]:
    endpoints = Endpoint.objects.order_by("pk")
    if rule.endpoint_id:
        endpoints = endpoints.filter(pk=rule.endpoint_id)
    if rule.schedule_id:
        endpoints = endpoints.filter(schedules=rule.schedule_id)
    return endpoints


def _endpoint_findings(rule: AlertRule) -> list[Finding]:
    return [
        Finding(
            subject=f"endpoint:{endpoint.pk}",
            is_wrong=endpoint.state != Endpoint.State.READY,
            title=f"{endpoint.name}: {endpoint.get_state_display()}",
            detail=endpoint.state_message or f"The endpoint is {endpoint.get_state_display()}.",
            url="/evals/schedules/",
            endpoint=endpoint,
        )
        for endpoint in _endpoints(rule)
    ]


def _newest(runs: QuerySet[Run]) -> list[Run]:
    """The newest run of each endpoint and suite."""
    newest: dict[tuple[int, int], Run] = {}
    for run in runs.order_by("created_at", "pk"):
        newest[run.endpoint_id, run.suite_id] = run
    return list(newest.values())


def _run_finding(run: Run) -> Finding:
    return Finding(
        subject=f"{run.endpoint_id}:{run.suite_id}",
        is_wrong=run.state in BAD_RUNS,
        title=f"{run.suite.name} on {run.endpoint.name}: {run.get_state_display()}",
        detail=run.stop_reason or f"The run is {run.get_state_display()}.",
        url=f"/evals/runs/{run.pk}/",
        endpoint=run.endpoint,
        suite=run.suite,
        run=run,
    )


def _budget_findings(rule: AlertRule, now: datetime) -> list[Finding]:
    found = []
    for run in _newest(_runs(rule).filter(created_at__gte=rule.created_at)):
        near = run.spent_usd >= NEAR * run.budget_usd
        found.append(
            Finding(
                subject=f"{run.endpoint_id}:{run.suite_id}",
                is_wrong=near,
                title=f"{run.suite.name} on {run.endpoint.name}: spending nears its cap",
                detail=f"${run.spent_usd:.4f} of ${run.budget_usd:.4f} spent.",
                url=f"/evals/runs/{run.pk}/",
                endpoint=run.endpoint,
                suite=run.suite,
                run=run,
            )
        )
    for endpoint in _endpoints(rule).filter(budget_usd_per_day__isnull=False):
        limit = endpoint.budget_usd_per_day or Decimal(0)
        spent = taken_on(endpoint, now.date())  # the sum that the worker stops at
        found.append(
            Finding(
                subject=f"day:{endpoint.pk}",
                is_wrong=spent >= NEAR * limit,
                title=f"{endpoint.name}: today's spending nears its budget",
                detail=f"${spent:.4f} of ${limit:.4f} spent since midnight UTC.",
                url="/evals/schedules/",
                endpoint=endpoint,
            )
        )
    return found


def _settle(rule: AlertRule, finding: Finding, now: datetime) -> int:
    """Open, keep or close the alert of one subject; say whether something changed."""
    alert = Alert.objects.filter(rule=rule, subject=finding.subject, recovered_at=None).first()
    if finding.is_wrong and alert is None:
        return _open(rule, finding, now)
    if not finding.is_wrong and alert is not None:
        return _close(rule, alert, finding, now)
    return 0


def _open(rule: AlertRule, finding: Finding, now: datetime) -> int:
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                rule=rule,
                endpoint=finding.endpoint,
                suite=finding.suite,
                run=finding.run,
                subject=finding.subject,
                title=finding.title[:300],
                detail=finding.detail,
                url=finding.url,
                opened_at=now,
            )
            _tell(rule, alert, "opened", now)
    except IntegrityError:
        return 0  # another watcher was first
    return 1


def _close(rule: AlertRule, alert: Alert, finding: Finding, now: datetime) -> int:
    with transaction.atomic():
        closed = Alert.objects.filter(pk=alert.pk, recovered_at=None).update(recovered_at=now, recovery=finding.detail)
        if closed:
            alert.recovered_at, alert.recovery = now, finding.detail
            _tell(rule, alert, "recovered", now)
    return closed


def _tell(rule: AlertRule, alert: Alert, kind: str, now: datetime) -> None:
    if rule.muted_until and rule.muted_until > now:
        return
    is_over = kind == "recovered"
    queue(
        rule.channels.all(),
        event=f"alert:{alert.pk}:{kind}",
        kind=kind,
        title=f"Recovered: {alert.title}" if is_over else alert.title,
        text=alert.recovery if is_over else alert.detail,
        url=alert.url,
        happened_at=now,
    )
