"""A price that its source lists no more is the last known one on every page and in every answer."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import ModelVersion, Price
from dashboard.saved_views import answer_of
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.pages_support import get, text_of

ENDED = "not listed since 7 Nov 2025"


@pytest.fixture
def gone(db: None) -> ModelVersion:
    """GPT-5 at 1.25 / 10, not listed since 7 Nov 2025, and Cheap, which is sold at 1 / 1."""
    version = sold("GPT-5", "OpenAI", ("1.25", "10"), since="2025-08-07", released="2025-08-07")
    Price.objects.update(absent_since=make.at("2025-11-07"))
    other = sold("Cheap", "Example", ("1", "1"))
    benchmark = make.make_benchmark()
    make.make_score(version, benchmark, 0.8)
    make.make_score(other, benchmark, 0.5)
    make.make_index({version: [150.0] * 4, other: [130.0] * 4})
    return version


def rows(client: Client, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(address).json()["items"]
    return found


def test_list_of_models_says_since_when(client: Client, gone: ModelVersion) -> None:
    assert f"$3.44 {ENDED}" in text_of(get(client, "/models/"))
    assert [
        (row["model"], row["price_usd_per_mtok"], row["not_sold_since"]) for row in rows(client, "/models.json")
    ] == [
        ("cheap", 1, None),
        ("gpt-5", 3.4375, "2025-11-07"),
    ]


def test_page_of_the_model_says_since_when(client: Client, gone: ModelVersion) -> None:
    text = text_of(get(client, "/models/gpt-5/"))

    assert f"$3.44 per million tokens (3 input : 1 output), {ENDED}." in text
    assert f"$3.44 {ENDED}; OpenAI: last known price, until 7 Nov 2025, the developer's own price" in text
    assert text.count(ENDED) >= 4  # the sentence, the tile, the offer and its rows
    (row,) = rows(client, "/models/gpt-5.json")
    assert row["not_sold_since"] == "2025-11-07"
    before = text_of(get(client, "/models/gpt-5/?as_of=2025-11-06"))
    assert "(3 input : 1 output)." in before
    assert "last known price" not in before


def test_version_that_is_sold_stands_for_its_model(client: Client, gone: ModelVersion) -> None:
    older = ModelVersion.objects.create(
        model=gone.model, slug="gpt-5-early", name="GPT-5 early", announced_on="2025-01-01"
    )
    for component in ("input", "output"):
        make.make_price(make.make_offering(older), component, "2", since="2025-01-01")

    (row,) = [row for row in rows(client, "/models.json") if row["model"] == "gpt-5"]

    assert (row["price_usd_per_mtok"], row["not_sold_since"]) == (2, None)
    assert "$2.00 per million tokens" in text_of(get(client, "/models/gpt-5/"))
    assert [(each["version"], each["price_usd_per_mtok"]) for each in rows(client, "/api/v1/frontier?unknown=show")][
        -1
    ] == ("gpt-5-early", 2)


def test_comparison_says_that_a_price_is_the_last_known_one(client: Client, gone: ModelVersion) -> None:
    text = text_of(get(client, "/compare/gpt-5/cheap/"))

    assert (
        "At last known prices, GPT-5 leads Cheap by 20.0 index points and costs 3.4× as much at 3 input : 1 output."
        in text
    )
    assert "GPT-5 has not been listed since 7 Nov 2025." in text
    assert f"OpenAI, last known price, until 7 Nov 2025, the developer's own price {ENDED}" in text
    assert [
        (row["model"], row["not_sold_since"]) for row in rows(client, "/compare/gpt-5/cheap.json?table=traffic")
    ] == [
        ("cheap", None),
        ("gpt-5", "2025-11-07"),
    ]
    assert "At last known prices" not in get(client, "/compare/gpt-5/cheap/?as_of=2025-11-06")


def test_prices_page_asks_nothing_for_what_is_not_sold(client: Client, gone: ModelVersion) -> None:
    (row,) = rows(client, "/prices.json?model=gpt-5&table=traffic")
    assert (row["usd_per_month"], row["price_usd_per_mtok"], row["price_note"]) == (None, None, ENDED)
    assert ENDED in text_of(get(client, "/prices/?model=gpt-5"))
    (row,) = rows(client, "/prices.json?model=gpt-5&table=history")
    assert (row["price_usd_per_mtok"], row["until"]) == (3.4375, "2025-11-07T00:00:00Z")


def test_trend_does_not_offer_what_is_not_sold(client: Client, gone: ModelVersion) -> None:
    page = client.get("/trends.json?level=140").json()
    assert "nobody is known to sell it on" in page["title"]
    page = client.get("/trends.json?level=140&as_of=2025-11-06").json()
    assert page["title"] == "An index of 140.0 cost $3.44 per million tokens on 7 Aug 2025, and still does."


def test_whole_life_says_that_the_price_is_the_last_known_one(client: Client, gone: ModelVersion) -> None:
    make.make_training_run(gone, {"training": 1000.0})

    text = text_of(get(client, "/whole-life/?model=gpt-5"))

    assert "GPT-5 has not been listed since 7 Nov 2025. Its last known price is meant." in text
    assert f"$3.44 {ENDED}" in text
    (row,) = rows(client, "/whole-life.json")
    assert (row["api_version"], row["api_not_sold_since"]) == ("gpt-5", "2025-11-07")


def test_routing_sends_no_task_to_what_is_not_sold(client: Client, gone: ModelVersion) -> None:
    address = "/routing.json?capability=benchmark:gpqa-diamond"
    assert [row["model"] for row in rows(client, address)] == ["cheap"]
    assert [row["model"] for row in rows(client, f"{address}&as_of=2025-11-06")] == ["cheap", "gpt-5"]


def test_api_says_when_each_price_was_dropped(client: Client, gone: ModelVersion) -> None:
    assert [(row["component"], row["absent_since"]) for row in rows(client, "/api/v1/prices")] == [
        ("input", None),
        ("output", None),
        ("input", "2025-11-07T00:00:00Z"),
        ("output", "2025-11-07T00:00:00Z"),
    ]
    assert [(row["model"], row["not_listed_since"]) for row in rows(client, "/api/v1/offerings")] == [
        ("cheap", None),
        ("gpt-5", "2025-11-07"),
    ]
    (version,) = client.get("/api/v1/models/gpt-5").json()["versions"]
    assert [offer["not_listed_since"] for offer in version["offers"]] == ["2025-11-07"]


def test_saved_view_of_the_model_changes_when_its_sale_ends(gone: ModelVersion) -> None:
    said = {each["name"]: each["value"] for each in answer_of("/models/gpt-5/").values()}
    assert said["GPT-5 by OpenAI, input"] == f"$1.25 per 1M tokens, {ENDED}"


def test_line_of_a_price_ends_with_its_listing(client: Client, gone: ModelVersion) -> None:
    drawn = client.get("/models/gpt-5/").context["figure"]["data"]
    assert {trace["x"][-1] for trace in drawn} == {"2025-11-07T00:00:00+00:00"}
