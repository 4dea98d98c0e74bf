"""One training run priced in four ways, side by side: they answer different questions and differ many times over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median_low

from django.db.models import F

from catalog.models import Hardware, HardwarePrice, ReferencePrice, Source
from dashboard import formats
from dashboard.errors import BadParameter
from dashboard.frontier_row import unique
from dashboard.ledger import Ledger
from dashboard.query import parse_amount
from economics.hardware_assumptions import average_power_fraction, power_usage_effectiveness, server_power_factor
from economics.hardware_cost import DAYS_PER_YEAR, acquisition_cost, amortised_cost

# What counts where nobody's price is known. The page calls these assumed.
ASSUMED_SERVER_USD = Decimal(40_000)
ASSUMED_USD_PER_KWH = Decimal("0.10")

# Name, label, greatest value, example. Empty fields: see Market.
FIELDS = (
    ("server_price", "Price of one chip with its share of the server, US$", Decimal(10_000_000), "40000"),
    ("usd_per_kwh", "Electricity, US$ per kWh", Decimal(100), "0.10"),
    ("owned_years", "Years the chips were owned before the run", Decimal(20), "0"),
)


@dataclass(frozen=True, slots=True)
class OwnershipAssumptions:
    """What owning the chips is taken to cost: USD per chip, USD per kWh, years. None: as the market has it."""

    server_price: Decimal | None = None
    usd_per_kwh: Decimal | None = None
    owned_years: Decimal = Decimal(0)

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> tuple["OwnershipAssumptions", list[BadParameter]]:
        """The assumptions of a query string, and an error for each value that could not be read."""
        read: dict[str, Decimal] = {}
        errors = []
        for name, _, most, example in FIELDS:
            text = values.get(name, "").strip()
            try:
                if text:
                    read[name] = parse_amount(name, text, most=most, example=example)
            except BadParameter as error:
                errors.append(error)
        return cls(**read), errors

    @property
    def parameters(self) -> dict[str, str]:
        """The query string's part, defaults left out."""
        names = [name for name, *_ in FIELDS if getattr(self, name) != getattr(AS_THE_MARKET, name)]
        return {name: f"{getattr(self, name).normalize():f}" for name in names}


AS_THE_MARKET = OwnershipAssumptions()


