"""The API's routes put together, its errors, and its documentation page."""

import logging
import uuid
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema

from catalog.errors import CatalogError, UnknownName
from dashboard.api import (
    changes,
    frontier,
    market,
    measures,
    models,
    provenance,
    runs,
    saved_views,
    schedules,
    suites,
    training,
)
from dashboard.api.access import NotAllowed, TokenExpired, View, limited, too_many
from dashboard.api.answers import problem
from dashboard.api.docs import DocsPage
from dashboard.api.examples import add_example, example_of
from dashboard.errors import BadParameter
from evals.errors import EvalError
from evals.errors import UnknownName as UnknownEvalName

logger = logging.getLogger(__name__)


def readable(view: View) -> View:
    """Around every address: HEAD and the preflight of a browser are answered, other methods refused with a problem."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return _preflight()
        is_head, request.method = request.method == "HEAD", "GET" if request.method == "HEAD" else request.method
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            methods = response["Allow"]
            detail = f"{request.path} does not take {request.method}. It takes {methods}."
            response = problem(405, "Not a method of this address", detail, kind="method")
            response["Allow"] = methods
        if is_head:
            length = len(response.content)
            response.content = b""
            response["Content-Length"] = str(length)
        return response

    return answered


KEY_WANTED = (
    "send a text of your own of 8 to 100 characters in this header, such as a UUID. Send the same again to ask again: "
    "the run is then started once"
)
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_HEADERS = {
    "RateLimit": 'What is left: "read";r=599;t=42 are 599 requests in the next 42 seconds.',
    "RateLimit-Policy": 'The limit: "read";q=600;w=60 are 600 requests in 60 seconds.',
}


def _add_headers(operation: dict[str, Any], method: str) -> None:
    """Headers of answers, and the 304 of a conditional read, which the framework does not describe."""
    for status, response in operation["responses"].items():
        words = dict(_HEADERS)
        if int(status) in (429, 503):
            words["Retry-After"] = "Seconds to wait."
        if int(status) == 200 and method == "get":
            words["ETag"] = "Send it back as If-None-Match: 304 while nothing has changed."
        response["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in words.items()
        }
    if method == "get":
        operation["responses"][304] = {"description": "Not modified since the ETag that was sent"}


def _preflight() -> HttpResponse:
    """Pages of other sites may read, with a condition, and never write."""
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "GET, HEAD"
    response["Access-Control-Allow-Headers"] = "If-None-Match"
    response["Access-Control-Max-Age"] = "86400"
    return response


class Api(NinjaAPI):
    """What our API has beside the framework's: problems, examples, limits and scopes in its document; ``readable``."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app_name, namespace = super().urls
        for each in patterns:
            if isinstance(each, URLPattern):
                each.callback = readable(each.callback)
        return patterns, app_name, namespace

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                if "security" in operation:  # the framework's own entry names no scope; ours follows it
                    operation["security"] = operation["security"][-1:]
                if example := example_of(method, path):
                    add_example(operation, example)
                operation["responses"].setdefault(429, {"description": "Too many requests", "content": _PROBLEM})
                if method == "get":
                    busy = {"description": "Being worked out for somebody else; ask again", "content": _PROBLEM}
                    operation["responses"].setdefault(503, busy)
                _add_headers(operation, method)
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response["content"]:
                        response["content"] = {"application/problem+json": response["content"]["application/json"]}
        return schema


api = Api(
    title="Capability per dollar",
    version="1",
    description=(
        "What language models cost, what they can do, and how sure that is. Every item carries its sources. "
        'Null means unknown, never zero; an infinite value is the string "infinite"; prices are US dollars per '
        "million tokens; days are UTC. Collections answer count, next and items. Errors are RFC 9457 problem details. "
        "A parameter that an address does not list is left aside without a word; a page of this site names it."
    ),
    urls_namespace="api",
    docs=DocsPage(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0"}}},
)
api.add_decorator(limited, mode="view")
api.add_router("", frontier.router)
api.add_router("", models.router)
api.add_router("", training.router)
api.add_router("", market.router)
api.add_router("", measures.router)
api.add_router("", changes.router)
api.add_router("", provenance.router)
api.add_router("", runs.router)
api.add_router("", suites.router)
api.add_router("", schedules.router)
api.add_router("", saved_views.router)


@api.exception_handler(BadParameter)
def bad_parameter(_request: HttpRequest, error: BadParameter) -> HttpResponse:
    return problem(400, "A parameter cannot be read", error.message, kind="bad-parameter", parameter=error.parameter)


@api.exception_handler(UnknownName)
def unknown_name(_request: HttpRequest, error: UnknownName) -> HttpResponse:
    return problem(404, "No such thing", str(error), kind="not-found", near=list(error.near))


@api.exception_handler(UnknownEvalName)
def unknown_eval_name(_request: HttpRequest, error: UnknownEvalName) -> HttpResponse:
    return problem(404, "No such thing", str(error), kind="not-found", near=error.near)


@api.exception_handler(EvalError)
def eval_error(_request: HttpRequest, error: EvalError) -> HttpResponse:
    return problem(409, "The run cannot be made or changed like this", str(error), kind="evals")


@api.exception_handler(CatalogError)
def catalog_error(_request: HttpRequest, error: CatalogError) -> HttpResponse:
    return problem(400, "The catalog refuses this", str(error), kind="catalog")


@api.exception_handler(ValidationError)
def invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [(_parameter(each["loc"]), _in_words(each)) for each in error.errors]
    said = "; ".join(f"{name}: {sentence}" for name, sentence in wrong)
    return problem(
        400, "A parameter cannot be read", f"{said.rstrip('.')}.", kind="bad-parameter", parameter=wrong[0][0]
    )


def _parameter(loc: tuple[Any, ...]) -> str:
    """The name of a parameter, a header or a field of the body, as the caller writes it."""
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])


def _in_words(wrong: dict[str, Any]) -> str:
    if _parameter(wrong["loc"]) == "Idempotency-Key":
        return KEY_WANTED
    if wrong["type"] == "missing":
        return "it is missing, and needed. Send it."
    return str(wrong["msg"])


@api.exception_handler(AuthenticationError)
def not_known(_request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = "Send a live token as Authorization: Bearer cpd_...; manage.py api_token makes one."
    if isinstance(error, TokenExpired):
        detail = f"{error} {detail}"
    response = problem(401, "A token is needed", detail, kind="token")
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(NotAllowed)
def not_allowed(_request: HttpRequest, error: NotAllowed) -> HttpResponse:
    return problem(403, "Not allowed", str(error), kind="not-allowed", **error.missing)


@api.exception_handler(Throttled)
def throttled(request: HttpRequest, _error: Throttled) -> HttpResponse:
    return too_many(getattr(request, "allowance", None))


@api.exception_handler(HttpError)
def http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "The request was not accepted", str(error), kind="request")


@api.exception_handler(Exception)
def crashed(request: HttpRequest, error: Exception) -> HttpResponse:
    """The caller learns an id, the log has the rest."""
    reference = uuid.uuid4().hex[:12]
    logger.error("API request %s failed (%s)", request.path, reference, exc_info=error)
    return problem(
        500,
        "Something failed on this side",
        f"The error is in the log under {reference}. Try again, or report that number.",
        kind="internal",
        reference=reference,
    )
