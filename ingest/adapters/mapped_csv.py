"""Any CSV file, read by a mapping that says what its columns mean. No code is needed for one more table of prices.

A mapping is TOML or JSON; ``docs/feeds.md`` shows one. It names the feed and its source, the columns of names and
dates, and for every column of values what it holds and in which unit. What a cell cannot mean is refused with the name
of its column and what to do.
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from catalog.printed_scores import PER_ONE, in_unit
from ingest.adapters.base import (
    CENTS_PER_MILLION_TOKENS,
    PER_MILLION_TOKENS,
    PER_THOUSAND_TOKENS,
    PER_TOKEN,
    Adapter,
    BenchmarkInfo,
    Component,
    FactObservation,
    HardwarePriceObservation,
    Observation,
    Parsed,
    ParseError,
    PriceObservation,
    Provider,
    Record,
    RecordError,
    Rejected,
    ScoreObservation,
    ServiceClass,
    clean_name,
    usd_per_mtok,
)

PRICE_UNITS = {
    "usd_per_token": PER_TOKEN,
    "usd_per_ktok": PER_THOUSAND_TOKENS,
    "usd_per_mtok": PER_MILLION_TOKENS,
    "cents_per_mtok": CENTS_PER_MILLION_TOKENS,
}
TEXT_FACTS = ("licence",)
Attribute = Literal[
    "total_params",
    "active_params",
    "training_tokens",
    "context_tokens",
    "licence",
    "training_gpu_hours",
    "training_cost_usd",
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class MappingError(ValueError):
    """The mapping cannot be used. The message names the field and says what it should be."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceOfMapping(_Part):
    """Whose table it is: what readers see beside every number."""

    url: Text
    publisher: Text
    kind: Literal["primary", "independent", "curated", "secondary"] = "secondary"
    licence: str = ""
    attribution: str = ""


class DateColumn(_Part):
    """Where a row's day stands, and how Python's strptime reads it: a price's beginning, or when it was measured."""

    column: Text
    format: str = "%Y-%m-%d"


class PriceColumn(_Part):
    kind: Literal["price"]
    column: Text
    component: Component
    unit: Literal["usd_per_token", "usd_per_ktok", "usd_per_mtok", "cents_per_mtok"]
    service_class: ServiceClass = "standard"


class ScoreColumn(_Part):
    kind: Literal["score"]
    column: Text
    benchmark: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
    unit: Literal["fraction", "percent", "elo"]
    measured_by: str = ""
    self_reported: bool | None = None


class FactColumn(_Part):
    kind: Literal["fact"]
    column: Text
    attribute: Attribute
    unit: str = ""
    times: Decimal = Decimal(1)


class HardwarePriceColumn(_Part):
    kind: Literal["hardware_price"]
    column: Text
    terms: Literal["on_demand", "spot", "reserved"] = "on_demand"


ValueColumn = Annotated[PriceColumn | ScoreColumn | FactColumn | HardwarePriceColumn, Field(discriminator="kind")]


