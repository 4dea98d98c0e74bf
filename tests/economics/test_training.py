"""Check values: DeepSeek-V3 technical report (arXiv 2412.19437) and Llama 3.1 model card, unless said otherwise."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument
from economics.training import (
    cluster_days,
    cluster_peak,
    flop_from_rate,
    gpu_hours_per_trillion_tokens,
    least_gpu_hours,
    model_flop_utilisation,
    rental_cost,
    training_flop,
)

PHASES = {"pre-training": 2_664_000, "context extension": 119_000, "post-training": 5_000}
BF16, FP8 = 989.4e12, 1978.9e12

hours = st.one_of(st.none(), st.integers(0, 10**9), st.decimals(0, 10**9, places=3))


def test_rental_cost_of_deepseek_v3_is_exact() -> None:
    cost = rental_cost(gpu_hours=PHASES, usd_per_gpu_hour=2)
    assert cost.by_phase == {
        "pre-training": Decimal(5_328_000),
        "context extension": Decimal(238_000),
        "post-training": Decimal(10_000),
    }
    assert cost.total == Decimal(5_576_000)
    assert isinstance(cost.total, Decimal)
    assert cost.total_gpu_hours == 2_788_000
    assert cost.unknown_phases == ()
    assert not cost.is_lower_bound


def test_rental_cost_with_an_unknown_phase_is_a_lower_bound_that_names_it() -> None:
    cost = rental_cost(gpu_hours={"pre-training": 100, "post-training": None}, usd_per_gpu_hour="1.5")
    assert cost.by_phase == {"pre-training": Decimal(150), "post-training": None}
    assert (cost.total, cost.total_gpu_hours) == (Decimal(150), 100.0)
    assert cost.unknown_phases == ("post-training",)
    assert cost.is_lower_bound


def test_rental_cost_of_unknown_phases_only_is_unknown_not_zero() -> None:
    cost = rental_cost(gpu_hours={"pre-training": None}, usd_per_gpu_hour=2)
    assert cost.total is None
    assert cost.total_gpu_hours is None
    assert cost.unknown_phases == ("pre-training",)


def test_rental_cost_at_an_unknown_rent_keeps_the_hours() -> None:
    cost = rental_cost(gpu_hours={"pre-training": 100}, usd_per_gpu_hour=None)
    assert (cost.total, cost.by_phase, cost.total_gpu_hours) == (None, {"pre-training": None}, 100.0)


def test_rental_cost_at_a_stated_rent_of_zero_is_zero() -> None:
    assert rental_cost(gpu_hours={"all": 100}, usd_per_gpu_hour=0).total == 0


def test_rental_cost_takes_a_float_rent_as_it_prints() -> None:
    assert rental_cost(gpu_hours={"all": 0.1}, usd_per_gpu_hour=0.1).total == Decimal("0.01")


@pytest.mark.parametrize(
    ("gpu_hours", "rent", "named"),
    [
        ({"all": 1}, -2, "usd_per_gpu_hour is -2"),
        ({"all": 1}, float("nan"), "usd_per_gpu_hour is nan"),
        ({"all": 1}, "two", "usd_per_gpu_hour is 'two'"),
        ({"all": 1}, True, "usd_per_gpu_hour is True"),
        ({"pre-training": -1}, 2, r"gpu_hours\['pre-training'\] is -1"),
        ({"pre-training": float("inf")}, 2, r"gpu_hours\['pre-training'\] is inf"),
        ({}, 2, "gpu_hours is empty"),
    ],
)
def test_rental_cost_refuses_what_cannot_be_right(gpu_hours: dict[str, float], rent: object, named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        rental_cost(gpu_hours=gpu_hours, usd_per_gpu_hour=rent)  # type: ignore[arg-type]


@settings(deadline=None)
@given(known=st.dictionaries(st.text(min_size=1, max_size=5), hours, min_size=1), rent=st.decimals(0, 1000, places=4))
def test_an_unknown_phase_never_lowers_the_bound(known: dict[str, Decimal | None], rent: Decimal) -> None:
    without = rental_cost(gpu_hours=known, usd_per_gpu_hour=rent)
    with_unknown = rental_cost(gpu_hours={**known, "one more": None}, usd_per_gpu_hour=rent)
    assert with_unknown.total == without.total
    assert with_unknown.is_lower_bound


@settings(deadline=None)
@given(known=st.dictionaries(st.text(min_size=1, max_size=5), hours, min_size=1), rent=st.decimals(0, 1000, places=4))
def test_the_phases_add_up_to_the_total_exactly(known: dict[str, Decimal | None], rent: Decimal) -> None:
    cost = rental_cost(gpu_hours=known, usd_per_gpu_hour=rent)
    parts = [Fraction(usd) for usd in cost.by_phase.values() if usd is not None]
    assert cost.total is None if not parts else Fraction(cost.total or 0) == sum(parts)


def test_wall_clock_of_deepseek_v3() -> None:
    assert cluster_days(gpu_hours=180_000, gpus=2048) == pytest.approx(3.66, abs=0.005)
    assert cluster_days(gpu_hours=2_788_000, gpus=2048) == pytest.approx(56.7, abs=0.05)
    assert cluster_days(gpu_hours=2_664_000, gpus=2048) == pytest.approx(54.2, abs=0.05)


def test_hours_per_trillion_tokens_of_deepseek_v3() -> None:
    assert gpu_hours_per_trillion_tokens(gpu_hours=2_664_000, tokens=14.8e12) == pytest.approx(180_000)


def test_peak_of_the_cluster() -> None:
    assert cluster_peak(gpus=2048, peak_flop_per_s=FP8) == pytest.approx(4.05e18, rel=1e-3)


def test_flop_by_six_n_d() -> None:
    assert training_flop(active_params=37e9, tokens=1) == 222e9
    assert training_flop(active_params=37e9, tokens=14.8e12) == pytest.approx(3.2856e24)
    assert training_flop(active_params=1e9, tokens=10, flop_per_param_token=7.5) == 75e9


def test_flop_from_a_stated_rate_is_four_thirds_for_a_recomputed_forward_pass() -> None:
    assert flop_from_rate(flop_per_token=250e9, tokens=3) == 750e9
    recomputed = flop_from_rate(flop_per_token=250e9 * 4 / 3, tokens=14.8e12)
    assert recomputed == pytest.approx(333.3e9 * 14.8e12, rel=2e-4)


@pytest.mark.parametrize(
    ("flop_per_token", "gpu_hours", "peak", "expected"),
    [
        (222e9, 2_664_000, BF16, 0.346),
        (250.449887232e9, 2_664_000, BF16, 0.391),
        (281.152192512e9, 2_664_000, BF16, 0.439),
        (250.449887232e9, 2_788_000, BF16, 0.373),
        (222e9, 2_664_000, FP8, 0.173),
    ],
)
def test_utilisation_of_deepseek_v3(flop_per_token: float, gpu_hours: int, peak: float, expected: float) -> None:
    flop = flop_from_rate(flop_per_token=flop_per_token, tokens=14.8e12)
    assert model_flop_utilisation(flop=flop, gpu_hours=gpu_hours, peak_flop_per_s=peak) == pytest.approx(
        expected, abs=5e-4
    )


def test_utilisation_of_llama_3_1_405b() -> None:
    flop = training_flop(active_params=405e9, tokens=15.6e12)
    assert model_flop_utilisation(flop=flop, gpu_hours=30.84e6, peak_flop_per_s=BF16) == pytest.approx(0.345, abs=5e-4)


def test_utilisation_above_one_is_returned_to_be_judged() -> None:
    assert model_flop_utilisation(flop=7200, gpu_hours=1, peak_flop_per_s=1) == 2.0


def test_least_hours_are_those_at_full_utilisation() -> None:
    assert least_gpu_hours(flop=7200, peak_flop_per_s=2) == 1.0
    assert least_gpu_hours(flop=7200, peak_flop_per_s=2, utilisation=0.25) == 4.0


@settings(deadline=None)
@given(flop=st.floats(1, 1e27), peak=st.floats(1e9, 1e17), utilisation=st.floats(0.001, 1))
def test_least_hours_and_utilisation_are_inverse(flop: float, peak: float, utilisation: float) -> None:
    needed = least_gpu_hours(flop=flop, peak_flop_per_s=peak, utilisation=utilisation)
    assert model_flop_utilisation(flop=flop, gpu_hours=needed, peak_flop_per_s=peak) == pytest.approx(utilisation)


def test_unknown_in_is_unknown_out() -> None:
    assert cluster_days(gpu_hours=None, gpus=8) is None
    assert gpu_hours_per_trillion_tokens(gpu_hours=1, tokens=None) is None
    assert cluster_peak(gpus=None, peak_flop_per_s=1) is None
    assert training_flop(active_params=None, tokens=1) is None
    assert flop_from_rate(flop_per_token=1, tokens=None) is None
    assert model_flop_utilisation(flop=1, gpu_hours=None, peak_flop_per_s=1) is None
    assert least_gpu_hours(flop=None, peak_flop_per_s=1) is None


def test_a_percentage_is_not_a_utilisation() -> None:
    with pytest.raises(InvalidArgument, match=r"utilisation is 72; .*at most 1.*0\.72 for 72%"):
        least_gpu_hours(flop=1, peak_flop_per_s=1, utilisation=72)


@pytest.mark.parametrize("gpus", [0, -1, float("nan"), "8", True])
def test_a_cluster_needs_chips(gpus: object) -> None:
    with pytest.raises(InvalidArgument, match="gpus is"):
        cluster_days(gpu_hours=1, gpus=gpus)  # type: ignore[arg-type]
