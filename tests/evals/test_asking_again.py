"""Asking failed samples again: the run stays the measurement that it was, whatever becomes of the second try."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Score
from evals.errors import WrongState
from evals.models import AlertRule, Endpoint, Look, Run, RunSample, Suite
from evals.services import cancel_run, resume_run, retry_failed, start_run
from evals.services.alerts import watch
from evals.services.publish import publish_run
from evals.worker.slice import run_slice
from tests.factories import make_version
from tests.support.stub_endpoint import Behaviour, StubEndpoint

pytestmark = pytest.mark.django_db(transaction=True)

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]
LIMITED = Behaviour(status=429, body={"error": {"message": "slow"}})
BROKEN = Behaviour(body={"choices": []})


def drive(run: Run) -> Run:
    run_slice(run.endpoint_id, seconds=5)
    run.refresh_from_db()
    return run


@pytest.fixture
def yesterday(stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None) -> Run:
    """A run of four samples that finished yesterday and was published then; the first one failed by an error."""
    stub.script = lambda n, call: BROKEN if "Item 0" in call.prompt else Behaviour(text="7")
    run = drive(start_run(suite=make_suite(4), endpoint=make_endpoint()))
    assert run.finished_at is not None
    run.finished_at -= timedelta(days=1)
    run.save()
    Score.objects.update(measured_on=run.finished_at.date())
    stub.script = lambda n, call: Behaviour(text="8")
    return run


def current_scores() -> list[tuple[str, Any]]:
    return list(Score.objects.filter(superseded_by=None).values_list("original_value", "measured_on"))


def test_run_keeps_its_day_and_the_corrected_score_replaces_the_old_one(yesterday: Run) -> None:
    ended = yesterday.finished_at
    assert ended is not None
    retry_failed(yesterday)
    yesterday.refresh_from_db()
    assert (yesterday.state, yesterday.finished_at) == (Run.State.QUEUED, None), "it is under way again"

    run = drive(yesterday)

    assert (run.state, run.finished_at) == (Run.State.FINISHED, ended)
    assert current_scores() == [("3/4", ended.date())]
    assert Score.objects.get(original_value="3/3").superseded_by == Score.objects.get(original_value="3/4")


def test_score_published_under_another_day_or_setting_is_replaced_too(yesterday: Run) -> None:
    Score.objects.update(measured_on=date(2026, 1, 1), configuration="endpoint stub, 1 per item, temperature 0")
    yesterday.samples.filter(outcome="correct").first().delete()  # type: ignore[union-attr]

    publish_run(yesterday)

    assert yesterday.finished_at is not None
    assert current_scores() == [("2/2", yesterday.finished_at.date())]
    assert publish_run(yesterday) == Score.objects.get(superseded_by=None), "a second time changes nothing"
    assert Score.objects.count() == 2


def test_baseline_of_an_alert_is_not_moved_by_asking_again(yesterday: Run, stub: StubEndpoint) -> None:
    AlertRule.objects.create(name="watch", kind="score")
    AlertRule.objects.update(created_at=timezone.now() - timedelta(hours=1))
    stub.script = lambda n, call: Behaviour(text="7")
    later = drive(start_run(suite=yesterday.suite, endpoint=yesterday.endpoint))
    newest = drive(start_run(suite=yesterday.suite, endpoint=yesterday.endpoint))
    retry_failed(yesterday)

    watch()
    assert dict(Look.objects.values_list("run", "baseline")) == {later.pk: yesterday.pk, newest.pk: yesterday.pk}

    drive(yesterday)
    Look.objects.all().delete()
    watch()
    assert dict(Look.objects.values_list("run", "baseline")) == {later.pk: yesterday.pk, newest.pk: yesterday.pk}


@pytest.mark.parametrize("step", ["retry", "resume"])
def test_all_paused_runs_of_an_endpoint_that_is_opened_go_on(yesterday: Run, step: str) -> None:
    waiting = start_run(suite=yesterday.suite, endpoint=yesterday.endpoint)
    third = start_run(suite=yesterday.suite, endpoint=yesterday.endpoint)
    Run.objects.filter(pk__in=[waiting.pk, third.pk]).update(state=Run.State.PAUSED, stop_reason="A storm.")
    Endpoint.objects.update(state=Endpoint.State.PAUSED, resume_at=timezone.now() + timedelta(minutes=5))
    if step == "retry":
        retry_failed(yesterday)
    else:
        resume_run(third)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.stop_reason) == (Run.State.RUNNING, "")
    assert drive(waiting).state == Run.State.FINISHED
    assert set(Run.objects.values_list("state", flat=True)) == {Run.State.FINISHED}


def test_run_that_was_cancelled_while_asked_again_is_finished_as_before(yesterday: Run) -> None:
    ended, scores = yesterday.finished_at, current_scores()
    retry_failed(yesterday)

    run = cancel_run(yesterday)

    assert (run.state, run.finished_at, run.stop_reason) == (Run.State.FINISHED, ended, "")
    failed = run.samples.get(state=RunSample.State.FAILED)
    assert failed.explanation == "The reply holds no choices."
    assert current_scores() == scores
    assert retry_failed(run) == 1, "it can be asked again later"
    assert drive(run).samples.filter(state=RunSample.State.DONE).count() == 4


def test_run_that_reached_its_budget_while_asked_again_is_finished_as_before(yesterday: Run) -> None:
    retry_failed(yesterday)
    Run.objects.filter(pk=yesterday.pk).update(budget_usd=yesterday.spent_usd)

    run = drive(yesterday)

    assert (run.state, states(run)) == (Run.State.FINISHED, ["done", "done", "done", "failed"])


def test_run_whose_endpoint_refused_the_second_try_can_be_finished_as_before(
    yesterday: Run, stub: StubEndpoint
) -> None:
    ended = yesterday.finished_at
    stub.script = lambda n, call: Behaviour(status=401, body={"error": {"message": "no"}})
    retry_failed(yesterday)
    run = drive(yesterday)
    assert run.state == Run.State.FAILED

    run = cancel_run(run)

    assert (run.state, run.finished_at, states(run)) == (Run.State.FINISHED, ended, ["done", "done", "done", "failed"])
    assert current_scores() == [("3/3", ended.date() if ended else None)]


@pytest.mark.parametrize("is_old", [False, True])
def test_run_is_not_asked_again_once_its_endpoint_serves_another_version(yesterday: Run, is_old: bool) -> None:
    if is_old:  # made before runs noted what they measured: its score still says it
        Run.objects.update(model_id="", version=None)
    Endpoint.objects.update(version=make_version("other"))
    run = Run.objects.get()

    with pytest.raises(WrongState, match=r"The stub served stub when the run was started and serves other now.* Start"):
        retry_failed(run)

    publish_run(run)
    assert Score.objects.get(superseded_by=None).version.name == "stub", "its answers stay those of the first one"


def test_run_is_not_resumed_once_its_endpoint_asks_for_another_model(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    run = start_run(suite=make_suite(2), endpoint=make_endpoint())
    assert (run.model_id, run.version) == ("stub-1", run.endpoint.served_version)
    Endpoint.objects.update(model_id="stub-2")

    run = drive(run)
    assert (run.state, stub.calls) == (Run.State.FAILED, []), "it does not go on by itself either"
    assert run.stop_reason.startswith("The stub served stub-1 when the run was started and serves stub-2 now")
    with pytest.raises(WrongState, match=r"stub-2 now, .*Start a new run\."):
        resume_run(run)

    Endpoint.objects.update(model_id="stub-1")
    stub.script = lambda n, call: Behaviour(text="7")
    assert drive(resume_run(Run.objects.get())).state == Run.State.FINISHED


def test_run_of_an_endpoint_that_is_linked_to_a_version_later_can_be_asked_again(yesterday: Run) -> None:
    Score.objects.all().delete()
    Run.objects.update(version=None)

    assert retry_failed(Run.objects.get()) == 1
    drive(yesterday)
    assert Score.objects.get().version == yesterday.endpoint.served_version


@pytest.mark.parametrize(("calls", "expected"), [(1, 6), (5, 6), (6, 7), (7, 8)])
def test_rate_limited_sample_is_given_up_after_six_calls_however_the_others_failed(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None, calls: int, expected: int
) -> None:
    """At ``calls`` before: the sixth call, or the next one that is limited."""
    run = start_run(suite=make_suite(1), endpoint=make_endpoint())
    stub.script = lambda n, call: LIMITED
    run.samples.update(attempts_made=calls)

    drive(run)

    assert list(run.samples.values_list("state", "attempts_made")) == [("failed", expected)]


def test_sample_that_is_asked_again_has_six_calls_more(yesterday: Run, stub: StubEndpoint) -> None:
    stub.script = lambda n, call: LIMITED
    retry_failed(yesterday)

    run = drive(yesterday)

    again = run.samples.get(state=RunSample.State.FAILED)
    assert (again.attempts_before, again.attempts_made) == (3, 9)


def states(run: Run) -> list[str]:
    return sorted(run.samples.values_list("state", flat=True))
