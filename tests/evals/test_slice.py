"""The slice, called as a plain function against a real server: what is stored, what is paid, what stops it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Score
from evals.errors import InvalidSetting, WrongState
from evals.keys import read_key
from evals.models import Attempt, Endpoint, Run, RunSample, SpendingDay, Suite
from evals.services import cancel_run, resume_run, retry_failed, start_run
from evals.worker.slice import run_slice
from tests.support.stub_endpoint import Behaviour, Call, StubEndpoint

pytestmark = pytest.mark.django_db(transaction=True)

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]


def answer(text: str = "7", **fields: Any) -> Callable[[int, Call], Behaviour]:
    return lambda n, call: Behaviour(text=text, **fields)


def states(run: Run) -> list[str]:
    return sorted(run.samples.values_list("state", flat=True))


def outcomes(run: Run) -> list[str]:
    return sorted(run.samples.values_list("outcome", flat=True))


def drive(run: Run, **fields: Any) -> Run:
    run_slice(run.endpoint_id, **({"seconds": 5} | fields))
    run.refresh_from_db()
    return run


def test_run_is_scored_priced_and_finished(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda n, call: Behaviour(text="8" if "Item 1" in call.prompt else "It is 7.")
    run = drive(start_run(suite=make_suite(3), endpoint=make_endpoint(), budget_usd=Decimal("0.1")))
    assert run.state == Run.State.FINISHED
    assert outcomes(run) == ["correct", "correct", "incorrect"]
    # Three times 13 input tokens at 1 USD, and 3, 3 and 1 output tokens at 10 USD per million.
    assert run.spent_usd == Decimal("0.000109")
    assert run.reserved_usd == 0
    attempt = Attempt.objects.get(run_sample__sample__key="item-1")
    assert (attempt.state, attempt.text, attempt.n) == (Attempt.State.ANSWERED, "8", 1)
    assert (attempt.input_tokens, attempt.output_tokens, attempt.cost_usd) == (13, 1, Decimal("0.000023"))
    assert attempt.raw_usage == {"prompt_tokens": 13, "completion_tokens": 1, "total_tokens": 14}
    assert attempt.request["messages"][0]["content"] == "Item 1: 3 + 4?"
    endpoint = Endpoint.objects.get()
    assert (endpoint.lease_owner, endpoint.lease_until) == ("", None)


def test_second_slice_of_a_finished_run_makes_no_call(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer()
    run = drive(start_run(suite=make_suite(3), endpoint=make_endpoint()))
    before = list(Attempt.objects.values())
    drive(run)
    assert len(stub.calls) == 3
    assert list(Attempt.objects.values()) == before


def test_endpoint_with_a_live_driver_is_left_to_it(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint(lease_owner="another", lease_until=timezone.now() + timedelta(seconds=30))
    start_run(suite=make_suite(3), endpoint=endpoint)
    assert run_slice(endpoint.pk).drove is False
    assert stub.calls == []


def test_no_more_calls_are_under_way_than_the_endpoint_allows(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer(delay_s=0.05)
    run = drive(start_run(suite=make_suite(12), endpoint=make_endpoint(concurrency=3)))
    assert run.state == Run.State.FINISHED
    spans = [(a.started_at, a.started_at + timedelta(milliseconds=a.latency_ms or 0)) for a in Attempt.objects.all()]
    most = max(sum(start <= at < end for start, end in spans) for at, _ in spans)
    assert most == 3


def test_failed_calls_are_tried_three_times_and_are_never_wrong_answers(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    stub.script = lambda n, call: Behaviour(body={"choices": []}) if "Item 0" in call.prompt else Behaviour(text="7")
    run = drive(start_run(suite=make_suite(4), endpoint=make_endpoint()))
    assert run.state == Run.State.FINISHED
    assert states(run) == ["done", "done", "done", "failed"]
    assert outcomes(run) == ["", "correct", "correct", "correct"]
    failed = run.samples.get(state=RunSample.State.FAILED)
    assert failed.explanation == "The reply holds no choices."
    assert [a.error_code for a in failed.attempts.all()] == ["no_choices"] * 3
    # Nobody knows what these three calls cost, so their whole reserve is booked.
    assert [a.cost_usd for a in failed.attempts.all()] == [None] * 3
    assert all(a.booked_usd == a.reserved_usd > 0 for a in failed.attempts.all())
    assert run.spent_usd == sum(a.booked_usd or 0 for a in Attempt.objects.all())


def test_failed_samples_are_asked_again_and_the_score_is_corrected(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    stub.script = lambda n, call: Behaviour(body={"choices": []}) if "Item 0" in call.prompt else Behaviour(text="7")
    run = drive(start_run(suite=make_suite(4), endpoint=make_endpoint()))
    stub.script = answer("8")
    calls, spent = len(stub.calls), run.spent_usd

    assert retry_failed(run) == 1
    run = drive(run)

    assert (run.state, states(run), len(stub.calls) - calls) == (Run.State.FINISHED, ["done"] * 4, 1)
    assert outcomes(run) == ["correct", "correct", "correct", "incorrect"]
    again = run.samples.get(outcome="incorrect")
    assert [each.n for each in again.attempts.all()] == [1, 2, 3, 4]
    assert run.spent_usd > spent
    assert Score.objects.get(superseded_by=None).original_value == "3/4"


def test_usage_in_a_bad_reply_is_paid(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 5}
    stub.script = lambda n, call: Behaviour(body={"choices": [], "usage": usage})
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    assert run.spent_usd == 3 * Decimal("0.00015")


@pytest.mark.parametrize(
    ("usage", "doubt", "booked"),
    [
        (None, "usage_missing", Decimal("0.000242")),  # the reserve: 14 + 128 bytes at 1, 10 tokens at 10
        ({}, "usage_missing", Decimal("0.000242")),
        ({"prompt_tokens": 0, "completion_tokens": 0}, "usage_absurd", Decimal("0.000242")),
        ({"prompt_tokens": 14, "completion_tokens": 500}, "usage_absurd", Decimal("0.005014")),  # what it would cost
    ],
)
def test_unknown_usage_is_an_unknown_cost_and_the_reserve_is_booked(
    stub: StubEndpoint,
    make_suite: MakeSuite,
    make_endpoint: MakeEndpoint,
    usage: dict[str, int] | None,
    doubt: str,
    booked: Decimal,
) -> None:
    stub.script = answer(usage=usage)
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    attempt = Attempt.objects.get()
    assert (run.state, outcomes(run)) == (Run.State.FINISHED, ["correct"])
    assert (attempt.error_code, attempt.cost_usd, attempt.booked_usd) == (doubt, None, booked)
    assert run.spent_usd == booked


def test_rate_limit_is_waited_for_and_costs_nothing(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    limited = Behaviour(status=429, headers=(("retry-after-ms", "300"),), body={"error": {"message": "slow"}})
    stub.script = lambda n, call: limited if n == 0 else Behaviour(text="7")
    run = drive(start_run(suite=make_suite(2), endpoint=make_endpoint(concurrency=1)))
    assert (run.state, outcomes(run)) == (Run.State.FINISHED, ["correct", "correct"])
    assert stub.calls[1].at - stub.calls[0].at >= 0.3, "the whole endpoint waits, not only the sample"
    limited_attempt = Attempt.objects.get(error_code="rate_limited")
    assert (limited_attempt.cost_usd, limited_attempt.run_sample.failures) == (Decimal(0), 0)


def test_a_long_stated_wait_is_left_to_a_later_slice(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda n, call: Behaviour(status=429, headers=(("retry-after", "90"),), body=b"")
    run = start_run(suite=make_suite(2), endpoint=make_endpoint(concurrency=1))
    drive(run, seconds=2)
    endpoint = Endpoint.objects.get()
    assert (run.state, len(stub.calls)) == (Run.State.RUNNING, 1)
    assert endpoint.resume_at is not None
    assert 85 < (endpoint.resume_at - timezone.now()).total_seconds() <= 90


@pytest.mark.parametrize(
    ("behaviour", "endpoint_state", "words"),
    [
        (Behaviour(status=402, body={"error": {"message": "balance"}}), Endpoint.State.NO_CREDIT, "out of credit"),
        (Behaviour(status=401, body={"error": {"message": "bad key"}}), Endpoint.State.REFUSED, "refuses the key"),
        (
            Behaviour(status=404, body={"error": {"message": "what?"}}),
            Endpoint.State.REFUSED,
            "knows no model 'stub-1'",
        ),
    ],
)
def test_what_waiting_cannot_cure_stops_the_run_at_once(
    stub: StubEndpoint,
    make_suite: MakeSuite,
    make_endpoint: MakeEndpoint,
    behaviour: Behaviour,
    endpoint_state: str,
    words: str,
) -> None:
    stub.script = lambda n, call: behaviour
    run = drive(start_run(suite=make_suite(20), endpoint=make_endpoint()))
    endpoint = Endpoint.objects.get()
    assert len(stub.calls) == 2, "only what was under way"
    assert (run.state, endpoint.state) == (Run.State.FAILED, endpoint_state)
    assert words in run.stop_reason
    assert run.spent_usd == 0
    assert states(run) == ["pending"] * 20, "nothing is counted against the model, and the run can be resumed"
    stub.script = answer()
    run = drive(resume_run(run))
    assert (run.state, outcomes(run)) == (Run.State.FINISHED, ["correct"] * 20)


def test_failure_storm_pauses_the_run_and_a_probe_brings_it_back(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    stub.script = lambda n, call: Behaviour(status=500, body={"error": {"message": "oops"}})
    run = drive(start_run(suite=make_suite(30), endpoint=make_endpoint()))
    endpoint = Endpoint.objects.get()
    assert (run.state, endpoint.state) == (Run.State.PAUSED, Endpoint.State.PAUSED)
    assert 10 <= len(stub.calls) <= 11
    words = "calls in a row failed (a sample may be called several times). The last: The stub answered 500: oops. Next"
    assert words in run.stop_reason
    calls = len(stub.calls)
    drive(run)
    assert len(stub.calls) == calls, "nothing is sent before the probe is due"

    Endpoint.objects.update(resume_at=timezone.now())
    drive(run)
    assert len(stub.calls) == calls + 1, "the probe is one call"
    assert run.state == Run.State.PAUSED

    stub.script = answer()
    Endpoint.objects.update(resume_at=timezone.now())
    drive(run)
    assert run.state == Run.State.FINISHED
    assert Endpoint.objects.get().state == Endpoint.State.READY
    assert set(states(run)) <= {"done", "failed"}


def test_a_server_that_is_down_pauses_the_run_and_loses_no_sample(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    run = start_run(suite=make_suite(5), endpoint=make_endpoint())
    stub.stop()
    drive(run)
    assert run.state == Run.State.PAUSED
    assert f"No connection to 127.0.0.1:{stub.port}" in run.stop_reason
    assert run.spent_usd == 0
    stub.script = answer()
    stub.start()
    run = drive(resume_run(run))
    assert (run.state, outcomes(run)) == (Run.State.FINISHED, ["correct"] * 5)


def test_cap_is_never_passed_and_the_rest_is_skipped_not_wrong(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer()
    # A call reserves 0.000242 and costs 0.000023.
    run = drive(start_run(suite=make_suite(100), endpoint=make_endpoint(), budget_usd=Decimal("0.001")))
    assert run.state == Run.State.CAPPED
    assert "$0.001" in run.stop_reason
    done = run.samples.filter(state=RunSample.State.DONE).count()
    assert states(run) == ["done"] * done + ["skipped"] * (100 - done)
    assert outcomes(run) == [""] * (100 - done) + ["correct"] * done
    assert run.spent_usd == done * Decimal("0.000023") <= Decimal("0.001")
    assert run.spent_usd + Decimal("0.000242") > Decimal("0.001"), "it waits for open reservations before giving up"
    assert len(stub.calls) == done


def test_cancel_starts_no_call_after_it_and_books_what_comes_home(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    run = start_run(suite=make_suite(30), endpoint=make_endpoint())

    def cancel() -> None:
        cancel_run(run)
        connection.close()

    def cancel_at_the_sixth(n: int, call: Call) -> Behaviour:
        if n == 5:
            cancelling = threading.Thread(target=cancel)
            cancelling.start()
            cancelling.join()
        return Behaviour(text="7", delay_s=0.05)

    stub.script = cancel_at_the_sixth
    drive(run)
    assert run.state == Run.State.CANCELLED
    assert len(stub.calls) in {6, 7}, "the other one may have been under way"
    assert states(run) == ["cancelled"] * (30 - len(stub.calls)) + ["done"] * len(stub.calls)
    assert run.spent_usd == len(stub.calls) * Decimal("0.000023")
    assert run.reserved_usd == 0


def test_slice_ends_in_time_and_says_that_work_is_left(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer(delay_s=0.1)
    run = start_run(suite=make_suite(40), endpoint=make_endpoint())
    report = run_slice(run.endpoint_id, seconds=0.5)
    run.refresh_from_db()
    assert report.has_work
    assert run.state == Run.State.RUNNING
    assert 6 <= report.calls <= 12
    assert set(states(run)) == {"done", "pending"}


def test_self_hosted_calls_share_the_machines_time(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer(delay_s=0.1)
    endpoint = make_endpoint(machine_usd_per_hour=Decimal("3.6"), concurrency=4)
    run = drive(start_run(suite=make_suite(8), endpoint=endpoint))
    assert run.state == Run.State.FINISHED
    attempts = list(Attempt.objects.all())
    assert run.busy_s == pytest.approx(sum(a.machine_s or 0 for a in attempts))
    assert 0.2 <= run.busy_s < 0.8, "four at a time: two rounds, not eight"
    tokens = sum((a.input_tokens or 0) + (a.output_tokens or 0) for a in attempts)
    assert tokens == 8 * 14
    assert run.price_usd_per_mtok == pytest.approx(Decimal(run.busy_s) * Decimal("0.001") / tokens * 1_000_000)
    assert run.spent_usd == pytest.approx(Decimal(run.busy_s) * Decimal("0.001"))
    assert run.spent_usd == sum(a.cost_usd or 0 for a in attempts)
    assert len({a.cost_usd for a in attempts}) == 1, "equal tokens cost the same"


def test_requests_per_minute_hold(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.worker.pace.MinuteWindow.SPAN_S", 0.5)
    stub.script = answer()
    run = drive(start_run(suite=make_suite(12), endpoint=make_endpoint(concurrency=4, requests_per_minute=5)))
    assert run.state == Run.State.FINISHED
    starts = [call.at for call in stub.calls]
    assert all(later - start >= 0.45 for start, later in zip(starts, starts[5:], strict=False))


def test_truncated_and_refused_answers_are_counted_beside_the_score(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    ends = {"Item 0": ("", "length"), "Item 1": ("I cannot", "content_filter"), "Item 2": ("7", "stop")}
    stub.script = lambda n, call: Behaviour(text=ends[call.prompt[:6]][0], finish_reason=ends[call.prompt[:6]][1])
    run = drive(start_run(suite=make_suite(3), endpoint=make_endpoint()))
    by_key = {sample.sample.key: sample for sample in run.samples.select_related("sample")}
    assert (by_key["item-0"].outcome, by_key["item-0"].truncated) == ("incorrect", True)
    assert (by_key["item-1"].outcome, by_key["item-1"].refused) == ("unscored", True)
    assert (by_key["item-2"].outcome, by_key["item-2"].truncated) == ("correct", False)


def test_a_prompt_that_is_refused_fails_alone(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    too_long = Behaviour(status=400, body={"error": {"code": "context_length_exceeded", "message": "too long"}})
    filtered = Behaviour(status=400, body={"error": {"code": "content_filter", "message": "no"}})
    refused = {"Item 0": too_long, "Item 1": filtered}
    stub.script = lambda n, call: refused.get(call.prompt[:6], Behaviour(text="7"))
    run = drive(start_run(suite=make_suite(3), endpoint=make_endpoint()))
    assert (run.state, states(run)) == (Run.State.FINISHED, ["done", "failed", "oversize"])
    assert len(stub.calls) == 3
    assert run.spent_usd == Decimal("0.000023"), "a refused prompt costs nothing"
    assert run.samples.get(state="oversize").explanation == "The prompt is longer than The stub takes: too long."


def test_samples_longer_than_the_context_are_never_sent(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer()
    suite = make_suite(3)
    suite.samples.filter(key="item-1").update(prompt="word " * 600)  # 3,000 characters: at least 500 tokens
    run = drive(start_run(suite=suite, endpoint=make_endpoint(context_tokens=500)))
    assert (run.state, states(run)) == (Run.State.FINISHED, ["done", "done", "oversize"])
    assert len(stub.calls) == 2
    assert run.samples.get(state="oversize").explanation == (
        "Not sent: at least 500 tokens and 10 for the answer are more than the 500 that The stub takes."
    )
    assert Attempt.objects.filter(run_sample__state="oversize").count() == 0
    with pytest.raises(InvalidSetting, match="No sample fits The stub, which takes 5 tokens"):
        start_run(suite=suite, endpoint=make_endpoint(slug="small", context_tokens=5))


def test_context_of_the_offering_counts_where_the_endpoint_states_none(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint()
    assert endpoint.offering is not None
    endpoint.offering.context_tokens = 5
    with pytest.raises(InvalidSetting, match="takes 5 tokens, 10 of them kept for the answer"):
        start_run(suite=make_suite(1), endpoint=endpoint)


def test_tokens_per_minute_hold_over_slices(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer()
    # "Item 1: 3 + 4?" counts 14 // 4 tokens, and 10 for the answer: three calls of 13 fit into 40.
    endpoint = make_endpoint(concurrency=8, tokens_per_minute=40)
    run = drive(start_run(suite=make_suite(9), endpoint=endpoint), seconds=0.5)
    assert (run.state, len(stub.calls)) == (Run.State.RUNNING, 3)
    drive(run, seconds=0.5)
    assert len(stub.calls) == 3, "the next driver knows of the last minute's calls"
    Endpoint.objects.update(tokens_per_minute=None)
    assert drive(run).state == Run.State.FINISHED
    with pytest.raises(InvalidSetting, match=r"One call counts up to 13 tokens, more than the 12 per minute"):
        start_run(suite=run.suite, endpoint=make_endpoint(slug="slow", tokens_per_minute=12))


def test_latency_lane_keeps_calls_few_and_other_runs_away(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer(delay_s=0.05)
    suite, endpoint = make_suite(20), make_endpoint(concurrency=16)
    before = start_run(suite=suite, endpoint=endpoint, limit=10)
    measured = start_run(suite=suite, endpoint=endpoint, lane=Run.Lane.LATENCY)
    after = start_run(suite=suite, endpoint=endpoint, limit=10)
    drive(measured)
    assert {run.state for run in Run.objects.all()} == {Run.State.FINISHED}
    spans = {
        run: [
            (a.started_at, a.started_at + timedelta(milliseconds=a.latency_ms or 0))
            for a in Attempt.objects.filter(run_sample__run=run)
        ]
        for run in (before, measured, after)
    }
    most = max(sum(start <= at < end for start, end in spans[measured]) for at, _ in spans[measured])
    assert 0 < most <= 8
    assert max(end for _, end in spans[before]) <= min(start for start, _ in spans[measured])
    assert max(end for _, end in spans[measured]) <= min(start for start, _ in spans[after])


def test_a_broken_scorer_leaves_samples_unscored(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    suite = make_suite(2)
    suite.samples.filter(key="item-0").update(scorer="telepathy")
    run = drive(start_run(suite=suite, endpoint=make_endpoint()))
    unscored = run.samples.get(outcome=RunSample.Outcome.UNSCORED)
    assert unscored.explanation.startswith("There is no scorer 'telepathy'.")


def test_missing_key_stops_the_run_with_the_variables_name(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_API_KEY", raising=False)
    run = drive(start_run(suite=make_suite(2), endpoint=make_endpoint(api_key_env="NO_SUCH_API_KEY")))
    assert run.state == Run.State.FAILED
    assert "set the environment variable NO_SUCH_API_KEY" in run.stop_reason
    assert stub.calls == []


def test_key_comes_from_the_environment_and_goes_nowhere_else(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_API_KEY", "sk-canary-42")
    stub.script = answer()
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint(api_key_env="STUB_API_KEY")))
    assert stub.calls[0].headers["authorization"] == "Bearer sk-canary-42"
    assert run.state == Run.State.FINISHED
    rows = [*Attempt.objects.values(), *Run.objects.values(), *Endpoint.objects.values()]
    assert "canary" not in repr(rows)


def test_repeats_ask_each_item_again(stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    stub.script = answer()
    run = drive(start_run(suite=make_suite(3), endpoint=make_endpoint(), repeats=2))
    assert (run.state, len(stub.calls)) == (Run.State.FINISHED, 6)
    assert sorted(run.samples.values_list("sample__key", "repeat")) == [
        (f"item-{i}", r) for i in range(3) for r in (0, 1)
    ]


def test_quirks_are_remembered_for_the_next_slice(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    rejection = Behaviour(status=400, body={"error": {"param": "stream_options", "message": "unknown"}})
    stub.script = lambda n, call: rejection if "stream_options" in call.body else Behaviour(text="7")
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    assert (run.state, Endpoint.objects.get().quirks) == (Run.State.FINISHED, ["no_stream"])


def test_budget_of_the_day_stops_the_calls_until_midnight(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = answer()
    endpoint = make_endpoint(concurrency=1)
    run = drive(start_run(suite=make_suite(6), endpoint=endpoint, limit=2))
    assert run.state == Run.State.FINISHED
    sent = len(stub.calls)
    Endpoint.objects.update(budget_usd_per_day=run.spent_usd)

    later = drive(start_run(suite=run.suite, endpoint=endpoint))

    assert len(stub.calls) == sent
    assert later.state in Run.OPEN_STATES
    assert later.stop_reason == (
        f"The stub has used its ${run.spent_usd.normalize():f} for today; the run goes on after midnight UTC."
    )
    Endpoint.objects.update(budget_usd_per_day=None, resume_at=None)
    assert drive(later).state == Run.State.FINISHED


def test_budget_of_the_installations_day_counts_all_endpoints(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, settings: Any
) -> None:
    stub.script = answer()
    suite = make_suite(6)
    settings.BUDGET_USD_PER_DAY = Decimal("0.000300")  # a call reserves 0.000242 and costs 0.000023
    first = drive(start_run(suite=suite, endpoint=make_endpoint(slug="one", concurrency=1), limit=2))
    assert first.state == Run.State.FINISHED
    second = drive(start_run(suite=suite, endpoint=make_endpoint(slug="two", concurrency=1)))
    assert len(stub.calls) == 3, "0.000300 - 3 * 0.000023 is less than one more reserve"
    assert second.state == Run.State.RUNNING
    assert second.stop_reason == (
        "All runs together have used the $0.0003 for today (BUDGET_USD_PER_DAY); the run goes on after midnight UTC."
    )
    assert SpendingDay.objects.get(endpoint__slug="one").taken_usd == first.spent_usd
    settings.BUDGET_USD_PER_DAY = Decimal(0)
    assert drive(second).state == Run.State.FINISHED
    assert SpendingDay.objects.get(endpoint__slug="two").taken_usd == second.spent_usd


def test_two_endpoints_at_once_never_pass_the_installations_day(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, settings: Any
) -> None:
    stub.script = answer(delay_s=0.01)
    settings.BUDGET_USD_PER_DAY = Decimal("0.002")
    suite = make_suite(100)
    runs = [start_run(suite=suite, endpoint=make_endpoint(slug=f"e{i}", concurrency=4)) for i in range(4)]

    def drive_one(run: Run) -> None:
        run_slice(run.endpoint_id, seconds=5)
        connection.close()

    threads = [threading.Thread(target=drive_one, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    spent = sum((run.spent_usd for run in Run.objects.all()), Decimal(0))
    assert spent == len(stub.calls) * Decimal("0.000023")
    assert Decimal("0.0017") < spent <= Decimal("0.002")
    assert spent == sum(SpendingDay.objects.values_list("taken_usd", flat=True))


def test_cancelled_run_ends_when_a_lost_call_gives_its_sample_back(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    run = start_run(suite=make_suite(3), endpoint=make_endpoint())
    Run.objects.filter(pk=run.pk).update(cancel_requested=True)

    run = drive(run)

    assert run.state == Run.State.CANCELLED
    assert states(run) == ["cancelled"] * 3
    assert stub.calls == []


def test_run_on_an_endpoint_that_refuses_is_not_started(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint(state=Endpoint.State.REFUSED, state_message="The key was refused.")
    with pytest.raises(WrongState, match=r"The key was refused\..*action Test"):
        start_run(suite=make_suite(1), endpoint=endpoint)


def test_variable_that_is_no_key_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the site's own")
    monkeypatch.setenv("STUB_API_KEY", "sk-stub")
    assert [read_key("SECRET_KEY"), read_key("STUB_API_KEY")] == ["", "sk-stub"]
