import re
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import HardwarePrice, ReferencePrice, TrainingRun
from dashboard.ledger import ledgers
from dashboard.training_costs import OwnershipAssumptions, cost_lines, market
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


def lines_of(slug: str, **given: str) -> dict[str, tuple[Decimal | None, str]]:
    ledger = next(each for each in ledgers() if each.slug == slug)
    found = cost_lines(ledger, OwnershipAssumptions.parse(given)[0], market())
    return {line.title: (line.usd, line.inputs) for line in found}


def test_four_costs_of_one_run(deepseek: TrainingRun) -> None:
    lines = lines_of("deepseek-v3")

    assert lines["Rent"] == (Decimal(5_576_000), "2.79M GPU-hours × $2.00")
    # 2,048 x 40,000 / (1 - 0.19)
    usd, inputs = lines["Buying the cluster"]
    assert usd is not None
    assert round(usd) == 101_135_802
    assert inputs == "2,048 chips × $40,000 (assumed: no price of this chip is known), network 19% of the whole"
    assert lines["Cloud list price"] == (Decimal(8_364_000), "2.79M GPU-hours × $3.00; 3 quotes, $2.50 to $7.00")
    usd, inputs = lines["Amortised hardware and energy"]
    assert usd is not None
    # 40,000 x 0.14 x ln 10 / 8,766 x 2,788,000 / 0.81, and 2,788,000 x 0.7 kW x 1.8 x 0.75 x 1.25 x 0.10.
    assert round(usd) == round(Decimal("5063024.16") + Decimal("329332.5"))
    assert "energy $329K" in inputs
    assert "$0.10 per kWh (assumed: no price of electricity is known)" in inputs


def test_price_without_a_day_is_not_the_newest(db: None) -> None:
    source = make.make_source()
    for usd, day in (("0.08", "2026-01-01"), ("0.50", None)):
        ReferencePrice.objects.create(kind="electricity", what=f"at {usd}", usd=usd, quoted_on=day, source=source)

    power = market().power

    assert power is not None
    assert power.what == "at 0.08"


def test_known_prices_take_the_place_of_assumptions(deepseek: TrainingRun) -> None:
    chip = deepseek.phases.first().hardware  # type: ignore[union-attr]
    shop, office = make.make_source("https://shop.example/dgx"), make.make_source("https://office.example/power")
    for usd, day in (("50000", "2025-02-21"), ("44750", "2025-02-21"), ("30000", "2024-01-01")):
        ReferencePrice.objects.create(
            kind="server", hardware=chip, what="DGX H800", usd=usd, quoted_on=day, source=shop
        )
    for usd, day in (("0.08", "2024-12-31"), ("0.0862", "2025-12-31")):
        ReferencePrice.objects.create(
            kind="electricity", what=f"Industry to {day}", usd=usd, quoted_on=day, source=office
        )

    ledger = next(each for each in ledgers() if each.slug == "deepseek-v3")
    lines = {line.method: line for line in cost_lines(ledger, OwnershipAssumptions(), market())}

    # The middle one of three: 2,048 x 44,750 / 0.81.
    assert round(lines["acquisition"].usd or 0) == 113_145_679
    assert "2,048 chips × $44,750 (DGX H800, 21 Feb 2025; 3 quotes, $30,000 to $50,000)" in lines["acquisition"].inputs
    assert lines["acquisition"].sources == (shop,)
    # 44,750 x 0.14 x ln 10 / 8,766 x 2,788,000 / 0.81, and 2,788,000 x 0.7 kW x 1.8 x 0.75 x 1.25 x 0.0862.
    assert round(lines["amortised"].usd or 0) == round(Decimal("5664258.28") + Decimal("283884.62"))
    assert "$0.0862 per kWh (Industry to 2025-12-31)" in lines["amortised"].inputs
    assert lines["amortised"].sources == (shop, office)


def test_figures_of_the_reader_win_over_known_prices(deepseek: TrainingRun) -> None:
    ReferencePrice.objects.create(kind="electricity", what="Industry", usd="0.0862", source=make.make_source())

    inputs = lines_of("deepseek-v3", server_price="81", usd_per_kwh="0.2")["Amortised hardware and energy"][1]

    assert "at $81.00 a chip (your figure) and $0.20 per kWh (your figure)" in inputs


def test_chips_bought_a_year_before_the_run_had_lost_a_quarter(deepseek: TrainingRun) -> None:
    new, _ = lines_of("deepseek-v3", usd_per_kwh="0")["Amortised hardware and energy"]
    old, _ = lines_of("deepseek-v3", usd_per_kwh="0", owned_years="1")["Amortised hardware and energy"]

    assert new is not None
    assert old is not None
    assert round(old / new, 4) == Decimal("0.7246")  # 10 to the power of -0.14 x 365 / 365.25


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
    said = "owned_years is &#x27;long&#x27;: write a number from 0 to 20, such as 0. The usual value is used instead."
    assert said in answer.content.decode()


