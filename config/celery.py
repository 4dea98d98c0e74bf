"""The Celery application. Tasks live in ``<app>/tasks.py`` and are thin doors onto services."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.supervisor.death import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("capability_per_dollar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def end_with_worker(**_: Any) -> None:
    """A killed worker leaves no pool process behind that would go on calling."""
    die_with_parent()
