"""Rows of runs say by which rules they were made where these differ, and nothing where they agree."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.run_rules import scorers_of, with_rules
from dashboard.runs import run_views
from evals.models import Endpoint, Run, RunSample
from tests.dashboard.test_runs import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs() -> list[Run]:
    """Two of one suite on two endpoints, judged and asked alike."""
    _, second = (make_run(outcomes=("correct", "incorrect"), code_version="aaaaaaaaaaaa") for _ in range(2))
    there = Endpoint.objects.create(slug="there", name="There", base_url="http://127.0.0.1:2/v1", model_id="m")
    Run.objects.filter(pk=second.pk).update(endpoint=there)
    RunSample.objects.update(scorer_version="numeric/3")
    return list(Run.objects.select_related("suite", "endpoint").order_by("created_at"))


def said(runs: list[Run]) -> list[str]:
    fresh = list(Run.objects.select_related("suite", "endpoint").order_by("created_at"))
    return [view.rules for view in with_rules(run_views(fresh))]


def test_runs_that_agree_say_nothing(client: Client, runs: list[Run]) -> None:
    for _ in range(2):
        assert said(runs) == ["", ""]
    assert (
        "not made by the same rules"
        not in client.get(f"/evals/compare/?runs={runs[0].pk},{runs[1].pk}").content.decode()
    )


def test_version_of_a_scorer_is_named_in_list_suite_and_comparison(client: Client, runs: list[Run]) -> None:
    runs[1].samples.update(scorer_version="numeric/4")

    assert said(runs) == ["judged by numeric/3", "judged by numeric/4"]
    for address in ("/evals/", "/evals/suites/tiny-v1/", f"/evals/compare/?runs={runs[0].pk},{runs[1].pk}"):
        text = client.get(address).content.decode()
        assert '<span class="by wrapped">judged by numeric/3</span>' in text, address
        assert '<span class="by wrapped">judged by numeric/4</span>' in text, address
    assert "These runs were not made by the same rules" in text


def test_settings_and_code_are_named(runs: list[Run]) -> None:
    Run.objects.filter(pk=runs[1].pk).update(temperature=0.5, max_output_tokens=32, code_version="bbbbbbbbbbbb")

    assert said(runs) == [
        "temperature 0, output tokens at most 16, asked by code aaaaaaaa",
        "temperature 0.5, output tokens at most 32, asked by code bbbbbbbb",
    ]


def test_run_that_has_not_met_a_scorer_is_no_other_rule(runs: list[Run]) -> None:
    runs[1].samples.filter(sample__key="q0").update(scorer_version="choice/1")
    runs[0].samples.filter(sample__key="q0").update(scorer_version="")

    assert said(runs) == ["", ""]


def test_rules_cost_one_query(runs: list[Run], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        found = scorers_of(runs)
    assert found == {run.pk: ("numeric/3",) for run in runs}
