from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from catalog.models import Price
from catalog.selectors.price_timeline import price_timelines
from catalog.selectors.prices import OfferingPrice, PricePolicy, price_history, prices_in_force, version_price
from tests.factories import at, make_offering, make_price, make_source, make_version

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]
MIX = {"input": 3, "cached_input": 0, "output": 1}


def usd(found: dict[int, list[OfferingPrice]], component: str = "input") -> Decimal | None:
    """The price of the only offering."""
    ((offering_price,),) = found.values()
    return offering_price.components[component].usd_per_mtok


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 2, 7), Decimal("0.14")),
        (date(2025, 2, 8), Decimal("0.27")),
        (datetime(2025, 2, 7, 23, 59, 59, tzinfo=UTC), Decimal("0.14")),
        (datetime(2025, 2, 8, tzinfo=UTC), Decimal("0.27")),
    ],
)
def test_price_holds_from_its_start_to_before_its_end(day: date, expected: Decimal) -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "0.14", since="2024-12-26", until="2025-02-08")
    make_price(offering, "input", "0.27", since="2025-02-08")

    assert usd(prices_in_force(as_of=day)) == expected


@pytest.mark.parametrize("fields", [{"announced": True, "since": "2025-01-01"}, {}])
def test_price_announced_or_undated_is_not_in_force(fields: dict[str, Any]) -> None:
    make_price(make_offering(make_version()), "input", "3", **fields)

    assert prices_in_force(as_of=date(2025, 6, 1)) == {}


def test_price_that_was_only_seen_holds_until_the_source_shows_another() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "3", observed_from=at("2024-12-01"), last_seen=at("2024-12-31"))
    make_price(offering, "input", "2", observed_from=at("2025-04-01"), last_seen=at("2025-04-30"))

    assert prices_in_force(as_of=date(2024, 11, 30)) == {}
    assert usd(prices_in_force(as_of=date(2025, 2, 1))) == 3
    assert usd(prices_in_force(as_of=date(2026, 2, 1))) == 2


@pytest.mark.parametrize(
    ("confidence", "observed", "days"),
    [
        # A dated change: the price before it goes back to the release.
        ("medium", "2026-11-09", {"2025-02-08": 2, "2026-10-18": 2, "2026-10-19": None, "2026-11-10": None}),
        ("high", None, {"2025-02-08": 2, "2026-10-19": None}),
        # A day on which the change was noticed: nothing is shown by a row that was read as history ...
        ("low", "2026-11-09", {"2025-02-08": None, "2026-10-18": None, "2026-10-19": None, "2026-11-10": None}),
        ("low", None, {"2025-02-08": None, "2026-10-18": None}),
        # ... and one that was seen while it held counts from then on.
        ("low", "2026-09-01", {"2025-02-08": None, "2026-08-31": None, "2026-09-01": 2, "2026-10-19": None}),
    ],
)
def test_price_of_an_unstated_start_holds_only_where_that_can_be_shown(
    confidence: str, observed: str | None, days: dict[str, int | None]
) -> None:
    version = make_version()
    seen = at(observed) if observed else None
    make_price(make_offering(version), "input", "2", until="2026-10-19", confidence=confidence, observed_from=seen)

    (timeline,) = price_timelines()[version.pk]
    for day, expected in days.items():
        in_force, period = prices_in_force(as_of=at(day)), timeline.at(at(day))
        assert (usd(in_force) if in_force else None) == expected, day
        assert (period.components["input"].usd_per_mtok if period else None) == expected, day


def test_price_with_a_stated_start_beats_an_observation_of_the_same_source() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "10", observed_from=at("2025-07-01"))
    make_price(offering, "input", "2", since="2025-06-10")

    assert usd(prices_in_force(as_of=date(2025, 8, 1))) == 2


def test_price_of_the_standard_hours_wins_over_a_discount() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "0.27", since="2025-02-08")
    make_price(offering, "input", "0.135", since="2025-03-01", utc_from=time(16, 30), utc_to=time(0, 30))

    assert usd(prices_in_force(as_of=date(2025, 4, 1))) == Decimal("0.27")


def test_price_of_hours_only_is_the_dearest() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "0.15", since="2026-09-10", utc_from=time(10), utc_to=time(1))
    make_price(offering, "input", "0.3", since="2026-09-10", utc_from=time(1), utc_to=time(4), weekdays="12345")
    make_price(offering, "input", "0.15", since="2026-09-10", weekdays="67")

    assert usd(prices_in_force(as_of=date(2026, 10, 1))) == Decimal("0.3")


def test_price_that_a_feed_dropped_gives_way_to_one_it_lists() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "0.2", observed_from=at("2025-01-01"), absent_since=at("2026-01-01"))
    make_price(offering, "input", "0.3", observed_from=at("2025-06-01"), utc_from=time(1), utc_to=time(4))

    assert usd(prices_in_force(as_of=date(2026, 2, 1))) == Decimal("0.3")


