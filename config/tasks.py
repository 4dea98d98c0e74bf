"""Signs of life. State that matters lives in the database; these two moments may get lost."""

from datetime import UTC, datetime
from typing import Any

from celery import shared_task
from celery.signals import beat_init, before_task_publish, worker_ready
from django.core.cache import cache

BEAT_KEY = "heartbeat:beat"
WORKER_KEY = "heartbeat:worker"
KEEP_S = 24 * 3600


@shared_task(name="config.heartbeat")
def heartbeat() -> None:
    """Runs in a worker: beat, broker, worker and cache all work."""
    cache.set(WORKER_KEY, datetime.now(UTC), KEEP_S)


@worker_ready.connect
def note_worker(**_: Any) -> None:
    """Runs in the worker when it is up, before beat has sent anything."""
    cache.set(WORKER_KEY, datetime.now(UTC), KEEP_S)


@beat_init.connect
@before_task_publish.connect(sender="config.heartbeat")
def note_beat(**_: Any) -> None:
    """Runs in beat, when it starts and when it sends the above."""
    cache.set(BEAT_KEY, datetime.now(UTC), KEEP_S)
