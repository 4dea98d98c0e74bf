"""What the person at the terminal sees, and how their Ctrl-C arrives."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

COLOURS = {"redis": 35, "setup": 36, "static": 36, "web": 32, "worker": 33, "beat": 34, "model": 36, "eval": 36}


def say(sentence: str) -> None:
    """A line of the supervisor's own. A reader that went away must not stop the work."""
    with contextlib.suppress(BrokenPipeError, OSError):
        print(sentence, flush=True)


def relay(name: str, line: str) -> None:
    """A line that a child wrote, with the child's name before it."""
    label = f"{name:>6} |"
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        label = f"\x1b[{COLOURS.get(name, 37)}m{label}\x1b[0m"
    say(f"{label} {line}")


@contextlib.contextmanager
def foreground() -> Iterator[None]:
    """Take the terminal for this process alone, so that Ctrl-C does not also kill the ``make`` around it.

    ``make`` answers Ctrl-C by failing, however orderly the end of its child is. Without a terminal nothing happens.
    """
    try:
        terminal = sys.stdin.fileno()
        before = os.tcgetpgrp(terminal)
    except (OSError, ValueError, AttributeError):
        yield
        return
    if before != os.getpgrp() or os.getpid() == before:  # in the background, or started without make
        yield
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # only this process would stop, and the shell would wait for ever
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, before)