@dataclass(frozen=True, slots=True)
class Rate:
    """One number that a cost is worked out from, and whose it is: a quote with source and day, yours, or assumed."""

    usd: Decimal
    text: str
    words: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """Known prices: rents and servers by chip, and electricity. Two queries."""

    rents: Mapping[int, Sequence[HardwarePrice]]
    servers: Mapping[int, Sequence[ReferencePrice]]
    power: ReferencePrice | None

    def server(self, assumed: OwnershipAssumptions, chip: Hardware | None) -> Rate:
        """USD of one chip with its share of the server: the reader's, else the lower middle quote of the chip."""
        if assumed.server_price is not None:
            return Rate(assumed.server_price, formats.usd(assumed.server_price), "your figure")
        quotes = sorted(self.servers.get(chip.pk, []) if chip else [], key=lambda quote: quote.usd)
        if not quotes:
            return Rate(ASSUMED_SERVER_USD, formats.usd(ASSUMED_SERVER_USD), "assumed: no price of this chip is known")
        middle = quotes[(len(quotes) - 1) // 2]
        words = f"{middle.what}, {formats.day(middle.quoted_on)}"
        if len(quotes) > 1:
            low, high = formats.usd(quotes[0].usd), formats.usd(quotes[-1].usd)
            words += f"; {formats.plural(len(quotes), 'quote')}, {low} to {high}"
        return Rate(middle.usd, formats.usd(middle.usd), words, middle.source)

    def electricity(self, assumed: OwnershipAssumptions) -> Rate:
        """USD per kWh: the reader's, else the newest official price."""
        if assumed.usd_per_kwh is not None:
            return Rate(assumed.usd_per_kwh, _per_kwh(assumed.usd_per_kwh), "your figure")
        if self.power is None:
            return Rate(ASSUMED_USD_PER_KWH, _per_kwh(ASSUMED_USD_PER_KWH), "assumed: no price of electricity is known")
        return Rate(self.power.usd, _per_kwh(self.power.usd), self.power.what, self.power.source)


def market() -> Market:
    """On-demand rents, servers' prices, and the newest price of electricity."""
    rents: dict[int, list[HardwarePrice]] = {}
    quotes = HardwarePrice.objects.filter(terms=HardwarePrice.Terms.ON_DEMAND).select_related("source")
    for quote in quotes.order_by("hardware", F("quoted_on").desc(nulls_last=True), "provider", "pk"):
        rents.setdefault(quote.hardware_id, []).append(quote)
    servers: dict[int, list[ReferencePrice]] = {}
    power = None
    for price in ReferencePrice.objects.select_related("source").order_by(F("quoted_on").asc(nulls_first=True), "pk"):
        if price.kind == ReferencePrice.Kind.ELECTRICITY:
            power = price
        elif price.hardware_id is not None:
            servers.setdefault(price.hardware_id, []).append(price)
    return Market(rents, servers, power)


def _per_kwh(usd: Decimal) -> str:
    """All decimals, since a price of power has more than one of money: $0.0862, $0.10."""
    text = f"{usd.normalize():f}"
    return f"${text}" if len(text.partition(".")[2]) > 2 else f"${usd:.2f}"


@dataclass(frozen=True, slots=True)
class CostLine:
    """``inputs`` says what went in, or what is missing where ``usd`` is None. ``hours``: it is these times the rent."""

    method: str
    title: str
    usd: Decimal | None
    meaning: str
    inputs: str
    sources: tuple[Source, ...] = ()
    hours: float | None = None


def chip_of(ledger: Ledger) -> Hardware | None:
    """The type of chip, where the run has one and only one."""
    chips = {line.phase.hardware for line in ledger.lines if line.phase.hardware}
    return next(iter(chips)) if len(chips) == 1 else None


def cost_lines(ledger: Ledger, assumed: OwnershipAssumptions, known: Market) -> list[CostLine]:
    """The four costs of a run. An input that nobody states makes its line unknown, never zero."""
    chip, hours = chip_of(ledger), ledger.gpu_hours
    counted = f"{formats.short(hours)} GPU-hours" if hours is not None else "GPU-hours unknown"
    if chip is None:
        counted_by_chip = f"{counted}; {'several types of chip' if ledger.chips else 'the type of chip is unknown'}"
    else:
        counted_by_chip = counted
    return [
        CostLine(
            "rent",
            "Rent",
            ledger.usd,
            "What the same hours would cost at the rent above. How developers usually state it.",
            f"{counted} × {formats.usd(ledger.usd_per_gpu_hour)}",
            hours=hours,
        ),
        _amortised(ledger, assumed, chip, counted_by_chip, known),
        _acquisition(ledger, assumed, chip, known),
        _cloud(hours, known.rents.get(chip.pk, []) if chip else [], counted_by_chip),
    ]


def _acquisition(ledger: Ledger, assumed: OwnershipAssumptions, chip: Hardware | None, known: Market) -> CostLine:
    count = max((line.phase.gpus for line in ledger.lines if line.phase.gpus), default=None)
    rate = known.server(assumed, chip)
    return CostLine(
        "acquisition",
        "Buying the cluster",
        acquisition_cost(chips=count, server_price_per_chip=rate.usd),
        "The bill for all chips, servers and network. One run uses up a part of it; the cluster goes on to others.",
        f"{count:,} chips × {rate.text} ({rate.words}), network 19% of the whole"
        if count
        else "the number of chips is unknown",
        (rate.source,) if count and rate.source else (),
    )


def _amortised(
    ledger: Ledger, assumed: OwnershipAssumptions, chip: Hardware | None, counted: str, known: Market
) -> CostLine:
    title = "Amortised hardware and energy"
    meaning = "What the owner of the chips loses on them during the run, with the network and the electricity."
    if chip is None or not chip.tdp_w or ledger.gpu_hours is None:
        why = counted if chip is None or ledger.gpu_hours is None else f"{counted}; the power of the chip is unknown"
        return CostLine("amortised", title, None, meaning, why)
    server, power = known.server(assumed, chip), known.electricity(assumed)
    # Only the time between the two days matters, so any day of purchase will do.
    bought = date(2020, 1, 1)
    cost = amortised_cost(
        server_price_per_chip=server.usd,
        acquired_on=bought,
        started_on=bought + timedelta(days=round(assumed.owned_years * DAYS_PER_YEAR)),
        chip_hours=ledger.gpu_hours,
        chip_tdp_w=chip.tdp_w,
        chip_to_server_power=server_power_factor(chip=chip.name),
        tdp_fraction=average_power_fraction(chip=chip.name),
        pue=power_usage_effectiveness(organization=ledger.run.version.model.developer.name),
        usd_per_kwh=power.usd,
    )
    if cost is None:
        return CostLine("amortised", title, None, meaning, counted)
    return CostLine(
        "amortised",
        title,
        cost.total,
        meaning,
        f"{counted}; hardware {formats.usd_short(cost.hardware)}, network {formats.usd_short(cost.interconnect)}, "
        f"energy {formats.usd_short(cost.energy)} at {server.text} a chip ({server.words}) and {power.text} per kWh "
        f"({power.words}), {chip.tdp_w:,.0f} W",
        tuple(unique(rate.source for rate in (server, power) if rate.source)),
    )


def _cloud(hours: float | None, quotes: Sequence[HardwarePrice], counted: str) -> CostLine:
    title = "Cloud list price"
    meaning = "The same hours at what clouds ask without a contract: the lower middle one of their list prices."
    if hours is None or not quotes:
        why = counted if hours is None else f"{counted}; no on-demand price of this chip is known"
        return CostLine("cloud", title, None, meaning, why)
    rents = [quote.usd_per_gpu_hour for quote in quotes]
    middle = median_low(rents)
    return CostLine(
        "cloud",
        title,
        Decimal(repr(hours)) * middle,
        meaning,
        f"{counted} × {formats.usd(middle)}; {formats.plural(len(rents), 'quote')}, {formats.usd(min(rents))} to "
        f"{formats.usd(max(rents))}",
        tuple(unique(quote.source for quote in quotes)),
    )
