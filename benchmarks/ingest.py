"""Speed of reading a price feed against a bare ``orjson.loads`` and ``bulk_create`` of the same rows, in one run.

    python benchmarks/ingest.py [PATH]

Without an argument: a made-up LiteLLM file of 4,550 records, the size of the largest price feed of November 2026. With
a path: that copy of model_prices_and_context_window.json. Measured are the first reading and one of the unchanged
file, with no name resolved and with every name resolved, on SQLite and on PostgreSQL (a server of our own, or
``TEST_DATABASE_URL``). The limits: at most 5 times the bare load for a first reading, 2 times for an unchanged one.
"""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FIRST_LIMIT, UNCHANGED_LIMIT = 5.0, 2.0
REPEATS = 3
RECORDS = 4550


def made_up_feed() -> bytes:
    """Records like LiteLLM's: mostly chat models with cache prices, a fifth with a long-context tier or batch price."""
    import orjson

    rng = random.Random(7)
    data: dict[str, Any] = {}
    for number in range(RECORDS):
        usd = rng.choice([1e-7, 2.7e-7, 1e-6, 3e-6, 1.5e-5])
        entry: dict[str, Any] = {
            "litellm_provider": f"seller-{number % 150}",
            "mode": "chat",
            "max_input_tokens": 128_000,
            "max_output_tokens": 8192,
            "input_cost_per_token": usd,
            "output_cost_per_token": usd * 4,
            "supports_function_calling": True,
            "supports_vision": number % 3 == 0,
            "source": f"https://example.org/pricing/{number}",
        }
        if number % 2:
            entry["cache_read_input_token_cost"] = usd / 10
        if number % 5 == 0:
            entry |= {"input_cost_per_token_above_200k_tokens": usd * 2, "output_cost_per_token_batches": usd * 2}
        data[f"seller-{number % 150}/model-{number}"] = entry
    return orjson.dumps(data)


def bare_load(body: bytes) -> int:
    """What any reader must do: parse the JSON and insert every record as a row."""
    import hashlib

    import orjson
    from django.db import transaction
    from django.utils import timezone

    from ingest.models import Feed, RawRecord

    feed = Feed.objects.get(slug="litellm")
    now = timezone.now()
    with transaction.atomic():
        rows = [
            RawRecord(
                feed=feed,
                external_key=key,
                payload=value,
                payload_hash=hashlib.sha256(orjson.dumps(value)).hexdigest(),
                first_seen=now,
                last_seen=now,
            )
            for key, value in orjson.loads(body).items()
        ]
        RawRecord.objects.bulk_create(rows, batch_size=500)
        prices = bare_prices(body)
    return len(rows) + prices


def bare_prices(body: bytes) -> int:
    """The prices of the resolved case, inserted as they are; none where no name is resolved."""
    from decimal import Decimal

    import orjson
    from django.utils import timezone

    from catalog.models import Alias, Offering, Organization, Price, Source

    if not Alias.objects.exists():
        return 0
    names = {
        "input_cost_per_token": "input",
        "output_cost_per_token": "output",
        "cache_read_input_token_cost": "cached_input",
    }
    version = Alias.objects.values_list("version_id", flat=True)[0]
    data = orjson.loads(body)
    sellers = {
        name: Organization.objects.get_or_create(slug=f"bare-{name}"[:100], defaults={"name": f"bare {name}"})[0]
        for name in {str(entry.get("litellm_provider")) for entry in data.values()}
    }
    source = Source.objects.first()
    now = timezone.now()
    offerings = [
        Offering(provider=sellers[str(entry.get("litellm_provider"))], provider_model_id=key[:300], version_id=version)
        for key, entry in data.items()
    ]
    Offering.objects.bulk_create(offerings, batch_size=500)
    rows = [
        Price(
            offering=offering,
            component=names[field],
            usd_per_mtok=Decimal(repr(value)) * 1_000_000,
            source=source,
            observed_from=now,
            last_seen=now,
            confidence="medium",
        )
        for offering, entry in zip(offerings, data.values(), strict=True)
        for field, value in entry.items()
        if field in names and isinstance(value, float | int)
    ]
    Price.objects.bulk_create(rows, batch_size=500)
    return len(offerings) + len(rows)


