"""The loop that keeps the programs alive and ends them in order. One thread; everything is an event."""

import contextlib
import math
import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from config.supervisor.program import BACK_OFF_S, QUICK_S, Process, Program, describe_exit
from config.supervisor.terminal import relay, say

POLL_S = 0.02
IDLE_S = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked for the end while something was awaited."""


class GaveUp(Exception):
    """A program could not be kept alive. The message names it."""


class Supervisor:
    """Starts programs, relays their output, restarts the dead, and stops all in the order of their stopping."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._selector = selectors.DefaultSelector()
        self._processes: dict[str, Process] = {}
        self._restarts: dict[str, float] = {}  # name -> when
        self._programs: dict[str, Program] = {}
        self._deaths: dict[str, deque[float]] = {}
        self._finished: dict[str, int] = {}
        self._signals_seen = 0
        self._is_stopping = False

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Within: Ctrl-C, SIGTERM and SIGHUP become events; a second one kills everything at once."""
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        before = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        self._selector.register(read_end, selectors.EVENT_READ, None)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.unregister(read_end)
            os.close(read_end)
            os.close(write_end)

    def _on_signal(self, *_: object) -> None:
        self._signals_seen += 1

    def start(self, program: Program) -> None:
        """Start a program and watch it from now on."""
        self._programs[program.name] = program
        self._finished.pop(program.name, None)
        process = Process(program, folder=self._folder)
        self._processes[program.name] = process
        self._selector.register(process.output, selectors.EVENT_READ, process)

    def is_running(self, name: str) -> bool:
        return name in self._processes

    def run_once(self, *programs: Program) -> int:
        """Run programs side by side to their ends; returns the first exit code that is not zero, else zero."""
        names = [program.name for program in programs]
        for program in programs:
            self.start(program)
        self.until(lambda: all(name in self._finished for name in names), timeout_s=math.inf, what=names[0])
        return next((self._finished[name] for name in names if self._finished[name]), 0)

    def until(self, is_done: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        """Keep the programs alive until something is true.

        Raises Stopped when somebody asks for the end first, GaveUp when it takes too long or a program keeps dying.
        """
        deadline = time.monotonic() + timeout_s
        while not is_done():
            if time.monotonic() > deadline:
                raise GaveUp(f"{what} did not answer within {timeout_s:.0f} s.")
            self._turn(POLL_S)

    def run_forever(self) -> None:
        """Until somebody asks for the end (Stopped) or a program cannot be kept alive (GaveUp)."""
        while True:
            self._turn(IDLE_S)

    def _turn(self, longest_s: float) -> None:
        """One round: wait a moment for output or signals, bury the dead, start again what is due."""
        if self._signals_seen and not self._is_stopping:
            raise Stopped
        wait_s = longest_s
        if self._restarts:
            wait_s = min(wait_s, max(0.0, min(self._restarts.values()) - time.monotonic()))
        for key, _ in self._selector.select(wait_s):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)
            else:
                self._relay(key.data)
        for name, process in list(self._processes.items()):
            code = process.exit_code()
            if code is not None:
                self._bury(name, process, code)
        if self._is_stopping:
            return
        for name, due_at in list(self._restarts.items()):
            if due_at <= time.monotonic():
                del self._restarts[name]
                self.start(self._programs[name])

    def _relay(self, process: Process) -> bool:
        if process.is_output_closed:
            return False
        lines = process.read_lines()
        if process.is_output_closed:
            self._selector.unregister(process.output)
        for line in lines:
            if line.strip() and not any(text in line for text in process.program.muted):
                relay(process.program.name, line)
        return bool(lines)

    def _bury(self, name: str, process: Process, code: int) -> None:
        while self._relay(process):  # what it wrote last is what one wants to read
            pass
        if not process.is_output_closed:
            self._selector.unregister(process.output)
        process.kill()  # what it may have left in its session
        process.close()
        del self._processes[name]
        self._finished[name] = code
        if process.program.is_once or self._is_stopping:
            return
        deaths = self._deaths.setdefault(name, deque(maxlen=len(BACK_OFF_S)))
        if process.age_s > QUICK_S:
            deaths.clear()
        deaths.append(time.monotonic())
        if len(deaths) < len(BACK_OFF_S):
            delay_s = BACK_OFF_S[len(deaths) - 1]
            say(f"{name} ended ({describe_exit(code)}); starting it again in {delay_s:g} s.")
            self._restarts[name] = time.monotonic() + delay_s
        elif process.program.is_essential:
            raise GaveUp(f"{name} died {len(deaths)} times in a row ({describe_exit(code)}). Its last lines are above.")
        else:
            say(f"{name} died {len(deaths)} times in a row ({describe_exit(code)}); going on without it.")

    def stop(self, order: list[str]) -> None:
        """End the programs in order, each after the one before is gone; a second signal kills all that are left."""
        self._is_stopping = True
        self._restarts.clear()
        signals_before = self._signals_seen
        others = [name for name in self._processes if name not in order]
        for name in others + order:
            process = self._processes.get(name)
            if process is None:
                continue
            process.terminate()
            deadline = time.monotonic() + process.program.stop_timeout_s
            while name in self._processes:
                if self._signals_seen > signals_before:
                    self._kill_all()
                    return
                if time.monotonic() > deadline:
                    say(f"{name} did not end within {process.program.stop_timeout_s:.0f} s; killed.")
                    process.kill()
                    deadline += 5
                self._turn(POLL_S)

    def _kill_all(self) -> None:
        say("Killed.")
        for process in self._processes.values():
            process.kill()
        deadline = time.monotonic() + 5
        while self._processes and time.monotonic() < deadline:
            self._turn(POLL_S)
