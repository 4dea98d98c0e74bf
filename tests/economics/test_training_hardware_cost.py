"""Amortised costs as Epoch AI publishes them with Cottier et al. 2024, arXiv 2405.21015.

The literal inputs are rows of github.com/epoch-research/training-cost-trends (April 2026; CC BY 4.0, Epoch AI): the
run from "All ML Systems", release date and power from "Chip dataset", the purchase price from "Hardware prices" (the
TPU's is the paper's 5,167, which that table misprints as 5,176), electricity from EIA's average price for US industry,
and the price index PCU518210518210 of the month of publication and of December 2024 (119.349).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument
from economics.hardware_assumptions import (
    acquisition_day,
    average_power_fraction,
    estimated_chip_hours,
    power_usage_effectiveness,
    server_power_factor,
    server_share,
    start_day,
)
from economics.training import acquisition_cost, amortised_cost

DECEMBER_2024 = 119.349


def test_amortised_cost_of_gpt_3() -> None:
    chip = "NVIDIA Tesla V100 DGXS 32 GB"
    cost = amortised_cost(
        server_price_per_chip=18625,  # a DGX-1 with its 8 chips: no share to add
        acquired_on=acquisition_day(chip=chip, released_on=date(2018, 3, 27), priced_on=date(2017, 7, 1)),
        started_on=date(2019, 10, 1),
        chip_hours=3_552_000,
        chip_tdp_w=250,
        chip_to_server_power=server_power_factor(chip=chip),
        tdp_fraction=average_power_fraction(chip=chip),
        pue=power_usage_effectiveness(organization="OpenAI"),
        usd_per_kwh=0.0667,
        price_index=DECEMBER_2024 / 113.4,
    )
    assert cost is not None
    assert float(cost.total) == pytest.approx(2_198_105, rel=1e-6)
    assert cost.hardware + cost.interconnect + cost.energy == cost.total


def test_amortised_cost_of_palm() -> None:
    chip = "Google TPU v4"
    cost = amortised_cost(
        server_price_per_chip=5167 * server_share(chip=chip),
        acquired_on=acquisition_day(chip=chip, released_on=date(2021, 5, 20), priced_on=date(2021, 5, 20)),
        started_on=start_day(published_on=date(2022, 4, 4), duration_hours=1536),
        chip_hours=8_404_992,
        chip_tdp_w=170,
        chip_to_server_power=server_power_factor(chip=chip),
        tdp_fraction=average_power_fraction(chip=chip),
        pue=power_usage_effectiveness(organization="Google Research"),
        usd_per_kwh=0.0832,
        price_index=DECEMBER_2024 / 117.091,
    )
    assert cost is not None
    assert float(cost.total) == pytest.approx(2_864_192, rel=1e-6)


def test_amortised_cost_of_llama_65b() -> None:
    chip = "NVIDIA A100"
    cost = amortised_cost(
        server_price_per_chip=24875,  # a DGX A100 with its 8 chips
        acquired_on=acquisition_day(chip=chip, released_on=date(2020, 3, 1), priced_on=date(2020, 5, 21)),
        started_on=start_day(published_on=date(2023, 2, 24), duration_hours=500),
        chip_hours=1_024_000,
        chip_tdp_w=400,
        chip_to_server_power=server_power_factor(chip=chip),
        tdp_fraction=average_power_fraction(chip=chip),
        pue=power_usage_effectiveness(organization="Meta AI"),
        usd_per_kwh=0.0806,
        price_index=DECEMBER_2024 / 117.529,
    )
    assert cost is not None
    assert float(cost.total) == pytest.approx(578_026, rel=1e-6)


def one_year(**change: Any) -> dict[str, Any]:
    """A chip that costs 10,000 USD, used for one year from the day it was bought, where power is free."""
    inputs: dict[str, Any] = {
        "server_price_per_chip": 10_000,
        "acquired_on": date(2024, 1, 1),
        "started_on": date(2024, 1, 1),
        "chip_hours": 8766,
        "chip_tdp_w": 1000,
        "chip_to_server_power": 1,
        "tdp_fraction": 1,
        "pue": 1,
        "usd_per_kwh": 0,
    }
    return inputs | change


def test_amortised_cost_by_hand() -> None:
    cost = amortised_cost(**one_year(usd_per_kwh="0.1", price_index=2))
    assert cost is not None
    assert float(cost.hardware) == pytest.approx(2 * 10_000 * 0.14 * 2.302585092994046)
    assert float(cost.interconnect) == pytest.approx(float(cost.hardware) * 0.19 / 0.81)
    assert cost.energy == Decimal("1753.2")
    assert cost.total == cost.hardware + cost.interconnect + cost.energy


def test_an_older_chip_costs_less() -> None:
    aged = amortised_cost(**one_year(acquired_on=date(2023, 1, 1)))
    fresh = amortised_cost(**one_year())
    assert aged is not None
    assert fresh is not None
    assert float(aged.hardware / fresh.hardware) == pytest.approx(10 ** (-0.14 * 365 / 365.25))


def test_days_may_be_text_or_moments() -> None:
    expected = amortised_cost(**one_year(started_on=date(2024, 7, 1)))
    assert amortised_cost(**one_year(acquired_on="2024-01-01", started_on="2024-07-01")) == expected
    assert amortised_cost(**one_year(acquired_on=datetime(2024, 1, 1, 12), started_on="2024-07-01T09:00")) == expected


def test_a_run_never_starts_before_its_chips_were_bought() -> None:
    early = amortised_cost(**one_year(started_on=date(2020, 1, 1)))
    assert early == amortised_cost(**one_year())


@pytest.mark.parametrize(
    "unknown",
    [
        "server_price_per_chip",
        "acquired_on",
        "started_on",
        "chip_hours",
        "chip_tdp_w",
        "chip_to_server_power",
        "tdp_fraction",
        "pue",
        "usd_per_kwh",
        "price_index",
    ],
)
def test_amortised_cost_without_an_input_is_unknown(unknown: str) -> None:
    assert amortised_cost(**one_year(**{unknown: None})) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"server_price_per_chip": -1}, "server_price_per_chip is -1"),
        ({"tdp_fraction": 75}, "tdp_fraction is .*75"),
        ({"pue": 0.9}, "pue is 0.9"),
        ({"chip_to_server_power": 0}, "chip_to_server_power is 0"),
        ({"interconnect_fraction": 1}, "interconnect_fraction is 1"),
        ({"interconnect_fraction": 19}, "interconnect_fraction is .*19"),
        ({"price_index": 0}, "price_index is 0"),
        ({"acquired_on": "soon"}, "acquired_on is 'soon'; give a date"),
        ({"started_on": 2024}, "started_on is 2024; give a date"),
        ({"chip_hours": float("nan")}, "chip_hours is nan"),
    ],
)
def test_amortised_cost_refuses_what_cannot_be_right(change: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        amortised_cost(**one_year(**change))


@settings(deadline=None)
@given(price=st.decimals(1, 10**6, places=2), factor=st.integers(1, 1000))
def test_hardware_cost_scales_with_the_price(price: Decimal, factor: int) -> None:
    once = amortised_cost(**one_year(server_price_per_chip=price))
    more = amortised_cost(**one_year(server_price_per_chip=price * factor))
    assert once is not None
    assert more is not None
    assert float(more.total / once.total) == pytest.approx(factor)


def test_acquisition_cost_adds_the_network() -> None:
    share = Decimal("0.19")
    assert acquisition_cost(chips=10_000, server_price_per_chip="16.2", interconnect_fraction=share) == 200_000
    assert acquisition_cost(chips=10, server_price_per_chip=81, price_index=2) == Decimal(2000)
    assert acquisition_cost(chips=None, server_price_per_chip=81) is None
    assert acquisition_cost(chips=10, server_price_per_chip=None) is None
    assert acquisition_cost(chips=10, server_price_per_chip=81, price_index=None) is None


def test_chip_hours_come_from_the_best_known_source() -> None:
    assert estimated_chip_hours(chip_hours=5, duration_hours=2, chips=10) == 5
    assert estimated_chip_hours(duration_hours=2, chips=10, flop=1) == 20
    assert estimated_chip_hours(flop=3600 * 375, peak_flop_per_s=1000) == pytest.approx(1)
    assert estimated_chip_hours(flop=7200, peak_flop_per_s=4, utilisation=0.5) == 1
    assert estimated_chip_hours(flop=7200) is None


def test_a_percentage_in_the_table_is_not_a_utilisation() -> None:
    with pytest.raises(InvalidArgument, match="utilisation is 72"):
        estimated_chip_hours(flop=1, peak_flop_per_s=1, utilisation=72)


def test_assumptions_by_chip() -> None:
    assert [server_share(chip=c) for c in ("NVIDIA A100", "NVIDIA V100", "NVIDIA P100", "NVIDIA H100 SXM5")] == [
        1.66,
        1.69,
        1.54,
        1.64,
    ]
    assert server_power_factor(chip="NVIDIA H100 SXM5") == pytest.approx(1.8214, abs=1e-4)
    assert server_power_factor(chip="NVIDIA A100") == pytest.approx(2.03125)
    assert server_power_factor(chip="NVIDIA K80") == 1.8
    assert [server_power_factor(chip=f"Google TPU {v}") for v in ("v2", "v3", "v4")] == [1.64, 1.47, 1.56]
    with pytest.raises(InvalidArgument, match="one type of chip"):
        server_share(chip="NVIDIA A100,NVIDIA H100")


def test_dates_of_a_run() -> None:
    assert start_day(published_on=date(2023, 3, 14), duration_hours=None) == date(2022, 12, 10)  # 93.0625 days earlier
    bought = acquisition_day(chip="NVIDIA A100", released_on=date(2020, 3, 1), priced_on=date(2021, 1, 1))
    assert bought == date(2021, 1, 1)
