"""The documentation page of the API, drawn from its OpenAPI document: no script, no foreign server."""

import json
import re
from dataclasses import dataclass
from shlex import quote
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from dashboard.api.examples import Example, address_of, example_of

SITE = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as the page shows it."""

    method: str
    path: str
    anchor: str
    summary: str
    description: str
    parameters: list[Field]
    answers: str
    fields: list[Field]
    example: str  # the address, for routes that only read
    is_link: bool  # whether it leads somewhere here: an id is a placeholder, and a token is not sent
    stands_for: list[tuple[str, str]]  # placeholders of the example, and the operation that answers what they stand for
    command: str
    answer: str
    scope: str  # that a token needs; empty where none is asked for


class DocsPage(DocsBase):
    """Renders the document that ``openapi.json`` serves."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        return render(
            request,
            "dashboard/api_docs.html",
            {
                "info": schema["info"],
                "operations": operations(schema),
                "schemas": [
                    (name, properties(shape)) for name, shape in sorted(schema["components"]["schemas"].items())
                ],
                "openapi_url": self.get_openapi_url(api, kwargs),
            },
        )


def operations(schema: dict[str, Any]) -> list[Operation]:
    return [
        _operation(method, path, described, schema)
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: dict[str, Any], schema: dict[str, Any]) -> Operation:
    good = [each for status, each in described["responses"].items() if str(status).startswith("2")]
    content = good[0].get("content", {}) if good else {}
    shape = next(iter(content.values()))["schema"] if content else {}
    example = example_of(method, path) or Example()
    ids = {name: name.upper() for name in example.get("path", {}) if name.endswith("_id")}
    address = address_of({**example, "path": {**example.get("path", {}), **ids}}, path)
    return Operation(
        method=method.upper(),
        path=path,
        anchor=described["operationId"],
        summary=described.get("summary", ""),
        description=coded(described.get("description", "")),
        parameters=[
            Field(each["name"], _parameter(each), coded(each.get("description", each["schema"].get("description", ""))))
            for each in described.get("parameters", [])
        ],
        answers=type_name(shape),
        fields=properties(_resolve(shape, schema)),
        example=address if method == "get" else "",
        is_link=not ids and "security" not in described,
        stands_for=[(word, _answers_ids(path.partition(f"/{{{name}}}")[0], schema)) for name, word in ids.items()],
        command=_command(method, address, example),
        answer=json.dumps(example.get("answer", {}), indent=1, ensure_ascii=False),
        scope=next((scope for each in described.get("security", ()) for found in each.values() for scope in found), ""),
    )


def _answers_ids(path: str, schema: dict[str, Any]) -> str:
    methods = schema["paths"].get(path, {})
    return f"{'GET' if 'get' in methods else 'POST'} {path}"


def _command(method: str, address: str, example: Example) -> str:
    """The question as a line for a shell; a token stands for one's own."""
    parts = ["curl"]
    if method != "get":
        parts += ["-X", method.upper(), "-H", quote("Authorization: Bearer cpd_...")]
    for name, value in example.get("headers", {}).items():
        parts += ["-H", quote(f"{name}: {value}")]
    if body := example.get("body"):
        parts += ["-H", quote("Content-Type: application/json"), "-d", quote(json.dumps(body))]
    return " ".join([*parts, quote(f"{SITE}{address}")])


def _parameter(each: dict[str, Any]) -> str:
    default = each["schema"].get("default")
    text = type_name(each["schema"])
    if each.get("required"):
        return f"{text}, required"
    return text if default in (None, "") else f"{text}, default {default}"


def _resolve(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = shape.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else shape


def properties(shape: dict[str, Any]) -> list[Field]:
    return [
        Field(name, type_name(each), coded(each.get("description", "")))
        for name, each in shape.get("properties", {}).items()
    ]


def coded(text: str) -> str:
    """A description with its names in double backticks as code, like the document's readers show it."""
    parts = re.split(r"``(.+?)``", text)
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in enumerate(parts))
    )


def type_name(shape: dict[str, Any]) -> str:
    """``"number or null"``, ``"list of FrontierItem"``."""
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if "anyOf" in shape:
        return " or ".join(type_name(each) for each in shape["anyOf"])
    if "const" in shape:
        return f'"{shape["const"]}"'
    kind = shape.get("type", "any")
    if kind == "array":
        return f"list of {type_name(shape.get('items', {}))}"
    if kind == "object" and isinstance(shape.get("additionalProperties"), dict):
        return f"map of {type_name(shape['additionalProperties'])}"
    return f"{kind} ({shape['format']})" if shape.get("format") else str(kind)
