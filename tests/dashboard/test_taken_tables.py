"""Files hold what is on the screen: each row of a page's table is a row of its CSV and of its JSON, in that order."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest
from django.test import Client

from catalog.models import Model, ModelVersion, TrainingRun
from dashboard import formats
from evals.models import Run
from tests import factories as make
from tests.dashboard.pages_support import get
from tests.dashboard.test_runs import make_run


class Tables(HTMLParser):
    """The text of every table cell of a page, by table, body row and cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.in_body = False
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tbody":
            self.in_body = True
        elif tag == "tr" and self.in_body:
            self.tables[-1].append([])
        elif tag in ("th", "td") and self.in_body:
            self.tables[-1][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self.in_body = False
        elif tag in ("th", "td"):
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell and self.in_body:
            self.tables[-1][-1][-1] += data


def csv_rows(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200, response.content[:300]
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def usd(text: str) -> str:
    return formats.usd(float(text)) if text else formats.UNKNOWN


def share(text: str) -> str:
    return formats.percent(float(text)) if text else formats.UNKNOWN


def day(text: str) -> str:
    return formats.day(date.fromisoformat(text[:10])) if text else formats.UNKNOWN


def short(text: str) -> str:
    return formats.short(float(text)) if text else formats.UNKNOWN


def tenth(text: str) -> str:
    return f"{float(text):.1f}" if text else formats.UNKNOWN


def plain(text: str) -> str:
    return text


@pytest.fixture
def world(two_runs: list[TrainingRun], three_models: dict[str, ModelVersion]) -> None:
    """The three models with scores on two benchmarks, two statements that disagree, and an announced price."""
    vendor = make.make_source("https://example.org/vendor", publisher="Vendor", licence="CC BY 4.0")
    gpqa, mmlu = make.make_benchmark("GPQA Diamond"), make.make_benchmark("MMLU")
    for n, version in enumerate(three_models.values()):
        make.make_score(version, gpqa, 0.5 + n / 20, source=vendor)
        make.make_score(version, mmlu, 0.8 - n / 20)
    make.make_claim(three_models["deepseek"], "context_tokens", "128000", source=vendor)
    make.make_claim(three_models["deepseek"], "context_tokens", "64000")
    make_run(outcomes=("correct", "incorrect", "incorrect"))
    make_run(outcomes=("incorrect", "", "pending"), state=Run.State.CANCELLED)


# Page, its CSV, which table of the page, and by column of the page: the column of the file and how it is written.
Check = tuple[str, str, int, dict[int, tuple[str, Callable[[str], str]]]]
CHECKS: dict[str, Check] = {
    "trends": (
        "/trends/?capability=benchmark:gpqa-diamond&level=50&as_of=2025-02-01&mix=1:0:1",
        "/trends.csv",
        0,
        {
            0: ("name", plain),
            1: ("price_usd_per_mtok", usd),
            2: ("capability", share),
            3: ("on", day),
            4: ("provider", plain),
        },
    ),
    "prices changes": (
        "/prices/?model=deepseek-v3&as_of=2025-02-08",
        "/prices.csv",
        -1,
        {0: ("name", plain), 1: ("before_usd_per_mtok", usd), 2: ("after_usd_per_mtok", usd), 4: ("at", day)},
    ),
    "prices traffic": (
        "/prices/?model=deepseek-v3&model=claude-3-5-sonnet&as_of=2025-01-01&input_mtok=20",
        "/prices.csv?table=traffic",
        0,
        {
            0: ("name", plain),
            1: ("usd_per_month", usd),
            2: ("today_usd_per_month", usd),
            5: ("price_usd_per_mtok", usd),
        },
    ),
    "compare traffic": (
        "/compare/deepseek-v3/claude-3-5-sonnet/?as_of=2025-01-01&input_mtok=20",
        "/compare/deepseek-v3/claude-3-5-sonnet.csv?table=traffic",
        0,
        {
            0: ("name", plain),
            1: ("usd_per_month", usd),
            2: ("input_usd_per_month", usd),
            4: ("output_usd_per_month", usd),
        },
    ),
    "compare pairs": (
        "/compare/deepseek-v3/claude-3-5-sonnet/llama-3-1-405b/?capability=benchmark:gpqa-diamond",
        "/compare/deepseek-v3/claude-3-5-sonnet/llama-3-1-405b.csv?table=pairs",
        2,
        {1: ("verdict", plain)},
    ),
    "model prices": (
        "/models/deepseek-v3/?as_of=2025-01-01&mix=1:0:1",
        "/models/deepseek-v3.csv",
        0,
        {
            0: ("provider_model_id", plain),
            1: ("name", plain),
            2: ("input_usd_per_mtok", usd),
            4: ("output_usd_per_mtok", usd),
            5: ("price_usd_per_mtok", usd),
            6: ("since", day),
        },
    ),
    "model history": (
        "/models/deepseek-v3/?as_of=2025-02-08",
        "/models/deepseek-v3.csv?table=history",
        1,
        {0: ("provider", plain), 3: ("usd_per_mtok", usd), 4: ("effective_from", day)},
    ),
    "model scores": (
        "/models/deepseek-v3/",
        "/models/deepseek-v3.csv?table=scores",
        2,
        {0: ("benchmark", plain), 1: ("as_printed", plain)},
    ),
    "model facts": ("/models/deepseek-v3/", "/models/deepseek-v3.csv?table=facts", 3, {0: ("fact", plain)}),
    "models": (
        "/models/?q=deepseek",
        "/models.csv",
        0,
        {0: ("name", plain), 1: ("index", tenth), 2: ("price_usd_per_mtok", usd), 4: ("versions", plain)},
    ),
    "routing": (
        "/routing/?capability=benchmark:mmlu&input_tokens=2000&as_of=2025-02-08",
        "/routing.csv",
        0,
        {
            0: ("name", plain),
            1: ("solved_share", share),
            2: ("usd_per_1000_tasks", usd),
            4: ("share_of_tasks_in_mix", share),
        },
    ),
    "whole life": (
        "/whole-life/?usd_per_gpu_hour=3&utilisation_percent=50&as_of=2025-02-08",
        "/whole-life.csv",
        0,
        {
            0: ("name", plain),
            3: ("training_share", share),
            4: ("training_usd_per_served_mtok", usd),
            5: ("api_usd_per_mtok", usd),
        },
    ),
    "sources": (
        "/sources/?q=vendor",
        "/sources.csv",
        0,
        {0: ("publisher", plain), 1: ("facts", plain), 3: ("kind", plain)},
    ),
    "runs": (
        "/evals/?suite=tiny-v1",
        "/evals.csv",
        0,
        {1: ("pass_rate", share), 3: ("state", str.capitalize), 4: ("cost_usd", usd), 5: ("started_at", day)},
    ),
    "runs of a suite": (
        "/evals/suites/tiny-v1/",
        "/evals/suites/tiny-v1.csv",
        0,
        {0: ("endpoint", str.capitalize), 1: ("scored", plain), 4: ("cost_usd", usd), 5: ("started_at", day)},
    ),
    "items of a suite": (
        "/evals/suites/tiny-v1/",
        "/evals/suites/tiny-v1.csv?table=items",
        1,
        {0: ("item", plain), 1: ("prompt", plain), 2: ("scorer", plain), 4: ("difficulty", share)},
    ),
    "training": (
        "/training/?usd_per_gpu_hour=3",
        "/training.csv",
        -1,
        {0: ("name", plain), 1: ("gpu_hours", short), 2: ("usd", usd), 6: ("verdict", plain)},
    ),
}


def parameters(address: str) -> str:
    return address.partition("?")[2]


@pytest.mark.parametrize("name", CHECKS)
def test_csv_has_the_rows_of_the_page(client: Client, world: None, name: str) -> None:
    page, file, position, columns = CHECKS[name]
    shown = Tables(get(client, page)).tables[position]
    mark = "&" if "?" in file else "?"
    taken = csv_rows(client, f"{file}{mark}{parameters(page)}")

    assert len(taken) == len(shown) > 0
    for row, cells in zip(taken, shown, strict=True):
        for at, (column, write) in columns.items():
            said = " ".join(cells[at].split())
            wanted = write(row[column])
            if wanted == formats.UNKNOWN:
                assert said in ("–unknown", "–", ""), (name, column)
            else:
                assert wanted in said, (name, column)
        assert row.get("source_urls", row.get("source_url")) is not None


@pytest.mark.parametrize("name", CHECKS)
def test_json_has_the_rows_of_the_csv(client: Client, world: None, name: str) -> None:
    page, file, _, _ = CHECKS[name]
    mark = "&" if "?" in file else "?"
    taken = csv_rows(client, f"{file}{mark}{parameters(page)}")
    answer = client.get(f"{file.replace('.csv', '.json')}{mark}{parameters(page)}").json()

    assert answer["count"] == len(taken)
    assert answer["columns"] == list(taken[0])
    for item, row in zip(answer["items"], taken, strict=True):
        assert {column for column, value in item.items() if value in (None, "")} == {
            column for column, text in row.items() if text == ""
        }


def test_conflicts_and_changes_are_taken_whole(client: Client, world: None) -> None:
    page = get(client, "/conflicts/?kind=claim")
    rows = csv_rows(client, "/conflicts.csv?kind=claim")
    assert [(row["what"], row["number"], row["is_shown"]) for row in rows] == [
        ("context window", "128000", "true"),
        ("context window", "64000", "false"),
    ]
    assert all(row["source_urls"] in page for row in rows)
    assert csv_rows(client, "/conflicts.csv?kind=price") == []

    changes = csv_rows(client, "/changes.csv?kind=price")
    titles = [each["title"] for each in client.get("/api/v1/changes?kind=price").json()["items"]]
    assert [row["title"] for row in changes] == titles
    assert "DeepSeek-V3 by DeepSeek: dearer" in titles


def test_every_link_beside_a_table_leads_to_a_file(client: Client, world: None) -> None:
    pages = ["/trends/", "/prices/", "/compare/deepseek-v3/claude-3-5-sonnet/", "/models/", "/models/deepseek-v3/"]
    pages += ["/evals/", "/evals/suites/tiny-v1/"]
    pages += ["/routing/", "/whole-life/", "/training/", "/sources/", "/conflicts/", "/changes/"]
    for page in pages:
        found = Links(get(client, page)).files
        assert any(".csv" in address for address in found), page
        for address in found:
            assert client.get(address).status_code == 200, address


class Links(HTMLParser):
    """Addresses beside charts and tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.files: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and any(ending in href for ending in (".csv", ".json", ".svg")):
            self.files.append(href)


def test_file_says_its_day_choices_and_licences(client: Client, world: None) -> None:
    query = "?capability=benchmark:gpqa-diamond&level=50&as_of=2025-02-01"
    name = client.get(f"/trends.csv{query}")["Content-Disposition"]
    about = client.get(f"/trends.json{query}").json()["about"]
    svg = client.get(f"/trends.svg{query}").content.decode()

    assert name == 'attachment; filename="trends-2025-02-01-capability-benchmark-gpqa-diamond-level-50.csv"'
    assert about.startswith(
        "Capability per dollar. As of 2025-02-01. Chosen: capability = benchmark:gpqa-diamond, level = 50."
    )
    assert f"<desc>{about}</desc>" in svg


def test_table_that_a_page_does_not_have_is_named(client: Client, world: None) -> None:
    response = client.get("/prices.csv?table=costs")

    assert response.status_code == 400
    assert response.content.decode() == "table is 'costs': choose one of changes, history, traffic, announced."


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/trends.csv?level=many", 400, "level is 'many'"),
        ("/trends.json?capability=benchmark:none", 400, "benchmark:none"),
        ("/models/nobody.csv", 404, "There is no model 'nobody'"),
        ("/compare/deepseek-v3.svg", 404, "There is no comparison 'deepseek-v3'"),
        ("/sources/999999.csv", 404, "No Source matches"),
        ("/evals/suites/nobody.csv", 404, "No Suite matches"),
        ("/evals.csv?suite=nobody", 400, "No run has the suite 'nobody'."),
    ],
)
def test_file_that_cannot_be_made_says_why(client: Client, world: None, address: str, status: int, words: str) -> None:
    response = client.get(address)

    assert response.status_code == status
    assert words in response.content.decode()


def test_history_of_the_prices_chart_is_what_it_draws(client: Client, world: None) -> None:
    rows = csv_rows(client, "/prices.csv?table=history&model=deepseek-v3&as_of=2025-02-08")

    assert [(row["price_usd_per_mtok"], row["from"][:10], row["until"][:10]) for row in rows] == [
        ("0.175", "2024-12-26", "2025-02-08"),
        ("0.4775", "2025-02-08", ""),
    ]


def test_unknown_is_empty_and_null(client: Client, world: None) -> None:
    Model.objects.create(slug="bare", name="Bare", developer=make.make_organization("Nobody"))

    assert csv_rows(client, "/models.csv?q=bare")[0]["first_released_on"] == ""
    assert json.loads(client.get("/models.json?q=bare").content)["items"][0]["first_released_on"] is None
