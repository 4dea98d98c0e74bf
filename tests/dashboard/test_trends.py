"""The price of a level of capability: record lows, how fast they fell, and how little that may mean."""

import csv
import html
import io
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from plotly.graph_objects import Figure
from pytest_django import DjangoAssertNumQueries

from catalog.models import ModelVersion
from dashboard.charts import price_trend as chart
from dashboard.frontier import frontier
from dashboard.price_trend import CapabilityPriceTrend, TrendQuery, capability_price_trend
from dashboard.query import FrontierQuery
from dashboard.views.trends import reference_url, sentence, words
from tests.dashboard.conftest import measured
from tests.dashboard.pages_support import HOSTILE, get, make_fit, text_of
from tests.factories import at, make_benchmark, make_offering, make_price, make_score, make_version

pytestmark = pytest.mark.django_db

# The price halves every 73 days, that is 2^5 = 32-fold in 365; every model reaches 60 % but one.
DAYS = ("2024-01-01", "2024-03-14", "2024-05-26", "2024-08-07", "2024-10-19", "2024-12-31")
GPQA = "capability=benchmark:gpqa-diamond&level=60"


def sell(name: str, usd: str, since: str, score: float) -> ModelVersion:
    version = make_version(name, released=since)
    for component in ("input", "output"):
        make_price(make_offering(version), component, usd, since=since)
    make_score(version, make_benchmark(), score)
    return version


@pytest.fixture
def halving() -> None:
    for i, day in enumerate(DAYS):
        sell(f"Model {i}", str(Decimal(32) / 2**i), day, 0.6)
    sell("Weak and cheap", "0.001", "2024-02-01", 0.4)
    sell("Good and dear", "50", "2024-06-01", 0.9)


def of(text: str = GPQA) -> CapabilityPriceTrend:
    return capability_price_trend(TrendQuery.parse(dict(part.split("=") for part in text.split("&"))))


def test_records_are_the_prices_lower_than_all_before(halving: None) -> None:
    found = of()
    assert [(point.on.isoformat(), point.usd_per_mtok) for point in found.records] == [
        (day, Decimal(32) / 2**i) for i, day in enumerate(DAYS)
    ]
    assert found.versions == 7


def test_rate_is_that_of_the_halving(halving: None) -> None:
    trend = of().trend
    assert trend is not None
    assert trend.factor_per_year == pytest.approx(32)
    assert trend.halving_days == pytest.approx(73)
    assert (trend.n, trend.words_only) == (6, False)
    assert trend.leave_one_out == pytest.approx((32, 32))


def test_a_higher_level_is_dearer_and_carries_words_only(halving: None) -> None:
    found = of("capability=benchmark:gpqa-diamond&level=90")
    assert [point.version.slug for point in found.records] == ["good-and-dear"]
    assert words(found) == "Too few prices to say: 1 record low, too little to state a rate."


def test_later_price_cut_is_a_record_of_its_own() -> None:
    version = sell("GPT-4o", "5", "2024-05-13", 0.6)
    offering = version.offerings.get()
    offering.prices.update(effective_to=at("2024-10-01"))
    for component in ("input", "output"):
        make_price(offering, component, "2.5", since="2024-10-01")
    assert [(point.on, point.usd_per_mtok) for point in of().records] == [
        (date(2024, 5, 13), Decimal(5)),
        (date(2024, 10, 1), Decimal("2.5")),
    ]


def test_day_asked_for_hides_what_came_later(halving: None) -> None:
    found = of(f"{GPQA}&as_of=2024-05-25")
    assert len(found.records) == 2
    assert found.cheapest_now is not None
    assert found.cheapest_now.usd_per_mtok == 16
    assert sentence(found) == (
        "60.0% on GPQA Diamond cost $32.00 per million tokens on 1 Jan 2024 and costs $16.00 on 25 May 2024."
    )


def test_level_nobody_reaches_says_so(halving: None) -> None:
    found = of("capability=benchmark:gpqa-diamond&level=95&as_of=2025-01-01")
    assert sentence(found) == "Nobody is known to have sold 95.0% on GPQA Diamond by 1 Jan 2025."
    assert (found.trend, found.cheapest_now) == (None, None)


