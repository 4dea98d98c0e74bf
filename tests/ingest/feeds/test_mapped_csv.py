"""A table without an adapter, read by what a mapping says of its columns."""

from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest

from catalog.models import Claim
from ingest.adapters.base import (
    FactObservation,
    HardwarePriceObservation,
    ParseError,
    PriceObservation,
    ScoreObservation,
)
from ingest.adapters.mapped_csv import Attribute, MappingError, check_mapping, parse, read_mapping
from tests.factories import at

TOML = b"""
feed = "reseller"
title = "Prices of our reseller"
name = "Model"
seller_column = "Sold by"
date = {column = "Since", format = "%d.%m.%Y"}
delimiter = ";"
decimal = ","
unknown = ["", "n/a", "-1"]
[source]
url = "https://example.org/prices"
publisher = "Acme"
[[values]]
kind = "price"
column = "In"
component = "input"
unit = "usd_per_mtok"
[[values]]
kind = "price"
column = "Out, cents"
component = "output"
unit = "cents_per_mtok"
[[values]]
kind = "score"
column = "GPQA"
benchmark = "gpqa-diamond"
unit = "percent"
measured_by = "Acme"
[[values]]
kind = "fact"
column = "Size, B"
attribute = "total_params"
unit = "parameters"
times = 1e9
"""
HEAD = 'Model;Sold by;Since;In;"Out, cents";GPQA;"Size, B"\n'


def read(*rows: str, **changed: Any) -> Any:
    mapping = read_mapping(TOML)
    return parse((HEAD + "\n".join(rows) + "\n").encode(), mapping=mapping.model_copy(update=changed))


def test_row_gives_what_its_columns_mean_in_our_units() -> None:
    (record,) = read("deepseek-chat;DeepSeek;08.02.2025;0,27;110;59,1;671").records
    since = at("2025-02-08")
    assert record.observations == (
        PriceObservation("input", Decimal("0.27"), effective_from=since),
        PriceObservation("output", Decimal("1.1"), effective_from=since),
        ScoreObservation("gpqa-diamond", 0.591, "59,1", "percent", measured_by="Acme", measured_on=date(2025, 2, 8)),
        FactObservation("total_params", "671000000000", "parameters"),
    )
    assert (record.external_key, record.raw_name) == ("DeepSeek/deepseek-chat/08.02.2025", "deepseek-chat")
    assert record.provider is not None
    assert (record.provider.id, record.provider.name) == ("deepseek", "DeepSeek")


def test_cell_that_means_unknown_says_nothing_and_zero_is_free() -> None:
    (record,) = read("m;Acme;;n/a;0;-1;").records
    assert record.observations == (PriceObservation("output", Decimal(0)),)


def test_thousands_are_read_by_the_decimal_mark() -> None:
    (record,) = read("m;Acme;;1.234,5;;;").records
    assert record.observations == (PriceObservation("input", Decimal("1234.5")),)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "m;Acme;;dear;;;",
            (
                "Column 'In' holds 'dear', which is not a number with ',' as its decimal mark. If it means unknown, "
                "add it to 'unknown' in the mapping; otherwise correct 'decimal' or the cell."
            ),
        ),
        ("m;Acme;;-2;;;", "Column 'In': The price -2 is negative."),
        (
            "m;Acme;2025-02-08;1;;;",
            (
                "Column 'Since' holds '2025-02-08', which is not a day as %d.%m.%Y reads it. Correct date.format in "
                "the mapping or the cell."
            ),
        ),
        ("m;Acme;;;;591;", "Column 'GPQA': 591 is no percent of a score; correct 'unit' in the mapping."),
        ("m;Acme;;;;;0", "Column 'Size, B': 0 is out of range for total_params."),
        (";Acme;;1;;;", "The column 'Model' is empty in row 2."),
    ],
)
def test_cell_that_cannot_be_read_names_its_column_and_the_remedy(row: str, reason: str) -> None:
    parsed = read(row)
    assert parsed.records == []
    assert [item.reason for item in parsed.rejected] == [reason]


def test_rows_of_one_key_are_one_and_the_remedy() -> None:
    parsed = read("m;Acme;;1;;;", "m;Acme;;2;;;")
    assert [item.reason for item in parsed.rejected] == [
        "The key Acme/m occurs twice; name more columns in the mapping's 'key'."
    ]


def test_column_that_the_file_lacks_is_named_with_its_place_in_the_mapping() -> None:
    with pytest.raises(
        ParseError, match=r"has no column 'In', which the mapping names at values\[0\]\.column; it has Mo"
    ):
        parse(HEAD.replace(";In;", ";Input;").encode(), mapping=read_mapping(TOML))


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": 1}', b"\xff\xfe"])
def test_file_that_is_no_csv_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body, mapping=read_mapping(TOML))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"usd_per_mtok", b"usd"), "values.0.price.unit: Input should be 'usd_per_token'"),
        ((b'"input"', b'"imput"'), "values.0.price.component: Input should be 'input'"),
        ((b'name = "Model"', b""), "name: Field required"),
        ((b'seller_column = "Sold by"', b""), "prices need either seller, a name, or seller_column"),
        ((b'feed = "reseller"', b'feed = "Our Reseller"'), "feed: String should match pattern"),
        ((b"delimiter", b"delimeter"), "delimeter: Extra inputs are not permitted"),
        ((b"[source]", b"[source"), "neither TOML nor JSON"),
    ],
)
def test_mapping_that_is_wrong_names_the_field(change: tuple[bytes, bytes], words: str) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(TOML.replace(*change, 1))
    assert words in str(caught.value)


def test_mapping_may_be_json_and_price_rents() -> None:
    mapping = check_mapping(
        {
            "feed": "rents",
            "title": "Rents",
            "name": "Chip",
            "source": {"url": "https://example.org", "publisher": "Acme"},
            "values": [{"kind": "hardware_price", "column": "USD", "terms": "spot"}],
        }
    )
    (record,) = parse(b"Chip,USD\nNVIDIA B200,2.50\n", mapping=mapping).records
    assert record.observations == (HardwarePriceObservation("NVIDIA B200", Decimal("2.50"), "spot"),)


def test_facts_are_those_that_the_catalog_keeps() -> None:
    assert set(get_args(Attribute)) == set(Claim.Attribute.values)
