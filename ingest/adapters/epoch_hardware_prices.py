"""Epoch AI's table of accelerator prices: USD per chip-hour, a dated page for every row.

On demand, and with one or three years of commitment. Purchase prices are another thing and not read.
"""

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest.adapters.base import (
    Adapter,
    HardwarePriceObservation,
    Parsed,
    Provider,
    Record,
    RecordError,
    Rejected,
    clean_name,
)
from ingest.adapters.tables import day, read_csv

PRICES: tuple[tuple[str, Literal["on_demand", "reserved"], str], ...] = (
    ("Price per chip-hour (on-demand)", "on_demand", ""),
    ("Price per chip-hour (1-year CUD)", "reserved", "one year"),
    ("Price per chip-hour (3-year CUD)", "reserved", "three years"),
)
DEAREST = Decimal(200)


def parse(body: bytes) -> Parsed:
    """Every row. Raises ParseError when this is not the table."""
    rows = read_csv(body, needs=("Hardware model", "Price date", PRICES[0][0]), what="The file")
    parsed = Parsed()
    keys: set[str] = set()
    for row in rows:
        digest = hashlib.sha256("\n".join(row.values()).encode()).hexdigest()[:16]
        key = f"{row['Price date']}/{row['Hardware model']}/{digest}"
        if key in keys:
            continue  # the same row again, to the letter
        keys.add(key)
        try:
            payload = {column: value for column, value in row.items() if value}
            seller = row.get("Vendor", "").strip()
            parsed.records.append(
                Record(
                    external_key=clean_name(key, limit=400),
                    raw_name=clean_name(row["Hardware model"].strip()),
                    payload=payload,
                    observations=_prices(row),
                    provider=Provider(seller.lower()[:80], clean_name(seller)) if seller else None,
                )
            )
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error)))
    return parsed


def _prices(row: dict[str, str]) -> tuple[HardwarePriceObservation, ...]:
    place = row.get("Location", "").strip()
    found = []
    for column, terms, commitment in PRICES:
        text = row.get(column, "").strip().removeprefix("$")
        if not text:
            continue
        try:
            usd = Decimal(text)
        except InvalidOperation:
            raise RecordError(f"{text!r} in the column {column!r} is not a number.") from None
        if not usd.is_finite() or not 0 < usd <= DEAREST:
            raise RecordError(f"{text} USD for an hour of one chip is out of range.")
        note = ", ".join(part for part in (commitment, place, row.get("Cloud GPU description", "").strip()) if part)
        quoted_on = day(row["Price date"])
        found.append(HardwarePriceObservation(row["Hardware model"].strip(), usd, terms, quoted_on, note))
    return tuple(found)


ADAPTER = Adapter(
    slug="epoch-hardware-prices",
    name="Epoch AI hardware prices",
    version="1",
    parse=parse,
    fetch_url="",
    page_url="https://github.com/epoch-research/training-cost-trends",
    publisher="Epoch AI",
    kind="independent",
    licence="CC-BY-4.0",
    attribution="Hardware prices by Epoch AI, epoch.ai (CC-BY-4.0).",
)
