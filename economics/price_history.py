"""Which of the dated, conditional prices of an offering holds on a day."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from economics._checks import count, day, exact
from economics.errors import InvalidArgument

_DAY = timedelta(days=1)

# What has a price per token. A record may carry these side by side instead of in a mapping ``components``.
COMPONENTS = ("input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DatedPrice(Mapping[str, Decimal | None]):
    """The prices in force at one moment: a mapping of component to USD per million tokens (None: not known).

    effective_from, effective_to   the period of the record (from inclusive, to exclusive); None: not known, open
    conflict                       another record of the same conditions claims the same moment
    row                            the record as it was handed in
    """

    components: Mapping[str, Decimal | None]
    effective_from: datetime | None
    effective_to: datetime | None
    conflict: bool
    row: Any

    def __getitem__(self, component: str) -> Decimal | None:
        return self.components[component]

    def __iter__(self) -> Iterator[str]:
        return iter(self.components)

    def __len__(self) -> int:
        return len(self.components)


def price_as_of(
    *,
    history: Iterable[Any],
    on: date | datetime | str,
    input_tokens: int = 0,
    service_class: str = "standard",
    region: str | None = None,
) -> DatedPrice | None:
    """Return the price in force ``on`` a day or at a moment, or None when no record says.

    ``history``: records as mappings or objects with
        effective_from, effective_to   date, aware datetime, or either as ISO text (so may ``on`` be); a date means
                                       00:00 UTC. From is inclusive, to exclusive;
                                       to None: still open. From None: start unknown; such a record is used only where
                                       no record with a known start holds, and makes no conflict.
        components                     mapping of component to USD per million tokens, None for unknown; a mapping
                                       without it may hold input, output, ... itself
      and, each optional, its conditions:
        min_input_tokens               smallest prompt it holds for (200_001 for "above 200K"); default 0
        service_class                  "standard" (default), "batch", "flex", "priority", ...
        utc_start, utc_end             hours of the day in UTC, start inclusive, end exclusive; may wrap midnight
        weekdays                       days on which it holds, Monday = 0, by the UTC day the window began
        region                         None: everywhere

    Among the records in force whose conditions hold, the most specific wins (context tier, then region, then hours);
    of equal ones the later effective_from. Overlapping equals are flagged as ``conflict``.

    The declared default of charts: an empty prompt, the standard class, no region. A plain date asks for the price of
    the day, so hours are not matched: a record without hours wins, else the one that holds for most of the week.

    :raises InvalidArgument: for a naive datetime, or a record that ends before it begins.
    """
    moment = _instant(on, name="on")
    clock = None if _is_day(on) else moment
    prompt = count(input_tokens, name="input_tokens")
    records = [_Record.read(row, index) for index, row in enumerate(history)]
    holding = [
        record
        for record in records
        if record.in_force(moment)
        and record.service_class == service_class
        and record.min_input_tokens <= prompt
        and record.region in (None, region)
        and (clock is None or record.open_at(clock))
    ]
    if not holding:
        return None
    chosen = max(holding, key=lambda record: record.rank(at_a_moment=clock is not None))
    rivals = [record for record in holding if record is not chosen and record.start is not None]
    return DatedPrice(
        components=chosen.components,
        effective_from=chosen.start,
        effective_to=chosen.end,
        conflict=chosen.start is not None and any(rival.conditions() == chosen.conditions() for rival in rivals),
        row=chosen.row,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    row: Any
    position: int
    start: datetime | None
    end: datetime | None
    components: dict[str, Decimal | None]
    min_input_tokens: int
    service_class: str
    hours: tuple[time, time] | None
    weekdays: frozenset[int] | None
    region: str | None

    @classmethod
    def read(cls, row: Any, position: int) -> "_Record":
        where = f"history[{position}]"
        start, end = (
            None if (value := _field(row, name)) is None else _instant(value, name=f"{where}.{name}")
            for name in ("effective_from", "effective_to")
        )
        if start is not None and end is not None and end <= start:
            raise InvalidArgument(f"{where}.effective_to is {end}, which is not after effective_from, {start}.")
        components = _field(row, "components")
        if components is None and isinstance(row, Mapping):
            components = {name: row[name] for name in COMPONENTS if name in row} or None
        if not isinstance(components, Mapping):
            raise InvalidArgument(f"{where}.components is {components!r}; give a mapping such as input to price.")
        weekdays = _field(row, "weekdays")
        return cls(
            row=row,
            position=position,
            start=start,
            end=end,
            components={
                key: None if value is None else exact(value, name=f"{where}.components[{key!r}]")
                for key, value in components.items()
            },
            min_input_tokens=count(_field(row, "min_input_tokens") or 0, name=f"{where}.min_input_tokens"),
            service_class=_field(row, "service_class") or "standard",
            hours=_window(_field(row, "utc_start"), _field(row, "utc_end"), where=where),
            weekdays=frozenset(weekdays) if weekdays else None,
            region=_field(row, "region") or None,
        )

    def in_force(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)

    def open_at(self, moment: datetime) -> bool:
        """Whether the hours and weekdays of the record cover the moment."""
        weekday, now = moment.weekday(), moment.time()
        if self.hours is not None:
            opens, closes = self.hours
            wraps = closes <= opens
            if not ((opens <= now or now < closes) if wraps else opens <= now < closes):
                return False
            if wraps and now < closes:
                weekday = (moment - _DAY).weekday()  # the window began the evening before
        return self.weekdays is None or weekday in self.weekdays

    def hours_per_week(self) -> float:
        days = 7 if self.weekdays is None else len(self.weekdays)
        if self.hours is None:
            return 24.0 * days
        opens, closes = (clock.hour + clock.minute / 60 + clock.second / 3600 for clock in self.hours)
        return ((closes - opens) % 24 or 24) * days

    def conditions(self) -> tuple[object, ...]:
        return self.min_input_tokens, self.service_class, self.hours, self.weekdays, self.region

    def rank(self, *, at_a_moment: bool) -> tuple[object, ...]:
        """Sort key, best last: at a moment the narrower window wins, for a whole day the one that covers more of it."""
        width = self.hours_per_week()
        return (
            self.start is not None,
            self.min_input_tokens,
            self.region is not None,
            -width if at_a_moment else width,
            self.start or datetime.min.replace(tzinfo=UTC),
            self.position,
        )


def _field(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


def _is_day(value: object) -> bool:
    """Whether the value names a whole day and no time within it."""
    if isinstance(value, str):
        return len(value) <= len("2025-02-08")
    return isinstance(value, date) and not isinstance(value, datetime)


def _instant(value: object, *, name: str) -> datetime:
    if _is_day(value):
        return datetime.combine(day(value, name=name), time.min, tzinfo=UTC)
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidArgument(f"{name} is {value!r}, a datetime without a time zone; give an aware one.")
        return value.astimezone(UTC)
    raise InvalidArgument(f"{name} is {value!r}; give a date or an aware datetime.")


def _window(opens: time | None, closes: time | None, *, where: str) -> tuple[time, time] | None:
    if opens is None and closes is None:
        return None
    if not isinstance(opens, time) or not isinstance(closes, time):
        raise InvalidArgument(f"{where} has utc_start {opens!r} and utc_end {closes!r}; give both times or neither.")
    return opens, closes
