"""The whole catalog as files: one CSV or Parquet file a table, and a ``datapackage.json`` that says what is in them.

The description follows the Frictionless Data Package, so that other tools read types, units, sources and licences.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson
from django.db.models import F, QuerySet

from catalog.models import (
    Alias,
    Benchmark,
    Claim,
    HardwarePrice,
    IndexEstimate,
    ModelVersion,
    Offering,
    Price,
    Score,
    Source,
    TrainingPhase,
)
from dashboard.errors import CannotExport
from dashboard.exports import write_rows

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["string", "integer", "number", "decimal", "boolean", "date", "datetime", "time"]
FileFormat = Literal["csv", "parquet"]
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name with the unit, where its value comes from, its type, and what it means."""

    name: str
    path: str
    kind: Kind = "string"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    description: str
    rows: "QuerySet[Any]"
    columns: Sequence[Column]

    def values(self) -> Iterator[tuple[Any, ...]]:
        """Every row, in an order that is the same each time; None means unknown."""
        annotated = self.rows.order_by("pk").values_list(*(F(column.path) for column in self.columns))
        return annotated.iterator(chunk_size=ROWS_AT_ONCE)


def tables() -> tuple[Table, ...]:
    """What leaves the house: facts, each with its source. Accounts, endpoints, prompts and replies stay."""
    return (
        Table(
            "versions",
            "Versions of models: one set of weights or one dated snapshot of an API.",
            ModelVersion.objects.all(),
            (
                Column("version", "slug"),
                Column("model", "model__slug"),
                Column("name", "name"),
                Column("developer", "model__developer__name"),
                Column("kind", "kind"),
                Column("derived_from", "derived_from__slug"),
                Column("open_weights", "open_weights", "boolean"),
                Column("announced_on", "announced_on", "date"),
                Column("api_on", "api_on", "date", "First day on the developer's own API."),
                Column("weights_on", "weights_on", "date", "Day the weights were published."),
                Column("snapshot_on", "snapshot_on", "date", "The date inside the developer's own id."),
                *_source_columns(),
            ),
        ),
        Table(
            "claims",
            "Facts as their sources state them; sources that disagree are all here.",
            Claim.objects.filter(superseded_by=None),
            (
                Column("version", "version__slug"),
                Column("attribute", "attribute"),
                Column("value", "value", description="As the source states it."),
                Column("unit", "unit"),
                Column("qualifier", "qualifier"),
                Column("confidence", "confidence"),
                Column("observed_at", "observed_at", "datetime"),
                *_source_columns(),
            ),
        ),
        Table(
            "offerings",
            "A version as one provider sells it.",
            Offering.objects.all(),
            (
                Column("offering", "pk", "integer"),
                Column("provider", "provider__name"),
                Column("provider_model_id", "provider_model_id"),
                Column("version", "version__slug"),
                Column("quantisation", "quantisation"),
                Column("region", "region"),
                Column("speed_class", "speed_class"),
                Column("context_tokens", "context_tokens", "integer"),
                Column("retired_on", "retired_on", "date", "When this provider ends the sale; empty means not known."),
                Column("source_url", "source__url", description="Where the end of the sale was read."),
            ),
        ),
        Table(
            "prices",
            "Every price ever known, one row a component and period; an empty price is unknown, never free.",
            Price.objects.all(),
            (
                Column("offering", "offering_id", "integer"),
                Column("provider", "offering__provider__name"),
                Column("provider_model_id", "offering__provider_model_id"),
                Column("version", "offering__version__slug"),
                Column("component", "component"),
                Column("usd_per_mtok", "usd_per_mtok", "decimal", "US dollars per million tokens."),
                Column("service_class", "service_class"),
                Column("min_input_tokens", "min_input_tokens", "integer", "Applies from this many input tokens on."),
                Column("tier_scope", "tier_scope"),
                Column("utc_from", "utc_from", "time", "Start of a daily window."),
                Column("utc_to", "utc_to", "time"),
                Column("weekdays", "weekdays", description="Digits 1 (Monday) to 7; empty means every day."),
                Column("effective_from", "effective_from", "datetime", "As the source says; empty means unknown."),
                Column("effective_to", "effective_to", "datetime", "Exclusive; empty means open."),
                Column("observed_from", "observed_from", "datetime", "When a feed or a person first saw it."),
                Column("last_seen", "last_seen", "datetime"),
                Column("absent_since", "absent_since", "datetime", "When the feed stopped listing it."),
                Column("announced", "announced", "boolean", "For the future, not yet seen in force."),
                Column("confidence", "confidence"),
                *_source_columns(),
            ),
        ),
        Table(
            "benchmarks",
            "What the scores are scores of.",
            Benchmark.objects.all(),
            (
                Column("benchmark", "slug"),
                Column("name", "name"),
                Column("variant", "variant"),
                Column("metric", "metric"),
                Column("unit", "unit"),
                Column("chance", "chance", "number", "Score of guessing."),
                Column("ceiling", "ceiling", "number", "Best possible score; empty means 1."),
                Column("in_index", "in_index", "boolean"),
                Column("is_own_suite", "is_own_suite", "boolean"),
            ),
        ),
        Table(
            "scores",
            "Scores with who measured them and how; several for one version and benchmark are not averaged.",
            Score.objects.filter(superseded_by=None),
            (
                Column("version", "version__slug"),
                Column("benchmark", "benchmark__slug"),
                Column("value", "value", "number", "In the benchmark's unit; a percentage is a fraction."),
                Column("original_value", "original_value"),
                Column("original_unit", "original_unit"),
                Column("standard_error", "standard_error", "number"),
                Column("n", "n", "integer", "Tasks scored."),
                Column("effort", "effort"),
                Column("shots", "shots"),
                Column("harness", "harness"),
                Column("configuration", "configuration"),
                Column("measured_by", "measured_by__name"),
                Column("self_reported", "self_reported", "boolean"),
                Column("measured_on", "measured_on", "date"),
                Column("confidence", "confidence"),
                *_source_columns(),
            ),
        ),
        Table(
            "training_phases",
            "GPU-hours of training by phase. Read `leaves_out` beside any sum of them.",
            TrainingPhase.objects.all(),
            (
                Column("version", "run__version__slug"),
                Column("phase", "name"),
                Column("gpu_hours", "gpu_hours", "number"),
                Column("hardware", "hardware__slug"),
                Column("gpus", "gpus", "integer"),
                Column("tokens", "tokens", "number"),
                Column("precision", "precision"),
                Column("published_cost_usd", "published_cost_usd", "decimal"),
                Column("cost_basis", "cost_basis"),
                Column("is_estimate", "is_estimate", "boolean", "Not stated by the developer."),
                Column("leaves_out", "run__scope"),
                Column("confidence", "confidence"),
                *_source_columns(),
            ),
        ),
        Table(
            "hardware_prices",
            "What an hour of an accelerator costs.",
            HardwarePrice.objects.all(),
            (
                Column("hardware", "hardware__slug"),
                Column("provider", "provider"),
                Column("usd_per_gpu_hour", "usd_per_gpu_hour", "decimal"),
                Column("terms", "terms"),
                Column("quoted_on", "quoted_on", "date"),
                *_source_columns(),
            ),
        ),
        Table(
            "index_estimates",
            "The capability index of every fit; never compare across fits.",
            IndexEstimate.objects.all(),
            (
                Column("fit", "fit_id", "integer"),
                Column("fitted_at", "fit__created_at", "datetime"),
                Column("policy", "fit__policy"),
                Column("version", "version__slug"),
                Column("status", "status"),
                Column("capability", "capability", "number", "Index points."),
                Column("low", "low", "number"),
                Column("high", "high", "number"),
                Column("level", "fit__level", "number", "Of the interval from low to high."),
                Column("standard_error", "standard_error", "number"),
                Column("benchmarks", "benchmarks", "integer"),
            ),
        ),
        Table(
            "aliases",
            "What a name in a feed stands for, and when.",
            Alias.objects.filter(status=Alias.Status.ACCEPTED),
            (
                Column("namespace", "namespace"),
                Column("raw_name", "raw_name"),
                Column("target", "target"),
                Column("version", "version__slug"),
                Column("valid_from", "valid_from", "datetime"),
                Column("valid_to", "valid_to", "datetime", "Exclusive."),
                Column("evidence", "evidence"),
            ),
        ),
        Table(
            "sources",
            "Where the numbers come from, and what their licences ask for.",
            Source.objects.all(),
            (
                Column("source_url", "url"),
                Column("title", "title"),
                Column("publisher", "publisher"),
                Column("kind", "kind"),
                Column("rank", "rank", "integer", "When sources disagree, the lowest is shown."),
                Column("licence", "licence"),
                Column("attribution", "attribution", description="The credit line that must be carried on."),
                Column("retrieved_at", "retrieved_at", "datetime"),
            ),
        ),
    )


