from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingest.adapters import genai_prices
from ingest.adapters.base import ParseError, PriceObservation


def parse(*models: dict[str, Any], seller: str = "deepseek") -> Any:
    return genai_prices.parse(orjson.dumps([{"id": seller, "name": "Seller", "models": list(models)}]))


def prices(model: dict[str, Any]) -> list[PriceObservation]:
    (record,) = parse({"id": "m"} | model).records
    return list(record.observations)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_prices_given_once() -> None:
    assert prices({"prices": {"input_mtok": 0.27, "cache_read_mtok": 0.07, "output_mtok": 1.1}}) == [
        PriceObservation("input", Decimal("0.27")),
        PriceObservation("cached_input", Decimal("0.07")),
        PriceObservation("output", Decimal("1.1")),
    ]


def test_prices_empty_are_unknown_and_zero_is_free() -> None:
    assert prices({"prices": {}}) == []
    assert prices({"prices": {"input_mtok": 0}}) == [PriceObservation("input", Decimal(0))]


def test_tier_begins_above_its_threshold() -> None:
    assert prices({"prices": {"input_mtok": {"base": 5, "tiers": [{"start": 200000, "price": 10}]}}}) == [
        PriceObservation("input", Decimal(5)),
        PriceObservation("input", Decimal(10), min_input_tokens=200001),
    ]


def test_daily_window_gives_the_first_entry_the_other_hours() -> None:
    window = {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}
    entries = [{"prices": {"input_mtok": 0.135}}, {"constraint": window, "prices": {"input_mtok": 0.27}}]
    assert prices({"prices": entries}) == [
        PriceObservation("input", Decimal("0.135"), utc_from=time(16, 30), utc_to=time(0, 30)),
        PriceObservation("input", Decimal("0.27"), utc_from=time(0, 30), utc_to=time(16, 30)),
    ]


def test_daily_windows_hold_from_the_start_date_before_them() -> None:
    entries = [
        {"prices": {"input_mtok": 0.14}},
        {"constraint": {"start_date": "2026-09-10"}, "prices": {"input_mtok": 0.15}},
        {
            "constraint": {"start_time": "01:00:00+00:00", "end_time": "04:00:00+00:00"},
            "prices": {"input_mtok": 0.3},
        },
        {
            "constraint": {"start_time": "06:00:00+00:00", "end_time": "10:00:00+00:00"},
            "prices": {"input_mtok": 0.3},
        },
    ]
    since = day("2026-09-10")
    assert [
        (p.usd_per_mtok, p.utc_from, p.utc_to, p.effective_from, p.effective_to) for p in prices({"prices": entries})
    ] == [
        (Decimal("0.14"), None, None, None, since),
        (Decimal("0.15"), time(4), time(6), since, None),
        (Decimal("0.15"), time(10), time(1), since, None),
        (Decimal("0.3"), time(1), time(4), since, None),
        (Decimal("0.3"), time(6), time(10), since, None),
    ]


def test_daily_windows_that_overlap_are_refused() -> None:
    entries: list[dict[str, Any]] = [{"prices": {"input_mtok": 1}}]
    for start, end in (("01:00", "04:00"), ("03:00", "05:00")):
        entries.append({"constraint": {"start_time": start, "end_time": end}, "prices": {"input_mtok": 2}})
    parsed = parse({"id": "m", "prices": entries})
    assert [(item.external_key, item.reason) for item in parsed.rejected] == [
        ("deepseek/m", "Two daily windows overlap.")
    ]


def test_start_dates_give_periods_and_the_last_entry_wins() -> None:
    entries = [
        {"prices": {"output_mtok": 8}},
        {"constraint": {"start_date": "2026-03-13"}, "prices": {"output_mtok": 6}},
        {"constraint": {"start_date": "2027-01-01"}, "prices": {"output_mtok": 9}},
    ]
    assert [(p.usd_per_mtok, p.effective_from, p.effective_to) for p in prices({"prices": entries})] == [
        (Decimal(8), None, day("2026-03-13")),
        (Decimal(6), day("2026-03-13"), day("2027-01-01")),
        (Decimal(9), day("2027-01-01"), None),
    ]


