"""Whether any worker would take a slice up."""

from celery import current_app
from kombu.exceptions import OperationalError

TIMEOUT_S = 1.5


def worker_is_alive() -> bool:
    """Ask the workers over the broker; False when none answers in time, or the broker does not."""
    try:
        return bool(current_app.control.ping(timeout=TIMEOUT_S, limit=1))
    except (OperationalError, OSError, ValueError):
        return False
