"""``manage.py evaluate``: the table at the end, and sentences for what is wrong."""

from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Score, Source
from evals.models import Endpoint, Run, Suite
from evals.selectors import run_summary
from tests.support.stub_endpoint import Behaviour, StubEndpoint

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]
pytestmark = pytest.mark.django_db(transaction=True)


def evaluate(*words: str) -> str:
    out = StringIO()
    call_command("evaluate", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def half_right(n: int, call: object) -> Behaviour:
    number = int(getattr(call, "prompt", "").split(":")[0].removeprefix("Item "))
    return Behaviour(text="7" if number % 2 else "8")


def test_table_gives_rate_interval_cost_and_cost_per_correct_answer(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = half_right
    make_suite(40)
    make_endpoint(concurrency=4)
    header, row, _, latency, note, address = evaluate("sevens-v1", "stub", "--here").strip().splitlines()
    assert latency.endswith("a run in the latency lane measures without.")  # the rest depends on the machine
    assert header.split("  ")[0] == "endpoint"
    cells = [cell.strip() for cell in row.split("  ") if cell.strip()]
    # Each item has 13 or 14 prompt words and one answer word; 40 calls cost 0.00092 USD, 20 are right.
    assert cells[:6] == ["stub", "Finished", "40 of 40", "50.0%", "35.2% to 64.8%", "560"]
    assert cells[6] == "$0.00092"
    assert cells[7].startswith("$0.000046 ($0.0000")
    assert address == f"stub: http://127.0.0.1:8000/evals/runs/{Run.objects.get().pk}/"
    assert note == f"stub: List prices of Stubs in force on {Run.objects.get().created_at:%Y-%m-%d}."


def test_finished_run_is_a_score_with_the_run_as_its_source(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = half_right
    make_suite(40)
    make_endpoint(concurrency=4)
    evaluate("sevens-v1", "stub", "--here")
    run, score = Run.objects.get(), Score.objects.get()
    assert (score.value, score.n, score.original_value) == (0.5, 40, "20/40")
    assert score.standard_error == pytest.approx((0.25 / 40) ** 0.5)
    assert (score.benchmark.slug, score.benchmark.is_own_suite) == ("sevens-v1", True)
    assert (score.source.url, score.source.kind) == (f"/evals/runs/{run.pk}/", Source.Kind.MEASURED)
    assert score.measured_on == run.finished_at.date() if run.finished_at else False
    assert score.version == run.endpoint.offering.version if run.endpoint.offering else False


def test_summary_of_a_run_with_failures_counts_them_beside_the_score(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    broken = Behaviour(body={"choices": []})
    stub.script = lambda n, call: broken if call.prompt.startswith("Item 0:") else Behaviour(text="7")
    make_suite(20)
    make_endpoint()
    evaluate("sevens-v1", "stub", "--here")
    summary = run_summary(Run.objects.get())
    assert (summary.n_planned, summary.n_scored, summary.n_correct, summary.n_failed) == (20, 19, 19, 1)
    assert summary.pass_rate == 1.0
    assert summary.cost_is_lower_bound
    assert summary.cost_usd == 19 * Decimal("0.000023")
    assert summary.cost_of_pass is not None
    assert summary.cost_of_pass.value is None, "three calls of unknown cost may move it either way"
    assert summary.cost_of_pass.lower_bound == pytest.approx(0.000023)
    in_time = summary.latency.n if summary.latency else 0
    assert in_time + summary.n_latency_distorted == 19, "failed calls have no latency of an answer"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sevens-v2", "stub"], r"There is no suite 'sevens-v2'\. Did you mean sevens-v1"),
        (["sevens-v1", "stubb"], r"There is no endpoint 'stubb'\. Did you mean stub\?"),
        (["sevens-v1", "stub", "--budget", "lots"], r"The budget is 'lots'; write an amount in USD such as 0\.50\."),
        (["sevens-v1", "stub", "--limit", "0"], "limit is 0"),
    ],
)
def test_wrong_wish_is_a_sentence(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint, words: list[str], sentence: str
) -> None:
    make_suite()
    make_endpoint()
    with pytest.raises(CommandError, match=sentence):
        evaluate(*words, "--here")
    assert Run.objects.count() == 0


def test_endpoint_that_is_down_ends_the_command_with_what_and_which(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, no_waiting: None
) -> None:
    make_suite()
    make_endpoint()
    stub.stop()
    words = rf"stub: Paused\. 1\d calls in a row failed.* No connection to 127\.0\.0\.1:{stub.port}"
    with pytest.raises(CommandError, match=words):
        evaluate("sevens-v1", "stub", "--here")
    assert run_summary(Run.objects.get()).n_waiting == 3, "nothing is lost"


def test_several_endpoints_get_the_same_items(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = half_right
    make_suite(20)
    make_endpoint(slug="one")
    make_endpoint(slug="two")
    evaluate("sevens-v1", "one", "two", "--here", "--limit", "5")
    first, second = Run.objects.order_by("created_at")
    assert list(first.samples.values_list("sample", flat=True)) == list(second.samples.values_list("sample", flat=True))


def test_no_wait_queues_and_returns(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    make_suite()
    make_endpoint()
    text = evaluate("sevens-v1", "stub", "--no-wait")
    assert text.startswith("Queued ")
    assert text.endswith(f"http://127.0.0.1:8000/evals/runs/{Run.objects.get().pk}/\n")
    assert Run.objects.get().state == Run.State.QUEUED


def test_two_endpoints_are_compared_and_stopped_when_decided(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda _, call: Behaviour(text="7" if call.body["model"] == "good" else "8")
    make_suite(60)
    make_endpoint(slug="good", model_id="good")
    make_endpoint(slug="bad", model_id="bad")
    text = evaluate("sevens-v1", "good", "bad", "--stop-early", "--here")
    assert "good minus bad: +100.0 points" in text or "bad minus good: -100.0 points" in text
    assert ", differ." in text
    assert text.endswith(f"/evals/compare/?comparison={Run.objects.values_list('comparison', flat=True)[0]}\n")
    assert min(Run.objects.values_list("state", flat=True)) == "decided"
    assert len(stub.calls) < 120
