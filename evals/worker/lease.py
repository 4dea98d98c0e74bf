"""One driver per endpoint: whoever holds its lease. Taking a lease over books what the last driver left behind."""

import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from evals.models import Attempt, Endpoint, Run, RunSample

logger = logging.getLogger(__name__)

MAX_FAILURES = 3


class LeaseLost(Exception):
    """Another driver has taken the endpoint over; whatever this one still holds is no longer its to write."""


def database_now() -> datetime:
    """The database's clock where there is a server: hosts disagree about the time, leases must not."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now.astimezone(UTC)


def lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.EVAL_LEASE_SECONDS)


def take_lease(endpoint_id: int, owner: str) -> Endpoint | None:
    """Become the driver of an endpoint; None when it is gone or has a live driver.

    A row that somebody holds at this moment has one: no need to wait for it, least of all for a frozen process.
    """
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=endpoint_id).first()
        if endpoint is None:
            return None
        now = database_now()
        if endpoint.lease_until is not None and endpoint.lease_until > now:
            return None
        book_orphans(endpoint, now)
        endpoint.lease_owner, endpoint.lease_until = owner, lease_end(now)
        endpoint.save(update_fields=["lease_owner", "lease_until"])
        return endpoint


def hold_lease(endpoint_id: int, owner: str) -> Endpoint:
    """Lock the endpoint's row for this transaction, push the lease out, and make sure that it is still ours.

    :raises LeaseLost: when it is not. A lease that ran out without anyone taking it is still ours.
    """
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id, lease_owner=owner).first()
    if endpoint is None:
        raise LeaseLost(f"endpoint {endpoint_id}")
    endpoint.lease_until = lease_end(database_now())
    Endpoint.objects.filter(pk=endpoint_id).update(lease_until=endpoint.lease_until)
    return endpoint


def release_lease(endpoint_id: int, owner: str) -> None:
    """Let the next driver in at once."""
    Endpoint.objects.filter(pk=endpoint_id, lease_owner=owner).update(lease_owner="", lease_until=None)


def book_orphans(endpoint: Endpoint, now: datetime) -> int:
    """Book the calls that a dead driver left open as paid and unknown, and free their samples. Return how many.

    The caller holds the endpoint's row and knows that no driver is alive. A sample whose process died three times is
    taken to be the cause and not tried again.
    """
    samples = list(
        RunSample.objects.filter(run__endpoint=endpoint, state=RunSample.State.CLAIMED).select_related("run")
    )
    if not samples:
        return 0
    by_run: dict[UUID, Decimal] = {}
    for attempt in Attempt.objects.filter(run_sample__in=samples, state=Attempt.State.SENT).select_related(
        "run_sample"
    ):
        attempt.state = Attempt.State.UNKNOWN
        attempt.error_code = "lost"
        attempt.error_message = "The process that made this call died before it could note the answer."
        attempt.maybe_billed = True
        attempt.booked_usd = attempt.reserved_usd
        attempt.save(update_fields=["state", "error_code", "error_message", "maybe_billed", "booked_usd"])
        run_id = attempt.run_sample.run_id
        by_run[run_id] = by_run.get(run_id, Decimal(0)) + attempt.reserved_usd
    for run in Run.objects.select_for_update(no_key=True).filter(pk__in=by_run):
        run.reserved_usd -= by_run[run.pk]
        run.spent_usd += by_run[run.pk]
        run.save(update_fields=["reserved_usd", "spent_usd"])
    for sample in samples:
        sample.failures += 1
        sample.lease_owner = ""
        sample.state = RunSample.State.PENDING
        if sample.failures >= MAX_FAILURES:
            sample.state = RunSample.State.FAILED
            sample.explanation = f"The process died {sample.failures} times while working on it; not tried again."
            sample.finished_at = now
        sample.save(update_fields=["failures", "lease_owner", "state", "explanation", "finished_at"])
    logger.warning(
        "endpoint %s: %d calls were left open by a dead driver and are booked as paid", endpoint, len(samples)
    )
    return len(samples)
