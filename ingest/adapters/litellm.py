"""LiteLLM's price map: one JSON object, a key per model of a seller, USD per ONE token.

Conditions are spelled in field names: ``_above_200k_tokens``, ``_above_1hr``, ``_batches``, ``_flex``, ``_priority``,
in any combination; ``tiered_pricing`` gives ranges of input length, ``off_peak_pricing`` cheaper hours. The map cannot
say that a price is unknown or part of a subscription, so a record whose prices are all 0 says nothing. Nothing is
dated but the end of a sale, which is often the earliest possible day. The entry ``sample_spec`` is documentation.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from typing import Any

from ingest.adapters.base import (
    PER_TOKEN,
    Adapter,
    Component,
    Observation,
    Parsed,
    ParseError,
    PriceObservation,
    Record,
    RecordError,
    Rejected,
    ServiceClass,
    clean_name,
    end_of_sale,
    read_json,
    require_object,
    usd_per_mtok,
)
from ingest.adapters.providers import provider

TEXT_MODES = {"chat", "completion", "responses"}
BASES: dict[str, Component] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached_input",
    "cache_creation_input_token_cost": "cache_write",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "cache_read_input_audio_token_cost": "cached_input_audio",
    "output_cost_per_audio_token": "output_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
}
CLASSES: dict[str, ServiceClass] = {"_batches": "batch", "_flex": "flex", "_priority": "priority"}
_SUFFIX = re.compile(r"_above_(\d+)k_tokens|_above_1hr|_batches|_flex|_priority")
_TOKEN_PRICE = re.compile(r"^(?!.*db).*cost.*token|^(?!.*db).*token.*cost")
_REGION = re.compile(r"^(?:[a-z]{2}(?:-gov)?-[a-z]+-\d|eu|us|global|apac)$")
_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")
_DAYS = {"mon": "1", "tue": "2", "wed": "3", "thu": "4", "fri": "5", "sat": "6", "sun": "7"}


@dataclass(frozen=True, slots=True)
class _Field:
    component: Component
    service_class: ServiceClass = "standard"
    min_input_tokens: int = 0


def parse(body: bytes) -> Parsed:
    """Every entry as a record; prices of text models only. Raises ParseError when this is not the map."""
    data = read_json(body)
    if not isinstance(data, dict) or not any(
        isinstance(entry, dict) and "litellm_provider" in entry for entry in data.values()
    ):
        raise ParseError("The file should be an object of models, each with its litellm_provider.")
    parsed = Parsed()
    unknown: Counter[str] = Counter()
    for key, entry in data.items():
        if key == "sample_spec":
            continue
        seller = str(entry.get("litellm_provider") or "") if isinstance(entry, dict) else ""
        try:
            parsed.records.append(_record(key, require_object(entry, "An entry"), seller, unknown))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), seller, key, _sold_as(key, seller)[0]))
    if unknown:
        listed = ", ".join(f"{name} ({count})" for name, count in unknown.most_common(20))
        parsed.remarks.append(f"Token prices under unknown conditions were not taken: {listed}.")
    return parsed


def _record(key: str, entry: Mapping[str, Any], seller: str, unknown: Counter[str]) -> Record:
    name, region = _sold_as(key, seller)
    observations: tuple[Observation, ...] = ()
    if entry.get("mode") in TEXT_MODES:
        prices = _without_zeros(list(_prices(entry, unknown)))
        observations = (*prices, *end_of_sale(entry.get("deprecation_date")))
    seller_id = clean_name(seller or "unknown", limit=80)
    return Record(
        external_key=clean_name(key, limit=400),
        raw_name=clean_name(key),
        payload=dict(entry),
        observations=observations,
        provider=provider("vertex_ai" if seller_id.startswith("vertex_ai") else seller_id),
        provider_model_id=name,
        region=region,
    )


def _sold_as(key: str, seller: str) -> tuple[str, str]:
    """The seller's own id and the region, out of keys such as ``bedrock/us-east-1/anthropic.claude-v1``."""
    parts = key.split("/")
    if len(parts) > 1 and (parts[0] == seller or seller.startswith(parts[0]) or seller == f"{parts[0]}_converse"):
        parts = parts[1:]
    region = ""
    if len(parts) > 1 and _REGION.match(parts[0]):
        region, parts = parts[0], parts[1:]
    elif seller.startswith("bedrock") and _REGION.match(parts[0].split(".")[0]):
        region, _, parts[0] = parts[0].partition(".")
    return "/".join(parts), region