def test_usual_level_is_that_of_the_reference_model() -> None:
    first = sell("DeepSeek-V3", "0.5", "2024-12-26", 0.6)
    second = make_version("Claude 3.5 Sonnet", developer="Anthropic", released="2024-10-22")
    for component in ("input", "output"):
        make_price(make_offering(second), component, "6", since="2024-10-22")
    make_fit({first: (133.0, [132.0, 134.0]), second: (134.3, [133.0, 135.0])})
    found = capability_price_trend(TrendQuery.parse({}))
    assert found.level == 134.3
    assert [point.version.slug for point in found.records] == ["claude-3-5-sonnet"]


@pytest.mark.parametrize("level", ["132.86156486", "132.861564861234", "132.8", "1e2", "0.1"])
def test_page_and_everything_it_links_to_have_one_level(client: Client, level: str) -> None:
    """With six digits 132.86156486 would be 132.862, which neither of the first two reaches."""
    levels = {"DeepSeek-V3": 132.86156486, "Claude 3.5 Sonnet": 132.861564861234, "o1": 133.5}
    versions = {name: sell(name, usd, "2024-12-26", 0.5) for name, usd in zip(levels, ("1", "6", "26"), strict=True)}
    make_fit({versions[name]: (value, [value, value]) for name, value in levels.items()})

    page = get(client, f"/trends/?level={level}&as_of=2025-02-08")
    frozen = re.search(r'href="/trends.csv([^"]*)"', page)
    assert frozen
    link = html.unescape(frozen[1]).replace("&table=cheapest", "")
    names = re.findall(r'<th scope="row">1\..*?>([^<]*)</a>', page)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/trends.csv{link}").content.decode("utf-8-sig"))))
    answer = client.get(f"/api/v1/price-of-capability{link}").json()
    file = client.get(f"/trends.json{link}").json()

    assert names == [row["name"] for row in rows] == [item["name"] for item in file["items"]]
    assert [row["version"] for row in rows] == [item["version"] for item in answer["items"]]
    assert answer["level"] == float(level)
    assert file["title"] in page
    assert get(client, f"/trends/{link}").count('<th scope="row">1.') == 1


def test_level_of_the_reference_model_is_rounded_down_to_what_its_link_says(client: Client) -> None:
    reference = sell("Claude 3.5 Sonnet", "6", "2024-10-22", 0.5)
    make_fit({reference: (132.86156486, [132.0, 133.0])})
    page = get(client, "/trends/?as_of=2025-02-08")
    assert "/trends.csv?as_of=2025-02-08&amp;level=132.861" in page
    assert client.get("/trends.json?as_of=2025-02-08&level=132.861").json()["count"] == 1
    assert client.get("/api/v1/price-of-capability").json()["level"] == 132.861


@pytest.mark.parametrize("percent", ["86.4", "57.9", "28.9", "7.1", "99.9"])
def test_model_reaches_its_own_share(client: Client, percent: str) -> None:
    """Of floats 86.4 / 100 is more than 0.864."""
    sell("DeepSeek-V3", "1", "2024-12-26", float(f"{float(percent) / 100:.5f}"))
    found = of(f"capability=benchmark:gpqa-diamond&level={percent}")
    assert len(found.records) == 1
    ((name, url),) = [(each.name, reference_url(found, each)) for each in found.references]
    assert (name, url) == ("DeepSeek-V3", f"?capability=benchmark:gpqa-diamond&level={percent}")
    assert client.get(f"/trends.json{url}").json()["count"] == 1


def test_share_that_was_stored_a_hair_below_counts() -> None:
    sell("DeepSeek-V3", "1", "2024-12-26", 0.8639999999999999)
    assert len(of("capability=benchmark:gpqa-diamond&level=86.4").records) == 1
    assert of("capability=benchmark:gpqa-diamond&level=86.401").records == []


@pytest.fixture
def risen() -> None:
    """The cheapest of two ends its offer on 1 March 2025, after a gap of nobody in January."""
    sell("Dear", "8", "2024-05-01", 0.6).offerings.get().prices.update(effective_to=at("2025-01-01"))
    sell("Cheap", "2", "2025-02-01", 0.6).offerings.get().prices.update(effective_to=at("2025-03-01"))
    sell("Usual", "4", "2025-02-10", 0.6)


