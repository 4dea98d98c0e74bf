"""Pages of this site in a real Chromium, with the three models and the two training runs in the database."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from catalog.models import ModelVersion, TrainingRun
from tests.dashboard import conftest as dashboard

three_models = dashboard.three_models
two_runs = dashboard.two_runs
Open = Callable[..., Page]


@pytest.fixture
def site(live_server: LiveServer, two_runs: list[TrainingRun], three_models: dict[str, ModelVersion]) -> str:
    """Address of the running site."""
    return str(live_server.url)


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """``open_page("/training/", width=390, dark=True, script=False)``. Fails the test on a script error, a stopped
    resource, or a request that leaves the site.
    """
    problems: list[str] = []
    contexts = []

    def opened(
        path: str, *, width: int = 1440, height: int = 900, dark: bool = False, script: bool = True, wait: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda message: problems.append(f"{path}: {message.text}") if "Security Policy" in message.text else None,
        )
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((site, "data:", "blob:")) else problems.append(f"left for {request.url}")
            ),
        )
        page.goto(site + path)
        if script and wait and page.locator("[data-chart]").count():
            page.locator("[data-chart]").first.scroll_into_view_if_needed()
            page.wait_for_selector(".chart.drawn")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
