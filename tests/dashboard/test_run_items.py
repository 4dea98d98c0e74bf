"""Items of a run with repeats: one row each, its spread, its filters and its pages."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.run_items import filters, item_rows, items_shown
from evals.models import Attempt, Run, RunSample
from tests import factories as make
from tests.dashboard.test_runs import make_run

pytestmark = pytest.mark.django_db
WORDS = {"c": "correct", "i": "incorrect", "f": ""}


def make_repeats(*items: str) -> Run:
    """A letter per repeat of each item: c, i, f for failed. Repeat r costs r + 1 tenths of a cent, answers after 100
    (r + 1) ms with a text of its own.
    """
    run = make_run(outcomes=tuple(WORDS[each[0]] for each in items), repeats=len(items[0]))
    for n, letters in enumerate(items):
        first = run.samples.get(sample__key=f"q{n}")
        for repeat, letter in enumerate(letters[1:], start=1):
            sample = RunSample.objects.create(
                run=run,
                sample=first.sample,
                repeat=repeat,
                position=len(items) * repeat + n,
                state="done" if WORDS[letter] else "failed",
                outcome=WORDS[letter],
                answer="7" if letter == "c" else str(repeat),
            )
            Attempt.objects.create(
                run_sample=sample,
                n=1,
                state="answered" if WORDS[letter] else "error",
                request={},
                text=f"reply {repeat}",
                input_tokens=10,
                output_tokens=5,
                reserved_usd=Decimal("0.01"),
                cost_usd=Decimal("0.001") * (repeat + 1),
                started_at=make.at("2026-11-01"),
                latency_ms=100 * (repeat + 1),
            )
    return run


def keys(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><code>(q\d+)</code>', text)


def test_repeats_of_an_item_are_one_row_with_share_cost_and_latency(client: Client) -> None:
    run = make_repeats("cic", "ccc")

    text = client.get(f"/evals/runs/{run.pk}/").content.decode()

    assert keys(text) == ["q0", "q1"]
    assert '<em class="badge is-warn">2 of 3 right</em><br><span class="fine">repeats disagree</span></td>' in text
    assert '<em class="badge is-good">3 of 3 right</em></td>' in text
    assert text.count("<td>$0.006</td>") == 2
    assert text.count("<td>100 to 300 ms</td>") == 2
    assert "2 items, each asked 3 times and shown once with its spread" in text
    assert text.count("<b>Repeat 2</b>") == 2
    assert text.count("<pre>reply 2</pre>") == 2
    assert text.count("<details><summary>&lt;b&gt;What&lt;/b&gt; is 0?</summary>") == 1


def test_row_of_an_item_names_the_different_answers_and_what_was_not_judged() -> None:
    row = item_rows(run := make_repeats("iiccf"), items_shown(run))[0]

    assert row.answers == "7 ×2; 0 ×1; 1 ×1; 1 other answer"
    assert (row.n_right, row.n_scored, row.others, row.latency) == (2, 4, "1 failed, not scored", "100 to 400 ms")


def test_cost_of_an_item_is_a_bound_when_a_call_reported_none() -> None:
    run = make_repeats("cc")
    Attempt.objects.filter(run_sample__repeat=1).update(cost_usd=None)

    row = item_rows(run, items_shown(run))[0]

    assert (row.cost_usd, row.cost_is_lower_bound) == (Decimal("0.001"), True)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("", ["q0", "q1", "q2", "q3"]),
        ("incorrect", ["q1", "q2"]),
        ("failed", ["q3"]),
        ("disagree", ["q1"]),
        ("correct", ["q0", "q1", "q3"]),
        ("nonsense", ["q0", "q1", "q2", "q3"]),
    ],
)
def test_filter_in_the_address_leaves_the_items_of_which_a_repeat_is_so(
    client: Client, shown: str, expected: list[str]
) -> None:
    run = make_repeats("ccc", "cic", "iii", "cfc")

    text = client.get(f"/evals/runs/{run.pk}/?outcome={shown}").content.decode()

    assert keys(text) == expected
    assert {each.word: each.count for each in filters(run)} == {
        "incorrect": 2,
        "failed": 1,
        "disagree": 1,
        "correct": 3,
    }


def test_filter_that_leaves_nothing_says_so_and_leads_back(client: Client) -> None:
    run = make_repeats("cc")

    text = client.get(f"/evals/runs/{run.pk}/?outcome=disagree").content.decode()

    assert keys(text) == []
    assert f'No item is like this. <a href="/evals/runs/{run.pk}/#samples">Show all 1.</a>' in text


def test_items_are_turned_page_by_page_with_their_filter_and_total(client: Client) -> None:
    run = make_run(outcomes=("incorrect",) * 52)

    text = client.get(f"/evals/runs/{run.pk}/?outcome=incorrect&page=2").content.decode()

    assert keys(text) == ["q50", "q51"]
    assert "52 of 52 items" in text
    assert "Page 2 of 2, 52 in all" in text
    assert 'href="?outcome=incorrect&amp;page=1#samples" rel="prev"' in text


@pytest.mark.parametrize("items", [("cc",), ("cc", "ci", "ff")])
def test_run_with_repeats_asks_as_many_queries_for_three_items_as_for_one(
    client: Client, items: tuple[str, ...], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = make_repeats(*items)

    with django_assert_num_queries(11):
        client.get(f"/evals/runs/{run.pk}/")
