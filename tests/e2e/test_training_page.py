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
    assert str(page.locator("#json").get_attribute("href")).endswith("/api/v1/training?usd_per_gpu_hour=3")
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
