"""Reading a feed: fetch, keep the bytes, parse, resolve, compare, apply. A bad snapshot changes nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog import audit
from catalog.models import AuditEvent
from ingest import gates
from ingest.adapters.base import Adapter, Bundle, Parsed, ParseError
from ingest.apply import LISTING, Progress, apply
from ingest.errors import FetchFailed, IngestError, SnapshotRejected
from ingest.feeds import adapter_of, ensure_feed
from ingest.fetch import fetch
from ingest.models import Feed, FeedRun, HeldChange, Snapshot
from ingest.records import known_keys
from ingest.snapshots import keep_snapshot
from ingest.timeline import Covers, Timeline

logger = logging.getLogger(__name__)

# A reading takes seconds; one that is still running after this died with its process.
FIRST_RETRY = timedelta(minutes=5)
ABANDONED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: the bytes to take instead of fetching, the moment they are about, and what a person allowed."""

    body: bytes | None = None
    observed_at: datetime | None = None
    accept_shrunken: bool = False
    partial: bool = False
    is_replay: bool = False
    live: bool = False
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What there is to read, and by which words its server can say next time that it has not changed."""

    bundle: Bundle
    etag: str = ""
    last_modified: str = ""


Take = Callable[[Feed, Adapter, Reading], Taken]


def read_feed(
    slug: str,
    *,
    body: bytes | None = None,
    observed_at: datetime | None = None,
    dry_run: bool = False,
    accept_shrunken: bool = False,
    partial: bool = False,
    live: bool = False,
    progress: Progress | None = None,
) -> FeedRun:
    """Read one feed and return what came of it. A feed that fails or is refused is a state of the run.

    ``body`` is read instead of fetching. ``observed_at`` is the moment the snapshot is about: without it the moment
    of reading, or what a bundled table proves. ``dry_run`` does the same work and takes it all back; its run has no
    primary key. ``accept_shrunken`` takes a snapshot from which many known records are gone; ``partial`` one that is
    a part of the feed, from which nothing is missing. ``live`` fetches also where an installed package carries the
    table.
    Raises UnknownFeed for a name without an adapter.
    """
    adapter = adapter_of(slug)
    reading = Reading(body, observed_at, accept_shrunken, partial, live=live, progress=progress)
    if not dry_run:
        return _read(adapter, reading, _take)
    # Nobody may wait for a feed's server while holding the database, so it answers before the transaction begins.
    taken = _fetched_first(adapter, reading)
    with transaction.atomic():
        run = _read(adapter, reading, lambda *_: taken())
        transaction.set_rollback(True)
    run.pk = None
    return run


def _fetched_first(adapter: Adapter, reading: Reading) -> Callable[[], Taken]:
    """What ``_take`` came to, an error included, to be had again when it is wanted."""
    try:
        answer = _take(Feed.objects.filter(slug=adapter.slug).first(), adapter, reading)
    except IngestError as error:
        failure = error

        def fail() -> Taken:
            raise failure

        return fail
    return lambda: answer


def _read(adapter: Adapter, reading: Reading, take: Take) -> FeedRun:
    feed = ensure_feed(adapter.slug)
    FeedRun.objects.filter(
        feed=feed, state=FeedRun.State.RUNNING, started_at__lt=timezone.now() - ABANDONED_AFTER
    ).update(state=FeedRun.State.FAILED, finished_at=timezone.now(), message="The process that read it ended.")
    run = FeedRun.objects.create(feed=feed, adapter_version=adapter.version)
    try:
        taken = take(feed, adapter, reading)
        bundle = taken.bundle
        run.observed_at = bundle.observed_at
        run.snapshot = keep_snapshot(
            feed, bundle.body, observed_at=bundle.observed_at, etag=taken.etag, last_modified=taken.last_modified
        )
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


def _take(feed: Feed | None, adapter: Adapter, reading: Reading) -> Taken:
    """The bytes to read, given, bundled or fetched."""
    if reading.body is not None:
        return Taken(Bundle(reading.body, reading.observed_at or timezone.now()))
    if adapter.bundled and not reading.live:
        bundle = adapter.bundled(timezone.now())
        return Taken(Bundle(bundle.body, reading.observed_at or bundle.observed_at))
    url = (feed.fetch_url if feed else "") or adapter.fetch_url
    if not url:
        raise FetchFailed(
            f"{adapter.slug} has no address to fetch from; read a file: ingest {adapter.slug} --from PATH."
        )
    named = Snapshot.objects.filter(feed=feed).exclude(etag="", last_modified="")
    last = named.order_by("-fetched_at", "-pk").first()
    answer = fetch(url, etag=last.etag, last_modified=last.last_modified) if last else fetch(url)
    # A name may have been explained since, so an unchanged file is read again from what was kept.
    body = last.body if answer.body is None and last else answer.body
    if body is None:
        raise FetchFailed(f"{adapter.slug} says that nothing changed, but no snapshot of it is kept.")
    return Taken(Bundle(body, reading.observed_at or timezone.now()), answer.etag, answer.last_modified)


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
        covers = () if reading.partial else parsed.covers
        timeline = Timeline.of(feed, bundle.observed_at, covers)
        lost = _losses(feed, parsed, timeline, covers, reading)
        outcome = apply(
            feed,
            parsed,
            timeline,
            covers=covers,
            lost=lost,
            is_guarded=not (reading.accept_shrunken or reading.is_replay),
            progress=reading.progress,
        )
        run.covers = None if covers is None else list(covers)
        run.state = FeedRun.State.APPLIED
        run.created, run.changed = outcome.records.created, outcome.records.changed
        run.unchanged, run.absent = outcome.records.unchanged, outcome.records.absent
        run.held, run.unresolved, run.written = outcome.held, outcome.unresolved, outcome.written
        run.rejected = len(parsed.rejected)
        reasons = [f"{item.external_key}: {item.reason}" for item in parsed.rejected[:5]]
        run.message = "\n".join(outcome.remarks + reasons)
        run.save()


def _losses(feed: Feed, parsed: Parsed, timeline: Timeline, covers: Covers, reading: Reading) -> dict[str, int]:
    """The known records missing from the file that a person has to agree to; raises SnapshotRejected for a bad file."""
    if reading.accept_shrunken or (reading.is_replay and not timeline.is_newest):
        return {}
    known = known_keys(feed, timeline, covers=covers)
    present = {record.external_key for record in parsed.records} | {item.external_key for item in parsed.rejected}
    lost = {key: pk for key, pk in known.items() if key not in present}
    open_questions = HeldChange.objects.filter(record__feed=feed, field=LISTING).exclude(
        state=HeldChange.State.ACCEPTED
    )
    asked = set(open_questions.values_list("record__external_key", flat=True)) & lost.keys()
    # What a person has been asked about already is neither known nor lost once more.
    news, listed = lost.keys() - asked, known.keys() - asked
    if not reading.is_replay:
        gates.check_loss(present, listed, news)
    return {key: pk for key, pk in lost.items() if key in asked or gates.is_large_loss(news, listed)}


def decide_held_changes(changes: Sequence[HeldChange], *, accept: bool, decided_by: str, reason: str = "") -> int:
    """Accept or reject waiting changes; returns how many were waiting. The history keeps the reason.

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
    with audit.changes_by(decided_by, origin=AuditEvent.Origin.DECISION, reason=reason[:2000]):
        audit.record_changed(decided, before)
    for slug in sorted(slugs) if accept else ():
        replay_feed(slug)
    return count


