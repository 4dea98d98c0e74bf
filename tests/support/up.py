"""``manage.py up`` as a real process on a data folder of its own."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 60


@dataclass
class Up:
    """Starts and ends it; reads its output, its children and its pages."""

    folder: Path
    options: tuple[str, ...] = ("--no-local-model", "--no-eval")
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    starts: int = 0

    @property
    def log_path(self) -> Path:
        return self.folder / f"up-{self.starts}.log"

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def url(self) -> str:
        found = re.search(r"^READY (http://\S+)", self.log, re.MULTILINE)
        assert found, self.log
        return found[1]

    def launch(self, *, port: int) -> None:
        """Start it, without waiting."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SSL_CERT_FILE"}}
        self.starts += 1
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", f"--port={port}", *self.options],
                cwd=settings.BASE_DIR,
                env=kept | {"DATA_DIR": str(self.folder / "data"), "OPENBLAS_NUM_THREADS": "1"} | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self, *, port: int) -> float:
        """Start it and wait for READY; returns the seconds that took."""
        started_at = time.monotonic()
        self.launch(port=port)
        self.wait_for(r"^READY ")
        return time.monotonic() - started_at

    def wait_for(self, pattern: str, *, timeout_s: float = START_TIMEOUT_S, times: int = 1) -> None:
        """Until the log has so many matches of the pattern."""
        deadline = time.monotonic() + timeout_s
        while len(re.findall(pattern, self.log, re.MULTILINE)) < times:
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{pattern!r} did not appear in:\n{self.log}")
            time.sleep(0.05)

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ready_checks(self) -> dict[str, str]:
        return dict(json.loads(self.get("/readyz")[1])["checks"])

    def wait_until_all_is_well(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.get("/readyz")[0] != 200:
            assert time.monotonic() < deadline, self.log
            time.sleep(0.2)

    def processes(self) -> dict[int, str]:
        """Every live process that works on this data folder: pid and command line (Linux)."""
        marker = f"DATA_DIR={self.folder / 'data'}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and marker in (entry / "environ").read_bytes().split(b"\0"):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                    if command:  # a zombie has none
                        found[int(entry.name)] = command
            except (OSError, ProcessLookupError):
                continue
        return found

    def pid_of(self, part: str) -> int:
        """The oldest process whose command line has the part: a worker's main process, not its pool."""
        return min(pid for pid, command in self.processes().items() if part in command)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(timeout=STOP_TIMEOUT_S)

    def wait_until_no_process_is_left(self, *, timeout_s: float = 5) -> None:
        deadline = time.monotonic() + timeout_s
        while self.processes():
            assert time.monotonic() < deadline, self.processes()
            time.sleep(0.05)

    def clean_up(self) -> None:
        """After a test that failed: leave nothing running."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process is not None:
            self.process.wait(timeout=STOP_TIMEOUT_S)
