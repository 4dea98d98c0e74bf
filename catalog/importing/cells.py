"""Rows of the catalog as lines of the file that would import them: what is written out can be read back unchanged."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

from catalog import models as m
from catalog.importing.files import write_file
from catalog.printed_scores import ENTERED, PER_ONE, says
from catalog.seeding.tables import TABLES, Table

Cells = dict[str, Any]

RELATED: dict[type[Model], tuple[str, ...]] = {
    m.Model: ("developer",),
    m.ModelVersion: ("model", "derived_from", "source"),
    m.Claim: ("version", "source"),
    m.Price: ("offering__provider", "offering__version", "source"),
    m.Score: ("version", "benchmark", "measured_by", "source"),
    m.Hardware: ("source",),
    m.HardwarePrice: ("hardware", "source"),
    m.Offering: ("provider", "version", "source"),
    m.ReferencePrice: ("hardware", "source"),
    m.TrainingRun: ("version", "source"),
    m.TrainingPhase: ("run__version", "hardware", "source"),
    m.Alias: ("version",),
}
TABLE_OF: dict[type[Model], str] = {
    m.Source: "sources",
    m.Organization: "organizations",
    m.Model: "models",
    m.ModelVersion: "versions",
    m.Claim: "claims",
    m.Price: "prices",
    m.Benchmark: "benchmarks",
    m.Score: "scores",
    m.Hardware: "hardware",
    m.HardwarePrice: "hardware_prices",
    m.Offering: "offerings",
    m.ReferencePrice: "reference_prices",
    m.TrainingRun: "training_runs",
    m.TrainingPhase: "training_phases",
    m.Alias: "aliases",
}


def table_of(model: type[Model]) -> Table | None:
    """The file that lists rows of this model, if there is one."""
    return next((table for table in TABLES if table.name == TABLE_OF.get(model)), None)


def export_rows(rows: "QuerySet[Any]", *, kind: str) -> bytes:
    """A ``csv`` or ``xlsx`` file of these rows, in the columns of their import."""
    table = table_of(rows.model)
    if table is None:
        raise ValueError(f"Rows of {rows.model._meta.label} have no file.")
    columns = [*table.columns, *table.optional]
    found = rows.select_related(*RELATED.get(rows.model, ()))
    return write_file(columns, list(_lines(found, columns)), kind=kind)


def _lines(rows: Iterable[Model], columns: list[str]) -> Iterable[list[str]]:
    for row in rows:
        special = SPECIAL.get(type(row), _nothing)(row)
        cells = {"source_url": _source(row), "source_note": getattr(row, "note", "")} | special
        yield [_text(cells[name] if name in cells else getattr(row, name, None)) for name in columns]


def _nothing(_: Any) -> Cells:
    return {}


def _source(row: Any) -> str:
    source = getattr(row, "source", None)
    return source.url if source else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.timetz().replace(tzinfo=None) == time(0) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, m.Model | m.ModelVersion | m.Organization | m.Benchmark | m.Hardware):
        return value.slug
    return str(value)


def _price(price: m.Price) -> Cells:
    window = f"{price.utc_from:%H:%M}-{price.utc_to:%H:%M}" if price.utc_from and price.utc_to else ""
    return {
        "provider": price.offering.provider,
        "provider_model_id": price.offering.provider_model_id,
        "version": price.offering.version,
        "utc_windows": window,
        price.component: price.usd_per_mtok,
    }


def _score(score: m.Score) -> Cells:
    unit = score.original_unit if score.original_unit in ENTERED else ""
    unit = unit or ("fraction" if score.benchmark.unit == m.Benchmark.Unit.FRACTION else "points")
    scale = PER_ONE[unit]
    error = None if score.standard_error is None else Decimal(repr(score.standard_error)) * scale
    # The value as printed, so that it is read back digit by digit; computed where a feed printed it otherwise.
    is_printed_so = score.original_unit == unit and says(score.original_value, unit, score.value)
    value = score.original_value if is_printed_so else Decimal(repr(score.value)) * scale
    return {"value": value, "unit": unit, "standard_error": error}


SPECIAL: dict[type[Model], Callable[[Any], Cells]] = {
    m.Source: lambda source: {"retrieved_on": source.retrieved_at},
    m.ModelVersion: lambda version: {"source_note": "", "note": version.note},
    m.Claim: lambda claim: {"observed_on": claim.observed_at},
    m.Price: _price,
    m.Score: _score,
    m.TrainingPhase: lambda phase: {"version": phase.run.version},
}
