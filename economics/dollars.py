"""How an amount of US$ is written, by pages and commands alike."""

import math
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"


def usd(value: Decimal | float) -> str:
    """A price or a cost with as many decimals as its size deserves: $0.0042, $0.175, $0.48, $6.00, $5,576,000.

    Halves round up. Below a dollar a third decimal is kept where the amount has exactly three.
    """
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


def _half_up(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
