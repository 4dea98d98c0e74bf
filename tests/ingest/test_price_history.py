"""Prices that a feed gives without dates become intervals of observation."""

import pytest

from catalog.models import Offering, Price
from ingest.apply import contradictions
from ingest.models import RawRecord
from tests.factories import at
from tests.ingest.support import counts, flat, history, name, read, table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _named() -> None:
    name("m")


def on(day: str, usd: float | None) -> None:
    read(table(m=flat(usd) if usd is not None else {}, other=flat(1)), day)


def test_same_value_extends_its_interval() -> None:
    on("2026-01-01", 2)
    on("2026-02-01", 2)
    assert history() == [("2", "2026-01-01", "2026-02-01", None)]


def test_new_value_starts_a_row_and_leaves_the_old_one() -> None:
    on("2026-01-01", 2)
    on("2026-02-01", 3)
    assert history() == [("2", "2026-01-01", "2026-01-01", "2026-02-01"), ("3", "2026-02-01", "2026-02-01", None)]


def test_older_file_with_the_old_value_does_not_move_the_current_one() -> None:
    on("2026-03-01", 3)
    on("2026-01-01", 2)
    on("2026-02-01", 2)
    assert history() == [("2", "2026-01-01", "2026-02-01", "2026-03-01"), ("3", "2026-03-01", "2026-03-01", None)]


def test_older_file_with_the_same_value_extends_backwards() -> None:
    on("2026-03-01", 3)
    on("2026-01-01", 3)
    assert history() == [("3", "2026-01-01", "2026-03-01", None)]


def test_file_from_the_middle_splits_an_interval_that_it_contradicts() -> None:
    on("2026-01-01", 2)
    on("2026-03-01", 2)
    on("2026-02-01", 3)
    assert history() == [
        ("2", "2026-01-01", "2026-01-01", "2026-02-01"),
        ("3", "2026-02-01", "2026-02-01", "2026-03-01"),
        ("2", "2026-03-01", "2026-03-01", None),
    ]


def test_file_from_the_middle_without_the_price_splits_its_interval() -> None:
    on("2026-01-01", 2)
    on("2026-03-01", 2)
    on("2026-02-01", None)
    assert history() == [
        ("2", "2026-01-01", "2026-01-01", "2026-02-01"),
        ("2", "2026-03-01", "2026-03-01", None),
    ]


def test_price_that_goes_is_marked_and_one_that_comes_back_is_a_new_row() -> None:
    on("2026-01-01", 2)
    on("2026-02-01", None)
    assert history() == [("2", "2026-01-01", "2026-01-01", "2026-02-01")]
    on("2026-03-01", 2)
    assert history() == [
        ("2", "2026-01-01", "2026-01-01", "2026-02-01"),
        ("2", "2026-03-01", "2026-03-01", None),
    ]


def test_price_found_only_in_an_older_file_is_absent_from_the_next_reading_on() -> None:
    on("2026-02-01", None)
    on("2026-01-01", 2)
    assert history() == [("2", "2026-01-01", "2026-01-01", "2026-02-01")]


def test_same_moment_read_differently_withdraws_the_first_answer() -> None:
    on("2026-01-01", 2)
    on("2026-01-01", 3)
    first, second = Price.objects.order_by("pk")
    assert [first.usd_per_mtok, first.observed_from, first.absent_since] == [2, None, at("2026-01-01")]
    assert [second.usd_per_mtok, second.observed_from, second.absent_since] == [3, at("2026-01-01"), None]


def test_record_that_goes_is_marked_absent_and_kept() -> None:
    on("2026-01-01", 2)
    run = read(table(other=flat(1)), "2026-02-01")
    assert counts(run) == {"unchanged": 1, "unresolved": 1, "absent": 1}
    row = RawRecord.objects.get(external_key="openai/m")
    assert (row.first_seen, row.last_seen, row.absent_since) == (
        at("2026-01-01"),
        at("2026-01-01"),
        at("2026-02-01"),
    )
    assert history() == [("2", "2026-01-01", "2026-01-01", "2026-02-01")]


def test_record_from_an_older_file_does_not_replace_the_newer_payload() -> None:
    on("2026-02-01", 3)
    on("2026-01-01", 2)
    row = RawRecord.objects.get(external_key="openai/m")
    assert (row.payload["prices"], row.first_seen, row.last_seen) == (
        {"input_mtok": 3},
        at("2026-01-01"),
        at("2026-02-01"),
    )


def test_prices_that_are_given_twice_are_named_with_their_offering() -> None:
    on("2026-01-01", 2)
    offering = Offering.objects.get(provider_model_id="m")
    twice = [(offering.pk, "input is given twice, as 2 and as 3")] * 3
    assert contradictions(twice, shown=2) == [
        f"{offering}: input is given twice, as 2 and as 3 USD per million tokens; the first is taken.",
        f"{offering}: input is given twice, as 2 and as 3 USD per million tokens; the first is taken.",
        "1 more is given twice; the first is taken.",
    ]
    assert contradictions([]) == []
