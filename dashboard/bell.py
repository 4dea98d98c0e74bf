"""Tells a worker that data have changed, so that the first pages are built again at once."""

import logging
import time

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

TASK, RUNG = "dashboard.warm", "warm:rung"
DELAY_S, BEAT_S = 1, 15


class Bell:
    """Rung after each commit, it sends one message for all that is written within ``DELAY_S``.

    The message may get lost, since beat sends one every ``BEAT_S`` anyway. Where the cache or the broker does not
    answer, nothing is sent until then, so that a load of many transactions does not wait for each.
    """

    def __init__(self) -> None:
        self._silent_until = 0.0

    def ring(self) -> None:
        if not settings.PAGE_CACHE_S or time.monotonic() < self._silent_until:
            return
        try:
            if cache.add(RUNG, 1, DELAY_S):
                current_app.send_task(TASK, countdown=DELAY_S, expires=BEAT_S, retry=False, ignore_result=True)
        except (RedisError, BrokerError, OSError):
            self._silent_until = time.monotonic() + BEAT_S
            logger.warning("The broker does not answer; the first pages are built again when it does.")


bell = Bell()
