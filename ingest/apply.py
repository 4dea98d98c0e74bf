"""From parsed records to the catalog, in one transaction: resolve, compare, hold what is doubtful, write the rest."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import F

from ingest import gates
from ingest.adapters.base import Parsed, PriceObservation, Record
from ingest.aliases import AliasBook, Span
from ingest.batches import create_many
from ingest.models import Feed, HeldChange
from ingest.offerings import OfferingKey, ensure_offerings, offering_key
from ingest.prices import Line, PriceBook, describe, offerings_named
from ingest.records import RecordChanges, keep_records
from ingest.timeline import Timeline

Progress = Callable[[int, int], None]


@dataclass
class Outcome:
    """What a reading came to, in records; ``written`` counts rows added to the catalog."""

    records: RecordChanges = field(default_factory=RecordChanges)
    held: int = 0
    unresolved: int = 0
    written: int = 0
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One price about to be recorded: the record that claims it and the offering it is about."""

    record: Record
    offering: OfferingKey
    price: PriceObservation


class HeldChanges:
    """The doubtful changes of a feed that somebody has decided on, or has still to."""

    def __init__(self, feed: Feed) -> None:
        rows = HeldChange.objects.filter(record__feed=feed).order_by("created_at", "pk")
        self._states: dict[tuple[str, str, str], str] = {
            (key, field_name, value): state
            for key, field_name, value, state in rows.values_list(
                F("record__external_key"), "field", "new_value", "state"
            )
        }
        self._new: list[tuple[str, dict[str, Any]]] = []
        self.waiting = 0

    def is_accepted(self, wanted: _Wanted) -> bool:
        return self._state(wanted) == HeldChange.State.ACCEPTED

    def hold(self, wanted: _Wanted, *, reason: str, last: Decimal | None) -> None:
        """Keep the change for a person, unless it is kept already or was turned down."""
        state = self._state(wanted)
        if state == HeldChange.State.REJECTED:
            return
        self.waiting += 1
        if state is None:
            key, name, value = self._key(wanted)
            self._states[key, name, value] = HeldChange.State.WAITING
            fields = {
                "field": name,
                "old_value": "" if last is None else f"{last:f}"[:60],
                "new_value": value,
                "reason": reason[:300],
                "proposal": {"offering": wanted.offering._asdict(), "price": _plain(wanted.price)},
            }
            self._new.append((key, fields))

    def write(self, record_ids: dict[str, int]) -> None:
        create_many(HeldChange, [HeldChange(record_id=record_ids[key], **fields) for key, fields in self._new])

    def _state(self, wanted: _Wanted) -> str | None:
        return self._states.get(self._key(wanted))

    @staticmethod
    def _key(wanted: _Wanted) -> tuple[str, str, str]:
        value = wanted.price.usd_per_mtok
        return (wanted.record.external_key, describe(wanted.price)[:120], "" if value is None else f"{value:f}"[:60])


def _plain(price: PriceObservation) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(asdict(price), default=str))
    return plain


def apply(feed: Feed, parsed: Parsed, timeline: Timeline, *, progress: Progress | None = None) -> Outcome:
    """Write one parsed snapshot. Call inside a transaction; raises SnapshotRejected before anything is written."""
    now = timeline.now
    outcome = Outcome(remarks=list(parsed.remarks))
    namespaces = {record.namespace(feed.slug) for record in parsed.records}
    namespaces |= {f"{feed.slug}/{item.provider_id}" for item in parsed.rejected if item.provider_id}
    aliases = AliasBook(namespaces)

    wanted: list[_Wanted] = []
    for record in parsed.records:
        found = _wanted(record, aliases, feed.slug, now)
        wanted += found
        if not found and not aliases.knows(record.namespace(feed.slug), record.raw_name, now):
            outcome.unresolved += 1

    offerings = ensure_offerings(item.offering for item in wanted)
    book = PriceBook(feed.source, timeline)
    held = HeldChanges(feed)
    book.spare(
        offerings_named(
            {
                (version, item.provider_model_id or item.raw_name)
                for item in parsed.rejected
                if (version := aliases.version_at(f"{feed.slug}/{item.provider_id}", item.raw_name, now))
            }
        )
    )
    _record_prices(wanted, offerings, book, held, progress)
    outcome.records = keep_records(
        feed, parsed.records, refused={item.external_key for item in parsed.rejected}, timeline=timeline
    )
    held.write(outcome.records.ids)
    changes = book.write()
    outcome.held = held.waiting
    outcome.written = changes.added
    outcome.remarks += changes.contradictions[:5]
    return outcome


def _wanted(record: Record, aliases: AliasBook, feed: str, now: datetime) -> list[_Wanted]:
    namespace = record.namespace(feed)
    wanted = []
    for price in record.observations:
        if not isinstance(price, PriceObservation):
            continue
        spans = aliases.spans(namespace, record.raw_name, since=price.effective_from, until=price.effective_to, at=now)
        wanted += [_Wanted(record, offering_key(record, span.version_id), _within(price, span)) for span in spans]
    return wanted


def _within(price: PriceObservation, span: Span) -> PriceObservation:
    if not price.is_dated or (span.since, span.until) == (price.effective_from, price.effective_to):
        return price
    return replace(price, effective_from=span.since, effective_to=span.until)


def _record_prices(
    wanted: list[_Wanted],
    offerings: dict[OfferingKey, int],
    book: PriceBook,
    held: HeldChanges,
    progress: Progress | None,
) -> None:
    by_offering: dict[OfferingKey, list[_Wanted]] = {}
    for item in wanted:
        by_offering.setdefault(item.offering, []).append(item)
    jumps = compared = 0
    accepted: list[tuple[Line, PriceObservation]] = []
    for done, (key, items) in enumerate(by_offering.items(), start=1):
        offering_id = offerings[key]
        inverted = gates.dearer_inputs([item.price for item in items])
        for position, item in enumerate(items):
            line = Line.of(offering_id, item.price)
            is_known = book.knows(line, item.price)
            last = None if is_known else book.last_value(line, item.price)
            compared += is_known or last is not None
            reason = "" if is_known else gates.doubt(item.price.usd_per_mtok, last=last)
            if not is_known and not reason and position in inverted:
                reason = "Input would be dearer than output; the two may be swapped."
            if last is not None and item.price.usd_per_mtok is not None:
                jumps += gates.is_jump(item.price.usd_per_mtok, last=last)
            if reason and not held.is_accepted(item):
                held.hold(item, reason=reason, last=last)
                book.spare([offering_id])
            else:
                accepted.append((line, item.price))
        if progress and (done % 50 == 0 or done == len(by_offering)):
            progress(done, len(by_offering))
    gates.check_jumps(jumps, compared)
    for line, price in accepted:
        book.record(line, price)
