"""Every operation of the API has an example of a question and its answer, and they keep to its own document."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.test import Client

from catalog.services import seed
from dashboard.api.app import api
from dashboard.api.examples import address_of, examples

DOCUMENT: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def check(value: object, shape: dict[str, Any]) -> None:
    """:raises jsonschema.ValidationError: naming the place."""
    jsonschema.validate(
        value,
        shape | {"components": DOCUMENT["components"]},
        cls=jsonschema.Draft202012Validator,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def test_every_operation_has_an_example_and_every_example_an_operation() -> None:
    assert set(examples()) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_example_keeps_to_the_document(name: str) -> None:
    operation, example = OPERATIONS[name], examples()[name]
    (response,) = [each for status, each in operation["responses"].items() if int(status) < 300]
    content = response["content"]["application/json"]

    check(example["answer"], content["schema"])
    assert content["example"] == example["answer"]
    shapes = {each["name"]: each for each in operation.get("parameters", [])}
    given = example.get("path", {}) | example.get("query", {}) | example.get("headers", {})
    for parameter, value in given.items():
        check(value, shapes[parameter]["schema"])
        assert shapes[parameter]["example"] == value
    assert {each for each, shape in shapes.items() if shape.get("required")} <= set(given)
    if body := operation.get("requestBody"):
        check(example["body"], body["content"]["application/json"]["schema"])
        assert body["content"]["application/json"]["example"] == example["body"]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.endswith("s") and "answer" in examples()[name]])
def test_collection_in_an_example_has_its_envelope_and_sources(name: str) -> None:
    answer = examples()[name]["answer"]

    assert {"count", "next", "items"} <= set(answer) or name.startswith("POST")
    for item in answer.get("items", []):
        assert name.endswith("/samples") or "sources" in item


def test_every_operation_states_its_limits_and_every_read_its_etag(client: Client, db: None) -> None:
    document = client.get("/api/v1/openapi.json").json()

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert set(answers["429"]["headers"]) == {"RateLimit", "RateLimit-Policy", "Retry-After"}
            if method == "get":
                assert "ETag" in answers["200"]["headers"], path
                assert "304" in answers, path


def test_docs_page_shows_the_example_of_every_operation(client: Client, db: None) -> None:
    text = client.get("/api/v1/docs").content.decode()

    for name, example in examples().items():
        method, _, path = name.partition(" ")
        if method == "GET":
            ids = {key: key.upper() if key.endswith("_id") else value for key, value in example.get("path", {}).items()}
            address = address_of({**example, "path": ids}, f"/api/v1{path}")
            assert f"<code>{address.replace('&', '&amp;')}</code>" in text


def test_docs_page_has_no_address_that_leads_nowhere_and_no_backticks(client: Client, db: None) -> None:
    text = client.get("/api/v1/docs").content.decode()
    page = re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)

    assert "``" not in text
    assert "<code>scope</code>" in text
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}", page) == []
    assert "<code>/api/v1/runs/RUN_ID</code>" in text
    assert "<code>RUN_ID</code> stands for an id that <code>GET /api/v1/runs</code> answers." in text
    assert "<code>COMPARISON_ID</code> stands for an id that <code>POST /api/v1/comparisons</code> answers." in text
    for address in re.findall(r"curl[^<]*", text):
        assert not re.search(r"/[0-9a-f]{8}-[0-9a-f]{4}", address)


def test_documentation_counts_what_the_example_counts() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    (counted,) = re.findall(r'"not_shown": (\{.*?\})', text)
    assert json.loads(counted) == examples()["GET /frontier"]["answer"]["not_shown"]


def test_every_link_of_the_docs_page_leads_somewhere(client: Client, db: None) -> None:
    seed()
    text = client.get("/api/v1/docs").content.decode()
    links = {unescape(link) for link in re.findall(r'<a href="(/api/v1/[^"]*)"><code>', text)}

    assert len(links) >= 15
    assert {link: status for link in links if (status := client.get(link).status_code) != 200} == {}
    assert not any(link.startswith(("/api/v1/views", "/api/v1/runs/", "/api/v1/comparisons/")) for link in links)
