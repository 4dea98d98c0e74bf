"""When a feed was read. An observation is placed between its neighbours in time, not in the order of reading."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection
from datetime import datetime

from ingest.models import Feed, FeedRun

Covers = Collection[str] | None


class Timeline:
    """The moments for which a feed has been applied, with the one being read now among them.

    Only readings that were complete about the same keys are neighbours: that a file of another part of the feed does
    not list a record says nothing about it. For being the newest every reading counts that could speak of the same.
    """

    def __init__(self, moments: list[datetime], now: datetime, *, newest: datetime | None = None) -> None:
        self.now = now
        self._moments = sorted(set(moments))
        if now not in self._moments:
            insort(self._moments, now)
        self._newest = max(newest or now, self._moments[-1])

    @classmethod
    def of(cls, feed: Feed, now: datetime, covers: Covers = None) -> "Timeline":
        rows = FeedRun.objects.filter(feed=feed, state=FeedRun.State.APPLIED, observed_at__isnull=False)
        read = [(moment, other) for moment, other in rows.order_by().values_list("observed_at", "covers") if moment]
        overlapping = [moment for moment, other in read if _overlap(covers, other)]
        neighbours = [moment for moment, other in read if _includes(other, covers)]
        return cls(neighbours, now, newest=max(overlapping, default=None))

    @property
    def is_newest(self) -> bool:
        return self._newest == self.now

    @property
    def before(self) -> datetime | None:
        """The reading before this one in time, or None."""
        index = bisect_left(self._moments, self.now)
        return self._moments[index - 1] if index else None

    @property
    def after(self) -> datetime | None:
        """The reading after this one in time, or None."""
        index = bisect_right(self._moments, self.now)
        return self._moments[index] if index < len(self._moments) else None


def _includes(whole: Covers, part: Covers) -> bool:
    """Whether a reading complete about ``whole`` was complete about ``part`` too; of a cut, only all-embracing ones."""
    if whole is None:
        return True
    return bool(part) and set(part or ()) <= set(whole)


def _overlap(one: Covers, other: Covers) -> bool:
    """Whether two readings can list the same record. A cut can list any."""
    if not one or not other:
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one for b in other)
