"""Reading a feed: fetch, keep the bytes, parse, resolve, compare, apply. A bad snapshot changes nothing."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog import audit
from catalog.models import AuditEvent
from ingest import gates
from ingest.adapters.base import Adapter, Bundle, ParseError
from ingest.apply import Progress, apply
from ingest.errors import FetchFailed, IngestError, SnapshotRejected
from ingest.feeds import adapter_of, ensure_feed
from ingest.fetch import fetch
from ingest.models import Feed, FeedRun, HeldChange, Snapshot
from ingest.records import known_keys
from ingest.snapshots import keep_snapshot
from ingest.timeline import Timeline

logger = logging.getLogger(__name__)

# A reading takes seconds; one that is still running after this died with its process.
ABANDONED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: the bytes to take instead of fetching, the moment they are about, and what a person allowed."""

    body: bytes | None = None
    observed_at: datetime | None = None
    accept_shrunken: bool = False
    live: bool = False
    progress: Progress | None = None


def read_feed(
    slug: str,
    *,
    body: bytes | None = None,
    observed_at: datetime | None = None,
    dry_run: bool = False,
    accept_shrunken: bool = False,
    live: bool = False,
    progress: Progress | None = None,
) -> FeedRun:
    """Read one feed and return what came of it. A feed that fails or is refused is a state of the run.

    ``body`` is read instead of fetching. ``observed_at`` is the moment the snapshot is about: without it the moment
    of reading, or what a bundled table proves. ``dry_run`` does the same work and takes it all back; its run has no
    primary key. ``accept_shrunken`` takes a snapshot from which many known records are gone. ``live``
    fetches also where an installed package carries the table.
    Raises UnknownFeed for a name without an adapter.
    """
    adapter = adapter_of(slug)
    reading = Reading(body, observed_at, accept_shrunken, live, progress)
    if not dry_run:
        return _read(adapter, reading)
    with transaction.atomic():
        run = _read(adapter, reading)
        transaction.set_rollback(True)
    run.pk = None
    return run


def _read(adapter: Adapter, reading: Reading) -> FeedRun:
    feed = ensure_feed(adapter.slug)
    FeedRun.objects.filter(
        feed=feed, state=FeedRun.State.RUNNING, started_at__lt=timezone.now() - ABANDONED_AFTER
    ).update(state=FeedRun.State.FAILED, finished_at=timezone.now(), message="The process that read it ended.")
    run = FeedRun.objects.create(feed=feed, adapter_version=adapter.version)
    try:
        bundle, etag = _fetch(feed, adapter, reading)
        run.observed_at = bundle.observed_at
        run.snapshot = keep_snapshot(feed, bundle.body, observed_at=bundle.observed_at, etag=etag)
        _apply(run, adapter, bundle, reading)
    except IngestError as error:
        is_refusal = isinstance(error, SnapshotRejected)
        run.state = FeedRun.State.REJECTED if is_refusal else FeedRun.State.FAILED
        run.message = str(error)
        logger.warning("Feed %s: %s", adapter.slug, error)
    except Exception as error:
        run.state, run.message = FeedRun.State.FAILED, f"{type(error).__name__}: {error}"[:2000]
        logger.exception("Feed %s failed.", adapter.slug)
    run.finished_at = timezone.now()
    run.save()
    return run


def _fetch(feed: Feed, adapter: Adapter, reading: Reading) -> tuple[Bundle, str]:
    """The bytes to read with their moment, and the etag they came with."""
    if reading.body is not None:
        return Bundle(reading.body, reading.observed_at or timezone.now()), ""
    if adapter.bundled and not reading.live:
        bundle = adapter.bundled(timezone.now())
        return Bundle(bundle.body, reading.observed_at or bundle.observed_at), ""
    url = feed.fetch_url or adapter.fetch_url
    if not url:
        raise FetchFailed(
            f"{adapter.slug} has no address to fetch from; read a file: ingest {adapter.slug} --from PATH."
        )
    last = Snapshot.objects.filter(feed=feed).exclude(etag="").order_by("-fetched_at", "-pk").first()
    answer = fetch(url, etag=last.etag if last else "")
    # A name may have been explained since, so an unchanged file is read again from what was kept.
    body = last.body if answer.body is None and last else answer.body
    if body is None:
        raise FetchFailed(f"{adapter.slug} says that nothing changed, but no snapshot of it is kept.")
    return Bundle(body, reading.observed_at or timezone.now()), answer.etag