def test_line_is_the_lowest_price_of_each_day_and_rises(risen: None) -> None:
    found = of(f"{GPQA}&as_of=2025-06-01")
    assert [(each.start, each.end, each.point.version.name) for each in found.cheapest] == [
        (at("2024-05-01"), at("2025-01-01"), "Dear"),
        (at("2025-02-01"), at("2025-03-01"), "Cheap"),
        (at("2025-03-01"), None, "Usual"),
    ]
    assert [point.version.name for point in found.records] == ["Dear", "Cheap"]
    figure = chart.figure(found)
    Figure(figure)
    assert figure["data"][0]["y"] == [8.0, 8.0, None, 2.0, 2.0, 4.0, 4.0]
    assert figure["data"][0]["x"][-1] == "2025-06-01T00:00:00+00:00"
    assert (figure["data"][2]["y"], figure["data"][2]["text"]) == ([4.0], ["Usual: $4.00 on 1 Jun 2025"])
    assert [each["text"] for each in figure["layout"]["annotations"]] == ["1", "2", "$4.00 on 1 Jun 2025"]


def test_words_and_file_tell_the_day_from_the_record(client: Client, risen: None) -> None:
    page = get(client, f"/trends/?{GPQA}&as_of=2025-06-01")
    assert (
        "60.0% on GPQA Diamond cost $8.00 per million tokens on 1 May 2024 and costs $4.00 on 1 Jun 2025 (lowest: "
        "$2.00)."
    ) in text_of(page)
    assert "The lowest so far was $2.00 on 1 Feb 2025, asked by DeepSeek." in text_of(page)
    assert (
        'aria-label="The lowest list price of this level on each day, to 1 Jun 2025: then $4.00 from DeepSeek. The '
        'lowest ever seen, $2.00 on 1 Feb 2025, is mark 2. The same record lows are in the table below."'
    ) in page
    assert "Lowest list price on the day Record low, numbered: lower than every price before" in text_of(page)
    rows = client.get(f"/trends.json?{GPQA}&as_of=2025-06-01&table=cheapest").json()["items"]
    assert [(row["from"][:10], row["name"], row["price_usd_per_mtok"]) for row in rows] == [
        ("2024-05-01", "Dear", 8.0),
        ("2025-02-01", "Cheap", 2.0),
        ("2025-03-01", "Usual", 4.0),
    ]


def test_free_offer_is_the_price_of_the_day_and_not_on_the_line() -> None:
    sell("Paid", "8", "2024-05-01", 0.6)
    sell("Free", "0", "2024-06-01", 0.6)
    found = of(f"{GPQA}&as_of=2025-06-01")
    assert found.cheapest_now is not None
    assert found.cheapest_now.version.name == "Free"
    assert [each.point.version.name for each in found.cheapest] == ["Paid"]
    assert len(chart.figure(found)["data"]) == 2


def test_day_before_every_price_names_the_first(client: Client, halving: None) -> None:
    text = text_of(get(client, f"/trends/?{GPQA}&as_of=2023-06-01"))
    assert "The first day with a price of anything on this scale is 1 Jan 2024." in text
    assert "The first day with" not in text_of(get(client, f"/trends/?{GPQA}&as_of=2024-01-01"))


def test_own_result_counts_from_its_day_on(client: Client) -> None:
    version = sell("DeepSeek-V3", "1", "2024-12-26", 0.5)
    measured(version, "++-+", "0.01", day="2026-11-20")
    for day, count in (("2025-02-08", 0), ("2026-11-19", 0), ("2026-11-20", 1)):
        query = f"capability=suite:sums-v1&level=50&as_of={day}"
        assert client.get(f"/trends.json?{query}").json()["count"] == count
        assert client.get(f"/api/v1/price-of-capability?{query}").json()["count"] == count


def test_quick_look_does_not_replace_the_whole_suite() -> None:
    """The newest of the runs that asked the most items, as for measured costs."""
    version = sell("DeepSeek-V3", "1", "2024-12-26", 0.5)
    for outcomes, day in (("----------", "2026-11-01"), ("+++++-----", "2026-11-02"), ("++", "2026-11-03")):
        measured(version, outcomes, "0.01", day=day)
    query = "capability=suite:sums-v1&as_of=2026-11-10"
    assert [point.score for point in of(query).records] == [0.5]
    for more in ("", "&variants=all", "&cost=measured"):
        asked = FrontierQuery.parse(dict(part.split("=") for part in f"{query}{more}".split("&")))
        assert [row.value for row in frontier(asked).shown] == [0.5], more


def test_chart_is_a_valid_figure(halving: None) -> None:
    found = of(f"{GPQA}&as_of=2025-06-01")
    figure = chart.figure(found)
    Figure(figure)
    assert len(figure["data"]) == 2, "the price of the day is the last record"
    assert figure["data"][1]["y"] == [32.0, 16.0, 8.0, 4.0, 2.0, 1.0]
    assert figure["data"][0]["x"][-1] == "2025-06-01T00:00:00+00:00"
    assert [each["text"] for each in figure["layout"]["annotations"]] == list("123456")


