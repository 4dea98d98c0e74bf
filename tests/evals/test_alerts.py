"""Alerts: said when something moved beyond chance, once, and taken back when it is over."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from economics.intervals import mcnemar_exact
from economics.order_statistics import quantile_interval
from evals.errors import WrongState
from evals.models import (
    Alert,
    AlertRule,
    Attempt,
    Channel,
    Delivery,
    Endpoint,
    Look,
    Run,
    RunSample,
    SpendingDay,
    Suite,
)
from evals.selectors import LAG_LIMIT_MS
from evals.services.alerts import acknowledge, mute, watch

pytestmark = pytest.mark.django_db
PRICES = {"kind": "sold", "components": {}, "note": "List prices."}
MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(make_suite: Callable[..., Suite], make_endpoint: Callable[..., Endpoint]) -> MakeRun:
    """A finished run on one suite of 60 items and one endpoint: ``right`` says which items were solved."""
    suite, endpoint = make_suite(60), make_endpoint()
    samples = list(suite.samples.order_by("position"))
    clock = timezone.now()

    def make(right: range | set[int], *, usd: str = "0.01", latency_ms: float = 200.0, **fields: Any) -> Run:
        nonlocal clock
        clock += timedelta(minutes=1)
        defaults: dict[str, Any] = {
            "state": Run.State.FINISHED, "finished_at": clock, "budget_usd": Decimal(10), "prices": PRICES,
            "max_output_tokens": 10,
        }  # fmt: skip
        run = Run.objects.create(suite=suite, endpoint=endpoint, **(defaults | fields))
        for position, sample in enumerate(samples):
            done = RunSample.objects.create(
                run=run, sample=sample, position=position, state="done",
                outcome="correct" if position in right else "incorrect",
            )  # fmt: skip
            Attempt.objects.create(
                run_sample=done, n=1, state="answered", request={}, reserved_usd=1, started_at=clock,
                cost_usd=Decimal(usd) * (1 + position % 3), booked_usd=Decimal(usd), latency_ms=latency_ms + position,
            )  # fmt: skip
        return run

    return make


def rule(kind: str, **fields: Any) -> AlertRule:
    made = AlertRule.objects.create(name=kind, kind=kind, **fields)
    AlertRule.objects.update(created_at=timezone.now() - timedelta(days=1))
    made.channels.set([Channel.objects.get_or_create(name="hook", kind="webhook", address="https://example.org/")[0]])
    return made


def told() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("title", flat=True))


def test_a_fall_beyond_chance_is_told_once_with_difference_interval_and_n(make_run: MakeRun) -> None:
    rule("score")
    make_run(range(50))
    assert watch() == 0
    run = make_run(range(35))
    assert [watch(), watch()] == [1, 0]
    alert = Alert.objects.get()
    assert alert.title == "sevens-v1 on The stub: pass rate fell from 83.3% to 58.3%"
    assert alert.detail == (
        "Pass rate 58.3% against 83.3% in the run it is compared with, on the same 60 items: -25.0 points "
        "(99.83% interval -42.7 to -7.3); p under 0.0001 (exact McNemar), alarm below 0.0017."
    )
    assert Look.objects.get(run=run).p_value == mcnemar_exact(a_only=0, b_only=15)
    assert alert.url == f"/evals/runs/{run.pk}/"
    assert told() == [alert.title]


def test_a_difference_that_chance_explains_is_recorded_and_not_told(make_run: MakeRun) -> None:
    rule("score")
    make_run(range(50))
    run = make_run(range(41))  # nine items lost: p = 0.0039, which one look in 30 days may not call an alarm
    assert watch() == 0
    look = Look.objects.get(run=run)
    assert (look.is_alarm, look.p_value) == (False, 2 * 0.5**9)
    assert told() == []


def test_recovery_is_told_and_a_new_fall_is_a_new_alert(make_run: MakeRun) -> None:
    rule("score")
    for right in (50, 35, 34, 50, 35):
        make_run(range(right))
        watch()
    assert [alert.recovered_at is None for alert in Alert.objects.order_by("pk")] == [False, True]
    assert [title.split(":")[0] for title in told()] == [
        "sevens-v1 on The stub", "Recovered", "sevens-v1 on The stub",
    ]  # fmt: skip


def test_an_accepted_run_is_the_new_normal(make_run: MakeRun) -> None:
    rule("score")
    make_run(range(50))
    run = make_run(range(35))
    watch()
    alert = acknowledge(Alert.objects.get(), by="ada", accept=True)
    assert (alert.recovery, alert.accepted_run) == ("ada accepted it as the new normal.", run)
    same = make_run(range(34))
    assert watch() == 0
    assert Look.objects.get(run=same).baseline == run


def test_daily_looks_at_an_unchanged_endpoint_seldom_cry_wolf(make_run: MakeRun) -> None:
    # Answers that change by chance from day to day: 8 of 60 items flip. A single test at 5% would be exceeded often.
    rule("score")
    make_run(range(45))
    for day in range(29):
        flipped = {(day * 7 + step * 11) % 60 for step in range(8)}
        make_run(set(range(45)) ^ flipped)
    assert watch() == 0
    assert Look.objects.count() == 30
    p_values = [look.p_value for look in Look.objects.all() if look.p_value is not None]
    assert len(p_values) == 29
    assert min(p_values) > 0.05 / 30


def test_cost_beyond_its_interval_is_told(make_run: MakeRun) -> None:
    rule("cost")
    make_run(range(50))
    make_run(range(50), usd="0.011")
    assert watch() == 0
    make_run(range(50), usd="0.03")
    assert watch() == 1
    alert = Alert.objects.get()
    assert alert.title == "sevens-v1 on The stub: cost per correct answer went from $0.024 to $0.072"
    assert "3.00 times (99.83% interval" in alert.detail


def test_twice_as_slow_is_told_and_half_as_much_more_is_not(make_run: MakeRun) -> None:
    rule("latency")
    make_run(range(50))
    make_run(range(50), latency_ms=300)
    assert watch() == 0
    make_run(range(50), latency_ms=500)
    assert watch() == 1
    alert = Alert.objects.get()
    assert "median latency went from 230 to 530 ms and 90th percentile latency went from 253 to 553 ms" in alert.title
    assert "n = 60 and 60 calls" in alert.detail


def test_latency_is_compared_within_a_lane_and_without_calls_that_the_worker_delayed(make_run: MakeRun) -> None:
    rule("latency")
    make_run(range(50), lane=Run.Lane.LATENCY, latency_ms=100)
    first = make_run(range(50))
    second = make_run(range(50), latency_ms=500)
    Attempt.objects.filter(run_sample__run=second).update(loop_lag_ms=LAG_LIMIT_MS + 1)
    assert watch() == 0
    assert Look.objects.get(run=first).baseline is None
    assert Look.objects.get(run=second).words.startswith("0 and 60 answered calls with a latency")


def test_too_few_items_are_said_and_never_an_alarm(make_run: MakeRun) -> None:
    rule("score")
    make_run(range(60))
    run = make_run(set())
    run.samples.filter(position__gte=9).update(outcome="", state="failed")
    assert watch() == 0
    assert Look.objects.get(run=run).words == "Only 9 items were answered in both runs; 10 are needed."


def test_an_endpoint_that_fails_is_told_and_its_return_too(make_run: MakeRun) -> None:
    rule("endpoint")
    make_run(range(60))
    assert watch() == 0
    Endpoint.objects.update(state="no_credit", state_message="The account is empty.")
    assert [watch(), watch()] == [1, 0]
    Endpoint.objects.update(state="ready", state_message="")
    assert watch() == 1
    assert told() == ["The stub: out of credit", "Recovered: The stub: out of credit"]


def test_paused_and_capped_runs_are_told_until_one_ends_well(make_run: MakeRun) -> None:
    rule("run")
    make_run(range(60), state=Run.State.PAUSED, stop_reason="Ten failures in a row.", finished_at=None)
    assert [watch(), watch()] == [1, 0]
    assert Alert.objects.get().detail == "Ten failures in a row."
    run = make_run(range(60), state=Run.State.QUEUED, finished_at=None)
    assert watch() == 0, "a run that has only been asked for ends nothing"
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    assert watch() == 1
    assert Alert.objects.get().recovered_at is not None


def test_spending_near_a_cap_and_near_the_days_budget_is_told(make_run: MakeRun) -> None:
    rule("budget")
    make_run(range(60), spent_usd=Decimal("7.99"))
    assert watch() == 0
    Run.objects.update(spent_usd=Decimal(8))
    Endpoint.objects.update(budget_usd_per_day=Decimal("0.70"))
    now = Attempt.objects.latest("started_at").started_at
    SpendingDay.objects.create(on=now.date(), endpoint=Endpoint.objects.get(), taken_usd=Decimal("0.6"))
    assert watch(now) == 2
    assert sorted(Alert.objects.values_list("detail", flat=True)) == [
        "$0.6000 of $0.7000 spent since midnight UTC.",
        "$8.0000 of $10.0000 spent.",
    ]


def test_a_muted_rule_records_and_tells_nobody(make_run: MakeRun) -> None:
    mute(rule("score"), until=timezone.now() + timedelta(days=1))
    make_run(range(50))
    make_run(range(35))
    assert watch() == 1
    assert told() == []


def test_runs_from_before_the_rule_are_no_looks_but_may_be_the_baseline(make_run: MakeRun) -> None:
    first = make_run(range(50))
    assert first.finished_at is not None
    made = rule("score")
    AlertRule.objects.update(created_at=first.finished_at + timedelta(seconds=1))
    made.refresh_from_db()
    run = make_run(range(35))
    watch()
    assert [(look.run, look.baseline) for look in Look.objects.all()] == [(run, first)]


def test_acknowledging_notes_the_first_who_did(make_run: MakeRun) -> None:
    rule("endpoint")
    make_run(range(60))
    Endpoint.objects.update(state="refused")
    watch()
    acknowledge(Alert.objects.get(), by="ada")
    alert = acknowledge(Alert.objects.get(), by="bob")
    assert alert.acknowledged_by == "ada"
    with pytest.raises(WrongState, match="there is no run to accept as the new normal"):
        acknowledge(alert, by="ada", accept=True)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"false_alarm_rate": 0.0}, "false_alarm_rate", "A chance between 0 and 0.5 is needed, such as 0.05"),
        ({"false_alarm_rate": 5.0}, "false_alarm_rate", "A chance between 0 and 0.5"),
        ({"factor": 1.0}, "factor", "A number above 1 is needed, such as 2"),
        ({"factor": float("nan")}, "factor", "A number above 1"),
    ],
)
def test_wrong_rule_names_its_field_and_the_remedy(fields: dict[str, Any], field: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AlertRule(name="x", kind="score", **fields).full_clean()
    assert sentence in caught.value.message_dict[field][0]


def test_interval_of_a_median_is_that_of_the_tables() -> None:
    # n = 10: the 2nd and the 9th value hold the median with 97.9%; n = 5 has no 95% interval.
    point, interval = quantile_interval(values=list(range(1, 11)))
    assert interval is not None
    assert (point, interval.low, interval.high) == (5.5, 2.0, 9.0)
    assert quantile_interval(values=[1, 2, 3, 4, 5]) == (3.0, None)
    assert quantile_interval(values=[1, 2, 3, 4, 5, 6])[1] is not None