def _apply(run: FeedRun, adapter: Adapter, bundle: Bundle, reading: Reading) -> None:
    try:
        parsed = adapter.parse(bundle.body)
    except ParseError as error:
        raise SnapshotRejected(f"{error} Nothing was taken.") from None
    if b"\\u0000" in bundle.body or b"\0" in bundle.body:
        gates.refuse_unstorable(parsed)
    gates.check_content(parsed, least_records=adapter.least_records)
    with transaction.atomic():
        # Readings of one feed go one after the other, so that each sees the rows of the last.
        feed = Feed.objects.select_for_update(of=("self",)).select_related("source").get(pk=run.feed_id)
        timeline = Timeline.of(feed, bundle.observed_at)
        present = {record.external_key for record in parsed.records}
        present |= {item.external_key for item in parsed.rejected}
        if not reading.accept_shrunken:
            gates.check_loss(present, known_keys(feed, timeline, prefix=parsed.key_prefix))
        outcome = apply(feed, parsed, timeline, progress=reading.progress)
        run.state = FeedRun.State.APPLIED
        run.created, run.changed = outcome.records.created, outcome.records.changed
        run.unchanged, run.absent = outcome.records.unchanged, outcome.records.absent
        run.held, run.unresolved, run.written = outcome.held, outcome.unresolved, outcome.written
        run.rejected = len(parsed.rejected)
        reasons = [f"{item.external_key}: {item.reason}" for item in parsed.rejected[:5]]
        run.message = "\n".join(outcome.remarks + reasons)
        run.save()


def decide_held_changes(changes: Sequence[HeldChange], *, accept: bool, decided_by: str) -> int:
    """Accept or reject waiting changes; returns how many were waiting.

    What is accepted is written by reading the feed's newest applied snapshot again, through the same steps as always:
    a value that the feed has changed meanwhile is not written behind its back.
    """
    state = HeldChange.State.ACCEPTED if accept else HeldChange.State.REJECTED
    waiting = HeldChange.objects.filter(pk__in=[change.pk for change in changes], state=HeldChange.State.WAITING)
    decided = list(waiting.select_related("record__feed"))
    slugs = {change.record.feed.slug for change in decided}
    before = {change.pk: audit.values_of(change) for change in decided}
    count = waiting.update(state=state, decided_at=timezone.now(), decided_by=decided_by[:150])
    for change in decided:
        change.state, change.decided_by = state, decided_by[:150]
    with audit.changes_by(decided_by, origin=AuditEvent.Origin.DECISION):
        audit.record_changed(decided, before)
    for slug in sorted(slugs) if accept else ():
        replay_feed(slug)
    return count


def replay_feed(slug: str, *, everything: bool = False) -> list[FeedRun]:
    """Read the newest applied snapshot of a feed again, or all of them from the oldest on, as the adapter reads now."""
    runs = FeedRun.objects.filter(feed__slug=slug, state=FeedRun.State.APPLIED, snapshot__isnull=False)
    moments = {run.observed_at: run for run in runs.select_related("snapshot").order_by("observed_at", "started_at")}
    chosen = list(moments.values())[0 if everything else -1 :]
    return [
        read_feed(slug, body=run.snapshot.body, observed_at=run.observed_at, accept_shrunken=True)
        for run in chosen
        if run.snapshot
    ]


def plan_next(feed: Feed) -> None:
    """Set the feed's next moment after its schedule changed. Does not save."""
    feed.next_due_at = feed.due_after(timezone.now())
