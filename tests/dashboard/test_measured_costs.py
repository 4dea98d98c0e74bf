"""The measured cost of a solved task in place of the list price."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import ModelVersion
from dashboard import frontier_words
from dashboard.answer import picks, sentence
from dashboard.charts import frontier as chart
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.errors import BadParameter
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from dashboard.saved_views import answer_of
from evals.models import Run
from tests import factories as make
from tests.dashboard.conftest import measured, sold
from tests.dashboard.pages_support import get, text_of

MEASURED = {"as_of": "2025-02-08", "cost": "measured"}


@pytest.fixture
def measured_models(three_models: dict[str, ModelVersion]) -> dict[str, ModelVersion]:
    """DeepSeek-V3 solves half its tasks at 0.001 each, Sonnet all at 0.004; Llama was not measured."""
    measured(three_models["deepseek"], "+-" * 20, "0.001")
    measured(three_models["sonnet"], "+" * 40, "0.004", day="2025-02-03")
    return three_models


def test_cost_is_dollars_per_solved_task_of_the_newest_run(measured_models: dict[str, ModelVersion]) -> None:
    measured(measured_models["deepseek"], "+" * 40, "0.003", day="2025-02-05")
    measured(measured_models["deepseek"], "+" * 40, "0.009", day="2025-02-09")  # after the day asked for
    measured(measured_models["deepseek"], "+" * 40, "0.009", day="2025-02-06", state=Run.State.CAPPED)

    rows = frontier(FrontierQuery.parse(MEASURED)).rows

    assert [(row.slug, row.cost, row.on_frontier, row.price_premium) for row in rows] == [
        ("deepseek-v3", Decimal("0.003"), True, 1.0),
        ("claude-3-5-sonnet", Decimal("0.004"), False, 4 / 3),
    ]
    assert [row.usd_per_mtok for row in rows] == [Decimal("0.4775"), Decimal(6)]


@pytest.mark.parametrize("variants", ["best", "all"])
@pytest.mark.parametrize(("day", "cost", "level"), [("2025-02-08", "0.002", 0.5), ("2025-06-08", "0.003", 1.0)])
def test_cost_and_level_are_of_the_same_run_on_any_day(
    measured_models: dict[str, ModelVersion], variants: str, day: str, cost: str, level: float
) -> None:
    later = measured(measured_models["deepseek"], "+" * 40, "0.003", day="2025-06-01")
    query = {"as_of": day, "cost": "measured", "capability": "suite:sums-v1", "variants": variants}

    row = frontier(FrontierQuery.parse(query)).row("deepseek-v3")

    assert row is not None
    assert row.measured is not None
    assert row.capability is not None
    assert (row.cost, row.value) == (Decimal(cost), level)
    assert [source.url for source in row.capability.sources] == [row.measured.url]
    assert (row.measured.run == later) == (day > "2025-06")


def test_level_is_of_the_run_of_the_cost_when_a_later_one_was_capped(
    measured_models: dict[str, ModelVersion],
) -> None:
    """A capped run has a score and no place among the costs."""
    measured(measured_models["deepseek"], "+" * 40, "0.009", day="2025-02-05", state=Run.State.CAPPED)

    rows = frontier(FrontierQuery.parse(MEASURED | {"capability": "suite:sums-v1"})).rows

    assert [(row.slug, row.cost, row.value) for row in rows] == [
        ("deepseek-v3", Decimal("0.002"), 0.5),
        ("claude-3-5-sonnet", Decimal("0.004"), 1.0),
    ]


def test_cost_is_of_the_newest_run_among_those_with_the_most_items(measured_models: dict[str, ModelVersion]) -> None:
    whole = Run.objects.get(endpoint__slug="deepseek-v3")
    measured(measured_models["deepseek"], "+" * 20, "0.0001", day="2025-02-05")

    def row_for(day: str) -> tuple[Decimal | None, str]:
        found = frontier(FrontierQuery.parse(MEASURED | {"as_of": day})).row("deepseek-v3")
        assert found is not None
        assert found.measured is not None
        return found.cost, str(found.measured.run.pk)

    assert row_for("2025-02-06") == (Decimal("0.002"), str(whole.pk))

    newer = measured(measured_models["deepseek"], "+" * 40, "0.003", day="2025-02-07")
    assert row_for("2025-02-06") == (Decimal("0.002"), str(whole.pk))
    assert row_for("2025-02-08") == (Decimal("0.003"), str(newer.pk))


def test_item_asked_twice_is_no_more_items(measured_models: dict[str, ModelVersion]) -> None:
    newer = measured(measured_models["deepseek"], "+" * 40, "0.003", day="2025-02-05")
    older = Run.objects.exclude(pk=newer.pk).get(endpoint__slug="deepseek-v3")
    item = older.samples.get(position=0).sample
    older.samples.create(sample=item, position=40, repeat=1, state="done", outcome="incorrect")

    row = frontier(FrontierQuery.parse(MEASURED)).row("deepseek-v3")

    assert row is not None
    assert row.cost == Decimal("0.003")


def test_cost_counts_wrong_answers_and_has_an_interval(measured_models: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(MEASURED))

    row = found.row("deepseek-v3")
    assert row is not None
    assert row.measured is not None
    assert row.measured.interval is not None
    assert (row.cost, row.measured.n, row.measured.measured_on) == (Decimal("0.002"), 40, date(2025, 2, 1))
    assert row.measured.interval.low < 0.002 < row.measured.interval.high


def test_model_without_a_run_or_a_known_cost_is_counted_and_never_drawn(three_models: dict[str, ModelVersion]) -> None:
    measured(three_models["deepseek"], "++", None)
    measured(three_models["sonnet"], "--", "0.004")
    measured(sold("Measured", "Somebody", ("1", "1")), "++", "0.002")

    found = frontier(FrontierQuery.parse(MEASURED))

    assert found.rows == []
    assert [(row.slug, row.cost) for row in found.without_cost] == [
        ("claude-3-5-sonnet", None),
        ("deepseek-v3", None),
        ("llama-3-1-405b", None),
    ]
    assert frontier_words.not_shown(found) == (
        "4 models not on the chart: 1 not measured, 1 measured, but without a known cost, "
        "1 measured, but without a solved task, so its cost is infinite, 1 without a score."
    )
    assert sentence(found) == "No model has both a measured cost and a score under these assumptions."


def test_cost_without_a_solved_task_is_infinite_in_api_and_csv_and_not_drawn(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    run = measured(three_models["sonnet"], "-" * 40, "0.004")
    address = "?as_of=2025-02-08&cost=measured&unknown=show"

    found = client.get(f"/api/v1/frontier{address}").json()
    text = get(client, f"/frontier.csv{address}")
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}

    cost = {item["model"]: item["measured_cost"] for item in found["items"]}["claude-3-5-sonnet"]
    assert (cost["usd_per_solved_task"], cost["interval"]["high"], cost["solved"]) == ("infinite", "infinite", 0)
    assert cost["url"] == f"http://testserver/evals/runs/{run.pk}/"
    assert rows["claude-3-5-sonnet"]["solved_task_usd"] == "infinite"
    assert rows["deepseek-v3"]["solved_task_usd"] == ""
    assert frontier(FrontierQuery.parse(MEASURED)).rows == []


@pytest.mark.parametrize(
    ("asked", "suite"),
    [
        ({}, "sums-v1"),
        ({"task": "words-v1"}, "words-v1"),
        ({"capability": "suite:words-v1"}, "words-v1"),
        ({"capability": "suite:words-v1", "task": "sums-v1"}, "words-v1"),
    ],
)
def test_suite_is_the_capability_else_the_task_else_the_most_run_one(
    measured_models: dict[str, ModelVersion], asked: dict[str, str], suite: str
) -> None:
    measured(measured_models["llama"], "++", "0.001", suite="words-v1")

    found = frontier(FrontierQuery.parse(MEASURED | asked))

    assert found.measurement.suite is not None
    assert found.measurement.suite.slug == suite
    assert [(each.slug, each.versions) for each in found.measurement.suites] == [("sums-v1", 2), ("words-v1", 1)]


def test_task_that_is_no_suite_is_refused_with_those_that_are(measured_models: dict[str, ModelVersion]) -> None:
    with pytest.raises(BadParameter, match=r"task is 'sum', which is no suite here\. .*: sums-v1"):
        frontier(FrontierQuery.parse(MEASURED | {"task": "sum"}))


def test_words_of_the_page_speak_of_solved_tasks(client: Client, measured_models: dict[str, ModelVersion]) -> None:
    text = text_of(page := get(client, "/?as_of=2025-02-08&cost=measured"))

    assert (
        "DeepSeek-V3 is level with Claude 3.5 Sonnet, within the uncertainty, and costs 50% less per solved task."
        in text
    )
    assert "Capability against measured cost" in text
    assert (
        "measured cost of a solved task of Sums-V1, US$, log scale · "
        "2 runs, 80 answers, measured 1 Feb 2025 to 3 Feb 2025"
    ) in text
    assert "$0.002 per solved task" in text
    assert "cheaper per solved task" in text
    assert "Frontier from the cheapest up: DeepSeek-V3, $0.002 per solved task, Index 134.0." in text
    assert "1 model not on the chart: 1 not measured." in text
    assert "DeepSeek-V3, 40 answers, 1 Feb 2025" in text
    assert f'href="/evals/runs/{Run.objects.get(endpoint__slug="deepseek-v3").pk}/"' in page
    assert "US$ per solved task of Sums-V1 → dearer" in page
    assert "per 1M tokens" not in text.partition("The same data")[0]


def test_tooltip_and_drawing_name_cost_interval_and_run(measured_models: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(MEASURED | {"intervals": "show"}))
    figure = chart.figure(found)

    assert figure["layout"]["xaxis"]["title"]["text"] == "US$ per solved task of Sums-V1 → dearer"
    lines = figure["data"][1]["customdata"][0]
    assert lines[2].startswith("$0.002 per solved task ($0.00")
    assert lines[2].endswith("(95%), 40 answers, 1 Feb 2025)")
    assert lines[3] == "List price: $0.27 in · $1.10 out · $0.48 per 1M blended"
    assert figure["data"][1]["error_x"]["arrayminus"][0] > 0
    assert frontier_svg(found).count('class="whisker"') == 4


def test_picks_are_limited_by_cost_per_solved_task(measured_models: dict[str, ModelVersion]) -> None:
    measured(measured_models["llama"], "+" * 40, "0.0001")

    found = picks(frontier(FrontierQuery.parse(MEASURED)))

    assert [(pick.title, pick.row.name) for pick in found] == [
        ("Best of the scored under $0.0002", "Llama 3.1 405B"),
        ("Best of the scored, any cost", "DeepSeek-V3"),
    ]


def test_measured_cost_is_in_api_and_csv(client: Client, measured_models: dict[str, ModelVersion]) -> None:
    run = Run.objects.get(endpoint__slug="deepseek-v3")

    answer = client.get("/api/v1/frontier", MEASURED).json()
    table = client.get("/frontier.csv", MEASURED)

    assert (answer["cost"], answer["task"], answer["not_shown"]["without_price"]) == ("measured", "sums-v1", 1)
    item = answer["items"][0]
    cost = item["measured_cost"]
    assert (item["price_usd_per_mtok"], cost["usd_per_solved_task"]) == (0.4775, 0.002)
    assert (cost["answers"], cost["solved"], cost["measured_on"]) == (40, 20, "2025-02-01")
    assert (cost["run"], cost["url"], cost["interval"]["level"]) == (
        str(run.pk),
        f"http://testserver/evals/runs/{run.pk}/",
        0.95,
    )
    assert table["Content-Disposition"] == 'attachment; filename="frontier-2025-02-08-cost-measured.csv"'
    header, first = (line.split('","') for line in table.content.decode().splitlines()[:2])
    row = dict(zip(header, first, strict=True))
    assert (row["solved_task_usd"], row["measured_answers"], row["x_axis_suite"]) == ("0.002", "40", "sums-v1")
    assert row["measured_run"] == f"/evals/runs/{run.pk}/"


def test_switch_without_a_run_says_how_to_make_one(client: Client, three_models: dict[str, ModelVersion]) -> None:
    page = get(client, "/")
    asked = text_of(get(client, "/?cost=measured"))

    assert '<span class="none" aria-disabled="true">Measured</span>' in page
    assert (
        'None has finished yet: <a href="/evals/new/">start one</a>, which asks you to log in, because runs can spend '
        "money."
    ) in page
    assert "To start, stop or judge a run, log in: runs spend money." in text_of(
        get(client, "/admin/login/?next=/evals/new/")
    )
    assert "No run on any suite was finished by" in asked
    assert "No models match." in asked


@pytest.mark.parametrize("models", [1, 3])
def test_measured_page_needs_as_many_queries_for_three_models_as_for_one(
    client: Client, db: None, models: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    versions = [sold(f"Model {n}", f"Developer {n}", ("1", "2")) for n in range(models)]
    make.make_index({version: [1.0, 2.0] for version in versions})
    for version in versions:
        measured(version, "+-+", "0.001")

    with django_assert_num_queries(12):
        get(client, "/?cost=measured")


def test_saved_view_follows_the_measured_cost(measured_models: dict[str, ModelVersion]) -> None:
    run = Run.objects.get(endpoint__slug="deepseek-v3")

    assert answer_of("/?cost=measured&as_of=2025-02-08") == {
        "frontier deepseek-v3": {
            "name": "DeepSeek-V3 on the frontier",
            "value": "$0.002 per solved task",
            "source": f"/evals/runs/{run.pk}/",
        }
    }


def test_measured_models_without_a_level_lead_to_their_own_pass_rate(client: Client, db: None) -> None:
    """As after the first start, when the local model alone was measured."""
    measured(make.make_version("SmolLM2", developer="Hugging Face"), "+-" * 20, "0.001")

    page = get(client, f"/?cost={MEASURED['cost']}&as_of={MEASURED['as_of']}")
    suite = frontier(FrontierQuery.parse(MEASURED)).measurement.suite
    assert suite is not None
    own = f"?as_of=2025-02-08&capability=suite:{suite.slug}&cost=measured"

    assert f"No model that was measured on {suite.name} has a level on this scale." in text_of(page)
    assert f'href="{own}"'.replace("&", "&amp;") in page
    assert "SmolLM2 is the only model on the frontier" in text_of(get(client, f"/{own}"))


def test_cost_stays_with_the_version_that_was_measured(three_models: dict[str, ModelVersion]) -> None:
    run = measured(three_models["deepseek"], "++-", "0.01")
    run.version = three_models["deepseek"]
    run.save()
    run.endpoint.version = three_models["sonnet"]
    run.endpoint.save()

    asked = FrontierQuery.parse({"cost": "measured", "capability": "suite:sums-v1"})

    assert [(row.slug, row.cost) for row in frontier(asked).rows] == [("deepseek-v3", Decimal("0.015"))]


def test_measured_button_leads_to_what_has_marks(client: Client, three_models: dict[str, ModelVersion]) -> None:
    """A small run that solved nothing, and one of a model without an index level that did."""
    small = make.make_version("SmolLM2", developer="Hugging Face")
    measured(small, "-----", "0.001", suite="arithmetic-v1")
    measured(small, "+-" * 10, "0.001", suite="everyday-v1")
    own = "?capability=suite:everyday-v1&amp;cost=measured"

    page, empty = get(client, "/"), get(client, "/?cost=measured&task=arithmetic-v1")

    assert f'<a href="{own}" id="x-measured"' in page
    assert (
        "No model has a cost of a solved task on Arithmetic-V1: 1 solved no task. Take its pass rate on Everyday-V1 "
        "instead, which 1 model has"
    ) in text_of(empty)
    assert f'<a href="{own}" data-swap="view">Take its pass rate' in empty
    # Without a task it is the suite on which most models have a cost, not the one that comes first by name.
    suite = frontier(FrontierQuery.parse({"cost": "measured"})).measurement.suite
    assert suite is not None
    assert suite.slug == "everyday-v1"
    assert "SmolLM2 is the only model on the frontier" in text_of(get(client, f"/{own.replace('&amp;', '&')}"))


def test_measured_button_takes_the_suite_that_scored_models_ran(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    for name in ("Small", "Smaller"):
        measured(make.make_version(name, developer="Nobody"), "+-", "0.001", suite="wide-v1")
    measured(three_models["deepseek"], "+-", "0.001", suite="narrow-v1")

    page, wide = get(client, "/"), get(client, "/?cost=measured")

    assert '<a href="?task=narrow-v1&amp;cost=measured" id="x-measured"' in page
    assert "No model that was measured on Wide-V1 has a level on this scale." in text_of(wide)
    assert '<a href="?task=narrow-v1&amp;cost=measured" data-swap="view">Take the cost on Narrow-V1 instead</a>' in wide
    assert "DeepSeek-V3 is the only model on the frontier" in text_of(get(client, "/?cost=measured&task=narrow-v1"))


def test_measured_without_any_cost_says_what_is_missing_and_links_to_no_empty_view(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    measured(three_models["deepseek"], "--", "0.001")
    measured(three_models["sonnet"], "+-", None)

    text = text_of(get(client, "/?cost=measured"))

    assert (
        "No model has a cost of a solved task on Sums-V1: 1 solved no task and 1 was measured without a known price. "
        "See the runs , or clear the filters"
    ) in text
    assert "instead" not in text
