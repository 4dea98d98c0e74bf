"""What a run says about latency, and what it leaves out of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from evals.models import Attempt, Endpoint, Run, Suite
from evals.selectors import run_summary
from evals.services import start_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(make_suite: Callable[..., Suite], make_endpoint: Callable[..., Endpoint]) -> Run:
    """Three answered calls: 100, 200 and 900 ms; our own loop was 300 ms late during the last one."""
    run = start_run(suite=make_suite(3), endpoint=make_endpoint())
    timings = ((100.0, 0.5), (200.0, 20.0), (900.0, 300.0))
    for sample, (latency, lag) in zip(run.samples.order_by("position"), timings, strict=True):
        Attempt.objects.create(
            run_sample=sample,
            n=1,
            state=Attempt.State.ANSWERED,
            request={},
            reserved_usd=Decimal(0),
            started_at=datetime(2026, 11, 24, tzinfo=UTC),
            latency_ms=latency,
            time_to_first_token_ms=50.0,
            output_tokens=6,
            loop_lag_ms=lag,
        )
    return run


def test_calls_during_which_we_were_late_are_left_out_and_counted(run: Run) -> None:
    found = run_summary(run)
    assert found.latency is not None
    assert found.tokens_per_second is not None
    assert (found.latency.p50, found.latency.n, found.n_latency_distorted) == (150.0, 2, 1)
    # Five tokens after the first, in 50 and in 150 ms: 100 and 33.3 a second.
    assert found.tokens_per_second.p50 == pytest.approx((100 + 100 / 3) / 2)
    assert found.latency_note == (
        "Latency: half of 2 calls under 150 ms, 95% under 195 ms. First token after 50 ms (median). Then 67 tokens per "
        "second (median). 1 call is left out of this: the worker itself was more than 20 ms late, so the time was not "
        "the endpoint's alone. Waiting behind other calls may be in it; a run in the latency lane measures without."
    )


def test_the_latency_lane_says_so(run: Run) -> None:
    run.lane = Run.Lane.LATENCY
    note = run_summary(run).latency_note
    assert note.endswith("Measured in the latency lane: at most 8 calls at once, nothing beside them.")


def test_nothing_is_said_before_the_first_answer(run: Run) -> None:
    Attempt.objects.all().delete()
    found = run_summary(run)
    assert (found.latency, found.tokens_per_second, found.latency_note) == (None, None, "")
