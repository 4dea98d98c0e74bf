"""What a printed score is in its benchmark's unit: the one conversion of entry forms, files and feeds."""

from decimal import Decimal, InvalidOperation
from re import fullmatch

# Units that are chosen in a form or a file; the others are how feeds and our own runs name what they print.
ENTERED = ("percent", "fraction", "points")
PER_ONE = {
    "percent": Decimal(100),
    "percent, mean of the categories": Decimal(100),
    "fraction": Decimal(1),
    "points": Decimal(1),
    "rating points": Decimal(1),
    "index points": Decimal(1),
}
COUNTED = "passed/scored"
DIGITS = 12  # as many as a quotient keeps, so that 79.6 percent is 0.796 wherever it is read


def per_one(unit: str) -> Decimal | None:
    """How much of a printed unit is 1 in the benchmark's unit, or None where there is no rule."""
    if match := fullmatch(r"points of (\d{1,9}(?:\.\d{1,9})?)", unit):
        return Decimal(match[1]) or None
    return PER_ONE.get(unit)


def in_unit(number: Decimal, per_one: Decimal) -> float:
    """A number as printed, in the benchmark's unit; ``per_one`` is 100 for a percentage."""
    return round(float(number / per_one), DIGITS)


def printed_number(printed: str) -> Decimal | None:
    """The digits as an exact number; None for anything else."""
    try:
        number = Decimal(printed)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None


def value_of(printed: str, unit: str) -> float | None:
    """The score that is printed so; None where there is no rule for the unit, or where this is no number."""
    if unit == COUNTED:
        match = fullmatch(r"(\d{1,12})/(\d{1,12})", printed.strip())
        return int(match[1]) / int(match[2]) if match and int(match[2]) else None
    number, scale = _digits(printed, unit), per_one(unit)
    return None if number is None or scale is None else in_unit(number, scale)


def says(printed: str, unit: str, value: float) -> bool | None:
    """Whether ``value`` is printed so, to the last digit that is printed; None where there is no rule."""
    expected = value_of(printed, unit)
    if expected is None:
        return None
    number, scale = _digits(printed, unit), per_one(unit)
    last_digit = 0.0
    if number is not None and scale is not None:
        last_digit = 10.0 ** min(int(number.as_tuple().exponent), 0) / float(scale)
    return abs(value - expected) <= last_digit / 2 + 1e-9


def unit_stays(scores: int) -> str:
    """Why the unit of a benchmark cannot change while so many scores are counted in it."""
    counted = "1 score is" if scores == 1 else f"{scores:,} scores are"
    return f"{counted} counted in the unit of this benchmark. Add another benchmark for another unit."


def _digits(printed: str, unit: str) -> Decimal | None:
    return printed_number(printed.strip().removesuffix("%") if unit.startswith("percent") else printed)
