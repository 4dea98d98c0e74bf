"""Keeping the bytes of a feed, once."""

import hashlib
import zlib
from datetime import datetime

from ingest.models import Feed, Snapshot


def keep_snapshot(
    feed: Feed, body: bytes, *, observed_at: datetime, etag: str = "", last_modified: str = ""
) -> Snapshot:
    """The stored snapshot with these bytes; stored now if it is new."""
    digest = hashlib.sha256(body).hexdigest()
    return Snapshot.objects.get_or_create(
        feed=feed,
        sha256=digest,
        defaults={
            "size_bytes": len(body),
            "body_zlib": zlib.compress(body, 6),
            "etag": etag[:200],
            "last_modified": last_modified[:60],
            "observed_at": observed_at,
        },
    )[0]
