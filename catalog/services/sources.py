"""Writes down where numbers come from."""

from datetime import datetime

from django.db.models import Model

from catalog.errors import BadFact
from catalog.models import Source


def record_source(
    url: str,
    *,
    publisher: str,
    kind: str,
    title: str = "",
    licence: str = "",
    attribution: str = "",
    retrieved_at: datetime | None = None,
) -> Source:
    """The source with this address, made if new. A later ``retrieved_at`` is noted; what editors wrote stays.

    :raises BadFact: for an unknown kind.
    """
    if kind not in Source.Kind.values:
        raise BadFact(f"The source {url} is of kind {kind!r}. Choose one of {', '.join(Source.Kind.values)}.")
    source, is_new = Source.objects.get_or_create(
        url=url,
        defaults={
            "publisher": publisher,
            "kind": kind,
            "rank": Source.DEFAULT_RANK[Source.Kind(kind)],
            "title": title,
            "licence": licence,
            "attribution": attribution,
            "retrieved_at": retrieved_at,
        },
    )
    if not is_new and retrieved_at and (source.retrieved_at is None or source.retrieved_at < retrieved_at):
        source.retrieved_at = retrieved_at
        source.save(update_fields=["retrieved_at"])
    return source


def save_source(row: Model) -> None:
    """Save the row's source first, where a form made it or learnt a later day."""
    source = getattr(row, "source", None) if hasattr(row, "source_id") else None
    if isinstance(source, Source) and (source.pk is None or getattr(source, "is_newly_read", False)):
        source.save()
        row.source = source  # type: ignore[attr-defined]
