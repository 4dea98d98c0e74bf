"""What a mix of two models reaches for a budget."""

from decimal import Decimal

import pytest
from django.test import Client
from plotly.graph_objects import Figure
from pytest_django import DjangoAssertNumQueries

from catalog.models import Model
from dashboard.charts import routing as chart
from dashboard.charts.figure_svg import figure_svg
from dashboard.routing import Routing, RoutingQuery, routing
from dashboard.views.routing import lede, sentence
from tests.dashboard.pages_support import HOSTILE, get, text_of
from tests.factories import make_benchmark, make_offering, make_price, make_score, make_version

pytestmark = pytest.mark.django_db


def sell(name: str, usd: str, score: float) -> None:
    version = make_version(name, developer=f"Maker of {name}", released="2024-01-01")
    for component in ("input", "output"):
        make_price(make_offering(version), component, usd, since="2024-01-01")
    make_score(version, make_benchmark(), score)


@pytest.fixture
def three() -> None:
    """At 1,000 tokens a task a thousand tasks cost the price of a million tokens: 1, 4 and 5 dollars."""
    sell("Cheap", "1", 0.40)
    sell("Middling", "4", 0.50)
    sell("Good", "5", 0.80)


def of(**values: str) -> Routing:
    return routing(RoutingQuery.parse({"input_tokens": "500", "output_tokens": "500"} | values))


def test_corners_leave_out_what_a_mix_beats(three: None) -> None:
    found = of()
    # Half Cheap, half Good costs 3 and solves 60 %; Middling costs 4 and solves 50 %.
    assert [(route.row.slug, route.usd, route.is_corner) for route in found.routes] == [
        ("cheap", Decimal(1), True),
        ("middling", Decimal(4), False),
        ("good", Decimal(5), True),
    ]


def test_budget_is_split_between_two_corners(three: None) -> None:
    found = of(budget="4")
    assert [(route.row.slug, share) for route, share in found.shares] == [("cheap", 0.25), ("good", 0.75)]
    assert found.mixed_score == pytest.approx(0.25 * 0.4 + 0.75 * 0.8)
    assert sentence(found) == (
        "For $4.00 per 1,000 tasks, sending 25% of the tasks to Cheap and 75% to Good solves 70.0% of GPQA Diamond."
    )
    assert lede(found) == "The best single model at that price, Middling, solves 50.0%: the mix adds 20.0 points."


def test_budget_beyond_the_best_goes_to_the_best(three: None) -> None:
    assert sentence(of(budget="9")) == "For $9.00 per 1,000 tasks, Good alone solves 80.0% of GPQA Diamond."


def test_budget_below_the_cheapest_buys_nothing(three: None) -> None:
    assert sentence(of(budget="0.5")) == "$0.50 per 1,000 tasks buys nothing: the cheapest, Cheap, costs $1.00."


def test_budget_left_open_lies_where_a_mix_adds_most_and_says_so(three: None) -> None:
    """The longest step is the last one; there a mix adds half a point, on the first twenty."""
    sell("Dear", "50", 0.81)

    assert of().budget == Decimal(3)
    assert lede(of()) == (
        "The best single model at that price, Cheap, solves 40.0%: the mix adds 20.0 points. This budget is half-way "
        "between the two, where a mix adds most over a single model; enter your own below."
    )
    assert "enter your own" not in lede(of(budget="3"))


def test_chart_says_how_many_dearer_models_are_in_the_table(three: None) -> None:
    sell("Dear", "30", 0.70)
    sell("Dearer", "52.5", 0.70)

    figure = chart.figure(of())
    words = "2 dearer models, up to $52.50, are in the table"
    assert figure["layout"]["annotations"][-1]["text"] == words
    assert f'text-anchor="end" class="label">{words}</text>' in figure_svg(figure)
    assert chart.dearer_words(of(), of().routes[:-1]) == "1 dearer model, up to $52.50, is in the table"
    assert chart.dearer_words(of(), of().routes) == ""


def test_chart_is_a_valid_figure(three: None) -> None:
    figure = chart.figure(of(budget="4"))
    Figure(figure)
    assert figure["data"][0]["x"] == [1.0, 5.0, 6.25]
    assert figure["data"][2]["y"] == [pytest.approx(70)]


def test_page_answers_and_names_what_it_cannot_read(client: Client, three: None) -> None:
    text = text_of(get(client, "/routing/?capability=index&budget=lots", status=400))
    assert "a mix of two models has no index" in text
    assert "budget is 'lots'" in text
    assert "GPQA Diamond" in text
    assert "There is no capability 'benchmark:x'." in text_of(
        get(client, "/routing/?capability=benchmark:x", status=400)
    )


def test_a_rating_is_no_share(client: Client, three: None) -> None:
    make_score(make_version("Rated"), make_benchmark("Arena", unit="elo"), 1200.0)
    assert "which is no share of tasks solved" in text_of(
        get(client, "/routing/?capability=benchmark:arena", status=400)
    )


def test_empty_install_says_so(client: Client) -> None:
    assert "No benchmark has models with both a score and a price yet." in text_of(get(client, "/routing/"))


def test_hostile_names_are_text(client: Client, three: None) -> None:
    Model.objects.update(name=HOSTILE)
    assert "<script>alert(1)" not in get(client, "/routing/")


@pytest.mark.parametrize("count", [1, 3])
def test_page_needs_constant_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for i in range(count):
        sell(f"Model {i}", str(i + 1), 0.5 + i / 10)
    with django_assert_num_queries(9):
        client.get("/routing/")


def test_long_tables_are_turned_page_by_page(client: Client) -> None:
    for i in range(103):
        sell(f"Model {i}", str(i + 1), 0.5)
    assert "Page 1 of 2, 103 in all" in text_of(get(client, "/routing/"))
    assert get(client, "/routing/?page=2").count('<th scope="row"') == 3


def test_values_of_the_page_by_hand() -> None:
    """1,000 tokens in and 500 out a task, which is what the page opens with."""
    for name, prices, score in (
        ("DeepSeek-V3", ("0.27", "1.10"), 0.591),
        ("Claude 3.5 Sonnet", ("3", "15"), 0.65),
        ("Llama 3.1 405B", ("3.5", "3.5"), 0.511),
    ):
        version = make_version(name, developer=f"Maker of {name}", released="2024-12-26")
        offering = make_offering(version)
        for component, usd in zip(("input", "output"), prices, strict=True):
            make_price(offering, component, usd, since="2025-01-01")
        make_score(version, make_benchmark(), score)

    found = routing(RoutingQuery.parse({"budget": "5.66"}))

    # A thousand tasks are 1M tokens in and half a million out: 0.27 + 0.55, 3.5 + 1.75, 3 + 7.5.
    assert [(route.row.slug, route.usd, route.is_corner) for route in found.routes] == [
        ("deepseek-v3", Decimal("0.82"), True),
        ("llama-3-1-405b", Decimal("5.25"), False),
        ("claude-3-5-sonnet", Decimal("10.5"), True),
    ]
    # 5.66 is half-way from 0.82 to 10.50: half of the tasks each, and half-way from 59.1% to 65.0%.
    assert [share for _, share in found.shares] == [pytest.approx(0.5), pytest.approx(0.5)]
    assert found.mixed_score == pytest.approx(0.6205)
    assert found.gain == pytest.approx(0.6205 - 0.591)
