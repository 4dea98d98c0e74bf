"""Every reasoning effort as a point of its own, joined to the others of its model."""

import plotly.graph_objects as go
import pytest
from django.test import Client

from catalog.models import ModelVersion
from dashboard.answer import favourite_comparison
from dashboard.charts import frontier as chart
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.frontier import frontier
from dashboard.frontier_words import counts, not_shown, summary
from dashboard.query import FrontierQuery
from tests import factories as make
from tests.dashboard.conftest import measured, sold
from tests.dashboard.pages_support import get, text_of

ALL = {"as_of": "2025-02-08", "capability": "benchmark:gpqa-diamond", "variants": "all"}


@pytest.fixture
def efforts(db: None) -> dict[str, ModelVersion]:
    """One model at three efforts, of which one has two measurers, and one model without any."""
    gpqa, tester = make.make_benchmark("GPQA Diamond"), make.make_organization("Epoch AI")
    thinker = sold("Thinker", "OpenAI", ("2", "2"), open_weights=False)
    plain = sold("Plain", "Meta", ("1", "1"))
    for effort, value in (("high", 0.8), ("low", 0.6), ("no thinking", 0.4)):
        make.make_score(thinker, gpqa, value, effort=effort, measured_by=tester, standard_error=0.02)
    make.make_score(thinker, gpqa, 0.9, effort="high", measured_by=thinker.model.developer, self_reported=True)
    make.make_score(plain, gpqa, 0.5, measured_by=tester)
    return {"thinker": thinker, "plain": plain}


def test_every_effort_is_a_point_and_the_frontier_is_over_the_points(efforts: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(ALL))

    assert [(row.name, row.id, row.value, row.on_frontier) for row in found.rows] == [
        ("Plain", "plain", 0.5, True),
        ("Thinker (high)", "thinker~high", 0.8, True),
        ("Thinker (low)", "thinker~low", 0.6, False),
        ("Thinker (non-thinking)", "thinker~non-thinking", 0.4, False),
    ]
    assert (found.models, found.with_neither, found.left_out) == (2, 0, 0)
    assert counts(found) == "2 of 2 models in 4 settings · 2 on the frontier"
    assert summary(found).startswith(
        "2 models in 4 settings. Frontier from the cheapest up: Plain, $1.00, Score 50.0%; Th"
    )


def test_best_setting_alone_is_the_default(efforts: dict[str, ModelVersion]) -> None:
    rows = frontier(FrontierQuery.parse(ALL | {"variants": "best"})).rows

    assert [(row.name, row.value) for row in rows] == [("Plain", 0.5), ("Thinker", 0.8)]


def test_efforts_follow_the_score_policy(efforts: dict[str, ModelVersion]) -> None:
    rows = frontier(FrontierQuery.parse(ALL | {"policy": "vendor"})).rows

    assert [row.value for row in rows if row.variant == "high"] == [0.9]


def test_drawings_join_the_efforts_and_name_who_measured(efforts: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(ALL))
    figure = chart.figure(found)
    go.Figure(figure)

    marks, line = figure["data"][1:3]
    assert marks["text"] == ["Plain", "Thinker (high)", "Thinker (low)", "Thinker (non-thinking)"]
    assert marks["customdata"][1][1] == "Score 80.0% (76.7% to 83.3%), measured by Epoch AI"
    assert (line["mode"], line["x"], line["y"]) == ("lines", [2.0, 2.0, 2.0, None], [40.0, 60.0, 80.0, None])
    assert frontier_svg(found).count('class="join"') == 1


