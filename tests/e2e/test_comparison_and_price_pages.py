"""The comparison, price, trend, source and change pages in a real browser."""

from tests.e2e.conftest import Open

COMPARE = "/compare/deepseek-v3/claude-3-5-sonnet/"


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
