from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model as DjangoModel
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import (
    Alias,
    Claim,
    ConflictNote,
    HardwarePrice,
    ImportBatch,
    IndexEstimate,
    IndexFit,
    Merge,
    Model,
    ModelVersion,
    Offering,
    Price,
    ReferencePrice,
    Report,
    SavedFilter,
    Score,
    Source,
    TrainingPhase,
    TrainingRun,
)
from tests.factories import (
    at,
    make_benchmark,
    make_hardware,
    make_offering,
    make_organization,
    make_price,
    make_score,
    make_source,
    make_version,
)

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]
ADMINISTERED = [model for model in apps.get_app_config("catalog").get_models() if model._meta.model_name != "seededrow"]


def make_everything(number: int) -> None:
    """One row of each kind, with references that no other call shares."""
    version = make_version(f"Model {number}", developer=f"Developer {number}")
    source = make_source(f"https://example.org/{number}")
    make_price(make_offering(version, provider=f"Seller {number}"), "input", "1", since="2025-01-01", source=source)
    benchmark = make_benchmark(f"Benchmark {number}")
    measurer = make_organization(f"Measurer {number}")
    make_score(version, benchmark, 0.5, source=source, measured_by=measurer)
    Claim.objects.create(version=version, attribute="licence", value="MIT", source=source, confidence="high")
    Alias.objects.create(namespace="feed", raw_name=f"name-{number}", version=version)
    Merge.objects.create(
        kind="version", source_slug=f"old-{number}", target_slug=version.slug, target_id=version.pk, steps=[], marks={}
    )
    hardware = make_hardware(f"GPU {number}")
    HardwarePrice.objects.create(
        hardware=hardware, provider="Lambda", usd_per_gpu_hour=2, terms="on_demand", source=source
    )
    ReferencePrice.objects.create(kind="server", hardware=hardware, what="DGX", usd=30_000, source=source)
    run = TrainingRun.objects.create(version=version, scope="-", source=source)
    TrainingPhase.objects.create(run=run, name="training", hardware=hardware, source=source, confidence="high")
    fit = IndexFit.objects.create(
        data_hash=str(number),
        policy="independent",
        ridge=0.1,
        clip=0.001,
        loss="squares",
        anchors={},
        anchor_benchmark=benchmark,
        objective=1,
        resamples=2,
        seed=0,
        level=0.9,
        scores=3,
    )
    IndexEstimate.objects.create(fit=fit, version=version, status="ranked", benchmarks=4, draws_f32=b"")
    writer = User.objects.create_user(f"editor-{number}")
    ConflictNote.objects.create(key=f"claim:{number}", text="seen", written_by=writer)
    ImportBatch.objects.create(
        table="models", file_name=f"models-{number}.csv", columns=["slug"], lines=[], uploaded_by=writer
    )
    Report.objects.create(page=f"/models/model-{number}/", about="input price", shown="$1")
    SavedFilter.objects.create(user=writer, list_name="catalog.price", name="mine", query="q=x")


def changelist(model: type[DjangoModel]) -> str:
    return reverse(f"admin:catalog_{model._meta.model_name}_changelist")


def add(model: type[DjangoModel]) -> str:
    return reverse(f"admin:catalog_{model._meta.model_name}_add")


def test_every_fact_has_an_entry_form() -> None:
    assert [model for model in ADMINISTERED if model not in site._registry] == []


@pytest.mark.parametrize("model", ADMINISTERED)
def test_changelist_costs_the_same_for_1_and_3_rows(
    model: type[DjangoModel], admin_client: Client, django_assert_num_queries: Queries
) -> None:
    make_everything(0)
    admin_client.get(changelist(model))  # content types are read once per process
    with CaptureQueriesContext(connection) as few:
        assert "1 " in admin_client.get(changelist(model)).content.decode()
    for number in (1, 2):
        make_everything(number)

    with django_assert_num_queries(len(few)):
        admin_client.get(changelist(model))


