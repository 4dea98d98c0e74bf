"""Run pages and the runs API on recorded runs."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.api.schemas import RunItem, RunPage
from dashboard.runs import run_view
from evals.models import Attempt, Endpoint, Run, RunSample, Sample, Suite
from evals.selectors import runs_of_versions
from tests import factories as make


@pytest.fixture
def run(db: None) -> Run:
    """Four samples: two correct, one incorrect, one failed; 0.001 USD each."""
    return make_run(outcomes=("correct", "correct", "incorrect", ""))


def make_run(*, outcomes: tuple[str, ...], state: str = Run.State.FINISHED, **fields: Any) -> Run:
    suite, _ = Suite.objects.get_or_create(slug="tiny-v1", defaults={"name": "Tiny", "content_hash": "a" * 64})
    endpoint, _ = Endpoint.objects.get_or_create(
        slug="here", defaults={"name": "Here", "base_url": "http://127.0.0.1:1/v1", "model_id": "m"}
    )
    defaults: dict[str, Any] = {
        "state": state,
        "max_output_tokens": 16,
        "budget_usd": Decimal(1),
        "spent_usd": Decimal("0.004"),
        "prices": {"kind": "sold", "note": "List price."},
    }
    run = Run.objects.create(suite=suite, endpoint=endpoint, **(defaults | fields))
    for n, outcome in enumerate(outcomes):
        sample, _ = Sample.objects.get_or_create(
            suite=suite,
            key=f"q{n}",
            defaults={"position": n, "category": "sums", "prompt": f"<b>What</b> is {n}?", "target": n, "scorer": "x"},
        )
        waiting = outcome == "pending"
        run_sample = RunSample.objects.create(
            run=run,
            sample=sample,
            position=n,
            state="pending" if waiting else "done" if outcome else "failed",
            outcome="" if waiting else outcome,
            answer="" if waiting else f"{n}",
        )
        if not waiting:
            Attempt.objects.create(
                run_sample=run_sample,
                n=1,
                state="answered" if outcome else "error",
                request={},
                text=f"<script>{n}</script>",
                input_tokens=10,
                output_tokens=5,
                reserved_usd=Decimal("0.01"),
                cost_usd=Decimal("0.001"),
                started_at=make.at("2026-11-01"),
                latency_ms=100,
                error_code="" if outcome else "timeout",
                error_message="" if outcome else "No answer in 120 s.",
            )
    return run


@pytest.mark.django_db
def test_least_cost_of_an_answer_is_said_once() -> None:
    view = run_view(make_run(outcomes=("incorrect", "incorrect")))

    assert view.cost_words == "at least $0.0013"
    assert view.result == "Here answered 0 of 2 right, 0.0%, at $0.0013 or more per correct answer."


def test_run_page_counts_failures_apart_from_wrong_answers(client: Client, run: Run) -> None:
    text = client.get(f"/evals/runs/{run.pk}/").content.decode()

    assert "Here answered 2 of 3 right, 66.7%, at $0.002 per correct answer." in text
    assert "2 of 3 scored" in text
    for name, count in (("Wrong", 1), ("Refused", 0), ("Errors", 1)):
        assert f'<small>{name}</small><b class="num">{count}</b>' in text
    assert "timeout: No answer in 120 s." in text
    assert "&lt;b&gt;What&lt;/b&gt; is 0?" in text
    assert "<script>0" not in text


@pytest.mark.parametrize(("outcome", "count"), [("correct", 2), ("failed", 1), ("nonsense", 4)])
def test_run_page_filters_its_samples(client: Client, run: Run, outcome: str, count: int) -> None:
    text = client.get(f"/evals/runs/{run.pk}/?outcome={outcome}").content.decode()

    assert len(re.findall(r"<code>q\d</code>", text)) == count


def test_run_page_of_an_unknown_run_is_not_found(client: Client, db: None) -> None:
    assert client.get("/evals/runs/nonsense/").status_code == 404
    assert client.get("/evals/runs/1a91d816-544c-43ad-9be7-cedd1102adbd/").status_code == 404


def test_open_run_is_polled_and_says_nothing_when_nothing_changed(client: Client, db: None) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    address = f"/evals/runs/{run.pk}/"
    assert 'data-live="' in client.get(address).content.decode()

    first = client.get(address, headers={"X-Live": "first"})
    same = client.get(address, headers={"X-Live": first["X-Live"]})
    run.samples.filter(state="pending").update(state="done", outcome="correct")
    run.state = Run.State.FINISHED
    run.save()
    last = client.get(address, headers={"X-Live": first["X-Live"]})

    assert (first.status_code, same.status_code, last.status_code) == (200, 204, 200)
    assert b"<html" not in first.content
    assert b"1 of 2 samples done" in first.content
    assert same.content == b""
    assert "X-Live-Done" not in first
    assert last["X-Live-Done"] == "1"


def test_sentence_above_the_tiles_advances_with_them(client: Client, db: None) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    address = f"/evals/runs/{run.pk}/"
    assert "Here has answered 1 of 1 right, 100.0%" in client.get(address).content.decode()

    run.samples.filter(state="pending").update(state="done", outcome="incorrect")
    moved = client.get(address, headers={"X-Live": "first"}).content.decode()

    assert "Here has answered 1 of 2 right, 50.0%" in moved
    assert client.get(address).content.decode().count("Here has answered") == 1


@pytest.mark.parametrize(
    ("state", "left", "words"),
    [
        (Run.State.CANCELLED, RunSample.State.CANCELLED, "1 of 4 samples done, 3 cancelled, $0.004 of $1.00 spent"),
        (Run.State.DECIDED, RunSample.State.NOT_ASKED, "1 of 4 samples done, 3 not asked, $0.004 of $1.00 spent"),
        (Run.State.CAPPED, RunSample.State.SKIPPED, "1 of 4 samples done, 3 skipped, $0.004 of $1.00 spent"),
    ],
)
def test_sample_that_was_never_asked_is_not_done(client: Client, db: None, state: str, left: str, words: str) -> None:
    run = make_run(outcomes=("correct", "pending", "pending", "pending"), state=state)
    run.samples.filter(state="pending").update(state=left)

    text = client.get(f"/evals/runs/{run.pk}/").content.decode()

    assert words in text
    assert 'max="100" value="25" aria-label="25% done"' in text
    assert '<dd class="num">1 / 4</dd>' in text


def test_run_list_without_runs_says_how_to_start_one(client: Client, db: None) -> None:
    assert "manage.py evaluate" in client.get("/evals/").content.decode()


def test_runs_api_gives_the_measured_numbers(client: Client, run: Run) -> None:
    answer = client.get("/api/v1/runs").json()

    item = answer["items"][0]
    assert {key: item[key] for key in ("samples", "scored", "correct", "incorrect", "failed")} == {
        "samples": 4,
        "scored": 3,
        "correct": 2,
        "incorrect": 1,
        "failed": 1,
    }
    assert item["pass_rate"] == 2 / 3
    assert item["pass_rate_interval"]["method"] == "wilson"
    assert item["cost_usd"] == 0.004
    assert item["usd_per_correct_answer"] == pytest.approx(0.002)
    assert (item["input_tokens"], item["output_tokens"]) == (40, 20)
    assert (item["refused"], item["repeats"], item["lane"], item["code_version"]) == (0, 1, "normal", None)
    assert RunPage.model_validate(answer).count == 1
    assert RunItem.model_validate(client.get(f"/api/v1/runs/{run.pk}").json()).id == str(run.pk)


def test_runs_api_calls_a_run_without_a_correct_answer_infinitely_dear(client: Client, db: None) -> None:
    make_run(outcomes=("incorrect",) * 3)

    item = client.get("/api/v1/runs").json()["items"][0]

    assert item["usd_per_correct_answer"] == "infinite"


@pytest.mark.parametrize("run_id", ["nonsense", "1a91d816-544c-43ad-9be7-cedd1102adbd"])
def test_runs_api_of_an_unknown_run_says_where_runs_are_listed(client: Client, db: None, run_id: str) -> None:
    problem = client.get(f"/api/v1/runs/{run_id}")

    assert problem.status_code == 404
    assert problem.json()["detail"] == f"There is no run {run_id!r}. GET /api/v1/runs lists all runs."


@pytest.mark.parametrize("samples", [1, 3])
def test_run_page_needs_as_many_queries_for_three_samples_as_for_one(
    client: Client, db: None, samples: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = make_run(outcomes=("correct",) * samples)

    with django_assert_num_queries(11):
        client.get(f"/evals/runs/{run.pk}/")


@pytest.mark.parametrize("runs", [1, 3])
def test_run_list_asks_as_many_queries_for_three_runs_as_for_one(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries, runs: int
) -> None:
    for _ in range(runs):
        make_run(outcomes=("correct", "incorrect"))

    with django_assert_num_queries(7):
        client.get("/evals/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 3),
        ("?suite=tiny-v1", 3),
        ("?endpoint=there", 1),
        ("?state=running", 1),
        ("?endpoint=there&state=running", 0),
        ("?endpoint=nobody", 3),
    ],
)
def test_run_list_is_filtered_by_its_address(client: Client, db: None, query: str, expected: int) -> None:
    make_run(outcomes=("correct", "incorrect"))
    make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    run = make_run(outcomes=("correct",))
    run.endpoint = Endpoint.objects.create(slug="there", name="There", base_url="http://127.0.0.1:1/v1", model_id="m")
    run.save()

    text = client.get(f"/evals/{query}").content.decode()

    assert text.count('<th scope="row">') == expected
    assert f"{expected} run{'' if expected == 1 else 's'}</span>" in text
    assert ("No run has the endpoint &#x27;nobody&#x27;, so that was left out." in text) == ("nobody" in query)
    assert ("No run is like this." in text) == (expected == 0)
    if "nobody" not in query:
        assert client.get(f"/api/v1/runs{query}").json()["count"] == expected


def test_run_list_shows_what_each_number_rests_on(client: Client, run: Run) -> None:
    text = client.get("/evals/").content.decode()

    assert "66.7%<br>" in text
    assert "2 of 3 scored" in text
    assert "<td>$0.002<br>" in text


@pytest.mark.parametrize(("query", "status"), [("?suite=tny-v1", 404), ("?state=nonsense", 400)])
def test_runs_api_says_which_filter_it_does_not_know(client: Client, run: Run, query: str, status: int) -> None:
    problem = client.get(f"/api/v1/runs{query}")

    assert problem.status_code == status
    assert ("Did you mean tiny-v1?" if status == 404 else "choose one of queued") in problem.json()["detail"]


def test_run_page_states_what_was_measured_with_what(client: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(code_version="0123456789ab", finished_at=make.at("2026-11-02"))

    text = client.get(f"/evals/runs/{run.pk}/").content.decode()

    for fact in ("<code>m</code>", "<code>0123456789ab</code>", "<code>tiny-v1</code>", "2 Nov 2026"):
        assert fact in text
    assert "temperature 0.0, seed 0, at most 16 output tokens, 1 repeat, normal lane" in text
    assert '<dd class="num">4 / 4</dd>' in text
    assert '<dd class="num">$0.004 / $1.00</dd>' in text


def test_version_that_a_run_measured_is_the_stated_one_before_that_of_the_offering(db: None) -> None:
    """Pages, changes, comparisons and the catalog must name the same weights."""
    stated, sold = make.make_version("Stated"), make.make_version("Sold")
    run = make_run(outcomes=("correct",))
    run.endpoint.offering = make.make_offering(sold)
    assert run.endpoint.served_version == sold
    run.endpoint.version = stated
    run.endpoint.save()

    assert run.endpoint.served_version == stated
    assert list(runs_of_versions([stated.pk])) == [run]
    assert list(runs_of_versions([sold.pk])) == []

    run.version = sold  # noted at its start; the endpoint was given other weights since
    run.save()
    assert run.measured_version == sold
    assert list(runs_of_versions([sold.pk])) == [run]
    assert list(runs_of_versions([stated.pk])) == []