def _source_columns() -> tuple[Column, ...]:
    return (
        Column("source_url", "source__url"),
        Column("publisher", "source__publisher"),
        Column("licence", "source__licence"),
    )


def write_package(folder: Path, *, file_format: FileFormat = "csv", now: datetime | None = None) -> dict[str, int]:
    """Write every table into ``folder``, which must be new or empty, and return the rows by table.

    Raises CannotExport for a folder that holds files, cannot be made, or for Parquet without pyarrow.
    """
    write_table = _table_writer(file_format)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CannotExport(f"{folder} is not empty. Name a new folder; nothing is overwritten.")
    except OSError as error:
        raise CannotExport(f"{folder} cannot be used: {error.strerror}.") from error
    counts, resources = {}, []
    for table in tables():
        path = folder / f"{table.name}.{file_format}"
        counts[table.name] = write_table(table, path)
        resources.append(_resource(table, path, counts[table.name]))
    package = {
        "profile": "data-package",
        "name": "capability-per-dollar",
        "title": "Capability per Dollar: language models, what they cost and what they can do",
        "created": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "resources": resources,
        "licenses": _licences(),
        "contributors": [
            {"title": publisher, "role": "wrangler"}
            for publisher in Source.objects.order_by("publisher").values_list("publisher", flat=True).distinct()
        ],
    }
    (folder / "datapackage.json").write_bytes(orjson.dumps(package, option=orjson.OPT_INDENT_2))
    return counts


