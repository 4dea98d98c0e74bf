"""Which price holds for whom on a day, and one price per version."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal, NamedTuple

from django.db.models import F, Q, QuerySet

from catalog.models import Offering, Price, Source
from catalog.selectors.keyed import by_key
from catalog.selectors.price_periods import BEGINNING, began_by, begins, is_at_the_same_time, latest_period
from catalog.selectors.sales import EndOfSale, day_words, end_of_sale, is_listed
from economics.prices import blended_price

PricePolicy = Literal["first_party", "cheapest", "median"]


@dataclass(frozen=True, slots=True)
class PriceInForce:
    """The price of one component of one offering, with the row and the source that say so."""

    component: str
    usd_per_mtok: Decimal | None
    price_id: int
    source: Source
    effective_from: datetime | None
    effective_to: datetime | None
    observed_from: datetime | None
    last_seen: datetime | None
    confidence: str
    note: str
    absent_since: datetime | None = None

    @property
    def is_since_sight(self) -> bool:
        """Nobody states when it began: it was first seen on ``observed_from``, and may be older."""
        return self.effective_from is None

    @property
    def read_at(self) -> datetime | None:
        """When it was last read at its source."""
        return self.last_seen or self.observed_from or self.source.retrieved_at


@dataclass(frozen=True, slots=True)
class OfferingPrice:
    """What one provider asks for one version.

    ``conflicts`` counts the components of which another source states another price at the same time. ``ended``: it is
    not sold any more, and these are its last prices.
    """

    offering: Offering
    components: dict[str, PriceInForce]
    conflicts: int
    ended: EndOfSale | None = None

    @property
    def known_since(self) -> datetime:
        """The latest day on which one of its prices began or was first seen."""
        return max(begins(price) or BEGINNING for price in self.components.values())


@dataclass(frozen=True, slots=True)
class VersionPrice:
    """One price for one version, USD per Mtok of the mix. ``policy_note`` says whose it is.

    ``ended``: nobody sells it any more, since the last of its sales ended so; the price is then the last known one.
    """

    usd_per_mtok: Decimal | None
    assumed: tuple[str, ...]
    provider: str
    offering_price: OfferingPrice | None
    policy_note: str
    ended: EndOfSale | None = None

    @property
    def sources(self) -> list[Source]:
        """Where its components were read, each once; none for a median over providers."""
        components = self.offering_price.components if self.offering_price else {}
        return list({found.source.pk: found.source for found in components.values()}.values())


# The blended price of one offering, the components it assumes, and the offering.
Entry = tuple[Decimal, tuple[str, ...], OfferingPrice]


class PriceRow(NamedTuple):
    """The columns of a price row that decide whether and for how long it holds."""

    id: int
    offering_id: int
    component: str
    usd_per_mtok: Decimal | None
    min_input_tokens: int
    utc_from: time | None
    utc_to: time | None
    weekdays: str
    effective_from: datetime | None
    effective_to: datetime | None
    observed_from: datetime | None
    last_seen: datetime | None
    absent_since: datetime | None
    source_id: int
    confidence: str
    note: str

    @property
    def start(self) -> tuple[bool, datetime]:
        """Sort key: a stated start beats a first observation of the same source; then the later one."""
        return self.effective_from is not None, self.effective_from or self.observed_from or BEGINNING

    @property
    def is_conditional(self) -> bool:
        return self.utc_from is not None or bool(self.weekdays)

    def holds_at(self, moment: datetime) -> bool:
        """Whether a moment is in its hours and on its days. A window past midnight belongs to the day it begins on."""
        clock, day = moment.time(), moment.isoweekday()
        if self.utc_from is not None and self.utc_to is not None:
            if self.utc_from < self.utc_to:
                inside = self.utc_from <= clock < self.utc_to
            else:
                inside = clock >= self.utc_from or clock < self.utc_to
                day = (day - 2) % 7 + 1 if clock < self.utc_to else day
            if not inside:
                return False
        return not self.weekdays or str(day) in self.weekdays


def prices_in_force(
    *,
    as_of: date | datetime,
    version_ids: Collection[int] | None = None,
    service_class: str = "standard",
    input_tokens: int = 0,
    clock: datetime | None = None,
    with_retired: bool = False,
) -> dict[int, list[OfferingPrice]]:
    """List prices in force at 00:00 UTC of a day (or at a moment), by version id.

    A stated period holds from its start (inclusive) to its end (exclusive); where only the end is stated,
    :mod:`catalog.selectors.price_periods` says from when. A price that was only seen holds from the first sight on,
    until the same source shows another: nobody announces that nothing changed. A row without any date is history, not a
    price in force; an announced price is neither until it is seen. Where a source prices hours of the day only, the
    dearest hours are the list price: a discount is not assumed; with ``clock``, the hours of that moment (UTC) count.
    Of several sources one that still lists its price is shown, of those the lowest rank, then the newest;
    ``conflicts`` counts the components on which another differs at the same time.

    What its source stopped listing is there at its last price, with ``ended`` (:mod:`catalog.selectors.sales`).
    ``with_retired``: so are offerings that their provider retired by then.
    """
    moment = _moment(as_of)
    rows = _rows_in_force(
        moment,
        version_ids=version_ids,
        service_class=service_class,
        input_tokens=input_tokens,
        with_retired=with_retired,
    )
    by_component: defaultdict[tuple[int, str], list[PriceRow]] = defaultdict(list)
    # Not in the usual order, which joins four tables.
    rows = rows.order_by("offering", "component", "-effective_from", "-observed_from")
    for row in map(PriceRow._make, rows.values_list(*PriceRow._fields)):
        by_component[row.offering_id, row.component].append(row)
    sources = by_key(Source.objects.all(), (row.source_id for found in by_component.values() for row in found))
    joined = Offering.objects.select_related("provider", "version__model__developer", "source")
    offerings = by_key(joined, (offering_id for offering_id, _ in by_component))

    components: defaultdict[int, dict[str, PriceInForce]] = defaultdict(dict)
    conflicts: defaultdict[int, int] = defaultdict(int)
    for (offering_id, component), candidates in by_component.items():
        chosen, disagrees = choose(candidates, sources, moment=moment, clock=clock)
        components[offering_id][component] = in_force(chosen, sources)
        conflicts[offering_id] += disagrees
    found: defaultdict[int, list[OfferingPrice]] = defaultdict(list)
    for offering in sorted(offerings.values(), key=lambda each: (each.provider.name, each.provider_model_id, each.pk)):
        prices = components[offering.pk]
        ended = end_of_sale(offering, prices, moment)
        price = OfferingPrice(offering, prices, conflicts[offering.pk], ended)
        found[offering.version_id].append(price)
    return dict(found)


def components_in_force(*, as_of: date, version_ids: Collection[int] | None = None) -> list[tuple[int, int, str]]:
    """Which components :func:`prices_in_force` has, as (version id, offering id, component), without their prices.

    In the order of models, versions and providers. Two queries and no objects: for those who need a part of them.
    """
    rows = _rows_in_force(_moment(as_of), version_ids=version_ids)
    components: defaultdict[int, list[str]] = defaultdict(list)
    for offering, component in rows.order_by().values_list("offering_id", "component").distinct():
        components[offering].append(component)
    offerings = Offering.objects.order_by().filter(**({} if version_ids is None else {"version_id__in": version_ids}))
    keys = offerings.values_list(
        "version__model__slug", "version__slug", "provider__name", "provider_model_id", "pk", "version_id"
    )
    return [
        (version, pk, component)
        for *_, pk, version in sorted(keys)
        if pk in components
        for component in sorted(components[pk])
    ]


def _moment(as_of: date | datetime) -> datetime:
    return as_of if isinstance(as_of, datetime) else datetime.combine(as_of, time.min, tzinfo=UTC)


def _rows_in_force(
    moment: datetime,
    *,
    version_ids: Collection[int] | None,
    service_class: str = "standard",
    input_tokens: int = 0,
    with_retired: bool = False,
) -> QuerySet[Price]:
    lasts = Q(effective_to__isnull=True) | Q(effective_to__gt=moment)
    on_sale = Q(offering__retired_on__isnull=True) | Q(offering__retired_on__gt=moment.date())
    if with_retired:
        # A stated price may end with the sale itself.
        lasts |= Q(offering__retired_on__lte=moment.date(), effective_to__gte=F("offering__retired_on"))
        on_sale = Q()
    rows = Price.objects.filter(
        began_by(moment) & lasts,
        on_sale,
        announced=False,
        service_class=service_class,
        min_input_tokens__lte=input_tokens,
        offering__region="",
    )
    return rows if version_ids is None else rows.filter(offering__version_id__in=version_ids)


def price_history(*, version_ids: Collection[int]) -> list[Price]:
    """Every price row of these versions, oldest first within offering and component; undated rows come first."""
    return list(
        Price.objects.filter(offering__version_id__in=version_ids)
        .select_related("offering__source", "offering__provider", "offering__version__model", "source")
        .order_by(
            "offering__version_id",
            "offering__provider__name",
            "offering_id",
            "component",
            F("effective_from").asc(nulls_first=True),
            F("observed_from").asc(nulls_first=True),
            "pk",
        )
    )


def version_price(
    offering_prices: Sequence[OfferingPrice], *, mix: Mapping[str, Decimal | int], policy: PricePolicy = "first_party"
) -> VersionPrice:
    """One price for a version, blended over ``mix`` (component to weight).

    ``first_party``: the developer's own, else the median over providers. ``median``: the lower middle one, so that
    somebody really asks it, of the providers with every price of the mix known; of all where nobody has. A provider
    with several offerings counts once, with the one whose price is newest.

    Only what is sold counts. Where nobody sells it any more the last known prices do, and ``ended`` says so.
    """
    sold = [each for each in offering_prices if each.ended is None]
    ends = [each.ended for each in offering_prices if each.ended is not None]
    found = _one_price(sold or offering_prices, mix=mix, policy=policy)
    if sold or not ends:
        return found
    last = max(ends, key=lambda end: end.on)
    of_price = found.offering_price.ended if found.offering_price else None
    note = f"last known price, until {day_words((of_price or last).on)}, {found.policy_note}"
    return replace(found, policy_note=note, ended=last)


def _one_price(
    offering_prices: Sequence[OfferingPrice], *, mix: Mapping[str, Decimal | int], policy: PricePolicy
) -> VersionPrice:
    priced: list[Entry] = []
    for each in offering_prices:
        blend = blended_price(price={name: p.usd_per_mtok for name, p in each.components.items()}, mix=mix)
        if blend.usd_per_mtok is not None:
            priced.append((blend.usd_per_mtok, blend.assumed, each))
    if not priced:
        return VersionPrice(None, (), "", None, "no provider has a price for this mix")

    by_provider: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in priced:
        by_provider[entry[2].offering.provider_id].append(entry)
    one_each = sorted((_newest(entries) for entries in by_provider.values()), key=lambda entry: entry[0])
    own = [entry for entry in one_each if entry[2].offering.is_first_party]
    many = f"{len(one_each)} provider{'s' if len(one_each) > 1 else ''}"
    if policy == "first_party" and own:
        usd, assumed, offering_price = own[0]
        note = "the developer's own price"
    elif policy == "cheapest":
        usd, assumed, offering_price = one_each[0]
        note = f"cheapest of {many}"
    else:
        (usd, assumed, offering_price), note = _middle(one_each)
    return VersionPrice(usd, assumed, offering_price.offering.provider.name, offering_price, note)


def _middle(one_each: Sequence[Entry]) -> tuple[Entry, str]:
    """The lower middle entry, with words for it. Known prices are not mixed with assumed ones."""
    known = [entry for entry in one_each if not entry[1]]
    pool = known or one_each
    middle = "median of" if len(pool) % 2 else "lower of the two middle prices of"
    note = f"{middle} {len(pool)} providers" if len(pool) > 1 else "the only provider"
    if not known:
        note += ", a price of the mix assumed"
    elif len(known) < len(one_each):
        note += f" with every price of the mix known, of {len(one_each)}"
    return pool[(len(pool) - 1) // 2], note


def _newest(entries: Iterable[Entry]) -> Entry:
    """A provider's standard speed, its newest price, the cheaper of two equally new."""
    return max(entries, key=lambda entry: (not entry[2].offering.speed_class, entry[2].known_since, -entry[0]))


