"""Names come from feeds and forms. Whatever they hold is text on every page, in every figure and in every file."""

import csv
import html
import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from catalog.models import Model, ModelVersion, Organization
from dashboard.charts import frontier as chart
from dashboard.charts.text import clean_text, plot_text
from dashboard.exports import safe_cell
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from tests import factories as make

DRAWN = {"svg", "g", "a", "title", "desc", "rect", "text", "path", "circle", "line"}
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
    "",
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
    other = make.make_version("Other", released="2024-12-26")
    make.make_score(other, make.make_benchmark(), 0.4)
    return name


PAGES = ["/", "/models/", "/models/hostile/", "/training/", "/models/?q=%3Cscript%3E", "/compare/hostile/other/"]
PAGES += ["/prices/", "/trends/", "/routing/", "/whole-life/", "/sources/", "/conflicts/", "/changes/"]
CHARTS = ["/frontier", "/models/hostile", "/compare/hostile/other", "/prices", "/trends", "/training", "/routing"]
CHARTS += ["/whole-life"]
TABLES = ["/frontier", "/models", "/trends", "/routing", "/whole-life", "/sources", "/conflicts", "/changes"]
TABLES += [f"/models/hostile?table={name}" for name in ("prices", "history", "scores", "facts", "training")]
TABLES += [f"/prices?table={name}" for name in ("changes", "history", "traffic", "announced")]
TABLES += [f"/training?table={name}" for name in ("runs", "phases", "methods", "totals")]
TABLES += [
    f"/compare/hostile/other?table={name}" for name in ("facts", "traffic", "levels", "pairs", "mixes", "benchmarks")
]


def test_hostile_name_is_text_on_every_page(client: Client, hostile: str) -> None:
    for address in (*PAGES, *(f"/embed{chart_address}/" for chart_address in CHARTS)):
        response = client.get(address)
        text = response.content.decode()

        assert response.status_code == 200, address
        markup = re.sub(r'<script id="[a-z-]+" type="application/json">.*?</script>', "", text, flags=re.DOTALL)
        assert "<script>" not in markup, address
        assert "<img" not in markup, address
        assert "evil.example'" not in markup.replace("&#x27;", ""), address
        assert 'href="javascript:' not in markup, address
        assert "\u202e" not in text, address


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
    for address in TABLES:
        path, _, query = address.partition("?")
        rows = list(csv.reader(io.StringIO(client.get(f"{path}.csv?{query}").content.decode("utf-8-sig"))))
        assert rows, address
        for row in rows:
            assert len(row) == len(rows[0]), address
            for cell in row:
                assert not cell.lstrip().startswith(("=", "+", "@", "\t", "＝")), (address, cell)
                assert "\u202e" not in cell


def test_hostile_name_is_a_string_in_every_json_file(client: Client, hostile: str) -> None:
    for address in TABLES:
        path, _, query = address.partition("?")
        response = client.get(f"{path}.json?{query}")
        assert response["Content-Type"] == "application/json"
        answer = response.json()
        assert all(list(item) == answer["columns"] for item in answer["items"]), address


def test_hostile_name_is_text_in_every_picture(client: Client, hostile: str) -> None:
    for chart_address in CHARTS:
        text = client.get(f"{chart_address}.svg").content.decode()
        picture = ET.fromstring(text)
        assert {element.tag.rpartition("}")[2] for element in picture.iter()} <= DRAWN
        assert "\u202e" not in text
        assert client.get(f"{chart_address}.png").content[:4] == b"\x89PNG"


def test_hostile_name_stays_in_its_field_of_a_citation_and_a_frame(client: Client, hostile: str) -> None:
    page = client.get("/models/hostile/").content.decode()
    bibtex = html.unescape(page.partition('id="bibtex-code">')[2].partition("</code>")[0])
    frame = client.get("/oembed", {"url": "http://testserver/models/hostile/"}).json()["html"]

    assert bibtex.count("{") == bibtex.count("}") == 7
    assert "\\href" not in bibtex
    assert re.fullmatch(
        r'<iframe src="[^"<>]*" width="\d+" height="\d+" title="[^"<>]*" loading="lazy"></iframe>', frame
    )


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
