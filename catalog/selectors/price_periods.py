"""From when a price row can be shown to hold: the one rule behind lists, timelines, charts and conflicts.

* A stated start counts.
* Without one, an end that the source states (confidence not low) is a dated change: the price before it goes back as
  far as the version was sold, :data:`BEGINNING`. Readers cut that at the release.
* Else, or where the day of the end is doubtful, the row holds from its first sight on, and on no day at all when it had
  ended before anybody saw it.
"""

from datetime import UTC, datetime
from typing import Protocol

from django.db.models import F, Q

from catalog.models.source import Confidence

BEGINNING = datetime.min.replace(tzinfo=UTC)
_FAR_AHEAD = datetime.max.replace(tzinfo=UTC)


class Dated(Protocol):
    """What decides it: a price row, or its columns."""

    @property
    def effective_from(self) -> datetime | None: ...
    @property
    def effective_to(self) -> datetime | None: ...
    @property
    def observed_from(self) -> datetime | None: ...
    @property
    def last_seen(self) -> datetime | None: ...
    @property
    def confidence(self) -> str: ...


def begins(price: Dated) -> datetime | None:
    """The first moment at which it is shown to hold; None: no moment is."""
    if price.effective_from:
        return price.effective_from
    if price.effective_to and price.confidence != Confidence.LOW:
        return BEGINNING
    seen = price.observed_from
    return None if seen is None or (price.effective_to and price.effective_to <= seen) else seen


def began_by(moment: datetime) -> Q:
    """Rows with ``begins`` at or before the moment, as a filter. One that ended by then is not left out."""
    no_start = Q(effective_from__isnull=True)
    before_change = no_start & Q(effective_to__isnull=False) & ~Q(confidence=Confidence.LOW)
    seen = (
        no_start
        & Q(observed_from__lte=moment)
        & (Q(effective_to__isnull=True) | Q(effective_to__gt=F("observed_from")))
    )
    return Q(effective_from__lte=moment) | before_change | seen


def holds_at(moment: datetime) -> Q:
    """Rows in force at the moment, as a filter."""
    return began_by(moment) & (Q(effective_to__isnull=True) | Q(effective_to__gt=moment))


def is_at_the_same_time(one: Dated, other: Dated) -> bool:
    """Whether the periods in which two prices are known to have held meet.

    A period runs from the stated or first seen day to the stated end, or to the last sight; one nobody dated by sight
    and nobody ended is open.
    """
    (one_end, one_start), (other_end, other_start) = latest_period(one), latest_period(other)
    return one_start <= other_end and other_start <= one_end


def latest_period(price: Dated) -> tuple[datetime, datetime]:
    """The end and the start of that period: the largest is of the price read last."""
    seen = price.last_seen or (None if price.effective_from else price.observed_from)
    return price.effective_to or seen or _FAR_AHEAD, begins(price) or BEGINNING
