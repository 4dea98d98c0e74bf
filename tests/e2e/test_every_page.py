"""What the frame of every page does: theme, search, skip link, sorting, explanations. See also ``test_matrix.py``."""

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Open


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_first_page_works_without_script(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08", script=False)
    assert page.locator("#frontier-chart svg.wide").is_visible()
    assert page.locator("#table tbody tr").count() == 3
    page.locator("#f-mix").fill("1:0:1")
    page.get_by_role("button", name="Apply").click()
    assert "mix=1%3A0%3A1" in page.url
    assert page.locator("#table tbody tr", has_text="Claude 3.5 Sonnet").locator("td").nth(1).inner_text() == "$9.00"


def test_theme_toggle_is_remembered_and_redraws_the_chart(open_page: Open) -> None:
    page = open_page("/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.locator("#theme").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.wait_for_function("() => document.querySelector('.canvas').layout.font.color === '#98a4b5'")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_search_key_goes_to_the_search_field(open_page: Open) -> None:
    page = open_page("/models/")

    page.keyboard.press("/")
    page.keyboard.type("llama")
    page.keyboard.press("Enter")

    page.wait_for_url("**/models/?q=llama")
    assert page.locator("tbody tr").count() == 1


def test_question_mark_lists_the_shortcuts_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("/models/")
    page.locator("#theme").focus()

    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    assert dialog.is_visible()
    assert dialog.locator("dt").first.inner_text() == "/"
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert page.evaluate("document.activeElement.id") == "theme"
    page.locator("#search").focus()
    page.keyboard.type("?")
    assert dialog.is_hidden()
    assert page.locator("#search").input_value() == "?"


def test_skip_link_is_the_first_stop_and_leads_to_the_table(open_page: Open) -> None:
    page = open_page("/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the data table"
    page.keyboard.press("Enter")
    page.wait_for_selector("#table:focus")  # the browser moves there in its own time


def test_table_sorts_by_its_headers_and_keeps_unknown_last(open_page: Open) -> None:
    page = open_page("/?as_of=2025-02-08")
    first = page.locator("#table tbody tr").first

    assert "DeepSeek-V3" in first.inner_text()
    page.get_by_role("button", name="Blended", exact=True).click()
    assert page.locator("#table th[aria-sort] > button:not(.explain)").inner_text() == "Blended"
    assert page.locator("#table th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Blended", exact=True).click()
    assert "Claude 3.5 Sonnet" in first.inner_text()


def test_metric_explains_itself_by_keyboard_and_without_script(open_page: Open) -> None:
    for script in (True, False):
        page = open_page("/?as_of=2025-02-08", width=390, script=script)
        button = page.get_by_role("button", name="About: Blended price")
        text = page.locator("#about-blended_price")

        assert not text.is_visible()
        button.focus()
        page.keyboard.press("Enter")
        assert text.is_visible()
        assert text.get_by_role("link").get_attribute("href") == "/method/#blended-price"
        assert sideways(page) == 0
        page.keyboard.press("Escape")
        assert not text.is_visible()
        page.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_further_places_open_by_keyboard_and_give_the_focus_back(open_page: Open, width: int) -> None:
    page = open_page("/models/", width=width)
    menu = page.locator("#further")
    menu.locator("summary").focus()

    page.keyboard.press("Enter")
    assert menu.get_by_role("link").all_inner_texts() == [
        *("Whole-life cost", "Conflicts", "What changed", "Saved views", "Sources", "Method", "API"),
    ]
    box = menu.locator("nav").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert sideways(page) == 0
    page.keyboard.press("Escape")
    assert menu.get_by_role("link").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/whole-life/")
