"""The slug of a model that was merged into another leads to it everywhere, with what was asked."""

from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Merge
from catalog.services.merges import merge_models, undo_merge
from dashboard.saved_views import answer_of
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.pages_support import get, text_of


@pytest.fixture
def merge(db: None) -> Merge:
    """GPT-5 old was merged into GPT-5; GPT-4o is beside them."""
    new = sold("GPT-5", "OpenAI", ("1", "3"), since="2025-08-07")
    old = make.make_version("GPT-5 old", developer="OpenAI", released="2024-01-01")
    other = sold("GPT-4o", "OpenAI", ("2", "2"))
    make.make_training_run(new, {"training": 1000.0})
    make.make_index({new: [150.0] * 4, other: [130.0] * 4})
    return merge_models(old.model, new.model, by="ada")


def test_page_leads_on_with_its_query_string(client: Client, merge: Merge) -> None:
    for _ in range(2):
        response = client.get("/models/gpt-5-old/?mix=1:0:1&as_of=2026-01-01")
        assert (response.status_code, response["Location"]) == (302, "/models/gpt-5/?mix=1:0:1&as_of=2026-01-01")
    assert client.get("/models/gpt-5-old/")["Location"] == "/models/gpt-5/"


@pytest.mark.parametrize("ending", [".csv", ".json", ".png", ".svg"])
def test_files_answer_at_the_old_address(client: Client, merge: Merge, ending: str) -> None:
    old, new = (client.get(f"/models/{slug}{ending}?mix=1:0:1&as_of=2026-01-01") for slug in ("gpt-5-old", "gpt-5"))
    assert (old.status_code, old.getvalue()) == (200, new.getvalue())


def test_frame_answers_at_the_old_address(client: Client, merge: Merge) -> None:
    assert "Price history of GPT-5" in get(client, "/embed/models/gpt-5-old/")


def test_comparison_leads_on_with_its_query_string(client: Client, merge: Merge) -> None:
    response = client.get("/compare/gpt-5-old/gpt-4o/?mix=1:0:1")
    assert (response.status_code, response["Location"]) == (302, "/compare/gpt-5/gpt-4o/?mix=1:0:1")
    old, new = (client.get(f"/compare/{slug}/gpt-4o.json?as_of=2026-01-01").json() for slug in ("gpt-5-old", "gpt-5"))
    assert old == new
    chosen = client.get("/compare/?model=gpt-5-old&model=gpt-4o")
    assert (chosen.status_code, chosen["Location"]) == (302, "/compare/gpt-5/gpt-4o/")


def test_model_is_not_compared_with_itself(client: Client, merge: Merge) -> None:
    response = client.get("/compare/gpt-5-old/gpt-5/")
    assert (response.status_code, response["Location"]) == (302, "/compare/?model=gpt-5-old&model=gpt-5")
    assert "Choose a second model." in text_of(get(client, response["Location"], status=400))


def test_api_answers_with_the_model_it_is_now(client: Client, merge: Merge) -> None:
    assert client.get("/api/v1/models/gpt-5-old").json()["model"] == "gpt-5"
    for name in ("prices", "offerings", "scores", "conflicts", "changes"):
        old, new = (client.get(f"/api/v1/{name}?model={slug}").json() for slug in ("gpt-5-old", "gpt-5"))
        assert (old["count"], old["items"]) == (new["count"], new["items"]), name
    assert client.get("/api/v1/prices?model=gpt-5-old").json()["count"] == 2
    assert client.get("/api/v1/prices?model=gpt-5-odd").status_code == 404


def test_pages_that_name_models_understand_it(client: Client, merge: Merge) -> None:
    (row,) = client.get("/prices.json?model=gpt-5-old&table=traffic").json()["items"]
    assert (row["model"], row["price_usd_per_mtok"]) == ("gpt-5", Decimal("1.5"))
    assert client.get("/changes.json?model=gpt-5-old").json()["count"] == 2
    page = client.get("/whole-life/?model=gpt-5-old")
    assert (page.status_code, page.context["notices"]) == (200, [])
    assert answer_of("/models/gpt-5-old/") == answer_of("/models/gpt-5/")


def test_undone_merge_has_its_own_page_again(client: Client, merge: Merge) -> None:
    undo_merge(merge, by="ada")
    assert "GPT-5 old" in get(client, "/models/gpt-5-old/")
    assert client.get("/api/v1/models/gpt-5-old").json()["model"] == "gpt-5-old"
