"""What makes runs go on whatever died: endpoints with work and no driver get one."""

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from evals.models import Endpoint, Run, RunSample
from evals.services.finish import finish_run
from evals.worker.lease import book_orphans, database_now

logger = logging.getLogger(__name__)


def reconcile(publish: Callable[[int], object]) -> int:
    """Book what dead drivers left, close runs that are over, and ``publish`` a slice for each endpoint with work.

    Safe to run at any time, anywhere, any number of times. Return how many slices were asked for.
    """
    asked = 0
    with_open_runs = Run.objects.filter(state__in=Run.OPEN_STATES).values("endpoint")
    with_orphans = RunSample.objects.filter(state=RunSample.State.CLAIMED).values("run__endpoint")
    for endpoint_id in Endpoint.objects.filter(Q(pk__in=with_open_runs) | Q(pk__in=with_orphans)).values_list(
        "pk", flat=True
    ):
        if _needs_driver(endpoint_id):
            publish(endpoint_id)
            asked += 1
    return asked


def _needs_driver(endpoint_id: int) -> bool:
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=endpoint_id).first()
        if endpoint is None:
            return False  # gone, or its driver is writing at this moment
        now = database_now()
        if endpoint.lease_until is not None and endpoint.lease_until > now:
            return False
        book_orphans(endpoint, now)
        endpoint.lease_owner, endpoint.lease_until = "", None
        endpoint.save(update_fields=["lease_owner", "lease_until"])
        runs = Run.objects.select_for_update(no_key=True).filter(endpoint=endpoint, state__in=Run.OPEN_STATES)
        still_open = [run for run in runs if not finish_run(run, now=now)]
        if not any(run.samples.filter(state=RunSample.State.PENDING).exists() for run in still_open):
            return False
        return endpoint.resume_at is None or endpoint.resume_at <= now