def test_one_form_holds_every_assumption(client: Client, deepseek: TrainingRun) -> None:
    address = "/training/?usd_per_gpu_hour=3&server_price=81&owned_years=2&peak_tflop=800&utilisation_low=30"
    page = client.get(address).content.decode()

    assert re.findall(r'<form[^>]*(?:id="rent-form"|action="#)[^>]*>', page) == [
        '<form class="card rent" method="get" id="rent-form">'
    ]
    for name, value in {
        "server_price": "81",
        "usd_per_kwh": "",
        "owned_years": "2",
        "peak_tflop": "800",
        "utilisation_low": "30",
        "utilisation_high": "60",
    }.items():
        field = re.search(rf'<input type="number" form="rent-form" name="{name}"[^>]*>', page)
        assert field is not None
        assert f'value="{value}"' in field[0]
    assert 'name="usd_per_gpu_hour" min="0" max="1000" step="any" value="3"' in page
    assert f'href="{address.replace("&", "&amp;")}" data-copy' in page


def test_address_of_a_form_without_script_keeps_what_says_something(client: Client, deepseek: TrainingRun) -> None:
    sent = "usd_per_gpu_hour=2&server_price=&usd_per_kwh=0.2&owned_years=0&peak_tflop="

    answer = client.get(f"/training/?{sent}&utilisation_low=20&utilisation_high=50")

    assert answer.status_code == 302
    assert answer["Location"] == "/training/?usd_per_kwh=0.2&utilisation_high=50"


def test_api_takes_the_assumptions_of_the_page(client: Client, deepseek: TrainingRun) -> None:
    answer = client.get("/api/v1/training?usd_per_gpu_hour=3&server_price=81&usd_per_kwh=0&peak_tflop=300").json()

    costs = next(item for item in answer["items"] if item["model"] == "deepseek-v3")["costs"]
    assert {name: cost["usd"] and round(cost["usd"]) for name, cost in costs.items()} == {
        "rent": 8_364_000,
        "amortised": 10_253,  # 81 x 0.14 x ln 10 / 8,766 x 2,788,000 / 0.81
        "acquisition": 204_800,
        "cloud": 8_364_000,
    }
    assert costs["cloud"]["sources"][0]["url"] == "https://example.org/report"
    llama = next(item for item in answer["items"] if item["model"] == "llama-3-1-405b")
    assert llama["costs"]["acquisition"] == {"usd": None, "inputs": "the number of chips is unknown", "sources": []}
    assert llama["plausibility"]["verdict"] == "impossible"


@pytest.mark.parametrize(
    ("sent", "parameter", "detail"),
    [
        (
            "server_price=dear",
            "server_price",
            "server_price is 'dear': write a number from 0 to 10,000,000, such as 40000.",
        ),
        ("usd_per_kwh=-1", "usd_per_kwh", "usd_per_kwh is '-1': write a number from 0 to 100, such as 0.10."),
        (
            "utilisation_low=70",
            "utilisation_low",
            "utilisation_low is 70 and utilisation_high is 60: the first must be the smaller.",
        ),
    ],
)
def test_api_names_the_assumption_that_it_cannot_read(
    client: Client, db: None, sent: str, parameter: str, detail: str
) -> None:
    answer = client.get(f"/api/v1/training?{sent}")

    assert (answer.status_code, answer.json()["parameter"], answer.json()["detail"]) == (400, parameter, detail)


def test_values_of_the_page_by_hand(client: Client, deepseek: TrainingRun) -> None:
    """Phases at the rent, the ratio with what differs, the verdict with its inputs, and the four costs."""
    page = client.get("/training/?usd_per_gpu_hour=2").content.decode()

    for number in ("$5,328,000", "$238,000", "$10,000", "$5,576,000", "$61,680,000"):
        assert number in page  # 2,664,000, 119,000, 5,000, their sum and 30,840,000 hours at two dollars
    assert "11.06×" in page  # 30,840,000 / 2,788,000
    assert "11.09×" in page  # 405 x 15 / (37 x 14.8)
    assert "The chips differ: NVIDIA H800 SXM5 against NVIDIA H100 SXM5." in page
    assert "1.81M to 4.95M" in page  # 6 to 7.5 x 37e9 x 14.8e12 / (3,600 x 989e12 x 0.2 to 0.6), 90%
    assert "34.6%" in page  # 6 x 37e9 x 14.8e12 / (2,664,000 x 3,600 x 989.4e12)
    assert "Excludes earlier research and ablations." in page
    assert "$101,135,802" in page  # 2,048 x 40,000 / 0.81
    assert "$8,364,000" in page  # 2,788,000 x 3, the middle of 2.50, 3 and 7
