"""The web processes, the same under ``manage.py up`` and in a container."""

import gc
import sys
from typing import Any

from config.supervisor.death import die_with_parent

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True  # one import for all processes
keepalive = 5
timeout = 60
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
loglevel = "warning"
if sys.platform == "linux":
    worker_tmp_dir = "/dev/shm"  # noqa: S108  the heartbeat file must not wait for a disk


def when_ready(_server: Any) -> None:
    """What every process needs is loaded once, before they part, and put where the garbage collector does not look.

    An answer of a thousand rows makes the collector pass through all that is alive: the code itself, every time. That
    was half of the time of such an answer; set aside, it also stays shared between the processes.
    """
    from django.urls import get_resolver

    from dashboard.freshness import code_version

    code_version()
    _ = get_resolver().url_patterns  # imports the views
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # docs/adr/0200


def post_fork(_server: Any, _worker: Any) -> None:
    """A killed parent leaves no web process behind."""
    die_with_parent()
