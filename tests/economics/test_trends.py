"""Price records at a level, and how fast they fall."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument, MismatchedShapes
from economics.trends import cheapest_at_level, price_trend

# The same examples every time, and no stopwatch: a slow machine fails no test.
steady = settings(deadline=None, derandomize=True)

START = dt.date(2023, 3, 14)


def day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def rows(*records: Any) -> pd.DataFrame:
    return pd.DataFrame(records, columns=["on", "model", "price", "score"])


def trend(**arguments: Any) -> Any:
    """Loosely typed, since most tests look into fields that may be unknown."""
    return price_trend(**arguments)


MARKET = rows(
    (day(0), "first", Decimal("37.5"), 0.36),
    (day(-30), "early", Decimal(50), 0.30),  # below the level
    (day(100), "same price", Decimal("37.5"), 0.40),  # no cheaper, so no record
    (day(200), "cheaper", Decimal(10), 0.36),
    (day(200), "cheapest of its day", Decimal(9), 0.50),
    (day(300), "unpriced", None, 0.60),
    (day(310), "free", Decimal(0), 0.60),
    (day(320), "unscored", Decimal(1), None),
    (day(330), "dearer", Decimal(20), 0.90),
    (day(400), "strong", Decimal(2), 0.80),
    (day(410), "cheapest of its day", Decimal("0.5"), 0.50),  # a later price cut of a known model
)


def test_records_are_strictly_cheaper_than_all_before() -> None:
    result = cheapest_at_level(rows=MARKET, level=0.36)
    assert result["model"].tolist() == ["first", "cheapest of its day", "strong", "cheapest of its day"]
    assert result["price"].tolist() == [Decimal("37.5"), Decimal(9), Decimal(2), Decimal("0.5")]
    assert result["on"].tolist() == [day(0), day(200), day(400), day(410)]
    assert result.index.tolist() == [0, 1, 2, 3]
    assert result.columns.tolist() == ["on", "model", "price", "score"]


def test_records_below_an_upper_bound_only() -> None:
    result = cheapest_at_level(rows=MARKET, level=0.36, upper=0.50)
    assert result["model"].tolist() == ["first", "cheaper"]


def test_records_since_the_day_of_the_level_setting_model() -> None:
    result = cheapest_at_level(rows=MARKET, level=0.25, since=day(0))
    assert result["model"].iloc[0] == "first"
    assert cheapest_at_level(rows=MARKET, level=0.25)["model"].iloc[0] == "early"


def test_records_do_not_depend_on_row_order() -> None:
    shuffled = MARKET.sample(frac=1.0, random_state=1)
    assert cheapest_at_level(rows=shuffled, level=0.36).equals(cheapest_at_level(rows=MARKET, level=0.36))


def test_records_of_a_level_nobody_reaches_are_empty() -> None:
    result = cheapest_at_level(rows=MARKET, level=0.95)
    assert result.empty
    assert result.columns.tolist() == ["on", "model", "price", "score"]


def test_trend_of_a_tenfold_fall_per_year_is_exact() -> None:
    result = trend(dates=[day(0), day(365), day(730)], prices=[100, 10, 1])
    assert result.factor_per_year == pytest.approx(10.0, rel=1e-12)
    assert result.halving_days == pytest.approx(365 * math.log10(2), rel=1e-12)
    assert (result.interval.low, result.interval.high) == pytest.approx((10.0, 10.0), rel=1e-9)
    assert result.interval.level == 0.9
    assert result.leave_one_out == pytest.approx((10.0, 10.0), rel=1e-9)
    assert result.n == 3


def test_trend_interval_by_hand() -> None:
    # log10 prices 2, 1.3, 0.7, 0, -0.4 at years 0..4: slope -0.61, residuals 0.06, -0.03, -0.02, -0.11, 0.10.
    logs = np.array([2.0, 1.3, 0.7, 0.0, -0.4])
    years = np.arange(5)
    slope = -6.1 / 10
    residual = logs - logs.mean() - slope * (years - 2)
    error = math.sqrt(np.sum(residual**2) / 3 / 10)
    reach = 2.3533634348018264 * error  # Student t, 3 degrees of freedom, 95% point
    result = trend(dates=[day(365 * year) for year in range(5)], prices=10.0**logs)
    assert result.factor_per_year == pytest.approx(10**0.61, rel=1e-9)
    assert result.interval.low == pytest.approx(10 ** (0.61 - reach), rel=1e-9)
    assert result.interval.high == pytest.approx(10 ** (0.61 + reach), rel=1e-9)
    assert result.words == "fell 4.07-fold per year (90% interval 3.46 to 4.79, 5 prices)"
    assert not result.words_only


def test_trend_leave_one_out_is_the_range_over_single_omissions() -> None:
    dates, prices = [day(0), day(100), day(300), day(500), day(900)], [30.0, 20.0, 9.0, 1.0, 0.8]
    factors = [
        trend(dates=dates[:i] + dates[i + 1 :], prices=prices[:i] + prices[i + 1 :]).factor_per_year for i in range(5)
    ]
    result = trend(dates=dates, prices=prices)
    assert result.leave_one_out == (min(factors), max(factors))
    assert result.leave_one_out[0] < result.factor_per_year < result.leave_one_out[1]


def test_trend_of_two_points_has_no_interval() -> None:
    result = trend(dates=[day(0), day(365)], prices=[Decimal(10), Decimal("0.1")])
    assert result.factor_per_year == pytest.approx(100.0)
    assert result.interval is None
    assert result.leave_one_out is None
    assert result.words == "fell fast, rate uncertain"
    assert result.words_only


@pytest.mark.parametrize("count", [0, 1])
def test_trend_of_fewer_points_is_unknown(count: int) -> None:
    result = trend(dates=[day(0)] * count, prices=[5] * count)
    assert (result.factor_per_year, result.interval, result.halving_days, result.n) == (None, None, None, count)
    assert result.words == "too few prices to say"


def test_trend_of_a_flat_price_is_one_and_never_halves() -> None:
    result = trend(dates=[day(n) for n in (0, 7, 90, 200, 400)], prices=[0.3] * 5)
    assert result.factor_per_year == 1.0
    assert result.interval[:2] == (1.0, 1.0)
    assert result.halving_days == math.inf
    assert result.words == "no clear change over 5 prices"


def test_trend_of_a_rising_price_never_halves() -> None:
    result = trend(dates=[day(365 * year) for year in range(6)], prices=[1, 2, 4, 8, 16, 33])
    assert result.factor_per_year == pytest.approx(1 / 2, rel=0.02)
    assert result.halving_days == math.inf
    assert result.words.startswith("rose 2.0")


def test_trend_with_an_interval_wider_than_a_hundredfold_speaks_in_words() -> None:
    result = trend(dates=[day(n) for n in (0, 10, 20, 40, 60)], prices=[30, 29, 3, 2.9, 0.1])
    assert result.interval.high > 100 * result.interval.low
    assert result.words == "fell fast, rate uncertain"
    assert result.words_only


def test_trend_beyond_floats_is_infinite() -> None:
    result = trend(dates=[day(0), day(1)], prices=[100, 1])
    assert result.factor_per_year == math.inf


def test_trend_takes_every_usual_kind_of_date() -> None:
    expected = trend(dates=[dt.date(2024, 1, 1), dt.date(2024, 12, 31)], prices=[10, 1])
    assert expected.factor_per_year == pytest.approx(10.0)
    for dates in (
        ["2024-01-01", "2024-12-31T23:59:00+00:00"],
        pd.to_datetime(["2024-01-01", "2024-12-31"]),
        np.array(["2024-01-01", "2024-12-31"], dtype="datetime64[s]"),
        [dt.datetime(2024, 1, 1, 23), dt.datetime(2025, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))],
    ):
        assert trend(dates=dates, prices=[10, 1]) == expected


def test_trend_days_per_year_scale_the_exponent() -> None:
    arguments = {"dates": ["2024-01-01", "2025-01-01"], "prices": [10, 1]}
    julian, common = trend(**arguments, days_per_year=365.25), trend(**arguments)
    assert math.log10(julian.factor_per_year) == pytest.approx(math.log10(common.factor_per_year) * 365.25 / 365)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"dates": [day(0)], "prices": [1, 2]}, MismatchedShapes, "dates has 1 values and prices 2"),
        ({"dates": [day(0), day(1)], "prices": [1, 0]}, InvalidArgument, "prices holds 0"),
        ({"dates": [day(0), day(1)], "prices": [1, None]}, InvalidArgument, "prices holds nan"),
        ({"dates": [day(0), day(0)], "prices": [2, 1]}, InvalidArgument, "all the same day"),
        ({"dates": [day(0), None], "prices": [2, 1]}, InvalidArgument, r"dates\[1\] is None"),
        ({"dates": [day(0), "soon"], "prices": [2, 1]}, InvalidArgument, r"dates\[1\] is 'soon'; give a date"),
        ({"dates": [2023, 2024], "prices": [2, 1]}, InvalidArgument, r"dates\[0\] is 2023"),
        ({"dates": ["03/04/2024", day(1)], "prices": [2, 1]}, InvalidArgument, r"dates\[0\] is '03/04/2024'"),
        ({"dates": [pd.NaT, day(1)], "prices": [2, 1]}, InvalidArgument, r"dates\[0\] is NaT"),
        ({"dates": [], "prices": [], "level": 90}, InvalidArgument, "level is 90"),
        ({"dates": [], "prices": [], "days_per_year": 0}, InvalidArgument, "days_per_year is 0"),
    ],
)
def test_bad_trend_input_is_refused(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        trend(**arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"rows": MARKET.drop(columns="price"), "level": 0.3}, "lacks the column 'price'"),
        ({"rows": MARKET, "level": math.nan}, "level is nan"),
        ({"rows": MARKET, "level": 0.5, "upper": 0.5}, r"upper is 0\.5; it must be above the level, 0\.5"),
        ({"rows": rows((day(0), "a", -1, 0.5)), "level": 0.3}, "has the price -1 for 'a'"),
        ({"rows": rows((None, "a", 1, 0.5)), "level": 0.3}, r"rows\['on'\]\[0\] is None"),
    ],
)
def test_bad_rows_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        cheapest_at_level(**arguments)


market_rows = st.lists(
    st.tuples(
        st.integers(0, 30).map(day),
        st.sampled_from("abcd"),
        st.one_of(st.none(), st.sampled_from([0.5, 1.0, 2.0]), st.floats(0.01, 100)),
        st.one_of(st.none(), st.sampled_from([0.4, 0.5, 0.6])),
    ),
    max_size=15,
)


@steady
@given(market_rows)
def test_records_are_the_lower_envelope(records: list[Any]) -> None:
    result = cheapest_at_level(rows=rows(*records), level=0.5)
    assert result["on"].is_unique
    assert all(np.diff(result["price"].astype(float)) < 0)
    for on, _, price, score in records:
        if price is not None and score is not None and score >= 0.5:
            so_far = result[result["on"] <= on]
            assert so_far["price"].iloc[-1] <= price


@steady
@given(
    st.lists(st.tuples(st.integers(0, 1500), st.floats(0.01, 100)), min_size=3, max_size=9, unique_by=lambda r: r[0]),
    st.sampled_from([0.125, 4.0, 1000.0]),
)
def test_scaling_all_prices_leaves_the_trend(points: list[tuple[int, float]], k: float) -> None:
    dates, prices = [day(n) for n, _ in points], [price for _, price in points]
    one, other = trend(dates=dates, prices=prices), trend(dates=dates, prices=[p * k for p in prices])
    assert math.log10(max(other.factor_per_year, 1e-300)) == pytest.approx(
        math.log10(max(one.factor_per_year, 1e-300)), abs=1e-6, rel=1e-6
    )
    assert one.interval.low <= one.factor_per_year <= one.interval.high
