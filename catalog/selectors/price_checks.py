"""What a price about to be recorded meets: the one it ends, those it would overlap, and the last one asked."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal

from catalog.models import Price
from catalog.selectors.price_periods import BEGINNING, begins

LARGEST_JUMP = Decimal(10)
_NEVER = datetime.max.replace(tzinfo=UTC)

Conditions = tuple[object, ...]


def jump(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    """How many times the larger value is the smaller, when that is more than ten; else None. Unknown never jumps."""
    if old is None or new is None or old == new:
        return None
    low, high = sorted((Decimal(old), Decimal(new)))
    ratio = Decimal("Infinity") if low == 0 else high / low
    return ratio if ratio > LARGEST_JUMP else None


class PriceNeighbours:
    """The stated prices of some offerings, read with one query and then asked as often as needed.

    Two prices are neighbours when they are for the same component under the same conditions. What one publisher says
    must fit together; what two publishers say may disagree, and is shown as a conflict. Prices that were only seen, and
    announced ones, have no stated period and stand outside.
    """

    def __init__(self, offering_ids: Collection[int]) -> None:
        self._rows: defaultdict[Conditions, list[Price]] = defaultdict(list)
        rows = Price.objects.filter(offering_id__in=offering_ids).select_related(
            "source", "offering__provider", "offering__version"
        )
        for row in rows.order_by("pk"):
            self.add(row)

    def add(self, price: Price) -> None:
        """Let later questions see this price too."""
        self._rows[_conditions(price)].append(price)

    def replace(self, price: Price) -> None:
        """Let later questions see a recorded price as it is about to become."""
        for rows in self._rows.values():
            rows[:] = [row for row in rows if row.pk != price.pk]
        self.add(price)

    def closes(self, price: Price) -> Price | None:
        """The open price of the same publisher that ends where this new one begins."""
        if price.pk or price.effective_from is None or price.announced:
            return None
        open_before = [
            row
            for row in self._same_publisher(price)
            if row.effective_to is None and row.effective_from is not None and row.effective_from < price.effective_from
        ]
        return max(open_before, key=lambda row: row.effective_from or BEGINNING, default=None)

    def overlaps(self, price: Price) -> Price | None:
        """A price of the same publisher that holds during some of the same time, except the one that this one ends."""
        if price.effective_from is None or price.announced:
            return None
        closed = self.closes(price)
        start, end = price.effective_from, price.effective_to or _NEVER
        for row in self._same_publisher(price):
            if row is closed or row.effective_from is None:
                continue
            if row.effective_from < end and start < (row.effective_to or _NEVER):
                return row
        return None

    def last(self, price: Price) -> Price | None:
        """The known price in force when this one begins, as the lists choose it; else the newest from before it."""
        moment = _moment(price) or _NEVER
        known = [
            row for row in self._rows[_conditions(price)] if not _is_same(row, price) and row.usd_per_mtok is not None
        ]
        if in_force := [row for row in known if _held_until(row, moment)]:
            newest_first = sorted(in_force, key=lambda row: begins(row) or BEGINNING, reverse=True)
            return min(newest_first, key=lambda row: row.source.rank)
        earlier = [row for row in known if (_moment(row) or BEGINNING) < moment]
        return max(earlier, key=lambda row: _moment(row) or BEGINNING, default=None)

    def _same_publisher(self, price: Price) -> list[Price]:
        publisher = price.source.publisher
        return [
            row
            for row in self._rows[_conditions(price)]
            if not row.announced and not _is_same(row, price) and row.source.publisher == publisher
        ]


def _is_same(row: Price, price: Price) -> bool:
    return row is price or (row.pk is not None and row.pk == price.pk)


def _held_until(row: Price, moment: datetime) -> bool:
    """Whether it is in force just before the moment, so that one which ends there still counts."""
    start = begins(row)
    if row.announced or start is None or start >= moment or (row.absent_since and row.absent_since <= moment):
        return False
    return row.effective_to is None or row.effective_to >= moment


def _moment(price: Price) -> datetime | None:
    return price.effective_from or price.observed_from


def _conditions(price: Price) -> Conditions:
    offering = price.offering_id or id(price._state.fields_cache.get("offering"))
    return (
        offering,
        price.component,
        price.service_class,
        price.min_input_tokens or 0,
        price.utc_from,
        price.utc_to,
        price.weekdays,
    )
