"""The price table of pydantic/genai-prices: from its v2 JSON file, or from the package that is installed here.

USD per million tokens. ``prices`` is an object, or a list of which the LAST entry whose constraint holds is used and
the first carries no constraint. A value is a number or ``{base, tiers: [{start, price}]}``, where a tier applies to
the whole request once its input is longer than ``start``. An empty price object means that the price is not known.

Three things this file is careful about, measured in ``docs/feeds.md``:

* The unconditional first entry of a record with daily windows is the *other* price, often the discounted one. It gets
  the hours that no window covers, so every row of such a record says when it holds.
* A constraint is a date or a time of day, never both. A window holds from the last start date before it in the list.
* Most start dates are the day the feed was imported. A day that ten or more entries share is taken as "first seen".
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

from ingest.adapters.base import (
    PER_MILLION_TOKENS,
    Adapter,
    Bundle,
    Component,
    Parsed,
    ParseError,
    PriceObservation,
    Record,
    RecordError,
    Rejected,
    ServiceClass,
    clean_name,
    read_json,
    require_object,
    usd_per_mtok,
)
from ingest.adapters.providers import provider

COMPONENTS: dict[str, Component] = {
    "input_mtok": "input",
    "cache_read_mtok": "cached_input",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "cache_audio_read_mtok": "cached_input_audio",
    "output_audio_mtok": "output_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
}
# Which request-time choices are service classes of ours. The others (routes, faster hardware) are other offerings.
VARIANTS: dict[tuple[str, str], ServiceClass] = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
}
IMPORT_DAY_ENTRIES = 10
IMPORT_DAY_NOTE = "dated by the day the feed imported it; when the change happened is not known"

Window = tuple[time, time]
_MIDNIGHT = time(0, 0)


@dataclass
class _Era:
    """The prices from one start date to the next, with the windows that hold within it."""

    start: date | None
    prices: Mapping[str, Any]
    windows: list[tuple[Window, Mapping[str, Any]]] = field(default_factory=list)


def parse(body: bytes) -> Parsed:
    """Every model of every provider. Raises ParseError when this is not a list of providers."""
    data = read_json(body)
    if not isinstance(data, list) or not all(isinstance(item, dict) and "models" in item for item in data):
        raise ParseError("The file should be a list of providers, each with its models.")
    import_days = {day for day, count in Counter(_start_dates(data)).items() if count >= IMPORT_DAY_ENTRIES}
    parsed = Parsed()
    unknown: Counter[str] = Counter()
    keys: set[str] = set()
    for seller in data:
        seller_id = str(seller.get("id"))
        for position, model in enumerate(seller["models"]):
            model_id = str(model.get("id") or f"number {position}") if isinstance(model, dict) else f"number {position}"
            key = f"{seller_id}/{model_id}"
            try:
                if key in keys:
                    raise RecordError("The key occurs twice.")
                parsed.records.append(_record(key, seller, require_object(model, "A model"), import_days, unknown))
                keys.add(key)
            except RecordError as error:
                parsed.rejected.append(Rejected(key[:400], str(error), seller_id, model_id))
    if unknown:
        listed = ", ".join(f"{name} ({count})" for name, count in unknown.most_common())
        parsed.remarks.append(f"Prices in units other than tokens were not taken: {listed}.")
    return parsed


def _start_dates(data: list[dict[str, Any]]) -> Iterator[str]:
    for seller in data:
        for model in seller["models"] if isinstance(seller["models"], list) else ():
            prices = model.get("prices") if isinstance(model, dict) else None
            for entry in prices if isinstance(prices, list) else ():
                constraint = entry.get("constraint") if isinstance(entry, dict) else None
                if isinstance(constraint, dict) and "start_date" in constraint:
                    yield str(constraint["start_date"])


def _record(
    key: str, seller: Mapping[str, Any], model: Mapping[str, Any], import_days: set[str], unknown: Counter[str]
) -> Record:
    name = clean_name(model.get("id"))
    observations: list[PriceObservation] = []
    for era, until in _eras(model.get("prices", {})):
        observations += _dated(_era_prices(era, "standard", unknown), era.start, until, import_days)
    for service_class, variant in _variants(model.get("price_variants") or []):
        for era, until in _eras(variant):
            observations += _dated(_era_prices(era, service_class, unknown), era.start, until, import_days)
    return Record(
        external_key=clean_name(key, limit=400),
        raw_name=name,
        payload=dict(model),
        observations=tuple(observations),
        provider=provider(clean_name(seller.get("id"), limit=80), str(seller.get("name") or "")),
        provider_model_id=name,
    )


def _eras(prices: object) -> list[tuple[_Era, date | None]]:
    """Each era with the day it ends. Later entries win, so an entry without constraint ends all before it."""
    if isinstance(prices, dict):
        return [(_Era(None, prices), None)]
    if not isinstance(prices, list):
        raise RecordError("'prices' should be an object or a list.")
    eras: list[_Era] = []
    for item in prices:
        entry = require_object(item, "An entry of 'prices'")
        values = require_object(entry.get("prices"), "'prices' of an entry")
        constraint = entry.get("constraint")
        if constraint is None:
            eras = [_Era(None, values)]
        elif "start_date" in require_object(constraint, "'constraint'"):
            start = _date(constraint["start_date"])
            # A later entry that starts earlier hides the ones that start after it.
            eras = [era for era in eras if era.start is None or era.start < start] + [_Era(start, values)]
        elif eras and {"start_time", "end_time"} <= constraint.keys():
            eras[-1].windows.append(((_time(constraint["start_time"]), _time(constraint["end_time"])), values))
        else:
            raise RecordError(f"The constraint {constraint!r} is of an unknown kind.")
    ends = [era.start for era in eras[1:]]
    return list(zip(eras, [*ends, None], strict=True))


def _variants(variants: object) -> Iterator[tuple[ServiceClass, list[dict[str, Any]]]]:
    """Per service class the variant prices as a list of dated entries. The first that fits wins, hence reversed."""
    if not isinstance(variants, list):
        raise RecordError("'price_variants' should be a list.")
    by_class: dict[ServiceClass, list[dict[str, Any]]] = {}
    for variant in reversed(variants):
        when = require_object(require_object(variant, "A price variant").get("when"), "'when' of a price variant")
        service_class = VARIANTS.get(next(iter(when.items()))) if len(when) == 1 else None
        if service_class:
            entry = {"prices": variant.get("prices")}
            if variant.get("constraint") is not None:
                entry["constraint"] = variant["constraint"]
            by_class.setdefault(service_class, []).append(entry)
    yield from by_class.items()


def _era_prices(era: _Era, service_class: ServiceClass, unknown: Counter[str]) -> Iterator[PriceObservation]:
    base = list(_components(era.prices, service_class, unknown))
    if not era.windows:
        yield from base
        return
    windows = sorted(window for window, _ in era.windows)
    for start, end in _complement(windows):
        yield from (replace(price, utc_from=start, utc_to=end) for price in base)
    for (start, end), values in era.windows:
        for price in _components(values, service_class, unknown):
            yield replace(price, utc_from=start, utc_to=end)


def _components(
    prices: Mapping[str, Any], service_class: ServiceClass, unknown: Counter[str]
) -> Iterator[PriceObservation]:
    for name, value in prices.items():
        component = COMPONENTS.get(name)
        if component is None:
            unknown[name] += 1
            continue
        if value is None:
            continue
        if not isinstance(value, dict):
            yield PriceObservation(component, _price(value), service_class)
            continue
        yield PriceObservation(component, _price(value.get("base")), service_class)
        for tier in value.get("tiers") or ():
            start = require_object(tier, "A tier").get("start")
            if not isinstance(start, int) or isinstance(start, bool) or start < 0:
                raise RecordError(f"A tier starts at {start!r}, which is not a number of tokens.")
            yield PriceObservation(component, _price(tier.get("price")), service_class, min_input_tokens=start + 1)


def _dated(
    prices: Iterator[PriceObservation], start: date | None, until: date | None, import_days: set[str]
) -> Iterator[PriceObservation]:
    """An import day bounds the price before it from above, and says of the price after it only when it was seen."""
    starts_on_import = start is not None and start.isoformat() in import_days
    ends_on_import = until is not None and until.isoformat() in import_days
    for price in prices:
        if starts_on_import and until is None:
            yield replace(price, seen_from=_instant(start), note=IMPORT_DAY_NOTE)
        else:
            doubtful = starts_on_import or ends_on_import
            yield replace(
                price,
                effective_from=_instant(start),
                effective_to=_instant(until),
                confidence="low" if doubtful else "medium",
                note=IMPORT_DAY_NOTE if doubtful else "",
            )


def _complement(windows: list[Window]) -> list[Window]:
    """The hours of the day that the windows leave free. One may wrap midnight.

    Raises RecordError for windows that overlap, because then the order of the entries would decide.
    """
    free: list[Window] = []
    for (start, end), (after, _) in zip(windows, [*windows[1:], windows[0]], strict=True):
        is_last = after <= start
        if not is_last and not start < end <= after:
            raise RecordError("Two daily windows overlap.")
        if is_last and len(windows) > 1 and end < start and end > after:
            raise RecordError("Two daily windows overlap.")
        if end != after:
            free.append((end, after))
    return free


def _price(value: object) -> Decimal:
    return usd_per_mtok(value, unit=PER_MILLION_TOKENS)


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RecordError(f"{value!r} is not a day such as 2026-10-19.") from None


def _time(value: object) -> time:
    """A UTC time of day without seconds' fractions."""
    try:
        moment = time.fromisoformat(str(value))
    except ValueError:
        raise RecordError(f"{value!r} is not a time of day.") from None
    if moment.utcoffset() not in (None, UTC.utcoffset(None)):
        moment = datetime.combine(date(2000, 1, 1), moment).astimezone(UTC).time()
    return moment.replace(tzinfo=None, microsecond=0)


