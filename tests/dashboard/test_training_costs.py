from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import HardwarePrice, TrainingRun
from dashboard.ledger import ledgers
from dashboard.training_costs import OwnershipAssumptions, cloud_quotes, cost_lines
from tests import factories as make


@pytest.fixture
def deepseek(two_runs: list[TrainingRun]) -> TrainingRun:
    """The run of DeepSeek-V3 on 2,048 chips of 700 W, with three cloud prices of that chip."""
    run = two_runs[0]
    chip = run.phases.first().hardware  # type: ignore[union-attr]
    assert chip is not None
    chip.tdp_w = 700
    chip.save()
    run.phases.update(gpus=2048, hardware=chip)
    for usd in ("2.5", "3", "7"):
        HardwarePrice.objects.create(
            hardware=chip, provider=f"Cloud {usd}", usd_per_gpu_hour=usd, terms="on_demand", source=make.make_source()
        )
    HardwarePrice.objects.create(
        hardware=chip, provider="Spot", usd_per_gpu_hour="1", terms="spot", source=make.make_source()
    )
    return run


def lines_of(slug: str) -> dict[str, tuple[Decimal | None, str]]:
    ledger = next(each for each in ledgers() if each.slug == slug)
    found = cost_lines(ledger, OwnershipAssumptions(), cloud_quotes())
    return {line.title: (line.usd, line.inputs) for line in found}


def test_four_costs_of_one_run(deepseek: TrainingRun) -> None:
    lines = lines_of("deepseek-v3")

    assert lines["Rent"] == (Decimal(5_576_000), "2.79M GPU-hours × $2.00")
    # 2,048 x 40,000 / (1 - 0.19)
    usd, inputs = lines["Buying the cluster"]
    assert usd is not None
    assert round(usd) == 101_135_802
    assert inputs == "2,048 chips × $40,000 (assumed), network 19% of the whole"
    assert lines["Cloud list price"] == (Decimal(8_364_000), "2.79M GPU-hours × $3.00; 3 quotes, $2.50 to $7.00")
    usd, inputs = lines["Amortised hardware and energy"]
    assert usd is not None
    # 40,000 x 0.14 x ln 10 / 8,766 x 2,788,000 / 0.81, and 2,788,000 x 0.7 kW x 1.8 x 0.75 x 1.25 x 0.10.
    assert round(usd) == round(Decimal("5063024.16") + Decimal("329332.5"))
    assert "energy $329K" in inputs


def test_unknown_inputs_leave_a_cost_unknown_and_say_which(two_runs: list[TrainingRun]) -> None:
    lines = lines_of("llama-3-1-405b")

    assert lines["Rent"][0] == Decimal(61_680_000)
    assert lines["Buying the cluster"] == (None, "the number of chips is unknown")
    assert lines["Cloud list price"] == (None, "30.8M GPU-hours; no on-demand price of this chip is known")
    assert lines["Amortised hardware and energy"] == (None, "30.8M GPU-hours; the power of the chip is unknown")


def test_page_takes_the_assumptions_from_the_address(client: Client, deepseek: TrainingRun) -> None:
    page = client.get("/training/?server_price=81&usd_per_kwh=0").content.decode()

    assert "Four ways to say what a run cost" in page
    assert "$204,800" in page  # 2,048 x 81 / 0.81


def test_assumption_that_is_no_number_is_named_and_replaced(client: Client, deepseek: TrainingRun) -> None:
    answer = client.get("/training/?owned_years=long")

    assert answer.status_code == 400
    assert "owned_years is &#x27;long&#x27;: write a number from 0 to 20, such as 0. 0 is used instead." in (
        answer.content.decode()
    )
