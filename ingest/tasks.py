"""Celery tasks: thin doors onto services. Safe to deliver twice."""

import logging

from celery import shared_task

from ingest import services
from ingest.models import Feed

logger = logging.getLogger(__name__)


@shared_task(name="ingest.read_feed")  # type: ignore[untyped-decorator]
def read_feed(*, feed_id: int) -> None:
    """Read one feed now."""
    slug = Feed.objects.filter(pk=feed_id, enabled=True).values_list("slug", flat=True).first()
    if slug is None:
        logger.info("Feed %s is gone or switched off.", feed_id)
        return
    services.read_feed(slug)
