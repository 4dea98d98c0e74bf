from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from catalog.models import Alias, Price
from ingest.adapters import llm_prices
from ingest.adapters.base import ParseError, PriceObservation
from ingest.models import RawRecord
from ingest.services import read_feed
from tests.factories import at, make_version

CHAT = {
    "id": "deepseek-chat",
    "price_history": [
        {"input": 0.27, "output": 1.1, "from_date": "2025-02-08", "to_date": None, "input_cached": None},
        {"input": 0.14, "output": 0.28, "from_date": None, "to_date": "2025-02-08", "input_cached": None},
    ],
}


def vendor_file(*models: dict[str, Any], vendor: str = "deepseek") -> bytes:
    return orjson.dumps({"vendor": vendor, "models": list(models)})


def test_periods_are_effective_dates() -> None:
    (record,) = llm_prices.parse(vendor_file(CHAT)).records
    day = datetime(2025, 2, 8, tzinfo=UTC)
    assert record.observations == (
        PriceObservation("input", Decimal("0.27"), effective_from=day),
        PriceObservation("output", Decimal("1.1"), effective_from=day),
        PriceObservation("input", Decimal("0.14"), effective_to=day),
        PriceObservation("output", Decimal("0.28"), effective_to=day),
    )


def test_published_list_gives_the_same_as_the_vendors_file() -> None:
    rows = [period | {"id": "deepseek-chat", "vendor": "deepseek"} for period in CHAT["price_history"]]  # type: ignore[operator]
    (listed,) = llm_prices.parse(orjson.dumps({"prices": rows})).records
    (filed,) = llm_prices.parse(vendor_file(CHAT)).records
    assert (listed.observations, listed.external_key) == (filed.observations, filed.external_key)


def test_tier_that_is_stored_as_a_model_belongs_to_its_model() -> None:
    models = [{"id": name, "price_history": [{"input": usd}]} for name, usd in (("gpt-5.4", 2.5), ("gpt-5.4-272k", 5))]
    base, tier = llm_prices.parse(vendor_file(*models, vendor="openai")).records
    assert tier.raw_name == base.raw_name == "gpt-5.4"
    assert tier.observations == (PriceObservation("input", Decimal(5), min_input_tokens=272001),)


def test_id_that_looks_like_a_tier_without_its_model_is_a_model() -> None:
    (record,) = llm_prices.parse(vendor_file({"id": "long-128k", "price_history": [{"input": 1}]})).records
    assert record.raw_name == "long-128k"


def test_id_that_occurs_twice_is_refused_once() -> None:
    parsed = llm_prices.parse(vendor_file(CHAT, CHAT))
    assert [item.reason for item in parsed.rejected] == ["The id occurs twice."]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"vendor": "x"}', b'{"models": []}'])
def test_file_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="'prices', or 'vendor' with its 'models'"):
        llm_prices.parse(body)


@pytest.mark.django_db
def test_file_of_one_vendor_says_nothing_about_the_others() -> None:
    for vendor in ("deepseek", "openai"):
        Alias.objects.create(
            namespace=f"llm-prices/{vendor}", raw_name="m", version=make_version(vendor, developer=vendor)
        )
        body = vendor_file({"id": "m", "price_history": [{"input": 1}]}, vendor=vendor)
        day = "2026-08-05" if vendor == "deepseek" else "2026-08-06"
        assert read_feed("llm-prices", body=body, observed_at=at(day)).state == "applied"
    assert RawRecord.objects.filter(absent_since__isnull=False).count() == 0
    assert Price.objects.filter(absent_since__isnull=False).count() == 0
    assert Price.objects.count() == 2