def choose(
    candidates: Iterable[PriceRow], sources: Mapping[int, Source], *, moment: datetime, clock: datetime | None = None
) -> tuple[PriceRow, bool]:
    """The row to show, and whether sources disagree about it; ``clock`` as for :func:`of_one_source`."""
    by_source: defaultdict[int, list[PriceRow]] = defaultdict(list)
    for row in candidates:
        by_source[row.source_id].append(row)
    said = [of_one_source(rows, moment=moment, clock=clock) for rows in by_source.values()]
    if len(said) == 1:
        return said[0], False
    listed = [row for row in said if is_listed(row.absent_since, moment)] or said
    newest_first = sorted(listed, key=lambda row: row.start, reverse=True)
    return min(newest_first, key=lambda row: sources[row.source_id].rank), disagree(said)


def disagree(said: Iterable[PriceRow]) -> bool:
    """Whether sources, one row of each, state different prices for the same time.

    A list price is exact: no digit of it is taken for rounding. A value that was seen months earlier was replaced, not
    contradicted.
    """
    return len({row.usd_per_mtok for row in at_the_same_time(said)}) > 1


def at_the_same_time(said: Iterable[PriceRow]) -> list[PriceRow]:
    """Known prices whose period meets that of the one read last."""
    known = [row for row in said if row.usd_per_mtok is not None]
    if not known:
        return []
    newest = max(known, key=lambda row: (*latest_period(row), row.id))
    return [row for row in known if is_at_the_same_time(row, newest)]


