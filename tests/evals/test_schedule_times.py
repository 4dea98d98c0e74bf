"""When a cron text falls due, over the days on which clocks change."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.schedule_times import cron_problem, due_times, next_times, words, zone_problem


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_utc(times: list[datetime]) -> list[str]:
    return [each.astimezone(UTC).strftime("%m-%d %H:%M") for each in times]


def test_a_time_that_the_change_to_summer_skips_comes_once_at_the_change() -> None:
    # 29 March 2026: clocks in Berlin go from 02:00 to 03:00, so there is no 02:30.
    found = next_times("30 2 * * *", "Europe/Berlin", after=utc("2026-03-28T00:00"), n=3)
    assert in_utc(found) == ["03-28 01:30", "03-29 01:00", "03-30 00:30"]


def test_a_time_that_the_change_back_repeats_comes_once() -> None:
    # 25 October 2026: 02:30 comes twice in Berlin, at 00:30 and 01:30 UTC.
    found = next_times("30 2 * * *", "Europe/Berlin", after=utc("2026-10-24T00:00"), n=3)
    assert in_utc(found) == ["10-24 00:30", "10-25 00:30", "10-26 01:30"]


def test_every_hour_follows_the_time_that_passes_over_both_changes() -> None:
    spring = next_times("0 * * * *", "America/New_York", after=utc("2026-03-08T05:30"), n=4)
    autumn = next_times("0 * * * *", "America/New_York", after=utc("2026-11-01T04:30"), n=4)
    assert in_utc(spring) == ["03-08 06:00", "03-08 07:00", "03-08 08:00", "03-08 09:00"]
    assert in_utc(autumn) == ["11-01 05:00", "11-01 06:00", "11-01 07:00", "11-01 08:00"]


def test_a_zone_with_half_an_hour_of_change() -> None:
    # Lord Howe Island moves by 30 minutes: 02:00 to 02:30 on 4 October 2026.
    found = next_times("15 2 * * *", "Australia/Lord_Howe", after=utc("2026-10-02T20:00"), n=2)
    assert in_utc(found) == ["10-03 15:30", "10-04 15:15"]


def test_due_times_are_the_newest_with_all_of_them_counted() -> None:
    found, n = due_times("0 * * * *", "UTC", first=utc("2026-11-23T00:00"), until=utc("2026-11-24T00:20"), newest=3)
    assert (in_utc(found), n) == (["11-23 22:00", "11-23 23:00", "11-24 00:00"], 25)


def test_a_year_of_minutes_is_not_walked_through() -> None:
    found, n = due_times(
        "* * * * *", "Europe/Berlin", first=utc("2025-11-24T00:00"), until=utc("2026-11-24T00:00"), newest=2
    )
    assert (in_utc(found), n) == (["11-23 23:58", "11-23 23:59"], 1000)


@given(
    st.sampled_from(["30 2 * * *", "0 * * * *", "*/20 1-3 * * *", "0 3 * * SUN"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)),
)
def test_times_are_strictly_later_one_after_the_other(cron: str, zone: str, start: datetime) -> None:
    after = start.replace(tzinfo=UTC)
    found = [after, *(each.astimezone(UTC) for each in next_times(cron, zone, after=after, n=12))]
    assert all(first < second for first, second in pairwise(found))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "'' has 0 fields, and five are needed."),
        ("* * * *", "'* * * *' has 4 fields"),
        ("0 0 6 * * *", "has 6 fields"),
        ("61 * * * *", "The minute '61' in '61 * * * *' cannot be read."),
        ("0 25 * * *", "The hour '25' in"),
        ("0 6 0 * *", "The day of month '0' in"),
        ("0 6 * 13 *", "The month '13' in"),
        ("0 6 * * FUNDAY", "The day of week 'FUNDAY' in"),
        ("@daily", "'@daily' has 1 fields"),
        ("0 6 31 2 *", "The day of month '31' in"),
        ("*/0 * * * *", "The minute '*/0' in"),
        ("0 6-2 * * *", "The hour '6-2' in"),
    ],
)
def test_wrong_cron_names_its_field_and_the_remedy(text: str, sentence: str) -> None:
    problem = cron_problem(text, ZoneInfo("UTC"))
    assert sentence in problem
    assert 'such as "0 6 * * MON-FRI"' in problem


@pytest.mark.parametrize("name", ["Berlin", "Europe/Bonn", "", "../../etc/passwd", "/etc/localtime", "UTC+1", "\x00"])
def test_wrong_zone_names_it_and_the_remedy(name: str) -> None:
    assert zone_problem(name).startswith(f"There is no time zone {name!r}. Write a name of the tz database")


def test_words_give_both_clocks() -> None:
    assert words(utc("2026-11-30T05:00").astimezone(ZoneInfo("Europe/Berlin"))) == (
        "Monday 30 November 2026, 06:00 CET (05:00 UTC)"
    )
    assert words(utc("2026-11-30T05:00")) == "Monday 30 November 2026, 05:00 UTC"
