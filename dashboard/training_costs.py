"""One training run priced in four ways, side by side: they answer different questions and differ many times over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median_low
from urllib.parse import urlencode

from catalog.models import Hardware, HardwarePrice, Source
from dashboard import formats
from dashboard.errors import BadParameter
from dashboard.frontier_row import unique
from dashboard.ledger import Ledger
from dashboard.query import parse_amount
from economics.hardware_assumptions import average_power_fraction, power_usage_effectiveness, server_power_factor
from economics.hardware_cost import DAYS_PER_YEAR, acquisition_cost, amortised_cost

# Assumptions, not facts: the page calls them so and lets the reader change each.
FIELDS = (
    ("server_price", "Price of one chip with its share of the server, US$", Decimal(40_000), Decimal(10_000_000)),
    ("usd_per_kwh", "Electricity, US$ per kWh", Decimal("0.10"), Decimal(100)),
    ("owned_years", "Years the chips were owned before the run", Decimal(0), Decimal(20)),
)


@dataclass(frozen=True, slots=True)
class OwnershipAssumptions:
    """What owning the chips is taken to cost: USD per chip, USD per kWh, years."""

    server_price: Decimal = FIELDS[0][2]
    usd_per_kwh: Decimal = FIELDS[1][2]
    owned_years: Decimal = FIELDS[2][2]

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> tuple["OwnershipAssumptions", list[str]]:
        """The assumptions of a query string, and a sentence for each value that could not be read."""
        read, notices = {}, []
        for name, _, default, most in FIELDS:
            text = values.get(name, "").strip()
            try:
                read[name] = parse_amount(name, text, most=most, example=f"{default:f}") if text else default
            except BadParameter as error:
                read[name] = default
                notices.append(f"{error.message} {default:f} is used instead.")
        return cls(**read), notices

    @property
    def fields(self) -> list[tuple[str, str, str, Decimal]]:
        """Name, label, present value and greatest value of each."""
        return [(name, label, f"{getattr(self, name):f}", most) for name, label, _, most in FIELDS]

    @property
    def parameters(self) -> str:
        """The query string's part, defaults left out."""
        changed = {name: f"{getattr(self, name):f}" for name, _, value, _ in FIELDS if getattr(self, name) != value}
        return urlencode(changed)


@dataclass(frozen=True, slots=True)
class CostLine:
    """``inputs`` says what went in, or what is missing where ``usd`` is None."""

    title: str
    usd: Decimal | None
    meaning: str
    inputs: str
    sources: tuple[Source, ...] = ()


def cloud_quotes() -> dict[int, list[HardwarePrice]]:
    """On-demand list prices of an hour, by chip, the newest first. One query."""
    found: dict[int, list[HardwarePrice]] = {}
    quotes = HardwarePrice.objects.filter(terms=HardwarePrice.Terms.ON_DEMAND).select_related("source")
    for quote in quotes.order_by("hardware", "-quoted_on", "provider", "pk"):
        found.setdefault(quote.hardware_id, []).append(quote)
    return found


def cost_lines(
    ledger: Ledger, assumed: OwnershipAssumptions, quotes: Mapping[int, Sequence[HardwarePrice]]
) -> list[CostLine]:
    """The four costs of a run. An input that nobody states makes its line unknown, never zero."""
    chips = {line.phase.hardware for line in ledger.lines if line.phase.hardware}
    chip = next(iter(chips)) if len(chips) == 1 else None
    hours = ledger.gpu_hours
    count = max((line.phase.gpus for line in ledger.lines if line.phase.gpus), default=None)
    known_hours = f"{formats.short(hours)} GPU-hours" if hours is not None else "GPU-hours unknown"
    one_chip = "" if chip else "; the type of chip is unknown" if not chips else "; several types of chip"
    return [
        CostLine(
            "Rent",
            ledger.usd,
            "What the same hours would cost at the rent above. How developers usually state it.",
            f"{known_hours} × {formats.usd(ledger.usd_per_gpu_hour)}",
        ),
        _amortised(ledger, assumed, chip, known_hours + one_chip),
        CostLine(
            "Buying the cluster",
            acquisition_cost(chips=count, server_price_per_chip=assumed.server_price),
            "The bill for all chips, servers and network. One run uses up a part of it; the cluster goes on to others.",
            f"{count:,} chips × {formats.usd(assumed.server_price)} (assumed), network 19% of the whole"
            if count
            else "the number of chips is unknown",
        ),
        _cloud(hours, quotes.get(chip.pk, []) if chip else [], known_hours + one_chip),
    ]


def _amortised(ledger: Ledger, assumed: OwnershipAssumptions, chip: Hardware | None, known: str) -> CostLine:
    meaning = "What the owner of the chips loses on them during the run, with the network and the electricity."
    if chip is None or not chip.tdp_w or ledger.gpu_hours is None:
        why = known if chip is None or ledger.gpu_hours is None else f"{known}; the power of the chip is unknown"
        return CostLine("Amortised hardware and energy", None, meaning, why)
    # Only the time between the two days matters, so any day of purchase will do.
    bought = date(2020, 1, 1)
    started = bought + timedelta(days=round(assumed.owned_years * DAYS_PER_YEAR))
    cost = amortised_cost(
        server_price_per_chip=assumed.server_price,
        acquired_on=bought,
        started_on=started,
        chip_hours=ledger.gpu_hours,
        chip_tdp_w=chip.tdp_w,
        chip_to_server_power=server_power_factor(chip=chip.name),
        tdp_fraction=average_power_fraction(chip=chip.name),
        pue=power_usage_effectiveness(organization=ledger.run.version.model.developer.name),
        usd_per_kwh=assumed.usd_per_kwh,
    )
    if cost is None:
        return CostLine("Amortised hardware and energy", None, meaning, known)
    return CostLine(
        "Amortised hardware and energy",
        cost.total,
        meaning,
        f"{known}; hardware {formats.usd_short(cost.hardware)}, network {formats.usd_short(cost.interconnect)}, energy "
        f"{formats.usd_short(cost.energy)} at {formats.usd(assumed.server_price)} a chip and "
        f"{formats.usd(assumed.usd_per_kwh)} per kWh (both assumed), {chip.tdp_w:,.0f} W",
    )


def _cloud(hours: float | None, quotes: Sequence[HardwarePrice], known: str) -> CostLine:
    meaning = "The same hours at what clouds ask without a contract: the lower middle one of their list prices."
    if hours is None or not quotes:
        why = known if hours is None else f"{known}; no on-demand price of this chip is known"
        return CostLine("Cloud list price", None, meaning, why)
    rents = [quote.usd_per_gpu_hour for quote in quotes]
    middle = median_low(rents)
    return CostLine(
        "Cloud list price",
        Decimal(repr(hours)) * middle,
        meaning,
        f"{known} × {formats.usd(middle)}; {formats.plural(len(rents), 'quote')}, {formats.usd(min(rents))} to "
        f"{formats.usd(max(rents))}",
        tuple(unique(quote.source for quote in quotes)),
    )
