"""The API keeps to its OpenAPI document, whatever it is asked: generated questions, no failure, no status 500."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck
from hypothesis import settings as examples
from pytest_django.fixtures import Settings

from catalog.models import TrainingRun
from evals.models import Run
from tests.dashboard.test_runs import make_run

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@schema.hook
def filter_case(_context: Any, case: schemathesis.Case[Any]) -> bool:
    """The document cannot say that one parameter must be less than another."""
    query = case.query or {}
    try:
        return float(query.get("utilisation_low") or 20) < float(query.get("utilisation_high") or 60)
    except (TypeError, ValueError):
        return True


@pytest.fixture
def something_to_ask_about(two_runs: list[TrainingRun], settings: Settings) -> Iterator[Run]:
    """A run to find. The application may not close the connection that holds the test's data."""
    settings.API_READS_PER_MINUTE = 1_000_000
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield make_run(outcomes=("correct", "incorrect", ""))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@examples(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_route_keeps_to_its_document(case: schemathesis.Case[Any], something_to_ask_about: Run) -> None:
    case.call_and_validate(headers={"Accept-Encoding": "identity"})
