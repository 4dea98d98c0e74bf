"""Counts requests by caller and minute of the clock, in the cache for all processes."""

import threading

from django.core.cache import cache

KEEP_S = 120
MOST_NAMES = 10_000


class Tally:
    """Reports every hundredth of the limit at once, since each report costs more than a kept answer.

    So a limit of 600 may be passed by 5 in each process, one below 200 never.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._known: dict[str, list[int]] = {}  # by name: what all had counted, and what came since

    def clear(self) -> None:
        with self._lock:
            self._known = {}

    def count(self, name: str, minute: int, limit: int) -> int:
        """How often that name was counted in that minute, this time included. Raises what the cache raises."""
        with self._lock:
            if minute != self._minute or len(self._known) > MOST_NAMES:
                self._minute, self._known = minute, {}
            known = self._known.setdefault(name, [0, 0])
            known[1] += 1
            if known[0] and known[1] < max(1, limit // 100):
                return sum(known)
            reported, known[1] = known[1], 0
        total = _added(f"{name}:{minute}", reported)
        with self._lock:
            known[0] = max(known[0], total)
        return total


def _added(key: str, number: int) -> int:
    try:
        return int(cache.incr(key, number))
    except ValueError:  # the first of this minute
        cache.add(key, 0, KEEP_S)
        return int(cache.incr(key, number))


tally = Tally()