class CsvMapping(_Part):
    """A whole mapping, checked."""

    feed: Slug
    title: Text
    source: SourceOfMapping
    name: Text
    key: tuple[Text, ...] = ()
    seller: str = ""
    seller_column: str = ""
    date: DateColumn | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    unknown: tuple[str, ...] = ("", "-", "n/a", "N/A", "null")
    values: Annotated[tuple[ValueColumn, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_seller(self) -> "CsvMapping":
        if any(value.kind == "price" for value in self.values) and bool(self.seller) == bool(self.seller_column):
            raise ValueError("prices need either seller, a name, or seller_column, a column of names")
        return self

    @property
    def columns(self) -> dict[str, str]:
        """Every column that is named, with the place where the mapping names it."""
        places = {"name": self.name, "seller_column": self.seller_column}
        places |= {f"key[{position}]": column for position, column in enumerate(self.key)}
        places |= {"date.column": self.date.column if self.date else ""}
        places |= {f"values[{position}].column": value.column for position, value in enumerate(self.values)}
        return {place: column for place, column in places.items() if column}


def read_mapping(text: bytes) -> CsvMapping:
    """A mapping from TOML or JSON. Raises MappingError, which names the field and the remedy."""
    try:
        data = orjson.loads(text) if text.lstrip()[:1] == b"{" else tomllib.loads(text.decode())
    except (orjson.JSONDecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MappingError(f"The mapping is neither TOML nor JSON: {error}.") from None
    return check_mapping(data)


def check_mapping(data: Any) -> CsvMapping:
    """The mapping that this data is. Raises MappingError, which names every field that is wrong."""
    try:
        return CsvMapping.model_validate_json(orjson.dumps(data, default=str))
    except (ValidationError, TypeError) as error:
        if isinstance(error, TypeError):
            raise MappingError("The mapping should be a table of fields.") from None
        faults = []
        for fault in error.errors()[:5]:
            place = ".".join(str(part) for part in fault["loc"]) or "the mapping"
            faults.append(f"{place}: {fault['msg'].removeprefix('Value error, ')}")
        raise MappingError(f"The mapping is wrong at {'; '.join(faults)}.") from None


def parse(body: bytes, *, mapping: CsvMapping) -> Parsed:
    """Every row by the mapping. Raises ParseError that names a column the file lacks."""
    rows = _rows(body, mapping)
    is_priced = any(value.kind == "price" for value in mapping.values)
    parsed = Parsed(benchmarks=_benchmarks(mapping))
    keys: set[str] = set()
    for number, row in enumerate(rows, start=2):
        raw_name = row[mapping.name].strip()
        seller = (row[mapping.seller_column].strip() if mapping.seller_column else mapping.seller) if is_priced else ""
        parts = (
            [row[column].strip() for column in mapping.key]
            if mapping.key
            else [seller, raw_name, _day_text(row, mapping)]
        )
        key = "/".join(part for part in parts if part) or f"row {number}"
        try:
            if not raw_name:
                raise RecordError(f"The column {mapping.name!r} is empty in row {number}.")
            if key in keys:
                raise RecordError(f"The key {key} occurs twice; name more columns in the mapping's 'key'.")
            keys.add(key)
            sold_by = (
                Provider(clean_name(seller.lower(), limit=80), clean_name(seller, limit=200)) if is_priced else None
            )
            observations = tuple(found for value in mapping.values if (found := _observe(row, value, mapping)))
            parsed.records.append(
                Record(clean_name(key, limit=400), clean_name(raw_name), dict(row), observations, sold_by)
            )
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), seller.lower()[:80], raw_name[:300]))
    return parsed


