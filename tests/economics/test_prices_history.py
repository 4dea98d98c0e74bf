import copy
import pickle
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument
from economics.prices import blended_price, price_as_of

# deepseek-chat: introductory price, then the list price with a discount at night (UTC), then one price again
DEEPSEEK_CHAT: list[dict[str, Any]] = [
    {
        "effective_from": date(2024, 12, 26),
        "effective_to": date(2025, 2, 8),
        "components": {"input": Decimal("0.14"), "output": Decimal("0.28")},
    },
    {
        "effective_from": date(2025, 2, 8),
        "effective_to": datetime(2025, 9, 5, 16, tzinfo=UTC),
        "utc_start": time(0, 30),
        "utc_end": time(16, 30),
        "components": {"input": Decimal("0.27"), "output": Decimal("1.10")},
    },
    {
        "effective_from": None,
        "effective_to": datetime(2025, 9, 5, 16, tzinfo=UTC),
        "utc_start": time(16, 30),
        "utc_end": time(0, 30),
        "components": {"input": Decimal("0.135"), "output": Decimal("0.55")},
    },
    {
        "effective_from": datetime(2025, 9, 5, 16, tzinfo=UTC),
        "effective_to": None,
        "components": {"input": Decimal("0.56"), "output": Decimal("1.68")},
    },
]


def price_in(**arguments: Any) -> Decimal | None:
    found = price_as_of(**arguments)
    return None if found is None else found["input"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 2, 7), "0.14"),
        (date(2025, 2, 8), "0.27"),
        (date(2025, 9, 5), "0.27"),
        (date(2025, 9, 6), "0.56"),
        (datetime(2025, 3, 1, 12, tzinfo=UTC), "0.27"),
        (datetime(2025, 3, 1, 16, 29, 59, tzinfo=UTC), "0.27"),
        (datetime(2025, 3, 1, 16, 30, tzinfo=UTC), "0.135"),
        (datetime(2025, 3, 2, 0, 29, tzinfo=UTC), "0.135"),
        (datetime(2025, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=8))), "0.135"),
        (datetime(2025, 9, 5, 15, 59, tzinfo=UTC), "0.27"),
        (datetime(2025, 9, 5, 16, 0, tzinfo=UTC), "0.56"),
    ],
)
def test_price_of_deepseek_chat(on: date, expected: str) -> None:
    assert price_in(history=DEEPSEEK_CHAT, on=on) == Decimal(expected)


def test_before_the_first_record_the_price_is_unknown() -> None:
    assert price_as_of(history=DEEPSEEK_CHAT[:2], on=date(2024, 12, 25)) is None
    assert price_as_of(history=[], on=date(2024, 12, 25)) is None


def test_a_record_of_unknown_start_serves_where_nothing_better_does() -> None:
    history = [
        {"effective_from": None, "effective_to": None, "components": {"input": 5}},
        {"effective_from": date(2025, 1, 1), "effective_to": None, "components": {"input": 3}},
    ]
    assert price_in(history=history, on=date(2024, 1, 1)) == 5
    later = price_as_of(history=history, on=date(2025, 1, 1))
    assert later is not None
    assert (later["input"], later.conflict) == (Decimal(3), False)


def test_of_two_overlapping_records_the_later_wins_and_the_conflict_is_flagged() -> None:
    history = [
        {"effective_from": date(2025, 3, 1), "effective_to": None, "components": {"input": 2}},
        {"effective_from": date(2025, 1, 1), "effective_to": None, "components": {"input": 3}},
    ]
    found = price_as_of(history=history, on=date(2025, 3, 1))
    assert found is not None
    assert (found["input"], found.conflict, found.effective_from) == (
        Decimal(2),
        True,
        datetime(2025, 3, 1, tzinfo=UTC),
    )
    before = price_as_of(history=history, on=date(2025, 2, 28))
    assert before is not None
    assert not before.conflict


