"""The admin in a real browser: the content policy, keys, checks while typing, narrow screens, axe."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload, Page, expect

from catalog.models import AuditEvent, ImportBatch, ModelVersion, Price
from catalog.services.imports import check_import
from ingest.feeds import ensure_feed
from ingest.models import HeldChange, RawRecord
from tests.factories import make_benchmark, make_organization, make_score

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
LINES = "slug,name,developer\ndeepseek-v9,DeepSeek-V9,deepseek\nnobodys,Nobody's,nobody\n"
SignedIn = Callable[..., Page]


@pytest.fixture
def signed_in(browser: Browser, site: str) -> Iterator[SignedIn]:
    """A page of the admin, signed in. Fails the test on a script error, a stopped resource or a sideways scroll."""
    User.objects.create_superuser("root", password="a long password")
    problems: list[str] = []
    contexts = []

    def opened(path: str, *, width: int = 1440, dark: bool = False, bypass_csp: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            bypass_csp=bypass_csp,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda message: problems.append(f"{path}: {message.text}") if "Security Policy" in message.text else None,
        )
        page.goto(f"{site}{reverse('admin:login')}?next={quote(path)}")
        page.fill("#id_username", "root")
        page.fill("#id_password", "a long password")
        with page.expect_navigation(wait_until="load"):
            page.click("input[type=submit]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def current_input() -> Price:
    return Price.objects.get(component="input", usd_per_mtok=Decimal("0.27"))


def test_price_is_checked_while_typing_and_saved_by_a_key(signed_in: SignedIn) -> None:
    price = current_input()
    page = signed_in(reverse("admin:catalog_price_change", args=[price.pk]))

    page.fill("#id_usd_per_mtok", "27")
    expect(page.locator("#checked .problem").first).to_contain_text("Say why the USD per million tokens changes")
    page.fill("#id_reason", "the page was misread")
    expect(page.locator("#checked .fine").last).to_contain_text("DeepSeek-V3 would stand at $20.53 per million tokens")
    page.keyboard.press("Control+s")
    page.wait_for_url("**/admin/catalog/price/")

    price.refresh_from_db()
    assert price.usd_per_mtok == Decimal(27)
    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.actor, event.reason) == ("root", "the page was misread")


def test_empty_form_is_not_scolded_and_no_warning_outlives_its_value(signed_in: SignedIn) -> None:
    price = current_input()
    page = signed_in(reverse("admin:catalog_price_add"))
    checks: list[str] = []
    page.on("request", lambda request: checks.append(request.url) if "/check/" in request.url else None)
    page.wait_for_timeout(800)  # twice what the page waits before it asks
    assert (checks, page.locator("#checked").is_visible()) == ([], False)

    page.goto(page.url.replace("/add/", f"/{price.pk}/change/"))
    page.fill("#id_usd_per_mtok", "27")
    warning = page.locator("#checked .problem")
    expect(warning.first).to_contain_text("Say why the USD per million tokens changes")
    page.route("**/check/**", lambda route: route.fulfill(status=500))
    page.fill("#id_usd_per_mtok", "0.27")
    expect(page.locator("#checked")).to_be_hidden()
    expect(warning).to_have_count(0)


def test_keys_go_through_the_filtered_list(signed_in: SignedIn) -> None:
    first, second = Price.objects.filter(component="output").order_by(*Price._meta.ordering or ())[:2]
    query = "_changelist_filters=component__exact%3Doutput"
    page = signed_in(f"{reverse('admin:catalog_price_change', args=[first.pk])}?{query}")

    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_url(f"**/price/{second.pk}/change/**")
    page.keyboard.press("Alt+ArrowLeft")
    page.wait_for_url(f"**/price/{first.pk}/change/**")


def test_import_is_reviewed_and_taken_on_a_phone(signed_in: SignedIn, three_models: dict[str, ModelVersion]) -> None:
    page = signed_in(reverse("admin:catalog_importbatch_add"), width=390)
    page.select_option("#id_table", "models")
    file = FilePayload(name="models.csv", mimeType="text/csv", buffer=LINES.encode())
    page.set_input_files("#id_file", files=file)
    page.click("text=Check the file")
    expect(page.locator("ol.lines li")).to_have_count(2)
    expect(page.locator(".problem")).to_contain_text("there is no organization 'nobody'")

    page.click("text=Take 1 good line")

    expect(page.locator(".messagelist")).to_contain_text("Taken: 1 rows are new, 0 changed.")
    assert ImportBatch.objects.get().state == "taken"


def test_field_of_many_rows_is_changed_and_undone_on_a_phone(signed_in: SignedIn) -> None:
    page = signed_in(f"{reverse('admin:catalog_price_changelist')}?component__exact=cached_input", width=390, dark=True)
    before = sorted(Price.objects.values_list("pk", "confidence"))
    page.locator("#action-toggle").check()
    page.select_option("select[name=action]", "edit_field")
    page.locator("button[name=index]").click()
    page.get_by_label("Field").select_option("confidence")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Confidence").select_option("low")
    page.get_by_label("Reason").fill("The page is a copy.")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("ol.lines li.is-changed")).to_have_count(2)
    assert sorted(Price.objects.values_list("pk", "confidence")) == before

    page.get_by_role("button", name="Change 2 rows").click()
    expect(page.locator(".messagelist")).to_contain_text("Changed: confidence of 2 prices.")
    assert Price.objects.filter(component="cached_input", confidence="low").count() == 2
    page.get_by_text("Undo this change").click()
    page.get_by_label("Why").fill("It is no copy.")
    page.get_by_role("button", name="Undo the whole change").click()
    expect(page.locator(".messagelist")).to_contain_text("2 changes were taken back")
    assert sorted(Price.objects.values_list("pk", "confidence")) == before


LIST = """() => {
  const rows = [...document.querySelectorAll("#result_list tbody tr")];
  const frame = document.querySelector("#changelist .results");
  return [rows.length > 0, rows.filter((row) => row.offsetHeight > 52).length, frame.scrollWidth - frame.clientWidth];
}"""


def test_lists_show_every_column_in_two_lines_a_row(signed_in: SignedIn) -> None:
    long_name = make_benchmark("LiveCodeBench (DeepSeek-R1 report, chain of thought)")
    make_score(current_input().offering.version, long_name, 0.5, measured_by=make_organization("Epoch AI Benchmarking"))
    record = RawRecord.objects.create(
        feed=ensure_feed("genai-prices"),
        external_key="openrouter/deepseek/deepseek-v4.1-flash",
        payload={},
        payload_hash="",
        first_seen=timezone.now(),
        last_seen=timezone.now(),
    )
    observation = {"offering": {"provider": "OpenRouter"}, "observation": {"usd_per_mtok": "6E+2"}}
    HeldChange.objects.create(
        record=record,
        field="input, standard, since 2026-10-20, until 2026-11-03",
        new_value="600",
        reason="600 USD per million tokens is over 300; the unit may be wrong.",
        proposal=observation,
    )
    page = signed_in(reverse("admin:index"))
    site = page.url.partition("/admin/")[0]
    found = {}
    for name in ("catalog_price", "catalog_score", "ingest_heldchange"):
        page.goto(f"{site}{reverse(f'admin:{name}_changelist')}")
        found[name] = tuple(page.evaluate(LIST))
    assert set(found.values()) == {(True, 0, 0)}, found


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_fit_and_axe_finds_nothing(signed_in: SignedIn, width: int, dark: bool) -> None:
    price = current_input()
    page = signed_in(reverse("admin:index"), width=width, dark=dark, bypass_csp=AXE.is_file())
    batch = check_import(
        table="models", file_name="models.csv", content=LINES.encode(), uploaded_by=User.objects.get(username="root")
    )
    found = []
    for path in (
        reverse("admin:index"),
        reverse("admin:catalog_price_changelist"),
        reverse("admin:catalog_price_add"),
        reverse("admin:catalog_price_change", args=[price.pk]),
        reverse("admin:catalog_price_history", args=[price.pk]),
        reverse("admin:catalog_importbatch_add"),
        reverse("admin:catalog_importbatch_change", args=[batch.pk]),
        reverse("dashboard:report"),
    ):
        page.goto(page.url.partition("/admin/")[0].partition("/report/")[0] + path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} scrolls sideways")
        if AXE.is_file():
            page.add_script_tag(path=AXE)
            for violation in page.evaluate("async () => (await axe.run()).violations"):
                nodes = [node["html"][:200] for node in violation["nodes"][:3]]
                found.append(f"{path} {violation['id']}: {nodes}")

    assert "\n".join(found) == ""
