"""The day on which a feed ends a sale: read, held for a person, and never put over a better source."""

from datetime import date
from typing import Any

import orjson
import pytest

from catalog.models import Alias, AuditEvent, ModelVersion, Offering
from ingest.adapters import litellm, openrouter
from ingest.adapters.base import EndOfSaleObservation
from ingest.models import FeedRun, HeldChange
from ingest.services import decide_held_changes, read_feed
from tests.factories import at, make_source, make_version

pytestmark = pytest.mark.django_db


def entry(**fields: Any) -> dict[str, Any]:
    prices = {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05}
    return {"litellm_provider": "anthropic", "mode": "chat", **prices, **fields}


def price_map(**fields: Any) -> bytes:
    filler = {f"claude-{n}": entry() for n in range(60)}
    return orjson.dumps(filler | {"claude-3-5-sonnet-20241022": entry(**fields)})


def read(on: str = "2025-11-01", **fields: Any) -> FeedRun:
    run = read_feed("litellm", body=price_map(**fields), observed_at=at(on))
    assert run.state == FeedRun.State.APPLIED, run.message
    return run


@pytest.fixture
def sonnet() -> ModelVersion:
    version = make_version("Claude 3.5 Sonnet", developer="Anthropic")
    Alias.objects.create(namespace="litellm/anthropic", raw_name="claude-3-5-sonnet-20241022", version=version)
    return version


def test_day_of_a_feed_waits_for_a_person_and_is_written_when_accepted(sonnet: ModelVersion) -> None:
    assert read(deprecation_date="2025-10-01").held == 1

    held = HeldChange.objects.get()
    assert (held.field, held.new_value) == ("end of sale", "2025-10-01")
    assert held.reason == (
        "The feed ends Claude 3.5 Sonnet by Anthropic (claude-3-5-sonnet-20241022) on 2025-10-01; the catalog has no "
        "day. Feeds often give the earliest possible day."
    )
    assert Offering.objects.get(version=sonnet).retired_on is None

    assert decide_held_changes([held], accept=True, decided_by="ada") == 1
    offering = Offering.objects.select_related("source").get(version=sonnet)
    assert offering.retired_on == date(2025, 10, 1)
    assert offering.source is not None
    assert offering.source.publisher == "LiteLLM (BerriAI)"
    assert read("2025-11-02", deprecation_date="2025-10-01").held == 0


def test_day_that_was_turned_down_is_not_asked_again(sonnet: ModelVersion) -> None:
    read(deprecation_date="2025-10-01")
    decide_held_changes(list(HeldChange.objects.all()), accept=False, decided_by="ada")

    assert read("2025-11-02", deprecation_date="2025-10-01").held == 0
    assert Offering.objects.get(version=sonnet).retired_on is None


def test_history_keeps_what_an_accepted_day_replaced(sonnet: ModelVersion) -> None:
    read()
    earlier = make_source("https://example.org/list", rank=30)
    Offering.objects.filter(version=sonnet).update(retired_on=date(2025, 10, 28), source=earlier, note="By telephone.")
    read("2025-11-02", deprecation_date="2025-10-01")
    decide_held_changes(list(HeldChange.objects.all()), accept=True, decided_by="ada")

    offering = Offering.objects.get(version=sonnet)
    event = AuditEvent.objects.get(table="catalog.offering", row=str(offering.pk), verb="changed")
    assert event.before == {"retired_on": "2025-10-28", "source_id": earlier.pk, "note": "By telephone."}
    assert event.after == {"retired_on": "2025-10-01", "source_id": offering.source_id, "note": ""}
    assert (event.actor, event.origin) == ("LiteLLM (BerriAI)", "decision")
    assert event.reason == "The end of sale that the feed states, accepted by a person."


def test_day_of_the_developer_stands_against_that_of_a_feed(sonnet: ModelVersion) -> None:
    read()
    page = make_source("https://example.org/deprecations", rank=10)
    Offering.objects.filter(version=sonnet).update(retired_on=date(2025, 10, 28), source=page)

    assert read("2025-11-02", deprecation_date="2025-10-01").held == 0
    assert Offering.objects.get(version=sonnet).retired_on == date(2025, 10, 28)


def test_another_day_of_the_same_rank_is_a_question(sonnet: ModelVersion) -> None:
    read()
    list_of_others = make_source("https://example.org/list", rank=30)
    Offering.objects.filter(version=sonnet).update(retired_on=date(2025, 10, 28), source=list_of_others)

    assert read("2025-11-02", deprecation_date="2025-10-01").held == 1
    assert "the catalog has 2025-10-28." in HeldChange.objects.get().reason


@pytest.mark.parametrize("said", ["soon", "", None, 20251001, "2025-13-01"])
def test_what_is_no_day_says_nothing_and_leaves_the_prices(said: object) -> None:
    record = next(
        record
        for record in litellm.parse(price_map(deprecation_date=said)).records
        if record.raw_name == "claude-3-5-sonnet-20241022"
    )

    assert [type(each).__name__ for each in record.observations] == ["PriceObservation", "PriceObservation"]


def test_openrouter_gives_the_day_on_which_a_model_expires() -> None:
    model = {"id": "a/b", "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "expiration_date": "2026-08-01"}
    (record,) = openrouter.parse(orjson.dumps({"data": [model]})).records

    assert EndOfSaleObservation(date(2026, 8, 1)) in record.observations
