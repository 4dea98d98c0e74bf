"""Pages and collections answer for three thousand models, a page of rows at a time."""

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from catalog.models import Model, ModelVersion, Offering, Price
from tests import factories as make
from tests.support.answers import wrong_with
from tests.support.queries import asked
from tests.support.routes import addresses

MANY = 3000
MOST_QUERIES = 12


@pytest.fixture(scope="module")
def many_models(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[ModelVersion]]:
    """Three thousand models with prices and levels that repeat from run to run, made once for this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _make_many()
        transaction.set_rollback(True)


def _make_many() -> list[ModelVersion]:
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
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a server would have done by itself some time after such an import
    return versions


def test_every_page_and_api_route_answers_for_three_thousand_models(
    client: Client, many_models: list[ModelVersion], db: None
) -> None:
    problems = []
    for address in [*addresses("dashboard"), *addresses("api")]:
        with asked() as statements:
            problems += wrong_with(client, address)
        if len(statements) > MOST_QUERIES:
            problems.append(f"{address.path} asks {len(statements)} queries")

    assert problems == []
    answer = client.get("/api/v1/frontier").json()
    assert (answer["count"], len(answer["items"])) == (MANY, 100)
