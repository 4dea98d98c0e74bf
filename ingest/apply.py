"""From parsed records to the catalog, in one transaction: resolve, compare, hold what is doubtful, write the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

from catalog.models import Offering
from ingest import gates
from ingest.adapters.base import (
    EndOfSaleObservation,
    FactObservation,
    HardwareObservation,
    HardwarePriceObservation,
    Parsed,
    PriceObservation,
    Record,
    ScoreObservation,
)
from ingest.aliases import AliasBook, Span
from ingest.facts import ClaimBook, HardwareBook, HardwarePriceBook
from ingest.held import Change, HeldChanges
from ingest.models import Feed
from ingest.offerings import OfferingKey, ensure_offerings, offering_key, offerings_named, offerings_of_others
from ingest.prices import Line, PriceBook, describe
from ingest.records import RecordChanges, keep_records
from ingest.sales import SalesBook
from ingest.scores import ScoreBook
from ingest.timeline import Covers, Timeline

LISTING, GONE = "listing", "gone"
END_OF_SALE = "end of sale"
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


class _Reading:
    """One snapshot of one feed on its way into the catalog."""

    def __init__(self, feed: Feed, parsed: Parsed, timeline: Timeline) -> None:
        self.feed = feed
        self.parsed = parsed
        self.time = timeline
        namespaces = {record.namespace(feed.slug) for record in parsed.records}
        namespaces |= {f"{feed.slug}/{item.provider_id}" for item in parsed.rejected if item.provider_id}
        self.aliases = AliasBook(namespaces)
        self.held = HeldChanges(feed)
        self.is_cut = False
        self.is_guarded = True
        self.kinds = {type(observation) for record in parsed.records for observation in record.observations}

    def version_of(self, record: Record, on: datetime | None = None) -> int | None:
        return self.aliases.version_at(record.namespace(self.feed.slug), record.raw_name, on or self.time.now)

    def is_decided(self, record: Record) -> bool:
        return self.aliases.knows(record.namespace(self.feed.slug), record.raw_name, self.time.now)


def apply(
    feed: Feed,
    parsed: Parsed,
    timeline: Timeline,
    *,
    covers: Covers = None,
    lost: Mapping[str, int] | None = None,
    is_guarded: bool = True,
    progress: Progress | None = None,
) -> Outcome:
    """Write one parsed snapshot. Call inside a transaction, which a SnapshotRejected must roll back.

    ``covers`` is what the file is complete about. ``lost`` are records, with their rows, that are missing from it and
    count as gone only once a person has agreed. ``is_guarded`` refuses a file in which most prices have vanished.
    """
    reading = _Reading(feed, parsed, timeline)
    outcome = Outcome(remarks=list(parsed.remarks))
    reading.is_guarded = is_guarded
    spared = _hold_losses(reading, lost or {})
    reading.is_cut = covers is not None and parsed.only_seller is None
    reading.is_cut |= bool(spared)
    resolved: set[str] = set()
    # A feed that stops naming any price still has to end those it named before, so prices are always compared.
    outcome.written += _apply_prices(reading, resolved, outcome, progress)
    if ScoreObservation in reading.kinds:
        outcome.written += _apply_scores(reading, resolved, outcome)
    if FactObservation in reading.kinds:
        outcome.written += _apply_facts(reading, resolved)
    if HardwareObservation in reading.kinds:
        outcome.written += _apply_hardware(reading, resolved)
    if HardwarePriceObservation in reading.kinds:
        outcome.written += _apply_hardware_prices(reading, resolved)
    if EndOfSaleObservation in reading.kinds:
        outcome.written += _apply_ends_of_sale(reading)
    outcome.unresolved = sum(
        record.external_key not in resolved and not reading.is_decided(record) for record in parsed.records
    )
    outcome.records = keep_records(
        feed,
        parsed.records,
        refused={item.external_key for item in parsed.rejected},
        timeline=timeline,
        covers=covers,
        spared=spared.values(),
    )
    reading.held.write(outcome.records.ids | spared)
    outcome.held = reading.held.waiting
    return outcome


def _hold_losses(reading: _Reading, lost: Mapping[str, int]) -> dict[str, int]:
    """The missing records that stay listed until a person agrees that they are gone."""
    spared: dict[str, int] = {}
    for key, pk in sorted(lost.items()):
        change = Change(key, LISTING, GONE)
        if not reading.held.is_accepted(change):
            spared[key] = pk
            reason = f"{len(lost)} records are missing from the feed at once; is this one really gone?"
            reading.held.hold(change, reason=reason, last=None, about={"missing": key})
    return spared


def _apply_prices(reading: _Reading, resolved: set[str], outcome: Outcome, progress: Progress | None) -> int:
    feed, parsed = reading.feed, reading.parsed
    wanted = [item for record in parsed.records for item in _wanted(reading, record)]
    resolved |= {item.record.external_key for item in wanted}
    offerings = ensure_offerings(item.offering for item in wanted)
    book = PriceBook(feed.source, reading.time)
    refused = {
        (version, item.provider_model_id or item.raw_name)
        for item in parsed.rejected
        if (version := reading.aliases.version_at(f"{feed.slug}/{item.provider_id}", item.raw_name, reading.time.now))
    }
    book.spare(offerings_named(refused))
    if reading.is_cut:
        book.spare_unmentioned()
    if parsed.only_seller:
        book.spare(offerings_of_others(feed.source, parsed.only_seller.name))
    _record_prices(wanted, offerings, book, reading.held, progress)
    if reading.is_guarded and reading.time.is_newest:
        gates.check_withdrawals(*book.withdrawals())
    changes = book.write()
    outcome.remarks += contradictions(changes.contradictions)
    return changes.added


def contradictions(found: list[tuple[int, str]], shown: int = 5) -> list[str]:
    """A sentence for each of the first prices that a feed gives twice, with the offering, and one for the others."""
    if not found:
        return []
    offerings = Offering.objects.select_related("provider", "version__model").in_bulk({pk for pk, _ in found[:shown]})
    sentences = [f"{offerings[pk]}: {twice} USD per million tokens; the first is taken." for pk, twice in found[:shown]]
    if len(found) > shown:
        more = len(found) - shown
        sentences.append(f"{more} more {'is' if more == 1 else 'are'} given twice; the first is taken.")
    return sentences


def _wanted(reading: _Reading, record: Record) -> list[_Wanted]:
    wanted: list[_Wanted] = []
    for price in record.observations:
        if isinstance(price, PriceObservation):
            spans = reading.aliases.spans(
                record.namespace(reading.feed.slug),
                record.raw_name,
                since=price.effective_from,
                until=price.effective_to,
                at=reading.time.now,
            )
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
            usd = item.price.usd_per_mtok
            line = Line.of(offering_id, item.price)
            is_known = book.knows(line, item.price)
            last = None if is_known else book.last_value(line, item.price)
            compared += is_known or last is not None
            reason = "" if is_known else gates.doubt(usd, last=last)
            if not is_known and not reason and position in inverted:
                reason = "Input would be dearer than output; the two may be swapped."
            if last is not None and usd is not None:
                jumps += gates.is_jump(usd, last=last)
            if reason and not held.is_accepted(
                change := Change.of(item.record.external_key, describe(item.price), usd)
            ):
                held.hold(change, reason=reason, last=last, about={"offering": key._asdict()}, said=item.price)
                book.spare([offering_id])
            else:
                accepted.append((line, item.price))
        if progress and (done % 50 == 0 or done == len(by_offering)):
            progress(done, len(by_offering))
    gates.check_jumps(jumps, compared)
    for line, price in accepted:
        book.record(line, price)


def _apply_scores(reading: _Reading, resolved: set[str], outcome: Outcome) -> int:
    book = ScoreBook(reading.feed.source, reading.time, reading.parsed.benchmarks)
    found = [
        (record, version, score)
        for record in reading.parsed.records
        for score in record.observations
        if isinstance(score, ScoreObservation) and (version := reading.version_of(record, _start_of(score))) is not None
    ]
    book.know_organizations({score.measured_by for _, _, score in found})
    keyed = [(record, book.key(version, score), score) for record, version, score in found]
    # A feed may list one model twice under one setting. While one of its results stands, the other is no revision of
    # it; taken as one, the two would replace each other at every reading.
    standing = {key for _, key, score in keyed if book.confirms(key, score)}
    for record, key, score in keyed:
        resolved.add(record.external_key)
        if key in standing:
            book.contradictions += score.value != book.last_value(key)
            continue
        change = Change.of(record.external_key, f"score on {score.benchmark}", score.value)
        if (reason := book.doubt(key, score)) and not reading.held.is_accepted(change):
            last = book.last_value(key)
            reading.held.hold(change, reason=reason, last=last, about={"version": key.version_id}, said=score)
        else:
            book.record(key, score)
    if book.contradictions:
        outcome.remarks.append(
            f"{book.contradictions} scores differ from another of the same model, benchmark and setting in this file; "
            "the first is taken."
        )
    return book.write()


def _start_of(score: ScoreObservation) -> datetime | None:
    return datetime.combine(score.measured_on, time(0), UTC) if score.measured_on else None


def _apply_facts(reading: _Reading, resolved: set[str]) -> int:
    book = ClaimBook(reading.feed.source, reading.time)
    for record in reading.parsed.records:
        version = reading.version_of(record)
        for fact in record.observations:
            if version is not None and isinstance(fact, FactObservation):
                resolved.add(record.external_key)
                book.record(version, fact)
    return book.write()


def _apply_hardware(reading: _Reading, resolved: set[str]) -> int:
    """Fill what the catalog does not know about an accelerator; hold what it knows otherwise."""
    book = HardwareBook(reading.feed.source)
    for record in reading.parsed.records:
        for said in record.observations:
            if not isinstance(said, HardwareObservation) or not book.knows(said.hardware):
                continue
            resolved.add(record.external_key)
            for name, value in book.differences(said).items():
                last = book.value(said.hardware, name)
                change = Change(record.external_key, name, str(value)[:60])
                if last in (None, "") or reading.held.is_accepted(change):
                    if reading.time.is_newest:
                        book.record(said.hardware, name, value)
                else:
                    reason = f"The catalog has {last} for {name} of {said.hardware} and the feed {value}."
                    reading.held.hold(change, reason=reason, last=None, about={"hardware": said.hardware}, said=said)
    return book.write()


def _apply_hardware_prices(reading: _Reading, resolved: set[str]) -> int:
    book = HardwarePriceBook(reading.feed.source, reading.time)
    for record in reading.parsed.records:
        for price in record.observations:
            if isinstance(price, HardwarePriceObservation) and book.knows(price.hardware):
                resolved.add(record.external_key)
                book.record(record.provider.name if record.provider else "", price)
    return book.write()


def _apply_ends_of_sale(reading: _Reading) -> int:
    """Hold the days on which offerings end, until a person has agreed."""
    found = [
        (record, offering_key(record, version), said)
        for record in reading.parsed.records
        for said in record.observations
        if isinstance(said, EndOfSaleObservation) and (version := reading.version_of(record)) is not None
    ]
    book = SalesBook(reading.feed.source, (key for _, key, _ in found))
    for record, key, said in found:
        if not (reason := book.doubt(key, said.on)):
            continue
        change = Change(record.external_key, END_OF_SALE, said.on.isoformat())
        if not reading.held.is_accepted(change):
            reading.held.hold(change, reason=reason, last=None, about={"offering": key._asdict()}, said=said)
        elif reading.time.is_newest:
            book.record(key, said.on)
    return book.write()
