"""models.dev: an object of sellers, each with its models, USD per million tokens.

0 for both input and output stands for subscriptions and free tiers as well as for free models, so it says nothing.
``context_over_200k`` repeats the first of ``tiers`` under a threshold that its name gets wrong, and is not read where
``tiers`` is there.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.adapters.base import (
    PER_MILLION_TOKENS,
    Adapter,
    Component,
    Parsed,
    ParseError,
    PriceObservation,
    Record,
    RecordError,
    Rejected,
    clean_name,
    read_json,
    require_object,
    usd_per_mtok,
)
from ingest.adapters.providers import provider

COMPONENTS: dict[str, Component] = {
    "input": "input",
    "output": "output",
    "cache_read": "cached_input",
    "cache_write": "cache_write",
    "reasoning": "reasoning",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
}
NOT_PRICES = {"tiers", "tier", "context_over_200k"}


def parse(body: bytes) -> Parsed:
    """Every model of every seller. Raises ParseError when this is not the object of sellers."""
    data = read_json(body)
    if (
        not isinstance(data, dict)
        or not data
        or not all(isinstance(item, dict) and isinstance(item.get("models"), dict) for item in data.values())
    ):
        raise ParseError("The file should be an object of sellers, each with its models.")
    parsed = Parsed()
    unknown: Counter[str] = Counter()
    for seller_id, seller in data.items():
        for model_id, model in seller["models"].items():
            key = f"{seller_id}/{model_id}"
            try:
                name = clean_name(model_id)
                entry = require_object(model, "A model")
                record = Record(
                    external_key=clean_name(key, limit=400),
                    raw_name=name,
                    payload=dict(entry),
                    observations=tuple(_prices(entry.get("cost"), unknown)),
                    provider=provider(clean_name(seller_id, limit=80), str(seller.get("name") or "")),
                    provider_model_id=name,
                )
                parsed.records.append(record)
            except RecordError as error:
                parsed.rejected.append(Rejected(key[:400], str(error), seller_id, model_id))
    if unknown:
        names = ", ".join(f"{name} ({count})" for name, count in unknown.most_common())
        parsed.remarks.append(f"Prices under unknown names were not taken: {names}.")
    return parsed


def _prices(cost: object, unknown: Counter[str]) -> Iterator[PriceObservation]:
    if cost is None:
        return
    fields = require_object(cost, "'cost'")
    base = list(_fields(fields, unknown))
    if not any(price.usd_per_mtok for price in base):
        note = "the feed says 0, which it also writes for subscriptions"
        yield from (replace(price, usd_per_mtok=None, note=note) for price in base)
        return
    yield from base
    tiers = fields.get("tiers")
    if tiers is None and "context_over_200k" in fields:
        tiers = [dict(require_object(fields["context_over_200k"], "'context_over_200k'")) | {"tier": {"size": 200_000}}]
    for tier in tiers or ():
        entry = require_object(tier, "A tier")
        size = require_object(entry.get("tier"), "'tier' of a tier")
        if size.get("type", "context") != "context" or not isinstance(size.get("size"), int):
            raise RecordError(f"The tier {dict(size)!r} is of an unknown kind.")
        yield from (replace(price, min_input_tokens=size["size"] + 1) for price in _fields(entry, unknown))


def _fields(fields: Mapping[str, Any], unknown: Counter[str]) -> Iterator[PriceObservation]:
    for name, value in fields.items():
        if name in NOT_PRICES or value is None:
            continue
        component = COMPONENTS.get(name)
        if component is None:
            unknown[name] += 1
            continue
        yield PriceObservation(component, usd_per_mtok(value, unit=PER_MILLION_TOKENS))


ADAPTER = Adapter(
    slug="models-dev",
    name="models.dev",
    version="1",
    parse=parse,
    fetch_url="https://models.dev/api.json",
    page_url="https://models.dev",
    publisher="models.dev",
    kind="curated",
    licence="MIT",
    attribution="Prices from models.dev and contributors (MIT).",
    schedule="53 */6 * * *",
    least_records=20,
)
