"""The documentation names every route, and its examples run."""

import json
import runpy
import shlex
import sys
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from catalog.models import ModelVersion, TrainingRun

DOCS = Path(settings.BASE_DIR) / "docs"


def test_docs_page_names_every_route(client: Client, db: None) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    text = client.get("/api/v1/docs").content.decode()

    assert {path for path in paths if path not in text} == set()


def test_example_prints_the_steps_of_the_frontier(
    live_server: LiveServer,
    three_models: dict[str, ModelVersion],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["example", live_server.url, "2025-02-08"])

    runpy.run_path(str(DOCS / "examples" / "cheapest_at_level.py"), run_name="__main__")

    assert capsys.readouterr().out == "   134.0  $0.4775     DeepSeek-V3\n"


def cells(kind: str) -> list[dict[str, Any]]:
    notebook = json.loads((DOCS / "examples" / "frontier.ipynb").read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_notebook_redraws_the_chart_of_a_running_site(
    live_server: LiveServer,
    three_models: dict[str, ModelVersion],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CPD_SITE", live_server.url)
    monkeypatch.setenv("CPD_DAY", "2025-02-08")
    namespace: dict[str, Any] = {}

    for cell in cells("code"):
        exec(compile("".join(cell["source"]), cell["id"], "exec"), namespace)

    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == [
        "3 models on 2025-02-08, prices for 3 input tokens to 1 output token",
        "  134.0  $0.4775   DeepSeek-V3",
    ]
    assert "joins: nothing" in printed
    assert "DeepSeek: https://api-docs.deepseek.com/news/price" in printed
    line, marks = namespace["figure"].to_plotly_json()["data"]
    assert (list(line["x"]), list(line["y"]), line["line"]["shape"]) == ([0.4775, 6.0], [134.0, 134.0], "hv")
    assert list(marks["x"]) == [0.4775, 3.5, 6.0]
    assert list(marks["error_y"]["array"]) == [1.0, 1.0, 1.0]


def test_notebook_is_kept_without_outputs_and_with_a_name_for_each_cell() -> None:
    assert [cell["outputs"] for cell in cells("code")] == [[]] * len(cells("code"))
    names = [cell["id"] for kind in ("code", "markdown") for cell in cells(kind)]
    assert len(set(names)) == len(names)


def test_lines_for_a_shell_in_the_documentation_are_answered(
    live_server: LiveServer, two_runs: list[TrainingRun]
) -> None:
    """Each curl line of the documentation that only reads, against a running site."""
    text = (DOCS / "api.md").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("curl ") and "-X" not in line]

    assert len(lines) >= 15
    for line in lines:
        words = shlex.split(line.replace("http://127.0.0.1:8000", live_server.url))
        (address,) = [word for word in words if word.startswith("http")]
        headers = {
            name: value.strip()
            for flag, word in pairwise(words)
            if flag == "-H"
            for name, _, value in [word.partition(":")]
        }
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            assert answer.status == 200, line


def test_documentation_names_every_route_with_its_parameters(client: Client, db: None) -> None:
    text = (DOCS / "api.md").read_text()
    paths = client.get("/api/v1/openapi.json").json()["paths"]

    for path, methods in paths.items():
        route = path.removeprefix("/api/v1").replace("run_id", "id").replace("comparison_id", "id")
        assert f"`{route}`" in text, route
        for parameter in methods.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and parameter["name"] not in ("limit", "offset"):
                assert f"`{parameter['name']}`" in text, (route, parameter["name"])
