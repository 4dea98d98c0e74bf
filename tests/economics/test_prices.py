import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument, MismatchedShapes
from economics.prices import (
    Usage,
    blended_price,
    cached_prefix_cost,
    request_cost,
    request_cost_array,
    self_hosted_price,
    tiered_request_cost,
)

CLAUDE_3_5_SONNET = {
    "input": Decimal(3),
    "cached_input": Decimal("0.30"),
    "cache_write": Decimal("3.75"),
    "output": Decimal(15),
}
COMPONENTS = ("input", "cached_input", "cache_write", "cache_write_1h", "output")

usd = st.decimals(0, 1000, places=6)
tokens = st.integers(0, 10**9)


def test_importing_prices_and_training_loads_neither_scipy_nor_pandas() -> None:
    program = (
        "import sys, economics.prices, economics.training, economics.intervals, economics.cost_of_pass;"
        "print(sorted({'scipy', 'pandas', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"


def test_blended_price_three_to_one() -> None:
    assert blended_price(price=CLAUDE_3_5_SONNET, mix={"input": 3, "output": 1}).usd_per_mtok == Decimal("6.00")


@pytest.mark.parametrize(
    ("price_in", "price_out", "expected"),
    [("0.27", "1.10", "0.4775"), ("0.14", "0.28", "0.175"), (0.27, 1.10, "0.4775")],
)
def test_blended_price_of_deepseek_chat_is_exact(price_in: Any, price_out: Any, expected: str) -> None:
    price = {"input": price_in, "output": price_out}
    blended = blended_price(price=price, mix={"input": 3, "cached_input": 0, "output": 1})
    assert blended.usd_per_mtok == Decimal(expected)
    assert blended.assumed == ()
    assert blended.mix == {"input": 3, "cached_input": 0, "output": 1}


def test_blended_price_marks_what_it_assumes() -> None:
    blended = blended_price(
        price={"input": 2, "output": 8, "cache_write": None},
        mix={"input": 1, "cached_input": 1, "cache_write": 1, "reasoning": 1, "output": 1},
    )
    assert blended.usd_per_mtok == Decimal("4.4")
    assert set(blended.assumed) == {"cached_input", "cache_write", "reasoning"}


def test_blended_price_without_a_needed_price_is_unknown() -> None:
    blended = blended_price(price={"input": 2, "output": None}, mix={"input": 3, "output": 1})
    assert (blended.usd_per_mtok, blended.missing) == (None, ("output",))
    assert blended_price(price=None, mix={"input": 1}).usd_per_mtok is None


def test_blended_price_of_a_free_model_is_zero_not_unknown() -> None:
    assert blended_price(price={"input": 0, "output": 0}, mix={"input": 3, "output": 1}).usd_per_mtok == 0


@pytest.mark.parametrize(
    ("mix", "named"),
    [
        ({"input": 0, "output": 0}, "at least one component"),
        ({}, "at least one component"),
        ({"input": -1, "output": 2}, r"mix\['input'\] is -1"),
        ({"input": float("nan")}, r"mix\['input'\] is nan"),
    ],
)
def test_blended_price_refuses_a_mix_that_cannot_be(mix: dict[str, float], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        blended_price(price=CLAUDE_3_5_SONNET, mix=mix)


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"price\['input'\] is -1; it cannot be negative"):
        blended_price(price={"input": -1}, mix={"input": 1})


@settings(deadline=None)
@given(prices=st.lists(usd, min_size=5, max_size=5), weights=st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_a_blended_price_lies_between_its_parts(prices: list[Decimal], weights: list[int]) -> None:
    if not any(weights):
        weights[0] = 1
    blended = blended_price(
        price=dict(zip(COMPONENTS, prices, strict=True)), mix=dict(zip(COMPONENTS, weights, strict=True))
    )
    used = [price for price, weight in zip(prices, weights, strict=True) if weight]
    assert blended.usd_per_mtok is not None
    # A quotient of Decimals is rounded to 28 digits.
    assert min(used) * (1 - Decimal("1e-27")) <= blended.usd_per_mtok <= max(used) * (1 + Decimal("1e-27"))


def test_request_cost_by_hand() -> None:
    usage = Usage(input=1000, cached_input=5000, cache_write=2000, output=400, reasoning_of_output=300)
    cost = request_cost(price=CLAUDE_3_5_SONNET, usage=usage)
    assert cost.by_component == {
        "input": Decimal("0.003"),
        "cached_input": Decimal("0.0015"),
        "cache_write": Decimal("0.0075"),
        "output": Decimal("0.006"),
    }
    assert cost.total == Decimal("0.018")
    assert cost.reasoning_of_output == Decimal("0.0045")  # a part of output, not added
    assert (cost.assumed, cost.not_reported) == ((), ())


def test_a_batch_discount_lowers_each_part() -> None:
    usage = Usage(input=1000, cached_input=0, cache_write=0, output=400)
    cost = request_cost(price=CLAUDE_3_5_SONNET, usage=usage, batch_discount=Decimal("0.5"))
    assert (cost.total, cost.by_component["output"]) == (Decimal("0.0045"), Decimal("0.003"))
    with pytest.raises(InvalidArgument, match=r"batch_discount is .*50"):
        request_cost(price=CLAUDE_3_5_SONNET, usage=usage, batch_discount=50)


def test_request_cost_without_a_price_for_a_used_component_is_unknown() -> None:
    cost = request_cost(price={"input": 1}, usage=Usage(input=10, output=1))
    assert cost.total is None
    assert cost.by_component == {"input": Decimal("0.00001"), "output": None}
    assert request_cost(price={"input": 1}, usage=Usage(input=10, output=0)).total == Decimal("0.00001")


@pytest.mark.parametrize("usage", [Usage(), Usage(input=10), Usage(output=10)])
def test_request_cost_of_unreported_tokens_is_unknown_not_zero(usage: Usage) -> None:
    cost = request_cost(price=CLAUDE_3_5_SONNET, usage=usage)
    assert cost.total is None
    assert {"input", "output"} & set(cost.not_reported)


def test_cached_tokens_that_are_not_told_apart_are_priced_inside_input() -> None:
    cost = request_cost(price=CLAUDE_3_5_SONNET, usage=Usage(input=1000, output=0))
    assert (cost.total, cost.not_reported) == (Decimal("0.003"), ("cached_input", "cache_write"))


def test_cache_writes_that_live_an_hour_have_their_price() -> None:
    usage = Usage(input=0, cached_input=0, cache_write=3000, cache_write_1h=1000, output=0)
    cost = request_cost(price=CLAUDE_3_5_SONNET | {"cache_write_1h": 6}, usage=usage)
    assert cost.total == Decimal("0.0075") + Decimal("0.006")
    without = request_cost(price=CLAUDE_3_5_SONNET, usage=usage)
    assert (without.total, without.assumed) == (Decimal("0.01125"), ("cache_write_1h",))


TIERS: dict[int, Any] = {
    0: {"input": 1, "cached_input": "0.1", "output": 10},
    200_001: {"input": 2, "cached_input": "0.2", "output": 15},
}


@pytest.mark.parametrize(("prompt", "expected"), [(200_000, "0.21"), (200_001, "0.415002")])
def test_a_long_prompt_makes_the_whole_request_dearer(prompt: int, expected: str) -> None:
    usage = Usage(input=prompt, cached_input=0, cache_write=0, output=1000)
    assert tiered_request_cost(tiers=TIERS, usage=usage).total == Decimal(expected)


def test_cached_tokens_count_towards_the_tier() -> None:
    usage = Usage(input=100_001, cached_input=100_000, cache_write=0, output=0)
    assert tiered_request_cost(tiers=TIERS, usage=usage).total == Decimal("0.220002")


def test_a_marginal_tier_prices_only_the_excess() -> None:
    tiers: dict[int, Any] = {0: {"input": 1, "cached_input": "0.1", "output": 10}, 100: {"input": 2, "output": 99}}
    usage = Usage(input=150, cached_input=50, cache_write=0, output=10)
    cost = tiered_request_cost(tiers=tiers, usage=usage, marginal=True)
    # 50 cached and 50 fresh below the threshold, 100 fresh above; output at the first tier's price
    assert cost.by_component == {
        "input": Decimal("0.00025"),
        "cached_input": Decimal("0.000005"),
        "cache_write": 0,
        "output": Decimal("0.0001"),
    }
    assert cost.total == Decimal("0.000355")
    thinking = Usage(input=150, cached_input=50, cache_write=0, output=10, reasoning_of_output=4)
    shown = tiered_request_cost(tiers=tiers, usage=thinking, marginal=True)
    assert (shown.total, shown.reasoning_of_output) == (Decimal("0.000355"), Decimal("0.00004"))


@settings(deadline=None)
@given(counts=st.lists(tokens, min_size=4, max_size=4), threshold=st.integers(1, 10**9))
def test_a_marginal_tier_of_the_same_price_changes_nothing(counts: list[int], threshold: int) -> None:
    usage = Usage(**dict(zip(("input", "cached_input", "cache_write", "output"), counts, strict=True)))
    tiers = {0: CLAUDE_3_5_SONNET, threshold: CLAUDE_3_5_SONNET}
    tiered = tiered_request_cost(tiers=tiers, usage=usage, marginal=True)
    assert tiered.total == request_cost(price=CLAUDE_3_5_SONNET, usage=usage).total


def test_a_request_needs_a_usage() -> None:
    with pytest.raises(InvalidArgument, match="give a Usage"):
        request_cost(price=CLAUDE_3_5_SONNET, usage={"input": 1, "output": 1})  # type: ignore[arg-type]


def test_tiers_of_an_unknown_prompt_give_an_unknown_cost() -> None:
    assert tiered_request_cost(tiers=TIERS, usage=Usage(output=1)).total is None
    with pytest.raises(InvalidArgument, match="one tier must start at 0"):
        tiered_request_cost(tiers={5: CLAUDE_3_5_SONNET}, usage=Usage(input=1, output=1))


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.lists(st.one_of(st.none(), usd), min_size=5, max_size=5),
            st.lists(st.one_of(st.none(), tokens), min_size=4, max_size=4),
            st.decimals(0, 1, places=2),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_scalar_decimal_and_vectorised_float_cost_agree(rows: list[Any]) -> None:
    names = ("input", "cached_input", "cache_write", "output")
    scalar = [
        request_cost(
            price=dict(zip(COMPONENTS, prices, strict=True)),
            usage=Usage(**dict(zip(names, counts, strict=True))),
            batch_discount=discount,
        ).total
        for prices, counts, discount in rows
    ]
    nan = float("nan")
    columns = request_cost_array(
        price={
            name: [nan if row[0][i] is None else float(row[0][i]) for row in rows] for i, name in enumerate(COMPONENTS)
        },
        usage={name: [nan if row[1][i] is None else row[1][i] for row in rows] for i, name in enumerate(names)},
        batch_discount=[float(row[2]) for row in rows],
    )
    for exact, floating in zip(scalar, columns, strict=True):
        if exact is None:
            assert np.isnan(floating)
        else:
            assert floating == pytest.approx(float(exact), rel=1e-12, abs=0)


def test_the_vectorised_cost_broadcasts_one_price_over_many_requests() -> None:
    cost = request_cost_array(
        price={"input": 3.0, "output": 15.0, "cache_write_1h": 6.0},
        usage={"input": [1000, 0], "output": [0, 1000], "cache_write": [10, 1000], "cache_write_1h": [0, 1000]},
    )
    assert cost.tolist() == pytest.approx([0.00303, 0.021])


def test_the_vectorised_cost_refuses_columns_that_do_not_fit() -> None:
    with pytest.raises(MismatchedShapes, match="do not fit"):
        request_cost_array(price={"input": [1.0, 2.0, 3.0]}, usage={"input": [1, 2], "output": [1, 2]})
    with pytest.raises(InvalidArgument, match=r"usage\['input'\] holds -1"):
        request_cost_array(price={"input": 1.0}, usage={"input": [-1], "output": [1]})
    with pytest.raises(InvalidArgument, match=r"price\['input'\] holds inf"):
        request_cost_array(price={"input": [float("inf")]}, usage={"input": [1], "output": [1]})
    with pytest.raises(InvalidArgument, match="batch_discount reaches 50"):
        request_cost_array(price={"input": 1.0}, usage={"input": [1], "output": [1]}, batch_discount=50)


@settings(deadline=None)
@given(factor=st.integers(1, 1000), counts=st.lists(tokens, min_size=4, max_size=4))
def test_request_cost_scales_with_all_prices(factor: int, counts: list[int]) -> None:
    usage = Usage(**dict(zip(("input", "cached_input", "cache_write", "output"), counts, strict=True)))
    dearer = {component: price * factor for component, price in CLAUDE_3_5_SONNET.items()}
    once, more = request_cost(price=CLAUDE_3_5_SONNET, usage=usage), request_cost(price=dearer, usage=usage)
    assert once.total is not None
    assert more.total == once.total * factor


def test_a_cached_prefix_costs_one_write_and_the_other_reads() -> None:
    cost = cached_prefix_cost(price=CLAUDE_3_5_SONNET, prefix_tokens=100_000, calls=5)
    assert cost.total == Decimal("0.375") + 4 * Decimal("0.03")
    assert cost.without_cache == Decimal("1.5")


def test_a_cached_prefix_without_its_own_write_price_pays_input() -> None:
    cost = cached_prefix_cost(price={"input": 2, "cached_input": 1}, prefix_tokens=1_000_000, calls=3)
    assert (cost.total, cost.assumed) == (Decimal(4), ("cache_write",))


def test_a_cached_prefix_never_read_costs_nothing() -> None:
    assert cached_prefix_cost(price=CLAUDE_3_5_SONNET, prefix_tokens=100, calls=0).total == 0


def test_self_hosted_price_from_rent_and_throughput() -> None:
    assert self_hosted_price(usd_per_hour=16, tokens_per_hour=8_000_000) == 2
    assert self_hosted_price(usd_per_hour="16", tokens_per_hour=8_000_000, utilisation=0.25) == 8
    assert self_hosted_price(usd_per_hour=None, tokens_per_hour=1) is None
    assert self_hosted_price(usd_per_hour=1, tokens_per_hour=None) is None
    with pytest.raises(InvalidArgument, match="tokens_per_hour is 0"):
        self_hosted_price(usd_per_hour=1, tokens_per_hour=0)
    with pytest.raises(InvalidArgument, match="utilisation is 72"):
        self_hosted_price(usd_per_hour=1, tokens_per_hour=1, utilisation=72)
