"""Prices as periods: they say for every moment what ``prices_in_force`` says for it."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import ModelVersion
from catalog.selectors.price_timeline import Basis, announced_prices, price_changes, price_timelines
from catalog.selectors.prices import prices_in_force
from tests.factories import at, make_offering, make_price, make_source, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> ModelVersion:
    return make_version("DeepSeek-V3")


def periods(
    version: ModelVersion, basis: Basis = "effective"
) -> list[tuple[datetime | None, datetime | None, Decimal | None]]:
    (timeline,) = price_timelines(version_ids=[version.pk], basis=basis)[version.pk]
    return [(each.start, each.end, each.price.components["input"].usd_per_mtok) for each in timeline.periods]


def test_periods_follow_stated_days(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0.14", since="2024-12-26", until="2025-02-08")
    make_price(offering, "input", "0.27", since="2025-02-08")
    assert periods(version) == [
        (at("2024-12-26"), at("2025-02-08"), Decimal("0.14")),
        (at("2025-02-08"), None, Decimal("0.27")),
    ]


def test_periods_leave_a_gap_where_nothing_is_known(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "1", since="2025-01-01", until="2025-02-01")
    make_price(offering, "input", "2", since="2025-03-01")
    assert [(start, end) for start, end, _ in periods(version)] == [
        (at("2025-01-01"), at("2025-02-01")),
        (at("2025-03-01"), None),
    ]


def test_periods_join_where_the_price_row_stays(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "1", since="2025-01-01")
    make_price(offering, "output", "4", since="2025-01-01")
    worse = make_source("https://example.org/copy", rank=30)
    make_price(offering, "input", "1", source=worse, observed_from=at("2025-02-01"))
    assert periods(version) == [(at("2025-01-01"), None, Decimal(1))]


def test_periods_end_when_the_offering_is_retired(version: ModelVersion) -> None:
    offering = make_offering(version)
    offering.retired_on = at("2025-06-01").date()
    offering.save()
    make_price(offering, "input", "1", since="2025-01-01")
    assert periods(version) == [(at("2025-01-01"), at("2025-06-01"), Decimal(1))]


def test_observed_basis_knows_sights_only(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0.14", since="2024-12-26", until="2025-02-08")
    make_price(offering, "input", "0.27", since="2025-02-08", observed_from=at("2025-02-20"))
    assert periods(version, basis="observed") == [(at("2025-02-20"), None, Decimal("0.27"))]


def test_observed_basis_leaves_out_what_was_read_as_history(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0.23", until="2026-10-19", confidence="low", observed_from=at("2026-11-09"))
    make_price(offering, "input", "0.27", observed_from=at("2026-10-19"))
    assert periods(version, basis="observed") == [(at("2026-10-19"), None, Decimal("0.27"))]


def test_timelines_agree_with_prices_in_force_at_every_moment(version: ModelVersion) -> None:
    good, copy = make_source("https://example.org/a", rank=10), make_source("https://example.org/b", rank=30)
    first, second = make_offering(version), make_offering(version, provider="Together")
    make_price(first, "input", "0.14", since="2024-12-26", until="2025-02-08", source=good)
    make_price(first, "input", "0.27", since="2025-02-08", until="2025-08-21", source=good)
    make_price(first, "input", "0.3", observed_from=at("2025-02-20"), source=copy)
    make_price(first, "input", "0.5", until="2025-01-10", source=copy)
    make_price(first, "input", "0.135", until="2025-09-05", source=good, utc_from=time(16, 30), utc_to=time(0, 30))
    make_price(first, "output", "1.1", observed_from=at("2025-03-01"), source=copy)
    make_price(first, "output", "9", since="2026-01-01", announced=True)
    guess: dict[str, Any] = {"source": copy, "confidence": "low", "until": "2025-06-01"}
    make_price(second, "output", "2", observed_from=at("2025-04-01"), **guess)
    make_price(second, "output", "3", observed_from=at("2025-07-01"), **guess)
    make_price(second, "input", "1.25", observed_from=at("2025-01-15"), source=copy)
    make_price(second, "input", "0.9", observed_from=at("2025-07-15"), source=copy)
    make_price(second, "input", "0.5", since="2025-01-15", service_class="batch")
    timelines = price_timelines()[version.pk]
    moment, compared = datetime(2024, 12, 1, tzinfo=UTC), 0
    while moment < datetime(2026, 3, 1, tzinfo=UTC):
        stated = {
            offer.offering.pk: (offer.components, offer.conflicts)
            for offer in prices_in_force(as_of=moment).get(version.pk, [])
        }
        ours = {
            timeline.offering.pk: (price.components, price.conflicts)
            for timeline in timelines
            if (price := timeline.at(moment))
        }
        assert ours == stated, moment
        compared += len(ours)
        moment += timedelta(hours=60)
    assert compared == 346


def test_changes_name_from_to_and_share(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0.14", since="2024-12-26", until="2025-02-08")
    make_price(offering, "input", "0.27", since="2025-02-08")
    (change,) = price_changes(price_timelines()[version.pk])
    assert (change.component, change.at) == ("input", at("2025-02-08"))
    assert (change.before.usd_per_mtok, change.after.usd_per_mtok) == (Decimal("0.14"), Decimal("0.27"))
    assert change.share == Decimal("0.27") / Decimal("0.14") - 1
    assert not change.is_observed_only


def test_changes_ignore_a_gap_and_a_repeated_price(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "1", observed_from=at("2025-01-01"))
    make_price(offering, "input", "1", observed_from=at("2025-02-01"))
    make_price(offering, "input", "0.5", observed_from=at("2025-03-01"))
    (change,) = price_changes(price_timelines()[version.pk])
    assert (change.at, change.share, change.is_observed_only) == (at("2025-03-01"), Decimal("-0.5"), True)


def test_changes_do_not_take_a_night_discount_for_a_cut(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0.27", since="2025-03-24", until="2025-08-21")
    make_price(offering, "input", "0.135", until="2025-09-05", utc_from=time(16, 30), utc_to=time(0, 30))
    assert price_changes(price_timelines()[version.pk]) == []


def test_changes_do_not_follow_an_undated_price_of_another_source(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0.43", until="2026-06-01", source=make_source("https://example.org/b", rank=30))
    make_price(offering, "input", "1.74", since="2026-04-24")
    assert price_changes(price_timelines()[version.pk]) == []


def test_change_from_nothing_has_no_share(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "0", since="2025-01-01", until="2025-02-01")
    make_price(offering, "input", "1", since="2025-02-01")
    (change,) = price_changes(price_timelines()[version.pk])
    assert change.share is None


def test_announced_prices_stand_apart(version: ModelVersion) -> None:
    offering = make_offering(version)
    make_price(offering, "input", "2", since="2025-01-01")
    later = make_price(offering, "input", "3", since="2026-09-01", announced=True)
    assert announced_prices(after=at("2026-01-01")) == [later]
    assert announced_prices(after=at("2026-10-01")) == []
    assert periods(version) == [(at("2025-01-01"), None, Decimal(2))]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_timelines_need_three_queries(django_assert_num_queries: DjangoAssertNumQueries, count: int) -> None:
    for i in range(count):
        make_price(make_offering(make_version(f"Model {i}")), "input", "1", since="2025-01-01")
    with django_assert_num_queries(3 if count else 1):
        price_timelines()