def test_index_has_no_efforts_and_says_so(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(get(client, "/?as_of=2025-02-08&variants=all"))

    assert "The capability index is fitted on the best published setting of each model" in text
    assert "3 of 3 models · 1 on the frontier" in text


def test_runs_of_a_suite_differ_by_their_parameters(three_models: dict[str, ModelVersion]) -> None:
    asked = {"as_of": "2025-02-08", "capability": "suite:sums-v1", "variants": "all", "cost": "measured"}
    version = three_models["deepseek"]
    measured(version, "+-" * 10, "0.001", max_output_tokens=100)
    measured(version, "+" * 20, "0.004", max_output_tokens=900)

    found = frontier(FrontierQuery.parse(asked))

    assert [(row.name, float(row.cost or 0), row.value) for row in found.rows] == [
        ("DeepSeek-V3 (at most 100 output tokens)", 0.002, 0.5),
        ("DeepSeek-V3 (at most 900 output tokens)", 0.004, 1.0),
    ]


def test_measured_cost_is_not_lent_to_other_settings(client: Client, efforts: dict[str, ModelVersion]) -> None:
    measured(efforts["thinker"], "++", "0.001")

    answer = client.get("/api/v1/frontier", ALL | {"cost": "measured"}).json()

    assert answer["variants"] == "best"
    assert answer["notices"][0].startswith("A measured cost belongs to the setting of its run")
    assert [item["effort"] for item in answer["items"]] == [None]


def test_effort_is_in_api_csv_and_page(client: Client, efforts: dict[str, ModelVersion]) -> None:
    answer = client.get("/api/v1/frontier", ALL).json()
    table = client.get("/frontier.csv", ALL).content.decode()

    assert [(item["model"], item["effort"]) for item in answer["items"]][1:3] == [
        ("thinker", "high"),
        ("thinker", "low"),
    ]
    assert '"Thinker (non-thinking)"' in table
    assert '<option value="all" selected>all, joined</option>' in get(
        client, "/?capability=benchmark:gpqa-diamond&variants=all"
    )


def test_pair_is_of_two_models_where_there_are_two(efforts: dict[str, ModelVersion]) -> None:
    """Low and high are the dearest steps; Plain is another model."""
    thinker = efforts["thinker"]
    measured(thinker, "+" * 20 + "-" * 20, "0.001", endpoint="low", day="2025-02-01")
    measured(thinker, "+" * 40, "0.01", endpoint="high", day="2025-02-02")
    view = {"as_of": "2025-02-08", "cost": "measured", "capability": "suite:sums-v1", "variants": "all"}
    query = FrontierQuery.parse(view)

    alone = favourite_comparison(frontier(query))
    measured(efforts["plain"], "+" * 10 + "-" * 30, "0.0001")
    two = favourite_comparison(frontier(query))

    assert alone is not None
    assert (alone.first.slug, alone.second.slug) == ("thinker", "thinker")
    assert two is not None
    assert {two.first.slug, two.second.slug} == {"plain", "thinker"}


def test_pair_of_settings_leads_to_the_page_of_their_model(client: Client, db: None) -> None:
    version = make.make_version("Thinker")
    measured(version, "+----" * 8, "0.001", endpoint="low")
    measured(version, "+++++" * 8, "0.01", endpoint="high")

    page = get(client, "/?as_of=2025-02-08&cost=measured&capability=suite:sums-v1&variants=all")

    assert '<a class="btn" id="compare-link" href="/models/thinker/">Open the model’s page</a>' in page


def test_model_with_one_drawn_setting_is_not_missing(db: None) -> None:
    version = make.make_version("Thinker")
    measured(version, "++++-", "0.009", endpoint="a")
    measured(version, "+++--", None, endpoint="b", day="2025-02-02")
    view = {"as_of": "2025-02-08", "cost": "measured", "capability": "suite:sums-v1", "variants": "all"}

    found = frontier(FrontierQuery.parse(view))

    assert ([row.cost is None for row in found.rows], len(found.without_cost), not_shown(found)) == ([False], 1, "")


def test_premium_names_the_setting_that_sets_it(client: Client, efforts: dict[str, ModelVersion]) -> None:
    items = client.get("/api/v1/frontier", ALL).json()["items"]

    sets = {(item["name"], item["premium_set_by"], item["premium_set_by_name"]) for item in items}
    assert ("Thinker (low)", "thinker", "Thinker (low)") in sets
    assert ("Thinker (non-thinking)", "plain", "Plain") in sets