def _instant(day: date | None) -> datetime | None:
    return datetime.combine(day, _MIDNIGHT, UTC) if day else None


# ---- the installed package ------------------------------------------------------------------------------------------


def bundled(now: datetime) -> Bundle:
    """The table inside the installed package, as the v2 JSON file has it. The same package gives the same bytes.

    The package does not say when its table was written. The latest change it knows of that is not in the future is
    the latest day we can prove, so that is the day of the observation.
    """
    from genai_prices.data import providers  # half a second to import, and only needed here

    data = [
        {"id": seller.id, "name": seller.name, "models": [_model(model) for model in seller.models]}
        for seller in providers
    ]
    body = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    past = [day for text in _start_dates(data) if (day := date.fromisoformat(text)) <= now.date()]
    return Bundle(body, datetime.combine(max(past), _MIDNIGHT, UTC) if past else now)


def _model(model: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"id": model.id}
    for name in ("name", "context_window", "price_comments", "deprecated"):
        if (value := getattr(model, name)) is not None:
            row[name] = value
    row["prices"] = (
        [_entry(entry) for entry in model.prices] if isinstance(model.prices, list) else _values(model.prices)
    )
    if model.price_variants:
        row["price_variants"] = [{"when": dict(item.when)} | _entry(item) for item in model.price_variants]
    return row


def _entry(entry: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"prices": _values(entry.prices)}
    if entry.constraint is not None:
        row["constraint"] = {name: value.isoformat() for name, value in vars(entry.constraint).items()}
    return row


def _values(prices: Any) -> dict[str, Any]:
    return {name: _value(value) for name, value in vars(prices).items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return {
        "base": float(value.base),
        "tiers": [{"start": tier.start, "price": float(tier.price)} for tier in value.tiers],
    }


ADAPTER = Adapter(
    slug="genai-prices",
    name="genai-prices",
    version="1",
    parse=parse,
    fetch_url="https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
    page_url="https://github.com/pydantic/genai-prices/tree/main/prices",
    publisher="Pydantic",
    kind="curated",
    licence="MIT",
    attribution="Prices from genai-prices by Pydantic and contributors (MIT).",
    schedule="17 */6 * * *",
    bundled=bundled,
)
