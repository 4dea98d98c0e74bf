"""The API keeps to its OpenAPI document, whatever it is asked: generated questions, no failure, no status 500.

Questions that break the document are asked too: they must be refused with a 4xx that the document names. The writes
are asked with a token of somebody who may do everything, so that they get as far as they can.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from pytest_django.fixtures import Settings
from schemathesis import GenerationMode

from tests.support.routes import POSTED, readable, routes
from tests.support.world import World, make_world

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
API = {name for name in (*readable("api"), *POSTED) if name.startswith("api:")} - {
    *("api:openapi-json", "api:openapi-view"),
}
WRITES = {"post", "put", "patch", "delete"}
EXAMPLES = examples(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture
def world(db: None, settings: Settings) -> Iterator[World]:
    """Something of everything. The application may not close the connection that holds the test's data."""
    settings.API_READS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 1_000_000
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield make_world()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@EXAMPLES
def test_route_keeps_to_its_document(case: schemathesis.Case[Any], world: World) -> None:
    in_order(case)
    headers = {"Accept-Encoding": "identity"}
    if case.method.lower() in WRITES:
        headers["Authorization"] = f"Bearer {world.token}"
    case.call_and_validate(headers=headers)


def in_order(case: schemathesis.Case[Any]) -> None:
    """A document cannot say that of two numbers the first is the smaller one; one alone meets the usual other."""
    given = [end for end in ("low", "high") if f"utilisation_{end}" in (case.query or {})]
    if given and case.meta and case.meta.generation.mode.is_positive:
        case.query["utilisation_low"], case.query["utilisation_high"] = "20", "60.5"


@schema.parametrize()
@EXAMPLES
def test_route_about_a_thing_that_is_there_keeps_to_its_document(case: schemathesis.Case[Any], world: World) -> None:
    """As above, with names in the path and the body that exist: generated ones never do."""
    in_order(case)
    if "run_id" in (case.path_parameters or {}):
        case.path_parameters["run_id"] = str(world.running.pk)
    if isinstance(case.body, dict):
        case.body |= {"suite": "tiny-v1"} if "suite" in case.body else {}
        case.body |= {"endpoint": "here"} if "endpoint" in case.body else {}
        case.body |= {"endpoints": ["here", "there"]} if "endpoints" in case.body else {}
    case.call_and_validate(
        headers={"Accept-Encoding": "identity", "Authorization": f"Bearer {world.token}"},
    )


def test_every_route_of_the_api_is_in_the_document() -> None:
    """The generated questions go to all of them: none is left out of the document, none is there twice."""
    described = {path.removeprefix("/api/v1/") for path in schema.raw_schema["paths"]}
    known = {str(pattern.pattern).replace("<", "{").replace(">", "}") for name, pattern in routes() if name in API}

    assert described == known
    assert sum(len(methods) for methods in schema.raw_schema["paths"].values()) >= len(known)
