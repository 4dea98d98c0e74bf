"""axe-core finds nothing on any page type, on wide and narrow screens, in both themes."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    *("/", "/models/", "/models/deepseek-v3/", "/training/", "/evals/", "/evals/schedules/", "/evals/alerts/"),
    *("/method/", "/api/v1/docs", "/nowhere/"),
]


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: npm ci fetches it.")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(browser: Browser, site: str, width: int, dark: bool) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", bypass_csp=True
    )
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(site + path)
        if page.locator("[data-chart]").count():
            page.locator("[data-chart]").first.scroll_into_view_if_needed()
            page.wait_for_selector(".chart.drawn")
        page.add_script_tag(path=AXE)
        for violation in page.evaluate("async () => (await axe.run()).violations"):
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.append(f"{path} {violation['id']}: {nodes}")
    context.close()

    assert found == []
