"""Several endpoints on the same items: pairs, evidence that holds at every look, and stopping on it."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from catalog.models import Score
from evals.comparisons import pairs_of, weigh
from evals.errors import InvalidSetting, KeyReused, UnknownPrice
from evals.models import Comparison, Endpoint, Run, RunSample, Suite
from evals.selectors import run_summary
from evals.services import start_comparison, stop_if_decided
from evals.worker.slice import run_slice
from tests.support.stub_endpoint import Behaviour, StubEndpoint

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]


def looks(*, first: float, second: float, n: int, rng: np.random.Generator, alpha: float = 0.05) -> tuple[str, int]:
    """Verdict and item of stopping of one simulated comparison that is looked at after every item."""
    a, b = rng.random(n) < first, rng.random(n) < second
    for item in np.flatnonzero(a != b):  # the e-value moves at these items only
        seen = slice(0, item + 1)
        found = weigh(
            only_first=int(np.sum(a[seen] & ~b[seen])),
            only_second=int(np.sum(b[seen] & ~a[seen])),
            n=int(item) + 1,
            alpha=alpha,
        )
        if found.verdict != "open":
            return found.verdict, int(item) + 1
    return "open", n


def test_looking_after_every_item_raises_no_more_false_alarms_than_alpha() -> None:
    """At equal rates. The exact test at 5 %, looked at as often, gives about 30 % false alarms."""
    rng = np.random.default_rng(20261124)
    verdicts = [looks(first=0.7, second=0.7, n=200, rng=rng)[0] for _ in range(400)]
    false_alarms = verdicts.count("differ") / len(verdicts)
    assert false_alarms == 0.0375  # the seed is fixed, so is the share; alpha is 0.05
    assert false_alarms <= 0.05


def test_a_large_difference_is_found_long_before_the_end() -> None:
    rng = np.random.default_rng(1)
    found = [looks(first=0.9, second=0.5, n=200, rng=rng) for _ in range(50)]
    assert [verdict for verdict, _ in found] == ["differ"] * 50
    assert float(np.mean([n for _, n in found])) < 60


def test_evidence_says_alike_only_when_the_interval_lies_inside_what_does_not_matter() -> None:

    def verdict(n: int, points: float | None) -> str:
        return weigh(n=n, only_first=0, only_second=0, alpha=0.05, indifference_points=points).verdict

    assert [verdict(n, 15.0) for n in (0, 20, 40, 60)] == ["open", "open", "alike", "alike"]
    assert verdict(200, None) == "open"


@pytest.mark.django_db
def test_comparison_asks_every_endpoint_the_same_items_in_the_same_order(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    endpoints = [make_endpoint(slug=slug) for slug in ("one", "two", "three")]
    comparison = start_comparison(suite=make_suite(20), endpoints=[*endpoints, endpoints[0]], limit=8)
    orders = [list(run.samples.values_list("sample__key", flat=True)) for run in comparison.runs.all()]
    assert len(orders) == 3
    assert all(one == other for one, other in pairwise(orders))
    assert len(orders[0]) == 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"endpoints": 1}, "1 different endpoints were named; give 2 to 6"),
        ({"alpha": Decimal("0.9")}, "alpha is 0.9; give the accepted chance of a false alarm"),
        ({"stop_early": True, "repeats": 3}, "does not go with 3 repeats"),
        ({"indifference_points": -1.0}, "The difference that does not matter is -1 points"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_in_words(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint, wrong: dict[str, object], sentence: str
) -> None:
    endpoints = [make_endpoint(slug=slug) for slug in ("one", "two")]
    options = {"endpoints": endpoints[:1] if wrong.pop("endpoints", 2) == 1 else endpoints} | wrong
    with pytest.raises(InvalidSetting, match=sentence):
        start_comparison(suite=make_suite(), **options)  # type: ignore[arg-type]
    assert not Comparison.objects.exists()


@pytest.mark.django_db
def test_nothing_is_started_when_one_endpoint_has_no_price(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    free = Endpoint.objects.create(slug="free", name="Free", base_url="http://127.0.0.1:1/v1", model_id="m")
    with pytest.raises(UnknownPrice):
        start_comparison(suite=make_suite(), endpoints=[make_endpoint(), free])
    assert not Run.objects.exists()
    assert not Comparison.objects.exists()


@pytest.mark.django_db
def test_same_idempotency_key_gives_the_same_comparison(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    suite, endpoints = make_suite(), [make_endpoint(slug="one"), make_endpoint(slug="two")]
    first = start_comparison(suite=suite, endpoints=endpoints, idempotency_key="monday")
    assert start_comparison(suite=suite, endpoints=endpoints, idempotency_key="monday") == first
    assert Run.objects.count() == 2


@pytest.mark.django_db
def test_an_idempotency_key_does_not_stand_for_another_comparison(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    suite = make_suite()
    endpoints = [make_endpoint(slug=slug) for slug in ("one", "two", "three")]
    asked: dict[str, Any] = {"suite": suite, "endpoints": endpoints[:2], "idempotency_key": "monday"}
    first = start_comparison(**asked)
    others: list[dict[str, Any]] = [
        {"endpoints": endpoints},
        {"limit": 1},
        {"repeats": 2},
        {"budget_usd": Decimal("0.25")},
        {"lane": Run.Lane.LATENCY},
        {"stop_early": True},
        {"alpha": Decimal("0.01")},
        {"indifference_points": 2.0},
    ]
    for other in others:
        with pytest.raises(KeyReused, match=rf"comparison {first.pk} with other settings \({next(iter(other))}\)"):
            start_comparison(**asked | other)
    assert Run.objects.count() == 2


def judge_by_hand(comparison: Comparison, outcomes: dict[str, str]) -> None:
    """Outcomes by endpoint: a letter per item in the order of sending; c, i, f for failed, and - for waiting."""
    fields = {
        "c": {"state": "done", "outcome": "correct"},
        "i": {"state": "done", "outcome": "incorrect"},
        "f": {"state": "failed", "outcome": ""},
        "-": {"state": "pending", "outcome": ""},
    }
    for run in comparison.runs.select_related("endpoint"):
        for position, letter in enumerate(outcomes[run.endpoint.slug]):
            run.samples.filter(position=position).update(**fields[letter])


@pytest.fixture
def three(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> Comparison:
    endpoints = [make_endpoint(slug=slug, name=slug) for slug in ("one", "two", "three")]
    return start_comparison(suite=make_suite(40), endpoints=endpoints, stop_early=True)


@pytest.mark.django_db
def test_pairs_are_judged_on_shared_items_with_holms_p_values(three: Comparison) -> None:
    judge_by_hand(three, {"one": "c" * 20, "two": "i" * 10 + "c" * 9 + "f", "three": "c" * 19 + "i"})
    pairs = {(pair.first.endpoint.slug, pair.second.endpoint.slug): pair for pair in pairs_of(list(three.runs.all()))}
    two = pairs.get(("one", "two")) or pairs["two", "one"]
    assert {two.only_first, two.only_second} == {0, 10}
    assert two.difference.n == 19, "the failed item counts for neither"
    assert two.difference.p_value == pytest.approx(2 / 2**10)
    assert two.p_value == pytest.approx(3 * 2 / 2**10), "the smallest of three p-values, after Holm"


@pytest.mark.django_db
def test_only_the_run_whose_every_pair_is_decided_is_stopped(three: Comparison) -> None:
    judge_by_hand(three, {"one": "c" * 15, "two": "i" * 15, "three": "c" * 15})
    assert stop_if_decided(three.pk) == 1
    states = dict(three.runs.values_list("endpoint__slug", "state"))
    assert states == {"one": "queued", "two": "decided", "three": "queued"}
    assert stop_if_decided(three.pk) == 0, "a second look changes nothing"
    three.refresh_from_db()
    assert three.decided_at is None
    assert three.decision is not None
    assert sorted(row["verdict"] for row in three.decision["pairs"]) == ["differ", "differ"]


@pytest.mark.django_db
def test_an_item_that_one_of_them_still_waits_for_ends_the_look(three: Comparison) -> None:
    """What came home early is not a fair draw: short answers come first."""
    judge_by_hand(three, {"one": "-" + "c" * 15, "two": "i" * 16, "three": "i" * 16})
    assert stop_if_decided(three.pk) == 0
    judge_by_hand(three, {"one": "c", "two": "", "three": ""})
    assert stop_if_decided(three.pk) == 1


@pytest.mark.django_db
def test_without_the_wish_nothing_is_stopped(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    endpoints = [make_endpoint(slug=slug) for slug in ("one", "two")]
    comparison = start_comparison(suite=make_suite(40), endpoints=endpoints)
    judge_by_hand(comparison, {"one": "c" * 30, "two": "i" * 30})
    assert stop_if_decided(comparison.pk) == 0


@pytest.mark.django_db(transaction=True)
def test_worker_asks_nothing_more_once_the_difference_is_decided(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda _, call: Behaviour(text="7" if call.body["model"] == "good" else "8")
    good = make_endpoint(slug="good", model_id="good")
    bad = make_endpoint(slug="bad", model_id="bad")
    comparison = start_comparison(suite=make_suite(60), endpoints=[good, bad], stop_early=True)
    run_slice(good.pk, seconds=30)
    assert len(stub.calls) == 60, "alone it has nothing to be compared with"
    run_slice(bad.pk, seconds=30)
    comparison.refresh_from_db()
    run = bad.runs.get()
    summary = run_summary(run)
    # e >= 20 at 7 discordant items that are all on one side; two calls are under way at once.
    assert comparison.decided_at is not None
    assert comparison.decision is not None
    assert comparison.decision["pairs"][0]["n"] in (7, 8)
    assert 7 <= summary.n_scored <= 14
    assert summary.n_scored + summary.n_not_asked == 60
    assert len(stub.calls) == 60 + summary.n_scored
    assert (run.state, run.stop_reason) == (
        "decided",
        "Stopped early: the comparison it belongs to was decided.",
    )
    assert (summary.n_incorrect, summary.n_failed, summary.n_skipped) == (summary.n_scored, 0, 0)
    assert summary.pass_rate_interval is not None
    assert summary.pass_rate_interval.method == "beta-binomial confidence sequence"
    assert summary.cost_of_pass is not None
    assert summary.cost_of_pass.interval is None
    assert run.reserved_usd == 0
    assert not run.samples.filter(state=RunSample.State.PENDING).exists()
    assert list(Score.objects.values_list("n", flat=True)) == [60], "a run cut short by its result is not published"
