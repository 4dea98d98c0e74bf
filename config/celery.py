"""The Celery application. Tasks live in ``<app>/tasks.py`` and are thin doors onto services."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("capability_per_dollar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
