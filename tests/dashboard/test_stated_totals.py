from datetime import date
from decimal import Decimal

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import TrainingRun
from dashboard.ledger import ledgers
from dashboard.stated_totals import conflicting_totals
from tests import factories as make


def wall_clock(run: TrainingRun) -> None:
    run.phases.update(gpus=16_384)
    make.make_claim(
        run.version,
        "training_gpu_hours",
        "35094528",
        qualifier="wall-clock hours x chips",
        note="2142 h x 16384",
        observed_at=make.at("2026-04-22"),
        source=make.make_source("https://epoch.example/models"),
    )


def test_two_totals_of_one_run_stand_side_by_side(two_runs: list[TrainingRun]) -> None:
    wall_clock(two_runs[1])

    (found,) = conflicting_totals(ledgers())

    assert (found.version, found.what) == (two_runs[1].version, "GPU-hours")
    assert found.spread == "the largest is 14% above the smallest"
    assert [(said.number, said.how, said.reading) for said in found.statements] == [
        (Decimal(30_840_000), "stated by the developer", "16,384 chips for 1,882 hours each (78 days)"),
        (Decimal(35_094_528), "wall-clock hours x chips", "16,384 chips for 2,142 hours each (89 days)"),
    ]


def test_total_that_repeats_the_sum_is_no_conflict(two_runs: list[TrainingRun]) -> None:
    make.make_claim(two_runs[0].version, "training_gpu_hours", "2788000")

    assert conflicting_totals(ledgers()) == []


def test_two_costs_of_a_model_without_a_ledger_conflict(db: None) -> None:
    version = make.make_version("Unledgered")
    make.make_claim(version, "training_cost_usd", "40000000", qualifier="2023 USD")
    make.make_claim(version, "training_cost_usd", "100000000", source=make.make_source("https://b.example/x"))

    (found,) = conflicting_totals([])

    assert [(said.text, said.reading) for said in found.statements] == [("$40.0M", ""), ("$100M", "")]
    assert found.spread == "up to 2.5×"


def test_cost_is_read_against_the_stated_hours(two_runs: list[TrainingRun]) -> None:
    for usd, url in (("5576000", "https://a.example/x"), ("5390000", "https://b.example/x")):
        make.make_claim(two_runs[0].version, "training_cost_usd", usd, source=make.make_source(url))

    (found,) = conflicting_totals(ledgers())

    assert [said.reading for said in found.statements] == [
        "$1.93 for each of the 2.79M hours",
        "$2.00 for each of the 2.79M hours",
    ]
    assert found.spread == "the largest is 3% above the smallest"


def test_total_without_a_day_of_reading_gives_the_day_of_its_publication(two_runs: list[TrainingRun]) -> None:
    wall_clock(two_runs[1])
    two_runs[1].phases.update(
        source=make.make_source("https://meta.example/card", published_on=date(2024, 7, 23), retrieved_at=None)
    )

    (found,) = conflicting_totals(ledgers())

    assert [said.dated for said in found.statements] == ["published 23 Jul 2024", "read 22 Apr 2026"]


def test_totals_take_one_query(two_runs: list[TrainingRun], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    wall_clock(two_runs[1])
    found = ledgers()

    with django_assert_num_queries(1):
        conflicting_totals(found)


def test_page_shows_both_totals_with_source_and_day(client: Client, two_runs: list[TrainingRun]) -> None:
    wall_clock(two_runs[1])

    page = client.get("/training/").content.decode()

    assert "Where stated totals disagree" in page
    assert "https://epoch.example/models" in page
    assert "2142 h x 16384" in page
    assert "22 Apr 2026" in page
