from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client

from config import health
from config.tasks import BEAT_KEY, WORKER_KEY
from ingest.models import Feed, FeedRun
from tests.factories import make_source

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.support.redis import RedisServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def alive() -> None:
    for key in (WORKER_KEY, BEAT_KEY):
        cache.set(key, datetime.now(UTC))


@pytest.mark.usefixtures("alive")
def test_readyz_is_ready_when_everything_answers(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok"},
        "feeds": {},
    }


@pytest.mark.usefixtures("alive")
def test_readyz_names_the_silent_worker(client: Client) -> None:
    cache.set(WORKER_KEY, datetime.now(UTC) - timedelta(minutes=5))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": "ok",
        "broker": "ok",
        "worker": "last seen 300 s ago",
        "beat": "ok",
    }


def test_readyz_says_what_was_never_seen(client: Client) -> None:
    checks = client.get("/readyz").json()["checks"]
    assert (checks["worker"], checks["beat"]) == ("has not been seen", "has not been seen")


@pytest.mark.fault
def test_readyz_survives_a_dead_redis(client: Client, broker: "RedisServer") -> None:
    broker.kill()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "broker": "does not answer"}
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.fault
def test_readyz_says_that_redis_is_full(client: Client, broker: "RedisServer") -> None:
    with broker.client as redis:
        redis.config_set("maxmemory", "1mb")  # less than it needs when empty
        try:
            assert client.get("/readyz").json()["checks"] == {"database": "ok", "broker": "full"}
        finally:
            redis.config_set("maxmemory", "256mb")


def test_feed_age_counts_from_the_last_whole_reading(client: Client) -> None:
    now = datetime.now(UTC)
    feed = Feed.objects.create(slug="prices", name="Prices", source=make_source())
    Feed.objects.create(slug="never", name="Never read", source=make_source())
    for state, hours in ((FeedRun.State.APPLIED, 50), (FeedRun.State.APPLIED, 3), (FeedRun.State.FAILED, 1)):
        FeedRun.objects.create(feed=feed, state=state, adapter_version="1", finished_at=now - timedelta(hours=hours))
    ages = client.get("/readyz").json()["feeds"]
    assert list(ages) == ["prices"]
    assert ages["prices"] == pytest.approx(3 * 3600, abs=60)


def test_metrics_are_for_this_machine_only(client: Client, settings: "Settings") -> None:
    assert b"cpd_spent_usd 0.0" in client.get("/metrics").content
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    settings.BEHIND_PROXY = True  # then every visitor seems to come from this machine
    assert client.get("/metrics").status_code == 403


def test_metrics_are_for_the_bearer_of_the_token(client: Client, settings: "Settings") -> None:
    settings.METRICS_TOKEN = "a-token-of-some-length"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    right = {"Authorization": "Bearer a-token-of-some-length"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_queue_lengths_count_waiting_messages(broker: "RedisServer") -> None:
    from config.tasks import heartbeat

    heartbeat.delay()
    assert health.queue_lengths() == {"ops": 1.0, "evals": 0.0, "feeds": 0.0}
