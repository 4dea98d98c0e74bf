from datetime import date
from decimal import Decimal

import pytest

from dashboard.errors import BadParameter
from dashboard.query import FrontierQuery, Mix, parse_amount


def test_mix_of_three_numbers_is_read() -> None:
    mix = Mix.parse("3:0.5:1")

    assert mix.weights == {"input": Decimal(3), "cached_input": Decimal("0.5"), "output": Decimal(1)}
    assert mix.text == "3:0.5:1"
    assert mix.words == "3 input : 0.5 cached input : 1 output"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3:x:1", "mix is '3:x:1': its cached_input part 'x' is not a number from 0 to 1,000,000. Write"),
        ("3:1", "mix is '3:1', which has 2 parts: write three numbers, input:cached_input:output, such as 3:0:1."),
        ("0:0:0", "mix is '0:0:0': at least one of its parts must be more than 0, as in 3:0:1."),
        ("3:0:-1", "mix is '3:0:-1': its output part '-1' is not a number"),
        ("NaN:0:1", "mix is 'NaN:0:1': its input part 'NaN' is not a number"),
        ("3:0:inf", "mix is '3:0:inf': its output part 'inf' is not a number"),
        ("", "mix is '', which has 1 part: write three numbers"),
    ],
)
def test_mix_that_is_malformed_says_which_part_and_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(BadParameter) as caught:
        Mix.parse(text)

    assert caught.value.parameter == "mix"
    assert caught.value.message.startswith(sentence)


def test_query_leaves_defaults_out_of_the_address() -> None:
    query = FrontierQuery.parse({"mix": "3:0:1", "access": "all", "capability": "index", "as_of": ""})

    assert query == FrontierQuery()
    assert query.string == ""


def test_query_survives_a_round_trip_through_its_address() -> None:
    values = {
        "mix": "1:4:1",
        "as_of": "2025-02-08",
        "capability": "benchmark:gpqa-diamond",
        "policy": "worst",
        "price_policy": "cheapest",
        "access": "open",
        "unknown": "show",
    }
    query = FrontierQuery.parse(values)

    assert query.parameters == values
    assert query.day == date(2025, 2, 8)
    assert query.string == (
        "?mix=1:4:1&as_of=2025-02-08&capability=benchmark:gpqa-diamond&policy=worst&price_policy=cheapest"
        "&access=open&unknown=show"
    )


def test_query_keeps_unknown_names_aside() -> None:
    assert FrontierQuery.parse({"colour": "red", "mix": "1:0:1"}).ignored == ("colour",)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("as_of", "08.02.2025", "as_of is '08.02.2025', which is not a day: write it as year-month-day"),
        ("policy", "best", "policy is 'best': choose one of independent, vendor, median, worst."),
        ("access", "free", "access is 'free': choose one of all, open, api."),
        ("capability", "iq", "capability is 'iq': write index, benchmark:SLUG or suite:SLUG"),
    ],
)
def test_query_with_a_bad_value_names_it(name: str, value: str, sentence: str) -> None:
    with pytest.raises(BadParameter) as caught:
        FrontierQuery.parse({name: value})

    assert caught.value.parameter == name
    assert caught.value.message.startswith(sentence)


@pytest.mark.parametrize("text", ["two", "-1", "1001", "NaN", "Infinity", ""])
def test_amount_outside_its_range_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="write a number from 0 to 1,000, such as 2"):
        parse_amount("usd_per_gpu_hour", text, most=Decimal(1000), example="2")
