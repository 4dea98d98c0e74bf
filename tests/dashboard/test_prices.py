"""The price page: history, changes, announced prices, and the visitor's traffic on any day."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from plotly.graph_objects import Figure
from pytest_django import DjangoAssertNumQueries

from catalog.models import Model, Price, Source
from catalog.selectors import prices as selectors
from dashboard.charts import price_history, price_steps
from dashboard.price_list import PriceList, PriceQuery, midnight, price_list
from dashboard.query import Mix
from dashboard.templatetags.dashboard import conditions
from dashboard.views.prices import lede, sentence
from dashboard.workload import Workload
from tests.dashboard.pages_support import HOSTILE, get, text_of
from tests.factories import at, make_offering, make_price, make_source, make_version

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def deepseek() -> Model:
    """0.14 / 0.28 until 8 February 2025, then 0.27 / 1.10; from 24 March on another version at the same price."""
    first = make_version("DeepSeek-V3", label="December", released="2024-12-26")
    second = make_version("DeepSeek-V3", label="March", released="2025-03-24")
    for component, old, new in (("input", "0.14", "0.27"), ("output", "0.28", "1.10")):
        offering = make_offering(first, model_id="deepseek-chat")
        make_price(offering, component, old, since="2024-12-26", until="2025-02-08")
        make_price(offering, component, new, since="2025-02-08", until="2025-03-24")
        make_price(make_offering(second, model_id="deepseek-chat"), component, new, since="2025-03-24")
    return first.model


def listed(query: PriceQuery | None = None, workload: Workload | None = None) -> PriceList:
    return price_list(query or PriceQuery(), workload or Workload(), today=TODAY)


def test_line_is_the_blended_price_of_the_newest_version(deepseek: Model) -> None:
    (line,) = listed().lines
    # (3 x 0.14 + 0.28) / 4 = 0.175 and (3 x 0.27 + 1.10) / 4 = 0.4775.
    assert [(segment.start, segment.end, segment.usd_per_mtok) for segment in line.segments] == [
        (at("2024-12-26"), at("2025-02-08"), Decimal("0.175")),
        (at("2025-02-08"), at("2025-03-24"), Decimal("0.4775")),
        (at("2025-03-24"), None, Decimal("0.4775")),
    ]
    assert [segment.version.name for segment in line.segments] == [
        "DeepSeek-V3 December",
        "DeepSeek-V3 December",
        "DeepSeek-V3 March",
    ]


def test_line_follows_the_mix(deepseek: Model) -> None:
    (line,) = listed(PriceQuery(mix=Mix(Decimal(1), Decimal(0), Decimal(1)))).lines
    assert line.segments[0].usd_per_mtok == Decimal("0.21")


def test_traffic_is_priced_on_the_day_and_today(deepseek: Model) -> None:
    (line,) = listed(PriceQuery(as_of=date(2025, 2, 7))).lines
    # 300 x 0.14 + 100 x 0.28 = 70 on the last day before the increase, 300 x 0.27 + 100 x 1.10 = 191 since.
    assert line.then is not None
    assert line.now is not None
    assert (line.then.total, line.now.total) == (Decimal("70.00"), Decimal("191.00"))
    assert line.change == Decimal(191) / Decimal(70) - 1
    (after,) = listed(PriceQuery(as_of=date(2025, 2, 8))).lines
    assert after.then is not None
    assert after.then.total == Decimal("191.00")


def test_changes_after_the_day_are_not_shown(deepseek: Model) -> None:
    assert len(listed().changes) == 2
    assert len(listed(PriceQuery(as_of=date(2025, 2, 8))).changes) == 2
    assert listed(PriceQuery(as_of=date(2025, 2, 7))).changes == []


def test_unknown_price_is_unknown(deepseek: Model) -> None:
    (line,) = listed(PriceQuery(as_of=date(2024, 1, 1))).lines
    assert (line.then, line.change) == (None, None)


def test_observed_basis_counts_what_it_leaves_out(deepseek: Model) -> None:
    make_price(
        make_offering(make_version("GPT-4o", developer="OpenAI")), "input", "2.5", observed_from=at("2025-01-01")
    )
    found = listed(PriceQuery(basis="observed", mix=Mix(Decimal(1), Decimal(0), Decimal(0))))
    assert [line.model.slug for line in found.lines] == ["gpt-4o"]
    assert found.without_sight == 6


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        (date(2025, 3, 1), "In the 90 days to 1 Mar 2025, 2 list prices rose."),
        (date(2026, 1, 1), "No list price has changed since 8 Feb 2025."),
        (date(2025, 1, 1), "No change of a list price is known."),
    ],
)
def test_sentence_says_what_prices_did(deepseek: Model, as_of: date, words: str) -> None:
    assert sentence(listed(PriceQuery(as_of=as_of))) == words


def test_chart_is_a_valid_figure_that_lifts_the_pen_in_a_gap() -> None:
    offering = make_offering(make_version("GPT-4o", developer="OpenAI", released="2024-05-13"))
    make_price(offering, "input", "5", since="2024-05-13", until="2024-10-01")
    make_price(offering, "input", "2.5", since="2024-12-01")
    found = listed(PriceQuery(mix=Mix(Decimal(1), Decimal(0), Decimal(0))))
    figure = price_steps.figure(found.lines, end=midnight(TODAY))
    Figure(figure)
    (trace,) = figure["data"]
    assert trace["y"] == [5.0, 5.0, None, 2.5, 2.5]
    assert trace["x"][-1] == "2026-11-23T00:00:00+00:00"
    assert trace["text"][-1] == "$2.50 since 1 Dec 2024, from $5.00 (-50%)<br>GPT-4o, OpenAI; source: Example"


def test_history_ends_on_the_day(client: Client, deepseek: Model) -> None:
    """Neither the chart nor its file knows what came later, nor when a price of that day was to end."""
    found = listed(PriceQuery(as_of=date(2025, 2, 7)))
    (line,) = found.lines
    assert [(segment.start, segment.end) for segment in line.segments] == [(at("2024-12-26"), None)]
    figure = price_steps.figure(found.lines, end=found.end)
    Figure(figure)
    assert figure["data"][0]["x"] == ["2024-12-26T00:00:00+00:00", "2025-02-07T00:00:00+00:00"]
    rows = client.get("/prices.json?as_of=2025-02-07&table=history").json()["items"]
    assert [(row["price_usd_per_mtok"], row["until"]) for row in rows] == [(0.175, None)]


def test_line_that_begins_on_the_day_is_drawn(client: Client, deepseek: Model) -> None:
    found = listed(PriceQuery(as_of=date(2024, 12, 26)))
    figure = price_steps.figure(found.lines, end=found.end)
    assert figure["layout"]["xaxis"]["range"] == ["2024-10-27T00:00:00+00:00", "2024-12-26T00:00:00+00:00"]
    assert client.get("/prices.svg?as_of=2024-12-26").status_code == 200


def test_announced_price_is_known_from_the_day_it_was_seen() -> None:
    offering = make_offering(make_version("Claude Sonnet 5", developer="Anthropic"))
    seen = {"announced": True, "since": "2026-12-10"}
    make_price(offering, "input", "3", observed_from=at("2026-11-20"), **seen)  # type: ignore[arg-type]
    read = make_source("https://example.org/later", retrieved_at=at("2026-11-22"))
    make_price(offering, "output", "15", source=read, **seen)  # type: ignore[arg-type]
    days = ((2025, 2, 8), (2026, 11, 19), (2026, 11, 20), (2026, 11, 22), (2026, 11, 23))
    known = [len(listed(PriceQuery(as_of=date(*day))).announced) for day in days]
    assert known == [0, 0, 1, 2, 2]


def test_nine_models_are_too_many_and_none_is_dropped_in_silence(client: Client) -> None:
    for i in range(10):
        make_price(make_offering(make_version(f"Model {i}")), "input", "1", since="2025-01-01")
    query = "&".join(f"model=model-{i}" for i in (0, 1, 1, 2, 3, 4, 5, 6, 7))
    assert "At most" not in text_of(get(client, f"/prices/?{query}"))
    said = "At most 8 models fit into one chart. Left out: model-8, model-9."
    text = text_of(get(client, f"/prices/?{query}&model=model-8&model=model-9", status=400))
    assert said in text
    for form in (".csv", ".json", ".svg"):
        refused = client.get(f"/prices{form}?{query}&model=model-8&model=model-9")
        assert (refused.status_code, refused.content.decode()) == (400, said)


def test_only_changes_that_surely_are_recent_are_counted(client: Client) -> None:
    """Read on 2 December at $3.50 and on 9 November at $0.80: the cut may be eleven months old."""
    llama = make_version("Llama 3.1 405B", developer="Meta")
    offering = make_offering(llama, provider="OpenRouter")
    one, other = (make_source(f"https://example.org/{name}", rank=rank) for name, rank in (("one", 30), ("two", 30)))

    def seen(component: str, usd: str, first: str, last: str, source: Source) -> None:
        make_price(offering, component, usd, observed_from=at(first), last_seen=at(last), source=source)

    seen("input", "3.5", "2025-11-01", "2025-12-02", one)
    seen("input", "0.8", "2026-11-09", "2026-11-23", one)
    seen("output", "3.5", "2026-10-01", "2026-11-01", one)
    seen("output", "0.9", "2026-11-09", "2026-11-23", one)
    seen("cached_input", "0.4", "2026-10-01", "2026-11-08", one)
    seen("cached_input", "0.5", "2026-11-09", "2026-11-23", one)
    seen("cache_write", "0.4", "2026-10-01", "2026-11-08", other)
    seen("cache_write", "0.2", "2026-11-09", "2026-11-23", one)
    found = listed()
    assert sentence(found) == "In the 90 days to 23 Nov 2026, 1 list price fell and 1 rose."
    assert lede(found) == (
        "The largest cut: Llama 3.1 405B by OpenRouter, output $3.50 to $0.90, between 1 Nov 2026 and 9 Nov 2026. "
        "Counted are prices of one component, such as input, at one provider. 2 more changes are not counted: the "
        "earlier price was last read before those days, or at another source, so when it changed is not known."
    )
    text = text_of(get(client, "/prices/?as_of=2026-11-23"))
    assert "between 2 Dec 2025 and 9 Nov 2026" in text
    assert "cached input, OpenRouter $0.40 $0.50 +25% 9 Nov 2026 seen" in text
    rows = {row["component"]: row for row in client.get("/prices.json?as_of=2026-11-23").json()["items"]}
    assert rows["input"]["before_last_read_at"] == "2025-12-02T00:00:00Z"
    Price.objects.filter(source=other).update(last_seen=at("2026-11-20"))
    rows = {row["component"]: row for row in client.get("/prices.json?as_of=2026-11-10").json()["items"]}
    assert rows["cache_write"]["before_last_read_at"] == "2026-11-09T00:00:00Z", "what is read later is of later"


def test_nothing_sure_is_no_change() -> None:
    offering = make_offering(make_version("Llama 3.1 405B", developer="Meta"), provider="OpenRouter")
    make_price(offering, "input", "3.5", observed_from=at("2025-11-01"), last_seen=at("2025-12-02"))
    make_price(offering, "input", "0.8", observed_from=at("2026-11-09"))
    assert sentence(listed()) == "No list price is known to have changed in the 90 days to 23 Nov 2026."
    assert lede(listed()).startswith("1 more change is not counted:")


@pytest.fixture
def sellers() -> None:
    """Sold by its developer until June, then by Novita, then as another version by Novita."""
    first = make_version("DeepSeek-V4", label="preview", released="2026-01-01")
    second = make_version("DeepSeek-V4", label="0813", released="2026-08-13")
    make_price(make_offering(first), "input", "2.2", since="2026-01-01", until="2026-06-01")
    make_price(make_offering(first, provider="Novita"), "input", "0.5", since="2026-06-01")
    make_price(make_offering(second, provider="Novita"), "input", "0.5", since="2026-08-13")


def test_chart_marks_where_seller_or_version_changes(client: Client, sellers: None) -> None:
    found = listed(PriceQuery(mix=Mix(Decimal(1), Decimal(0), Decimal(0))))
    (line,) = found.lines
    assert [(each.after.start, each.words) for each in line.shifts] == [
        (at("2026-06-01"), "Novita instead of DeepSeek"),
        (at("2026-08-13"), "DeepSeek-V4 0813 instead of DeepSeek-V4 preview"),
    ]
    figure = price_steps.figure(found.lines, end=found.end)
    Figure(figure)
    dots = figure["data"][1]
    assert (dots["mode"], dots["y"]) == ("markers", [0.5, 0.5])
    assert dots["text"][0] == (
        "DeepSeek-V4<br>Novita instead of DeepSeek<br>$0.50 since 1 Jun 2026, from $2.20 (-77%)"
        "<br>DeepSeek-V4 preview, Novita; source: Example"
    )
    page = get(client, "/prices/?mix=1:0:0&as_of=2026-11-23")
    text = text_of(page)
    assert "DeepSeek-V4, 1 Jun 2026 : Novita instead of DeepSeek, $2.20 to $0.50" in text
    assert "DeepSeek-V4 $0.50, Novita" in text
    assert (
        "DeepSeek-V4: $0.50 from Novita, another version or seller 2 times before. The steps are listed below." in page
    )


def test_past_day_names_the_seller_of_today_too(client: Client, sellers: None) -> None:
    row = client.get("/prices.json?mix=1:0:0&as_of=2026-02-01&table=traffic").json()["items"][0]
    assert (row["provider"], row["today_provider"]) == ("DeepSeek", "Novita")
    assert "Novita, the only provider" in text_of(get(client, "/prices/?mix=1:0:0&as_of=2026-02-01"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("as_of=2020-06-01", "The first day with a price here is 26 Dec 2024."),
        ("as_of=2020-06-01&model=gpt-4o", "The first day with a price of these models is 1 Mar 2025."),
        ("as_of=2024-12-26", ""),
        ("", ""),
    ],
)
def test_day_before_every_price_names_the_first(client: Client, deepseek: Model, query: str, said: str) -> None:
    make_price(make_offering(make_version("GPT-4o", developer="OpenAI")), "input", "5", since="2025-03-01")
    text = text_of(get(client, f"/prices/?{query}"))
    assert said in text if said else "The first day with" not in text


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("67", "weekends"),
        ("12345", "Monday to Friday"),
        ("3", "Wednesdays"),
        ("137", "Mondays, Wednesdays and Sundays"),
        ("", "list price"),
    ],
)
def test_price_of_some_days_says_which(client: Client, digits: str, words: str) -> None:
    offering = make_offering(make_version("GPT-4o", developer="OpenAI", released="2024-05-13"))
    price = make_price(offering, "input", "1", since="2024-12-26", weekdays=digits)
    assert conditions(price) == words
    (row,) = client.get("/models/gpt-4o.json?table=history").json()["items"]
    assert row["weekdays"] == digits
    lines = price_history.lines(selectors.price_history(version_ids=[offering.version_id]), TODAY)
    assert len(lines) == (0 if digits else 1)


def test_second_line_of_a_developer_is_dashed() -> None:
    for name in ("GPT-4o", "GPT-5"):
        make_price(make_offering(make_version(name, developer="OpenAI")), "input", "5", since="2024-12-26")
    lines = listed(PriceQuery(mix=Mix(Decimal(1), Decimal(0), Decimal(0)))).lines
    assert price_steps.dashes(lines) == ["solid", "dash"]


def test_page_has_changes_and_announced_prices(client: Client, deepseek: Model) -> None:
    offering = make_offering(make_version("Claude Sonnet 5", developer="Anthropic"))
    make_price(offering, "input", "3", since="2999-09-01", announced=True)
    text = text_of(get(client, "/prices/"))
    assert "output, DeepSeek $0.28 $1.10 +293% 8 Feb 2025 Example" in text
    assert "Claude Sonnet 5 Anthropic Input $3.00 1 Sep 2999 Example" in text


def test_page_keeps_the_chosen_models(client: Client, deepseek: Model) -> None:
    make_price(make_offering(make_version("GPT-4o", developer="OpenAI")), "input", "5", since="2024-12-26")
    page = get(client, "/prices/?model=GPT-4o&model=deepseek-v3&as_of=2025-02-07")
    assert '<input type="hidden" name="model" value="gpt-4o">' in page
    assert "$70.00" in text_of(page)


def test_page_names_what_it_cannot_read(client: Client, deepseek: Model) -> None:
    text = text_of(get(client, "/prices/?as_of=yesterday&basis=guess&model=gpt-9", status=400))
    assert "as_of is 'yesterday', which is not a day" in text
    assert "basis is 'guess': choose one of effective, observed." in text
    assert "There is no model “gpt-9”." in text


def test_csv_holds_the_changes(client: Client, deepseek: Model) -> None:
    response = client.get("/prices.csv?model=deepseek-v3")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(row["component"], row["before_usd_per_mtok"], row["after_usd_per_mtok"]) for row in rows] == [
        ("output", "0.28", "1.1"),
        ("input", "0.14", "0.27"),
    ]
    assert rows[0]["source_url"] == "https://example.org/report"


def test_hostile_names_are_text(client: Client, deepseek: Model) -> None:
    Model.objects.update(name=HOSTILE)
    page = get(client, "/prices/")
    assert "<script>alert(1)" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize("count", [0, 1, 3])
def test_page_needs_as_many_queries_whatever_the_catalog_holds(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for i in range(count):
        make_price(make_offering(make_version(f"Model {i}")), "input", "1", since="2025-01-01")
    with django_assert_num_queries(5 if count else 3):
        client.get("/prices/")


def test_api_prices_are_those_in_force(client: Client, deepseek: Model) -> None:
    answer = client.get("/api/v1/prices?model=deepseek-v3&as_of=2025-02-07").json()
    assert (answer["count"], answer["next"], answer["as_of"]) == (2, None, "2025-02-07")
    assert [(item["component"], item["usd_per_mtok"]) for item in answer["items"]] == [
        ("input", 0.14),
        ("output", 0.28),
    ]
    assert answer["items"][0]["effective_to"] == "2025-02-08T00:00:00Z"
    assert answer["items"][0]["sources"][0]["url"] == "https://example.org/report"


def test_api_prices_of_an_unknown_model_is_a_problem(client: Client, deepseek: Model) -> None:
    response = client.get("/api/v1/prices?model=deepseek-v4")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["near"] == ["deepseek-v3"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_api_offerings_need_constant_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for i in range(count):
        make_price(make_offering(make_version(f"Model {i}")), "input", "1", since="2025-01-01")
    with django_assert_num_queries(5 if count else 2):
        answer = client.get("/api/v1/offerings").json()
    assert [item["prices_usd_per_mtok"] for item in answer["items"]] == [{"input": 1.0}] * count