@pytest.mark.parametrize(("tokens", "expected"), [(0, "0.1"), (100_000, "0.1"), (100_001, "0.5")])
def test_price_of_a_long_prompt_is_its_tier(tokens: int, expected: str) -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "0.1", since="2026-10-07")
    make_price(offering, "input", "0.5", since="2026-10-07", min_input_tokens=100_001)

    assert usd(prices_in_force(as_of=date(2026, 11, 1), input_tokens=tokens)) == Decimal(expected)


def test_price_of_the_batch_class_is_asked_for_by_name() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "2", since="2025-01-01")
    make_price(offering, "input", "1", since="2025-01-01", service_class="batch")

    assert usd(prices_in_force(as_of=date(2025, 2, 1))) == 2
    assert usd(prices_in_force(as_of=date(2025, 2, 1), service_class="batch")) == 1


def test_price_of_two_sources_is_that_of_the_lowest_rank_and_the_other_is_counted() -> None:
    offering = make_offering(make_version())
    feed = make_source("https://example.org/feed", kind="curated", rank=30)
    make_price(offering, "input", "0.27", since="2025-02-08")
    make_price(offering, "input", "0.14", since="2025-03-01", source=feed)
    make_price(offering, "output", "1.1", since="2025-02-08")
    make_price(offering, "output", "1.1", since="2025-03-01", source=feed)
    make_price(offering, "cached_input", None, since="2025-03-01", source=feed)
    make_price(offering, "cached_input", "0.07", since="2025-02-08")

    ((price,),) = prices_in_force(as_of=date(2025, 4, 1)).values()

    assert price.components["input"].usd_per_mtok == Decimal("0.27")
    assert price.components["input"].source.rank == 10
    assert price.conflicts == 1  # the unknown cached price contradicts nobody


def test_price_of_an_unknown_component_is_none_and_of_a_free_one_zero() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", None, since="2025-01-01")
    make_price(offering, "output", "0", since="2025-01-01")

    found = prices_in_force(as_of=date(2025, 2, 1))

    assert usd(found) is None
    assert usd(found, "output") == 0


def test_price_of_a_retired_or_regional_offering_is_left_out() -> None:
    version = make_version()
    make_price(make_offering(version, provider="One"), "input", "1", since="2025-01-01")
    gone = make_offering(version, provider="Two")
    gone.retired_on = date(2025, 6, 1)
    gone.save()
    make_price(gone, "input", "2", since="2025-01-01")
    regional = make_offering(version, provider="Three")
    regional.region = "eu"
    regional.save()
    make_price(regional, "input", "3", since="2025-01-01")

    assert [len(found) for found in prices_in_force(as_of=date(2025, 5, 31)).values()] == [2]
    assert usd(prices_in_force(as_of=date(2025, 6, 1))) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_prices_in_force_takes_three_queries(count: int, django_assert_num_queries: Queries) -> None:
    for number in range(count):
        offering = make_offering(make_version(f"Model {number}"), provider=f"Provider {number}")
        make_price(offering, "input", "1", since="2025-01-01", source=make_source(f"https://example.org/{number}"))

    with django_assert_num_queries(3):
        found = prices_in_force(as_of=date(2025, 2, 1))
        assert len([price.offering.version.model.developer for prices in found.values() for price in prices]) == count
        version_price(next(iter(found.values())), mix=MIX)


@pytest.mark.parametrize("count", [1, 3])
def test_price_history_takes_one_query(count: int, django_assert_num_queries: Queries) -> None:
    versions = [make_version(f"Model {number}") for number in range(count)]
    for version in versions:
        make_price(make_offering(version), "input", "1", since="2025-01-01")

    with django_assert_num_queries(1):
        history = price_history(version_ids=[version.pk for version in versions])
        assert {str(price.source) + str(price.offering.provider) for price in history} == {
            "Example: https://example.org/reportDeepSeek"
        }


def test_price_history_runs_from_old_to_new() -> None:
    offering = make_offering(make_version())
    new = make_price(offering, "input", "0.27", since="2025-02-08")
    old = make_price(offering, "input", "0.14", since="2024-12-26", until="2025-02-08")
    undated = make_price(offering, "input", "0.1")

    assert price_history(version_ids=[offering.version_id]) == [undated, old, new]


# ---- one price per version ------------------------------------------------------------------------------------------


def asked(*prices: tuple[str, str]) -> list[OfferingPrice]:
    """Offerings of DeepSeek-V3 with one price for input and output: (provider, price)."""
    version = make_version()
    for provider, value in prices:
        offering = make_offering(version, provider=provider)
        for component in ("input", "output"):
            make_price(offering, component, value, since="2025-01-01")
    return prices_in_force(as_of=date(2025, 2, 1)).get(version.pk, [])


