"""The rows that stand for the adapters."""

from datetime import datetime

from django.utils import timezone

from catalog.models import Source
from ingest.adapters import ADAPTERS
from ingest.adapters.base import Adapter
from ingest.errors import UnknownFeed
from ingest.models import Feed


def adapter_of(slug: str) -> Adapter:
    """The adapter with this name, or UnknownFeed with a near one."""
    if slug not in ADAPTERS:
        raise UnknownFeed(slug, sorted(ADAPTERS))
    return ADAPTERS[slug]


def ensure_feed(slug: str) -> Feed:
    """The feed's row, made with its source when it is read for the first time."""
    adapter = adapter_of(slug)
    if feed := Feed.objects.select_related("source").filter(slug=slug).first():
        return feed
    source, _ = Source.objects.get_or_create(
        url=adapter.page_url,
        defaults={
            "title": adapter.name,
            "publisher": adapter.publisher,
            "kind": adapter.kind,
            "rank": Source.DEFAULT_RANK[Source.Kind(adapter.kind)],
            "licence": adapter.licence,
            "attribution": adapter.attribution,
        },
    )
    feed = Feed(slug=slug, name=adapter.name, source=source, enabled=adapter.enabled, schedule=adapter.schedule)
    feed.next_due_at = feed.due_after(timezone.now())
    Feed.objects.bulk_create([feed], ignore_conflicts=True)
    return Feed.objects.select_related("source").get(slug=slug)


def ensure_feeds() -> None:
    """A row for every adapter, so that each has its schedule from the start."""
    known = set(Feed.objects.values_list("slug", flat=True))
    for slug in ADAPTERS.keys() - known:
        ensure_feed(slug)


def claim_due_feeds(now: datetime) -> list[tuple[Feed, datetime]]:
    """The feeds whose moment has come, each moved on to its next one; with the moment that was claimed.

    Only one of several workers gets a feed, because the move succeeds only from the moment it was seen at.
    """
    claimed = []
    for feed in Feed.objects.filter(enabled=True, next_due_at__lte=now):
        due = feed.next_due_at
        moved = Feed.objects.filter(pk=feed.pk, next_due_at=due).update(next_due_at=feed.due_after(now))
        if due and moved:
            claimed.append((feed, due))
    return claimed
