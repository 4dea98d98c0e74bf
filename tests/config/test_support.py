"""The tests' own real servers and processes work."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection

from config.supervisor.redis import LONGEST_SOCKET_PATH, prepare, socket_path
from config.tasks import BEAT_KEY, WORKER_KEY, heartbeat
from tests.support.exercised import Tally
from tests.support.redis import RedisServer
from tests.support.worker import Worker

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer


def test_worker_runs_a_task_that_this_process_sent(worker: Worker) -> None:
    before = datetime.now(UTC)
    heartbeat.delay()
    deadline = time.monotonic() + 20
    while cache.get(WORKER_KEY) < before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert before <= cache.get(BEAT_KEY) <= cache.get(WORKER_KEY) <= datetime.now(UTC)
    assert worker.stop() == 0


def test_unit_tests_reach_no_broker() -> None:
    heartbeat.delay()  # goes to a broker in memory, which nobody reads
    assert cache.get(WORKER_KEY) is None
    assert connection.settings_dict["NAME"]


def test_redis_keeps_what_it_holds_over_a_kill(redis_server: RedisServer) -> None:
    with redis_server.client as client:
        client.set("name", "kept")
        assert client.waitaof(1, 0, 10_000)[0] == 1  # a slow disk may lag behind by two seconds
    redis_server.kill()
    redis_server.start()
    with redis_server.client as client:
        assert client.get("name") == b"kept"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_redis_is_for_its_owner_only(redis_server: RedisServer) -> None:
    assert redis_server.socket.stat().st_mode & 0o777 == 0o700
    assert redis_server.socket.parent.stat().st_mode & 0o777 == 0o700


def test_socket_of_a_long_data_folder_is_elsewhere_and_short(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    deep = short_path / ("long-" * 30)
    socket = prepare(deep)
    assert socket.parent.parent == short_path
    assert len(str(socket)) < LONGEST_SOCKET_PATH
    assert socket == socket_path(deep) != socket_path(deep / "other")


@pytest.mark.postgres
def test_postgres_server_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as session:
        assert session.execute("SELECT 6 * 7").fetchone() == (42,)


@pytest.mark.django_db
def test_database_keeps_a_row() -> None:
    Group.objects.create(name="editors")
    assert Group.objects.filter(name="editors").count() == 1


@pytest.mark.e2e
def test_browser_shows_the_login_page(live_server: "LiveServer", page: "Page") -> None:
    page.goto(f"{live_server.url}/admin/")
    assert page.get_by_label("Username:").is_visible()
    assert page.title() == "Log in | Capability per Dollar"


def test_tally_names_what_was_not_exercised() -> None:
    tally = Tally()
    tally.used.update(["SQLite", "SQLite", "Redis"])
    assert tally.sentence() == "Really exercised: SQLite (2 tests), Redis (1 tests)."
    assert tally.missing() == ["PostgreSQL", "browser", "local model"]
