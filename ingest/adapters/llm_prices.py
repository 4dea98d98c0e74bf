"""llm-prices: USD per million tokens with dates, the start inclusive, the end exclusive, none for open.

Read are both the published list (``{"prices": [...]}``, a row per model and period) and a vendor's file of the
repository (``{"vendor", "models": [{"id", "price_history"}]}``). Tiers are stored as extra models, ``gpt-5.4-272k``
beside ``gpt-5.4``; they become tiers of the model they belong to. ``input_cached`` null is documented as "not
offered", which is untrue for most rows, so it says nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
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

COMPONENTS: dict[str, Component] = {"input": "input", "input_cached": "cached_input", "output": "output"}
_TIER = re.compile(r"^(.+)-(\d{3})k$")


def parse(body: bytes) -> Parsed:
    """Every model with its periods. Raises ParseError when this is neither of the two shapes."""
    data = read_json(body)
    models = _models(data)
    seller = provider(str(data["vendor"])) if "vendor" in data else None
    parsed = Parsed(only_seller=seller, covers=(f"{seller.id}/",) if seller else None)
    seen: set[tuple[str, str]] = set()
    ids = {(vendor, str(model.get("id"))) for vendor, model in models}
    for vendor, model in models:
        name = str(model.get("id"))
        key = f"{vendor}/{name}"
        try:
            if (vendor, name) in seen:
                raise RecordError("The id occurs twice.")
            seen.add((vendor, name))
            parsed.records.append(_record(key, vendor, model, ids))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), vendor, name))
    return parsed


def _models(data: object) -> list[tuple[str, Mapping[str, Any]]]:
    """The models of either shape, each with its vendor and its ``price_history``."""
    if isinstance(data, dict) and isinstance(data.get("models"), list) and "vendor" in data:
        return [(str(data["vendor"]), model) for model in data["models"] if isinstance(model, dict)]
    if isinstance(data, dict) and isinstance(data.get("prices"), list):
        grouped: dict[tuple[str, str], dict[str, Any]] = {}
        for row in data["prices"]:
            if not isinstance(row, dict):
                raise ParseError("A row of 'prices' should be an object.")
            vendor, name = str(row.get("vendor")), str(row.get("id"))
            model = grouped.setdefault((vendor, name), {"id": name, "name": row.get("name"), "price_history": []})
            model["price_history"].append(row)
        return [(vendor, model) for (vendor, _), model in grouped.items()]
    raise ParseError("The file should hold 'prices', or 'vendor' with its 'models'.")


def _record(key: str, vendor: str, model: Mapping[str, Any], ids: set[tuple[str, str]]) -> Record:
    name = clean_name(model.get("id"))
    least = 0
    if (tier := _TIER.match(name)) and (vendor, tier[1]) in ids:
        name, least = tier[1], int(tier[2]) * 1000 + 1
    history = model.get("price_history")
    if not isinstance(history, list):
        raise RecordError("'price_history' should be a list.")
    prices = [price for period in history for price in _period(require_object(period, "A period"))]
    return Record(
        external_key=clean_name(key, limit=400),
        raw_name=name,
        payload=dict(model),
        observations=tuple(replace(price, min_input_tokens=least) for price in prices),
        provider=provider(clean_name(vendor, limit=80)),
        provider_model_id=name,
    )


def _period(period: Mapping[str, Any]) -> Iterator[PriceObservation]:
    start, end = _instant(period.get("from_date")), _instant(period.get("to_date"))
    if start and end and start >= end:
        raise RecordError(f"A period ends on {end:%Y-%m-%d}, not after its start.")
    for name, component in COMPONENTS.items():
        if period.get(name) is not None:
            usd = usd_per_mtok(period[name], unit=PER_MILLION_TOKENS)
            yield PriceObservation(component, usd, effective_from=start, effective_to=end)


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(str(value)), time(0), UTC)
    except ValueError:
        raise RecordError(f"{value!r} is not a day such as 2025-02-08.") from None


ADAPTER = Adapter(
    slug="llm-prices",
    name="llm-prices",
    version="1",
    parse=parse,
    fetch_url="https://www.llm-prices.com/historical-v1.json",
    page_url="https://www.llm-prices.com/",
    publisher="Simon Willison",
    kind="curated",
    licence="none stated; prices are facts",
    attribution="Prices from llm-prices.com by Simon Willison.",
    schedule="23 4 * * *",
)
