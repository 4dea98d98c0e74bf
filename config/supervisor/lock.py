"""One supervisor per data folder."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another ``manage.py up`` works on the same data folder. The message says where."""


class InstanceLock:
    """Held by the kernel for as long as this process lives, so a crash leaves nothing to clean up."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._file.read().split() or ["starting", "unknown"]
            self._file.close()
            raise AlreadyRunning(f"already running: {holder[0]} (pid {holder[1]})") from None
        self.write("starting")

    def release(self) -> None:
        self._file.close()

    def write(self, url: str) -> None:
        """What a second instance tells its user."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(f"{url} {os.getpid()}\n")
        self._file.flush()
