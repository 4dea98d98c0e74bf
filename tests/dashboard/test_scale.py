"""Every page and collection answers for one model and for three thousand, with the same numbers everywhere."""

import random
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Model, ModelVersion, Offering, Price
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from tests import factories as make
from tests.dashboard.conftest import sold

PAGES = [
    "/",
    "/models/",
    "/training/",
    "/evals/",
    "/api/v1/frontier",
    "/api/v1/models",
    "/frontier.csv",
    "/preview.png",
]
MANY = 3000


@pytest.fixture
def many_models(db: None) -> list[ModelVersion]:
    """Three thousand models with prices and levels that repeat from run to run."""
    chance = random.Random(1)
    developers = [make.make_organization(f"Developer {n}") for n in range(20)]
    source = make.make_source()
    models = Model.objects.bulk_create(
        Model(slug=f"model-{n}", name=f"Model {n}", developer=developers[n % 20]) for n in range(MANY)
    )
    versions = ModelVersion.objects.bulk_create(
        ModelVersion(model=model, slug=model.slug, name=model.name, open_weights=n % 2 == 0)
        for n, model in enumerate(models)
    )
    offerings = Offering.objects.bulk_create(
        Offering(provider=version.model.developer, version=version, provider_model_id=version.slug)
        for version in versions
    )
    Price.objects.bulk_create(
        Price(
            offering=offering,
            component=component,
            usd_per_mtok=Decimal(chance.randrange(1, 4000)) / 100,
            effective_from=make.at("2025-01-01"),
            source=source,
            confidence="high",
        )
        for offering in offerings
        for component in ("input", "output")
    )
    make.make_index({version: [chance.gauss(120, 12), chance.gauss(120, 12)] for version in versions})
    return versions


@pytest.mark.parametrize("path", PAGES)
def test_page_answers_for_three_thousand_models(client: Client, many_models: list[ModelVersion], path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    if path == "/":
        assert response.content.count(b"<tr>") <= 101
    if path == "/api/v1/frontier":
        assert (response.json()["count"], len(response.json()["items"])) == (MANY, 100)


def test_page_csv_api_and_hand_computation_agree_for_twenty_models(
    client: Client, many_models: list[ModelVersion]
) -> None:
    found = frontier(FrontierQuery.parse({"mix": "1:0:4"}))
    lines = client.get("/frontier.csv?mix=1:0:4").content.decode("utf-8-sig").splitlines()[1:]
    table = {cells[0]: cells for cells in (line.strip('"').split('","') for line in lines)}
    items = {item["model"]: item for item in client.get("/api/v1/frontier?mix=1:0:4&limit=1000").json()["items"]}
    for offset in (1000, 2000):
        page = client.get(f"/api/v1/frontier?mix=1:0:4&limit=1000&offset={offset}").json()
        items |= {item["model"]: item for item in page["items"]}

    for version in random.Random(2).sample(many_models, 20):
        paid = dict(Price.objects.filter(offering__version=version).values_list("component", "usd_per_mtok"))
        by_hand = (paid["input"] + 4 * paid["output"]) / 5
        row = found.row(version.slug)
        assert row is not None
        cheaper_and_better = [
            other.usd_per_mtok
            for other in found.rows
            if (other.value or 0) >= (row.value or 0) and other.usd_per_mtok is not None
        ]
        assert row.usd_per_mtok == by_hand
        assert Decimal(table[version.slug][7]) == by_hand
        assert items[version.slug]["price_usd_per_mtok"] == float(by_hand)
        assert items[version.slug]["price_premium"] == pytest.approx(float(by_hand / min(cheaper_and_better)))


@pytest.mark.parametrize("path", [*PAGES, "/models/only/", "/embed/frontier/", "/frontier.svg"])
@pytest.mark.parametrize("price", ["1", None])
def test_page_answers_for_one_model(client: Client, db: None, path: str, price: str | None) -> None:
    only = sold("Only", "One", (price, price))
    make.make_score(only, make.make_benchmark(), 0.5)
    make.make_index({only: [130.0]})

    for address in (path, f"{path}?capability=benchmark:gpqa-diamond"):
        assert client.get(address).status_code == 200