def _prices(entry: Mapping[str, Any], unknown: Counter[str]) -> Iterator[PriceObservation]:
    yield from _fields(entry, unknown)
    if "input_cost_per_token_cache_hit" in entry and "cache_read_input_token_cost" not in entry:
        yield PriceObservation("cached_input", _price(entry["input_cost_per_token_cache_hit"]))
    for tier in entry.get("tiered_pricing") or ():
        start = _tier_start(require_object(tier, "A tier"))
        for price in _fields(tier, unknown):
            yield replace(price, min_input_tokens=start)
    if off_peak := entry.get("off_peak_pricing"):
        rules = require_object(off_peak, "'off_peak_pricing'")
        cheaper = list(_fields(rules, unknown))
        for start_at, end_at, weekdays in _windows(rules):
            yield from (replace(price, utc_from=start_at, utc_to=end_at, weekdays=weekdays) for price in cheaper)


def _fields(entry: Mapping[str, Any], unknown: Counter[str]) -> Iterator[PriceObservation]:
    for name, value in entry.items():
        if value is None or not _TOKEN_PRICE.search(_SUFFIX.sub("", name)) or name == "input_cost_per_token_cache_hit":
            continue
        meaning = _meaning(name)
        if meaning is None:
            unknown[name] += 1
            continue
        yield PriceObservation(
            meaning.component,
            _price(value),
            service_class=meaning.service_class,
            min_input_tokens=meaning.min_input_tokens,
        )


def _meaning(name: str) -> _Field | None:
    """What a field name prices and when, or None for one we do not know."""
    base = _SUFFIX.sub("", name)
    component = BASES.get(base)
    if component is None:
        return None
    field = _Field(component)
    for suffix in _SUFFIX.finditer(name):
        if suffix[1]:
            field = replace(field, min_input_tokens=int(suffix[1]) * 1000 + 1)
        elif suffix[0] in CLASSES:
            field = replace(field, service_class=CLASSES[suffix[0]])
        elif component == "cache_write":
            field = replace(field, component="cache_write_1h")
        else:
            return None
    return field


def _tier_start(tier: Mapping[str, Any]) -> int:
    bounds = tier.get("range")
    start = bounds[0] if isinstance(bounds, list) and bounds else None
    if not isinstance(start, int | float) or isinstance(start, bool) or start < 0:
        raise RecordError(f"The tier range {bounds!r} is not two numbers of tokens.")
    return int(start) + 1 if start else 0


def _windows(rules: Mapping[str, Any]) -> Iterator[tuple[time | None, time | None, str]]:
    listed = rules.get("windows") or [{"hours_utc": rules.get("hours_utc")}]
    if not isinstance(listed, list):
        raise RecordError("The windows of 'off_peak_pricing' should be a list.")
    for window in listed:
        rule = require_object(window, "A window of 'off_peak_pricing'")
        hours = rule.get("hours_utc")
        weekdays = "".join(sorted(_weekday(day) for day in rule.get("weekdays") or ()))
        for text in hours if isinstance(hours, list) else [hours]:
            match = _HOURS.match(str(text))
            if match is None:
                raise RecordError(f"{text!r} is not a window such as 16:30-00:30.")
            start, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
            yield (None, None, weekdays) if start == end else (start, end, weekdays)


def _weekday(day: object) -> str:
    text = str(day)
    if text in "1234567" and len(text) == 1:
        return text
    if text[:3].lower() in _DAYS:
        return _DAYS[text[:3].lower()]
    raise RecordError(f"{day!r} is not a weekday.")


def _without_zeros(prices: list[PriceObservation]) -> Iterator[PriceObservation]:
    """Zeros that mean nothing become unknown: all of them where no price is positive, else those of cache writes."""
    is_free_or_unknown = not any(price.usd_per_mtok for price in prices)
    for price in prices:
        if price.usd_per_mtok == 0 and (is_free_or_unknown or price.component in {"cache_write", "cache_write_1h"}):
            yield replace(price, usd_per_mtok=None, note="the feed says 0, which it also writes for unknown")
        else:
            yield price


def _price(value: object) -> Decimal:
    return usd_per_mtok(value, unit=PER_TOKEN)


ADAPTER = Adapter(
    slug="litellm",
    name="LiteLLM price map",
    version="2",
    parse=parse,
    fetch_url="https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
    page_url="https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json",
    publisher="LiteLLM (BerriAI)",
    kind="curated",
    licence="MIT",
    attribution="Prices from the LiteLLM price map by BerriAI and contributors (MIT).",
    schedule="41 */6 * * *",
    least_records=50,
)
