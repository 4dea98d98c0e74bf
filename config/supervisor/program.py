"""One kind of child process: how to start it, how to end it, and what its death means."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor.death import die_with_parent

BACK_OFF_S = (0.2, 0.5, 1, 2, 4)
QUICK_S = 10  # a process that lived shorter than this died quickly


@dataclass(frozen=True, kw_only=True)
class Program:
    """The fixed part: a command line and its rules."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    listener: socket.socket | None = None  # handed over to it, and kept for its successor
    stop_timeout_s: float = 10
    muted: tuple[str, ...] = ()  # lines with one of these are not shown
    is_essential: bool = True  # without it the site is of no use: when it keeps dying, all ends
    is_once: bool = False  # does one thing and ends; not restarted


class Process:
    """A running program. Its output is a pipe that the supervisor reads."""

    def __init__(self, program: Program, *, folder: Path) -> None:
        self.program = program
        self.started_at = time.monotonic()
        self.is_output_closed = False
        self._partial = b""
        self._popen = subprocess.Popen(
            list(program.command),
            cwd=folder,
            env=dict(os.environ) | dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=() if program.listener is None else (program.listener.fileno(),),
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the others in order
            preexec_fn=die_with_parent,  # noqa: PLW1509  the supervisor has one thread
        )
        if self._popen.stdout is None:
            raise TypeError("The output must be a pipe.")
        self.output = self._popen.stdout
        os.set_blocking(self.output.fileno(), False)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.started_at

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._popen.poll()

    def terminate(self) -> None:
        """Ask it to end; it finishes what it holds."""
        if self.exit_code() is None:
            self._popen.terminate()

    def kill(self) -> None:
        """End it and everything it started, now."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def read_lines(self) -> list[str]:
        """The whole lines written since the last call."""
        try:
            data = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return []
        if not data:
            self.is_output_closed = True
            lines, self._partial = ([self._partial] if self._partial else []), b""
        else:
            *lines, self._partial = (self._partial + data).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in lines]

    def close(self) -> None:
        self.output.close()


def describe_exit(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
