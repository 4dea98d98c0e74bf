"""Whether something is sold at a moment, and how its sale ended."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalog.models import Offering, Price
from catalog.selectors.price_timeline import price_changes, price_timelines
from catalog.selectors.prices import OfferingPrice, components_in_force, prices_in_force, version_price
from catalog.selectors.sales import EndOfSale
from tests.factories import at, make_offering, make_price, make_source, make_version

pytestmark = pytest.mark.django_db
MIX = {"input": 3, "output": 1}


@pytest.fixture
def offering() -> Offering:
    found = make_offering(make_version("GPT-5", developer="OpenAI"))
    for component, usd in (("input", "1.25"), ("output", "10")):
        make_price(found, component, usd, observed_from=at("2025-08-07"), last_seen=at("2025-11-06"))
    return found


def absent(offering: Offering, day: str, *components: str) -> None:
    prices = offering.prices.filter(component__in=components) if components else offering.prices
    prices.update(absent_since=at(day))


def offer(day: date | datetime) -> OfferingPrice:
    ((found,),) = prices_in_force(as_of=day).values()
    return found


def test_sale_ends_when_all_usual_prices_are_listed_no_more(offering: Offering) -> None:
    absent(offering, "2025-11-07")

    assert offer(date(2025, 11, 6)).ended is None
    ended = offer(date(2025, 11, 7)).ended
    assert ended == EndOfSale(date(2025, 11, 7), is_stated=False, source=make_source())
    assert ended.words == "not listed since 7 Nov 2025"
    assert offer(date(2025, 11, 7)).components["input"].usd_per_mtok == Decimal("1.25")


def test_sale_goes_on_while_one_usual_price_is_listed(offering: Offering) -> None:
    make_price(offering, "cached_input", "0.125", observed_from=at("2025-08-07"), absent_since=at("2025-09-01"))
    absent(offering, "2025-11-07", "input")

    assert offer(date(2025, 12, 1)).ended is None


def test_price_that_changed_during_the_day_is_sold_on_all_of_it(offering: Offering) -> None:
    noon = datetime(2025, 11, 7, 12, tzinfo=UTC)
    offering.prices.update(absent_since=noon)
    for component, usd in (("input", "1"), ("output", "8")):
        make_price(offering, component, usd, observed_from=noon)

    found = {day: offer(date(2025, 11, day)) for day in (7, 8)}

    assert [(each.ended, each.components["input"].usd_per_mtok) for each in found.values()] == [
        (None, Decimal("1.25")),
        (None, Decimal(1)),
    ]


def test_stated_end_comes_before_a_list_that_says_nothing(offering: Offering) -> None:
    absent(offering, "2025-11-07")
    Offering.objects.update(retired_on=date(2025, 10, 1))

    ((found,),) = prices_in_force(as_of=date(2025, 12, 1), with_retired=True).values()

    assert found.ended is not None
    assert found.ended.words == "withdrawn on 1 Oct 2025"
    assert prices_in_force(as_of=date(2025, 12, 1)) == {}


def test_price_of_a_version_is_of_those_who_sell_it(offering: Offering) -> None:
    other = make_offering(offering.version, provider="Azure")
    for component in ("input", "output"):
        make_price(other, component, "20", since="2025-08-07")
    absent(offering, "2025-11-07")

    ((offers),) = prices_in_force(as_of=date(2025, 12, 1)).values()
    found = version_price(offers, mix=MIX)

    assert (found.usd_per_mtok, found.provider, found.ended) == (Decimal(20), "Azure", None)


def test_price_that_nobody_asks_any_more_is_the_last_known_one(offering: Offering) -> None:
    absent(offering, "2025-11-07")

    found = version_price([offer(date(2025, 12, 1))], mix=MIX)

    # 3 x 1.25 + 10, over 4.
    assert (found.usd_per_mtok, found.provider) == (Decimal("3.4375"), "OpenAI")
    assert found.policy_note == "last known price, until 7 Nov 2025, the developer's own price"
    assert found.ended == EndOfSale(date(2025, 11, 7), is_stated=False, source=make_source())


def test_source_that_lists_a_price_comes_before_a_better_one_that_does_not(offering: Offering) -> None:
    absent(offering, "2025-11-07")
    worse = make_source("https://example.org/copy", rank=30)
    make_price(offering, "input", "1.5", source=worse, observed_from=at("2025-10-01"))

    found = {day: offer(day) for day in (date(2025, 11, 6), date(2025, 11, 7))}

    assert [(each.ended, each.components["input"].usd_per_mtok) for each in found.values()] == [
        (None, Decimal("1.25")),
        (None, Decimal("1.5")),
    ]


def test_components_in_force_are_those_of_the_prices(offering: Offering) -> None:
    cheap = make_offering(make_version("Cheap"), provider="Together")
    make_price(cheap, "output", "1", since="2025-01-01", until="2025-10-01")
    make_price(cheap, "input", "1", since="2025-01-01")
    for day in (date(2025, 1, 1), date(2025, 9, 1), date(2025, 12, 1)):
        found = [each for offers in prices_in_force(as_of=day).values() for each in offers]
        assert set(components_in_force(as_of=day)) == {
            (each.offering.version_id, each.offering.pk, name) for each in found for name in each.components
        }
    assert components_in_force(as_of=date(2025, 9, 1)) == [
        (cheap.version_id, cheap.pk, "input"),
        (cheap.version_id, cheap.pk, "output"),
        (offering.version_id, offering.pk, "input"),
        (offering.version_id, offering.pk, "output"),
    ]
    assert components_in_force(as_of=date(2025, 9, 1), version_ids=[cheap.version_id])[0][1] == cheap.pk


def test_timeline_ends_with_the_listing_and_begins_again_with_it(offering: Offering) -> None:
    absent(offering, "2025-11-07")
    (timeline,) = price_timelines()[offering.version_id]
    assert [(each.start, each.end) for each in timeline.periods] == [(at("2025-08-07"), at("2025-11-07"))]
    assert timeline.ended == EndOfSale(date(2025, 11, 7), is_stated=False, source=make_source())

    for component in ("input", "output"):
        make_price(offering, component, "2", observed_from=at("2025-12-01"))

    (timeline,) = price_timelines()[offering.version_id]
    assert [(each.start, each.end) for each in timeline.periods] == [
        (at("2025-08-07"), at("2025-11-07")),
        (at("2025-12-01"), None),
    ]
    assert timeline.ended is None


def test_timeline_agrees_with_the_prices_of_a_day(offering: Offering) -> None:
    absent(offering, "2025-11-07", "output")
    copy = make_source("https://example.org/copy", rank=30)
    make_price(offering, "input", "1.5", source=copy, observed_from=at("2025-09-01"), absent_since=at("2025-12-01"))
    Price.objects.filter(component="input", usd_per_mtok="1.25").update(absent_since=at("2025-10-01"))
    (timeline,) = price_timelines()[offering.version_id]

    for day in ("2025-08-07", "2025-09-30", "2025-10-01", "2025-11-07", "2025-11-30", "2025-12-01", "2026-01-01"):
        found, on = offer(at(day)), timeline.at(at(day))
        assert (on and on.components) == (None if found.ended else found.components), day


def test_listing_that_ends_is_no_change_of_price(offering: Offering) -> None:
    copy = make_source("https://example.org/copy", rank=30)
    make_price(offering, "input", "1.5", source=copy, observed_from=at("2025-09-01"))
    absent(offering, "2025-11-07")
    Price.objects.filter(source=copy).update(absent_since=None)

    assert price_changes(price_timelines()[offering.version_id]) == []
