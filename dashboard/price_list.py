"""Prices over time as readers ask for them: one line per model, what changed, what is announced, what traffic costs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from catalog.models import Model, ModelVersion, Price
from catalog.selectors.price_timeline import (
    BASES,
    Basis,
    OfferingTimeline,
    PriceChange,
    announced_prices,
    price_changes,
    price_timelines,
)
from catalog.selectors.prices import OfferingPrice, VersionPrice, version_price
from catalog.selectors.sales import EndOfSale
from dashboard.query import DEFAULT_MIX, PRICE_POLICIES, Mix, choice, parse_day
from dashboard.workload import Workload
from economics.prices import RequestCost

MOST_LINES = 8
RECENT = timedelta(days=90)
# Two readings so close are one day and the next: the day of the second is the day of the change.
CLOSE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class PriceQuery:
    """What the price page is asked for. ``models`` empty: those whose price changed last. ``as_of`` None: today."""

    models: tuple[str, ...] = ()
    mix: Mix = DEFAULT_MIX
    as_of: date | None = None
    basis: Basis = "effective"
    price_policy: str = "first_party"

    @classmethod
    def parse(cls, values: Mapping[str, str], models: Sequence[str] = ()) -> "PriceQuery":
        """:raises BadParameter: naming the parameter."""
        given = {name: value.strip() for name, value in values.items() if value.strip()}
        return cls(
            models=tuple(dict.fromkeys(models))[:MOST_LINES],
            mix=Mix.parse(given["mix"]) if "mix" in given else DEFAULT_MIX,
            as_of=parse_day(given["as_of"]) if "as_of" in given else None,
            basis=choice("basis", given.get("basis", "effective"), BASES),  # type: ignore[arg-type]
            price_policy=choice("price_policy", given.get("price_policy", "first_party"), PRICE_POLICIES),
        )

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query string's content, defaults left out."""
        default = PriceQuery()
        values = [("model", slug) for slug in self.models]
        values += [("mix", self.mix.text)] if self.mix != default.mix else []
        values += [("as_of", self.as_of.isoformat())] if self.as_of else []
        values += [("basis", self.basis)] if self.basis != default.basis else []
        values += [("price_policy", self.price_policy)] if self.price_policy != default.price_policy else []
        return values


@dataclass(frozen=True, slots=True)
class Segment:
    """A time in which the model's blended price stood still. ``end`` None: still so."""

    start: datetime
    end: datetime | None
    usd_per_mtok: Decimal
    version: ModelVersion
    price: VersionPrice


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model over time, with what the visitor's traffic costs on it on the day asked for and today."""

    model: Model
    segments: list[Segment]
    then: RequestCost | None
    now: RequestCost | None
    price_then: VersionPrice | None
    price_now: VersionPrice | None
    ended: EndOfSale | None = None  # how the last sale ended by the day asked for

    @property
    def change(self) -> Decimal | None:
        """Cost today over cost then, less one."""
        if self.then is None or self.now is None or not self.then.total or self.now.total is None:
            return None
        return self.now.total / self.then.total - 1

    @property
    def shifts(self) -> list["Shift"]:
        """Where the line goes on with another version or another seller, so that its step is no change of a price."""
        return [Shift(before, after) for before, after in pairwise(self.segments) if _is_shift(before, after)]


@dataclass(frozen=True, slots=True)
class Shift:
    """Two neighbours on a model's line that are prices of different things."""

    before: Segment
    after: Segment

    @property
    def words(self) -> str:
        """What takes the place of what: "V4 Pro at DeepSeek instead of V4 Pro Preview at Fireworks"."""
        if self.before.version == self.after.version:
            return f"{self.after.price.provider} instead of {self.before.price.provider}"
        if self.before.price.provider == self.after.price.provider:
            return f"{self.after.version.name} instead of {self.before.version.name}"
        now, then = (f"{each.version.name} at {each.price.provider}" for each in (self.after, self.before))
        return f"{now} instead of {then}"


def _is_shift(before: Segment, after: Segment) -> bool:
    return (before.version, before.price.provider) != (after.version, after.price.provider)


