"""The page of a run for those who may operate it: repeats, filters, asking failed samples again; with no script."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser, Page, expect

from evals.models import Endpoint, Run
from tests.dashboard.test_run_actions import PRICES
from tests.dashboard.test_run_items import make_repeats
from tests.e2e.test_admin_pages import AXE


@pytest.fixture(params=[360, 1440])
def operator(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of an operator who has turned scripts off."""
    User.objects.create_user("op", password="a long password", is_staff=True).groups.add(
        Group.objects.get(name="operator")
    )
    context = browser.new_context(viewport={"width": request.param, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/admin/login/?next=/evals/")
    page.fill("#id_username", "op")
    page.fill("#id_password", "a long password")
    page.click("input[type=submit]")
    yield page
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window. Without script the page cannot be asked, so its boxes are."""
    width = (page.viewport_size or {"width": 0})["width"]
    boxes = [each.bounding_box() for each in page.locator("main > *, .hero > *, .kinds > *, .card > *").all()]
    return all(box["x"] + box["width"] <= width + 1 for box in boxes if box)


def test_failed_samples_are_found_and_asked_again_without_script(operator: Page, site: str) -> None:
    run = make_repeats("cic", "ccc", "fff")
    Run.objects.filter(pk=run.pk).update(prices=PRICES)
    Endpoint.objects.filter(pk=run.endpoint_id).update(name="An endpoint with a long name, as people give them " * 2)
    operator.goto(f"{site}/evals/runs/{run.pk}/")
    assert fits(operator)

    operator.get_by_role("link", name="only where repeats disagree 1").click()
    rows = operator.locator("table.samples tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.get_by_text("reply 2")).to_be_hidden()
    rows.locator("summary").click()
    expect(rows.get_by_text("reply 2")).to_be_visible()

    operator.get_by_role("link", name="Retry failed").click()
    expect(operator.get_by_role("heading", level=1)).to_contain_text("Ask the failed samples of Tiny on An endpoint")
    expect(operator.locator(".confirm")).to_contain_text("At most $")
    assert fits(operator)
    operator.get_by_role("button", name="Ask them again").click()

    expect(operator.get_by_role("status").first).to_contain_text("3 failed samples are asked again.")
    expect(operator.locator(".run-progress .badge")).to_have_text("Queued")
    expect(operator.get_by_role("link", name="Retry failed")).to_have_count(0)
    expect(operator.get_by_role("link", name="Cancel")).to_be_visible()


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: npm ci fetches it.")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_on_pages_of_operators(browser: Browser, site: str, width: int, dark: bool) -> None:
    User.objects.create_superuser("root", password="a long password")
    run = make_repeats("cic", "ccc", "fff")
    Run.objects.filter(pk=run.pk).update(prices=PRICES)
    Endpoint.objects.filter(pk=run.endpoint_id).update(name="An endpoint with a long name, as people give them " * 2)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"{site}/admin/login/?next=/evals/")
    page.fill("#id_username", "root")
    page.fill("#id_password", "a long password")
    page.click("input[type=submit]")
    found = []
    for path in (
        "/evals/?state=nonsense",
        f"/evals/runs/{run.pk}/",
        f"/evals/runs/{run.pk}/retry/",
        *("/evals/new/", "/evals/endpoints/", "/evals/suites/tiny-v1/", "/evals/schedules/", "/views/"),
        "/admin/dashboard/apitoken/add/",
    ):
        page.goto(site + path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} scrolls sideways")
        page.add_script_tag(path=AXE)
        found += [
            f"{path} {violation['id']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
            for violation in page.evaluate("async () => (await axe.run()).violations")
        ]
    context.close()

    assert found == []
