"""Print, less motion, touch, and how numbers and times stand on a page."""

from itertools import pairwise

from playwright.sync_api import Page

from tests.e2e.conftest import Open

AT = "/?as_of=2025-02-08"


def shown(page: Page, selector: str) -> int:
    return page.locator(selector).locator("visible=true").count()


def test_print_has_the_whole_table_and_no_controls(open_page: Open) -> None:
    page = open_page(AT)

    page.emulate_media(media="print")

    left = page.locator("button:not(th button), input:not(.side input), select, .top").locator("visible=true")
    assert [each.evaluate("e => e.outerHTML") for each in left.all()] == []
    assert shown(page, "#table tbody tr") == 3
    assert shown(page, "#frontier-chart svg") > 0


def test_nothing_moves_for_those_who_ask_for_less_motion(open_page: Open) -> None:
    page = open_page(AT)

    page.emulate_media(reduced_motion="reduce")

    moving = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((e) => {
            const style = getComputedStyle(e);
            return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
        }).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert moving == []


def test_touch_leaves_the_scroll_to_the_page(open_page: Open) -> None:
    """No part of the chart takes a finger's movement for itself."""
    page = open_page(AT, width=390)

    taking = page.evaluate(
        """() => [...document.querySelectorAll('#frontier-chart, #frontier-chart *')]
            .filter((e) => getComputedStyle(e).touchAction !== 'auto').map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert taking == []
    assert page.evaluate("document.querySelector('#frontier-chart .canvas').layout.dragmode") is False


def axes(page: Page) -> list[list[float]]:
    layout = "document.querySelector('#frontier-chart .canvas')._fullLayout"
    return [[round(end, 6) for end in page.evaluate(f"{layout}.{axis}.range")] for axis in ("xaxis", "yaxis")]


def until_named(page: Page, wanted: list[str]) -> None:
    """Names are placed a moment after the chart has moved."""
    read = "document.querySelector('#frontier-chart .canvas').layout.annotations.map((a) => a.text)"
    for _ in range(50):
        found = [name for name in page.evaluate(read) if name not in ("frontier", "↖ more for less")]
        if sorted(found) == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(found)


def test_names_are_placed_again_after_a_zoom_and_a_double_click_takes_it_back(open_page: Open) -> None:
    page = open_page(AT)
    whole = axes(page)
    until_named(page, ["Claude 3.5 Sonnet", "DeepSeek-V3", "Llama 3.1 405B"])

    page.evaluate(
        "window.Plotly.relayout(document.querySelector('#frontier-chart .canvas'), {'yaxis.range': [130, 136]})"
    )
    until_named(page, ["Claude 3.5 Sonnet", "DeepSeek-V3"])
    assert axes(page)[1] == [130, 136]

    box = page.locator("#frontier-chart .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.85)
    until_named(page, ["Claude 3.5 Sonnet", "DeepSeek-V3", "Llama 3.1 405B"])
    assert axes(page) == whole


def test_numbers_stand_to_the_right_in_figures_of_one_width(open_page: Open) -> None:
    page = open_page(AT)

    style = page.evaluate(
        """() => {
            const { textAlign, fontVariantNumeric } = getComputedStyle(document.querySelector('#table tbody td'));
            return [textAlign, fontVariantNumeric];
        }"""
    )
    assert style == ["right", "tabular-nums"]


def test_times_have_their_iso_form_and_the_local_time_beside_them(open_page: Open) -> None:
    page = open_page("/sources/")
    first = page.locator("main time").first

    assert first.get_attribute("datetime") == "2026-11-01"
    assert first.inner_text() == "1 Nov 2026"
    page = open_page("/models/deepseek-v3/")
    page.evaluate(
        """() => {
            const time = document.createElement("time");
            time.dateTime = "2026-11-01T12:00:00Z";
            time.dataset.local = "";
            document.querySelector("main").append(time);
            document.querySelector("main").dispatchEvent(new Event("viewchange", { bubbles: true }));
        }"""
    )
    local = page.locator("time[data-local]").last
    assert local.get_attribute("title") == page.evaluate("new Date('2026-11-01T12:00:00Z').toLocaleString()")


def test_chart_states_what_unit_mix_and_scale_it_has(open_page: Open) -> None:
    page = open_page(AT)

    assert page.locator("#chart-title").inner_text() == "Capability against price"
    words = page.locator("#chart-title + .sub").inner_text()
    assert "3 input : 1 output" in words
    assert "US$ per 1M tokens" in words
    assert "log scale" in words


def test_phone_shows_that_a_table_goes_on_and_words_of_dates_stay_straight(open_page: Open) -> None:
    page = open_page("/models/deepseek-v3/", width=390)
    chart = page.locator("[data-chart]").first

    layers = page.locator(".scroll").first.evaluate("(box) => getComputedStyle(box).backgroundAttachment")
    assert layers == "local, local, scroll, scroll"
    assert page.locator(".tiles").first.evaluate("(box) => getComputedStyle(box).backgroundColor") == (
        page.locator(".card").nth(1).evaluate("(box) => getComputedStyle(box).backgroundColor")
    )
    chart.locator(".xtick text").first.wait_for()
    turned = chart.evaluate("(box) => [...box.querySelectorAll('.xtick text')].map((e) => e.getAttribute('transform'))")
    assert all("rotate" not in (each or "") or "rotate(0" in (each or "") for each in turned)
    boxes = chart.evaluate(
        """(box) => [...box.querySelectorAll('.xtick text')].filter((e) => e.textContent)
            .map((e) => e.getBoundingClientRect()).map((r) => [r.left, r.right])"""
    )
    assert boxes
    assert all(left[1] < right[0] for left, right in pairwise(boxes))
