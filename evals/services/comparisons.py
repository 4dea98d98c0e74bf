"""Several endpoints on the same items: made together, and stopped together once there is nothing left to learn."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from evals.comparisons import Evidence, evidence_of
from evals.errors import InvalidSetting, KeyReused
from evals.models import Comparison, Endpoint, Run, RunSample, Suite
from evals.services.finish import finish_run
from evals.services.runs import start_run

FEWEST, MOST = 2, 6
RULE = "e-value of the items that only one answered right, looked at after every item; alpha shared by the pairs"


def start_comparison(
    *,
    suite: Suite,
    endpoints: Sequence[Endpoint],
    limit: int | None = None,
    repeats: int = 1,
    budget_usd: Decimal | None = None,
    stop_early: bool = False,
    alpha: Decimal = Decimal("0.05"),
    indifference_points: float | None = None,
    idempotency_key: str | None = None,
    requested_by: str = "",
    accept_unknown_cost: bool = False,
    lane: str = Run.Lane.NORMAL,
) -> Comparison:
    """Make one run of ``suite`` on each endpoint: the same items, in the same order. All of them, or none.

    ``budget_usd`` is for each run. Starting twice with one ``idempotency_key`` gives the first comparison.

    :raises InvalidSetting: for endpoints, a limit, an alpha or a way of stopping that cannot be right.
    :raises KeyReused: when ``idempotency_key`` belongs to a comparison that was asked for with something else.
    :raises EvalError: whatever :func:`evals.services.runs.start_run` says of one of the endpoints.
    """
    budget = settings.DEFAULT_RUN_BUDGET_USD if budget_usd is None else budget_usd
    wish: dict[str, Any] = {
        "suite": suite.pk,
        "endpoints": {endpoint.pk for endpoint in endpoints},
        "limit": limit,
        "repeats": repeats,
        "budget_usd": str(budget),
        "lane": str(lane),
        "stop_early": stop_early,
        "alpha": alpha,
        "indifference_points": indifference_points,
    }
    if known := _known(idempotency_key, wish):
        return known
    once = list({endpoint.pk: endpoint for endpoint in endpoints}.values())
    if not FEWEST <= len(once) <= MOST:
        raise InvalidSetting(f"{len(once)} different endpoints were named; give {FEWEST} to {MOST} to compare.")
    if not Decimal("0.001") <= alpha <= Decimal("0.5"):
        raise InvalidSetting(
            f"alpha is {alpha}; give the accepted chance of a false alarm, 0.001 to 0.5, such as 0.05."
        )
    if indifference_points is not None and not 0 < indifference_points < 100:
        raise InvalidSetting(
            f"The difference that does not matter is {indifference_points:g} points; give more than 0 and less than "
            "100, or leave it out."
        )
    if stop_early and repeats != 1:
        raise InvalidSetting(
            f"Stopping early weighs each item once, so it does not go with {repeats} repeats. Ask each item once, or "
            "run all of them."
        )
    try:
        with transaction.atomic():
            comparison = Comparison.objects.create(
                suite=suite,
                stop_early=stop_early,
                alpha=alpha,
                indifference_points=indifference_points,
                idempotency_key=idempotency_key or None,
                requested_by=requested_by,
            )
            for endpoint in once:
                start_run(
                    suite=suite,
                    endpoint=endpoint,
                    limit=limit,
                    repeats=repeats,
                    budget_usd=budget_usd,
                    requested_by=requested_by,
                    accept_unknown_cost=accept_unknown_cost,
                    lane=lane,
                    comparison=comparison,
                )
    except IntegrityError:
        if known := _known(idempotency_key, wish):
            return known
        raise
    return comparison


def _known(idempotency_key: str | None, wish: dict[str, Any]) -> Comparison | None:
    """The comparison that was started with this key, provided that the same was asked for."""
    known = Comparison.objects.filter(idempotency_key=idempotency_key).first() if idempotency_key else None
    if known is None:
        return None
    runs = list(known.runs.order_by("pk"))
    noted: dict[str, Any] = {
        "suite": known.suite_id,
        "endpoints": {run.endpoint_id for run in runs},
        "stop_early": known.stop_early,
        "alpha": known.alpha,
        "indifference_points": known.indifference_points,
    }
    if runs:
        noted |= {name: value for name, value in runs[0].idempotency_wish.items() if name in wish}
    other = [name for name, value in wish.items() if noted.get(name, value) != value]
    if other:
        raise KeyReused(
            f"This idempotency key started comparison {known.pk} with other settings ({', '.join(other)}). Send the "
            "same request again to get that comparison, or a new key to start another."
        )
    return known


@transaction.atomic
def stop_if_decided(comparison_id: UUID) -> int:
    """Ask nothing more of a run whose every pair is decided; return how many runs were stopped.

    Safe at any time and any number of times. What is under way comes home, is booked and counts. Call it with no row of
    a run or an endpoint locked.
    """
    comparison = (
        Comparison.objects.select_for_update(no_key=True)
        .filter(pk=comparison_id, stop_early=True, decided_at=None)
        .first()
    )
    if comparison is None:
        return 0
    runs = list(comparison.runs.select_related("endpoint").order_by("created_at", "pk"))
    now = timezone.now()
    decided: dict[str, dict[str, Any]] = {row["pair"]: row for row in (comparison.decision or {}).get("pairs", [])}
    named = {run.pk: run.endpoint.slug for run in runs}
    found = evidence_of(runs, alpha=float(comparison.alpha), indifference_points=comparison.indifference_points)
    open_runs: set[UUID] = set()
    news = False
    for (first, second), evidence in found.items():
        key = f"{first} {second}"
        if key in decided:
            continue  # once decided, decided: later answers that were under way do not take it back
        if evidence.verdict == "open":
            open_runs |= {first, second}
        else:
            decided[key] = {"pair": key, "first": named[first], "second": named[second], **stated(evidence)}
            news = True
    if not news:
        return 0
    comparison.decision = {"rule": RULE, "alpha": str(comparison.alpha), "pairs": list(decided.values())}
    if not open_runs:
        comparison.decided_at = now
    comparison.save(update_fields=["decision", "decided_at"])
    stopped = 0
    over = [run.pk for run in runs if run.pk not in open_runs]
    for run in Run.objects.select_for_update(no_key=True).filter(pk__in=over, state__in=Run.OPEN_STATES).order_by("pk"):
        stopped += bool(
            run.samples.filter(state=RunSample.State.PENDING).update(
                state=RunSample.State.NOT_ASKED,
                explanation="Not asked: the comparison was decided before its turn.",
                finished_at=now,
            )
        )
        finish_run(run, now=now)
    return stopped


def stated(evidence: Evidence) -> dict[str, Any]:
    """As it is written down."""
    return {
        "verdict": evidence.verdict,
        "n": evidence.n,
        "only_first": evidence.only_first,
        "only_second": evidence.only_second,
        # JSON has no infinity; beyond this nobody asks for more digits.
        "evalue": min(evidence.evalue, 1e300),
        "low": evidence.interval.low if evidence.interval else None,
        "high": evidence.interval.high if evidence.interval else None,
    }