def test_records_may_be_objects() -> None:
    @dataclass
    class Row:
        effective_from: date
        effective_to: date | None
        components: dict[str, Decimal | None]

    row = Row(date(2025, 1, 1), None, {"input": None, "output": Decimal(1)})
    found = price_as_of(history=[row], on=date(2025, 1, 1))
    assert found is not None
    assert dict(found) == {"input": None, "output": Decimal(1)}
    assert found.row is row


CONDITIONAL: list[dict[str, Any]] = [
    {"effective_from": date(2025, 1, 1), "components": {"input": 1}},
    {"effective_from": date(2025, 1, 1), "min_input_tokens": 200_001, "components": {"input": 2}},
    {"effective_from": date(2025, 1, 1), "service_class": "batch", "components": {"input": "0.5"}},
    {"effective_from": date(2025, 1, 1), "region": "eu", "components": {"input": "1.1"}},
    {
        "effective_from": date(2025, 1, 1),
        "utc_start": time(22),
        "utc_end": time(6),
        "weekdays": [4],
        "components": {"input": "0.8"},
    },
]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, "1"),
        ({"input_tokens": 200_000}, "1"),
        ({"input_tokens": 200_001}, "2"),
        ({"service_class": "batch"}, "0.5"),
        ({"region": "eu"}, "1.1"),
        ({"region": "us"}, "1"),
        ({"on": datetime(2025, 3, 7, 23, tzinfo=UTC)}, "0.8"),  # a Friday
        ({"on": datetime(2025, 3, 8, 5, 59, tzinfo=UTC)}, "0.8"),  # the window that began on Friday
        ({"on": datetime(2025, 3, 8, 6, tzinfo=UTC)}, "1"),
        ({"on": datetime(2025, 3, 8, 23, tzinfo=UTC)}, "1"),
        ({"on": datetime(2025, 3, 7, 5, tzinfo=UTC)}, "1"),  # the window would have begun on Thursday
    ],
)
def test_the_most_specific_condition_that_holds_decides(conditions: dict[str, Any], expected: str) -> None:
    found = price_as_of(history=CONDITIONAL, **{"on": date(2025, 3, 7)} | conditions)
    assert found is not None
    assert (found["input"], found.conflict) == (Decimal(expected), False)


def test_a_class_without_a_record_is_unknown() -> None:
    assert price_as_of(history=CONDITIONAL, on=date(2025, 3, 7), service_class="priority") is None


def test_the_price_of_a_day_is_that_of_most_of_its_hours() -> None:
    history = [
        {"effective_from": date(2025, 1, 1), "utc_start": time(16), "utc_end": time(0), "components": {"input": 1}},
        {"effective_from": date(2025, 1, 1), "utc_start": time(0), "utc_end": time(16), "components": {"input": 2}},
    ]
    assert price_in(history=history, on=date(2025, 3, 1)) == 2
    assert price_in(history=history, on=datetime(2025, 3, 1, 20, tzinfo=UTC)) == 1


def test_a_dated_price_is_a_mapping_that_a_blend_takes() -> None:
    found = price_as_of(history=DEEPSEEK_CHAT, on=date(2025, 2, 8))
    assert found is not None
    assert dict(found) == {"input": Decimal("0.27"), "output": Decimal("1.10")}
    assert blended_price(price=found, mix={"input": 3, "output": 1}).usd_per_mtok == Decimal("0.4775")
    assert pickle.loads(pickle.dumps(found)) == copy.copy(found) == found


