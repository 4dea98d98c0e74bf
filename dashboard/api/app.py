"""The API's routes put together, its errors, and its documentation page."""

import logging
import uuid

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from catalog.errors import CatalogError, UnknownName
from dashboard.api import changes, frontier, market, measures, models, provenance, runs, training
from dashboard.api.answers import problem
from dashboard.api.docs import DocsPage
from dashboard.errors import BadParameter

logger = logging.getLogger(__name__)

api = NinjaAPI(
    title="Capability per dollar",
    version="1",
    description=(
        "What language models cost, what they can do, and how sure that is. Every item carries its sources. "
        'Null means unknown, never zero; an infinite value is the string "infinite"; prices are US dollars per '
        "million tokens; days are UTC. Collections answer count, next and items. Errors are RFC 9457 problem details."
    ),
    urls_namespace="api",
    docs=DocsPage(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0"}}},
)
api.add_router("", frontier.router)
api.add_router("", models.router)
api.add_router("", training.router)
api.add_router("", market.router)
api.add_router("", measures.router)
api.add_router("", changes.router)
api.add_router("", provenance.router)
api.add_router("", runs.router)


@api.exception_handler(BadParameter)
def bad_parameter(_request: HttpRequest, error: BadParameter) -> HttpResponse:
    return problem(400, "A parameter cannot be read", error.message, kind="bad-parameter", parameter=error.parameter)


@api.exception_handler(UnknownName)
def unknown_name(_request: HttpRequest, error: UnknownName) -> HttpResponse:
    return problem(404, "No such thing", str(error), kind="not-found", near=list(error.near))


@api.exception_handler(CatalogError)
def catalog_error(_request: HttpRequest, error: CatalogError) -> HttpResponse:
    return problem(400, "The catalog refuses this", str(error), kind="catalog")


@api.exception_handler(ValidationError)
def invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in error.errors]
    return problem(400, "A parameter cannot be read", f"{'; '.join(wrong)}.", kind="bad-parameter")


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
