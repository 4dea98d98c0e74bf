"""The comparison page: what differs, what the traffic costs, whether the difference is real."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from plotly.graph_objects import Figure
from pytest_django import DjangoAssertNumQueries

from catalog.models import Model, Price
from dashboard.charts import intervals
from dashboard.lineup import Lineup, lineup
from dashboard.lineup_rows import facts_table, workload_lines
from dashboard.query import FrontierQuery
from dashboard.views.compare import chart_levels, sentence
from dashboard.workload import Workload
from evals.models import Endpoint, Run, RunSample, Sample, Suite
from tests.dashboard.conftest import measured
from tests.dashboard.pages_support import HOSTILE, get, make_fit, text_of, two_priced
from tests.factories import at, make_offering, make_price, make_version

pytestmark = pytest.mark.django_db
PAIR = ("deepseek-v3", "claude-3-5-sonnet")
URL = "/compare/deepseek-v3/claude-3-5-sonnet/"


def of(*slugs: str, query: FrontierQuery | None = None, workload: Workload | None = None) -> Lineup:
    return lineup(slugs or PAIR, query or FrontierQuery(), workload or Workload())


def test_workload_cost_is_tokens_times_price() -> None:
    two_priced()
    workload = Workload(Decimal(300), Decimal(1000), Decimal(100))
    costs = {each.slug: each.cost and each.cost.total for each in of(workload=workload).entrants}
    # 300 x 0.27 + 1000 x 0.07 + 100 x 1.10, and 300 x 3 + 1000 x 0.30 + 100 x 15.
    assert costs == {"deepseek-v3": Decimal("261.00"), "claude-3-5-sonnet": Decimal("2700.0")}


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ({}, ("300", "0", "100")),
        ({"mix": "3:0:1"}, ("300", "0", "100")),
        ({"mix": "2:18:1"}, ("200", "1800", "100")),
        ({"mix": "2:18:1", "output_mtok": "7"}, ("300", "0", "7")),
    ],
)
def test_workload_follows_the_mix_until_it_is_given(values: dict[str, str], texts: tuple[str, str, str]) -> None:
    assert tuple(Workload.parse(values).texts.values()) == texts


def test_developer_hidden_on_the_chart_is_compared_all_the_same(client: Client) -> None:
    two_priced()
    text = text_of(get(client, f"{URL}?hide=deepseek&capability=benchmark:gpqa-diamond"))
    assert "DeepSeek-V3 trails Claude 3.5 Sonnet by 5.9 percentage points on GPQA Diamond and costs 92% less" in text
    assert "hide=" not in get(client, f"{URL}?hide=deepseek")
    found = client.get("/compare/deepseek-v3/claude-3-5-sonnet.json?hide=deepseek&table=traffic").json()
    assert [item["usd_per_month"] for item in found["items"]] == [191, 2400]
    assert "hide" not in dict(found["parameters"])


def test_workload_lines_put_the_cheapest_first() -> None:
    two_priced()
    lines = workload_lines(of(*PAIR[::-1]))
    assert [(line.entrant.slug, line.total) for line in lines] == [
        ("deepseek-v3", Decimal("191.00")),
        ("claude-3-5-sonnet", Decimal(2400)),
    ]
    assert lines[1].times == Decimal(2400) / Decimal(191)


def test_workload_without_price_is_unknown_and_last() -> None:
    two_priced()
    make_version("Mystery", developer="Nobody")
    lines = workload_lines(of("mystery", "deepseek-v3"))
    assert [(line.entrant.slug, line.total, line.times) for line in lines] == [
        ("deepseek-v3", Decimal("191.00"), Decimal(1)),
        ("mystery", None, None),
    ]


def test_sentence_of_two_says_gap_and_price() -> None:
    two_priced()
    found = of(query=FrontierQuery(capability="benchmark:gpqa-diamond"))
    # Blended 3:1 is 0.4775 against 6.00: 92.04 % less.
    assert sentence(found) == (
        "DeepSeek-V3 trails Claude 3.5 Sonnet by 5.9 percentage points on GPQA Diamond and costs 92% less at "
        "3 input : 1 output."
    )


def test_sentence_names_what_is_missing() -> None:
    two_priced()
    make_version("Mystery", developer="Nobody")
    assert sentence(of("deepseek-v3", "mystery")) == (
        "DeepSeek-V3 and Mystery: no price of Mystery, no score of DeepSeek-V3 and no score of Mystery is known."
    )


def test_sentence_of_three_names_the_ends() -> None:
    first, second = two_priced()
    third = make_version("Llama 3.1 405B", developer="Meta", released="2024-07-23")
    make_price(make_offering(third, provider="Together"), "input", "3.5", since="2025-01-01")
    make_price(make_offering(third, provider="Together"), "output", "3.5", since="2025-01-01")
    make_fit({first: (133.0, [132.0, 134.0]), second: (134.3, [133.0, 135.0]), third: (128.0, [127.0, 129.0])})
    found = of("llama-3-1-405b", "deepseek-v3", "claude-3-5-sonnet")
    assert sentence(found) == (
        "Of these 3, Claude 3.5 Sonnet is the most capable (index 134.3) and DeepSeek-V3 the cheapest ($0.48 per "
        "million tokens at 3 input : 1 output)."
    )


def test_verdict_counts_joint_resamples() -> None:
    first, second = two_priced()
    # The intervals overlap, yet the second is ahead in every resample: the draws are joint.
    make_fit({first: (133.0, [130.0, 133.0, 136.0, 134.0]), second: (134.3, [131.0, 134.0, 137.0, 134.5])})
    pair = of().pairs[0]
    assert pair.comparison is not None
    assert pair.comparison.first_wins == 0.0
    assert (pair.leader.slug, pair.leader_share, pair.is_real) == ("claude-3-5-sonnet", 1.0, True)


def test_verdict_within_uncertainty() -> None:
    first, second = two_priced()
    make_fit({first: (133.0, [130.0, 135.0]), second: (134.3, [131.0, 134.0])})
    assert of().pairs[0].words == "within the uncertainty"


def test_verdict_without_levels_says_so() -> None:
    two_priced()
    assert of().pairs[0].words == "cannot be said: a level is unknown"


def test_shared_benchmarks_are_tallied_with_an_exact_sign_test() -> None:
    two_priced()
    pair = of().pairs[0]
    assert (pair.ahead, pair.behind, pair.level, pair.sign_p) == (1, 1, 0, 1.0)


def test_order_flips_where_input_and_output_disagree() -> None:
    cheap_to_read = make_version("Reader", developer="A")
    cheap_to_write = make_version("Writer", developer="B")
    for version, prices in ((cheap_to_read, ("1", "9")), (cheap_to_write, ("3", "5"))):
        for component, usd in zip(("input", "output"), prices, strict=True):
            make_price(make_offering(version), component, usd, since="2025-01-01")
    found = of("writer", "reader")
    # r x (1 - 3) + (9 - 5) = 0 at r = 2.
    assert [(flip.cheaper.slug, flip.other.slug, flip.input_per_output) for flip in found.flips] == [
        ("reader", "writer", Decimal(2))
    ]
    assert {order.mix.text: order.slugs for order in found.orders}["1:0:5"] == ["writer", "reader"]


def test_order_of_every_mix_is_what_the_page_says_under_that_mix() -> None:
    """Each mix has its own seller: the one in the middle under 3:0:1 is not in the middle for an agent."""
    many, own = make_version("gpt-oss-120b", developer="OpenAI"), make_version("Own", developer="B")
    for provider, read, cached, written in (
        ("Alpha", "0.1", None, "0.5"),
        ("Groq", "0.15", "0.075", "0.6"),
        ("Gamma", "0.14", "0.14", "1"),
        ("Delta", "0.2", "0.18", "0.5"),
    ):
        offering = make_offering(many, provider=provider)
        for component, usd in (("input", read), ("cached_input", cached), ("output", written)):
            if usd:
                make_price(offering, component, usd, since="2025-01-01")
    for component in ("input", "output"):
        make_price(make_offering(own), component, "0.2", since="2025-01-01")

    found = of("gpt-oss-120b", "own")

    by_mix = {order.mix.text: {each.entrant.slug: each.usd for each in order.prices} for order in found.orders}
    # Alpha has no price of cached input: Groq 0.107..., Gamma 0.180..., Delta 0.197...; the default takes all four.
    assert by_mix["2:18:1"]["gpt-oss-120b"] == Decimal("3.8") / 21
    assert by_mix["3:0:1"]["gpt-oss-120b"] == Decimal("0.2625")
    # Cheaper than Own for reading and for an agent, dearer for writing, but by no boundary: its sellers change.
    assert [(flip.input_per_output, flip.sellers_change) for flip in found.flips] == [(None, True)]
    assert [order.assumed for order in found.orders if order.mix.text == "2:18:1"] == [("own",)]
    for order in found.orders:
        for policy in ("first_party", "cheapest", "median"):
            query = FrontierQuery.parse({"mix": order.mix.text, "price_policy": policy})
            asked = lineup(["gpt-oss-120b", "own"], query, Workload.of(query.mix))
            page = {each.slug: each.row.usd_per_mtok for each in asked.entrants}
            (same,) = (each for each in asked.orders if each.mix.text == order.mix.text)
            assert {each.entrant.slug: each.usd for each in same.prices} == page, (order.mix.text, policy)
            if policy == "first_party":
                assert page == by_mix[order.mix.text]


def test_facts_put_differing_rows_apart() -> None:
    two_priced()
    rows = {row.title: row for row in facts_table(of())}
    assert [cell.text for cell in rows["Blended price, 3 input : 1 output"].cells] == ["$0.48", "$6.00"]
    assert [cell.text for cell in rows["Access"].cells] == ["open weights", "closed weights"]
    assert [cell.source and cell.source.publisher for cell in rows["Input"].cells] == ["Price page", "Price page"]
    assert "Training tokens" not in rows


def test_own_suite_is_compared_item_by_item() -> None:
    first, second = two_priced()
    suite = Suite.objects.create(slug="everyday-v1", name="Everyday", content_hash="x")
    items = [
        Sample.objects.create(suite=suite, key=str(i), position=i, category="c", prompt="p", target="t", scorer="exact")
        for i in range(12)
    ]
    right = {first: set(range(9)), second: {0, 1, 2, 11}}
    for version, solved in right.items():
        endpoint = Endpoint.objects.create(
            slug=version.slug, name=version.name, base_url="http://127.0.0.1:1", model_id="m", version=version
        )
        run = Run.objects.create(
            suite=suite,
            endpoint=endpoint,
            state="finished",
            finished_at=at("2026-11-01"),
            max_output_tokens=9,
            budget_usd=1,
            prices={},
        )
        for i, item in enumerate(items):
            RunSample.objects.create(
                run=run, sample=item, position=i, state="done", outcome="correct" if i in solved else "incorrect"
            )
    (pair,) = of().pairs[0].suites
    # Six items only the first solved (3 to 8), one only the second (11): 2 x (1 + 7) / 2^7 = 0.125.
    assert (pair.only_first, pair.only_second, pair.difference.n) == (6, 1, 12)
    assert pair.difference.difference == pytest.approx(5 / 12)
    assert pair.difference.p_value == pytest.approx(0.125)


def test_own_results_count_from_their_day_on() -> None:
    """Neither the table of benchmarks with its sign test nor the pairs of runs know what was measured later."""
    first, second = two_priced()
    measured(first, "++++++------", "0.01", day="2026-11-20")
    measured(second, "+++---------", "0.01", day="2026-11-20")
    ahead = []
    for day, shared, suites in (("2026-11-19", 2, 0), ("2026-11-20", 3, 1)):
        found = of(query=FrontierQuery(as_of=date.fromisoformat(day)))
        assert (len(found.benchmarks), len(found.pairs[0].suites)) == (shared, suites), day
        ahead.append((found.pairs[0].ahead, found.pairs[0].behind))
    assert ahead == [(1, 1), (2, 1)]


def test_own_results_are_of_the_newest_run_that_asked_the_most() -> None:
    """As for measured costs: neither the best run nor a quick look of later counts."""
    first, second = two_priced()
    for version, whole in ((first, "++++++------"), (second, "+++---------")):
        measured(version, "++++++++++++", "0.01", day="2026-11-01")
        measured(version, whole, "0.01", day="2026-11-02")
        measured(version, "--", "0.01", day="2026-11-03")
    found = of()
    (own,) = (each for each in found.benchmarks if each.benchmark.is_own_suite)
    assert (own.scores[first.pk].value, own.scores[second.pk].value) == (0.5, 0.25)
    (pair,) = found.pairs[0].suites
    assert (pair.difference.n, pair.only_first, pair.only_second) == (12, 3, 0)


def test_chart_is_a_valid_figure_with_the_most_capable_on_top() -> None:
    first, second = two_priced()
    make_fit({first: (133.0, [131.0, 135.0]), second: (134.3, [132.0, 136.0])})
    levels = chart_levels(of())
    figure = intervals.figure(levels, title="Capability index")
    Figure(figure)
    assert [level.name for level in levels] == ["Claude 3.5 Sonnet", "DeepSeek-V3"]
    assert figure["data"][-1]["x"] == [134.3, 133.0]
    assert figure["data"][-1]["y"] == [1, 0]
    assert figure["data"][0]["x"] == [132.0, 136.0]


def test_page_has_the_answer_without_script(client: Client) -> None:
    two_priced()
    page = get(client, f"{URL}?input_mtok=10&output_mtok=2&capability=benchmark:gpqa-diamond")
    text = text_of(page)
    assert (
        "DeepSeek-V3 trails Claude 3.5 Sonnet by 5.9 percentage points on GPQA Diamond and costs 92% less for "
        "10M input and 2M output tokens."
    ) in text
    # 10 x 0.27 + 2 x 1.10 = 4.90; 10 x 3 + 2 x 15 = 60.
    assert "$4.90" in text
    assert "$60.00" in text
    assert page.count("<svg") > 2


def _sold_by_three() -> None:
    """A model of which the middle seller changes with the share of cached tokens, beside one sold by its developer."""
    many, own = make_version("Shared", developer="A"), make_version("Own", developer="B")
    for provider, read, cached, written in (
        ("X", "0.25", "0.11", "1"),
        ("Y", "0.9", None, "0.9"),
        ("Z", "1", None, "1"),
    ):
        for component, usd in (("input", read), ("cached_input", cached), ("output", written)):
            if usd:
                make_price(make_offering(many, provider=provider), component, usd, since="2025-01-01")
    for component, usd in (("input", "3"), ("cached_input", "0.3"), ("output", "15")):
        make_price(make_offering(own), component, usd, since="2025-01-01")
    make_fit({many: (130.0, [130.0, 130.0]), own: (120.0, [120.0, 120.0])})


def test_page_has_one_price_for_one_traffic(client: Client) -> None:
    _sold_by_three()
    agent = of("shared", "own", workload=Workload(Decimal(200), Decimal(1800), Decimal(100)))
    (line, _) = workload_lines(agent)
    (order,) = (each for each in agent.orders if each.mix.text == "2:18:1")
    # X alone has all three prices: 200 x 0.25 + 1800 x 0.11 + 100 x 1 = 348 for 2100M tokens.
    assert (line.total, line.entrant.row.price and line.entrant.row.price.provider) == (Decimal(348), "X")
    assert [each.price.provider for each in order.prices] == ["X", "B"]
    assert [round(each.usd * 2100, 6) for each in order.prices] == [Decimal(348), Decimal(2640)]
    assert sentence(agent) == (
        "Shared leads Own by 10.0 index points and costs 87% less for 200M input, 1,800M cached input and 100M output "
        "tokens."
    )
    # Under the usual mix Y is in the middle: 300 x 0.9 + 100 x 0.9 against 300 x 3 + 100 x 15.
    usual = of("shared", "own")
    assert sentence(usual) == "Shared leads Own by 10.0 index points and costs 85% less at 3 input : 1 output."
    assert workload_lines(usual)[0].total == Decimal(360)
    text = text_of(get(client, "/compare/shared/own/?input_mtok=200&cached_mtok=1800&output_mtok=100"))
    assert "Shared X, the only provider with every price of the mix known, of 3 $348.00" in text
    assert "an agent that rereads its cache 2:18:1 Shared $0.17 X , Own $1.26 B" in text


def test_mix_beside_a_traffic_is_left_aside(client: Client) -> None:
    two_priced()
    text = text_of(get(client, f"{URL}?mix=1:0:1&input_mtok=20&output_mtok=10"))
    assert "mix=1:0:1 is left aside: the prices are of your traffic, 2:0:1." in text
    assert "left aside" not in text_of(get(client, f"{URL}?mix=2:0:1&input_mtok=20&output_mtok=10"))


def test_gap_is_that_of_the_levels_as_they_are_written(client: Client) -> None:
    first, second = two_priced()
    make_fit({first: (138.8369, [138.8, 138.9]), second: (132.8616, [132.8, 132.9])})
    # Exactly 5.9753; a reader subtracts 132.9 from 138.8.
    assert sentence(of()).startswith("DeepSeek-V3 leads Claude 3.5 Sonnet by 5.9 index points")
    text = text_of(get(client, URL))
    assert "The gap is 5.9 index points" in text
    assert "likely real +5.9" in text.replace("likely real by all scores, not by the shared benchmarks", "likely real")


def test_verdict_against_the_shared_benchmarks_says_why(client: Client) -> None:
    first, second = two_priced()
    make_fit({first: (134.0, [134.0, 135.0]), second: (133.0, [133.0, 133.5])})
    pair = of().pairs[0]
    assert (pair.ahead, pair.behind, pair.words) == (1, 1, "likely real by all scores, not by the shared benchmarks")
    assert pair.why == (
        "DeepSeek-V3 won 1 and lost 1 of the 2 benchmarks that both sat, which do not tell the two apart. They are "
        "only a part of the scores: the verdict rests on the level, which weighs every score of each model, also on "
        "benchmarks that the other never sat. There DeepSeek-V3 is ahead in 100% of the resamples."
    )
    assert pair.why in text_of(get(client, URL))


def test_order_that_never_changes_is_not_said_to_depend_on_the_traffic(client: Client) -> None:
    two_priced()
    text = text_of(get(client, URL))
    assert "Who is cheapest under other traffic The order is the same under all of these mixes." in text
    assert "depends on the traffic" not in text


def test_end_of_a_sale_stands_beside_the_model(client: Client) -> None:
    first, _ = two_priced()
    first.offerings.update(retired_on="2999-12-11")
    text = text_of(get(client, URL))
    assert text.count("ends 11 Dec 2999 at DeepSeek") == 2


def test_page_hides_equal_rows_on_request(client: Client) -> None:
    two_priced()
    make_version("Twin", developer="DeepSeek", released="2024-12-26")
    assert "Access equal" in text_of(get(client, "/compare/deepseek-v3/twin/"))
    hidden = text_of(get(client, "/compare/deepseek-v3/twin/?same=hide"))
    assert "Access equal" not in hidden
    assert "2 equal rows hidden" in hidden


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("input_mtok=many", "input_mtok is 'many': write a number from 0 to 10,000,000,000, such as 300."),
        ("output_mtok=-1", "output_mtok is '-1'"),
        ("mix=1:1", "mix is '1:1', which has 2 parts"),
        ("capability=benchmark:none", "There is no capability 'benchmark:none'."),
    ],
)
def test_bad_parameter_is_named_and_replaced(client: Client, query: str, message: str) -> None:
    two_priced()
    text = text_of(get(client, f"{URL}?{query}", status=400))
    assert message in text
    assert "$191.00" in text


def test_unknown_model_offers_near_names(client: Client) -> None:
    two_priced()
    text = text_of(get(client, "/compare/deepseek-v3/claude-3-5-sonet/", status=404))
    assert "There is no model 'claude-3-5-sonet'." in text
    assert "claude-3-5-sonnet" in text


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/compare/deepseek-v3/deepseek-v3/claude-3-5-sonnet/", "/compare/?model=deepseek-v3&model=claude-3-5-sonnet"),
        ("/compare/deepseek-v3/", "/compare/?model=deepseek-v3"),
        ("/compare/?model=deepseek-v3&model=Claude+3.5+Sonnet&mix=1:0:1", f"{URL}?mix=1:0:1"),
        ("/compare/?model=deepseek-v3&model=sonnet", URL),
    ],
)
def test_addresses_lead_to_the_comparison(client: Client, url: str, target: str) -> None:
    two_priced()
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, target)


def test_chooser_says_what_it_does_not_know(client: Client) -> None:
    two_priced()
    text = text_of(get(client, "/compare/?model=deepseek-v3&model=claud-3-5-sonnet", status=400))
    assert "There is no model “claud-3-5-sonnet”. Did you mean Claude 3.5 Sonnet ?" in text


def test_chooser_keeps_an_ambiguous_name_and_lists_the_candidates(client: Client) -> None:
    two_priced()
    for name in ("Claude 3 Haiku", "Claude Haiku 4.5"):
        make_version(name, developer="Anthropic")
    page = get(client, "/compare/?model=claude+haiku&model=DeepSeek-V3&mix=1:0:1", status=400)
    assert 'value="claude haiku"' in page
    assert 'value="DeepSeek-V3"' in page
    assert "Several models are called something like “claude haiku”. Did you mean" in text_of(page)
    assert 'href="/compare/?model=claude-3-haiku&amp;model=deepseek-v3&amp;mix=1%3A0%3A1">Claude 3 Haiku</a>' in page
    assert (
        'href="/compare/?model=claude-haiku-4-5&amp;model=deepseek-v3&amp;mix=1%3A0%3A1">Claude Haiku 4.5</a>' in page
    )
    # What the browser proposes is a name that the form takes.
    assert '<option value="Claude 3 Haiku">Anthropic</option>' in page
    # A name that others begin with is no ambiguity.
    make_version("Claude", developer="Anthropic")
    response = client.get("/compare/?model=Claude&model=DeepSeek-V3")
    assert response["Location"] == "/compare/claude/deepseek-v3/"


def test_chooser_suggests_what_is_on_the_frontier(client: Client) -> None:
    first, second = two_priced()
    assert "against" not in text_of(get(client, "/compare/"))
    make_fit({first: (130.0, [130.0, 130.0]), second: (140.0, [140.0, 140.0])})
    page = get(client, "/compare/")
    assert (
        '<li><a href="/compare/deepseek-v3/claude-3-5-sonnet/">DeepSeek-V3 against Claude 3.5 Sonnet</a></li>' in page
    )
    assert page.count('<li><a href="/compare/') == 1


def test_hostile_names_are_text(client: Client) -> None:
    first, _ = two_priced()
    Model.objects.filter(pk=first.model_id).update(name=HOSTILE)
    page = get(client, URL)
    assert "<script>alert(1)" not in page
    assert "\u202e" not in page
    assert "<script>alert(1)</script>" in text_of(page)


@pytest.mark.parametrize("others", [0, 1, 3])
def test_page_needs_as_many_queries_whatever_the_catalog_holds(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, others: int
) -> None:
    first, second = two_priced()
    make_fit({first: (133.0, [131.0, 135.0]), second: (134.3, [132.0, 136.0])})
    for i in range(others):
        make_price(make_offering(make_version(f"Other {i}", developer=f"Maker {i}")), "input", "1", since="2025-01-01")
    with django_assert_num_queries(11):
        client.get(URL)


def test_empty_install_says_how_to_begin(client: Client) -> None:
    assert "No model yet. python manage.py seed loads the starting facts." in text_of(get(client, "/compare/"))


def test_input_price_that_stands_in_for_the_cached_one_is_marked(client: Client, db: None) -> None:
    two_priced()
    Price.objects.filter(component="cached_input").delete()

    page = text_of(get(client, URL + "?mix=1:1:1"))

    assert "no price of cached input is known, so the price of input stands in" in page
    assert "assumed" in page
