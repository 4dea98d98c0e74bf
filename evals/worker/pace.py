"""How fast: shares of the machine's time, requests per minute, and how late our own event loop is."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable


class ShareClock:
    """Divides busy time evenly among the calls under way: their shares add up to the time something was running."""

    def __init__(self) -> None:
        self._under_way = 0
        self._total = 0.0
        self._since = 0.0

    def enter(self, at: float | None = None) -> float:
        """Start a call; keep the token for :meth:`leave`."""
        self._advance(at)
        self._under_way += 1
        return self._total

    def leave(self, token: float, at: float | None = None) -> float:
        """End a call; its share in seconds."""
        self._advance(at)
        self._under_way -= 1
        return self._total - token

    def _advance(self, at: float | None) -> None:
        now = time.perf_counter() if at is None else at
        if self._under_way:
            self._total += (now - self._since) / self._under_way
        self._since = now


class MinuteWindow:
    """At most ``limit`` calls, or tokens, in any 60 seconds. One driver per endpoint makes a local count exact."""

    SPAN_S = 60.0

    def __init__(self, limit: int | None, past: Iterable[tuple[float, int]] = ()) -> None:
        """``past`` are the starts of earlier calls on the clock of :func:`time.monotonic`, with what each counted."""
        self._limit = limit
        self._starts = deque(sorted(past))
        self._taken = sum(amount for _, amount in self._starts)

    def room(self, now: float) -> int | None:
        """How much may start now; None for no limit."""
        if self._limit is None:
            return None
        while self._starts and self._starts[0][0] <= now - self.SPAN_S:
            self._taken -= self._starts.popleft()[1]
        return max(0, self._limit - self._taken)

    def note(self, now: float, amount: int = 1) -> None:
        if self._limit is not None:
            self._starts.append((now, amount))
            self._taken += amount

    def wait_s(self, now: float) -> float:
        """Seconds until there is more room than now; 0 when nothing is counted."""
        if self.room(now) is None or not self._starts:
            return 0.0
        return max(0.0, self._starts[0][0] + self.SPAN_S - now)


class LoopLag:
    """Samples how late the event loop is; latencies measured while it was late are not the endpoint's alone."""

    TICK_S = 0.05

    def __init__(self) -> None:
        self._ticks: deque[tuple[float, float]] = deque(maxlen=4096)

    async def watch(self) -> None:
        """Run for ever beside the calls."""
        while True:
            due = time.perf_counter() + self.TICK_S
            await asyncio.sleep(self.TICK_S)
            now = time.perf_counter()
            self._ticks.append((now, max(0.0, now - due)))

    def worst_ms(self, since: float) -> float:
        """The worst lateness since ``since`` on the clock of :func:`time.perf_counter`, in milliseconds."""
        worst = 0.0
        for at, lag in reversed(self._ticks):
            if at < since:
                break
            worst = max(worst, lag)
        return worst * 1000