@pytest.mark.parametrize("model", ADMINISTERED)
def test_changelist_finds_by_text(model: type[DjangoModel], admin_client: Client) -> None:
    make_everything(0)

    found = admin_client.get(changelist(model), {"q": "no such thing anywhere"})

    assert found.context["cl"].result_count == 0


@pytest.mark.parametrize("model", ADMINISTERED)
def test_change_form_opens_with_its_inlines(model: type[DjangoModel], admin_client: Client) -> None:
    make_everything(0)
    row = model._default_manager.first()
    assert row is not None

    page = admin_client.get(reverse(f"admin:catalog_{model._meta.model_name}_change", args=[row.pk]))

    assert page.context["original"] == row


def offering_form(**price: str) -> dict[str, str]:
    """The form of a new offering with one price."""
    version = make_version()
    defaults = {
        "component": "input",
        "usd_per_mtok": "0.27",
        "service_class": "standard",
        "effective_from_0": "2025-02-08",
        "effective_from_1": "00:00",
        "min_input_tokens": "0",
        "tier_scope": "request",
        "source": str(make_source().pk),
        "confidence": "high",
    }
    return {
        "provider": str(version.model.developer_id),
        "provider_model_id": "deepseek-chat",
        "version": str(version.pk),
        "prices-TOTAL_FORMS": "1",
        "prices-INITIAL_FORMS": "0",
        **{f"prices-0-{name}": value for name, value in (defaults | price).items()},
    }


def test_end_of_a_sale_needs_its_source(admin_client: Client) -> None:
    url = reverse("admin:catalog_offering_add")
    form = offering_form() | {"retired_on": "2025-10-28"}

    page = admin_client.post(url, form)
    assert "Say where the end of the sale was read" in page.content.decode()

    assert admin_client.post(url, form | {"source": form["prices-0-source"]}).status_code == 302
    assert Offering.objects.get().retired_on == date(2025, 10, 28)


def test_offering_is_entered_with_its_prices(admin_client: Client) -> None:
    assert admin_client.post(reverse("admin:catalog_offering_add"), offering_form()).status_code == 302

    price = Price.objects.get()
    assert (price.usd_per_mtok, price.effective_from) == (Decimal("0.27"), at("2025-02-08"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"usd_per_mtok": "-1"}, "A price cannot be negative. Leave it empty when it is unknown."),
        ({"usd_per_mtok": "cheap"}, "Enter a number."),
        (
            {"effective_to_0": "2025-01-01", "effective_to_1": "00:00"},
            "The price ends before it begins. Correct one of the two moments.",
        ),
        ({"utc_from": "16:30"}, "Hours of the day need a beginning and an end. Give both or neither."),
        ({"weekdays": "Mo-Fr"}, "Write the days as digits, such as 12345 for Monday to Friday."),
        ({"source": ""}, "This field is required."),
    ],
)
def test_price_that_cannot_be_right_is_refused_in_words(
    admin_client: Client, wrong: dict[str, str], sentence: str
) -> None:
    page = admin_client.post(reverse("admin:catalog_offering_add"), offering_form(**wrong))

    assert sentence in page.content.decode()
    assert not Price.objects.exists()


def score_form(**fields: str) -> dict[str, str]:
    return {
        "version": str(make_version().pk),
        "benchmark": str(make_benchmark().pk),
        "original_value": "59.1",
        "original_unit": "percent",
        "measured_by": str(make_organization("DeepSeek").pk),
        "self_reported": "unknown",
        "source": str(make_source().pk),
        "confidence": "high",
    } | fields


def test_score_is_computed_from_what_the_source_prints(admin_client: Client) -> None:
    assert admin_client.post(add(Score), score_form()).status_code == 302

    score = Score.objects.get()
    assert (score.value, score.original_value, score.self_reported) == (0.591, "59.1", True)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"original_value": "high"}, "&#x27;high&#x27; is not a number. Write digits such as 75.9."),
        ({"original_unit": "fraction"}, "59.1 is not between 0 and 1. Give a share, not a percentage."),
        ({"source": ""}, "Every fact needs a source. Choose one, or paste its address under “Address”."),
    ],
)
def test_score_that_cannot_be_right_is_refused_in_words(
    admin_client: Client, wrong: dict[str, str], sentence: str
) -> None:
    page = admin_client.post(add(Score), score_form(**wrong))

    assert sentence in page.content.decode()
    assert not Score.objects.exists()


