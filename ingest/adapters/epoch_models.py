"""Epoch AI's table of models: parameters, chip-hours and training cost of language models.

The columns move between exports, so each is read only when what stands in it is a number, and a row in which it is
text is refused: columns that slid are how third-party copies break. Left out on purpose: the size of the data set
(datapoints, not tokens, and once the model's name), wall-clock hours, and compute estimates, which change silently.
Cost is in 2023 USD, sometimes with a dollar sign. The exports "notable", "frontier" and "large-scale" are cuts of the
same table: nothing is missing from them.
"""

from decimal import Decimal, InvalidOperation

from ingest.adapters.base import (
    Adapter,
    Confidence,
    FactObservation,
    Parsed,
    ParseError,
    Record,
    RecordError,
    Rejected,
    clean_name,
)
from ingest.adapters.tables import read_csv

# Column, attribute, unit, qualifier, and the range outside which a value is a mistake.
FACTS = (
    ("Parameters", "total_params", "parameters", "", Decimal(1), Decimal("1e14")),
    ("Training chip-hours", "training_gpu_hours", "chip-hours", "estimate by Epoch AI", Decimal(1), Decimal("1e10")),
    (
        "Training compute cost (2023 USD)",
        "training_cost_usd",
        "USD",
        "2023 USD, estimate by Epoch AI",
        Decimal(1),
        Decimal("1e11"),
    ),
)
CONFIDENCE: dict[str, Confidence] = {"Confident": "medium"}
SELECTIONS = ("Notability criteria", "Frontier model", "Large-scale")
DOMAINS = ("Language", "Multimodal")


def parse(body: bytes) -> Parsed:
    """Every model; facts of language models. Raises ParseError when this is not the table."""
    rows = read_csv(body, needs=("Model", "Parameters", "Confidence"), what="The file")
    if not any(column in row for row in rows[:1] for column, *_ in FACTS[1:]):
        raise ParseError("The file has none of the columns about training.")
    parsed = Parsed(covers=() if _is_cut(rows) else None)
    keys: set[str] = set()
    for row in rows:
        name = row["Model"].strip()
        try:
            if name in keys:
                raise RecordError("The model occurs twice.")
            keys.add(name)
            payload = {column: value for column, value in row.items() if value and len(value) <= 300}
            is_text = any(domain in row.get("Domain", "Language") for domain in DOMAINS)
            facts = _facts(row) if is_text else ()
            parsed.records.append(Record(clean_name(name), clean_name(name), payload, facts))
        except RecordError as error:
            parsed.rejected.append(Rejected(name[:400], str(error), raw_name=name))
    return parsed


def _is_cut(rows: list[dict[str, str]]) -> bool:
    """Whether every model is of one of Epoch's selections, which the table of all models cannot be."""
    return any(all(row.get(column, "").strip() for row in rows) for column in SELECTIONS)


def _facts(row: dict[str, str]) -> tuple[FactObservation, ...]:
    confidence = CONFIDENCE.get(row["Confidence"], "low")
    return tuple(
        FactObservation(attribute, f"{value:f}", unit, qualifier, confidence)
        for column, attribute, unit, qualifier, least, most in FACTS
        if (value := _number(row.get(column, ""), column, least, most)) is not None
    )


def _number(text: str, column: str, least: Decimal, most: Decimal) -> Decimal | None:
    text = text.strip().removeprefix("$").replace(",", "")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise RecordError(f"{text[:60]!r} in the column {column!r} is not a number.") from None
    if not value.is_finite() or not least <= value <= most:
        raise RecordError(f"{text} in the column {column!r} is out of range.")
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


ADAPTER = Adapter(
    slug="epoch-models",
    name="Epoch AI models",
    version="2",
    parse=parse,
    fetch_url="https://epoch.ai/data/all_ai_models.csv",
    page_url="https://epoch.ai/data/all_ai_models.csv",
    publisher="Epoch AI",
    kind="independent",
    licence="CC-BY-4.0",
    attribution="Data on AI models by Epoch AI, epoch.ai/data/ai-models (CC-BY-4.0).",
    schedule="19 5 * * *",
)