def _rows(body: bytes, mapping: CsvMapping) -> list[dict[str, str]]:
    if not body.strip():
        raise ParseError("The file is empty.")
    if body.lstrip()[:1] in (b"<", b"{", b"["):
        raise ParseError("The file is a web page, XML or JSON, not CSV.")
    try:
        reader = csv.DictReader(
            io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True, delimiter=mapping.delimiter
        )
        have = list(reader.fieldnames or [])
        for place, column in mapping.columns.items():
            if column not in have:
                raise ParseError(
                    f"The file has no column {column!r}, which the mapping names at {place}; it has "
                    f"{', '.join(have[:12])}. Correct the mapping, or its delimiter if that is one column."
                )
        return [{key: value or "" for key, value in row.items() if key is not None} for row in reader]
    except UnicodeDecodeError as error:
        raise ParseError(f"The file is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
    except csv.Error as error:
        raise ParseError(f"The file is not a CSV file: {error}.") from None


def _benchmarks(mapping: CsvMapping) -> dict[str, BenchmarkInfo]:
    return {
        value.benchmark: BenchmarkInfo(value.benchmark, unit="elo" if value.unit == "elo" else "fraction")
        for value in mapping.values
        if value.kind == "score"
    }


def _observe(row: Mapping[str, str], value: ValueColumn, mapping: CsvMapping) -> Observation | None:
    text = row[value.column].strip()
    if text in mapping.unknown:
        return None
    if value.kind == "fact" and value.attribute in TEXT_FACTS:
        return FactObservation(value.attribute, clean_name(text, limit=200), value.unit)
    number = _number(text, value.column, mapping)
    on = _day(row, mapping)
    if value.kind == "price":
        try:
            usd = usd_per_mtok(number, unit=PRICE_UNITS[value.unit])
        except RecordError as error:
            raise RecordError(f"Column {value.column!r}: {error}") from None
        since = datetime(on.year, on.month, on.day, tzinfo=UTC) if on else None
        return PriceObservation(value.component, usd, service_class=value.service_class, effective_from=since)
    if value.kind == "score":
        return ScoreObservation(
            benchmark=value.benchmark,
            value=_score(number, value),
            original_value=text[:60],
            original_unit={"elo": "rating points"}.get(value.unit, value.unit),
            measured_by=value.measured_by,
            self_reported=value.self_reported,
            measured_on=on,
        )
    if value.kind == "hardware_price":
        if not 0 < number <= 200:
            raise RecordError(f"Column {value.column!r}: {text} USD for an hour of one accelerator is out of range.")
        return HardwarePriceObservation(row[mapping.name].strip(), number, value.terms, on)
    amount = number * value.times
    if not 0 < amount < Decimal(10) ** 30:
        raise RecordError(f"Column {value.column!r}: {text} is out of range for {value.attribute}.")
    shown = f"{amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize():f}"
    return FactObservation(value.attribute, shown, value.unit)


def _number(text: str, column: str, mapping: CsvMapping) -> Decimal:
    thousands = "," if mapping.decimal == "." else "."
    plain = text.replace(thousands, "").replace(mapping.decimal, ".").replace("\u00a0", "").strip("$€% ")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise RecordError(
            f"Column {column!r} holds {text[:60]!r}, which is not a number with {mapping.decimal!r} as its decimal "
            "mark. If it means unknown, add it to 'unknown' in the mapping; otherwise correct 'decimal' or the cell."
        )
    return number


def _score(number: Decimal, value: ScoreColumn) -> float:
    if value.unit == "elo":
        if not 100 < number < 3000:
            raise RecordError(f"Column {value.column!r}: the rating {number} is outside 100 to 3000.")
        return float(number)
    share = in_unit(number, PER_ONE[value.unit])
    if not 0 <= share <= 1:
        raise RecordError(
            f"Column {value.column!r}: {number} is no {value.unit} of a score; correct 'unit' in the mapping."
        )
    return share


def _day_text(row: Mapping[str, str], mapping: CsvMapping) -> str:
    return row[mapping.date.column].strip() if mapping.date else ""


def _day(row: Mapping[str, str], mapping: CsvMapping) -> date | None:
    text = _day_text(row, mapping)
    if mapping.date is None or text in mapping.unknown:
        return None
    try:
        return datetime.strptime(text, mapping.date.format).date()  # noqa: DTZ007 - a day has no zone
    except (ValueError, OverflowError):
        raise RecordError(
            f"Column {mapping.date.column!r} holds {text[:40]!r}, which is not a day as {mapping.date.format} reads it."
            " Correct date.format in the mapping or the cell."
        ) from None


def mapped_adapter(mapping: CsvMapping, *, fetch_url: str = "") -> Adapter:
    """The adapter that a mapping makes. Its version changes with the mapping."""
    text = mapping.model_dump_json()
    return Adapter(
        slug=mapping.feed,
        name=mapping.title,
        version=f"csv-{hashlib.sha256(text.encode()).hexdigest()[:8]}",
        parse=_parser(mapping),
        fetch_url=fetch_url,
        page_url=mapping.source.url,
        publisher=mapping.source.publisher,
        kind=mapping.source.kind,
        licence=mapping.source.licence,
        attribution=mapping.source.attribution,
    )


def _parser(mapping: CsvMapping) -> Callable[[bytes], Parsed]:
    return partial(parse, mapping=mapping)
