"""Rows of docs/ux-checklist.md about the main chart that only a browser can show."""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Open
from tests.e2e.test_page_manners import axes, until_named

AT = "/?as_of=2025-02-08"
CANVAS = "document.querySelector('#frontier-chart .canvas')"


def place(page: Page, name: str) -> tuple[float, float]:
    """Where a mark is on the screen."""
    x, y = page.evaluate(
        f"""(name) => {{
            const canvas = {CANVAS};
            const {{ xaxis, yaxis }} = canvas._fullLayout;
            const marks = canvas.data[1];
            const i = marks.text.indexOf(name);
            const box = canvas.getBoundingClientRect();
            return [box.left + xaxis._offset + xaxis.d2p(marks.x[i]), box.top + yaxis._offset + yaxis.d2p(marks.y[i])];
        }}""",
        name,
    )
    return x, y


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_answer_stands_above_the_fold(open_page: Open, width: int, height: int) -> None:
    page = open_page(AT, width=width, height=height, wait=False)

    box = page.locator("h1").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height


def test_names_are_placed_again_after_a_filter_and_a_new_size(open_page: Open) -> None:
    page = open_page(AT)
    until_named(page, ["Claude 3.5 Sonnet", "DeepSeek-V3", "Llama 3.1 405B"])

    page.get_by_text("Open weights", exact=True).first.click()
    page.wait_for_url("**access=open")
    page.wait_for_selector(".chart.drawn")
    until_named(page, ["DeepSeek-V3", "Llama 3.1 405B"])
    page.evaluate(
        """() => {
            const real = window.placeLabels;
            window.placed = 0;
            window.placeLabels = (...all) => { window.placed += 1; return real(...all); };
        }"""
    )
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_function("() => window.placed > 0")
    until_named(page, ["DeepSeek-V3", "Llama 3.1 405B"])


def test_filter_keeps_the_axes_where_they_are(open_page: Open) -> None:
    page = open_page(AT)
    before = axes(page)

    page.get_by_text("Open weights", exact=True).first.click()
    page.wait_for_url("**access=open")
    page.wait_for_selector(".chart.drawn")

    assert axes(page) == before


def test_click_puts_a_model_in_the_card_and_another_click_swaps(open_page: Open) -> None:
    page = open_page(AT)
    sides = page.locator("[data-side] b")
    page.locator("#frontier-chart").scroll_into_view_if_needed()

    for name, shown in (
        ("Llama 3.1 405B", ["Llama 3.1 405B", "DeepSeek-V3"]),
        ("Claude 3.5 Sonnet", ["Claude 3.5 Sonnet", "Llama 3.1 405B"]),
    ):
        x, y = place(page, name)
        page.mouse.move(x, y)
        page.wait_for_selector(".hovertext")
        page.mouse.click(x, y)
        page.wait_for_function("(name) => document.querySelector('[data-side] b').textContent === name", arg=name)
        assert sides.all_inner_texts() == shown
        page.wait_for_timeout(400)  # two clicks close together would be one double click, which resets the zoom


def test_tap_shows_the_tooltip(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(site + AT)
    page.locator("#frontier-chart").scroll_into_view_if_needed()
    page.wait_for_selector("#frontier-chart.drawn")

    page.touchscreen.tap(*place(page, "Llama 3.1 405B"))

    page.wait_for_selector("#frontier-chart .hovertext")
    assert "Llama 3.1 405B" in (page.locator("#frontier-chart .hovertext").text_content() or "")
    context.close()


def test_narrow_chart_is_high_enough_and_names_few(open_page: Open) -> None:
    page = open_page(AT, width=360)

    box = page.locator("#frontier-chart").bounding_box()
    assert box is not None
    assert box["height"] >= 380
    points = page.locator("#frontier-chart").evaluate(
        "(box) => JSON.parse(document.getElementById(box.dataset.points).textContent)"
    )
    few = sorted(each["name"] for each in points if each["frontier"] or each["pinned"] or each["named"])
    until_named(page, few)
