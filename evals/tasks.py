"""Thin doors onto the services. Arguments are ids; all tasks may be delivered twice or run beside themselves."""

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from evals.services import alerts, delivery, schedules
from evals.services.runs import quietly
from evals.worker import reconcile as reconciling
from evals.worker.drain import begin_drain
from evals.worker.slice import run_slice as drive

RECONCILED_SLICE_EXPIRES_S = 29  # the next reconciliation asks again; without this a stopped worker finds a pile


@shared_task(name="evals.run_slice", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def run_slice(*, endpoint_id: int) -> None:
    """Drive one endpoint for a while, and ask for the next slice while there is work."""
    report = drive(endpoint_id)
    if report.has_work:
        quietly(lambda: run_slice.delay(endpoint_id=endpoint_id))


@shared_task(name="evals.reconcile", acks_late=True, ignore_result=True)
def reconcile() -> None:
    """Give every endpoint that has work and no live driver a slice."""
    reconciling.reconcile(
        lambda endpoint_id: quietly(
            lambda: run_slice.apply_async(kwargs={"endpoint_id": endpoint_id}, expires=RECONCILED_SLICE_EXPIRES_S)
        )
    )


@shared_task(name="evals.tick", ignore_result=True)
def tick() -> None:
    """Claim the schedules' times that have come, and start their runs."""
    schedules.tick()


@shared_task(name="evals.watch", ignore_result=True)
def watch() -> None:
    """Let every alert rule look at what is new."""
    alerts.watch()


@shared_task(name="evals.deliver", ignore_result=True)
def deliver() -> None:
    """Send the messages that are due."""
    delivery.deliver()


@worker_ready.connect
def reconcile_at_start(**_: object) -> None:
    """A worker that comes up takes over what an earlier one left, without waiting for beat."""
    quietly(reconcile.delay)


worker_shutting_down.connect(begin_drain)