def replay_feed(slug: str, *, everything: bool = False) -> list[FeedRun]:
    """Read applied snapshots of a feed again, as the adapter reads now, from the oldest on.

    All of them, or the newest of every part in which the feed came.
    """
    runs = FeedRun.objects.filter(feed__slug=slug, state=FeedRun.State.APPLIED, snapshot__isnull=False)
    ordered = runs.select_related("snapshot").order_by("observed_at", "started_at")
    # The last reading of a moment and part of the feed counts; two cuts do not replace each other.
    parts = {(run.observed_at, str(run.covers if run.covers != [] else run.snapshot_id)): run for run in ordered}
    newest = {str(run.covers if run.covers != [] else run.snapshot_id): run for run in parts.values()}
    chosen = parts.values() if everything else newest.values()
    return [replay_run(slug, run) for run in chosen if run.snapshot]


def replay_run(slug: str, run: FeedRun) -> FeedRun:
    """Read the snapshot of an applied run again: as much of the feed as it was, and no loss agreed to on the way.

    Raises ValueError for a run that kept no snapshot.
    """
    if run.snapshot is None:
        raise ValueError(f"{run} kept no snapshot.")
    reading = Reading(run.snapshot.body, run.observed_at, partial=run.covers == [], is_replay=True)
    return _read(adapter_of(slug), reading, _take)


def plan_retry(feed_id: int) -> None:
    """Make a feed that could not be fetched due again soon: after 5 minutes, then 15, 45, 135, never past its schedule.

    A file that came and was refused is not asked for again before its time; it would be the same file.
    """
    states = FeedRun.objects.filter(feed_id=feed_id).exclude(state=FeedRun.State.RUNNING).order_by("-pk")[:5]
    failures = 0
    for state in states.values_list("state", flat=True):
        if state != FeedRun.State.FAILED:
            break
        failures += 1
    if 0 < failures < 5:
        soon = timezone.now() + FIRST_RETRY * 3 ** (failures - 1)
        Feed.objects.filter(pk=feed_id, next_due_at__gt=soon).update(next_due_at=soon)


def plan_next(feed: Feed) -> None:
    """Set the feed's next moment after its schedule changed. Does not save."""
    feed.next_due_at = feed.due_after(timezone.now())