@dataclass(frozen=True, slots=True)
class PriceList:
    query: PriceQuery
    day: date
    today: date
    lines: list[ModelLine]
    changes: list[PriceChange]
    announced: list[Price]
    without_sight: int
    first_day: date | None

    @property
    def is_past(self) -> bool:
        return self.day != self.today

    @property
    def end(self) -> datetime:
        """Where the lines end: what came after the day is not shown."""
        return midnight(self.day)


def price_list(query: PriceQuery, workload: Workload, *, today: date) -> PriceList:
    """Everything on the price page in a constant number of queries. Unknown model slugs have no line."""
    timelines = price_timelines(basis=query.basis)
    day = query.as_of or today
    horizon = midnight(day) + timedelta(days=1)
    by_model: defaultdict[str, list[OfferingTimeline]] = defaultdict(list)
    for each in timelines.values():
        for timeline in each:
            by_model[timeline.offering.version.model.slug].append(timeline)
    changes = [change for change in price_changes(_all(timelines)) if change.at < horizon]
    chosen = query.models or _last_changed(changes) or tuple(sorted(by_model))[:MOST_LINES]
    if query.models:
        changes = [change for change in changes if change.offering.version.model.slug in query.models]
    return PriceList(
        query=query,
        day=day,
        today=today,
        lines=[_line(by_model[slug], query, workload, day, today, horizon) for slug in chosen if slug in by_model],
        changes=changes,
        announced=[
            price
            for price in announced_prices(after=midnight(day))
            if (not query.models or price.offering.version.model.slug in query.models)
            and (day >= today or _was_announced(price, day))
        ],
        without_sight=Price.objects.filter(observed_from=None, announced=False).count()
        if query.basis == "observed"
        else 0,
        first_day=first_price_day(
            timeline for slug in (query.models or by_model) if slug in by_model for timeline in by_model[slug]
        ),
    )


def first_price_day(timelines: Iterable[OfferingTimeline]) -> date | None:
    """The first day on which any of them has a price; one that holds since always begins with the release.

    A day has the prices of its first moment, so one that begins in the course of a day is there on the next.
    """
    days = []
    for timeline in timelines:
        released = timeline.offering.version.released_on
        for period in timeline.periods[:1]:
            start = (period.start + timedelta(days=1, microseconds=-1)).date() if period.start else released
            days += [max(start, released) if released else start] if start else []
    return min(days, default=None)


def _was_announced(price: Price, day: date) -> bool:
    """Whether it was known by that day; where nobody noted when it was first seen, the day of its source counts."""
    if price.observed_from is None and price.source.published_on:
        return price.source.published_on <= day
    seen = price.observed_from or price.source.retrieved_at
    return seen is not None and seen.date() <= day


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def model_segments(
    timelines: Sequence[OfferingTimeline], *, mix: Mix, price_policy: str, until: datetime
) -> list[Segment]:
    """The blended price of a model over time: at every moment that of its newest version on sale.

    A price that holds since nobody knows when begins on the day its version was released; without that day it is left
    out until the next dated price.
    """
    versions = {timeline.offering.version_id: timeline.offering.version for timeline in timelines}
    moments = {midnight(version.released_on) for version in versions.values() if version.released_on}
    for timeline in timelines:
        for period in timeline.periods:
            moments |= {moment for moment in (period.start, period.end) if moment}
    segments: list[Segment] = []
    ordered = sorted(moment for moment in moments if moment < until)
    for position, moment in enumerate(ordered):
        end = ordered[position + 1] if position + 1 < len(ordered) else None
        found = price_at(timelines, moment, mix=mix, price_policy=price_policy)
        if found is None or found[1].usd_per_mtok is None:
            continue
        version, price = found
        last = segments[-1] if segments else None
        found_now = Segment(moment, end, price.usd_per_mtok, version, price)  # type: ignore[arg-type]
        same = last and last.end == moment and last.usd_per_mtok == found_now.usd_per_mtok
        if last and same and not _is_shift(last, found_now):
            segments[-1] = replace(last, end=end)
        else:
            segments.append(found_now)
    return segments


