from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from kombu.exceptions import OperationalError

from ingest import services, tasks
from ingest.adapters import ADAPTERS
from ingest.errors import FetchFailed
from ingest.feeds import claim_due_feeds, ensure_feed, ensure_feeds
from ingest.fetch import Fetched
from ingest.models import Feed, FeedRun, Snapshot
from tests.factories import at
from tests.ingest.support import FEED, counts, flat, name, table

pytestmark = pytest.mark.django_db
NOON = at("2026-11-01").replace(hour=12)


@time_machine.travel(NOON, tick=False)
def test_feed_is_due_at_its_next_scheduled_moment() -> None:
    feed = ensure_feed(FEED)
    assert feed.schedule == "17 */6 * * *"
    assert feed.next_due_at == NOON.replace(minute=17)


@time_machine.travel(NOON, tick=False)
def test_due_feed_is_claimed_once_and_moves_on() -> None:
    feed = ensure_feed(FEED)
    later = NOON.replace(minute=18)
    assert claim_due_feeds(NOON) == []
    assert claim_due_feeds(later) == [(feed, NOON.replace(minute=17))]
    assert claim_due_feeds(later) == []
    feed.refresh_from_db()
    assert feed.next_due_at == NOON.replace(hour=18, minute=17)


@pytest.mark.parametrize("fields", [{"enabled": False}, {"next_due_at": None}])
def test_feed_that_is_off_or_read_by_hand_is_never_due(fields: dict[str, Any]) -> None:
    ensure_feed(FEED)
    Feed.objects.update(**fields)
    assert claim_due_feeds(at("2099-01-01")) == []


def test_schedule_that_is_no_cron_text_is_refused_with_an_example() -> None:
    feed = ensure_feed(FEED)
    feed.schedule = "every day"
    with pytest.raises(ValidationError, match="'every day' is not five cron fields such as"):
        feed.clean()


def test_every_adapter_has_a_valid_schedule_and_a_row() -> None:
    ensure_feeds()
    feeds = list(Feed.objects.all())
    for feed in feeds:
        feed.clean()
    assert {feed.slug for feed in feeds} == set(ADAPTERS)


def test_due_feeds_are_queued_by_their_id(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = ensure_feed(FEED)
    Feed.objects.filter(pk=feed.pk).update(next_due_at=at("2020-01-01"))
    queued: list[dict[str, int]] = []
    monkeypatch.setattr(tasks.read_feed, "delay", lambda **named: queued.append(named))
    tasks.read_due_feeds()
    tasks.read_due_feeds()
    assert queued == [{"feed_id": feed.pk}]


def test_feed_stays_due_when_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = ensure_feed(FEED)
    Feed.objects.filter(pk=feed.pk).update(next_due_at=at("2020-01-01"))

    def refuse(**_: int) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.read_feed, "delay", refuse)
    tasks.read_due_feeds()
    assert Feed.objects.get(pk=feed.pk).next_due_at == at("2020-01-01")


def test_task_reads_its_feed_and_ignores_one_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    body = table(m=flat(1))
    monkeypatch.setattr(services, "fetch", lambda _, **__: Fetched(body, '"1"'))
    feed = ensure_feed(FEED)
    tasks.read_feed(feed_id=feed.pk)
    tasks.read_feed(feed_id=feed.pk)
    tasks.read_feed(feed_id=feed.pk + 999)
    assert [counts(run) for run in FeedRun.objects.order_by("pk")] == [
        {"created": 1, "unresolved": 1},
        {"unchanged": 1, "unresolved": 1},
    ]
    assert Snapshot.objects.get().etag == '"1"'


def test_feed_that_did_not_change_is_read_again_from_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Fetched(table(m=flat(1)), '"1"'), Fetched(None, '"1"')]
    asked = []

    def fetch(_: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        asked.append(etag)
        return answers.pop(0)

    monkeypatch.setattr(services, "fetch", fetch)
    services.read_feed(FEED, live=True)
    name("m")
    assert counts(services.read_feed(FEED, live=True)) == {"unchanged": 1, "written": 1}
    assert asked == ["", '"1"']


def test_feed_that_cannot_be_fetched_is_a_failed_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(_: str, **__: str) -> Fetched:
        raise FetchFailed("feed.example answered 503 Service Unavailable.")

    monkeypatch.setattr(services, "fetch", fetch)
    run = services.read_feed(FEED, live=True)
    assert (run.state, run.message, run.snapshot) == ("failed", "feed.example answered 503 Service Unavailable.", None)
    assert run.finished_at is not None


def test_run_whose_process_died_is_closed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "fetch", lambda _, **__: Fetched(table(m=flat(1)), ""))
    with time_machine.travel(NOON, tick=False):
        dead = FeedRun.objects.create(feed=ensure_feed(FEED), adapter_version="1")
    services.read_feed(FEED, live=True)
    dead.refresh_from_db()
    assert (dead.state, dead.message) == ("failed", "The process that read it ended.")


def test_adapter_that_breaks_leaves_a_failed_run_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(services, "apply", explode)
    run = services.read_feed(FEED, body=table(m=flat(1)), observed_at=at("2026-11-01"))
    assert (run.state, run.message) == ("failed", "ZeroDivisionError: division by zero")


@time_machine.travel(NOON, tick=False)
def test_feed_that_could_not_be_fetched_is_due_again_soon_and_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fetch(*_: str, **__: str) -> Fetched:
        raise FetchFailed("feed.example answered 503 Service Unavailable.")

    monkeypatch.setattr(services, "fetch", fetch)
    feed = ensure_feed(FEED)
    scheduled = NOON + timedelta(days=1)
    waits = []
    for _ in range(5):
        Feed.objects.update(next_due_at=scheduled)
        tasks.read_feed(feed_id=feed.pk)
        due = Feed.objects.get().next_due_at
        assert due is not None
        waits.append(due - NOON)
    assert waits == [timedelta(minutes=minutes) for minutes in (5, 15, 45, 135, 24 * 60)]


@time_machine.travel(NOON, tick=False)
def test_retry_is_never_later_than_the_schedule_and_a_refused_file_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = ensure_feed(FEED)
    scheduled = NOON + timedelta(minutes=2)
    Feed.objects.update(next_due_at=scheduled)
    FeedRun.objects.create(feed=feed, adapter_version="1", state=FeedRun.State.FAILED)
    services.plan_retry(feed.pk)
    assert Feed.objects.get().next_due_at == scheduled
    monkeypatch.setattr(services, "fetch", lambda *_, **__: Fetched(b"<html>", ""))
    Feed.objects.update(next_due_at=NOON + timedelta(days=1))
    tasks.read_feed(feed_id=feed.pk)
    assert Feed.objects.get().next_due_at == NOON + timedelta(days=1)
