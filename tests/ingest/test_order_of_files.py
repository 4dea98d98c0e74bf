"""Three dates of one feed, in any order, give one history."""

from itertools import permutations
from typing import Any

import orjson
import pytest

from catalog.models import Alias, Price
from ingest.models import RawRecord
from ingest.services import read_feed
from tests.factories import at, make_version

pytestmark = pytest.mark.django_db
KEYS = [f"m{number}" for number in range(60)]


def file(**prices: float) -> bytes:
    entries: dict[str, Any] = {
        key: {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": usd / 1e6}
        for key, usd in prices.items()
    }
    return orjson.dumps(entries)


def market(*, without: int = 0, **changed: float) -> dict[str, float]:
    return dict.fromkeys(KEYS[: len(KEYS) - without], 1.0) | changed


FILES = {
    "2024-12-01": file(**market(m0=2.0)),
    "2025-04-01": file(**market(without=2, m0=2.0, m1=1.5)),
    "2025-11-01": file(**market(without=5, m0=1.0, m1=1.5)),
}


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_order_of_reading_does_not_change_the_history(order: tuple[str, ...]) -> None:
    for key in ("m0", "m1", "m58"):
        Alias.objects.create(namespace="litellm/openai", raw_name=key, version=make_version(key))
    for day in (*order, *order):
        run = read_feed("litellm", body=FILES[day], observed_at=at(day), accept_shrunken=True)
        assert run.state == "applied", run.message
    assert (run.created, run.changed, run.written) == (0, 0, 0)
    rows = Price.objects.order_by("offering__provider_model_id", "observed_from")
    assert [
        (
            row.offering.provider_model_id,
            float(row.usd_per_mtok or 0),
            row.observed_from,
            row.last_seen,
            row.absent_since,
        )
        for row in rows
    ] == [
        ("m0", 2.0, at("2024-12-01"), at("2025-04-01"), at("2025-11-01")),
        ("m0", 1.0, at("2025-11-01"), at("2025-11-01"), None),
        ("m1", 1.0, at("2024-12-01"), at("2024-12-01"), at("2025-04-01")),
        ("m1", 1.5, at("2025-04-01"), at("2025-11-01"), None),
        ("m58", 1.0, at("2024-12-01"), at("2024-12-01"), at("2025-04-01")),
    ]
    absent = RawRecord.objects.filter(absent_since__isnull=False).order_by("external_key")
    assert [(row.external_key, row.absent_since) for row in absent] == [
        ("m55", at("2025-11-01")),
        ("m56", at("2025-11-01")),
        ("m57", at("2025-11-01")),
        ("m58", at("2025-04-01")),
        ("m59", at("2025-04-01")),
    ]