def price_at(
    timelines: Iterable[OfferingTimeline], moment: datetime, *, mix: Mix, price_policy: str
) -> tuple[ModelVersion, VersionPrice] | None:
    """The price of the newest version that was released and had one."""
    offers: defaultdict[int, list[OfferingPrice]] = defaultdict(list)
    versions: dict[int, ModelVersion] = {}
    for timeline in timelines:
        version = timeline.offering.version
        if version.released_on and midnight(version.released_on) > moment:
            continue
        price = timeline.at(moment)
        if price:
            offers[version.pk].append(price)
            versions[version.pk] = version
    for version in sorted(versions.values(), key=lambda each: (each.released_on or date.min, each.pk), reverse=True):
        found = version_price(offers[version.pk], mix=mix.weights, policy=price_policy)  # type: ignore[arg-type]
        if found.usd_per_mtok is not None:
            return version, found
    return None


@dataclass(frozen=True, slots=True)
class RecentChanges:
    """The changes since a moment. ``undated`` were met since then, but may have come long before."""

    dated: list[PriceChange]
    undated: list[PriceChange]

    @property
    def fell(self) -> int:
        return sum(_is_cut(change) for change in self.dated)

    @property
    def rose(self) -> int:
        return len(self.dated) - self.fell

    @property
    def largest_cut(self) -> PriceChange | None:
        cuts = [change for change in self.dated if change.share is not None and change.share < 0]
        return min(cuts, key=lambda change: (change.share or 0, change.offering.version.name), default=None)


def recent_changes(changes: Sequence[PriceChange], *, since: datetime) -> RecentChanges:
    """Changes since a moment: those that surely came since, and those of which only two readings are known.

    A change is surely recent when the seller states its day, or when the same source was read with the earlier price
    since then.
    """
    found = RecentChanges([], [])
    for change in changes:
        if change.at >= since:
            (found.dated if _is_surely_since(change, since) else found.undated).append(change)
    return found


def _is_surely_since(change: PriceChange, since: datetime) -> bool:
    if not change.is_observed_only:
        return True
    read = last_reading(change)
    return not change.is_across_sources and read is not None and read >= since


def last_reading(change: PriceChange) -> datetime | None:
    """When the earlier price was last read before the change; another source may go on stating it."""
    read = change.before.read_at
    return None if read is None else min(read, change.at)


def earlier_reading(change: PriceChange) -> date | None:
    """The day on which the earlier price was last read, where the change came some time after it.

    None where the day of the change is stated, or both readings are a day apart.
    """
    read = last_reading(change)
    if not change.is_observed_only or read is None or change.at - read < CLOSE:
        return None
    return read.date()


def _is_cut(change: PriceChange) -> bool:
    before, after = change.before.usd_per_mtok, change.after.usd_per_mtok
    return before is not None and after is not None and after < before


def _all(timelines: Mapping[int, list[OfferingTimeline]]) -> list[OfferingTimeline]:
    return [timeline for each in timelines.values() for timeline in each]


def _last_changed(changes: Sequence[PriceChange]) -> tuple[str, ...]:
    """Models whose own developer changed a price last, then the others."""
    own = [change.offering.version.model.slug for change in changes if change.offering.is_first_party]
    others = [change.offering.version.model.slug for change in changes]
    return tuple(dict.fromkeys([*own, *others]))[:6]


def _line(
    timelines: Sequence[OfferingTimeline],
    query: PriceQuery,
    workload: Workload,
    day: date,
    today: date,
    horizon: datetime,
) -> ModelLine:
    then, now = (
        price_at(timelines, midnight(each), mix=query.mix, price_policy=query.price_policy) for each in (day, today)
    )
    return ModelLine(
        model=timelines[0].offering.version.model,
        segments=model_segments(timelines, mix=query.mix, price_policy=query.price_policy, until=horizon),
        then=_cost(then, workload),
        now=_cost(now, workload),
        price_then=then[1] if then else None,
        price_now=now[1] if now else None,
        ended=max((end for each in timelines if (end := each.ended) and end.on <= day), default=None, key=_day_of),
    )


def _day_of(end: EndOfSale) -> date:
    return end.on


def _cost(found: tuple[ModelVersion, VersionPrice] | None, workload: Workload) -> RequestCost | None:
    offering_price = found[1].offering_price if found else None
    return workload.cost(offering_price.components) if offering_price else None