def test_page_says_the_rate_with_n_and_interval(client: Client, halving: None) -> None:
    text = text_of(get(client, f"/trends/?{GPQA}&as_of=2025-06-01"))
    assert "60.0% on GPQA Diamond cost $32.00 per million tokens on 1 Jan 2024 and costs $1.00 on 1 Jun 2025." in text
    assert "The record low fell 32.0-fold per year (90% interval 32.0 to 32.0, 6 prices)." in text
    assert "Leaving out any one of them: 32× to 32× a year." in text


def test_page_states_no_rate_where_data_are_thin(client: Client) -> None:
    for i, day in enumerate(DAYS[:3]):
        sell(f"Model {i}", str(Decimal(32) / 2**i), day, 0.6)
    text = text_of(get(client, f"/trends/?{GPQA}"))
    assert "Fell fast, rate uncertain: 3 record lows, too little to state a rate." in text
    assert re.search(r"Fall per year .{0,600}? – unknown too few or too scat", text)


def test_page_names_what_it_cannot_read(client: Client, halving: None) -> None:
    text = text_of(get(client, "/trends/?level=high&capability=benchmark:nope", status=400))
    assert "level is 'high': write a number from -1000000 to 1,000,000, such as 130." in text
    assert "There is no capability 'benchmark:nope'." in text


def test_hostile_names_are_text(client: Client, halving: None) -> None:
    ModelVersion.objects.update(name=HOSTILE)
    assert "<script>alert(1)" not in get(client, f"/trends/?{GPQA}")


@pytest.mark.parametrize(("count", "queries"), [(0, 3), (1, 8), (3, 8)])
def test_page_needs_as_many_queries_whatever_the_catalog_holds(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int, queries: int
) -> None:
    for i in range(count):
        make_fit_once(sell(f"Model {i}", "1", DAYS[i], 0.6))
    with django_assert_num_queries(queries):
        client.get("/trends/?level=100")


def make_fit_once(version: ModelVersion) -> None:
    from catalog.models import IndexEstimate, IndexFit

    if not IndexFit.objects.exists():
        make_fit({version: (120.0, [119.0, 121.0])})
        return
    IndexEstimate.objects.create(
        fit=IndexFit.objects.get(), version=version, status="ranked", capability=121.0, benchmarks=4, draws_f32=b""
    )


def test_api_answers_with_the_trend(client: Client, halving: None) -> None:
    answer = client.get(f"/api/v1/price-of-capability?{GPQA}&as_of=2025-06-01&limit=2").json()
    assert (answer["count"], answer["level"], answer["price_usd_per_mtok"], answer["cheapest"]) == (
        6,
        60.0,
        1.0,
        "model-5",
    )
    assert answer["next"].endswith("limit=2&offset=2")
    assert answer["items"][0]["price_usd_per_mtok"] == 32.0
    assert answer["trend"]["n"] == 6
    assert answer["trend"]["factor_per_year"] == pytest.approx(32)


def test_api_index_names_its_fit(client: Client) -> None:
    assert client.get("/api/v1/index").json() == {"count": 0, "next": None, "items": [], "fit": None}
    version = sell("DeepSeek-V3", "1", "2024-12-26", 0.6)
    make_fit({version: (133.0, [132.0, 134.0])})
    answer = client.get("/api/v1/index").json()
    assert (answer["items"][0]["version"], answer["items"][0]["capability"]) == ("deepseek-v3", 133.0)
    assert (answer["fit"]["resamples"], answer["fit"]["policy"]) == (2, "independent")
    assert client.get("/api/v1/index?policy=x").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_api_scores_need_constant_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for i in range(count):
        sell(f"Model {i}", "1", DAYS[i], 0.6)
    with django_assert_num_queries(3):
        answer = client.get("/api/v1/scores?benchmark=gpqa-diamond").json()
    assert [item["value"] for item in answer["items"]] == [0.6] * count
    assert client.get("/api/v1/scores?benchmark=none").status_code == 404


def test_web_processes_load_no_heavy_library() -> None:
    """Every page and route of the API, imported as a server does."""
    code = (
        "import django; django.setup(); import dashboard.urls, sys; "
        "print(sorted({'pandas', 'plotly', 'statsmodels', 'scipy.stats'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert printed.stdout.strip() == "[]"
