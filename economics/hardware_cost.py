"""What the hardware of a training run cost its owner: amortised with energy, or bought outright.

The method of Cottier et al. 2024, "The rising costs of training frontier AI models", arXiv 2405.21015. It answers
another question than the rent of the same hours; show the variants side by side, they differ 3 to 20 times.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from economics._checks import Money, Number, day, exact, fraction
from economics.errors import InvalidArgument

DAYS_PER_YEAR = Decimal("365.25")
HOURS_PER_YEAR = Decimal(8766)
WATTS_PER_KILOWATT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AmortisedCost:
    """USD of the run in the money of the price index's target month; the parts add up to the total."""

    hardware: Decimal
    interconnect: Decimal
    energy: Decimal
    total: Decimal


def amortised_cost(
    *,
    server_price_per_chip: Money | None,
    acquired_on: date | str | None,
    started_on: date | str | None,
    chip_hours: Number | None,
    chip_tdp_w: Number | None,
    chip_to_server_power: Number | None,
    tdp_fraction: Number | None,
    pue: Number | None,
    usd_per_kwh: Money | None,
    depreciation_ooms_per_year: Number = 0.14,
    interconnect_fraction: Number = 0.19,
    price_index: Number | None = 1.0,
) -> AmortisedCost | None:
    """Return the value that the chips lost during the run, their share of the network, and the energy, in USD.

    value at start = server_price_per_chip x 10^(-depreciation x years since acquisition), years = days / 365.25;
                     a run never starts before the acquisition: an earlier started_on counts as that day
    hardware       = value at start x depreciation x ln(10) / 8766 x chip_hours
    interconnect   = hardware x interconnect_fraction / (1 - interconnect_fraction)
    energy         = chip_hours x TDP in kW x chip_to_server_power x tdp_fraction x pue x usd_per_kwh
    each           x price_index (target month / publication month)

    server_price_per_chip   USD: a bare chip's price times the server's share (A100 1.66, V100 1.69, P100 1.54,
                            else 1.64), or a server's price per chip as it is
    depreciation            orders of magnitude per year by which price-performance improves, so old chips lose value
    chip_to_server_power    server power over the chips' (H100 (10.2 / 8) / 0.7, A100 (6.5 / 8) / 0.4)
    tdp_fraction            average draw over rated, about 0.75; pue: power of the building over that of the servers,
                            1.1 in the largest centres, else 1.25

    One type of chip only. Dates may be ISO text. None when any input is unknown (None).
    :raises InvalidArgument: for fractions outside [0, 1], factors below 1 and negative amounts.
    """
    if (
        server_price_per_chip is None
        or acquired_on is None
        or started_on is None
        or chip_hours is None
        or chip_tdp_w is None
        or chip_to_server_power is None
        or tdp_fraction is None
        or pue is None
        or usd_per_kwh is None
        or price_index is None
    ):
        return None
    decay = exact(depreciation_ooms_per_year, name="depreciation_ooms_per_year")
    network = _network_share(interconnect_fraction)
    index = _positive(price_index, name="price_index")
    price = exact(server_price_per_chip, name="server_price_per_chip")
    acquired, started = day(acquired_on, name="acquired_on"), day(started_on, name="started_on")
    hours = exact(chip_hours, name="chip_hours")
    server_power = _at_least_one(chip_to_server_power, name="chip_to_server_power")
    fraction(tdp_fraction, name="tdp_fraction")
    draw = exact(tdp_fraction, name="tdp_fraction")
    building = _at_least_one(pue, name="pue")
    years = max((started - acquired).days, 0) / DAYS_PER_YEAR
    value_at_start = price * Decimal(10) ** (-decay * years)
    hardware = value_at_start * decay * Decimal(10).ln() / HOURS_PER_YEAR * hours * index
    interconnect = hardware * network / (1 - network)
    kilowatts = exact(chip_tdp_w, name="chip_tdp_w") / WATTS_PER_KILOWATT * server_power * draw * building
    energy = hours * kilowatts * exact(usd_per_kwh, name="usd_per_kwh") * index
    return AmortisedCost(
        hardware=hardware, interconnect=interconnect, energy=energy, total=hardware + interconnect + energy
    )


def acquisition_cost(
    *,
    chips: Number | None,
    server_price_per_chip: Money | None,
    interconnect_fraction: Number = 0.19,
    price_index: Number | None = 1.0,
) -> Decimal | None:
    """Return the USD to buy the cluster: chips x server_price_per_chip / (1 - interconnect_fraction) x price_index.

    The whole purchase, of which one run uses up a part: not comparable with a run's rent. Unknown in, unknown out.
    """
    network = _network_share(interconnect_fraction)
    if chips is None or server_price_per_chip is None or price_index is None:
        return None
    index = _positive(price_index, name="price_index")
    price = exact(server_price_per_chip, name="server_price_per_chip")
    return exact(chips, name="chips") * price / (1 - network) * index


def _network_share(value: Number) -> Decimal:
    share = exact(value, name="interconnect_fraction")
    fraction(share, name="interconnect_fraction")
    if share == 1:
        raise InvalidArgument(f"interconnect_fraction is {value!r}; some of the cluster must be chips.")
    return share


def _positive(value: Number, *, name: str) -> Decimal:
    amount = exact(value, name=name)
    if amount == 0:
        raise InvalidArgument(f"{name} is {value!r}; it must be above 0.")
    return amount


def _at_least_one(value: Number, *, name: str) -> Decimal:
    factor = exact(value, name=name)
    if factor < 1:
        raise InvalidArgument(f"{name} is {value!r}; it is a factor of at least 1.")
    return factor
