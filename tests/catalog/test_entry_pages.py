"""The entry forms and their pages: reasons, sources, overlaps, history, filters, neighbours, imports."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import AuditEvent, Claim, ImportBatch, Offering, Organization, Price, Report, SavedFilter, Source
from catalog.selectors.price_checks import PriceNeighbours
from catalog.services import record_report
from tests.factories import (
    at,
    make_claim,
    make_offering,
    make_organization,
    make_price,
    make_source,
    make_version,
)

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]
ADD = "admin:catalog_price_add"
PAGE = "https://api-docs.deepseek.com/pricing"


@pytest.fixture
def price() -> Price:
    source = make_source(PAGE, publisher="DeepSeek")
    return make_price(make_offering(make_version()), "input", "0.27", since="2025-02-08", source=source)


def form_of(price: Price, **fields: str) -> dict[str, str]:
    """The price form as a browser would send it."""
    start = price.effective_from
    return {
        "offering": str(price.offering_id),
        "component": "input",
        "usd_per_mtok": "0.27",
        "service_class": "standard",
        "effective_from_0": f"{start:%Y-%m-%d}" if start else "",
        "effective_from_1": "00:00",
        "min_input_tokens": "0",
        "tier_scope": "request",
        "source": str(price.source_id),
        "confidence": "high",
    } | fields


def change(client: Client, price: Price, **fields: str) -> Any:
    return client.post(reverse("admin:catalog_price_change", args=[price.pk]), form_of(price, **fields))


def sentences(page: Any) -> str:
    return " ".join(str(each) for errors in page.context["errors"] for each in errors)


def test_changed_number_needs_a_reason(admin_client: Client, price: Price) -> None:
    page = change(admin_client, price, usd_per_mtok="0.28")
    assert sentences(page) == (
        "Say why the USD per million tokens changes from 0.27 to 0.28. The reason stays in the history."
    )

    assert change(admin_client, price, usd_per_mtok="0.28", reason="misread").status_code == 302
    price.refresh_from_db()
    assert price.usd_per_mtok == Decimal("0.28")
    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.actor, event.origin, event.reason) == ("admin", "admin", "misread")


def test_other_changes_need_none(admin_client: Client, price: Price) -> None:
    assert change(admin_client, price, note="seen again").status_code == 302


def test_new_price_ends_the_open_one(admin_client: Client, price: Price) -> None:
    form = form_of(price, usd_per_mtok="0.30", effective_from_0="2026-01-01")

    page = admin_client.post(reverse(ADD), form, follow=True)

    assert "The price of $0.27 per million tokens now ends on 1 Jan 2026." in page.content.decode()
    price.refresh_from_db()
    assert price.effective_to == at("2026-01-01")


def test_overlap_is_refused_with_a_link_to_the_row_in_the_way(admin_client: Client, price: Price) -> None:
    page = admin_client.post(reverse(ADD), form_of(price, effective_from_0="2025-01-01"))

    assert sentences(page) == (
        "DeepSeek already states $0.27 per million tokens for input of this offering from 8 Feb 2025 on. Correct that "
        f'row, or give one of the two an end. <a href="{reverse("admin:catalog_price_change", args=[price.pk])}">'
        "Open it</a>."
    )
    assert Price.objects.count() == 1


def test_another_publisher_may_disagree(admin_client: Client, price: Price) -> None:
    other = make_source("https://blog.example/prices", publisher="A blog")
    form = form_of(price, source=str(other.pk), usd_per_mtok="0.3")

    assert admin_client.post(reverse(ADD), form).status_code == 302
    price.refresh_from_db()
    assert price.effective_to is None


@pytest.mark.parametrize(("usd", "times"), [("2.71", "10"), ("0", "infinitely many"), ("0.02", "14")])
def test_jump_needs_a_reason(admin_client: Client, price: Price, usd: str, times: str) -> None:
    form = form_of(price, usd_per_mtok=usd, effective_from_0="2026-01-01")

    page = admin_client.post(reverse(ADD), form)
    assert (
        f"${usd} per million tokens and the last price, $0.27 per million tokens (DeepSeek), differ {times} times."
        in (sentences(page))
    )
    assert admin_client.post(reverse(ADD), form | {"reason": "checked twice"}).status_code == 302


def test_ten_times_is_no_jump_yet(admin_client: Client, price: Price) -> None:
    form = form_of(price, usd_per_mtok="2.7", effective_from_0="2026-01-01")
    assert admin_client.post(reverse(ADD), form).status_code == 302


def test_prices_entered_with_their_offering_follow_the_same_rules(admin_client: Client, price: Price) -> None:
    offering: Offering = price.offering
    form = {
        "provider": str(offering.provider_id),
        "provider_model_id": offering.provider_model_id,
        "version": str(offering.version_id),
        "prices-TOTAL_FORMS": "1",
        "prices-INITIAL_FORMS": "0",
        **{f"prices-0-{name}": value for name, value in form_of(price, usd_per_mtok="27").items()},
        "prices-0-effective_from_0": "2026-01-01",
    }
    url = reverse("admin:catalog_offering_change", args=[offering.pk])

    page = admin_client.post(url, form)
    assert "differ 100 times" in sentences(page)

    assert admin_client.post(url, form | {"reason": "a luxury now"}).status_code == 302
    price.refresh_from_db()
    assert price.effective_to == at("2026-01-01")


def test_pasted_address_becomes_a_source_of_the_known_publisher(admin_client: Client, price: Price) -> None:
    form = form_of(
        price,
        source="",
        source_url="https://api-docs.deepseek.com/news",
        retrieved_on="2026-11-20",
        effective_from_0="2026-01-01",
    )

    assert admin_client.post(reverse(ADD), form).status_code == 302

    source = Source.objects.get(url="https://api-docs.deepseek.com/news")
    assert (source.publisher, source.retrieved_at) == ("DeepSeek", at("2026-11-20"))
    assert source.prices.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"source": ""}, "Every fact needs a source. Choose one, or paste its address below."),
        ({"source": "", "source_url": "https://unheard.example/p"}, "No source of this host is known yet"),
        ({"source": "", "source_url": PAGE + "/new"}, "Give the day in “Read on”."),
    ],
)
def test_fact_without_a_source_is_refused_in_words(
    admin_client: Client, price: Price, fields: dict[str, str], sentence: str
) -> None:
    page = admin_client.post(reverse(ADD), form_of(price, effective_from_0="2026-01-01", **fields))
    assert sentence in sentences(page)
    assert (Price.objects.count(), Source.objects.filter(url=fields.get("source_url")).count()) == (1, 0)


def test_source_that_nobody_dated_asks_for_the_day(admin_client: Client) -> None:
    source = make_source("https://old.example/", retrieved_at=None)
    claim = {"version": str(make_version().pk), "attribute": "total_params", "value": "671000000000"}
    claim |= {"source": str(source.pk), "confidence": "high"}
    url = reverse("admin:catalog_claim_add")

    assert "It is not known when" in sentences(admin_client.post(url, claim))
    assert admin_client.post(url, claim | {"retrieved_on": "2026-11-24"}).status_code == 302
    source.refresh_from_db()
    assert source.retrieved_at == at("2026-11-24")


def test_source_form_takes_the_publisher_from_its_host(admin_client: Client) -> None:
    make_source(PAGE, publisher="DeepSeek")
    form = {"url": "https://api-docs.deepseek.com/x", "retrieved_at_0": "2026-11-01", "retrieved_at_1": "00:00"}

    assert admin_client.post(reverse("admin:catalog_source_add"), form).status_code == 302
    assert Source.objects.get(url=form["url"]).publisher == "DeepSeek"

    page = admin_client.post(reverse("admin:catalog_source_add"), form | {"url": "https://unheard.example/"})
    assert "Nothing is known about this host yet. Give its publisher." in sentences(page)


def test_changed_claim_needs_a_reason(admin_client: Client) -> None:
    claim = make_claim(make_version(), "total_params", "671000000000")
    form = {"version": str(claim.version_id), "attribute": "total_params", "value": "685000000000"}
    form |= {"source": str(claim.source_id), "confidence": "high"}
    page = admin_client.post(reverse("admin:catalog_claim_change", args=[claim.pk]), form)

    assert "Say why the value changes from 671000000000 to 685000000000." in sentences(page)
    assert Claim.objects.get().value == "671000000000"


def test_last_price_is_the_one_in_force_not_one_that_had_ended(admin_client: Client, price: Price) -> None:
    feed = make_source("https://feed.example/prices", publisher="A feed", rank=30)
    make_price(price.offering, "input", "0.23", until="2026-10-19", source=feed, observed_from=at("2026-11-09"))
    url = reverse("admin:catalog_price_check")

    said = admin_client.post(url, form_of(price, usd_per_mtok="0.3", effective_from_0="2026-11-27")).json()
    assert said["notes"][0] == "The last price was $0.27 per million tokens (DeepSeek)."

    # Where none is in force, the newest from before.
    price.effective_to = at("2026-10-19")
    price.save()
    neighbours = PriceNeighbours([price.offering_id])
    new = Price(offering=price.offering, component="input", effective_from=at("2026-11-27"), source=price.source)
    assert str(neighbours.last(new).usd_per_mtok) == "0.230000000000"  # type: ignore[union-attr]
    new.effective_from = at("2026-10-19")  # what ends where the new one begins is what it follows
    assert str(neighbours.last(new).usd_per_mtok) == "0.270000000000"  # type: ignore[union-attr]


def test_checking_while_typing_says_what_saving_would(admin_client: Client, price: Price) -> None:
    url = reverse("admin:catalog_price_check")

    bad = admin_client.post(url, form_of(price, usd_per_mtok="27", effective_from_0="2026-01-01")).json()
    assert "differ 100 times" in bad["errors"]["reason"][0]

    good = admin_client.post(url, form_of(price, usd_per_mtok="0.3", effective_from_0="2026-01-01")).json()
    assert good["errors"] == {}
    assert good["notes"][:2] == [
        "The last price was $0.27 per million tokens (DeepSeek).",
        "Saving ends the price of $0.27 per million tokens on 1 Jan 2026.",
    ]
    assert good["notes"][2].startswith("DeepSeek-V3 would not be on the frontier page")
    assert Price.objects.count() == 1
    assert not AuditEvent.objects.filter(actor="admin").exists()


def test_history_shows_who_when_before_after_and_why(admin_client: Client, price: Price) -> None:
    change(admin_client, price, usd_per_mtok="0.28", reason="misread the table")

    text = admin_client.get(reverse("admin:catalog_price_history", args=[price.pk])).content.decode()

    assert "Changed by admin" in text
    assert "Why: misread the table" in text
    assert "<td>0.27</td><td>0.28</td>" in text
    assert "<td></td><td>DeepSeek-V3 by DeepSeek (deepseek-v3)</td>" in text  # not the number of the offering


def test_one_change_is_taken_back_on_its_page(admin_client: Client, price: Price) -> None:
    change(admin_client, price, usd_per_mtok="0.28", reason="misread")
    event = AuditEvent.objects.first()
    assert event is not None
    url = reverse("admin:catalog_auditevent_change", args=[event.pk])
    assert "Take this change back" in admin_client.get(url).content.decode()

    page = admin_client.post(
        reverse("admin:catalog_auditevent_revert", args=[event.pk]), {"reason": "was right"}, follow=True
    )

    assert "Taken back: " in page.content.decode()
    price.refresh_from_db()
    assert price.usd_per_mtok == Decimal("0.27")


def test_rows_before_and_after_are_those_of_the_filtered_list(admin_client: Client, price: Price) -> None:
    output = make_price(price.offering, "output", "1.10", since="2025-02-08")
    other = make_price(make_offering(make_version("Other", developer="Lab")), "input", "1", since="2025-01-01")
    url = reverse("admin:catalog_price_change", args=[price.pk])

    page = admin_client.get(url, {"_changelist_filters": "component__exact=input"})

    assert page.context["place_in_list"] == "1 of 2"
    assert f"/price/{other.pk}/change/" in page.context["next_url"]
    assert "previous_url" not in page.context
    assert str(output.pk) not in page.context["next_url"].split("/")


def test_form_costs_the_same_however_long_the_list(
    admin_client: Client, price: Price, django_assert_num_queries: Queries
) -> None:
    url = reverse("admin:catalog_price_change", args=[price.pk])
    admin_client.get(url)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(url)
    for name in ("One", "Two"):
        make_price(make_offering(make_version(name, developer=name)), "input", "1", since="2025-01-01")
    with django_assert_num_queries(len(few)):
        admin_client.get(url)


def test_filters_are_kept_shown_and_forgotten(admin_client: Client, price: Price) -> None:
    listing = reverse("admin:catalog_price_changelist")
    kept = {"name": "Inputs", "query": "component__exact=input", "shared": "on"}
    page = admin_client.post(reverse("admin:catalog_price_save_filter"), kept)
    assert page["Location"] == f"{listing}?component__exact=input"
    saved = SavedFilter.objects.get()

    colleague = User.objects.create_user("bob", is_staff=True)
    colleague.groups.add(Group.objects.get(name="viewer"))
    client = Client()
    client.force_login(colleague)
    assert "Inputs" in client.get(listing).content.decode()
    client.post(reverse("admin:catalog_price_drop_filter", args=[saved.pk]))
    assert SavedFilter.objects.exists()  # it is not his

    admin_client.post(reverse("admin:catalog_price_drop_filter", args=[saved.pk]))
    assert not SavedFilter.objects.exists()


def test_filter_of_ones_own_is_not_shown_to_others(admin_client: Client, client: Client) -> None:
    admin_client.post(reverse("admin:catalog_price_save_filter"), {"name": "Mine", "query": "q=x"})
    client.force_login(User.objects.create_superuser("bob"))
    assert "Mine" not in client.get(reverse("admin:catalog_price_changelist")).content.decode()


def test_file_is_checked_taken_reviewed_and_undone_on_the_pages(admin_client: Client) -> None:
    make_organization("DeepSeek")
    file = SimpleUploadedFile("models.csv", b"slug,name,developer\nv9,V9,deepseek\nv8,V8,nobody\n")
    answer = admin_client.post(reverse("admin:catalog_importbatch_add"), {"table": "models", "file": file})
    batch = ImportBatch.objects.get()
    page = reverse("admin:catalog_importbatch_change", args=[batch.pk])
    assert answer["Location"] == page
    text = admin_client.get(page).content.decode()
    assert "Take 1 good line" in text
    assert "there is no organization &#x27;nobody&#x27;" in text
    refused = admin_client.get(reverse("admin:catalog_importbatch_refused", args=[batch.pk, "csv"])).content.decode()
    assert refused.splitlines()[1].startswith('"v8","V8","nobody","Column developer: there is no')

    do = reverse("admin:catalog_importbatch_do", args=[batch.pk])
    assert "Taken: 1 rows are new, 0 changed." in admin_client.post(do, {"do": "take"}, follow=True).content.decode()
    admin_client.post(do, {"do": "review"})
    assert ImportBatch.objects.get().reviewed_by == "admin"
    undone = admin_client.post(do, {"do": "undo", "reason": "wrong list"}, follow=True)
    assert "Undone: 1 change was taken back." in undone.content.decode()
    assert "<b>Undone</b> by admin. Why: “wrong list” Reviewed by admin." in undone.content.decode()


def test_refused_file_can_be_corrected_and_uploaded_again(admin_client: Client) -> None:
    make_organization("DeepSeek")
    file = SimpleUploadedFile("models.csv", b"slug,name,developer\nv8,V8,nobody\n")
    admin_client.post(reverse("admin:catalog_importbatch_add"), {"table": "models", "file": file})
    url = reverse("admin:catalog_importbatch_refused", args=[ImportBatch.objects.get().pk, "csv"])
    corrected = admin_client.get(url).content.replace(b'"nobody"', b'"deepseek"')

    file = SimpleUploadedFile("again.csv", corrected)
    admin_client.post(reverse("admin:catalog_importbatch_add"), {"table": "models", "file": file})

    batch = ImportBatch.objects.first()
    assert batch is not None
    assert (batch.new, batch.refused) == (1, 0)


def test_file_of_the_wrong_kind_is_refused_at_its_field(admin_client: Client) -> None:
    file = SimpleUploadedFile("x.csv", b"a,b\n1,2\n")
    page = admin_client.post(reverse("admin:catalog_importbatch_add"), {"table": "models", "file": file})
    assert "the column &#x27;slug&#x27; is missing" in page.content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_selection_is_exported(admin_client: Client, price: Price, kind: str) -> None:
    make_price(price.offering, "output", "1.10", since="2025-02-08")
    url = reverse("admin:catalog_price_changelist")

    answer = admin_client.post(url, {"action": f"export_{kind}", "_selected_action": [str(price.pk)]})

    assert answer["Content-Disposition"].startswith('attachment; filename="prices-')
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    if kind == "csv":
        assert answer.content.decode("utf-8-sig").count("\r\n") == 2


def test_report_is_answered_by_an_editor(admin_client: Client) -> None:
    report = record_report(page="/models/x/", about="input price", right_value="$1")
    url = reverse("admin:catalog_report_change", args=[report.pk])

    admin_client.post(url, {"state": "corrected", "answer": "The page says $1 now."})

    report.refresh_from_db()
    assert (report.state, report.decided_by) == ("corrected", "admin")
    assert report.decided_at is not None
    assert Report.objects.get().right_value == "$1"


def test_first_page_counts_what_waits_and_links_to_it(admin_client: Client, price: Price) -> None:
    record_report(page="/", text="wrong")
    make_version("Unpriced", developer="Lab")
    make_source("https://undated.example/", retrieved_at=None)

    page = admin_client.get(reverse("admin:index"))

    counts = {queue.title: queue.count for queue in page.context["queues"]}
    assert counts == {"Reports of wrong numbers": 1, "Models without a price": 1, "Sources without a day": 1}
    for queue in page.context["queues"]:
        listing = admin_client.get(queue.url)
        assert listing.context["cl"].result_count == queue.count


def test_first_page_costs_the_same_with_more_rows(
    admin_client: Client, price: Price, django_assert_num_queries: Queries
) -> None:
    admin_client.get(reverse("admin:index"))
    with CaptureQueriesContext(connection) as few:
        admin_client.get(reverse("admin:index"))
    for name in ("One", "Two"):
        make_price(make_offering(make_version(name, developer=name)), "input", "1", since="2025-01-01")
    with django_assert_num_queries(len(few)):
        admin_client.get(reverse("admin:index"))


def test_list_never_offers_a_select_of_rows(admin_client: Client, price: Price) -> None:
    for number in range(3):
        make_organization(f"Lab {number}")
    assert Organization.objects.count() == 4
    text = admin_client.get(reverse(ADD)).content.decode()
    assert "admin-autocomplete" in text
    assert "Lab 1" not in text
