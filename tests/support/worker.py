"""A real Celery worker process on the test database, as a test would find it in production."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from config.supervisor.death import die_with_parent

READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60


def database_url() -> str:
    """The test database's URL, for processes beside the test's own."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    host = str(values["HOST"]).replace("/", "%2F")
    port = f":{values['PORT']}" if values["PORT"] else ""
    password = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    return f"postgres://{values['USER']}{password}@{host}{port}/{values['NAME']}"


def process_environment(*, redis_url: str, **more: str) -> dict[str, str]:
    """The environment of a process that works on the test's database and Redis."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "PYTEST_", "DJANGO_"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url,
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }


@dataclass
class Worker:
    """One ``celery worker`` with two pool processes. ``log`` is what it wrote."""

    environment: dict[str, str]
    log_path: Path
    concurrency: int = 2
    queues: str = "ops,evals,feeds"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        options = ["--without-mingle", "--without-gossip", "--loglevel=INFO", f"--queues={self.queues}"]
        options += [f"--concurrency={self.concurrency}", f"--hostname=test-{os.getpid()}@localhost"]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", "worker", *options],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        deadline = time.monotonic() + READY_TIMEOUT_S
        while " ready." not in self.log:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The worker did not start:\n{self.log}")
            time.sleep(0.05)

    def stop(self) -> int | None:
        """SIGTERM: it finishes what it holds. Returns its exit code."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            self.process = None

    def kill(self) -> None:
        """SIGKILL to the worker and its pool processes at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=STOP_TIMEOUT_S)
            self.process = None

    def pool_pids(self) -> list[int]:
        """The pool's processes (Linux)."""
        if self.process is None:
            return []
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]
