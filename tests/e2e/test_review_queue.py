"""The review queue by keys, and without scripts by buttons, under the site's content policy."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from catalog.models import Alias, Price
from ingest import naming
from ingest.models import Proposal
from tests.factories import make_version
from tests.ingest.support import flat, read, table

pytestmark = pytest.mark.django_db(transaction=True)
REVIEW = "/admin/ingest/proposal/review/"


@pytest.fixture
def waiting() -> None:
    """Two names, the first with more prices."""
    make_version("GPT-9", developer="OpenAI")
    read(table(**{"gpt-9-mini": flat(1, 4), "gpt-9-pro": flat(2)}), "2026-01-01")
    naming.propose_names("genai-prices")


def sign_in(page: Page, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server.url)}])


@pytest.mark.usefixtures("waiting")
def test_queue_is_worked_by_keys(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server)
    page.goto(f"{live_server.url}{REVIEW}")

    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_text("gpt-9-pro is rejected").wait_for()
    page.keyboard.press("a")
    page.get_by_text("Written: 2 prices.").wait_for()

    assert Proposal.objects.get(raw_name="gpt-9-pro").state == "rejected"
    assert Alias.objects.get().raw_name == "gpt-9-mini"
    assert Price.objects.count() == 2


@pytest.mark.usefixtures("waiting")
def test_queue_leaves_keys_alone_while_somebody_types(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server)
    page.goto(f"{live_server.url}{REVIEW}")

    page.get_by_label("Why (kept with the decision)").first.fill("")
    page.keyboard.type("a rare case")

    assert page.get_by_label("Why (kept with the decision)").first.input_value() == "a rare case"
    assert Proposal.objects.filter(state="waiting").count() == 2


@pytest.mark.usefixtures("waiting")
def test_queue_works_without_scripts_on_a_phone(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server)
    page.goto(f"{live_server.url}{REVIEW}")

    assert page.locator("html").bounding_box()["width"] <= 360  # type: ignore[index]
    page.get_by_role("button", name="Not a model").first.click()
    page.get_by_text("is noted as not a model").wait_for()
    page.get_by_role("button", name="Take back").first.click()
    page.get_by_text("waits again").wait_for()
    context.close()
    assert Alias.objects.count() == 0
