from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingest.adapters import models_dev
from ingest.adapters.base import ParseError, PriceObservation, Record


def record(seller: str = "openai", **cost: Any) -> Record:
    body = {seller: {"name": "A seller", "models": {"gpt-x": {"cost": cost}}}}
    (found,) = models_dev.parse(orjson.dumps(body)).records
    return found


def test_seller_has_our_name_where_we_know_it() -> None:
    names = {seller: found.name for seller in ("togetherai", "nowhere") if (found := record(seller).provider)}
    assert names == {"togetherai": "Together AI", "nowhere": "A seller"}


def test_tiers_begin_above_their_size_and_the_older_field_is_not_read_twice() -> None:
    tier = {"input": 5, "output": 22.5}
    found = record(
        input=2.5, output=15, context_over_200k=tier, tiers=[tier | {"tier": {"size": 272000, "type": "context"}}]
    )
    assert found.observations == (
        PriceObservation("input", Decimal("2.5")),
        PriceObservation("output", Decimal(15)),
        PriceObservation("input", Decimal(5), min_input_tokens=272001),
        PriceObservation("output", Decimal("22.5"), min_input_tokens=272001),
    )


def test_older_field_is_read_where_it_stands_alone() -> None:
    assert record(input=1, context_over_200k={"input": 2}).observations == (
        PriceObservation("input", Decimal(1)),
        PriceObservation("input", Decimal(2), min_input_tokens=200001),
    )


def test_zeros_are_unknown_and_no_cost_is_nothing() -> None:
    assert [price.usd_per_mtok for price in record(input=0, output=0).observations] == [None, None]  # type: ignore[union-attr]
    body = {"nvidia": {"models": {"m": {"name": "M"}}}}
    assert models_dev.parse(orjson.dumps(body)).records[0].observations == ()


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"openai": {"models": []}}', b'{"openai": 1}'])
def test_file_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="an object of sellers, each with its models"):
        models_dev.parse(body)
