"""The first pages are built again by a worker as soon as data change, in bounded number."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as current
from django.core.cache import cache
from pytest_django.fixtures import Settings

from catalog.models import ModelVersion, Price
from config.health import queue_lengths
from dashboard.bell import DELAY_S, Bell, bell
from dashboard.freshness import edition
from dashboard.shelf import Kept
from dashboard.tasks import FIRST_PAGES
from tests import factories as make
from tests.support.worker import Worker, process_environment

if TYPE_CHECKING:
    from tests.support.redis import RedisServer

DEADLINE_S = 60


@pytest.fixture(autouse=True)
def _keep(settings: Settings) -> None:
    settings.PAGE_CACHE_S = 600


def wait_until_kept(path: str) -> str:
    """The edition of what the worker keeps for that page, once it is the one in force."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        found = cache.get(f"kept:{path}")
        if found and Kept(*found).edition == edition():
            return Kept(*found).edition
        time.sleep(0.1)
    raise AssertionError(f"{path} was not built within {DEADLINE_S} s")


@pytest.fixture
def page_worker(transactional_db: None, broker: "RedisServer", short_path: Path) -> Iterator[Worker]:
    """A real worker that names static files as they are, since none are collected here."""
    process = Worker(process_environment(redis_url=broker.url, DEBUG="true"), short_path / "worker.log")
    process.start()
    yield process
    process.stop()


def test_worker_builds_the_first_pages_after_a_write_without_beat(
    page_worker: Worker, three_models: dict[str, ModelVersion]
) -> None:
    plain = [path for path in FIRST_PAGES if not path.startswith("/api/")]  # these have places of their own
    first = {wait_until_kept(path) for path in plain}

    Price.objects.filter(offering__version=three_models["llama"]).update(usd_per_mtok="4")

    second = {wait_until_kept(path) for path in plain}
    assert len(first) == len(second) == 1
    assert first != second
    assert current.APP_URL in Kept(*cache.get("kept:/")).question


@pytest.mark.django_db(transaction=True)
def test_load_of_many_transactions_sends_few_messages(broker: "RedisServer") -> None:
    began = time.monotonic()
    for number in range(40):
        make.make_organization(f"Maker {number}")
    seconds = time.monotonic() - began

    assert 1 <= queue_lengths()["ops"] <= 1 + seconds / DELAY_S


@pytest.mark.django_db(transaction=True)
def test_write_goes_on_when_nobody_can_be_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }
    monkeypatch.setattr(bell, "_silent_until", 0.0)
    before = edition()

    make.make_organization("Maker")

    assert edition() != before
    assert bell._silent_until > time.monotonic(), "the next write does not try again at once"


@pytest.mark.django_db(transaction=True)
def test_bell_is_silent_where_nothing_is_kept(broker: "RedisServer", settings: Settings) -> None:
    settings.PAGE_CACHE_S = 0

    Bell().ring()

    assert queue_lengths()["ops"] == 0
