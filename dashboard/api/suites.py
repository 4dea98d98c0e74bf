"""``/api/v1/suites`` and ``/api/v1/endpoints``: what can be run, and on what."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from dashboard.api.answers import answer
from dashboard.api.paging import Paging, page, window
from dashboard.api.schemas import EndpointPage, Problem, SuitePage
from evals.models import Endpoint, Suite

router = Router(tags=["runs"])


@router.get("/suites", response={200: SuitePage, 400: Problem}, url_name="suites", summary="Our own small tests")
def suites_view(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """In the order of their slugs. A slug carries its version: a changed suite is a new one."""
    suites = Suite.objects.annotate(samples_count=Count("samples")).order_by("slug")
    items = [
        {
            "suite": suite.slug,
            "name": suite.name,
            "description": suite.description,
            "samples": suite.samples_count,
            "content_hash": suite.content_hash,
            "created_at": suite.created_at,
            "sources": [],
        }
        for suite in suites[window(paging)]
    ]
    return answer(request, page(request, paging, suites.count()).envelope(items))


@router.get(
    "/endpoints", response={200: EndpointPage, 400: Problem}, url_name="endpoints", summary="What can be measured"
)
def endpoints_view(request: HttpRequest, paging: Query[Paging]) -> HttpResponse:
    """In the order of their slugs, without addresses and keys."""
    endpoints = Endpoint.objects.select_related(
        "version__model", "offering__version__model", "offering__provider"
    ).order_by("slug")
    items = [item(endpoint) for endpoint in endpoints[window(paging)]]
    return answer(request, page(request, paging, endpoints.count()).envelope(items))


def item(endpoint: Endpoint) -> dict[str, Any]:
    version = endpoint.served_version
    return {
        "endpoint": endpoint.slug,
        "name": endpoint.name,
        "dialect": endpoint.dialect,
        "model_id": endpoint.model_id,
        "model": version.model.slug if version else None,
        "version": version.slug if version else None,
        "provider": endpoint.offering.provider.name if endpoint.offering else None,
        "is_self_hosted": endpoint.is_self_hosted,
        "state": endpoint.state,
        "sources": [],
    }
