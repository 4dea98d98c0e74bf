"""What an adapter is and what it hands over: bytes in, typed observations out, no clock, no network, no database."""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Literal, TypeAlias

import orjson

Component: TypeAlias = Literal[
    "input",
    "cached_input",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "input_audio",
    "cached_input_audio",
    "output_audio",
    "input_image",
    "output_image",
]
ServiceClass: TypeAlias = Literal["standard", "batch", "flex", "priority"]
Confidence: TypeAlias = Literal["high", "medium", "low"]

PER_TOKEN = Decimal(1_000_000)
PER_THOUSAND_TOKENS = Decimal(1_000)
PER_MILLION_TOKENS = Decimal(1)
CENTS_PER_MILLION_TOKENS = Decimal("0.01")

# What every database we run on gives back unchanged: SQLite keeps a decimal as a double, which holds 15 digits.
_STORED = Context(prec=15)
_STEP = Decimal("1e-12")
_CEILING = Decimal(10) ** 9


class ParseError(ValueError):
    """The file as a whole is not what this feed sends. The message says what was found instead."""


class RecordError(ValueError):
    """One record cannot be believed. The others of the file are not touched by it."""


@dataclass(frozen=True, slots=True)
class PriceObservation:
    """One price of one component as a feed states it.

    ``usd_per_mtok`` None means that the feed says the component exists without a usable price. Dates are days that
    begin at 00:00 UTC; ``effective_to`` is exclusive. ``seen_from`` is the day the feed itself first saw this price,
    for feeds that date entries by the day of their own import; it is never a claim about when the price began.
    """

    component: Component
    usd_per_mtok: Decimal | None
    service_class: ServiceClass = "standard"
    min_input_tokens: int = 0
    tier_scope: Literal["request", "marginal"] = "request"
    utc_from: time | None = None
    utc_to: time | None = None
    weekdays: str = ""
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    seen_from: datetime | None = None
    confidence: Confidence = "medium"
    note: str = ""

    @property
    def is_dated(self) -> bool:
        return self.effective_from is not None or self.effective_to is not None


@dataclass(frozen=True, slots=True)
class ScoreObservation:
    """One result on one benchmark, in the benchmark's unit; a percentage becomes a fraction."""

    benchmark: str
    value: float
    original_value: str
    original_unit: str = ""
    standard_error: float | None = None
    n: int | None = None
    effort: str = ""
    shots: str = ""
    harness: str = ""
    configuration: str = ""
    measured_by: str = ""
    self_reported: bool | None = None
    measured_on: date | None = None
    confidence: Confidence = "medium"
    note: str = ""


@dataclass(frozen=True, slots=True)
class BenchmarkInfo:
    """A benchmark as a feed knows it, for the day the catalog has none of that slug."""

    name: str
    variant: str = ""
    unit: Literal["fraction", "elo", "index"] = "fraction"
    chance: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class FactObservation:
    """What a feed says about one attribute of a version; ``attribute`` is a value of ``Claim.Attribute``."""

    attribute: str
    value: str
    unit: str = ""
    qualifier: str = ""
    confidence: Confidence = "medium"
    note: str = ""


@dataclass(frozen=True, slots=True)
class HardwarePriceObservation:
    """What one accelerator costs for an hour."""

    hardware: str
    usd_per_gpu_hour: Decimal
    terms: Literal["on_demand", "spot", "reserved"]
    quoted_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HardwareObservation:
    """What an accelerator is: dense peaks, memory, power. None is unknown."""

    hardware: str
    vendor: str = ""
    released_on: date | None = None
    peak_bf16_flop_per_s: float | None = None
    peak_fp8_flop_per_s: float | None = None
    memory_bytes: int | None = None
    tdp_w: float | None = None


@dataclass(frozen=True, slots=True)
class EndOfSaleObservation:
    """The day on which the record's provider stops selling it, as the feed has it."""

    on: date


Observation: TypeAlias = (
    PriceObservation
    | ScoreObservation
    | FactObservation
    | HardwarePriceObservation
    | HardwareObservation
    | EndOfSaleObservation
)


@dataclass(frozen=True, slots=True)
class Provider:
    """Who sells: the feed's own id, and the name under which the catalog should know it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a feed under the feed's own key, with everything it claims."""

    external_key: str
    raw_name: str
    payload: Any
    observations: tuple[Observation, ...] = ()
    provider: Provider | None = None
    provider_model_id: str = ""
    region: str = ""
    quantisation: str = ""
    speed_class: str = ""

    def namespace(self, feed: str) -> str:
        """Where aliases of this name live: ``genai-prices/openai``, or the feed itself when it has no providers."""
        return f"{feed}/{self.provider.id}" if self.provider else feed


