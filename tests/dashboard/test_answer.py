from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import ModelVersion
from dashboard.answer import assumption, certainty, favourite_comparison, picks, round_price_above, sentence
from dashboard.frontier import frontier
from dashboard.frontier_chart import point
from dashboard.frontier_words import assumed_words, reach
from dashboard.query import FrontierQuery
from dashboard.side_by_side import side_by_side
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.pages_support import get, text_of

QUERY = FrontierQuery.parse({"as_of": "2025-02-08"})


def test_sentence_compares_the_two_when_the_draws_cannot_tell_them_apart(three_models: dict[str, ModelVersion]) -> None:
    found = frontier(QUERY)

    # Ahead in three draws of four: not the 80% that a claim needs.
    assert sentence(found) == (
        "DeepSeek-V3 is level with Claude 3.5 Sonnet, within the uncertainty, and costs 92% less."
    )
    assert certainty(found, favourite_comparison(found)) == (
        "The gap is 1.0 index points; DeepSeek-V3 is the more capable of the two in 75% of the resamples of the scores."
    )


@pytest.mark.parametrize(("levels", "words"), [((136.0, 133.5), "leads"), ((131.0, 133.5), "trails")])
def test_sentence_says_who_is_ahead_when_the_draws_agree(
    three_models: dict[str, ModelVersion], levels: tuple[float, float], words: str
) -> None:
    make.make_index({three_models["deepseek"]: [levels[0]] * 4, three_models["sonnet"]: [levels[1]] * 4}, seed=1)

    assert sentence(frontier(QUERY)) == f"DeepSeek-V3 {words} Claude 3.5 Sonnet by 2.5 index points and costs 92% less."


def test_sentence_without_the_pair_compares_the_top_of_the_frontier(db: None) -> None:
    cheap, dear = sold("Cheap", "A", ("1", "1")), sold("Dear", "B", ("4", "4"))
    make.make_index({cheap: [100.0, 100.0], dear: [120.0, 120.0]})

    assert sentence(frontier(FrontierQuery())) == "Cheap trails Dear by 20.0 index points and costs 75% less."


def test_sentence_with_one_model_says_that_it_stands_alone(db: None) -> None:
    make.make_index({sold("Alone", "A", ("1", "1")): [100.0, 100.0]})

    assert (
        sentence(frontier(FrontierQuery())) == "Alone is the only model on the frontier, at $1.00 per million tokens."
    )


def test_sentence_with_unknown_prices_only_says_so(db: None) -> None:
    make.make_index({sold("Secret", "A", (None, None)): [100.0, 100.0]})

    assert sentence(frontier(FrontierQuery())) == "No model has both a price and a score under these assumptions."


def test_sentence_of_an_empty_catalog_says_so(db: None) -> None:
    assert sentence(frontier(FrontierQuery())) == "No models yet."


def test_picks_are_the_best_under_round_prices(db: None) -> None:
    levels = {}
    for name, usd, level in (("A", "0.04", 110.0), ("B", "0.3", 120.0), ("C", "0.7", 130.0), ("D", "9", 140.0)):
        levels[sold(name, name, (usd, usd))] = [level, level]
    make.make_index(levels)

    found = picks(frontier(FrontierQuery()))

    assert [(pick.title, pick.row.name) for pick in found] == [
        ("Best of the scored under $0.5", "B"),
        ("Best of the scored under $1", "C"),
        ("Best of the scored, any price", "D"),
    ]


def test_pick_names_a_rival_that_few_scores_put_above_it(db: None) -> None:
    sure, few = sold("Sure", "A", ("0.3", "0.3")), sold("Few", "B", ("0.2", "0.2"))
    fit = make.make_index({sure: [120.0, 121.0], few: [130.0, 131.0]})
    fit.estimates.filter(version=few).update(status="provisional")

    (pick,) = picks(frontier(FrontierQuery()))

    assert (pick.row.name, pick.rival and pick.rival.name) == ("Sure", "Few")


