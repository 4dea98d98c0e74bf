"""SkyPilot's catalogues of clouds, as named files: USD per hour of an INSTANCE, divided here by its accelerators.

An accelerator's short name ("H100") does not say which board it is. Only where the instance type names it, or only one
board exists, does it become ours; the rest is kept raw. The same instance stands once per region; the region is kept
in the note.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest.adapters.base import (
    Adapter,
    HardwarePriceObservation,
    Parsed,
    ParseError,
    Provider,
    Record,
    RecordError,
    Rejected,
    clean_name,
)
from ingest.adapters.tables import is_archive, read_archive, read_csv

# Short name and what the instance type must say, to the accelerator it then is.
BOARDS = (
    ("H100", re.compile(r"sxm|\.80S\.", re.IGNORECASE), "NVIDIA H100 SXM5 80GB"),
    ("H200", re.compile(r"sxm|\.141S\.", re.IGNORECASE), "NVIDIA H200 SXM"),
    ("B200", re.compile(r""), "NVIDIA B200"),
    ("B300", re.compile(r""), "NVIDIA B300 (Blackwell Ultra)"),
    ("A100-80GB", re.compile(r"sxm|\.80S\.", re.IGNORECASE), "NVIDIA A100 SXM4 80 GB"),
)
TERMS: tuple[tuple[str, Literal["on_demand", "spot"]], ...] = (("Price", "on_demand"), ("SpotPrice", "spot"))
CLOUDS = {"nebius": "Nebius", "verda": "Verda", "lambda": "Lambda", "aws": "Amazon Web Services", "gcp": "Google Cloud"}
DEAREST = Decimal(200)
_STEP = Decimal("0.00000001")


def parse(body: bytes) -> Parsed:
    """Every GPU row of every cloud; a file is named after its cloud. Raises ParseError when there is none."""
    files = read_archive(body) if is_archive(body) else {}
    tables = {name: content for name, content in files.items() if name.endswith(".csv")}
    if not tables:
        raise ParseError("The file should be an archive of CSV files, each named after its cloud.")
    parsed = Parsed()
    clouds: list[str] = []
    for name, content in sorted(tables.items()):
        cloud = next((known for known in CLOUDS if known in name.lower()), name.removesuffix(".csv"))
        clouds.append(cloud)
        columns = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price")
        _take(parsed, cloud, read_csv(content, needs=columns, what=name))
    parsed.covers = tuple(f"{cloud}/" for cloud in clouds)
    return parsed


def _take(parsed: Parsed, cloud: str, rows: list[dict[str, str]]) -> None:
    keys: set[str] = set()
    for row in rows:
        if not row["AcceleratorName"]:
            continue
        key = f"{cloud}/{row['InstanceType']}/{row.get('Region', '')}"
        try:
            if key in keys:
                raise RecordError("The instance occurs twice in its region.")
            keys.add(key)
            record = Record(
                external_key=clean_name(key, limit=400),
                raw_name=clean_name(row["AcceleratorName"]),
                payload={column: value for column, value in row.items() if value},
                observations=_prices(row),
                provider=Provider(cloud, CLOUDS.get(cloud, cloud)),
            )
            parsed.records.append(record)
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), cloud, row["AcceleratorName"]))


def _prices(row: dict[str, str]) -> tuple[HardwarePriceObservation, ...]:
    board = next(
        (full for short, said, full in BOARDS if row["AcceleratorName"] == short and said.search(row["InstanceType"])),
        None,
    )
    count = _number(row["AcceleratorCount"])
    if count is None or count <= 0:
        raise RecordError(f"{row['AcceleratorCount']!r} is not a number of accelerators.")
    found = []
    for column, terms in TERMS:
        usd = _number(row.get(column, ""))
        if usd is None or board is None:
            continue
        per_chip = usd / count
        if 0 < per_chip <= DEAREST:
            per_chip = per_chip.quantize(_STEP).normalize()
        if not 0 < per_chip <= DEAREST:
            raise RecordError(f"{per_chip} USD for an hour of one accelerator is out of range.")
        note = f"{row['InstanceType']}, {row.get('Region', '')}".rstrip(", ")
        found.append(HardwarePriceObservation(board, per_chip, terms, note=note))
    return tuple(found)


def _number(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise RecordError(f"{text!r} is not a number.") from None
    if not value.is_finite() or value < 0:
        raise RecordError(f"{text} is not a price or a count.")
    return value


ADAPTER = Adapter(
    slug="skypilot",
    name="SkyPilot GPU prices",
    version="2",
    parse=parse,
    fetch_url="",
    page_url="https://github.com/skypilot-org/skypilot-catalog/tree/master/catalogs/v8",
    publisher="SkyPilot",
    kind="curated",
    licence="not stated in the catalogue; prices are facts",
    attribution="Cloud prices from the SkyPilot catalogue.",
    is_archive=True,
)
