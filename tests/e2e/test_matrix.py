"""Every page type, wide and narrow, light and dark, with and without script: what has to hold on all of them.

The pages are the routes of the site, so a new one is looked at without being entered anywhere; see
``tests/support/routes.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.support.routes import addresses, admin_addresses
from tests.support.world import World, make_world

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
CHECKS = Path(__file__).with_name("checks.js")
FILES = (".csv", ".svg", ".png", ".json", ".jsonl", ".atom", "oembed")
ADMIN = {
    *("admin:index", "admin:catalog_price_changelist", "admin:catalog_price_add", "admin:catalog_price_change"),
    *("admin:catalog_price_history", "admin:catalog_importbatch_add", "admin:catalog_importbatch_change"),
    *("admin:ingest_proposal_review", "admin:evals_endpoint_change"),
}
MOST_SHIFT = 0.02


@pytest.fixture
def world(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """Something of everything, and an address that fails."""

    def page_or_failure(request: HttpRequest, *rest: Any, **options: Any) -> HttpResponse:
        if "fail" in request.GET:
            raise RuntimeError("asked to fail")
        return render(request, *rest, **options)

    monkeypatch.setattr("dashboard.views.changes.render", page_or_failure)
    return make_world()


def pages() -> list[str]:
    """One address of each page type, and of its other shapes: with a run under way, with nothing found, failed."""
    found = [address for address in addresses("dashboard") if not address.path.partition("?")[0].endswith(FILES)]
    absent = [address for address in found if not address.is_there and address.name == "dashboard:model"]
    paths = [address.path for address in found if address.is_there and "as_of" not in address.path] + [absent[0].path]
    return [*paths, "/api/v1/docs", "/nowhere/", "/changes/?fail=1", reverse("admin:login")]


def pages_of_the_admin() -> list[str]:
    found = {address.name: address.path for address in admin_addresses() if address.name in ADMIN}
    assert set(found) == ADMIN
    return list(found.values())


def is_for_operators(path: str) -> bool:
    """These lead whoever is not signed in to the admin's own page."""
    return path.startswith(("/views/", "/evals/new/")) or path.endswith("/cancel/")


@dataclass
class Look:
    """A browser context that goes from page to page and writes down what is wrong."""

    site: str
    context: BrowserContext
    problems: list[str] = field(default_factory=list)
    path: str = ""

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.say(f"script failed: {error}"))
        self.page.on("request", lambda request: self._same_origin(request.url))
        self.page.on("console", lambda message: self._policy(message.text))
        self.is_measuring = False

    def say(self, words: str) -> None:
        self.problems.append(f"{self.path} {words}")

    def sign_in(self, world: World) -> None:
        client = Client()
        client.force_login(world.user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.site}])

    def goto(self, path: str) -> Page:
        self.path, self.is_measuring = path, False
        self.page.goto(self.site + path)
        return self.page

    def _same_origin(self, url: str) -> None:
        if not url.startswith((self.site, "data:", "blob:")):
            self.say(f"left for {url}")

    def _policy(self, text: str) -> None:
        if "Security Policy" in text and not self.is_measuring:
            self.say(text[:200])


@pytest.fixture
def looks(browser: Browser, live_server: LiveServer) -> Iterator[list[Look]]:
    """Contexts that a test opened, closed after it."""
    opened: list[Look] = []
    yield opened
    for look in opened:
        look.context.close()


def look_at(looks: list[Look], browser: Browser, site: str, *, width: int, dark: bool, script: bool = True) -> Look:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        has_touch=width < 500,
    )
    if script:
        context.add_init_script(path=CHECKS)
        if AXE.is_file():
            context.add_init_script(path=AXE)
    looks.append(Look(site, context))
    return looks[-1]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_holds_what_is_promised(
    browser: Browser, live_server: LiveServer, world: World, looks: list[Look], width: int, dark: bool
) -> None:
    look = look_at(looks, browser, str(live_server.url), width=width, dark=dark)
    for path in pages():
        if not is_for_operators(path):
            with_script(look, path, width)
    look.sign_in(world)
    for path in [*(path for path in pages() if path.startswith(("/views/", "/evals/"))), *pages_of_the_admin()]:
        with_script(look, path, width)

    assert not look.problems, "\n".join(look.problems)


def with_script(look: Look, path: str, width: int) -> None:
    page = look.goto(path)
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
    page.wait_for_function("() => !document.querySelector('[data-chart]:not(.drawn)')")
    page.evaluate("() => scrollTo(0, 0)")
    in_admin = path.startswith("/admin/")  # Django's own script opens its side bar after the first drawing
    is_list = path == reverse("admin:catalog_price_changelist")  # its rows are low, and its filters are Django's
    shift = page.evaluate("() => seen.settled().then(() => seen.shift)")
    if shift > MOST_SHIFT and not in_admin:
        look.say(f"moves by {shift:.3f} while it loads: {page.evaluate('() => seen.moved')}")
    for words in page.evaluate("() => seen.violations"):
        look.say(words)
    look.is_measuring = True  # axe brings styles of its own
    is_bare = path.startswith("/embed/") or "fail=" in path
    for words in page.evaluate(
        "([phone, bare]) => seen.structure(phone, bare)", [width < 500 and not is_list, is_bare]
    ):
        look.say(words)
    if AXE.is_file():
        for words in page.evaluate("() => seen.axe()"):
            look.say(words)
    # 200% zoom of 1440 is 720.
    for narrower in (360, 320) if width < 500 else (720,):
        page.set_viewport_size({"width": narrower, "height": 900})
        for words in page.evaluate("() => seen.settled().then(seen.sideways)"):
            look.say(f"at {narrower}: {words}")
    page.set_viewport_size({"width": width, "height": 900})
    for words in page.evaluate("() => seen.stretched()"):
        look.say(words)


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1440, False)], ids=["narrow dark", "wide light"])
def test_every_page_works_without_script(
    browser: Browser, live_server: LiveServer, world: World, looks: list[Look], width: int, dark: bool
) -> None:
    look = look_at(looks, browser, str(live_server.url), width=width, dark=dark, script=False)
    look.sign_in(world)
    for path in [*pages(), *pages_of_the_admin()]:
        page = look.goto(path)
        # Without script in the page the driver measures from outside.
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            look.say(f"scrolls sideways by {over}")
        if not path.startswith("/embed/") and not page.locator("h1").first.is_visible():
            look.say("shows no heading")
        for drawing in page.locator("[data-chart]").all():
            if not drawing.locator("svg").locator("visible=true").count():
                look.say("shows no drawing")

    assert not look.problems, "\n".join(look.problems)
