"""Reserves and costs, recomputed by hand."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from economics.prices import Usage
from evals.money import FrozenPrices, booked, read_usage
from evals.worker.pace import MinuteWindow, ShareClock

SOLD = FrozenPrices(kind="sold", components={"input": Decimal(3), "output": Decimal(15)})
HOSTED = FrozenPrices(kind="self_hosted", machine_usd_per_hour=Decimal("3.6"))


def test_reserve_bounds_the_prompt_by_its_bytes() -> None:
    # "né" is 3 bytes, and 128 tokens are kept for the template: 131 at 3 USD and 100 at 15 USD per million.
    assert SOLD.reserve(prompt="né", max_output_tokens=100, timeout_s=60) == Decimal("0.001893")


def test_reserve_takes_the_dearest_price_that_may_apply() -> None:
    prices = FrozenPrices(
        kind="sold",
        components={"input": Decimal(3), "cache_write": Decimal(6), "output": Decimal(15), "reasoning": Decimal(30)},
    )
    assert prices.reserve(prompt="", max_output_tokens=100, timeout_s=60) == Decimal("0.003768")


def test_reserve_of_a_machine_is_the_longest_call() -> None:
    assert HOSTED.reserve(prompt="x", max_output_tokens=5, timeout_s=120) == Decimal("0.12")


def test_cost_counts_cached_tokens_at_their_price() -> None:
    prices = FrozenPrices(
        kind="sold", components={"input": Decimal(3), "cached_input": Decimal("0.3"), "output": Decimal(15)}
    )
    usage = Usage(input=1000, cached_input=2000, output=100)
    assert prices.cost(usage=usage, machine_s=None) == Decimal("0.0051")


def test_unknown_stays_unknown() -> None:
    assert SOLD.cost(usage=None, machine_s=1.0) is None
    assert HOSTED.cost(usage=None, machine_s=None) is None
    assert FrozenPrices(kind="unknown").cost(usage=Usage(input=1, output=1), machine_s=1.0) is None
    assert booked(cost=None, reserve=Decimal("0.5")) == Decimal("0.5")
    assert booked(cost=Decimal(0), reserve=Decimal("0.5")) == 0


def tier(length: int, usd: str, *, utc_from: str = "00:00", weekday: int | None = None) -> dict[str, Any]:
    return {
        "min_input_tokens": length,
        "weekday": weekday,
        "utc_from": utc_from,
        "usd_per_mtok": {"input": usd, "output": "10"},
    }


def frozen(*tiers: dict[str, Any]) -> FrozenPrices:
    return FrozenPrices.from_json({"kind": "sold", "components": {}, "tiers": list(tiers)})


@pytest.mark.parametrize(("tokens", "usd"), [(199_999, "0.199999"), (200_000, "0.4"), (300_000, "0.6")])
def test_each_call_is_priced_by_the_length_of_its_own_prompt(tokens: int, usd: str) -> None:
    prices = frozen(tier(0, "1"), tier(200_000, "2"))
    assert prices.cost(usage=Usage(input=tokens, output=0), machine_s=None) == Decimal(usd)
    cached = Usage(input=tokens - 100, cached_input=100, output=0)
    assert prices.cost(usage=cached, machine_s=None) == Decimal(usd), "cached tokens count for the length"


@pytest.mark.parametrize(
    ("at", "usd"),
    [("2026-11-23T16:29", "2"), ("2026-11-23T16:30", "1"), ("2026-11-24T00:29", "1"), ("2026-11-24T00:30", "2")],
)
def test_off_peak_calls_are_priced_by_the_moment_they_began(at: str, usd: str) -> None:
    prices = frozen(tier(0, "1"), tier(0, "2", utc_from="00:30"), tier(0, "1", utc_from="16:30"))
    moment = datetime.fromisoformat(f"{at}+00:00")
    million = Usage(input=1_000_000, output=0)
    assert prices.cost(usage=million, machine_s=None, at=moment) == Decimal(usd)
    assert prices.cost(usage=million, machine_s=None) == 2, "without a moment: the dearest hours"


def test_reserve_takes_the_dearest_tier_that_the_prompt_may_reach() -> None:
    prices = frozen(tier(0, "1"), tier(200, "5"), tier(10_000, "99"))
    assert prices.reserve(prompt="x" * 100, max_output_tokens=0, timeout_s=1) == Decimal("0.001140")  # 228 at 5


def test_machine_time_costs_its_rent() -> None:
    assert HOSTED.cost(usage=None, machine_s=2.5) == Decimal("0.0025")


@pytest.mark.parametrize(
    ("raw", "doubt"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 20}, ""),
        ({"prompt_tokens": 9, "completion_tokens": 21}, "usage_absurd"),
        ({"prompt_tokens": 9, "completion_tokens": 0}, "usage_absurd"),
        ({"prompt_tokens": -1, "completion_tokens": 5}, "usage_absurd"),
        ({"prompt_tokens": 9}, "usage_missing"),
        (None, "usage_missing"),
    ],
)
def test_usage_is_believed_only_when_it_can_be_true(raw: dict[str, int] | None, doubt: str) -> None:
    assert read_usage(dialect="openai", raw=raw, text="hello", max_output_tokens=10).doubt == doubt


def test_shares_of_calls_under_way_together_add_up_to_the_busy_time() -> None:
    clock = ShareClock()
    first = clock.enter(at=0.0)
    second = clock.enter(at=2.0)
    assert clock.leave(first, at=6.0) == 4.0  # two seconds alone, four shared
    assert clock.leave(second, at=7.0) == 3.0  # four shared, one alone
    third = clock.enter(at=100.0)
    assert clock.leave(third, at=101.0) == 1.0  # the idle time belongs to nobody


def test_minute_window_counts_any_sixty_seconds() -> None:
    window = MinuteWindow(2, past=[(10.0, 1)])
    assert window.room(20.0) == 1
    window.note(20.0)
    assert (window.room(69.9), round(window.wait_s(69.9), 6)) == (0, 0.1)
    assert (window.room(70.0), window.room(80.0)) == (1, 2)
    assert MinuteWindow(None).room(0.0) is None