@dataclass(frozen=True, slots=True)
class Rejected:
    """One entry that was refused. Its key still counts as present, so nothing of it is taken for deleted."""

    external_key: str
    reason: str
    provider_id: str = ""
    raw_name: str = ""
    provider_model_id: str = ""


@dataclass(slots=True)
class Parsed:
    """A whole snapshot. ``remarks`` are things a person should know, such as fields never seen before.

    ``covers`` says what the file is complete about, as beginnings of keys: what it does not list there has gone. None
    is everything; an empty tuple means that the file is a cut, from which nothing is missing. ``only_seller`` is set
    when the file speaks of the prices of one seller: what others ask is not missing from it either.
    """

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    covers: tuple[str, ...] | None = None
    only_seller: Provider | None = None
    benchmarks: Mapping[str, BenchmarkInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A snapshot that an installed package carries, so that a first start needs no network."""

    body: bytes
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Adapter:
    """A feed: where it is, whose it is, how to read it. ``version`` changes whenever ``parse`` reads differently."""

    slug: str
    name: str
    version: str
    parse: Callable[[bytes], Parsed]
    fetch_url: str
    page_url: str
    publisher: str
    kind: Literal["primary", "independent", "curated", "secondary"]
    licence: str
    attribution: str
    schedule: str = ""
    is_archive: bool = False  # several named files, read as one zip
    enabled: bool = True
    bundled: Callable[[datetime], Bundle] | None = None
    least_records: int = 1
    companion: Callable[[str], str] | None = None  # the file that must lie beside one of this name


def read_json(body: bytes) -> Any:
    """JSON without NaN, infinities, lone surrogates or deep nesting; raises ParseError with the place of the fault."""
    if not body.strip():
        raise ParseError("The file is empty.")
    if body.lstrip()[:1] == b"<":
        raise ParseError("The file is a web page or XML, not JSON.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The file is not valid JSON: {error}.") from None


def usd_per_mtok(value: object, *, unit: Decimal) -> Decimal:
    """A price in the feed's unit as USD per million tokens, exact to 12 decimals and 15 digits.

    ``unit`` is one of PER_TOKEN, PER_THOUSAND_TOKENS, PER_MILLION_TOKENS, CENTS_PER_MILLION_TOKENS. A float is read
    by its shortest text, so 2.7e-07 per token is exactly 0.27 per million.
    Raises RecordError for what is not a finite, non-negative number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise RecordError(f"{value!r} is not a price.")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise RecordError(f"{value!r} is not a number.") from None
    if not number.is_finite():
        raise RecordError(f"{value!r} is not a finite price.")
    if number < 0:
        raise RecordError(f"The price {value} is negative.")
    price = number * unit
    if price >= _CEILING:
        raise RecordError(f"{value} is beyond any price.")
    return _STORED.plus(price.quantize(_STEP)).normalize()


def clean_name(value: object, *, limit: int = 300) -> str:
    """A name fit to show: a non-empty string without control or direction-changing characters."""
    if not isinstance(value, str) or not value.strip():
        raise RecordError(f"{value!r} is not a name.")
    if len(value) > limit:
        raise RecordError(f"The name {value[:40]!r}… has {len(value)} characters; {limit} are allowed.")
    # Cc: control, Cf: invisible and bidirectional marks, Cs: lone surrogates.
    if bad := next((char for char in value if unicodedata.category(char) in {"Cc", "Cf", "Cs"}), None):
        raise RecordError(f"The name {value[:40]!a} contains the control character U+{ord(bad):04X}.")
    return value


def end_of_sale(value: object) -> tuple[EndOfSaleObservation, ...]:
    """The end of sale in a field such as ``"2025-10-28"``. What is no day says nothing: the prices beside it count."""
    try:
        return (EndOfSaleObservation(date.fromisoformat(value)),) if isinstance(value, str) else ()
    except ValueError:
        return ()


def payload_hash(payload: object) -> str:
    """The same for the same content, whatever the order of its keys.

    Raises RecordError for a text with the character U+0000, which PostgreSQL cannot keep.
    """
    text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    if b"\\u0000" in text:
        raise RecordError("The record contains the character U+0000.")
    return hashlib.sha256(text).hexdigest()


def require_object(value: object, what: str) -> Mapping[str, Any]:
    """The value as a JSON object, or RecordError that names what should have been one."""
    if not isinstance(value, dict):
        raise RecordError(f"{what} should be an object and is {type(value).__name__}.")
    return value
