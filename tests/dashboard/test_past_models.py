"""Superseded versions and withdrawn models: beside the frontier, pale, and only when asked for."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import ModelVersion
from dashboard.answer import favourite_comparison, picks, sentence
from dashboard.charts import frontier as chart
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.frontier import frontier
from dashboard.frontier_words import first_pair, summary
from dashboard.query import FrontierQuery
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.pages_support import get, text_of

AS_OF = {"as_of": "2025-02-08"}
OLDER = AS_OF | {"older": "show"}


@pytest.fixture
def history(db: None) -> dict[str, ModelVersion]:
    """A model with an older version, a better one that was withdrawn, and one on sale that is dearer than it."""
    old = make.make_version("Pair", developer="A", label="2024-01-01", released="2024-01-01")
    new = make.make_version("Pair", developer="A", label="2024-06-01", released="2024-06-01")
    for version, usd in ((old, "1"), (new, "2")):
        for component in ("input", "output"):
            make.make_price(make.make_offering(version), component, usd, since="2024-01-01")
    gone = sold("Gone", "B", ("1", "1"))
    gone.offerings.update(retired_on=date(2025, 1, 10))
    dear = sold("Dear", "C", ("4", "4"))
    make.make_index({old: [120.0], new: [130.0], gone: [150.0], dear: [125.0]})
    return {"old": old, "new": new, "gone": gone, "dear": dear}


def test_past_models_are_hidden_by_default(history: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(AS_OF))

    assert [row.name for row in found.rows] == ["Pair", "Dear"]
    assert (found.past, [row.name for row in found.withdrawn]) == ([], ["Gone"])


def test_past_models_are_shown_beside_the_frontier(history: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(OLDER))

    assert [(row.name, row.id, row.cost, row.past_words, row.on_frontier, row.price_premium) for row in found.past] == [
        ("Gone", "gone", Decimal(1), "withdrawn on 10 Jan 2025", None, None),
        ("Pair 2024-01-01", "pair@pair-2024-01-01", Decimal(1), "superseded by Pair 2024-06-01", None, None),
    ]
    # The withdrawn model is cheaper and better than all: it sets no premium, and is not picked.
    assert [(row.name, row.on_frontier, row.price_premium) for row in found.rows] == [
        ("Pair", True, 1.0),
        ("Dear", False, 2.0),
    ]
    assert [pick.row.name for pick in picks(found)] == ["Pair"]
    assert found.past[0].price is not None
    assert found.past[0].price.policy_note == "last known price, until 10 Jan 2025, the developer's own price"


def test_price_that_ended_with_the_sale_is_the_last_known_one(db: None) -> None:
    version = make.make_version("Gone")
    offering = make.make_offering(version)
    for component in ("input", "output"):
        make.make_price(offering, component, "9", since="2024-01-01", until="2024-06-01")
        make.make_price(offering, component, "1", since="2024-06-01", until="2025-01-10")
    version.offerings.update(retired_on=date(2025, 1, 10))
    make.make_index({version: [130.0], sold("Sold", "B", ("1", "1")): [120.0]})

    assert [row.cost for row in frontier(FrontierQuery.parse(OLDER)).past] == [Decimal(1)]


def test_model_that_one_provider_stopped_selling_is_still_on_sale(db: None) -> None:
    version = sold("Kept", "A", ("1", "1"))
    version.offerings.update(retired_on=date(2025, 1, 10))
    offering = make.make_offering(version, provider="Host")
    for component in ("input", "output"):
        make.make_price(offering, component, "3", since="2024-01-01")
    make.make_index({version: [130.0]})

    found = frontier(FrontierQuery.parse(OLDER))

    assert [(row.name, row.cost, row.withdrawn_on) for row in found.rows] == [("Kept", Decimal(3), None)]
    assert found.past == []


def test_past_models_are_pale_and_named_in_the_tooltip(history: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(OLDER))
    marks = chart.figure(found)["data"][1]

    assert marks["text"] == ["Gone", "Pair 2024-01-01", "Pair", "Dear"]
    assert marks["marker"]["opacity"] == [0.45, 0.45, 1, 1]
    assert marks["customdata"][0][0] == "B · open weights · withdrawn on 10 Jan 2025"
    assert marks["customdata"][0][2].startswith("last known: $1.00 in")
    assert frontier_svg(found).count(" past") == 2
    assert "Not on sale, drawn pale: Gone, withdrawn on 10 Jan 2025; Pair 2024-01-01, superseded" in summary(found)


def test_past_models_are_marked_in_api_csv_and_table(client: Client, history: dict[str, ModelVersion]) -> None:
    items = client.get("/api/v1/frontier", OLDER).json()["items"]
    table = client.get("/frontier.csv", OLDER).content.decode()
    text = text_of(get(client, "/?as_of=2025-02-08&older=show"))

    assert [(item["name"], item["withdrawn_on"], item["superseded_by"]) for item in items] == [
        ("Pair", None, None),
        ("Dear", None, None),
        ("Gone", "2025-01-10", None),
        ("Pair 2024-01-01", None, "Pair 2024-06-01"),
    ]
    assert '"2025-01-10","",' in table
    assert "withdrawn on 10 Jan 2025" in text
    assert "Show those no longer sold" in text_of(get(client, "/?as_of=2025-02-08"))


def test_withdrawn_model_of_the_trio_stays_on_the_page(client: Client, three_models: dict[str, ModelVersion]) -> None:
    said = make.make_source("https://anthropic.example/deprecations", publisher="Anthropic")
    three_models["sonnet"].offerings.update(retired_on=date(2025, 2, 1), source=said)

    found = frontier(FrontierQuery.parse(AS_OF))
    page = get(client, "/?as_of=2025-02-08")

    assert [row.slug for row in found.rows] == ["deepseek-v3", "llama-3-1-405b"]
    assert [row.slug for row in found.past] == ["claude-3-5-sonnet"]
    drawn = frontier_svg(found, narrow=True, width=390, height=400)
    assert ">Claude 3.5 Sonnet</text>" in drawn
    pair = first_pair(found)
    assert pair is not None
    assert pair.words == (
        "Claude 3.5 Sonnet was withdrawn on 1 Feb 2025. At last known prices, DeepSeek-V3 is level with "
        "Claude 3.5 Sonnet, within the uncertainty, and costs 92% less."
    )
    assert '<a href="/compare/deepseek-v3/claude-3-5-sonnet/">Compare them</a>' in page
    assert pair.sources == [said]
    assert said in found.past[0].sources
    assert 'Source: <a href="https://anthropic.example/deprecations"' in page
    assert first_pair(frontier(FrontierQuery.parse({"as_of": "2025-01-31"}))) is None


def test_pair_that_others_sell_is_compared_below_the_headline(three_models: dict[str, ModelVersion]) -> None:
    three_models["sonnet"].offerings.update(retired_on=date(2025, 2, 1))
    offering = make.make_offering(three_models["sonnet"], provider="Host")
    for component in ("input", "output"):
        make.make_price(offering, component, "4", since="2025-01-01")

    pair = first_pair(frontier(FrontierQuery.parse(AS_OF)))

    assert pair is not None
    assert pair.words == (
        "Claude 3.5 Sonnet is no longer sold by Anthropic, but by others. DeepSeek-V3 is level with Claude 3.5 Sonnet, "
        "within the uncertainty, and costs 88% less."
    )


def test_headline_is_the_cheapest_that_is_level_with_the_best(db: None) -> None:
    levels = {
        sold("Weak", "A", ("0.1", "0.1")): [100.0, 101.0, 99.0, 100.0],
        sold("Value", "B", ("0.5", "0.5")): [148.0, 151.0, 149.0, 148.0],
        sold("Middle", "C", ("2", "2")): [149.0, 151.0, 149.0, 150.0],
        sold("Best", "D", ("5", "5")): [150.0, 150.0, 151.0, 150.0],
    }
    make.make_index(levels)
    found = frontier(FrontierQuery())

    assert sentence(found) == "Value is level with Best, within the uncertainty, and costs 90% less."
    comparison = favourite_comparison(found)
    assert comparison is not None
    assert (comparison.first.slug, comparison.second.slug) == ("value", "best")


def test_headline_passes_over_levels_of_few_scores(db: None) -> None:
    thin, sure = sold("Thin", "A", ("0.1", "0.1")), sold("Sure", "B", ("1", "1"))
    best = sold("Best", "C", ("2", "2"))
    fit = make.make_index({thin: [150.0, 150.0], sure: [150.0, 150.0], best: [151.0, 149.5]})
    fit.estimates.filter(version=thin).update(status="provisional")

    assert sentence(frontier(FrontierQuery())).startswith("Sure is level with Best")


def test_headline_of_the_pair_stays_while_both_are_sold(three_models: dict[str, ModelVersion]) -> None:
    three_models["sonnet"].offerings.update(retired_on=date(2025, 10, 28))

    assert sentence(frontier(FrontierQuery.parse(AS_OF))).startswith("DeepSeek-V3 is level with Claude 3.5 Sonnet")
    assert "Claude" not in sentence(frontier(FrontierQuery.parse({"as_of": "2025-11-01"})))


def test_ids_of_points_differ_where_a_version_is_called_as_a_model(db: None) -> None:
    old = sold("Foo", "Bar", ("1", "1"), since="2024-01-01")
    new = make.make_version("Foo", developer="Bar", label="2025", released="2025-01-01")
    offering = make.make_offering(new)
    for component in ("input", "output"):
        make.make_price(offering, component, "2", since="2025-01-01")
    make.make_index({old: [100.0], new: [110.0]})

    found = frontier(FrontierQuery.parse({"older": "show", "as_of": "2025-02-08"}))

    assert [row.id for row in found.shown] == ["foo", "foo@foo"]


def test_note_of_a_last_price_has_the_day_on_which_that_offer_ended(db: None) -> None:
    version = sold("Foo", "Bar", ("1", "1"), since="2024-01-01")
    version.offerings.update(retired_on=date(2025, 1, 1))
    later = make.make_offering(version, provider="Third")
    for component in ("input", "output"):
        make.make_price(later, component, "5", since="2024-01-01")
    later.retired_on = date(2025, 10, 1)
    later.save()
    make.make_index({version: [100.0]})

    row = frontier(FrontierQuery.parse({"older": "show", "as_of": "2025-11-01"})).past[0]

    assert row.price is not None
    assert (row.usd_per_mtok, row.withdrawn_on) == (Decimal(1), date(2025, 10, 1))
    assert row.price.policy_note.startswith("last known price, until 1 Jan 2025, ")
