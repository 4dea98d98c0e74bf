"""Celery tasks: thin doors onto services. Safe to deliver twice."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from ingest import naming, services
from ingest.feeds import claim_due_feeds, ensure_feeds
from ingest.models import Feed, FeedRun

logger = logging.getLogger(__name__)


@shared_task(name="ingest.read_feed")
def read_feed(*, feed_id: int) -> None:
    """Read one feed now."""
    slug = Feed.objects.filter(pk=feed_id, enabled=True).values_list("slug", flat=True).first()
    if slug is None:
        logger.info("Feed %s is gone or switched off.", feed_id)
        return
    run = services.read_feed(slug, live=True)
    if run.state == FeedRun.State.APPLIED:
        naming.propose_names(slug, run=run)
    services.plan_retry(feed_id)


@shared_task(name="ingest.read_due_feeds")
def read_due_feeds() -> None:
    """Start a reading of every feed whose scheduled moment has come."""
    ensure_feeds()
    for feed, due in claim_due_feeds(timezone.now()):
        try:
            read_feed.delay(feed_id=feed.pk)
        except OperationalError:
            Feed.objects.filter(pk=feed.pk).update(next_due_at=due)  # the next tick tries again
            logger.warning("Feed %s is due and could not be queued.", feed.slug)
