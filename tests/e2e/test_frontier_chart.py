"""The main chart: upgraded in place, operated by keyboard, and the same view behind every address."""

import re
from datetime import date
from math import hypot
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from catalog.models import ModelVersion
from dashboard.charts.labels import Labelled
from tests import factories as make
from tests.dashboard.conftest import measured, sold
from tests.dashboard.test_charts import crowd
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


@pytest.mark.parametrize("seed", range(3))
def test_browser_places_names_by_the_rules_of_the_server(open_page: Open, seed: int) -> None:
    """The widths differ, so the places may; the rules are the same."""
    page = open_page("/?as_of=2025-02-08")
    points = crowd(seed)
    given = [
        {
            "x": point.x,
            "y": point.y,
            "reach": point.reach,
            "name": point.name,
            "weight": point.weight,
            "frontier": point.on_frontier,
            "big": point.is_big,
            "pinned": point.is_pinned,
            "wanted": True,
        }
        for point in points
    ]

    placed = page.evaluate(
        """(points) => window.placeLabels(points, [], 600, 300, 12, "sans-serif").map(({ point, dx, dy, leader }) => {
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = `${point.big ? 600 : 400} 12px sans-serif`;
            return { name: point.name, box: [point.x + dx - 1, point.y + dy,
                point.x + dx + pen.measureText(point.name).width + 3, point.y + dy + 16], leader };
        })""",
        given,
    )

    by_name = {point.name: point for point in points}
    assert {"Model number 11", "Model number 30"} <= {each["name"] for each in placed}
    assert len(placed) >= 10
    for n, each in enumerate(placed):
        box, own = each["box"], by_name[each["name"]]
        for other in placed[:n]:
            a, b = box, other["box"]
            assert not (a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1])
        if each["leader"] is None:
            assert all(away(box, own) < away(box, other) for other in points if other is not own)
        else:
            x1, y1, x2, y2 = each["leader"]
            assert (x1**2 + y1**2) ** 0.5 == pytest.approx(own.reach + 1)
            assert box[0] - 0.1 <= own.x + x2 <= box[2] + 0.1
            assert box[1] - 0.1 <= own.y + y2 <= box[3] + 0.1


@pytest.mark.parametrize("width", [390, 1440])
def test_pair_of_the_headline_is_named_on_the_chart(
    open_page: Open, three_models: dict[str, ModelVersion], width: int
) -> None:
    """Thirty models around one of the two that the answer is about."""
    benchmark = make.make_benchmark()
    make.make_score(three_models["deepseek"], benchmark, 0.61)
    make.make_score(three_models["sonnet"], benchmark, 0.6)
    make.make_score(three_models["llama"], benchmark, 0.2)
    for n in range(30):
        make.make_score(sold(f"Model {n}", "A", (f"{3 + n / 30}", f"{15 + n / 30}")), benchmark, 0.55 + n / 300)
    page = open_page("/?capability=benchmark:gpqa-diamond", width=width)
    page.wait_for_selector(".annotation-text")

    points = "JSON.parse(document.getElementById(box.dataset.points).textContent)"
    pinned = page.locator("#frontier-chart").evaluate(f"(box) => {points}.filter((p) => p.pinned)")
    assert len(pinned) == 2
    assert {each["name"] for each in pinned} <= set(page.locator(".annotation-text").all_text_contents())
    leaders = "document.querySelector('#frontier-chart .canvas').layout.shapes.length"
    assert page.evaluate(leaders) == page.locator("#frontier-chart .shapelayer path").count() > 0


def away(box: list[float], point: Labelled) -> float:
    """From a box to the middle of a mark."""
    return hypot(max(box[0] - point.x, point.x - box[2], 0), max(box[1] - point.y, point.y - box[3], 0))


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
    page.wait_for_url("**/compare/llama-3-1-405b/deepseek-v3/?as_of=2025-02-08")


