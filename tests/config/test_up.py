"""``manage.py up`` with its real processes."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.supervisor.ports import free_port, listen
from tests.support.up import Up

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see that no process is left"),
]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One installation, started and stopped by the tests below; prepared by the first start."""
    site = Up(tmp_path_factory.mktemp("up"))
    yield site
    site.clean_up()


@pytest.fixture
def running(up: Up) -> Iterator[Up]:
    """The installation, up; ended by Ctrl-C unless the test ended it."""
    if up.process is not None:
        up.clean_up()  # a failed test may have left it running
    up.start(port=free_port(18000))
    yield up
    if up.process is not None and up.process.poll() is None:
        up.signal(signal.SIGINT)
        up.wait()


def test_first_start_serves_pages_and_invites_the_admin_once(running: Up) -> None:
    assert running.get("/healthz") == (200, "ok\n")
    running.wait_until_all_is_well()
    assert running.ready_checks() == {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok"}
    link = running.log.split(f"{running.url}/set-password/")[1].split()[0]
    assert running.log.count("/set-password/") == 1
    status, _ = running.get(f"/set-password/{link}")
    assert status == 302
    data = running.folder / "data"
    assert data.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o077 for path in data.iterdir() if path.stat().st_mode & 0o077} == {}


def test_second_start_is_quick_and_ctrl_c_leaves_nothing(up: Up) -> None:
    seconds = up.start(port=free_port(18000))
    assert "Preparing" not in up.log
    assert "/set-password/" not in up.log
    assert seconds < 15  # 2 s on an idle machine
    up.wait_for("worker .*ready")
    up.signal(signal.SIGINT)
    assert up.wait() == 0
    assert up.log.rstrip().endswith("Stopped.")
    up.wait_until_no_process_is_left()


def test_second_instance_says_where_the_first_is(running: Up) -> None:
    other = Up(running.folder, starts=100)
    other.launch(port=18000)
    assert other.wait() == 0
    assert running.process is not None
    assert other.log == f"already running: {running.url} (pid {running.process.pid})\n"


def test_taken_port_means_the_next_free_one(up: Up) -> None:
    with listen(18000) as taken:
        port = taken.getsockname()[1]
        up.start(port=port)
        assert f"Port {port} is taken; using {up.url.rpartition(':')[2]}." in up.log
        assert int(up.url.rpartition(":")[2]) > port
        up.signal(signal.SIGTERM)
        assert up.wait() == 0


@pytest.mark.parametrize(
    "part", ["gunicorn", "celery --quiet -A config worker", "celery --quiet -A config beat", "valkey"]
)
def test_killed_child_is_started_again(running: Up, part: str) -> None:
    running.wait_until_all_is_well()
    before = running.pid_of(part)
    os.kill(before, signal.SIGKILL)
    running.wait_for(r"ended \(SIGKILL\); starting it again")
    deadline = time.monotonic() + 30
    while not any(part in command and pid != before for pid, command in running.processes().items()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.wait_until_all_is_well()


def test_killed_supervisor_leaves_no_process(up: Up) -> None:
    up.start(port=free_port(18000))
    up.wait_for("worker .*ready")
    assert len(up.processes()) >= 6
    up.signal(signal.SIGKILL)
    up.wait()
    up.wait_until_no_process_is_left()
    up.start(port=free_port(18000))  # neither a lock nor a socket is in the way
    up.signal(signal.SIGINT)
    assert up.wait() == 0


def test_second_ctrl_c_kills(running: Up) -> None:
    running.wait_for("worker .*ready")
    os.kill(running.pid_of("celery --quiet -A config worker"), signal.SIGSTOP)  # would drain for ever
    running.signal(signal.SIGINT)
    running.wait_for("Stopping")
    time.sleep(0.5)
    running.signal(signal.SIGINT)
    started_at = time.monotonic()
    assert running.wait() == 0
    assert time.monotonic() - started_at < 5
    running.wait_until_no_process_is_left()


def test_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    site = Up(tmp_path, environment={"DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing"})
    site.launch(port=free_port(18000))
    assert site.wait() == 1
    assert "The database of DATABASE_URL cannot be used" in site.log
    assert "Traceback" not in site.log
    site.wait_until_no_process_is_left()


def test_unreachable_redis_is_one_sentence(tmp_path: Path) -> None:
    site = Up(tmp_path, environment={"REDIS_URL": "redis://127.0.0.1:9/0"})
    site.launch(port=free_port(18000))
    assert site.wait() == 1
    assert "The Redis of REDIS_URL does not answer" in site.log
    assert "Traceback" not in site.log
