"""What an endpoint does wrong, and what becomes of the run: never a wrong answer counted for a call that failed."""

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from evals.judging import judge
from evals.models import Attempt, Endpoint, Run, RunSample, Suite
from evals.services import start_run
from evals.worker.slice import run_slice
from tests.support.stub_endpoint import Behaviour, Call, StubEndpoint

pytestmark = pytest.mark.django_db(transaction=True)

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]


def drive(run: Run, *, seconds: float = 10) -> Run:
    run_slice(run.endpoint_id, seconds=seconds)
    run.refresh_from_db()
    return run


HTML = Behaviour(body=b"<html>busy</html>", content_type="text/html")
NULL = Behaviour(body={"choices": [{"message": {"content": None}, "finish_reason": "stop"}]})


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        pytest.param(Behaviour(status=500, body={"error": {"message": "oops"}}), "server_error", id="500"),
        pytest.param(Behaviour(status=503, body=b"<html>", content_type="text/html"), "server_error", id="html 503"),
        pytest.param(Behaviour(fault="reset"), "connection_lost", id="reset"),
        pytest.param(Behaviour(fault="reset_mid_body"), "connection_lost", id="reset in the body"),
        pytest.param(Behaviour(fault="hang"), "timed_out", id="hang"),
        pytest.param(Behaviour(fault="drip"), "timed_out", id="one byte a second"),
        pytest.param(Behaviour(text="7", fault="stall"), "timed_out", id="stall"),
        pytest.param(Behaviour(fault="truncate"), "truncated_json", id="truncated stream"),
        pytest.param(Behaviour(fault="truncate", ignores_stream=True), "truncated_json", id="truncated reply"),
        pytest.param(HTML, "not_json", id="html 200"),
        pytest.param(Behaviour(body={"error": {"message": "upstream"}}), "error_in_reply", id="200 with an error"),
        pytest.param(Behaviour(body={"choices": []}), "no_choices", id="no choices"),
        pytest.param(NULL, "no_text", id="null"),
    ],
)
def test_a_call_that_fails_is_never_a_wrong_answer(
    stub: StubEndpoint,
    make_suite: MakeSuite,
    make_endpoint: MakeEndpoint,
    no_waiting: None,
    behaviour: Behaviour,
    code: str,
) -> None:
    stub.script = lambda n, call: behaviour if "Item 0" in call.prompt else Behaviour(text="7")
    run = drive(start_run(suite=make_suite(2), endpoint=make_endpoint(attempt_timeout_s=1)))
    assert run.state == Run.State.FINISHED
    samples = {sample.sample.key: sample for sample in run.samples.select_related("sample")}
    failed, good = samples["item-0"], samples["item-1"]
    assert (failed.state, failed.outcome) == (RunSample.State.FAILED, "")
    assert failed.explanation.endswith(".")
    assert [call.error_code for call in failed.attempts.all()] == [code] * 3
    assert (good.state, good.outcome) == (RunSample.State.DONE, "correct")


