"""Starting, cancelling, resuming: what is checked, what is frozen, and that doing it twice changes nothing."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from kombu.exceptions import OperationalError

from catalog.code_digest import code_digest
from catalog.models import Price
from evals.errors import InvalidSetting, KeyReused, UnknownName, UnknownPrice, WrongState
from evals.models import Endpoint, Run, RunSample, Suite
from evals.money import FrozenPrices
from evals.selectors import endpoint_by_slug, suite_by_slug
from evals.services import cancel_run, resume_run, start_run
from evals.tasks import run_slice
from tests.factories import make_price

MakeSuite = Callable[..., Suite]
MakeEndpoint = Callable[..., Endpoint]
pytestmark = pytest.mark.django_db


def test_prices_are_frozen_with_their_sources(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    run = start_run(suite=make_suite(), endpoint=endpoint)
    assert run.prices["kind"] == "sold"
    assert run.prices["components"]["output"]["usd_per_mtok"] == "10.000000000000"
    assert run.prices["components"]["output"]["source"]["url"] == "https://example.org/report"
    Price.objects.all().delete()
    assert endpoint.offering is not None
    make_price(endpoint.offering, "output", "99", since="2025-01-01")
    run.refresh_from_db()
    assert run.prices["components"]["output"]["usd_per_mtok"] == "10.000000000000"


def test_prices_of_lengths_and_hours_are_frozen_with_the_run(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint()
    assert endpoint.offering is not None
    make_price(endpoint.offering, "input", "4", since="2025-01-01", min_input_tokens=200_000)
    make_price(endpoint.offering, "output", "5", since="2025-01-01", utc_from=time(16, 30), utc_to=time(0, 30))
    run = start_run(suite=make_suite(), endpoint=endpoint)
    prices = FrozenPrices.from_json(run.prices)
    seen = {
        (tokens, hour): prices.components_for(prompt_tokens=tokens, at=datetime(2026, 11, 24, hour, tzinfo=UTC))
        for tokens in (10, 200_000)
        for hour in (0, 12, 20)
    }
    assert {key: [found["input"], found["output"]] for key, found in seen.items()} == {
        (10, 0): [Decimal(1), Decimal(5)],
        (10, 12): [Decimal(1), Decimal(10)],
        (10, 20): [Decimal(1), Decimal(5)],
        (200_000, 0): [Decimal(4), Decimal(5)],
        (200_000, 12): [Decimal(4), Decimal(10)],
        (200_000, 20): [Decimal(4), Decimal(5)],
    }
    plain = start_run(suite=run.suite, endpoint=make_endpoint(slug="plain"))
    assert "tiers" not in plain.prices


def test_order_is_random_fixed_and_the_same_for_every_endpoint(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    suite = make_suite(20)
    first = start_run(suite=suite, endpoint=make_endpoint(slug="one"), limit=8)
    second = start_run(suite=suite, endpoint=make_endpoint(slug="two"), limit=8)
    order = list(first.samples.values_list("sample__key", flat=True))
    assert order == list(second.samples.values_list("sample__key", flat=True))
    assert len(set(order)) == 8
    assert order != sorted(order)


def test_same_idempotency_key_gives_the_same_run(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    suite, endpoint = make_suite(), make_endpoint()
    first = start_run(suite=suite, endpoint=endpoint, idempotency_key="monday")
    assert start_run(suite=suite, endpoint=endpoint, idempotency_key="monday") == first
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "named"), [({"repeats": 2}, "repeats"), ({"budget_usd": Decimal(2), "seed": 1}, "budget_usd, seed")]
)
def test_one_key_for_two_requests_is_refused(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint, change: dict[str, Any], named: str
) -> None:
    suite, endpoint = make_suite(), make_endpoint()
    start_run(suite=suite, endpoint=endpoint, idempotency_key="monday")
    with pytest.raises(KeyReused, match=f"with another {named}. Send the same request again"):
        start_run(suite=suite, endpoint=endpoint, idempotency_key="monday", **change)
    assert Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_starts_at_once_with_one_key_make_one_run(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    suite, endpoint = make_suite(), make_endpoint()

    def start(_: int) -> object:
        try:
            return start_run(suite=suite, endpoint=endpoint, idempotency_key="once").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(20)))) == 1
    assert Run.objects.count() == 1
    assert RunSample.objects.count() == 3


def test_endpoint_without_a_price_is_refused_unless_that_is_accepted(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    suite, endpoint = make_suite(), make_endpoint(output_usd=None)
    with pytest.raises(UnknownPrice, match=r"The price of The stub is not known: no input and output price of stub"):
        start_run(suite=suite, endpoint=endpoint)
    run = start_run(suite=suite, endpoint=endpoint, accept_unknown_cost=True)
    assert run.prices["kind"] == "unknown"
    assert "Cost unknown" in run.prices["note"]


def test_endpoint_linked_to_nothing_is_told_what_to_do(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    Endpoint.objects.update(offering=None)
    endpoint.refresh_from_db()
    with pytest.raises(UnknownPrice, match="Link the endpoint to an offering with prices, or state what its machine"):
        start_run(suite=make_suite(), endpoint=endpoint)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"limit": 0}, "limit is 0; give at least 1"),
        ({"repeats": 0}, "repeats is 0; give 1 to 100"),
        ({"repeats": 101}, "repeats is 101"),
        ({"budget_usd": Decimal(0)}, "The budget is 0 USD"),
        ({"budget_usd": Decimal("NaN")}, "The budget is NaN USD"),
        ({"budget_usd": Decimal("0.0001")}, r"does not reach for one call, which may cost up to \$0\.000242"),
    ],
)
def test_wrong_setting_is_a_sentence(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint, setting: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidSetting, match=words):
        start_run(suite=make_suite(), endpoint=make_endpoint(), **setting)  # type: ignore[arg-type]
    assert Run.objects.count() == 0


def test_suite_without_samples_is_refused(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    with pytest.raises(InvalidSetting, match="'sevens-v1' has no samples"):
        start_run(suite=make_suite(0), endpoint=make_endpoint())


def test_unknown_names_bring_near_ones(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    make_suite()
    make_endpoint()
    with pytest.raises(UnknownName, match=r"There is no suite 'seven-v1'\. Did you mean sevens-v1\?"):
        suite_by_slug("seven-v1")
    with pytest.raises(UnknownName, match=r"There is no endpoint 'gpt'\. Known are stub\."):
        endpoint_by_slug("gpt")


def test_cancelling_a_run_that_has_not_begun_ends_it_at_once(
    make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    run = cancel_run(start_run(suite=make_suite(), endpoint=make_endpoint()))
    assert run.state == Run.State.CANCELLED
    assert set(run.samples.values_list("state", flat=True)) == {"cancelled"}
    ended = run.finished_at
    assert cancel_run(run).finished_at == ended, "a second time changes nothing"


def test_run_notes_the_code_that_made_it(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    run = start_run(suite=make_suite(), endpoint=make_endpoint())

    assert run.code_version == code_digest(("economics", "evals"))
    assert re.fullmatch("[0-9a-f]{12}", run.code_version)


def test_only_paused_and_failed_runs_can_be_resumed(make_suite: MakeSuite, make_endpoint: MakeEndpoint) -> None:
    run = cancel_run(start_run(suite=make_suite(), endpoint=make_endpoint()))
    with pytest.raises(WrongState, match="The run is Cancelled; only paused and failed runs can be resumed"):
        resume_run(run)


def test_a_broker_that_is_down_leaves_the_run_queued(
    make_suite: MakeSuite,
    make_endpoint: MakeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    def refuse(**_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(run_slice, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        run = start_run(suite=make_suite(), endpoint=make_endpoint())
    assert run.state == Run.State.QUEUED
