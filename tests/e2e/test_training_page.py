"""The rent: live with script, a plain form without."""

from pathlib import Path

import pytest

from dashboard import finders
from tests.e2e.conftest import Open


def test_large_bundle_of_a_machine_without_npm_keeps_to_the_policy(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finders, "NPM_FILE", tmp_path / "absent.js")

    page = open_page("/training/")

    assert page.evaluate("typeof Plotly.PlotSchema.get().traces.choroplethmap") == "object"


def test_rent_slider_redraws_every_cost_and_the_address(open_page: Open) -> None:
    page = open_page("/training/")
    assert page.get_by_text("$5,576,000").first.is_visible()

    page.locator("#rent").fill("3")
    page.keyboard.press("Enter")

    assert page.locator(".ledger tfoot b[data-hours='2788000.0']").inner_text() == "$8,364,000"
    assert page.locator(".ledger [data-rent]").first.inner_text() == "$3.00"
    assert page.url.endswith("/training/?usd_per_gpu_hour=3")
    page.wait_for_selector('.exports a[href="/api/v1/training?usd_per_gpu_hour=3"]')
    page.wait_for_selector('.files a[href="/training.csv?usd_per_gpu_hour=3"]')
    page.wait_for_function("() => document.querySelector('#training-chart .canvas').data[0].x[0] === 8.364")

    page.locator("#rent-slider").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#rent").input_value() == "3.05"
    assert page.locator(".ledger tfoot b[data-hours='2788000.0']").inner_text() == "$8,503,400"


def test_rent_form_works_without_script(open_page: Open) -> None:
    page = open_page("/training/", script=False)

    page.locator("#rent").fill("1.5")
    page.get_by_role("button", name="Apply").click()

    assert page.url.endswith("/training/?usd_per_gpu_hour=1.5")
    assert page.get_by_text("$4,182,000").first.is_visible()


def test_one_address_holds_all_assumptions_without_script(open_page: Open) -> None:
    page = open_page("/training/", script=False)

    page.locator("#rent").fill("3")
    page.locator("[name=usd_per_kwh]").fill("0.2")
    page.locator("[name=peak_tflop]").fill("300")
    page.get_by_role("button", name="Judge again").click()

    assert page.url.partition("/training/")[2] == "?usd_per_gpu_hour=3&usd_per_kwh=0.2&peak_tflop=300#plausible"
    assert page.get_by_text("$8,364,000").first.is_visible()
    assert page.get_by_role("cell", name="impossible").first.is_visible()
    values = {name: page.locator(f"[name={name}]").input_value() for name in ("usd_per_gpu_hour", "usd_per_kwh")}
    assert values == {"usd_per_gpu_hour": "3", "usd_per_kwh": "0.2"}


def test_slider_moves_the_answer_the_rent_line_and_the_links(open_page: Open) -> None:
    page = open_page("/training/?usd_per_kwh=0.2")

    page.locator("#rent").fill("3")
    page.keyboard.press("Enter")

    assert "cost $8.36M at $3.00 per GPU-hour" in page.locator("h1").inner_text()
    rent = page.locator("#methods tbody tr").first
    assert "$8,364,000" in rent.inner_text()
    assert "× $3.00" in rent.inner_text()
    assert page.url.endswith("/training/?usd_per_kwh=0.2&usd_per_gpu_hour=3")
    page.wait_for_selector('[data-copy][href="/training/?usd_per_gpu_hour=3&usd_per_kwh=0.2"]')
    saved = str(page.get_by_role("link", name="Save this view").get_attribute("href"))
    assert saved.endswith("address=%2Ftraining%2F%3Fusd_per_kwh%3D0.2%26usd_per_gpu_hour%3D3")


def test_other_assumption_goes_to_the_server_with_the_rent(open_page: Open) -> None:
    page = open_page("/training/")

    page.locator("#rent").fill("3")
    page.locator("[name=peak_tflop]").fill("300")
    page.get_by_role("button", name="Judge again").click()

    page.wait_for_url("**/training/?usd_per_gpu_hour=3&peak_tflop=300#plausible")
    assert page.get_by_role("cell", name="impossible").first.is_visible()
