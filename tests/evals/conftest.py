from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from evals.models import Endpoint, Sample, Suite
from tests.factories import make_offering, make_price, make_version
from tests.support.stub_endpoint import StubEndpoint

RIGHT = "7"


@pytest.fixture
def stub() -> Iterator[StubEndpoint]:
    """A server on loopback; set ``stub.script`` before the first call."""
    with StubEndpoint() as server:
        yield server


@pytest.fixture
def make_suite(db: None) -> Callable[..., Suite]:
    """Makes a suite of ``n`` items to which 7 is the right answer."""

    def make(n: int = 3, *, slug: str = "sevens-v1", **fields: Any) -> Suite:
        suite = Suite.objects.create(slug=slug, name=slug, content_hash=slug, **({"max_output_tokens": 10} | fields))
        Sample.objects.bulk_create(
            Sample(
                suite=suite,
                key=f"item-{i}",
                position=i,
                category="sums",
                prompt=f"Item {i}: 3 + 4?",
                target=RIGHT,
                scorer="numeric",
            )
            for i in range(n)
        )
        return suite

    return make


@pytest.fixture
def make_endpoint(db: None, stub: StubEndpoint) -> Callable[..., Endpoint]:
    """Makes an endpoint at the stub, sold at 1 USD (input) and 10 USD (output) per million tokens."""

    def make(
        *, slug: str = "stub", input_usd: str | None = "1", output_usd: str | None = "10", **fields: Any
    ) -> Endpoint:
        offering = None
        if "machine_usd_per_hour" not in fields:
            offering = make_offering(make_version(name=slug, developer="Stubs"))
            make_price(offering, "input", "1", since="2025-01-01")
            make_price(offering, "output", output_usd, since="2025-01-01")
        defaults = {
            "name": "The stub",
            "base_url": stub.base_url,
            "model_id": "stub-1",
            "offering": offering,
            "attempt_timeout_s": 5,
            "concurrency": 2,
        }
        return Endpoint.objects.create(slug=slug, **(defaults | fields))

    return make


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once, and probes too."""
    monkeypatch.setattr("evals.worker.settle.FIRST_WAIT_S", 0.0)
    monkeypatch.setattr("evals.worker.settle.LONGEST_STATED_WAIT_S", 0.05)


@pytest.fixture
def budget() -> Decimal:
    return Decimal("0.01")
