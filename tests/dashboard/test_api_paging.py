"""Walking a collection page by page finds each item once, also where names tie."""

from typing import Any

import orjson
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import Model, ModelVersion
from evals.models import Schedule, Suite
from tests import factories as make
from tests.dashboard.conftest import measured

pytestmark = pytest.mark.django_db
COLLECTIONS = (
    "models",
    "frontier?unknown=show",
    "offerings",
    "prices?as_of=2025-02-08",
    "scores",
    "index",
    "sources",
    "conflicts",
    "changes",
    "training",
    "runs",
    "suites",
    "endpoints",
    "schedules",
)


@pytest.fixture
def tied(settings: Settings) -> None:
    """Six models of one name, in another order than their keys, each with one of everything."""
    settings.API_READS_PER_MINUTE = 100_000
    benchmark = make.make_benchmark("GPQA Diamond")
    levels = {}
    for n in (4, 1, 5, 0, 3, 2):
        developer = make.make_organization(f"Developer {n % 2}")
        model = Model.objects.create(slug=f"same-{n}", name="Same", developer=developer)
        version = ModelVersion.objects.create(model=model, slug=f"same-{n}", name="Same", announced_on="2024-01-01")
        offering = make.make_offering(version, provider="Provider", model_id=f"same-{n}")
        for component in ("input", "output"):
            make.make_price(offering, component, "1", since="2024-01-01")
        for part in (1, 2):
            source = make.make_source(f"https://example.org/{n}/{part}")
            make.make_score(version, benchmark, 0.2 + part / 4, source=source)
        make.make_claim(version, "active_params", "1000")
        make.make_training_run(version, {"training": 1000})
        measured(version, "+", "0.001", endpoint=f"same-{n}")
        Schedule.objects.create(slug=f"same-{n}", name="Same", suite=Suite.objects.get(), budget_usd=1)
        levels[version] = [100.0, 101.0]
    make.make_index(levels)


@pytest.mark.usefixtures("tied")
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_walk_by_one_finds_each_item_once(client: Client, collection: str) -> None:
    joint = "&" if "?" in collection else "?"
    whole = client.get(f"/api/v1/{collection}{joint}limit=1000").json()
    walked: list[Any] = []
    address = f"/api/v1/{collection}{joint}limit=1"
    while address and len(walked) <= whole["count"]:
        page = client.get(address).json()
        walked += page["items"]
        address = page["next"]

    assert whole["count"] >= 1
    assert walked == whole["items"]
    assert len({orjson.dumps(item) for item in walked}) == len(walked) == whole["count"]


@pytest.mark.usefixtures("tied")
def test_models_of_one_name_have_their_versions(client: Client) -> None:
    items = client.get("/api/v1/models?limit=4&offset=1").json()["items"]

    assert [item["versions"] for item in items] == [[item["model"]] for item in items]
    assert [item["model"] for item in items] == ["same-1", "same-5", "same-0", "same-3"]