def empty() -> None:
    """Take away everything that a reading left."""
    from catalog.models import Offering, Price
    from ingest.models import FeedRun, HeldChange, RawRecord, Snapshot

    for model in (HeldChange, FeedRun, Snapshot, Price, Offering, RawRecord):
        model._default_manager.all().delete()


def resolve_every_name(body: bytes) -> None:
    from catalog.models import Alias, Model, ModelVersion, Organization
    from ingest.adapters import ADAPTERS

    developer = Organization.objects.get_or_create(slug="developer", defaults={"name": "Developer"})[0]
    records = ADAPTERS["litellm"].parse(body).records
    names = sorted({(record.namespace("litellm"), record.raw_name) for record in records})
    models = Model.objects.bulk_create(
        [Model(slug=f"m{number}", name=f"M{number}", developer=developer) for number in range(len(names))]
    )
    versions = ModelVersion.objects.bulk_create(
        [ModelVersion(slug=model.slug, name=model.name, model=model) for model in models]
    )
    Alias.objects.bulk_create(
        Alias(namespace=space, raw_name=name, version=version)
        for (space, name), version in zip(names, versions, strict=True)
    )


def measure(work: Callable[[], Any]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def read(body: bytes) -> None:
    from ingest.models import FeedRun
    from ingest.services import read_feed

    run = read_feed("litellm", body=body)
    if run.state != FeedRun.State.APPLIED:
        raise SystemExit(f"The reading did not get through: {run.message}")


def compare(title: str, body: bytes) -> bool:
    """Print the medians of alternating repeats; returns whether both limits are kept."""
    bare: list[float] = []
    first: list[float] = []
    unchanged: list[float] = []
    for _ in range(REPEATS):
        empty()
        bare.append(measure(lambda: bare_load(body)))
        empty()
        first.append(measure(lambda: read(body)))
        unchanged.append(measure(lambda: read(body)))
    base, one, same = (sorted(times)[REPEATS // 2] for times in (bare, first, unchanged))
    kept = one <= FIRST_LIMIT * base and same <= UNCHANGED_LIMIT * base
    for name, took, limit in (("first", one, FIRST_LIMIT), ("unchanged", same, UNCHANGED_LIMIT)):
        print(
            f"{title:<32} {name:<9} {took * 1000:6.0f} ms, bare {base * 1000:6.0f} ms: {took / base:5.2f}x"
            f"  (limit {limit:g})  {'kept' if took <= limit * base else 'NOT KEPT'}",
            flush=True,
        )
    return kept


def on_this_database(body: bytes) -> bool:
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command
    from django.db import connection

    from ingest.feeds import ensure_feed

    call_command("migrate", verbosity=0)
    ensure_feed("litellm")
    vendor = connection.vendor
    kept = compare(f"{vendor}, no name resolved", body)
    empty()
    resolve_every_name(body)
    return compare(f"{vendor}, every name resolved", body) and kept


def main(arguments: list[str]) -> int:
    if os.environ.get("BENCH_FEED"):
        return 0 if on_this_database(Path(os.environ["BENCH_FEED"]).read_bytes()) else 1
    from tests.support.postgres import postgres_server

    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(arguments[0]).absolute() if arguments else Path(folder) / "feed.json"
        if not arguments:
            path.write_bytes(made_up_feed())
        common = os.environ | {
            "BENCH_FEED": str(path),
            "DATA_DIR": str(Path(folder) / "data"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        common.pop("DATABASE_URL", None)
        print(f"{path.name}: {path.stat().st_size:,} bytes; medians of {REPEATS} alternating repeats", flush=True)
        failed += subprocess.call([sys.executable, __file__], env=common)
        with postgres_server() as url:
            failed += subprocess.call([sys.executable, __file__], env=common | {"DATABASE_URL": url})
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
