from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evals.models import Endpoint, Suite
from tests.evals.conftest import make_endpoint, make_suite, stub
from tests.support.redis import RedisServer
from tests.support.worker import Worker, process_environment

LEASE_S = 2

__all__ = ["MakeEndpoint", "MakeSuite", "make_endpoint", "make_suite", "stub"]

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]


@pytest.fixture
def eval_worker(transactional_db: None, broker: RedisServer, short_path: Path, settings: object) -> Iterator[Worker]:
    """A real worker whose leases run out after two seconds."""
    settings.EVAL_LEASE_SECONDS = LEASE_S  # type: ignore[attr-defined]
    environment = process_environment(
        redis_url=broker.url, EVAL_LEASE_SECONDS=str(LEASE_S), EVAL_SLICE_SECONDS="30", STUB_API_KEY="sk-stub"
    )
    process = Worker(environment, short_path / "worker.log")
    process.start()
    yield process
    if process.process is not None:
        process.kill()
