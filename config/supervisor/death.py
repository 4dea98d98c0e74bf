"""Children must not outlive the process that started them, however it ends."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Runs in a child between fork and exec: asks Linux to kill it when its parent's thread ends.

    Start such children from a thread that lives as long as the process. Elsewhere than on Linux nothing is asked,
    and only an orderly end stops the children.
    """
    if _libc is None:
        return
    parent = os.getppid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died in between
        os._exit(1)
