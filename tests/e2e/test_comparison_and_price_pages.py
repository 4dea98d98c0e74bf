"""The comparison, price, trend, source and change pages in a real browser."""

import pytest

from tests.e2e.conftest import Open
from tests.e2e.test_every_page import sideways

COMPARE = "/compare/deepseek-v3/claude-3-5-sonnet/"
PAGES = [
    "/compare/",
    COMPARE,
    "/compare/deepseek-v3/claude-3-5-sonnet/llama-3-1-405b/",
    "/prices/",
    "/trends/",
    "/sources/",
    "/conflicts/?question=all",
    "/changes/",
    "/routing/",
    "/whole-life/",
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_pages_draw_without_policy_breach_or_sideways_scroll(open_page: Open, width: int, dark: bool) -> None:
    for path in PAGES:
        page = open_page(path, width=width, dark=dark)
        assert sideways(page) == 0, path
        assert page.locator("h1").count() == 1, path
        page.close()


def test_pages_answer_without_script(open_page: Open) -> None:
    for path in PAGES:
        page = open_page(path, width=390, script=False)
        assert sideways(page) == 0, path
        assert page.locator("h1").is_visible(), path
        page.close()


def test_workload_is_worked_out_without_script_and_stays_in_the_address(open_page: Open) -> None:
    page = open_page(COMPARE, script=False)

    page.locator("#w-in").fill("10")
    page.locator("#w-out").fill("2")
    page.get_by_role("button", name="Work it out").click()

    assert "input_mtok=10" in page.url
    assert page.locator("#workload tbody tr", has_text="Claude 3.5 Sonnet").locator("td").first.inner_text() == "$60.00"


def test_workload_is_worked_out_in_place(open_page: Open) -> None:
    page = open_page(COMPARE)
    costs = "() => document.querySelector('#workload tbody').innerText.includes('%s')"

    page.locator("#w-in").fill("10")
    page.locator("#w-in").press("Enter")

    # 10 x 3 + 100 x 15 = 1,530; at first 300 x 3 + 100 x 15 = 2,400.
    page.wait_for_url("**input_mtok=10**")
    page.wait_for_function(costs % "$1,530")
    page.go_back()
    page.wait_for_function(costs % "$2,400")


def test_targets_are_large_enough_for_fingers(open_page: Open) -> None:
    for path in PAGES:
        page = open_page(path, width=390)
        small = page.evaluate(
            """[...document.querySelectorAll('button, select, input:not([type=radio]), .btn, .nav a, .seg')]
                .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
        )
        assert small == [], path
        page.close()