def test_workload_recomputes_while_typing(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")

    assert page.locator("#w-result b").all_inner_texts() == ["$191.00", "$2,400"]
    page.locator("#w-output").fill("0")
    assert page.locator("#w-result b").all_inner_texts() == ["$81.00", "$900.00"]


def test_what_is_set_in_the_card_goes_with_the_address_and_into_the_comparison(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")
    page.locator("#frontier-chart").focus()
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/?as_of=2025-02-08&pair=llama-3-1-405b,deepseek-v3")
    page.locator("#w-input").fill("50")
    page.locator("#w-output").fill("5")
    chosen = "as_of=2025-02-08&pair=llama-3-1-405b,deepseek-v3&input_mtok=50&output_mtok=5"
    page.wait_for_url(f"**/?{chosen}")
    assert str(page.locator("[data-share] a[data-copy]").get_attribute("href")).endswith(f"/?{chosen}")

    page.reload()
    assert page.locator(".pick b").all_inner_texts() == ["Llama 3.1 405B", "DeepSeek-V3"]
    # 50 x 3.5 + 5 x 3.5, and 50 x 0.27 + 5 x 1.10.
    assert page.locator("#w-result b").all_inner_texts() == ["$192.50", "$19.00"]

    # A filter keeps what was chosen.
    page.locator("#f-mix").fill("1:0:1")
    page.keyboard.press("Enter")
    page.wait_for_url("**mix=1:0:1**input_mtok=50&output_mtok=5")
    assert page.locator(".pick b").all_inner_texts() == ["Llama 3.1 405B", "DeepSeek-V3"]
    assert page.locator("#w-input").input_value() == "50"

    page.get_by_role("link", name="Open comparison").click()
    page.wait_for_url("**/compare/llama-3-1-405b/deepseek-v3/?as_of=2025-02-08&input_mtok=50&output_mtok=5")
    assert page.locator("#w-in").input_value() == "50"
    assert page.locator("#w-out").input_value() == "5"


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


VIEWS = {
    "cost=measured": "#x-measured[aria-current]",
    "cost=measured&task=words-v1": "#f-task option[value='words-v1'][selected]",
    "capability=benchmark:gpqa-diamond&variants=all": "#f-variants option[value='all'][selected]",
    "older=show": "#f-older[checked]",
    "intervals=show": "#f-intervals[checked]",
    "labels=frontier": "#f-labels option[value='frontier'][selected]",
    "mix=2:18:1": "#x-agent[aria-current]",
}


@pytest.fixture
def studied(site: str, three_models: dict[str, ModelVersion]) -> None:
    """Runs on two suites, two efforts on a benchmark, and a model that is not sold any more."""
    for suite, usd in (("sums-v1", "0.001"), ("words-v1", "0.002")):
        measured(three_models["deepseek"], "+-" * 15, usd, suite=suite)
    measured(three_models["sonnet"], "+" * 30, "0.004")
    gpqa = make.make_benchmark("GPQA Diamond")
    make.make_score(three_models["deepseek"], gpqa, 0.5)
    for effort, value in (("high", 0.8), ("low", 0.6)):
        make.make_score(three_models["sonnet"], gpqa, value, effort=effort, standard_error=0.02)
    three_models["llama"].offerings.update(retired_on=date(2025, 1, 10))


@pytest.mark.parametrize("view", VIEWS)
def test_every_assumption_goes_through_the_address_and_back(open_page: Open, studied: None, view: str) -> None:
    page = open_page(f"/?as_of=2025-02-08&{view}")

    assert page.locator(VIEWS[view]).count() == 1
    page.get_by_text("Open weights", exact=True).first.click()
    page.wait_for_url("**access=open**")
    assert set(urlsplit(page.url).query.split("&")) == {"as_of=2025-02-08", "access=open", *view.split("&")}
    assert page.locator(VIEWS[view]).count() == 1
    for each in view.split("&"):
        assert each in (page.locator(".exports").get_by_text("CSV", exact=True).get_attribute("href") or "")
    page.go_back()
    page.wait_for_url(f"**/?as_of=2025-02-08&{view}")


def test_price_is_switched_to_the_measured_cost_and_spoken(open_page: Open, studied: None) -> None:
    page = open_page("/?as_of=2025-02-08")

    page.locator("#x-measured").click()
    page.wait_for_url("**cost=measured")
    page.wait_for_selector(".chart.drawn")
    page.locator("#frontier-chart").focus()
    page.keyboard.press("Home")

    assert page.locator("#said").inner_text() == (
        "DeepSeek-V3, DeepSeek, 134.0, $0.002 per solved task, on the frontier, 1 of 2"
    )
    assert page.locator("h1").inner_text().endswith("costs 50% less per solved task.")
    page.locator("#x-input").click()
    page.wait_for_url("**/?mix=1:0:0&as_of=2025-02-08")


def test_seldom_assumptions_stay_open_and_draw(open_page: Open, studied: None) -> None:
    page = open_page("/?as_of=2025-02-08")
    assert not page.locator("#f-older").is_visible()

    page.get_by_text("More assumptions").click()
    page.locator("#f-older").check()
    page.wait_for_url("**older=show")
    page.locator("#f-intervals").check()
    page.wait_for_url("**intervals=show&older=show")
    page.wait_for_selector(".chart.drawn")
    assert page.locator("#frontier-chart .errorbar").count() == 3
    opacities = page.evaluate("document.querySelector('.canvas').data[1].marker.opacity")
    assert opacities == [1, 0.45, 1]
    page.locator("#f-intervals").uncheck()
    page.locator("#f-older").uncheck()
    page.wait_for_url("**/?as_of=2025-02-08")
    assert page.locator("#f-older").is_visible()


def test_efforts_are_spoken_joined_and_swapped_into_the_card(open_page: Open, studied: None) -> None:
    page = open_page("/?as_of=2025-02-08&capability=benchmark:gpqa-diamond&variants=all")
    page.locator("#frontier-chart").focus()

    page.keyboard.press("End")
    assert page.locator("#said").inner_text() == (
        "Claude 3.5 Sonnet (low), Anthropic, 60.0%, $6.00 per million tokens, 3 of 3"
    )
    page.keyboard.press("Enter")
    assert page.locator("#said").inner_text() == "Claude 3.5 Sonnet (low) is now in the side-by-side card."