def _licences() -> list[dict[str, str]]:
    """Each licence that some source has, with the credit lines it asks for."""
    found: dict[str, set[str]] = {}
    for licence, attribution in Source.objects.exclude(licence="").values_list("licence", "attribution"):
        found.setdefault(licence, set()).update({attribution} - {""})
    return [{"title": licence, "attribution": "\n".join(sorted(found[licence]))} for licence in sorted(found)]


def _resource(table: Table, path: Path, rows: int) -> dict[str, Any]:
    fields = [
        {
            "name": column.name,
            "type": "number" if column.kind == "decimal" else column.kind,
            **({"description": column.description} if column.description else {}),
        }
        for column in table.columns
    ]
    return {
        "name": table.name.replace("_", "-"),
        "path": path.name,
        "title": table.description,
        "format": path.suffix.removeprefix("."),
        "encoding": "utf-8",
        "rows": rows,
        "bytes": path.stat().st_size,
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _table_writer(file_format: FileFormat) -> Any:
    if file_format == "csv":
        return _write_csv
    try:
        import pyarrow as pa  # noqa: F401
    except ImportError as error:
        raise CannotExport(
            "Parquet needs the package pyarrow, which is not installed. Run .venv/bin/python -m pip install pyarrow, "
            "or leave --format out for CSV."
        ) from error
    return _write_parquet


def _write_csv(table: Table, path: Path) -> int:
    rows = 0

    def counted() -> Iterator[Sequence[Any]]:
        nonlocal rows
        yield [column.name for column in table.columns]
        for row in table.values():
            rows += 1
            yield row

    with path.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, counted())
    return rows


def _write_parquet(table: Table, path: Path) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(column.name, _arrow_type(column.kind)) for column in table.columns])
    rows = 0
    with parquet.ParquetWriter(path, schema) as writer:
        found = table.values()
        while block := list(islice(found, ROWS_AT_ONCE)):
            arrays = [
                pa.array([None if cell == "" else cell for cell in cells], field.type)
                for cells, field in zip(zip(*block, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))
            rows += len(block)
    return rows


def _arrow_type(kind: Kind) -> "pa.DataType":
    import pyarrow as pa

    return {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "decimal": pa.decimal128(24, 12),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us", tz="UTC"),
        "time": pa.time64("us"),
    }[kind]
