"""The rows that stand for the adapters."""

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
    return Feed.objects.get_or_create(slug=slug, defaults={"name": adapter.name, "source": source})[0]
