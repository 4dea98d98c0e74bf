"""What leaves a page in a real browser: files, frames, texts to copy, and paper."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Open
from tests.e2e.test_every_page import sideways

PAPER = ["/models/deepseek-v3/", "/compare/deepseek-v3/claude-3-5-sonnet/", "/prices/"]


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.locator(".exports").get_by_text(name, exact=True).first.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_price_files_hold_what_is_on_the_screen(open_page: Open) -> None:
    page = open_page("/prices/?model=deepseek-v3&as_of=2025-02-08")

    name, table = downloaded(page, "CSV")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert name == "prices-history-2025-02-08-model-deepseek-v3.csv"
    assert [(row["price_usd_per_mtok"], row["from"][:10]) for row in rows] == [
        ("0.175", "2024-12-26"),
        ("0.4775", "2025-02-08"),
    ]
    name, image = downloaded(page, "PNG")
    assert (name, image[:4]) == ("prices-2025-02-08-model-deepseek-v3.png", b"\x89PNG")
    name, drawing = downloaded(page, "SVG")
    assert (name, drawing[:5]) == ("prices-2025-02-08-model-deepseek-v3.svg", b"<svg ")


def test_files_follow_a_filter_that_changes_in_place(open_page: Open) -> None:
    page = open_page("/trends/?as_of=2025-02-08")

    page.locator("#t-mix").fill("1:0:1")
    page.locator("#t-mix").press("Enter")
    page.wait_for_url("**mix=1:0:1**")

    for link in page.locator(".exports a[href]").all():
        assert "mix=1:0:1" in str(link.get_attribute("href")) or link.inner_text() == "Save this view"
    page.get_by_role("button", name="Embed").click()
    assert "/embed/trends/?mix=1:0:1&as_of=2025-02-08" in page.locator("#embed-code").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_citation_opens_by_keyboard_with_and_without_script(open_page: Open, script: bool) -> None:
    page = open_page("/training/", width=390, script=script)
    button = page.get_by_role("button", name="Cite")

    button.focus()
    page.keyboard.press("Enter")

    assert "@misc{capability-per-dollar-training-" in page.locator("#bibtex-code").inner_text()
    assert sideways(page) == 0
    page.keyboard.press("Escape")
    assert not page.locator("#cite-panel").is_visible()


@pytest.mark.parametrize("path", ["/embed/frontier/", "/embed/prices/", "/embed/compare/deepseek-v3/llama-3-1-405b/"])
def test_frame_tells_its_height_to_the_page_around_it(open_page: Open, site: str, path: str) -> None:
    page = open_page("/method/")
    # A page without our policy, as another site has it.
    page.route(f"{site}/elsewhere/", lambda route: route.fulfill(content_type="text/html", body="<body></body>"))
    page.goto(f"{site}/elsewhere/")
    page.evaluate(
        """address => {
            addEventListener("message", (event) => {
                if (event.data.source === "capability-per-dollar") window.told = event.data.height;
            });
            const box = document.createElement("iframe");
            box.src = address;
            box.width = 700;
            document.body.append(box);
        }""",
        site + path,
    )

    page.wait_for_function("() => window.told > 200", timeout=20_000)


@pytest.mark.parametrize("path", PAPER)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_paper_has_the_drawing_whole_tables_and_addresses(open_page: Open, path: str, dark: bool) -> None:
    page = open_page(path, width=794, dark=dark)
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(19, 26, 38)"
    for controls in (".top", ".filters", ".exports", ".files", ".explain", ".skip"):
        assert not any(each.is_visible() for each in page.locator(controls).all()), controls
    assert page.locator(".chart > svg.wide").first.is_visible()
    assert not page.locator(".chart .canvas").first.is_visible()
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every(e => e.scrollWidth <= e.clientWidth + 1)")
    assert sideways(page) == 0
    shown = page.evaluate(
        """[...document.querySelectorAll('main a[href^="http"]')].filter(e => e.offsetParent)
            .map(e => getComputedStyle(e, "::after").content)"""
    )
    assert shown
    assert all(re.search(r"https?://", content) for content in shown)
