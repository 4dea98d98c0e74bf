"""How numbers and dates are written for readers. Unknown is a dash, never a zero."""

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

Number = Decimal | float | int

UNKNOWN = "–"
LARGE = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))
MINUS = "−"


def usd(value: Number | None) -> str:
    """A price or a cost with as many decimals as its size deserves: $0.0042, $0.175, $0.48, $6.00, $5,576,000.

    Halves round up. Below a dollar a third decimal is kept where the amount has exactly three.
    """
    if value is None:
        return UNKNOWN
    if math.isinf(value):
        return "infinite"
    # A float counts as it prints: 0.175 is a hundred and seventy-five thousandths.
    size = abs(value if isinstance(value, Decimal) else Decimal(repr(value)))
    if size == 0:
        text = "0"
    elif size >= 1000:
        text = f"{_half_up(size, 0):,}"
    elif size >= 1 or size == _half_up(size, 2) >= Decimal("0.01"):
        text = f"{_half_up(size, 2):,}"
    elif size == _half_up(size, 3) >= Decimal("0.1"):
        text = f"{_half_up(size, 3)}"
    elif size >= Decimal("0.0995"):
        text = f"{_half_up(size, 2)}"
    elif size >= Decimal("0.00995"):
        text = f"{_half_up(size, 3)}"
    else:
        text = f"{_half_up(size, 1 - size.adjusted()).normalize():f}"
    return f"{MINUS if value < 0 else ''}${text}"


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


def _half_up(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