def test_source_gets_the_usual_rank_of_its_kind(admin_client: Client) -> None:
    form = {"url": "https://example.org", "publisher": "Example", "kind": "curated"}
    form |= {"retrieved_at_0": "2026-11-01", "retrieved_at_1": "00:00"}
    admin_client.post(add(Source), form)

    assert Source.objects.get().rank == 30


def test_version_needs_a_source_for_its_dates(admin_client: Client) -> None:
    model = make_version().model
    form = {"model": str(model.pk), "slug": "new", "name": "New", "kind": "chat", "open_weights": "unknown"}
    for prefix in ("claims", "aliases"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}

    page = admin_client.post(add(ModelVersion), form)
    assert page.context["errors"] == [["Every fact needs a source. Choose one, or paste its address under “Address”."]]

    assert admin_client.post(add(ModelVersion), form | {"source": str(make_source().pk)}).status_code == 302


def test_accepting_a_name_notes_who_decided(admin_client: Client) -> None:
    alias = Alias.objects.create(
        namespace="feed", raw_name="deepseek-chat", version=make_version(), status=Alias.Status.PROPOSED
    )

    admin_client.post(changelist(Alias), {"action": "accept", "_selected_action": [str(alias.pk)]})

    alias.refresh_from_db()
    assert (alias.status, alias.decided_by) == ("accepted", "admin")


def test_accepting_a_name_that_means_something_else_is_refused_in_words(admin_client: Client) -> None:
    Alias.objects.create(namespace="feed", raw_name="deepseek-chat", version=make_version())
    alias = Alias.objects.create(
        namespace="feed", raw_name="deepseek-chat", version=make_version("V3.1"), status=Alias.Status.PROPOSED
    )

    page = admin_client.post(changelist(Alias), {"action": "accept", "_selected_action": [str(alias.pk)]}, follow=True)

    alias.refresh_from_db()
    assert alias.status == "proposed"
    assert "already means DeepSeek-V3 from the beginning to now. End that period first." in page.content.decode()


def test_deleting_what_a_number_rests_on_is_refused(admin_client: Client) -> None:
    make_everything(0)
    source = Source.objects.get(url="https://example.org/0")

    page = admin_client.post(reverse("admin:catalog_source_delete", args=[source.pk]), {"post": "yes"})

    assert "would require deleting the following protected related objects" in page.content.decode()
    assert Source.objects.filter(pk=source.pk).exists()


def test_autocomplete_names_its_rows_with_one_query(
    admin_client: Client, django_assert_max_num_queries: Queries
) -> None:
    for number in range(3):
        make_everything(number)
    query = {"app_label": "catalog", "model_name": "price", "field_name": "offering", "term": "Model"}

    with django_assert_max_num_queries(4):  # session, user, count, rows
        found = admin_client.get(reverse("admin:autocomplete"), query).json()

    assert [row["text"] for row in found["results"]] == [
        f"Model {number} by Seller {number} (model-{number})" for number in range(3)
    ]


def test_model_is_entered_with_its_versions(admin_client: Client) -> None:
    form = {
        "name": "DeepSeek-V3",
        "slug": "deepseek-v3",
        "developer": str(make_organization().pk),
        "versions-TOTAL_FORMS": "1",
        "versions-INITIAL_FORMS": "0",
        "versions-0-slug": "deepseek-v3-2024-12-26",
        "versions-0-name": "DeepSeek-V3 (December 2024)",
        "versions-0-kind": "chat",
        "versions-0-open_weights": "true",
        "versions-0-source": str(make_source().pk),
    }

    assert admin_client.post(add(Model), form).status_code == 302
    assert Model.objects.get().versions.get().slug == "deepseek-v3-2024-12-26"
