"""Placing observed prices in the price history of a source. Rows are added; a price is never overwritten.

A *line* is one component of one offering under one set of conditions. Undated prices form intervals of observation on
their line: a reading extends the interval it agrees with and starts a new row when it does not. Dated prices are
known by their dates. A row is seen from ``observed_from`` to ``last_seen``; ``absent_since`` is the first reading that
no longer lists it, because the price changed or went. An older reading finds its place between its neighbours, so it
never moves what is current (``docs/adr/0020``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal
from typing import NamedTuple

from catalog.models import Price, Source
from ingest.adapters.base import PriceObservation
from ingest.batches import create_many, update_many
from ingest.timeline import Timeline


class Line(NamedTuple):
    offering_id: int
    component: str
    service_class: str
    min_input_tokens: int
    tier_scope: str
    utc_from: time | None
    utc_to: time | None
    weekdays: str

    @classmethod
    def of(cls, offering_id: int, price: PriceObservation) -> "Line":
        return cls(
            offering_id,
            price.component,
            price.service_class,
            price.min_input_tokens,
            price.tier_scope,
            price.utc_from,
            price.utc_to,
            price.weekdays,
        )


@dataclass(slots=True)
class _Row:
    pk: int
    usd_per_mtok: Decimal | None
    effective_from: datetime | None
    effective_to: datetime | None
    observed_from: datetime | None
    last_seen: datetime | None
    absent_since: datetime | None
    announced: bool
    confidence: str
    note: str

    @property
    def is_dated(self) -> bool:
        return self.effective_from is not None or self.effective_to is not None


class _Interval(NamedTuple):
    first: datetime
    last: datetime
    row: _Row


@dataclass
class PriceChanges:
    """What a reading did to the prices of its source."""

    added: int = 0
    withdrawn: int = 0
    contradictions: list[tuple[int, str]] = field(default_factory=list)  # of which offering, and what is said twice


class PriceBook:
    """All prices of one source, read with one query, compared in memory, written in a few statements."""

    def __init__(self, source: Source, timeline: Timeline) -> None:
        self._source = source
        self._time = timeline
        self._lines: dict[Line, list[_Row]] = {}
        self._said: dict[tuple[Line, datetime | None, datetime | None], Decimal | None] = {}
        self._met: set[int] = set()
        self._extended: list[int] = []
        self._earlier: list[int] = []
        self._edited: dict[int, _Row] = {}
        self._new: list[tuple[Line, _Row]] = []
        self._spared: set[int] = set()
        self._spares_unmentioned = False
        self._changes = PriceChanges()
        columns = ("pk", "usd_per_mtok", "effective_from", "effective_to", "observed_from", "last_seen")
        rows = Price.objects.filter(source=source).order_by("pk")
        for *line, pk, usd, since, until, first, last, absent, announced, confidence, note in rows.values_list(
            *LINE_FIELDS, *columns, "absent_since", "announced", "confidence", "note"
        ):
            row = _Row(pk, usd, since, until, first, last, absent, announced, confidence, note)
            self._lines.setdefault(Line(*line), []).append(row)

    def last_value(self, line: Line, price: PriceObservation) -> Decimal | None:
        """What was known on this line just before the price, or None when nothing was or the price itself was."""
        rows = self._lines.get(line, ())
        if any(row.usd_per_mtok == price.usd_per_mtok and row.is_dated == price.is_dated for row in rows):
            return price.usd_per_mtok
        moment = price.effective_from or self._time.now
        known = [(begin, row.usd_per_mtok) for row in rows if (begin := row.effective_from or row.observed_from)]
        earlier = [item for item in known if item[0] <= moment]
        return max(earlier)[1] if earlier else min(known)[1] if known else None

    def knows(self, line: Line, price: PriceObservation) -> bool:
        """Whether exactly this value stands on the line already."""
        return any(row.usd_per_mtok == price.usd_per_mtok for row in self._lines.get(line, ()))

    def spare(self, offering_ids: Iterable[int]) -> None:
        """Do not take the prices of these offerings for gone: something about them is waiting for a person."""
        self._spared |= set(offering_ids)

    def spare_unmentioned(self) -> None:
        """Do not take the price of an offering for gone of which this reading says nothing."""
        self._spares_unmentioned = True

    def record(self, line: Line, price: PriceObservation) -> None:
        """Take one price as read at this moment."""
        said = (line, price.effective_from, price.effective_to)
        if said in self._said:
            if self._said[said] != price.usd_per_mtok:
                twice = f"{line.component} is given twice, as {self._said[said]} and as {price.usd_per_mtok}"
                self._changes.contradictions.append((line.offering_id, twice))
            return
        self._said[said] = price.usd_per_mtok
        if price.is_dated:
            self._record_dated(line, price)
        else:
            self._record_undated(line, price)

    def write(self) -> PriceChanges:
        """Write everything recorded, and mark what a newest reading no longer lists."""
        rows = Price.objects.filter(source=self._source)
        gone = self._gone()
        create_many(Price, [self._build(line, row) for line, row in self._new])
        update_many(rows, self._extended, last_seen=self._time.now, absent_since=self._time.after)
        update_many(rows, self._earlier, observed_from=self._time.now)
        edited = [self._patch(row) for row in self._edited.values()]
        Price.objects.bulk_update(
            edited, ["observed_from", "last_seen", "absent_since", "effective_to", "announced"], batch_size=100
        )
        update_many(rows, gone, absent_since=self._time.now)
        self._changes.withdrawn = len(gone)
        self._changes.added = len(self._new)
        return self._changes

    def withdrawals(self) -> tuple[int, int]:
        """How many lines with a price in force would be left without one, and how many there are."""
        current = {
            line
            for line, rows in self._lines.items()
            if any(row.usd_per_mtok and row.absent_since is None and row.observed_from for row in rows)
        }
        valued = {line for (line, _, _), usd in self._said.items() if usd is not None}
        named = {line.offering_id for line, _, _ in self._said} if self._spares_unmentioned else None
        lost = [
            line
            for line in current - valued
            if line.offering_id not in self._spared and (named is None or line.offering_id in named)
        ]
        return len(lost), len(current)

    def _is_gone(self, row: _Row) -> bool:
        return row.absent_since is not None and row.absent_since <= self._time.now

    def _gone(self) -> list[int]:
        """Rows that this reading no longer lists. One that was seen on both sides of it is taken apart."""
        now = self._time.now
        gone = []
        if self._spares_unmentioned:
            self._spared |= {line.offering_id for line in self._lines} - {line.offering_id for line, _, _ in self._said}
        for line, rows in self._lines.items():
            if line.offering_id in self._spared:
                continue
            for row in rows:
                if row.pk in self._met or row.observed_from is None or row.last_seen is None:
                    continue
                if row.last_seen < now and (row.absent_since is None or row.absent_since > now):
                    gone.append(row.pk)
                elif row.observed_from <= now <= row.last_seen and not row.is_dated:
                    self._part(line, row)
        return gone

    def _record_dated(self, line: Line, price: PriceObservation) -> None:
        now = self._time.now
        is_announced = price.effective_from is not None and price.effective_from > now
        for row in self._lines.get(line, ()):
            if not row.is_dated or row.effective_from != price.effective_from or row.usd_per_mtok != price.usd_per_mtok:
                continue
            if row.effective_to not in (price.effective_to, None):
                continue
            self._meet(row)
            if row.effective_to != price.effective_to and self._time.is_newest:
                row.effective_to = price.effective_to  # an open period that the source has now closed
                self._edited[row.pk] = row
            if row.announced and not is_announced:
                row.announced = False
                self._edited[row.pk] = row
            return
        self._add(line, price)

    def _record_undated(self, line: Line, price: PriceObservation) -> None:
        now, after = self._time.now, self._time.after
        rows = [
            _Interval(row.observed_from, row.last_seen, row)
            for row in self._lines.get(line, ())
            if not row.is_dated and row.observed_from and row.last_seen
        ]
        for first, last, row in rows:
            if first <= now <= last:
                if row.usd_per_mtok == price.usd_per_mtok:
                    self._meet(row)
                else:
                    self._add(line, price)  # _gone() takes this moment out of the row
                return
        left = max((item for item in rows if item.last < now), key=lambda item: item.last, default=None)
        right = min((item for item in rows if item.first > now), key=lambda item: item.first, default=None)
        if left and left.row.usd_per_mtok == price.usd_per_mtok and not self._is_gone(left.row):
            self._meet(left.row)
            return
        is_next = right is not None and (after is None or after >= right.first)
        if right and is_next and right.row.usd_per_mtok == price.usd_per_mtok:
            self._meet(right.row)
            return
        self._add(line, price)

    def _meet(self, row: _Row) -> None:
        """Extend the row to this moment, in whichever direction it lies."""
        now = self._time.now
        self._met.add(row.pk)
        if row.last_seen is None or row.last_seen < now:
            row.last_seen, row.absent_since = now, self._time.after
            self._extended.append(row.pk)
        if row.observed_from is None or row.observed_from > now:
            row.observed_from = now
            self._earlier.append(row.pk)

    def _part(self, line: Line, row: _Row) -> None:
        """Take this moment out of a row that says something else, because the same moment was read differently."""
        now, before, after = self._time.now, self._time.before, self._time.after
        first, last = row.observed_from, row.last_seen
        if first is None or last is None:
            return
        has_left, has_right = first < now and before is not None, now < last and after is not None
        if has_left and has_right:
            self._new.append((line, replace(row, pk=0, observed_from=after)))
            row.last_seen, row.absent_since = before, now
        elif has_left:
            row.last_seen, row.absent_since = max(first, before or first), now
        elif has_right:
            row.observed_from = after
        else:
            row.observed_from, row.absent_since = None, now  # never listed; kept because something may rest on it
        self._met.add(row.pk)
        self._edited[row.pk] = row

    def _add(self, line: Line, price: PriceObservation) -> None:
        now = self._time.now
        first = min(now, price.seen_from) if price.seen_from else now
        row = _Row(
            pk=0,
            usd_per_mtok=price.usd_per_mtok,
            effective_from=price.effective_from,
            effective_to=price.effective_to,
            observed_from=first,
            last_seen=now,
            absent_since=self._time.after,
            announced=price.effective_from is not None and price.effective_from > now,
            confidence=price.confidence,
            note=price.note,
        )
        self._new.append((line, row))

    def _build(self, line: Line, row: _Row) -> Price:
        price = Price(**dict(zip(LINE_FIELDS, line, strict=True)), source=self._source)
        for name in _Row.__slots__:
            if name != "pk":
                setattr(price, name, getattr(row, name))
        return price

    @staticmethod
    def _patch(row: _Row) -> Price:
        return Price(
            pk=row.pk,
            observed_from=row.observed_from,
            last_seen=row.last_seen,
            absent_since=row.absent_since,
            effective_to=row.effective_to,
            announced=row.announced,
        )


LINE_FIELDS = Line._fields


def describe(price: PriceObservation) -> str:
    """The price's place in words: "output, batch, from 200001 tokens, 16:30-00:30 UTC"."""
    words: list[str] = [price.component, price.service_class]
    if price.min_input_tokens:
        words.append(f"from {price.min_input_tokens} tokens")
    if price.utc_from is not None and price.utc_to is not None:
        words.append(f"{price.utc_from:%H:%M}-{price.utc_to:%H:%M} UTC")
    if price.weekdays:
        words.append(f"days {price.weekdays}")
    if price.effective_from:
        words.append(f"since {price.effective_from:%Y-%m-%d}")
    if price.effective_to:
        words.append(f"until {price.effective_to:%Y-%m-%d}")
    return ", ".join(words)
