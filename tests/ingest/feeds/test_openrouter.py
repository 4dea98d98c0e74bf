from datetime import time
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingest.adapters import openrouter
from ingest.adapters.base import ParseError, PriceObservation, Record


def record(name: str = "deepseek/deepseek-chat", **pricing: Any) -> Record:
    entry = {"id": name, "description": "A text of theirs.", "pricing": pricing}
    (found,) = openrouter.parse(orjson.dumps({"data": [entry]})).records
    return found


def test_list_price_with_cache_and_reasoning() -> None:
    found = record(prompt="0.000003", completion="0.000015", input_cache_read="0.0000003", internal_reasoning="0")
    assert found.observations == (
        PriceObservation("input", Decimal(3)),
        PriceObservation("output", Decimal(15)),
        PriceObservation("cached_input", Decimal("0.3")),
    )


def test_description_is_not_kept() -> None:
    assert record(prompt="0").payload == {"id": "deepseek/deepseek-chat", "pricing": {"prompt": "0"}}


@pytest.mark.parametrize("sentinel", ["-1", -1])
def test_router_has_no_price(sentinel: object) -> None:
    assert record("openrouter/auto", prompt=sentinel, completion=sentinel).observations == ()


def test_zero_is_free_only_on_a_free_id() -> None:
    free = record("meta-llama/llama:free", prompt="0", completion="0")
    assert [price.usd_per_mtok for price in free.observations] == [Decimal(0), Decimal(0)]  # type: ignore[union-attr]
    assert free.speed_class == "free"
    other = record(prompt="0", completion="0")
    assert [price.usd_per_mtok for price in other.observations] == [None, None]  # type: ignore[union-attr]


def test_overrides_are_tiers_and_windows() -> None:
    overrides = [
        {"min_prompt_tokens": 272000, "prompt": "0.000005"},
        {"utc_start": "16:30", "utc_end": "00:30:00Z", "prompt": "0.000001"},
    ]
    assert record(prompt="0.0000025", overrides=overrides).observations == (
        PriceObservation("input", Decimal("2.5")),
        PriceObservation("input", Decimal(5), min_input_tokens=272000),
        PriceObservation("input", Decimal(1), utc_from=time(16, 30), utc_to=time(0, 30)),
    )


def test_id_that_is_listed_twice_is_refused_once() -> None:
    entry = {"id": "a/b", "pricing": {"prompt": "0.000001"}}
    parsed = openrouter.parse(orjson.dumps([entry, entry]))
    assert len(parsed.records) == 1
    assert [item.reason for item in parsed.rejected] == ["The id occurs twice."]


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b'{"data": [1]}', b'{"error": "rate limited"}'])
def test_file_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="a list of models with their pricing"):
        openrouter.parse(body)
