"""Keeping a feed's records as they stand there: first seen, last seen, gone since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q

from ingest.adapters.base import Record, payload_hash
from ingest.batches import create_many, update_many
from ingest.models import Feed, RawRecord
from ingest.timeline import Covers, Timeline


class _Known(NamedTuple):
    pk: int
    payload_hash: str
    first_seen: datetime
    last_seen: datetime
    absent_since: datetime | None


@dataclass
class RecordChanges:
    """What a reading did to the raw records. ``ids`` gives the row of every record that was read."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    absent: int = 0
    ids: dict[str, int] = field(default_factory=dict)


def known_keys(feed: Feed, timeline: Timeline, *, covers: Covers = None) -> dict[str, int]:
    """The keys, with their rows, that the feed listed at the moment being read, as far as the other readings tell.

    Only those that the file is complete about.
    """
    rows = RawRecord.objects.filter(_among(covers), feed=feed).order_by()
    if timeline.is_newest:
        rows = rows.filter(absent_since__isnull=True)
    else:
        rows = rows.filter(first_seen__lte=timeline.now, last_seen__gte=timeline.now)
    return dict(rows.values_list("external_key", "pk"))


def _among(covers: Covers) -> Q:
    """The records whose keys begin with one of these; all for None."""
    if covers is None:
        return Q()
    begins = [Q(external_key__startswith=prefix) for prefix in covers]
    return reduce(or_, begins, Q(pk__in=[]))


def keep_records(
    feed: Feed,
    records: Sequence[Record],
    *,
    refused: Collection[str],
    timeline: Timeline,
    covers: Covers = None,
    spared: Collection[int] = (),
) -> RecordChanges:
    """Write what was read. Refused keys count as still listed; an older reading never replaces a newer payload.

    What is not listed any more is marked, within ``covers`` and except the ``spared`` rows.
    """
    now = timeline.now
    known = {
        key: _Known._make(row)
        for key, *row in RawRecord.objects.filter(feed=feed)
        .order_by()
        .values_list("external_key", "pk", "payload_hash", "first_seen", "last_seen", "absent_since")
    }
    result = RecordChanges()
    new: list[RawRecord] = []
    changed: list[RawRecord] = []
    seen: list[int] = []
    earlier: list[int] = []
    for record in records:
        digest = payload_hash(record.payload)
        row = known.get(record.external_key)
        if row is None:
            new.append(
                RawRecord(
                    feed=feed,
                    external_key=record.external_key,
                    payload=record.payload,
                    payload_hash=digest,
                    first_seen=now,
                    last_seen=now,
                    absent_since=timeline.after,
                )
            )
            continue
        result.ids[record.external_key] = row.pk
        if now < row.first_seen:
            earlier.append(row.pk)
        if row.payload_hash != digest and now >= row.last_seen:
            result.changed += 1
            changed.append(
                RawRecord(
                    pk=row.pk,
                    feed=feed,
                    external_key=record.external_key,
                    payload=record.payload,
                    payload_hash=digest,
                    first_seen=row.first_seen,
                    last_seen=now,
                    absent_since=timeline.after,
                )
            )
            continue
        result.unchanged += 1
        if now > row.last_seen or (timeline.is_newest and row.absent_since):
            seen.append(row.pk)
    seen += [known[key].pk for key in refused if key in known and known[key].last_seen < now]
    rows = RawRecord.objects.filter(feed=feed)
    create_many(RawRecord, new)
    RawRecord.objects.bulk_update(changed, ["payload", "payload_hash", "last_seen", "absent_since"], batch_size=200)
    update_many(rows, seen, last_seen=now, absent_since=timeline.after)
    update_many(rows, earlier, first_seen=now)
    result.created = len(new)
    result.ids |= {row.external_key: row.pk for row in new}
    listed = Q(absent_since__isnull=True) | Q(absent_since__gt=now)
    gone = rows.filter(_among(covers), listed, last_seen__lt=now).order_by()
    missing = set(gone.values_list("pk", flat=True)).difference(spared)
    update_many(rows, sorted(missing), absent_since=now)
    result.absent = len(missing)
    return result
