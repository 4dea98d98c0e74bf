"""When a feed was read. An observation is placed between its neighbours in time, not in the order of reading."""

from bisect import bisect_left, bisect_right, insort
from datetime import datetime

from ingest.models import Feed, FeedRun


class Timeline:
    """The moments for which a feed has been applied, with the one being read now among them."""

    def __init__(self, moments: list[datetime], now: datetime) -> None:
        self.now = now
        self._moments = sorted(set(moments))
        if now not in self._moments:
            insort(self._moments, now)

    @classmethod
    def of(cls, feed: Feed, now: datetime) -> "Timeline":
        rows = FeedRun.objects.filter(feed=feed, state=FeedRun.State.APPLIED, observed_at__isnull=False)
        moments = rows.order_by().values_list("observed_at", flat=True).distinct()
        return cls([moment for moment in moments if moment], now)

    @property
    def is_newest(self) -> bool:
        return self._moments[-1] == self.now

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