def test_assumed_price_of_cached_input_is_said(db: None) -> None:
    known, unknown = sold("Known", "A", ("1", "2")), sold("Unknown", "B", ("1", "4"))
    make.make_price(known.offerings.get(), "cached_input", "0.1", since="2024-01-01")
    make.make_index({known: [120.0, 121.0], unknown: [130.0, 131.0]})

    plain, agent = frontier(FrontierQuery()), frontier(FrontierQuery.parse({"mix": "2:18:1"}))

    assert assumption(favourite_comparison(plain)) == ""
    assert assumption(favourite_comparison(agent)) == (
        "No price of cached input is known for Unknown: the price of input stands in for it."
    )
    assert [row.is_cached_assumed for row in agent.rows] == [False, True]
    assert assumed_words(agent) == (
        "For 1 of 2 models no price of cached input is known: the price of input stands in for it, marked assumed."
    )
    comparison = favourite_comparison(agent)
    assert comparison is not None
    card = side_by_side(agent, comparison)
    assert card["work"] == {"input": "200", "cached": "1800", "output": "100"}
    # 200 x 1 + 1800 x 0.1 + 100 x 2, and 200 x 1 + 1800 x 1 + 100 x 4.
    assert [line["cost"] for line in card["workload"]] == [Decimal(580), Decimal(2400)]
    assert [(fact.first, fact.second) for fact in card["facts"] if fact.key == "cached"] == [("$0.10", "$1.00 assumed")]


def test_picks_of_one_model_are_one(db: None) -> None:
    make.make_index({sold("Alone", "A", ("1", "1")): [100.0, 100.0]})

    assert [(pick.title, pick.row.name) for pick in picks(frontier(FrontierQuery()))] == [
        ("Best of the scored, any price", "Alone")
    ]


@pytest.mark.parametrize(
    ("price", "limit"), [("0.4775", "0.5"), ("0.5", "1"), ("0.1", "0.2"), ("0.074", "0.1"), ("26.25", "50")]
)
def test_round_price_above_is_the_next_of_one_two_five(price: str, limit: str) -> None:
    assert round_price_above(Decimal(price)) == Decimal(limit)


def test_sentence_leaves_the_pair_once_a_developer_sells_it_no_more(db: None) -> None:
    deepseek = sold("DeepSeek-V3", "DeepSeek", ("0.9", "0.9"), provider="Fireworks AI")
    sonnet = sold("Claude 3.5 Sonnet", "Anthropic", ("3", "15"))
    small = sold("GPT-5 mini", "OpenAI", ("0.25", "2"))
    large = sold("GPT-5", "OpenAI", ("1.25", "10"))
    make.make_index(
        {
            deepseek: [134.0, 133.0, 135.0, 134.0],
            sonnet: [133.0, 134.0, 132.0, 133.0],
            small: [146.0, 147.0, 145.0, 148.0],
            large: [147.0, 146.0, 148.0, 147.0],
        }
    )

    assert sentence(frontier(FrontierQuery())) == (
        "GPT-5 mini is level with GPT-5, within the uncertainty, and costs 80% less."
    )


