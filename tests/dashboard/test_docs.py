"""The documentation names every route, and its example runs."""

import runpy
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from catalog.models import ModelVersion

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
