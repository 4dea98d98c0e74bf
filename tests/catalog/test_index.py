"""The index of the starting facts."""

from io import StringIO

import pytest
from django.core.management import call_command

from catalog.models import IndexEstimate, IndexFit, Score
from catalog.selectors.capabilities import capabilities
from catalog.selectors.index_changes import Estimate, IndexChanges, compare_fits
from catalog.selectors.scores import POLICIES
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

    fits = IndexFit.objects.values_list("policy", "resamples")
    assert sorted(fits) == sorted((policy, 500) for policy in POLICIES)


def test_fit_index_command_prints_the_ranking(starting_facts: None) -> None:
    out = StringIO()
    call_command("fit_index", "--resamples", "20", stdout=out)

    lines = out.getvalue().splitlines()
    assert "on 421 scores from gpqa-diamond on, 20 resamples, policy independent" in lines[0]
    assert lines[1].split()[:2] == ["150.0", "gpt-5"]
    assert lines[-1].endswith("versions are not scored: a single benchmark, or none in common with the others.")


def change_llama(value: float) -> None:
    Score.objects.filter(
        version__slug="llama-3-1-405b", benchmark__slug="gpqa-diamond", measured_by__slug="epoch-ai"
    ).update(value=value)


def test_index_says_what_moved_and_by_which_score(starting_facts: None) -> None:
    first = fit_index(resamples=20)
    assert (first.previous, first.changes) == (None, None)
    old = Score.objects.get(
        version__slug="llama-3-1-405b", benchmark__slug="gpqa-diamond", measured_by__slug="epoch-ai"
    ).value

    change_llama(0.95)
    second = fit_index(resamples=20)

    changes = IndexChanges.from_json(second.changes)
    assert second.previous == first
    (cause,) = changes.scores
    assert (cause.version, cause.benchmark) == ("llama-3-1-405b", "gpqa-diamond")
    assert cause.before == pytest.approx((old - 0.25) / 0.75)
    assert cause.after == pytest.approx((0.95 - 0.25) / 0.75)
    llama = next(each for each in changes.moved if each.version == "llama-3-1-405b")
    assert llama.after > llama.before
    assert llama.scores == (cause,)
    assert not {SONNET, GPT5} & {each.version for each in changes.moved}
    assert (changes.entered, changes.left) == ((), ())


def test_index_of_scores_that_came_back_is_the_newest_again(starting_facts: None) -> None:
    first = fit_index(resamples=20)
    old = Score.objects.get(
        version__slug="llama-3-1-405b", benchmark__slug="gpqa-diamond", measured_by__slug="epoch-ai"
    ).value
    change_llama(0.95)
    second = fit_index(resamples=20)
    change_llama(old)

    assert fit_index(resamples=20) == first
    assert IndexFit.objects.latest() == first
    first.refresh_from_db()
    assert first.previous == second
    assert IndexFit.objects.count() == 2


def test_version_that_enters_or_leaves_the_index_is_named(starting_facts: None) -> None:
    fit_index(resamples=20)
    Score.objects.filter(version__slug="llama-3-1-405b").update(confidence="low")
    changes = IndexChanges.from_json(fit_index(resamples=20).changes)
    assert changes.left == ("llama-3-1-405b",)
    assert {score.after for score in changes.scores if score.version == "llama-3-1-405b"} == {None}

    out = StringIO()
    Score.objects.filter(version__slug="llama-3-1-405b").update(confidence="high")
    call_command("fit_index", resamples=20, stdout=out)
    assert "1 entered, 0 left" in out.getvalue()
    assert "  entered: llama-3-1-405b\n" in out.getvalue()


def test_index_task_without_scores_that_count_ends_quietly(starting_facts: None) -> None:
    IndexFit.objects.all().delete()
    Score.objects.update(confidence="low")
    fit_index_task()
    assert not IndexFit.objects.exists()


def test_estimate_without_an_interval_moves_from_a_hundredth_on() -> None:
    still, moving = Estimate(130.0, None, None), Estimate(140.0, 138.0, 142.0)
    changes = compare_fits(
        before={"anchor": still, "a": moving, "b": moving},
        after={"anchor": Estimate(130.005, None, None), "a": Estimate(142.0, 1, 2), "b": Estimate(142.1, 1, 2)},
        old_inputs=[["a", "gpqa", 0.5]],
        new_inputs=[["a", "gpqa", 0.5]],
    )
    assert [(each.version, each.before, each.after, each.scores) for each in changes.moved] == [("b", 140.0, 142.1, ())]
    assert changes.scores == ()