def test_newest_scored_model_and_the_newer_ones_without_a_score_stand_by_the_headline(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    for name, day in (("Later", "2025-06-01"), ("Latest", "2026-06-01"), ("Sooner", "2024-06-01")):
        sold(name, "Nobody", ("1", "1"), released=day)
    make.make_version("Unsold", developer="Nobody", released="2026-01-01")

    found = reach(frontier(FrontierQuery()))

    assert found is not None
    assert (found.newest.slug, found.released_on.isoformat(), found.newer) == ("deepseek-v3", "2024-12-26", 2)
    page = get(client, "/")
    assert "Newest scored model: DeepSeek-V3 , 26 Dec 2024 . 2 newer models on sale have no score ." in text_of(page)
    assert 'href="/?unknown=show#unscored"' in page
    # The newest without a score comes first among them, where the link leads.
    listed = get(client, "/?unknown=show")
    _, _, after = listed.partition('id="unscored">')
    assert text_of(after).startswith("Latest")
    answer = client.get("/api/v1/frontier").json()
    assert answer["newest_scored"] == {
        "model": "deepseek-v3",
        "name": "DeepSeek-V3",
        "released_on": "2024-12-26",
        "newer_without_score": 2,
    }


def test_nothing_scored_has_no_newest(db: None) -> None:
    sold("Unscored", "A", ("1", "1"))

    assert reach(frontier(FrontierQuery())) is None


@pytest.mark.django_db
def test_end_of_a_sale_and_the_seller_stand_on_picks_rows_and_points(client: Client) -> None:
    ending = sold("Ending", "OpenAI", ("1", "1"))
    ending.offerings.update(retired_on="2999-12-11")
    left = sold("Left", "Google", ("0.1", "0.1"))
    left.offerings.update(retired_on="2025-06-01")
    other = make.make_offering(left, provider="OpenRouter")
    for component in ("input", "output"):
        make.make_price(other, component, "0.175", since="2025-01-01")
    never = sold("Never", "Meta", ("0.2", "0.2"), provider="Groq")
    make.make_index({ending: [140.0, 140.0], left: [130.0, 130.0], never: [120.0, 120.0]})

    found = frontier(FrontierQuery())

    assert [(row.name, row.sale_words, row.is_of_others) for row in found.rows] == [
        ("Left", "no longer sold by Google", True),
        ("Never", "", True),
        ("Ending", "ends 11 Dec 2999 at OpenAI", False),
    ]
    assert [point(found, row)["spoken"] for row in found.rows] == [
        "$0.175 per million tokens, price of OpenRouter, the only provider, no longer sold by Google",
        "$0.20 per million tokens, price of Groq, the only provider",
        "$1.00 per million tokens, ends 11 Dec 2999 at OpenAI",
    ]
    text = text_of(get(client, "/"))
    assert "Google · open weights $0.175 per 1M Price of OpenRouter, the only provider no longer sold by Google" in text
    # Under the headline, on the card, and in the side-by-side card and the row.
    assert text.count("ends 11 Dec 2999 at OpenAI") == 4
    assert "OpenRouter the only provider" in text
    assert "the developer, else the median" in text
    items = client.get("/api/v1/frontier").json()["items"]
    assert [item["sale_note"] for item in items] == [
        "no longer sold by Google",
        None,
        "ends 11 Dec 2999 at OpenAI",
    ]
    # A past day knows of an end only what had been read by then.
    source = make.make_source("https://example.org/ends")
    ending.offerings.update(source=source)
    read_on = source.retrieved_at
    assert read_on is not None
    for day, words in ((read_on.date(), "ends 11 Dec 2999 at OpenAI"), (read_on.date() - timedelta(days=1), "")):
        row = frontier(FrontierQuery(as_of=day)).row("ending")
        assert row is not None
        assert row.sale_words == words


def test_pair_and_workload_of_the_address_are_on_the_page_and_in_its_link(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    day = "/?as_of=2025-02-08"
    page = get(client, f"{day}&pair=llama-3-1-405b,claude-3-5-sonnet&input_mtok=50&output_mtok=5")

    assert 'data-first="llama-3-1-405b" data-second="claude-3-5-sonnet"' in page
    assert 'data-pair="deepseek-v3,claude-3-5-sonnet"' in page
    # 50 x 3.5 + 5 x 3.5, and 50 x 3 + 5 x 15.
    assert "Llama 3.1 405B $192.50 Claude 3.5 Sonnet $225.00 Open comparison" in text_of(page)
    assert (
        'href="/compare/llama-3-1-405b/claude-3-5-sonnet/?as_of=2025-02-08&amp;input_mtok=50&amp;output_mtok=5"' in page
    )
    # The headline stays the answer.
    assert "<h1>DeepSeek-V3 is level with Claude 3.5 Sonnet" in page
    assert "Not understood" not in page
    # A workload takes the place of the mix in a comparison.
    mixed = get(client, f"{day}&mix=1:0:1&input_mtok=50&output_mtok=5")
    assert (
        'href="/compare/deepseek-v3/claude-3-5-sonnet/?as_of=2025-02-08&amp;input_mtok=50&amp;output_mtok=5"' in mixed
    )


@pytest.mark.parametrize(
    ("string", "words"),
    [
        ("pair=deepseek-v3,none", "pair is 'deepseek-v3,none': none is not on this chart."),
        ("pair=deepseek-v3", "pair is 'deepseek-v3': two models of this chart are needed, as in"),
        ("output_mtok=many", "output_mtok is 'many': write a number from 0 to 10,000,000,000, such as 300."),
    ],
)
def test_pair_or_workload_that_cannot_be_read_is_named(
    client: Client, three_models: dict[str, ModelVersion], string: str, words: str
) -> None:
    page = get(client, f"/?as_of=2025-02-08&{string}", status=400)

    assert words in text_of(page)
    assert 'data-first="deepseek-v3" data-second="claude-3-5-sonnet"' in page