@settings(deadline=None)
@given(starts=st.lists(st.integers(0, 1000), min_size=1, max_size=6, unique=True), day=st.integers(-10, 1100))
def test_the_price_is_that_of_the_last_record_begun(starts: list[int], day: int) -> None:
    origin = date(2024, 1, 1)
    history = [
        {"effective_from": origin + timedelta(days=start), "effective_to": None, "components": {"input": start}}
        for start in starts
    ]
    begun = [start for start in starts if start <= day]
    found = price_as_of(history=history, on=origin + timedelta(days=day))
    if not begun:
        assert found is None
    else:
        assert found is not None
        assert (found["input"], found.conflict) == (Decimal(max(begun)), len(begun) > 1)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"effective_from": date(2025, 2, 1), "effective_to": date(2025, 2, 1)}, "effective_to is .* not after"),
        ({"effective_from": datetime(2025, 2, 1)}, "without a time zone"),
        ({"effective_from": "soon"}, "effective_from is 'soon'; give a date"),
        ({"effective_from": "2025-02-01T09:00"}, "without a time zone"),
        ({"effective_from": "2025-02-01 at nine"}, "effective_from is '2025-02-01 at nine'; give a date or an aware"),
        ({"effective_from": 2025}, "effective_from is 2025; give a date or an aware"),
        ({"components": {"input": -1}}, r"history\[0\].components\['input'\] is -1"),
        ({"components": None}, "components is None"),
        ({"utc_start": time(1)}, "give both times or neither"),
        ({"min_input_tokens": -1}, "min_input_tokens is -1"),
    ],
)
def test_a_record_that_cannot_be_is_refused(row: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        price_as_of(history=[{"effective_from": date(2025, 1, 1), "components": {}} | row], on=date(2025, 2, 1))


def test_a_record_may_hold_its_prices_side_by_side_and_its_dates_as_text() -> None:
    rows = [
        {"effective_from": "2024-12-26", "effective_to": "2025-02-08", "input": "0.14", "output": 0.28},
        {"effective_from": "2025-02-08T00:00+00:00", "effective_to": None, "input": "0.27", "output": None, "id": 7},
    ]
    before, after = (price_as_of(history=rows, on=on) for on in ("2025-02-07", "2025-02-08"))
    assert before is not None
    assert after is not None
    assert dict(before) == {"input": Decimal("0.14"), "output": Decimal("0.28")}
    assert dict(after) == {"input": Decimal("0.27"), "output": None}
    at_night = DEEPSEEK_CHAT[1:3]
    assert price_in(history=at_night, on="2025-03-01") == Decimal("0.27")
    assert price_in(history=at_night, on="2025-03-01T20:00Z") == Decimal("0.135")


def window(opens: time, closes: time, usd: int, **more: Any) -> dict[str, Any]:
    start = date(2025, 1, 1)
    return {"effective_from": start, "utc_start": opens, "utc_end": closes, "components": {"input": usd}} | more


def test_a_window_ends_before_its_last_minute_begins() -> None:
    night = [window(time(16, 30), time(0, 30), 1)]
    assert price_in(history=night, on=datetime(2025, 3, 1, 0, 29, 59, tzinfo=UTC)) == 1
    assert price_in(history=night, on=datetime(2025, 3, 1, 0, 30, tzinfo=UTC)) is None
    assert price_in(history=night, on=datetime(2025, 3, 1, 16, 30, tzinfo=UTC)) == 1


def test_a_window_begins_with_its_first_minute() -> None:
    morning = [window(time(8), time(9), 1)]
    assert price_in(history=morning, on=datetime(2025, 3, 1, 8, tzinfo=UTC)) == 1
    assert price_in(history=morning, on=datetime(2025, 3, 1, 7, 59, tzinfo=UTC)) is None
    assert price_in(history=morning, on=datetime(2025, 3, 1, 9, tzinfo=UTC)) is None


def test_a_window_of_a_whole_day_belongs_to_the_day_it_began() -> None:
    monday = [window(time(9), time(9), 1, weekdays=[0])]
    assert price_in(history=monday, on=datetime(2025, 3, 3, 9, tzinfo=UTC)) == 1
    assert price_in(history=monday, on=datetime(2025, 3, 4, 8, 59, tzinfo=UTC)) == 1
    assert price_in(history=monday, on=datetime(2025, 3, 4, 9, tzinfo=UTC)) is None


def test_the_price_of_a_day_is_the_one_that_holds_longest_to_the_minute() -> None:
    halves = [window(time(0), time(12, 10), 1), window(time(12, 10), time(0), 2)]
    assert price_in(history=halves, on=date(2025, 3, 1)) == 1
    assert price_in(history=halves[::-1], on=date(2025, 3, 1)) == 1


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(InvalidArgument, match=r"on is .* without a time zone"):
        price_as_of(history=[], on=datetime(2025, 2, 1))
