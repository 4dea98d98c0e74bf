"""How numbers and dates are written for readers. Unknown is a dash, never a zero."""

import math
from datetime import date
from decimal import Decimal

from economics import dollars

Number = Decimal | float | int

UNKNOWN = "–"
LARGE = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))
MINUS = dollars.MINUS
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
# Why a number has no interval, by what the mathematics calls it.
NO_INTERVAL = {
    "too few groups": "no interval: that takes at least 10 items",
    "no attempts": "nothing has been asked yet",
    "no items": "no item in common",
    "unknown cost": "no interval: some cost is not known",
    "unknown outcome": "no interval: some outcome is not known",
    "one item has no spread": "no interval: one item alone has no spread",
}


def usd(value: Number | None) -> str:
    """A price or a cost: $0.0042, $0.175, $0.48, $6.00, $5,576,000."""
    return UNKNOWN if value is None else dollars.usd(value)


def no_interval(method: str) -> str:
    """The method of a result without an interval as a reader understands it."""
    return NO_INTERVAL.get(method, method)


def usd_short(value: Number | None) -> str:
    """Large amounts for labels: $5.58M, $61.7M, $810K."""
    if value is None or math.isinf(value):
        return usd(value)
    for limit, unit in LARGE[1:]:
        if value >= limit:
            return f"${_three_digits(float(value) / limit)}{unit}"
    return usd(value)


def short(value: Number | None) -> str:
    """Large counts: 671B, 37B, 2.79M, 30.8M."""
    if value is None:
        return UNKNOWN
    for limit, unit in LARGE:
        if value >= limit:
            digits = _three_digits(float(value) / limit)
            return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}{unit}"
    return f"{float(value):g}"


def times(value: Number | None) -> str:
    """A ratio: 1.0×, 6.3×, 31×; one decimal below ten."""
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "infinite"
    return f"{value:,.0f}×" if value >= 9.95 else f"{value:.1f}×"


def percent(share: Number | None, decimals: int = 1) -> str:
    return UNKNOWN if share is None else f"{float(share) * 100:.{decimals}f}%"


def chance(share: float) -> str:
    """A probability; never rounded to certainty: under 1%, 64%, over 99%."""
    if share < 0.005:
        return "under 1%"
    return "over 99%" if share > 0.995 else f"{share * 100:.0f}%"


def exact(value: Number | None) -> str:
    """The number with nothing rounded away and no exponent, for tooltips and data attributes."""
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else repr(value)


def day(value: date | None) -> str:
    """8 Feb 2025."""
    return UNKNOWN if value is None else f"{value.day} {value:%b %Y}"


def weekdays(digits: str) -> str:
    """Days of the week from their ISO numbers: "15" becomes "Mondays and Fridays", "67" weekends."""
    known = {"67": "weekends", "12345": "Monday to Friday"}
    if digits in known:
        return known[digits]
    names = [DAYS[int(digit) - 1] for digit in digits if digit in "1234567"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def duration(seconds: float | None) -> str:
    """95 becomes 1 min 35 s."""
    if seconds is None or math.isinf(seconds):
        return UNKNOWN
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def plural(count: int, singular: str, more: str | None = None) -> str:
    """1 model, 2 models."""
    return f"{count:,} {singular if count == 1 else more or singular + 's'}"


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