def of_one_source(rows: list[PriceRow], *, moment: datetime, clock: datetime | None = None) -> PriceRow:
    """The row that counts of those one source has for one component at one moment.

    Without ``clock`` the hours of the day do not matter: a price for all hours counts, else the dearest.
    """
    tier = max(row.min_input_tokens for row in rows)
    newest: dict[tuple[time | None, str], PriceRow] = {}
    for row in sorted(rows, key=lambda row: row.start):
        if row.min_input_tokens == tier:
            newest[row.utc_from, row.weekdays] = row
    listed = [row for row in newest.values() if is_listed(row.absent_since, moment)] or list(newest.values())
    if clock is not None and (now := [row for row in listed if row.is_conditional and row.holds_at(clock)]):
        return max(now, key=lambda row: -1 if row.usd_per_mtok is None else row.usd_per_mtok)
    if plain := [row for row in listed if not row.is_conditional]:
        return plain[0]
    return max(listed, key=lambda row: -1 if row.usd_per_mtok is None else row.usd_per_mtok)


def in_force(row: PriceRow, sources: Mapping[int, Source]) -> PriceInForce:
    """The row as readers get it."""
    return PriceInForce(
        component=row.component,
        usd_per_mtok=row.usd_per_mtok,
        price_id=row.id,
        source=sources[row.source_id],
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        observed_from=row.observed_from,
        last_seen=row.last_seen,
        confidence=row.confidence,
        note=row.note,
        absent_since=row.absent_since,
    )
