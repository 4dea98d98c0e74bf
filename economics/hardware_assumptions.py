"""What Cottier et al. 2024 (arXiv 2405.21015) assume about hardware where a training run does not say.

Chips are named as in public tables ("NVIDIA A100 SXM4 80 GB", "Google TPU v4"). Each function returns one input of
:func:`economics.training.amortised_cost`. A run on several types of chip is refused: its hours cannot be split.
"""

from datetime import date, datetime, time, timedelta

from economics._checks import Number, fraction, number, positive
from economics.errors import InvalidArgument

TYPICAL_UTILISATION = 0.375
TYPICAL_DURATION = timedelta(days=33.0625)
BEFORE_PUBLICATION = timedelta(days=60)
AFTER_RELEASE = timedelta(days=90)

# Price of a server over the price of the bare chips in it.
_SERVER_SHARE = {"A100": 1.66, "V100": 1.69, "P100": 1.54}
_OTHER_SERVER_SHARE = 1.64

# Rated power of a server over that of its chips: DGX H100 10.2 kW for 8 x 0.7; DGX A100 6.5 kW for 8 x 0.4; the mean of
# DGX-2 (10 kW for 16) and DGX Station (1.5 kW for 4) with V100s of 0.3; TPU boards from Jouppi et al. 2021.
_SERVER_POWER = {
    "H100": (10.2 / 8) / 0.7,
    "A100": (6.5 / 8) / 0.4,
    "V100": ((10 / 16) / 0.3 + (1.5 / 4) / 0.3) / 2,
    "TPU v1": 2.93,
    "TPU v2": 1.64,
    "TPU v3": 1.47,
    "TPU": 1.56,
}
_OTHER_SERVER_POWER = 1.8

_HYPERSCALERS = ("google", "deepmind", "microsoft", "amazon", "meta", "facebook")


def server_share(*, chip: str) -> float:
    """Return the server's price over the bare chip's. Only for prices of single chips, never for a server's."""
    return _of(chip, _SERVER_SHARE, _OTHER_SERVER_SHARE)


def server_power_factor(*, chip: str) -> float:
    """Return the rated power of a server over that of the chips in it."""
    return _of(chip, _SERVER_POWER, _OTHER_SERVER_POWER)


def average_power_fraction(*, chip: str) -> float:
    """Return the average draw while training over the rated power: 0.43 for TPUs, 0.75 else."""
    return 0.43 if "TPU" in _single(chip) else 0.75


def power_usage_effectiveness(*, organization: str) -> float:
    """Return the power of the building over that of its servers: 1.1 for hyperscalers, else 1.25."""
    name = organization.lower()
    return 1.1 if any(scaler in name for scaler in _HYPERSCALERS) else 1.25


def acquisition_day(*, chip: str, released_on: date, priced_on: date) -> date:
    """Return when the chips were bought: the price's date, but at least 90 days after release (supply was short).

    A TPU, which its maker keeps, is taken to be in use from its release.
    """
    return released_on if "TPU" in _single(chip) else max(released_on + AFTER_RELEASE, priced_on)


def start_day(*, published_on: date, duration_hours: Number | None) -> date:
    """Return when training began: publication - duration - 60 days; an unknown duration counts 33.0625 days."""
    duration = (
        TYPICAL_DURATION
        if duration_hours is None
        else timedelta(hours=int(number(duration_hours, name="duration_hours")))
    )
    return (datetime.combine(published_on, time.min) - duration - BEFORE_PUBLICATION).date()


def estimated_chip_hours(
    *,
    chip_hours: Number | None = None,
    duration_hours: Number | None = None,
    chips: Number | None = None,
    flop: Number | None = None,
    peak_flop_per_s: Number | None = None,
    utilisation: Number | None = None,
) -> float | None:
    """Return the chip-hours of a run: as given; else duration x chips; else flop / (peak x utilisation x 3600).

    An unknown utilisation counts 0.375. None when none of the three ways is open.
    :raises InvalidArgument: for a utilisation above 1: one published table holds a 72, meaning 72%.
    """
    share = TYPICAL_UTILISATION if utilisation is None else fraction(utilisation, name="utilisation")
    positive(share, name="utilisation")
    if chip_hours is not None:
        return number(chip_hours, name="chip_hours")
    if duration_hours is not None and chips is not None:
        return number(duration_hours, name="duration_hours") * number(chips, name="chips")
    if flop is None or peak_flop_per_s is None:
        return None
    return number(flop, name="flop") / (positive(peak_flop_per_s, name="peak_flop_per_s") * share * 3600)


def _of(chip: str, table: dict[str, float], other: float) -> float:
    name = _single(chip)
    return next((value for key, value in table.items() if key in name), other)


def _single(chip: str) -> str:
    if "," in chip:
        raise InvalidArgument(f"chip is {chip!r}; the method needs runs on one type of chip.")
    return chip
