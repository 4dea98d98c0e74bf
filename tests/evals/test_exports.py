"""A run as CSV, JSON lines and Inspect log; scoring again; planning: all on one small finished run."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Score
from evals.errors import InvalidSetting, WrongState
from evals.exports import csv_text, inspect_log, jsonl_lines
from evals.models import Attempt, Endpoint, Run, Suite
from evals.plans import plan_run
from evals.services import rescore_run, start_run
from evals.worker.slice import run_slice
from tests.support.stub_endpoint import Behaviour, StubEndpoint

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]
pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = {"Item 0": "=7", "Item 1": "8", "Item 2": "7"}


@pytest.fixture
def run(stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> Run:
    stub.script = lambda n, call: Behaviour(text=ANSWERS[call.prompt[:6]])
    run = start_run(suite=make_suite(3), endpoint=make_endpoint())
    run_slice(run.endpoint_id, seconds=5)
    run.refresh_from_db()
    return run


def test_csv_keeps_formulas_from_running_and_numbers_as_they_are(run: Run) -> None:
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(csv_text(run)))}
    assert len(rows) == 3
    assert rows["item-0"]["reply"] == "'=7"
    assert (rows["item-2"]["reply"], rows["item-2"]["outcome"]) == ("7", "correct")
    assert rows["item-2"]["cost_usd"] == "0.000023000000"
    assert (rows["item-1"]["outcome"], rows["item-1"]["truncated"]) == ("incorrect", "false")


def test_tokens_stand_beside_the_cost_of_the_same_calls(run: Run) -> None:
    sample = run.samples.get(sample__key="item-2")
    first = sample.attempts.get()
    for n, tokens in ((2, 40), (3, None)):
        Attempt.objects.create(
            run_sample=sample,
            n=n,
            state=Attempt.State.ERROR,
            request={},
            input_tokens=tokens,
            output_tokens=tokens,
            cost_usd=Decimal("0.001") if tokens else Decimal(0),
            reserved_usd=Decimal("0.01"),
            started_at=first.started_at,
            latency_ms=9,
        )

    row = next(row for row in csv.DictReader(io.StringIO(csv_text(run))) if row["key"] == "item-2")
    attempts = next(line for line in map(json.loads, jsonl_lines(run)) if line["key"] == "item-2")["attempts"]

    assert (row["input_tokens"], row["output_tokens"], row["calls_without_usage"]) == ("53", "41", "1")
    assert (row["cache_write_tokens"], row["cost_usd"]) == ("", "0.001023000000")
    assert row["latency_ms"] == str(first.latency_ms), "of the call that answered"
    assert [each["input_tokens"] for each in attempts] == [13, 40, None]


def test_json_lines_hold_every_call_with_its_raw_reply(run: Run) -> None:
    rows = [json.loads(line) for line in jsonl_lines(run)]
    assert len(rows) == 3
    (attempt,) = rows[0]["attempts"]
    assert attempt["raw_usage"]["prompt_tokens"] == 13
    assert attempt["request"]["model"] == "stub-1"
    assert Decimal(attempt["cost_usd"]) == Decimal("0.000023")


def test_inspect_log_has_its_shape(run: Run) -> None:
    log = json.loads(json.dumps(inspect_log(run), default=str))
    assert (log["version"], log["status"]) == (2, "success")
    assert log["eval"]["dataset"] == {"name": "sevens-v1", "samples": 3, "shuffled": True}
    assert log["results"]["scores"][0]["metrics"]["accuracy"]["value"] == pytest.approx(2 / 3)
    assert sorted(sample["scores"]["suite"]["value"] for sample in log["samples"]) == ["C", "C", "I"]


def test_export_command_finds_a_run_by_its_beginning_and_names_others(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_run", str(run.pk)[:6], "--format", "jsonl")
    assert len(capsys.readouterr().out.splitlines()) == 3
    with pytest.raises(
        CommandError, match=rf"There is no run 'zz'\. The latest: {str(run.pk)[:8]} \(sevens-v1 on stub\)"
    ):
        call_command("export_run", "zz")


def test_scoring_again_changes_nothing_when_nothing_changed(run: Run, stub: StubEndpoint) -> None:
    calls = len(stub.calls)
    again = rescore_run(run)
    assert (again.judged, again.keys) == (3, ())
    assert len(stub.calls) == calls
    assert Score.objects.count() == 1


def test_scoring_again_with_another_target_corrects_the_catalog(run: Run) -> None:
    run.suite.samples.filter(key="item-1").update(target="8")
    assert rescore_run(run).keys == ("item-1",)
    current = Score.objects.get(superseded_by=None)
    assert (current.value, current.original_value) == (1.0, "3/3")
    assert Score.objects.exclude(superseded_by=None).get().original_value == "2/3"


def test_a_run_that_is_going_is_not_scored_again(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    with pytest.raises(WrongState, match="still going"):
        rescore_run(start_run(suite=make_suite(), endpoint=make_endpoint()))


def test_plan_before_any_run_says_what_it_assumes(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    plan = plan_run(suite=make_suite(100), endpoints=[make_endpoint()], detect_points=10)
    assert (plan.pass_rate, plan.rate_basis) == (0.7, "assumed: nothing measured yet")
    assert plan.questions_needed > 100
    assert not plan.is_enough
    assert plan.detectable_points > 10
    (forecast,) = plan.forecasts
    assert forecast.seconds is None
    # Per call 3 or 4 prompt tokens by bytes and 16 for the template at 1 USD, 5 tokens of answer at 10 USD.
    assert forecast.usd is not None
    assert Decimal("0.0068") < forecast.usd < Decimal("0.0071")
    assert forecast.usd < forecast.usd_at_most
    assert forecast.basis == "an assumption: half of the allowed answer length"


def test_plan_after_a_run_rests_on_it(run: Run) -> None:
    (forecast,) = plan_run(suite=run.suite, endpoints=[run.endpoint], detect_points=10).forecasts
    assert forecast.basis == "this endpoint's earlier runs of this suite"
    assert forecast.seconds is not None
    assert forecast.usd == pytest.approx(3 * Decimal("0.000029"), rel=Decimal("0.1"))


def test_plan_of_another_suite_rests_on_the_time_of_a_token(run: Run, make_suite: MakeSuite) -> None:
    Attempt.objects.update(latency_ms=400.0, output_tokens=4)
    other = make_suite(6, slug="eights-v1")
    for _ in range(2):
        (forecast,) = plan_run(suite=other, endpoints=[run.endpoint], detect_points=10).forecasts
        assert forecast.basis == (
            "an assumption: half of the allowed answer length; "
            "the time of a token in this endpoint's runs of other suites"
        )
        # 6 calls of half the allowed tokens at 100 ms each, as many at once as the endpoint takes.
        assert forecast.seconds == 6 * other.max_output_tokens / 2 * 0.1 / run.endpoint.concurrency


def test_plan_of_a_machine_rests_on_the_time_it_was_busy(run: Run, make_suite: MakeSuite) -> None:
    Endpoint.objects.update(machine_usd_per_hour=Decimal("3.6"), offering=None)
    run.endpoint.refresh_from_db()
    Attempt.objects.update(latency_ms=400.0, output_tokens=4, machine_s=0.2)
    other = make_suite(6, slug="eights-v1")

    (forecast,) = plan_run(suite=other, endpoints=[run.endpoint], detect_points=10).forecasts

    # 0.05 s of the machine for each token, at 0.001 USD a second.
    assert forecast.usd == pytest.approx(Decimal(6 * other.max_output_tokens) / 2 * Decimal("0.00005"))


def test_a_difference_that_cannot_be_is_a_sentence(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    with pytest.raises(InvalidSetting, match="A difference of 80 points cannot be below a pass rate of 70%"):
        plan_run(suite=make_suite(), endpoints=[make_endpoint()], detect_points=80)


def test_plan_command_prints_questions_cost_and_time(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    make_suite(100)
    make_endpoint()
    out = StringIO()
    call_command("plan", "sevens-v1", "stub", "--detect", "10", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "sevens-v1: 100 questions. Pass rate 70% (assumed: nothing measured yet)."
    assert "To tell two endpoints 10 points apart on the same questions takes" in lines[1]
    assert lines[2].startswith("So this run cannot show that difference")
    assert lines[3].startswith("stub: about $0.00")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", "started"),
        ("paused", "started"),
        ("finished", "success"),
        ("decided", "cancelled"),
        ("cancelled", "cancelled"),
        ("capped", "error"),
        ("failed", "error"),
    ],
)
def test_inspect_log_says_how_the_run_stands(run: Run, state: str, status: str) -> None:
    run.state = state
    assert inspect_log(run)["status"] == status


def test_inspect_log_leaves_unknown_tokens_out(run: Run) -> None:
    Attempt.objects.filter(run_sample__run=run).update(
        input_tokens=None, cached_input_tokens=None, cache_write_tokens=None, output_tokens=None
    )
    assert inspect_log(run)["stats"]["model_usage"] == {}
