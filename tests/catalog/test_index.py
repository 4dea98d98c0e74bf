"""The index of the starting facts."""

from io import StringIO

import pytest
from django.core.management import call_command

from catalog.models import IndexEstimate, IndexFit, Score
from catalog.selectors.capabilities import capabilities
from catalog.services import fit_index
from catalog.tasks import fit_index as fit_index_task

pytestmark = pytest.mark.django_db
SONNET, GPT5 = "claude-3-5-sonnet-20240620", "gpt-5"


def test_index_of_the_starting_facts_hits_its_anchors_and_orders_the_known_models(starting_facts: None) -> None:
    fit = fit_index(resamples=20)

    points = {each.version.slug: each.capability or 0 for each in fit.estimates.select_related("version")}
    assert (points[SONNET], points[GPT5]) == (130.0, 150.0)
    assert points["llama-3-1-8b"] < points["llama-3-1-70b"] < points["llama-3-1-405b"] < points["deepseek-v3-0324"]
    assert points["deepseek-v3-2024-12-26"] < points["deepseek-r1-2025-01-20"] < points["o3"] < 150
    assert 126 < points["gpt-4o-2024-05-13"] < 132  # 128.57 in Epoch's own index
    assert fit.anchor_benchmark.slug == "gpqa-diamond"
    assert fit.anchors == {SONNET: 130.0, GPT5: 150.0}


def test_index_keeps_draws_that_carry_its_intervals(starting_facts: None) -> None:
    fit = fit_index(resamples=20)

    estimate = fit.estimates.get(version__slug="llama-3-1-405b")
    assert estimate.draws.shape == (20,)
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < estimate.capability < estimate.high  # type: ignore[operator]
    anchor = fit.estimates.get(version__slug=SONNET)
    assert (anchor.low, anchor.high, set(anchor.draws.tolist())) == (None, None, {130.0})


def test_index_says_who_is_not_scored(starting_facts: None) -> None:
    fit = fit_index(resamples=20)

    left = fit.estimates.filter(status=IndexEstimate.Status.NOT_SCORED)
    assert left.exists()
    assert not left.exclude(capability=None).exists()
    assert set(capabilities("index")) == set(
        fit.estimates.exclude(status=IndexEstimate.Status.NOT_SCORED).values_list("version_id", flat=True)
    )


def test_index_of_unchanged_scores_keeps_its_fit(starting_facts: None) -> None:
    first = fit_index(resamples=20)

    assert fit_index(resamples=20) == first

    Score.objects.filter(
        version__slug="llama-3-1-405b", benchmark__slug="gpqa-diamond", measured_by__slug="epoch-ai"
    ).update(value=0.9)
    assert fit_index(resamples=20) != first
    assert IndexFit.objects.count() == 2


def test_index_task_delivered_twice_fits_once(starting_facts: None) -> None:
    fit_index_task()
    fit_index_task()

    assert IndexFit.objects.count() == 1
    assert IndexFit.objects.get().resamples == 500


def test_fit_index_command_prints_the_ranking(starting_facts: None) -> None:
    out = StringIO()
    call_command("fit_index", "--resamples", "20", stdout=out)

    lines = out.getvalue().splitlines()
    assert "on 421 scores from gpqa-diamond on, 20 resamples, policy independent" in lines[0]
    assert lines[1].split()[:2] == ["150.0", "gpt-5"]
    assert lines[-1].endswith("versions are not scored: a single benchmark, or none in common with the others.")
