from datetime import time
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingest.adapters import litellm
from ingest.adapters.base import ParseError, PriceObservation, Record


def parse(**entries: Any) -> Any:
    return litellm.parse(orjson.dumps({"sample_spec": {"mode": "one of: chat, completion"}} | entries))


def record(key: str = "gpt-x", seller: str = "openai", **fields: Any) -> Record:
    (found,) = parse(**{key: {"litellm_provider": seller, "mode": "chat"} | fields}).records
    return found  # type: ignore[no-any-return]


def test_price_per_token_becomes_an_exact_price_per_million() -> None:
    found = record(input_cost_per_token=2.7e-07, output_cost_per_token=1.1e-06, cache_read_input_token_cost=7e-08)
    assert found.observations == (
        PriceObservation("input", Decimal("0.27")),
        PriceObservation("output", Decimal("1.1")),
        PriceObservation("cached_input", Decimal("0.07")),
    )


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("input_cost_per_token_above_200k_tokens", ("input", "standard", 200001)),
        ("output_cost_per_token_batches", ("output", "batch", 0)),
        ("cache_read_input_token_cost_flex", ("cached_input", "flex", 0)),
        ("input_cost_per_token_above_272k_tokens_priority", ("input", "priority", 272001)),
        ("cache_creation_input_token_cost_above_1hr", ("cache_write_1h", "standard", 0)),
        ("cache_creation_input_token_cost_above_1hr_above_200k_tokens", ("cache_write_1h", "standard", 200001)),
        ("output_cost_per_reasoning_token", ("reasoning", "standard", 0)),
        ("input_cost_per_audio_token", ("input_audio", "standard", 0)),
    ],
)
def test_field_names_carry_the_conditions(field: str, expected: tuple[str, str, int]) -> None:
    fields: dict[str, Any] = {field: 1e-06}
    (price,) = record(**fields).observations
    assert isinstance(price, PriceObservation)
    assert (price.component, price.service_class, price.min_input_tokens) == expected


def test_field_under_an_unknown_condition_is_named_and_left_out() -> None:
    parsed = parse(m={"litellm_provider": "x", "mode": "chat", "input_cost_per_token_ultrafast": 1e-06})
    assert parsed.records[0].observations == ()
    assert parsed.remarks == [
        "Token prices under unknown conditions were not taken: input_cost_per_token_ultrafast (1)."
    ]


def test_prices_by_character_second_or_unit_are_no_token_prices() -> None:
    fields = ("input_cost_per_character_above_128k_tokens", "input_dbu_cost_per_token", "output_cost_per_second")
    parsed = parse(m={"litellm_provider": "x", "mode": "chat"} | dict.fromkeys(fields, 1e-06))
    assert (parsed.records[0].observations, parsed.remarks) == ((), [])


def test_cache_hit_is_read_only_where_the_usual_field_is_missing() -> None:
    both = record(input_cost_per_token_cache_hit=7e-08, cache_read_input_token_cost=7e-08)
    assert both.observations == (PriceObservation("cached_input", Decimal("0.07")),)
    assert record(input_cost_per_token_cache_hit=7e-08).observations == both.observations


def test_zeros_are_unknown_when_nothing_has_a_price() -> None:
    values = [price.usd_per_mtok for price in record(input_cost_per_token=0, output_cost_per_token=0.0).observations]  # type: ignore[union-attr]
    assert values == [None, None]


def test_zero_for_writing_the_cache_is_unknown_and_zero_output_is_free() -> None:
    found = record(input_cost_per_token=1e-06, output_cost_per_token=0, cache_creation_input_token_cost=0.0)
    assert [price.usd_per_mtok for price in found.observations] == [Decimal(1), Decimal(0), None]  # type: ignore[union-attr]


def test_tier_ranges_begin_above_their_lower_bound() -> None:
    tiers = [
        {"range": [0, 256000.0], "input_cost_per_token": 5e-08},
        {"range": [256000.0, 1000000.0], "input_cost_per_token": 2.5e-07},
    ]
    assert record(tiered_pricing=tiers).observations == (
        PriceObservation("input", Decimal("0.05")),
        PriceObservation("input", Decimal("0.25"), min_input_tokens=256001),
    )


def test_cheaper_hours_are_windows_beside_the_list_price() -> None:
    found = record(
        input_cost_per_token=1e-06,
        off_peak_pricing={
            "input_cost_per_token": 5e-07,
            "windows": [{"hours_utc": "16:30-00:30"}, {"hours_utc": "00:00-00:00", "weekdays": [7, "Saturday"]}],
        },
    )
    assert found.observations == (
        PriceObservation("input", Decimal(1)),
        PriceObservation("input", Decimal("0.5"), utc_from=time(16, 30), utc_to=time(0, 30)),
        PriceObservation("input", Decimal("0.5"), weekdays="67"),
    )


@pytest.mark.parametrize(
    ("key", "seller", "sold_as", "region"),
    [
        ("deepseek/deepseek-chat", "deepseek", "deepseek-chat", ""),
        ("gpt-4o-2024-08-06", "openai", "gpt-4o-2024-08-06", ""),
        ("openrouter/deepseek/deepseek-chat", "openrouter", "deepseek/deepseek-chat", ""),
        ("azure/eu/gpt-4o-2024-08-06", "azure", "gpt-4o-2024-08-06", "eu"),
        ("bedrock/us-gov-west-1/anthropic.claude-v2", "bedrock", "anthropic.claude-v2", "us-gov-west-1"),
        ("us.deepseek.r1-v1:0", "bedrock_converse", "deepseek.r1-v1:0", "us"),
        ("vertex_ai/claude-3-opus", "vertex_ai-anthropic_models", "claude-3-opus", ""),
    ],
)
def test_key_gives_the_sellers_own_id_and_the_region(key: str, seller: str, sold_as: str, region: str) -> None:
    found = record(key, seller)
    assert (found.provider_model_id, found.region, found.raw_name) == (sold_as, region, key)


def test_models_of_other_modes_are_records_without_prices() -> None:
    assert record(mode="embedding", input_cost_per_token=1e-07).observations == ()


@pytest.mark.parametrize("value", [-1e-06, "free", [1], True])
def test_price_that_is_none_refuses_its_record_alone(value: object) -> None:
    bad = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": value}
    parsed = parse(bad=bad, good={"litellm_provider": "openai", "mode": "chat"})
    assert [item.external_key for item in parsed.rejected] == ["bad"]
    assert [item.external_key for item in parsed.records] == ["good"]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"a": 1}', b'{"data": {"x": 1}}'])
def test_file_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="an object of models, each with its litellm_provider"):
        litellm.parse(body)
