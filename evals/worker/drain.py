"""Telling running slices that the worker is shutting down, so that a deploy does not wait for a whole slice.

Celery tells only the main process; the slices run in its children. One byte of memory shared with them is enough.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def begin_drain(**_: object) -> None:
    """Receiver of Celery's ``worker_shutting_down``: from now on slices make no new calls."""
    _flag[0] = 1


def is_draining() -> bool:
    return _flag[0] == 1
