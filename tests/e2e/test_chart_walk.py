"""Every chart is one stop of the Tab key, and its marks are walked by arrows and spoken as their tooltips say."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Open


def focused_chart(page: Page) -> Locator:
    chart = page.locator("[data-chart]").first
    chart.focus()
    return chart


def test_bars_of_training_are_walked_by_keyboard(open_page: Open) -> None:
    page = open_page("/training/")
    chart = focused_chart(page)
    said = page.locator("#said")

    page.keyboard.press("ArrowRight")
    first = "DeepSeek-V3: $5.58M, 2,788,000 GPU-hours; such a run needs 1.81M to 4.95M (90%), 1 of 2"
    second = "Llama 3.1 405B: $61.7M, 30,840,000 GPU-hours; such a run needs 20M to 54.9M (90%), 2 of 2"
    expect(said).to_have_text(first)
    page.keyboard.press("ArrowDown")
    expect(said).to_have_text(second)
    page.keyboard.press("ArrowDown")
    expect(said).to_have_text(second)
    page.keyboard.press("Home")
    expect(said).to_have_text(first)
    assert chart.get_attribute("role") == "group"
    assert (chart.get_attribute("aria-label") or "").endswith("Arrow keys move between marks.")


@pytest.mark.parametrize(
    "path", ["/models/deepseek-v3/", "/prices/", "/whole-life/", "/compare/deepseek-v3/claude-3-5-sonnet/"]
)
def test_marks_of_a_chart_are_spoken(open_page: Open, path: str) -> None:
    page = open_page(path)
    focused_chart(page)

    page.keyboard.press("End")
    expect(page.locator("#said")).to_have_text(re.compile(r"\$?\d.*, (\d+) of \1$"))
    page.keyboard.press("Home")
    expect(page.locator("#said")).to_have_text(re.compile(r", 1 of \d+$"))
    page.keyboard.press("Escape")
    expect(page.locator(".hoverlayer .hovertext")).to_have_count(0)
