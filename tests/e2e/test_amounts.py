"""The browser writes an amount of US$ as the server does."""

from pathlib import Path

from playwright.sync_api import Page

import dashboard
from dashboard.formats import usd, usd_short
from tests.e2e.conftest import Open

SCRIPT = Path(dashboard.__file__).parent / "static" / "dashboard" / "usd.js"
WRITTEN = {
    0: "$0",
    1e-9: "$0.000000001",
    0.0000123: "$0.000012",
    0.00004: "$0.00004",
    0.00042: "$0.00042",
    0.00995: "$0.010",
    0.004: "$0.004",
    0.005: "$0.005",
    0.0099499: "$0.0099",
    0.01: "$0.01",
    0.0994: "$0.099",
    0.0995: "$0.10",
    0.12345: "$0.12",
    0.125: "$0.125",
    0.175: "$0.175",
    0.48: "$0.48",
    0.9999: "$1.00",
    1.005: "$1.01",
    2.675: "$2.68",
    6: "$6.00",
    123.456: "$123.46",
    999.994: "$999.99",
    999.995: "$1,000.00",
    1000.5: "$1,001",
    5_576_000: "$5,576,000",
    123_456_789_012: "$123,456,789,012",
    -0.125: "−$0.125",
}
LABELS = {0.004: "$0.004", 999: "$999.00", 1000: "$1.00K", 810_400: "$810K", 5_576_000: "$5.58M", 61_680_000: "$61.7M"}


def test_amounts_are_written_alike_in_the_browser_and_on_the_server(page: Page) -> None:
    page.add_script_tag(path=SCRIPT)

    for value, text in WRITTEN.items():
        assert (page.evaluate("window.usd", value), usd(value)) == (text, text)
    for value, text in LABELS.items():
        assert (page.evaluate("window.usdShort", value), usd_short(value)) == (text, text)
    assert (page.evaluate("window.usd(null)"), usd(None)) == ("–", "–")
    assert page.evaluate("window.usd(0.1 + 0.2)") == "$0.30"  # no noise of binary fractions


def test_small_amounts_are_not_written_as_nothing(open_page: Open) -> None:
    training = open_page("/training/")
    training.locator("#rent").fill("0.004")
    assert training.locator(".ledger [data-rent]").first.inner_text() == "$0.004"

    first = open_page("/")
    first.locator("#w-input").fill("0.00001")
    first.locator("#w-output").fill("0")
    assert first.locator("#w-result b").all_inner_texts() == ["$0.0000027", "$0.00003"]
