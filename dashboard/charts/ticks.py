"""Axis ticks that people read without thinking: 1-2-5 on a logarithmic axis, round steps on a linear one."""

import math


def one_two_five(low: float, high: float) -> list[float]:
    """All of 1, 2 and 5 times a power of ten within [low, high]; both must be positive.

    Where there are none, as around a single price, the round values between them.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found = [
        value
        for power in range(first, last + 1)
        for digit in (1, 2, 5)
        # A literal, not a product: 5 * 10**-2 is 0.05 exactly as a reader would write it.
        if low <= (value := float(f"{digit}e{power}")) <= high
    ]
    return found or _round_values(low, high)


def _round_values(low: float, high: float) -> list[float]:
    step = round_step((high - low) or low, 3)
    return [float(f"{number * step:.10g}") for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def round_step(span: float, steps: int) -> float:
    """The 1-2-5 step that divides ``span`` into about ``steps`` parts."""
    rough = span / steps
    power = 10.0 ** math.floor(math.log10(rough))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough * 0.999)


def round_range(low: float, high: float, steps: int = 7) -> tuple[float, float, float]:
    """A linear axis around [low, high]: its two ends with a margin, and its step."""
    span = high - low or max(abs(high), 1.0) * 0.2
    step = round_step(span, steps)
    return low - span * 0.08, high + span * 0.1, step


def usd_tick(value: float) -> str:
    """$0.05, $0.2, $1, $200."""
    return f"${value:g}" if value >= 1e-4 else f"${value:.0e}"
