"""The rows that stand for the adapters."""

from datetime import datetime

from django.utils import timezone

from catalog.models import Source
from ingest.adapters import ADAPTERS
from ingest.adapters.base import Adapter
from ingest.adapters.mapped_csv import CsvMapping, MappingError, check_mapping, mapped_adapter
from ingest.errors import UnknownFeed
from ingest.models import Feed


def adapter_of(slug: str) -> Adapter:
    """The adapter with this name, or the one that the feed's mapping makes; UnknownFeed with a near name for none."""
    if slug in ADAPTERS:
        return ADAPTERS[slug]
    feed = Feed.objects.filter(slug=slug).exclude(mapping=None).first()
    if feed is None:
        mapped = Feed.objects.exclude(mapping=None).values_list("slug", flat=True)
        raise UnknownFeed(slug, sorted({*ADAPTERS, *mapped}))
    return mapped_adapter(check_mapping(feed.mapping), fetch_url=feed.fetch_url)


def ensure_feed(slug: str) -> Feed:
    """The feed's row, made with its source when it is read for the first time."""
    if feed := Feed.objects.select_related("source").filter(slug=slug).first():
        return feed
    adapter = adapter_of(slug)
    feed = Feed(
        slug=slug,
        name=adapter.name,
        source=_source_of(adapter),
        enabled=adapter.enabled,
        schedule=adapter.schedule,
    )
    feed.next_due_at = feed.due_after(timezone.now())
    Feed.objects.bulk_create([feed], ignore_conflicts=True)
    return Feed.objects.select_related("source").get(slug=slug)


def prepare_mapped_feed(feed: Feed) -> None:
    """Set the name and the source of a feed from its mapping; does not save. Raises MappingError."""
    mapping = check_mapping(feed.mapping)
    if mapping.feed in ADAPTERS:
        raise MappingError(f"The mapping is wrong at feed: {mapping.feed!r} is a feed with an adapter; choose another.")
    adapter = mapped_adapter(mapping)
    feed.slug, feed.name, feed.source = mapping.feed, adapter.name, _source_of(adapter)


def save_mapped_feed(mapping: CsvMapping) -> Feed:
    """The feed that this mapping describes, made or brought up to date."""
    feed = Feed.objects.filter(slug=mapping.feed).first() or Feed(slug=mapping.feed)
    feed.mapping = mapping.model_dump(mode="json", exclude_defaults=True)
    prepare_mapped_feed(feed)
    feed.save()
    return feed


def _source_of(adapter: Adapter) -> Source:
    return Source.objects.get_or_create(
        url=adapter.page_url,
        defaults={
            "publisher": adapter.publisher,
            "kind": adapter.kind,
            "rank": Source.DEFAULT_RANK[Source.Kind(adapter.kind)],
            "licence": adapter.licence,
            "attribution": adapter.attribution,
        },
    )[0]


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
