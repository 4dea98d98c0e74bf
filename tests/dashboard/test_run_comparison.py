"""The headline of compared runs: of shared items only, with names that tell the runs apart."""

import re

from django.test import Client

from evals.models import Run
from tests.dashboard.test_run_pages import run_on, text_of


def ask_only(run: Run, *positions: int) -> None:
    """As if the run had been limited to these items."""
    run.samples.exclude(position__in=positions).delete()


def headline(client: Client, *runs: Run) -> str:
    text = text_of(client, f"/evals/compare/?runs={','.join(str(run.pk) for run in runs)}")
    found = re.search("<h1>(.*?)</h1>", text)
    assert found
    return found[1]


def test_comparison_of_runs_with_different_items_speaks_of_the_shared_ones(client: Client, db: None) -> None:
    # Over their own items: 12 of 12 and 12 of 24. Over the 12 shared ones the second is as good.
    short, long = run_on("short", "c" * 12), run_on("long", "c" * 12 + "i" * 12)

    assert headline(client, short, long) == (
        "Short and Long answer equally many right (100.0% of 12 shared items); right answers cost the same "
        "($0.001 each)."
    )


def test_comparison_ranks_by_the_shared_items_where_the_own_rates_say_the_opposite(client: Client, db: None) -> None:
    better, worse = run_on("better", "c" * 12 + "i" * 12), run_on("worse", "c" * 3 + "i" * 9 + "c" * 28)
    ask_only(worse, *range(12), *range(24, 40))  # over their own items: 12 of 24, and 19 of 28

    assert headline(client, better, worse) == (
        "Better is ahead for certain (100.0% of 12 shared items), and has the cheapest right answers ($0.001 each)."
    )


def test_comparison_without_a_shared_item_says_that_there_is_none(client: Client, db: None) -> None:
    first, second = run_on("first", "cccc"), run_on("second", "cccc")
    ask_only(first, 0, 1)
    ask_only(second, 2, 3)

    assert headline(client, first, second) == "These runs have no scored item in common, so they cannot be compared."


def test_comparison_tells_two_runs_of_one_endpoint_apart_by_their_moment(client: Client, db: None) -> None:
    runs = run_on("twice", "c" * 12), run_on("twice", "c" * 6 + "i" * 6), run_on("twice", "i" * 12)
    for run, moment in zip(runs, ("09:05", "14:30", "14:30"), strict=True):
        Run.objects.filter(pk=run.pk).update(created_at=f"2026-11-02 {moment}Z")
    first, second, third = (
        "Twice of 2 Nov 2026 09:05 UTC",
        *(f"Twice run {str(run.pk)[:8]}" for run in runs[1:]),
    )

    text = text_of(client, f"/evals/compare/?runs={','.join(str(run.pk) for run in runs)}")

    assert f"<h1>{first} is ahead" in text
    for name in (first, second, third):
        assert f'">{name}</a>' in text
    assert f"{first} and {second}, answer by answer" in text
    assert f"only {first} right 6" in text
    assert not re.search(r"Twice(?! of| run)", text)


def test_runs_that_are_level_in_front_are_named_together(client: Client, db: None) -> None:
    runs = run_on("one", "c" * 12), run_on("two", "c" * 12), run_on("three", "c" * 6 + "i" * 6)

    assert headline(client, *runs) == (
        "One and Two are level in front (100.0% of 12 shared items each), and have the cheapest right answers "
        "($0.001 each)."
    )
