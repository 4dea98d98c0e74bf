from decimal import Decimal

import pytest

from catalog.models import ModelVersion
from dashboard.answer import assumption, certainty, favourite_comparison, picks, round_price_above, sentence
from dashboard.frontier import frontier
from dashboard.frontier_words import assumed_words
from dashboard.query import FrontierQuery
from dashboard.side_by_side import side_by_side
from tests import factories as make
from tests.dashboard.conftest import sold

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
        ("Best under $0.5", "B"),
        ("Best under $1", "C"),
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
