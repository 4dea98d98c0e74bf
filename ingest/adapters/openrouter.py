"""OpenRouter's model list: ``{"data": [...]}``, USD per ONE token as decimal strings.

What is listed is the price of the endpoint that OpenRouter would choose, a reseller's price. -1 marks routers, which
choose a model themselves. 0 is a price on ``:free`` ids and unknown on others. ``pricing.overrides`` repeats some
fields for long prompts or for hours of the day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
    clean_name,
    end_of_sale,
    read_json,
    require_object,
    usd_per_mtok,
)
from ingest.adapters.providers import provider

COMPONENTS: dict[str, Component] = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cached_input",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "input_audio_cache": "cached_input_audio",
    "audio_output": "output_audio",
    "image_output": "output_image",
}
# Per request, per search or per picture; and what is not a price.
OTHER_UNITS = {"request", "web_search", "image", "image_token", "discount", "overrides"}
CONDITIONS = {"min_prompt_tokens", "utc_start", "utc_end"}
ROUTER = Decimal(-1)


def parse(body: bytes) -> Parsed:
    """Every listed id. Raises ParseError when this is not the list."""
    data = read_json(body)
    listed = data.get("data") if isinstance(data, dict) else data
    if not isinstance(listed, list) or not all(isinstance(item, dict) and "pricing" in item for item in listed):
        raise ParseError("The file should be a list of models with their pricing, under 'data'.")
    parsed = Parsed()
    unknown: Counter[str] = Counter()
    keys: set[str] = set()
    for entry in listed:
        key = str(entry.get("id"))
        try:
            if key in keys:
                raise RecordError("The id occurs twice.")
            parsed.records.append(_record(entry, unknown))
            keys.add(key)
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), "openrouter", key))
    if unknown:
        names = ", ".join(f"{name} ({count})" for name, count in unknown.most_common())
        parsed.remarks.append(f"Prices under unknown names were not taken: {names}.")
    return parsed


def _record(entry: Mapping[str, Any], unknown: Counter[str]) -> Record:
    name = clean_name(entry.get("id"))
    pricing = require_object(entry["pricing"], "'pricing'")
    variant = name.partition(":")[2]
    observations: list[Observation] = [*end_of_sale(entry.get("expiration_date"))]
    if not _is_router(pricing):
        observations += _prices(pricing, is_free=variant == "free", unknown=unknown)
        for override in pricing.get("overrides") or ():
            observations += _override(require_object(override, "An override"), unknown)
    return Record(
        external_key=name,
        raw_name=name,
        payload={key: value for key, value in entry.items() if key != "description"},  # their text, not a fact
        observations=tuple(observations),
        provider=provider("openrouter"),
        provider_model_id=name,
        speed_class=variant[:40],
    )


def _is_router(pricing: Mapping[str, Any]) -> bool:
    return any(str(pricing.get(name)) in {"-1", "-1.0"} for name in ("prompt", "completion"))


def _prices(pricing: Mapping[str, Any], *, is_free: bool, unknown: Counter[str]) -> Iterator[PriceObservation]:
    for name, value in pricing.items():
        if name in OTHER_UNITS or name in CONDITIONS or value is None:
            continue
        component = COMPONENTS.get(name)
        if component is None:
            unknown[name] += 1
            continue
        usd = usd_per_mtok(value, unit=PER_TOKEN)
        if usd == 0 and not is_free:
            if component in {"input", "output"}:
                yield PriceObservation(component, None, note="the feed says 0 for an id that is not free")
            continue  # older answers write 0 for what newer ones leave out
        yield PriceObservation(component, usd)


def _override(override: Mapping[str, Any], unknown: Counter[str]) -> Iterator[PriceObservation]:
    tokens = override.get("min_prompt_tokens") or 0
    if not isinstance(tokens, int) or tokens < 0:
        raise RecordError(f"An override begins at {tokens!r}, which is not a number of tokens.")
    window = [_time(override[name]) for name in ("utc_start", "utc_end") if override.get(name) is not None]
    if len(window) == 1:
        raise RecordError("An override names one end of its daily window.")
    for price in _prices(override, is_free=False, unknown=unknown):
        start, end = window or (None, None)
        yield replace(price, min_input_tokens=tokens, utc_from=start, utc_to=end)


def _time(value: object) -> time:
    try:
        return time.fromisoformat(str(value).removesuffix("Z")).replace(microsecond=0)
    except ValueError:
        raise RecordError(f"{value!r} is not a time of day.") from None


ADAPTER = Adapter(
    slug="openrouter",
    name="OpenRouter models",
    version="2",
    parse=parse,
    fetch_url="https://openrouter.ai/api/v1/models",
    page_url="https://openrouter.ai/models",
    publisher="OpenRouter",
    kind="curated",
    licence="none stated; prices are facts",
    attribution="Prices as listed by OpenRouter.",
    schedule="7 */3 * * *",
    least_records=20,
)
