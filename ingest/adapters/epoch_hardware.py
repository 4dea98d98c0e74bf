"""Epoch AI's table of accelerators: dense peaks in FLOP/s, memory in bytes, power in W.

Its figures are dense; copies and datasheets often print the sparse ones, which are twice as large (FP8 of the H200:
3,958 for 1,979 TFLOP/s). A peak that cannot be dense beside its BF16 figure is refused. An empty FP8 cell (H800) means
that Epoch does not state it; the INT8 figure beside it is another unit and is not taken for it.
"""

from datetime import date

from ingest.adapters.base import Adapter, HardwareObservation, Parsed, Record, RecordError, Rejected, clean_name
from ingest.adapters.tables import day, read_csv

BF16 = "Tensor-FP16/BF16 performance (FLOP/s)"
FP8 = "FP8 performance (FLOP/s)"
MEMORY = "Memory (bytes)"
POWER = "TDP (W)"
# FP8 is twice BF16 on most chips (3.75 times on Trainium3); the sparse figure would be four times.
SPARSE_FP8_RATIO = 3.95
RANGES = {BF16: (1e9, 1e18), FP8: (1e9, 1e18), MEMORY: (1e6, 1e14), POWER: (1, 1e5)}


def parse(body: bytes) -> Parsed:
    """Every accelerator. Raises ParseError when this is not the table."""
    rows = read_csv(body, needs=("Hardware name", "Manufacturer", BF16, MEMORY, POWER), what="The file")
    parsed = Parsed()
    keys: set[str] = set()
    for row in rows:
        name = row["Hardware name"].strip()
        try:
            if name in keys:
                raise RecordError("The accelerator occurs twice.")
            keys.add(name)
            payload = {column: value for column, value in row.items() if value and len(value) <= 300}
            parsed.records.append(Record(clean_name(name), clean_name(name), payload, (_accelerator(name, row),)))
        except RecordError as error:
            parsed.rejected.append(Rejected(name[:400], str(error), raw_name=name))
    return parsed


def _accelerator(name: str, row: dict[str, str]) -> HardwareObservation:
    bf16, fp8, memory = _number(row, BF16), _number(row, FP8), _number(row, MEMORY)
    if bf16 and fp8 and fp8 >= SPARSE_FP8_RATIO * bf16:
        raise RecordError(
            f"The FP8 peak of {fp8:.4g} FLOP/s is {fp8 / bf16:.3g} times the BF16 peak; it seems to be the figure with "
            "sparsity, which is twice the dense one."
        )
    released: date | None = day(row.get("Release date", ""))
    return HardwareObservation(
        hardware=name,
        vendor=row["Manufacturer"].strip()[:100],
        released_on=released,
        peak_bf16_flop_per_s=bf16,
        peak_fp8_flop_per_s=fp8,
        memory_bytes=None if memory is None else int(memory),
        tdp_w=_number(row, POWER),
    )


def _number(row: dict[str, str], column: str) -> float | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise RecordError(f"{text[:60]!r} in the column {column!r} is not a number.") from None
    least, most = RANGES[column]
    if not least <= value <= most:
        raise RecordError(f"{text} in the column {column!r} is out of range.")
    return value


ADAPTER = Adapter(
    slug="epoch-hardware",
    name="Epoch AI hardware",
    version="1",
    parse=parse,
    fetch_url="https://epoch.ai/data/ml_hardware.csv",
    page_url="https://epoch.ai/data/machine-learning-hardware",
    publisher="Epoch AI",
    kind="independent",
    licence="CC-BY-4.0",
    attribution="Data on machine-learning hardware by Epoch AI, epoch.ai/data/machine-learning-hardware (CC-BY-4.0).",
    schedule="29 5 * * 2",
)
