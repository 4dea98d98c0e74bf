"""No page asks more queries for six rows of everything than for two, and none more than twelve."""

from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from catalog.models import ModelVersion
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.test_run_pages import run_on
from tests.support.queries import asked

MOST = 12
FILES = (
    "frontier",
    "models",
    "prices",
    "trends",
    "training",
    "routing",
    "whole-life",
    "conflicts",
    "changes",
    "sources",
)
PAGES = (
    *("/", "/preview.png", "/oembed?url=http://testserver/", "/models/", "/models/model-0/", "/compare/"),
    *("/compare/model-0/model-1/", "/prices/", "/sources/", "/sources/{source}/", "/conflicts/", "/changes/"),
    *("/changes.atom", "/trends/", "/routing/", "/whole-life/", "/training/", "/method/", "/report/"),
    *("/evals/", "/evals/compare/", "/evals/endpoints/", "/evals/schedules/", "/evals/alerts/", "/evals/alerts.atom"),
    *("/evals/suites/tiny-v1/", "/evals/runs/{run}/", "/evals/runs/{run}/samples.csv"),
    *(f"/{name}.{ending}" for name in FILES for ending in ("csv", "json")),
)
API = (
    *("frontier", "models", "training", "offerings", "prices", "runs", "suites", "changes", "sources", "conflicts"),
    *("feeds", "index", "schedules"),
)


def grow(numbers: range) -> dict[str, Any]:
    """More of everything: models with prices, levels, scores, claims, training and runs."""
    benchmark, source = make.make_benchmark(), make.make_source()
    versions: list[ModelVersion] = []
    for number in numbers:
        version = sold(f"Model {number}", f"Developer {number}", ("1", str(number + 2)))
        make.make_score(version, benchmark, 0.5 + number / 10)
        make.make_claim(version, "active_params", "37000000000")
        make.make_training_run(version, {"pre-training": 1000 + number})
        versions.append(version)
    make.make_index(
        {version: [100.0 + n, 101.0 + n] for n, version in enumerate(versions)}, data_hash=f"{numbers.start:064d}"
    )
    runs = [run_on(f"endpoint-{number}", "cif") for number in numbers]
    return {"source": source.pk, "run": runs[0].pk}


def queries(client: Client, address: str) -> list[str]:
    with asked() as found:
        response = client.get(address)
        if isinstance(response, StreamingHttpResponse):
            list(response)
    assert response.status_code == 200, address
    return found


@pytest.mark.django_db
def test_pages_ask_as_many_queries_for_six_rows_as_for_two(client: Client) -> None:
    counts: dict[str, list[int]] = {}
    addresses = (*PAGES, *(f"/api/v1/{name}" for name in API))
    for numbers in (range(2), range(2, 6)):  # a comparison needs two models
        world = grow(numbers)
        for address in addresses:
            client.get(address.format(**world))  # what is asked once in a process, such as content types, is asked
            counts.setdefault(address, []).append(len(queries(client, address.format(**world))))

    assert {address: each for address, each in counts.items() if each[1] > each[0] or max(each) > MOST} == {}
