"""A model is called by its name while the usual version stands for it; any other version is named."""

from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import ModelVersion
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from dashboard.whole_life import WholeLifeQuery, whole_life
from tests import factories as make
from tests.dashboard.conftest import measured, sold
from tests.dashboard.pages_support import get, text_of


@pytest.fixture
def gpt(db: None) -> tuple[ModelVersion, ModelVersion]:
    """GPT-4o of May at 5 / 15 and of August at 2.5 / 10; both have a level, only the first a score on IFEval."""
    may = sold("GPT-4o", "OpenAI", ("5", "15"), label="(May 2024)", released="2024-05-13", since="2024-05-13")
    august = sold("GPT-4o", "OpenAI", ("2.5", "10"), label="(August 2024)", released="2024-08-06", since="2024-08-06")
    make.make_index({may: [130.0] * 4, august: [131.0] * 4})
    make.make_score(may, make.make_benchmark("IFEval"), 0.8)
    return may, august


def names(**values: str) -> list[tuple[str, Decimal | None]]:
    return [(row.name, row.usd_per_mtok) for row in frontier(FrontierQuery.parse(values)).rows]


def test_version_that_another_capability_chooses_is_named(gpt: tuple[ModelVersion, ModelVersion]) -> None:
    assert names() == [("GPT-4o", Decimal("4.375"))]
    assert names(capability="benchmark:ifeval") == [("GPT-4o (May 2024)", Decimal("7.5"))]
    # On a day before the second was released the first is the usual one.
    assert names(capability="benchmark:ifeval", as_of="2024-07-01") == [("GPT-4o", Decimal("7.5"))]


def test_version_called_like_its_model_is_named_by_its_month(gpt: tuple[ModelVersion, ModelVersion]) -> None:
    ModelVersion.objects.filter(pk=gpt[0].pk).update(name="GPT-4o")
    assert names(capability="benchmark:ifeval") == [("GPT-4o (May 2024)", Decimal("7.5"))]


def test_version_that_was_measured_is_named(gpt: tuple[ModelVersion, ModelVersion]) -> None:
    measured(gpt[0], "++-", "0.03")
    found = frontier(FrontierQuery.parse({"cost": "measured"}))
    assert [row.name for row in found.rows] == ["GPT-4o (May 2024)"]


def test_pages_and_api_name_the_version(client: Client, gpt: tuple[ModelVersion, ModelVersion]) -> None:
    for address in ("/?capability=benchmark:ifeval", "/routing/?capability=benchmark:ifeval"):
        assert "GPT-4o (May 2024)" in text_of(get(client, address)), address
    items = client.get("/api/v1/frontier?capability=benchmark:ifeval").json()["items"]
    assert [(item["model"], item["name"], item["version"]) for item in items] == [
        ("gpt-4o", "GPT-4o (May 2024)", "gpt-4o-may-2024")
    ]


def test_whole_life_names_the_version_whose_price_it_uses(
    client: Client, gpt: tuple[ModelVersion, ModelVersion]
) -> None:
    make.make_training_run(gpt[0], {"training": 1000.0})

    (line,) = whole_life(WholeLifeQuery.parse({"model": "gpt-4o"})).lines

    assert (line.api_name, line.api_usd_per_mtok) == ("GPT-4o (May 2024)", Decimal("7.5"))
    assert "the $7.50 of GPT-4o (May 2024) by API" in text_of(get(client, "/whole-life/?model=gpt-4o"))


def test_whole_life_takes_the_usual_version_where_the_trained_one_is_not_sold(
    client: Client, gpt: tuple[ModelVersion, ModelVersion]
) -> None:
    make.make_training_run(gpt[0], {"training": 1000.0})
    gpt[0].offerings.get().prices.update(absent_since=make.at("2025-01-01"))

    (line,) = whole_life(WholeLifeQuery.parse({"model": "gpt-4o"})).lines

    assert (line.api_name, line.api_usd_per_mtok, line.api_ended) == ("GPT-4o", Decimal("4.375"), None)
    assert "$4.38 GPT-4o (August 2024)" in text_of(get(client, "/whole-life/?model=gpt-4o"))
