"""An example of a question and its answer for each operation of the API, for its OpenAPI document and its pages.

``examples.json`` holds answers as this installation's starting facts gave them, cut to the first entries of each list.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import urlencode

PREFIX = "/api/v1"


class Example(TypedDict, total=False):
    """``path``, ``query`` and ``headers`` by name; ``body`` and ``answer`` as sent."""

    path: dict[str, str]
    query: dict[str, Any]
    headers: dict[str, str]
    body: dict[str, Any]
    answer: dict[str, Any]


@lru_cache(maxsize=1)
def examples() -> dict[str, Example]:
    """By method and route: ``"GET /models/{slug}"``."""
    found: dict[str, Example] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
    return found


def example_of(method: str, path: str) -> Example | None:
    return examples().get(f"{method.upper()} {path.removeprefix(PREFIX)}")


def address_of(example: Example, path: str) -> str:
    """The address that the example asks at."""
    for name, value in example.get("path", {}).items():
        path = path.replace(f"{{{name}}}", value)
    query = example.get("query", {})
    return f"{path}?{urlencode(query, safe=':')}" if query else path


def add_example(operation: dict[str, Any], example: Example) -> None:
    """Write the example into an operation of an OpenAPI document."""
    given = example.get("path", {}) | example.get("query", {}) | example.get("headers", {})
    for parameter in operation.get("parameters", []):
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example["body"]
    for status, response in operation["responses"].items():
        if int(status) < 300:
            for content in response["content"].values():
                content["example"] = example["answer"]
