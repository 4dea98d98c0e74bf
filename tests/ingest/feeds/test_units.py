"""One offering in five feeds and four units is one price."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingest.adapters import genai_prices, litellm, llm_prices, llm_stats, models_dev, openrouter
from ingest.adapters.base import (
    CENTS_PER_MILLION_TOKENS,
    PER_MILLION_TOKENS,
    PER_TOKEN,
    Parsed,
    PriceObservation,
    RecordError,
    usd_per_mtok,
)

FILES: dict[str, tuple[Callable[[bytes], Parsed], Any]] = {
    "litellm, floats per token": (
        litellm.parse,
        {
            "deepseek/deepseek-chat": {
                "litellm_provider": "deepseek",
                "mode": "chat",
                "input_cost_per_token": 2.7e-07,
                "output_cost_per_token": 1.1e-06,
            }
        },
    ),
    "openrouter, strings per token": (
        openrouter.parse,
        {"data": [{"id": "deepseek-chat", "pricing": {"prompt": "0.00000027", "completion": "0.0000011"}}]},
    ),
    "models.dev, per million": (
        models_dev.parse,
        {"deepseek": {"name": "DeepSeek", "models": {"deepseek-chat": {"cost": {"input": 0.27, "output": 1.1}}}}},
    ),
    "llm-prices, per million": (
        llm_prices.parse,
        {"prices": [{"id": "deepseek-chat", "vendor": "deepseek", "input": 0.27, "output": 1.1, "input_cached": None}]},
    ),
    "genai-prices, per million": (
        genai_prices.parse,
        [{"id": "deepseek", "models": [{"id": "deepseek-chat", "prices": {"input_mtok": 0.27, "output_mtok": 1.1}}]}],
    ),
    "llm-stats, cents per million": (
        llm_stats.parse,
        [
            {
                "provider": "deepseek",
                "models": [
                    {
                        "model_id": "deepseek-chat",
                        "input_cents_per_million_tokens": 27,
                        "output_cents_per_million_tokens": 110,
                    }
                ],
            }
        ],
    ),
}


@pytest.mark.parametrize("feed", FILES)
def test_price_is_the_same_decimal_from_every_feed(feed: str) -> None:
    parse, content = FILES[feed]
    (record,) = parse(orjson.dumps(content)).records
    prices = {item.component: item.usd_per_mtok for item in record.observations if isinstance(item, PriceObservation)}
    assert prices == {"input": Decimal("0.27"), "output": Decimal("1.1")}
    assert record.provider_model_id == "deepseek-chat"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (3e-06, PER_TOKEN, "3"),
        ("0.00000008333333333333334", PER_TOKEN, "0.083333333333"),
        (8.333333333333334e-08, PER_TOKEN, "0.083333333333"),
        (5.000002e-05, PER_TOKEN, "50.00002"),
        ("0.000003", PER_TOKEN, "3"),
        (12345.678901234567, PER_MILLION_TOKENS, "12345.6789012346"),
        (25, CENTS_PER_MILLION_TOKENS, "0.25"),
        (0, PER_TOKEN, "0"),
    ],
)
def test_unit_conversion_is_exact(value: Any, unit: Decimal, expected: str) -> None:
    assert usd_per_mtok(value, unit=unit) == Decimal(expected)


@pytest.mark.parametrize("value", [None, "", "1,5", "1e400", float("inf"), "-0.1", {"usd": 1}, "9" * 10_000])
def test_what_is_no_price_is_refused(value: object) -> None:
    with pytest.raises(RecordError):
        usd_per_mtok(value, unit=PER_TOKEN)