def test_a_rate_limit_without_a_stated_wait_is_given_up_after_six_calls(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    stub.script = lambda n, call: Behaviour(status=429, body={"error": {"message": "slow down"}})
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    assert len(stub.calls) == 6
    assert (run.state, run.samples.get().state, run.samples.get().outcome) == (Run.State.FINISHED, "failed", "")
    assert run.spent_usd == 0
    assert Endpoint.objects.get().state == Endpoint.State.READY, "a rate limit is no failure of the endpoint"


def test_a_400_that_nothing_cures_stops_the_run_and_not_each_sample(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda n, call: Behaviour(status=400, body={"error": {"message": "tools are required"}})
    run = drive(start_run(suite=make_suite(50), endpoint=make_endpoint(concurrency=2)))
    assert (run.state, Endpoint.objects.get().state) == (Run.State.FAILED, Endpoint.State.REFUSED)
    assert run.stop_reason == "The stub rejects the request (400): tools are required."
    assert len(stub.calls) <= 4, "two calls under way, each once more without the stream"
    assert set(run.samples.values_list("state", flat=True)) == {"pending"}


def test_a_call_that_broke_off_may_be_billed_and_keeps_its_reserve(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    stub.script = lambda n, call: Behaviour(text="7", fault="reset_mid_body" if n == 0 else "")
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    broken, good = Attempt.objects.order_by("n")
    assert (broken.error_code, broken.maybe_billed, broken.cost_usd) == ("connection_lost", True, None)
    assert broken.booked_usd == broken.reserved_usd == Decimal("0.000242")
    assert (good.state, run.spent_usd) == (Attempt.State.ANSWERED, Decimal("0.000265"))


def test_a_name_that_cannot_be_resolved_pauses_the_run_and_is_named(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    host = f"{'a' * 64}.example"  # no name server is asked: a label holds at most 63 characters
    run = drive(start_run(suite=make_suite(2), endpoint=make_endpoint(base_url=f"http://{host}/v1")))
    assert run.state == Run.State.PAUSED
    assert f"No connection to {host}: the name {host} cannot be resolved" in run.stop_reason
    assert run.spent_usd == 0


def test_thinking_is_not_the_answer_and_its_tokens_count(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    usage = {
        "prompt_tokens": 14,
        "completion_tokens": 9,
        "completion_tokens_details": {"reasoning_tokens": 8},
    }
    stub.script = lambda n, call: Behaviour(text="<think>8 or 9?</think>7", reasoning="maybe 9", usage=usage)
    run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    attempt = Attempt.objects.get()
    assert run.samples.get().outcome == "correct"
    assert (attempt.reasoning, attempt.output_tokens, attempt.reasoning_tokens) == ("maybe 9", 9, 8)


def test_another_model_than_asked_is_on_record(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda n, call: Behaviour(text="7", model="cheaper-1")
    drive(start_run(suite=make_suite(1), endpoint=make_endpoint()))
    attempt = Attempt.objects.get()
    assert (attempt.request["model"], attempt.reply_model) == ("stub-1", "cheaper-1")


def test_a_storm_of_failures_renders_no_tracebacks(
    stub: StubEndpoint,
    make_suite: MakeSuite,
    make_endpoint: MakeEndpoint,
    no_waiting: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stub.script = lambda n, call: Behaviour(status=500, body={"error": {"message": "oops"}})
    with caplog.at_level(logging.DEBUG):
        run = drive(start_run(suite=make_suite(30), endpoint=make_endpoint(concurrency=8)))
    assert run.state == Run.State.PAUSED
    assert [record for record in caplog.records if record.exc_info and record.name.startswith("evals")] == []


def test_a_key_that_is_refused_is_in_no_log(
    stub: StubEndpoint,
    make_suite: MakeSuite,
    make_endpoint: MakeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("STUB_API_KEY", "sk-canary-77")

    def refuse(n: int, call: Call) -> Behaviour:
        return Behaviour(status=401, body={"error": {"message": "wrong key"}})

    stub.script = refuse
    with caplog.at_level(logging.DEBUG):
        run = drive(start_run(suite=make_suite(1), endpoint=make_endpoint(api_key_env="STUB_API_KEY")))
    assert run.state == Run.State.FAILED
    assert "canary" not in caplog.text + run.stop_reason


@pytest.mark.parametrize("text", ["", "<think>it must be 7", "<think>7</think>"])
@pytest.mark.parametrize(
    ("finish_reason", "outcome", "words"),
    [
        ("length", "incorrect", "Cut off before any answer."),
        ("stop", "incorrect", "The reply ended without an answer."),
        ("refusal", "incorrect", "The model declined to answer."),
        ("content_filter", "unscored", "The provider's filter cut the answer."),
    ],
)
def test_a_reply_without_an_answer_is_judged_alike_however_it_ended(
    text: str, finish_reason: str, outcome: str, words: str
) -> None:
    fields: dict[str, Any] = {"options": {}, "target": "7", "name": "x"}
    judgement, _ = judge(scorer="numeric", text=text, finish_reason=finish_reason, **fields)
    assert (judgement.outcome, judgement.explanation) == (outcome, words)
