"""Turn what a caller hands in into exact money or plain floats, or say in one sentence why it cannot be right."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from economics.errors import InvalidArgument, MismatchedShapes

Money: TypeAlias = Decimal | int | float | str
Number: TypeAlias = Decimal | int | float

FloatArray: TypeAlias = NDArray[np.float64]


def exact(value: object, *, name: str) -> Decimal:
    """Return ``value`` as a finite Decimal >= 0.

    Decimal, int and str are taken exactly. A float is taken as the shortest decimal that prints like it (``repr``), so
    0.27 becomes Decimal("0.27") and not the binary fraction beside it.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | Real | str):
        raise InvalidArgument(f"{name} is {value!r}; give a Decimal, an int, a str or a float.")
    try:
        amount = value if isinstance(value, Decimal) else Decimal(value if isinstance(value, str) else _literal(value))
    except InvalidOperation:
        raise InvalidArgument(f"{name} is {value!r}, which is not a number.") from None
    if not amount.is_finite():
        raise InvalidArgument(f"{name} is {value!r}; give a finite number, or None when it is unknown.")
    if amount < 0:
        raise InvalidArgument(f"{name} is {value!r}; it cannot be negative.")
    return amount


def _literal(value: Real) -> str:
    return str(int(value)) if isinstance(value, Integral) else repr(float(value))


def number(
    value: object, *, name: str, low: float = 0.0, high: float = math.inf, open_low: bool = False, hint: str = ""
) -> float:
    """Return ``value`` as a finite float within [low, high] (above ``low`` when ``open_low``)."""
    if isinstance(value, bool) or not isinstance(value, Decimal | Real):
        raise InvalidArgument(f"{name} is {value!r}; give a number.")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise InvalidArgument(f"{name} is {value!r}; give a finite number.")
    if result < low or result > high or (open_low and result == low):
        bounds = f"{'above' if open_low else 'at least'} {low:g}"
        if math.isfinite(high):
            bounds += f" and at most {high:g}"
        raise InvalidArgument(f"{name} is {value!r}; it must be {bounds}.{' ' + hint if hint else ''}")
    return result


def positive(value: object, *, name: str) -> float:
    """Return ``value`` as a finite float above zero."""
    return number(value, name=name, open_low=True)


def fraction(value: object, *, name: str) -> float:
    """Return ``value`` as a float within [0, 1]. A percentage (72 for 72%) is refused, never guessed at."""
    return number(value, name=name, high=1.0, hint="Give a fraction, such as 0.72 for 72%.")


def probability_level(value: object, *, name: str = "level") -> float:
    """Return a confidence level strictly between 0 and 1."""
    level = fraction(value, name=name)
    if level in (0.0, 1.0):
        raise InvalidArgument(f"{name} is {value!r}; it must lie strictly between 0 and 1, such as 0.95.")
    return level


def count(value: object, *, name: str, low: int = 0) -> int:
    """Return ``value`` as an int of at least ``low``. 5.0 (the sum of a column) is 5; 1.5 and True fail."""
    whole = isinstance(value, Integral) or (
        isinstance(value, Decimal | Real) and math.isfinite(value) and float(value).is_integer()
    )
    if isinstance(value, bool) or not whole:
        raise InvalidArgument(f"{name} is {value!r}; give a whole number.")
    result = int(value)  # type: ignore[call-overload]
    if result < low:
        raise InvalidArgument(f"{name} is {value!r}; it must be at least {low}.")
    return int(result)


def day(value: object, *, name: str) -> date:
    """Return the day of a date, a datetime (an aware one by UTC) or ISO text such as "2024-12-26"."""
    read: Any = value
    if isinstance(value, str):
        with suppress(ValueError):
            read = datetime.fromisoformat(value)
    elif isinstance(value, np.datetime64):
        read = value.astype("datetime64[D]").item()
    if isinstance(read, datetime) and read == read:  # NaT, a datetime to pandas, does not equal itself
        return (read if read.tzinfo is None else read.astimezone(UTC)).date()
    if not isinstance(read, date) or isinstance(read, datetime):
        raise InvalidArgument(f"{name} is {value!r}; give a date, such as 2024-12-26.")
    return read


def vector(values: Sequence[Number] | FloatArray, *, name: str) -> FloatArray:
    """Return a sequence of known finite numbers as a float64 vector."""
    if any(value is None for value in values):
        at = next(index for index, value in enumerate(values) if value is None)
        raise InvalidArgument(f"{name}[{at}] is None; leave out what is unknown and say how many were left out.")
    try:
        array = np.asarray([float(value) for value in values], dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidArgument(f"{name} is {values!r}; give a sequence of numbers.") from None
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InvalidArgument(f"{name}[{bad[0]}] is {values[int(bad[0])]!r}; give finite numbers.")
    return array


def same_length(arguments: Mapping[str, Sequence[object] | FloatArray]) -> None:
    """Refuse arguments that belong together but differ in length."""
    lengths = {name: len(values) for name, values in arguments.items()}
    if len(set(lengths.values())) > 1:
        stated = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise MismatchedShapes(f"These must have one entry per item each, but {stated} entries.")