@pytest.mark.parametrize(
    ("policy", "value", "provider", "note"),
    [
        ("first_party", 3, "DeepSeek", "the developer's own price"),
        ("cheapest", 1, "Alpha", "cheapest of 4 providers"),
        ("median", 2, "Beta", "lower of the two middle prices of 4 providers"),
    ],
)
def test_version_price_by_policy(policy: PricePolicy, value: int, provider: str, note: str) -> None:
    price = version_price(
        asked(("Alpha", "1"), ("Beta", "2"), ("DeepSeek", "3"), ("Gamma", "4")), mix=MIX, policy=policy
    )

    assert (price.usd_per_mtok, price.provider, price.policy_note) == (Decimal(value), provider, note)


def test_version_price_without_the_developer_is_the_median_and_says_so() -> None:
    price = version_price(asked(("Alpha", "1"), ("Beta", "2"), ("Gamma", "9")), mix=MIX)

    assert (price.usd_per_mtok, price.policy_note) == (Decimal(2), "median of 3 providers")


def test_version_price_of_one_reseller_says_so() -> None:
    assert version_price(asked(("Alpha", "1")), mix=MIX).policy_note == "the only provider"


def test_version_price_without_any_price_is_unknown() -> None:
    price = version_price([], mix=MIX)

    assert (price.usd_per_mtok, price.offering_price, price.policy_note) == (
        None,
        None,
        "no provider has a price for this mix",
    )


def test_version_price_weighs_the_mix_and_names_what_it_assumed() -> None:
    offering = make_offering(make_version())
    make_price(offering, "input", "0.27", since="2025-02-08")
    make_price(offering, "output", "1.10", since="2025-02-08")
    found = prices_in_force(as_of=date(2025, 2, 8))[offering.version_id]

    assert version_price(found, mix=MIX).usd_per_mtok == Decimal("0.4775")
    cached = version_price(found, mix={"input": 1, "cached_input": 2, "output": 1})
    assert (cached.usd_per_mtok, cached.assumed) == (Decimal("0.4775"), ("cached_input",))


@pytest.mark.parametrize(
    ("cached", "usd", "assumed", "note"),
    [
        # (2 input + 18 cached + 1 output) / 21 with input = output = 1, 2, 3, 4: what is assumed costs as input.
        (
            (None, None, None, None),
            "2",
            True,
            "lower of the two middle prices of 4 providers, a price of the mix assumed",
        ),
        ((None, "1", "1", None), "1.142857142857", False, "lower of the two middle prices of 2 providers"),
        ((None, "1", "1", "1"), "1.285714285714", False, "median of 3 providers"),
        ((None, None, None, "0.5"), "1", False, "the only provider"),
    ],
)
def test_version_price_takes_the_median_of_known_prices_where_there_are_any(
    cached: tuple[str | None, ...], usd: str, assumed: bool, note: str
) -> None:
    version = make_version()
    for number, value in enumerate(cached, start=1):
        offering = make_offering(version, provider=f"Provider {number}")
        for component, price in (("input", str(number)), ("cached_input", value), ("output", str(number))):
            if price:
                make_price(offering, component, price, since="2025-01-01")
    offers = prices_in_force(as_of=date(2025, 2, 1))[version.pk]

    found = version_price(offers, mix={"input": 2, "cached_input": 18, "output": 1})

    assert found.usd_per_mtok is not None
    assert (round(found.usd_per_mtok, 12), found.assumed == ("cached_input",)) == (Decimal(usd), assumed)
    known = "" if assumed else " with every price of the mix known, of 4"
    assert found.policy_note == note + known
    usual = version_price(offers, mix=MIX)
    assert (usual.usd_per_mtok, usual.assumed) == (Decimal(2), ())
    assert usual.policy_note == "lower of the two middle prices of 4 providers"


def test_version_price_takes_the_newest_of_a_providers_offerings() -> None:
    version = make_version("o3", developer="OpenAI")
    stale, moved = make_offering(version, model_id="o3-2025-04-16"), make_offering(version, model_id="o3")
    for component, before, after in (("input", "10", "2"), ("output", "40", "8")):
        make_price(stale, component, before, observed_from=at("2025-04-01"))
        make_price(moved, component, after, since="2025-06-10")

    price = version_price(prices_in_force(as_of=date(2025, 6, 10))[version.pk], mix=MIX)

    assert price.usd_per_mtok == Decimal("3.5")


def test_price_refuses_to_be_negative() -> None:
    with pytest.raises(IntegrityError):
        Price.objects.filter(pk=make_price(make_offering(make_version()), "input", "1").pk).update(usd_per_mtok=-1)
