"""The main chart: upgraded in place, operated by keyboard, and the same view behind every address."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open


def test_chart_replaces_the_drawing_without_moving_the_page(open_page: Open) -> None:
    page = open_page("/", wait=False)
    page.evaluate(
        """() => {
            window.shift = 0;
            const add = (e) => { if (!e.hadRecentInput) window.shift += e.value; };
            const count = (list) => list.getEntries().forEach(add);
            new PerformanceObserver(count).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    page.wait_for_selector(".chart.drawn")
    page.wait_for_timeout(300)

    assert page.evaluate("window.shift") <= 0.02
    assert not page.locator("#frontier-chart svg.wide").is_visible()
    assert page.locator("#frontier-chart .points path").count() == 4  # three marks and a ring
    assert page.locator("#frontier-chart .modebar").count() == 0


def test_chart_names_models_where_they_fit(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")
    page.wait_for_selector(".annotation-text")

    names = page.locator(".annotation-text").all_text_contents()
    assert {"DeepSeek-V3", "Claude 3.5 Sonnet", "Llama 3.1 405B", "↖ more for less"} <= set(names)


def test_chart_is_operated_by_keyboard_and_speaks(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")
    chart, said = page.locator("#frontier-chart"), page.locator("#said")
    chart.focus()

    page.keyboard.press("Home")
    assert said.inner_text() == ("DeepSeek-V3, DeepSeek, 134.0, $0.48 per million tokens, on the frontier, 1 of 3")
    page.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("Llama 3.1 405B, Meta, 128.0, $3.50")
    page.keyboard.press("ArrowUp")
    assert said.inner_text().startswith("Claude 3.5 Sonnet")
    page.keyboard.press("End")
    assert said.inner_text().endswith("3 of 3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert said.inner_text() == "Llama 3.1 405B is now in the side-by-side card."
    assert page.locator("[data-side='0'] b").inner_text() == "Llama 3.1 405B"
    assert page.locator("[data-side='1'] b").inner_text() == "DeepSeek-V3"
    assert page.locator("[data-f='ratio']").inner_text() == "7.3×"
    page.get_by_role("link", name="Open comparison").click()
    page.wait_for_url("**/compare/llama-3-1-405b/deepseek-v3/")


def test_workload_recomputes_while_typing(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")

    assert page.locator("#w-result b").all_inner_texts() == ["$191.00", "$2,400"]
    page.locator("#w-output").fill("0")
    assert page.locator("#w-result b").all_inner_texts() == ["$81.00", "$900.00"]


def test_filters_go_through_the_address_and_back(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")
    rows = page.locator("#table tbody tr")

    page.locator("#f-mix").fill("1:0:1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?mix=1:0:1&as_of=2025-02-08")
    expect(rows).to_have_count(3)
    page.get_by_text("Open weights", exact=True).first.click()
    page.wait_for_url("**/?mix=1:0:1&as_of=2025-02-08&access=open")
    expect(rows).to_have_count(2)
    assert page.evaluate("document.activeElement.id") == "f-access-open"
    page.wait_for_selector(".chart.drawn")

    page.reload()
    assert page.locator("#f-mix").input_value() == "1:0:1"
    assert rows.count() == 2

    page.go_back()
    expect(rows).to_have_count(3)
    assert page.url.endswith("/?mix=1:0:1&as_of=2025-02-08")
    page.go_back()
    expect(page.locator("#f-mix")).to_have_value("3:0:1")
    page.go_forward()
    expect(page.locator("#f-mix")).to_have_value("1:0:1")


def test_filter_that_cannot_be_read_is_named_on_the_page(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")

    page.locator("#f-mix").fill("3:x:1")
    page.keyboard.press("Enter")

    page.wait_for_selector("[role=alert]")
    assert "its cached_input part 'x' is not a number" in page.locator("[role=alert]").inner_text()
    assert page.locator("#f-mix").get_attribute("aria-invalid") == "true"


def downloaded(page: Page, button: str) -> tuple[str, bytes]:
    with page.expect_download() as started:
        page.locator(".exports").get_by_text(button, exact=True).click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def test_downloads_hold_what_is_on_the_screen(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08&access=open")

    name, table = downloaded(page, "CSV")
    assert name == "frontier-2025-02-08-access-open.csv"
    assert table.count(b"\r\n") == 3
    assert b"claude" not in table
    name, image = downloaded(page, "PNG")
    assert name == "frontier-2025-02-08-access-open.png"
    assert image.startswith(b"\x89PNG")


def test_zoom_can_be_reset_by_a_visible_button(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")
    plot = page.locator("#frontier-chart .nsewdrag")
    box = plot.bounding_box()
    assert box
    before = page.evaluate("document.querySelector('.canvas').layout.xaxis.range")

    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 300, steps=5)
    page.mouse.up()

    reset = page.get_by_role("button", name="Reset zoom")
    reset.wait_for()
    assert page.evaluate("document.querySelector('.canvas').layout.xaxis.range") != before
    reset.click()
    page.wait_for_function(
        "before => JSON.stringify(document.querySelector('.canvas').layout.xaxis.range) === JSON.stringify(before)",
        arg=before,
    )


@pytest.mark.parametrize("script", [True, False])
def test_key_takes_a_developer_out_with_and_without_script(open_page: Open, script: bool) -> None:
    page = open_page("/?as_of=2025-02-08", script=script)
    assert page.locator("#table tbody tr").count() == 3

    page.get_by_role("link", name="Hide Meta").click()

    expect(page.locator("#table tbody tr")).to_have_count(2)
    assert page.url.endswith("?as_of=2025-02-08&hide=meta")
    page.get_by_role("link", name="Show Meta").click()
    expect(page.locator("#table tbody tr")).to_have_count(3)


def test_ticked_rows_lead_to_a_comparison_under_the_same_assumptions(open_page: Open) -> None:
    page = open_page("/?mix=1:0:1")
    compare = page.get_by_role("button", name="Compare", exact=True)
    expect(compare).to_be_disabled()
    page.get_by_label("Compare DeepSeek-V3").check()
    expect(page.locator("[data-picked]")).to_have_text("1 of at most 6 ticked, one more is needed.")
    page.get_by_label("Compare Claude 3.5 Sonnet").check()
    expect(page.locator("[data-picked]")).to_have_text("2 of at most 6 ticked.")
    compare.click()
    expect(page).to_have_url(re.compile(r"/compare/deepseek-v3/claude-3-5-sonnet/\?mix=1:0:1$"))


def test_ticked_rows_lead_to_a_comparison_without_script(open_page: Open) -> None:
    page = open_page("/", script=False)
    page.get_by_label("Compare DeepSeek-V3").check()
    page.get_by_label("Compare Claude 3.5 Sonnet").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page).to_have_url(re.compile(r"/(claude-3-5-sonnet|deepseek-v3)/(claude-3-5-sonnet|deepseek-v3)/$"))
