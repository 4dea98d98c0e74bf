import math
from datetime import date
from decimal import Decimal

import pytest

from dashboard import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.4775"), "$0.48"),
        (Decimal("6.00"), "$6.00"),
        (Decimal("0.175"), "$0.175"),
        (0.175, "$0.175"),
        (Decimal("0.145"), "$0.145"),
        (Decimal("0.1455"), "$0.15"),
        (Decimal("2.675"), "$2.68"),
        (Decimal("0.0125"), "$0.013"),
        (Decimal("0.0275"), "$0.028"),
        (Decimal("0.05"), "$0.05"),
        (Decimal("0.00042"), "$0.00042"),
        (Decimal(0), "$0"),
        (Decimal(5_576_000), "$5,576,000"),
        (0.0995, "$0.10"),
        (-1.5, "−$1.50"),
        (math.inf, "infinite"),
        (None, "–"),
    ],
)
def test_usd_shows_as_many_decimals_as_the_size_deserves(value: Decimal | float | None, text: str) -> None:
    assert formats.usd(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(5_576_000, "$5.58M"), (61_680_000, "$61.7M"), (999.4, "$999.40"), (1.2e9, "$1.20B"), (None, "–")],
)
def test_usd_short_keeps_three_digits(value: float | None, text: str) -> None:
    assert formats.usd_short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(671e9, "671B"), (37e9, "37B"), (2_788_000, "2.79M"), (14.8e12, "14.8T"), (12, "12"), (None, "–")],
)
def test_short_drops_zeros_at_the_end(value: float | None, text: str) -> None:
    assert formats.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.0×"), (9.94, "9.9×"), (9.96, "10×"), (114.2, "114×"), (math.inf, "infinite"), (None, "–")],
)
def test_times_has_one_decimal_below_ten(value: float | None, text: str) -> None:
    assert formats.times(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.0, "under 1%"), (1.0, "over 99%"), (0.64, "64%"), (0.996, "over 99%")])
def test_chance_is_never_rounded_to_certainty(share: float, text: str) -> None:
    assert formats.chance(share) == text


def test_exact_has_no_exponent_and_no_zeros_at_the_end() -> None:
    assert formats.exact(Decimal("0.477500000000")) == "0.4775"
    assert formats.exact(Decimal("1E+3")) == "1000"
    assert formats.exact(None) == ""


def test_day_is_written_out() -> None:
    assert formats.day(date(2025, 2, 8)) == "8 Feb 2025"


@pytest.mark.parametrize(("seconds", "text"), [(26.2, "26 s"), (95, "1 min 35 s"), (7260, "2 h 1 min"), (None, "–")])
def test_duration_is_written_in_two_units(seconds: float | None, text: str) -> None:
    assert formats.duration(seconds) == text
