"""Ending a run: its last state, the price of a self-hosted endpoint, and its score in the catalog."""

import logging
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from economics.prices import self_hosted_price
from evals.bulk import update_rows
from evals.models import Attempt, Run, RunSample
from evals.money import PER_MTOK, PLACES

logger = logging.getLogger(__name__)

STOPPED_EARLY = "Stopped early: the comparison it belongs to was decided."
CANCELLED = "Not attempted: the run was cancelled."
UNFINISHED = (RunSample.State.PENDING, RunSample.State.CLAIMED)


def ask_no_more(run: Run, state: str, explanation: str, *, now: datetime) -> None:
    """Take what waits off the queue. In a run that had finished before, that is what failed before, and it stays so."""
    waiting = run.samples.filter(state=RunSample.State.PENDING)
    if run.first_finished_at is not None:
        waiting.update(state=RunSample.State.FAILED, finished_at=now)
    else:
        waiting.update(state=state, explanation=explanation, finished_at=now)


def finish_run(run: Run, *, now: datetime) -> bool:
    """Close a run that has nothing left to do, and say whether it was closed.

    Call it inside a transaction that holds the run's row. A run that is not open is left as it is.
    """
    if run.cancel_requested:
        # A call that was lost or failed after the request gave its sample back.
        ask_no_more(run, RunSample.State.CANCELLED, CANCELLED, now=now)
    if run.state not in Run.OPEN_STATES or run.samples.filter(state__in=UNFINISHED).exists():
        return False
    if run.cancel_requested and run.first_finished_at is None:
        run.state = Run.State.CANCELLED
    elif run.samples.filter(state=RunSample.State.SKIPPED).exists():
        run.state = Run.State.CAPPED
        run.stop_reason = f"The budget of ${run.budget_usd.normalize():f} was reached."
    elif run.samples.filter(state=RunSample.State.NOT_ASKED).exists():
        run.state = Run.State.DECIDED
        run.stop_reason = STOPPED_EARLY
    else:
        run.state = Run.State.FINISHED
        run.stop_reason, run.cancel_requested = "", False
    # Most of its answers are of that day: a second end must make neither the run nor its score the newest.
    run.finished_at = run.first_finished_at or now
    run.save(update_fields=["state", "stop_reason", "finished_at", "cancel_requested"])
    settle_machine_price(run)
    if run.state == Run.State.FINISHED:
        _publish(run)
    return True


def settle_machine_price(run: Run) -> None:
    """Turn a self-hosted run's time shares into one price per token and each attempt's share of the cost.

    price = rent per hour / tokens per hour, over the time in which calls were under way. Attempts whose tokens are not
    known keep the cost of their time. The total stays what the machine's time cost.
    """
    if run.prices["kind"] != "self_hosted":
        return
    attempts = Attempt.objects.filter(run_sample__run=run)
    counted = attempts.filter(output_tokens__isnull=False, machine_s__isnull=False)
    sums = counted.aggregate(
        seconds=Sum("machine_s"),
        read=Sum("input_tokens"),
        cached=Sum("cached_input_tokens"),
        written=Sum("output_tokens"),
    )
    tokens = sum(int(sums[name] or 0) for name in ("read", "cached", "written"))
    if not tokens or not sums["seconds"]:
        return
    price = self_hosted_price(
        usd_per_hour=Decimal(run.prices["machine_usd_per_hour"]), tokens_per_hour=tokens / (sums["seconds"] / 3600)
    )
    if price is None:
        return
    run.price_usd_per_mtok = price.quantize(PLACES)
    costs: dict[int, dict[str, Any]] = {}
    for pk, *counts in counted.values_list("pk", "input_tokens", "cached_input_tokens", "output_tokens"):
        cost = (sum(count or 0 for count in counts) * price / PER_MTOK).quantize(PLACES)
        costs[pk] = {"cost_usd": cost, "booked_usd": cost}
    update_rows(Attempt, costs)
    # Summed here, exactly: SQLite adds in floating point.
    booked = sum((value or Decimal(0) for value in attempts.values_list("booked_usd", flat=True)), Decimal(0))
    run.spent_usd = booked.quantize(PLACES)
    run.save(update_fields=["price_usd_per_mtok", "spent_usd"])


def _publish(run: Run) -> None:
    """Put the score into the catalog; a failure there must not keep a paid run from ending."""
    from evals.services.publish import publish_run

    try:
        with transaction.atomic():
            publish_run(run)
    except Exception:
        logger.exception("run %s is finished, but its score could not be put into the catalog", run.pk)