def test_later_entry_with_an_earlier_date_hides_the_one_before_it() -> None:
    entries = [
        {"prices": {"output_mtok": 8}},
        {"constraint": {"start_date": "2026-05-01"}, "prices": {"output_mtok": 6}},
        {"constraint": {"start_date": "2026-04-01"}, "prices": {"output_mtok": 7}},
    ]
    assert [(p.usd_per_mtok, p.effective_to) for p in prices({"prices": entries})] == [
        (Decimal(8), day("2026-04-01")),
        (Decimal(7), None),
    ]


def test_start_date_shared_by_ten_models_is_a_day_of_import() -> None:
    entries = [
        {"prices": {"input_mtok": 2}},
        {"constraint": {"start_date": "2026-10-19"}, "prices": {"input_mtok": 1}},
    ]
    parsed = parse(*({"id": f"m{number}", "prices": entries} for number in range(10)))
    before, after = parsed.records[0].observations
    assert (before.effective_to, before.confidence) == (day("2026-10-19"), "low")
    assert (after.effective_from, after.seen_from) == (None, day("2026-10-19"))


def test_variants_become_service_classes() -> None:
    variants = [
        {"when": {"processing": "batch"}, "prices": {"input_mtok": 0.5}},
        {"when": {"service_tier": "priority"}, "prices": {"input_mtok": 2}},
        {"when": {"route": "somewhere"}, "prices": {"input_mtok": 7}},
    ]
    found = prices({"prices": {"input_mtok": 1}, "price_variants": variants})
    assert [(p.service_class, p.usd_per_mtok) for p in found] == [
        ("standard", Decimal(1)),
        ("priority", Decimal(2)),
        ("batch", Decimal("0.5")),
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "The price -1 is negative."),
        ("NaN", "'NaN' is not a finite price."),
        (True, "True is not a price."),
        ([1], "[1] is not a price."),
        (1e300, "1e+300 is beyond any price."),
    ],
)
def test_price_that_is_none_refuses_its_record_alone(value: object, reason: str) -> None:
    parsed = parse({"id": "bad", "prices": {"input_mtok": value}}, {"id": "good", "prices": {"input_mtok": 1}})
    assert [record.raw_name for record in parsed.records] == ["good"]
    assert [(item.external_key, item.reason) for item in parsed.rejected] == [("deepseek/bad", reason)]


def test_name_with_a_direction_mark_is_refused() -> None:
    parsed = parse({"id": "gpt\u202elive", "prices": {}})
    assert parsed.rejected[0].reason == "The name 'gpt\\u202elive' contains the control character U+202E."


def test_other_units_are_left_out_and_named() -> None:
    parsed = parse({"id": "m", "prices": {"web_searches_kcount": 10}})
    assert parsed.records[0].observations == ()
    assert parsed.remarks == ["Prices in units other than tokens were not taken: web_searches_kcount (1)."]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The file is empty."),
        (b"<!doctype html><title>504</title>", "The file is a web page or XML, not JSON."),
        (b'{"data": []}', "The file should be a list of providers, each with its models."),
        (b"[" * 200_000, "The file is not valid JSON"),
        (b'[{"id": "x", "models": [{"id": "m", "prices": {"input_mtok": NaN}}]}]', "The file is not valid JSON"),
        (b'[{"id": "x", "models": [{"id": "m", "prices": {"input_mtok": 1e400}}]}]', "The file is not valid JSON"),
    ],
)
def test_file_of_another_kind_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message.replace(".", r"\.")):
        genai_prices.parse(body)


def test_bundled_table_is_the_same_every_time_and_readable() -> None:
    now = datetime(2027, 2, 1, tzinfo=UTC)
    first, second = genai_prices.bundled(now), genai_prices.bundled(now)
    assert first == second
    parsed = genai_prices.parse(first.body)
    assert parsed.rejected == []
    assert len(parsed.records) > 1000
    assert first.observed_at <= now


def test_bundled_table_is_not_dated_by_an_announced_price() -> None:
    assert genai_prices.bundled(datetime(2026, 11, 20, tzinfo=UTC)).observed_at <= datetime(2026, 11, 20, tzinfo=UTC)
