"""Names come from feeds and forms. Whatever they hold is text on every page, in every figure and in every file."""

import csv
import io
import json
import re

import pytest
from django.test import Client

from catalog.models import Model, ModelVersion, Organization
from dashboard.charts import frontier as chart
from dashboard.charts.text import clean_text, plot_text
from dashboard.exports import safe_cell
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from tests import factories as make

HOSTILE = [
    "<script>alert(1)</script>",
    "<a href='https://evil.example'>cheap</a>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "gpt\u202eevil\u202c",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "+1",
    "{{ 7|add:7 }}",
    "$\\href{javascript:alert(1)}{x}$",
    "x" * 200,
    "   ",
]


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def hostile(db: None, request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    model = Model.objects.create(
        slug="hostile", name=name, developer=Organization.objects.create(slug="bad", name=name)
    )
    version = ModelVersion.objects.create(model=model, slug="hostile", name=name)
    source = make.make_source("javascript:alert(1)", publisher=name, title=name)
    offering = make.make_offering(version, model_id=name)
    for component in ("input", "output"):
        make.make_price(offering, component, "1", since="2025-01-01", source=source)
    make.make_score(version, make.make_benchmark(), 0.5, source=source, configuration=name)
    make.make_claim(version, "licence", name, source=source, qualifier=name)
    make.make_training_run(version, {name[:80]: 5.0}, scope=name)  # as long as a phase may be named
    make.make_index({version: [130.0, 131.0]})
    return name


@pytest.mark.parametrize("address", ["/", "/models/", "/models/hostile/", "/training/", "/models/?q=%3Cscript%3E"])
def test_hostile_name_is_text_on_every_page(client: Client, hostile: str, address: str) -> None:
    response = client.get(address)
    text = response.content.decode()

    assert response.status_code == 200
    markup = re.sub(r'<script id="[a-z-]+" type="application/json">.*?</script>', "", text, flags=re.DOTALL)
    assert "<script>" not in markup
    assert "<img" not in markup
    assert "evil.example'" not in markup.replace("&#x27;", "")
    assert 'href="javascript:' not in markup
    assert "\u202e" not in text


def test_hostile_name_cannot_end_a_data_block(client: Client, hostile: str) -> None:
    for block in re.findall(r'type="application/json">(.*?)</script>', client.get("/").content.decode(), re.DOTALL):
        json.loads(block)
        assert "<" not in block


def test_hostile_name_is_escaped_in_every_string_of_a_figure(hostile: str) -> None:
    trace = chart.figure(frontier(FrontierQuery()))["data"][1]

    for string in [*trace["text"], *trace["customdata"][0]]:
        assert not re.search(r"[<>]", string)
        assert len(string) <= 400


def test_hostile_name_runs_no_formula_in_a_spreadsheet(client: Client, hostile: str) -> None:
    rows = list(csv.reader(io.StringIO(client.get("/frontier.csv").content.decode("utf-8-sig"))))

    assert len(rows) == 2
    for cell in rows[1]:
        assert not cell.lstrip().startswith(("=", "+", "@", "\t", "＝")), cell


def test_hostile_name_is_unchanged_in_the_api(client: Client, hostile: str) -> None:
    response = client.get("/api/v1/frontier")

    assert response.json()["items"][0]["name"] == hostile
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1", "' =1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("-0.5", "-0.5"),
        ("-x", "'-x"),
        ("DeepSeek-V3", "DeepSeek-V3"),
        (None, ""),
        (True, "true"),
        (float("inf"), "infinite"),
        (-0.5, "-0.5"),
    ],
)
def test_safe_cell_quotes_formulas_and_leaves_numbers(value: object, cell: str) -> None:
    assert safe_cell(value) == cell  # type: ignore[arg-type]


def test_plot_text_escapes_markup_and_drops_controls() -> None:
    assert plot_text("a<b>&\u202e\u0007c\nd") == "a&lt;b&gt;&amp;c d"
    assert clean_text("x" * 100) == "x" * 59 + "…"
