"""Files that open in a spreadsheet: UTF-8, ISO dates, units in the column names, a source for every row.

A spreadsheet runs text that looks like a formula, so such text is quoted with an apostrophe.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import TextIO

from django.http import HttpResponse

from catalog.spreadsheets import guarded
from dashboard import formats
from dashboard.charts.text import clean_text
from dashboard.frontier import Frontier
from dashboard.frontier_row import FrontierRow
from dashboard.query import FrontierQuery

Cell = str | int | float | bool | Decimal | date | time | None
Table = Iterable[Sequence[Cell]]


def safe_cell(value: Cell) -> str:
    """One cell as text. Unknown is empty; text that a spreadsheet would run gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | float | int):
        return "infinite" if value == float("inf") else formats.exact(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return guarded(value)


def write_csv(table: Table) -> str:
    written = io.StringIO()
    write_rows(written, table)
    return written.getvalue()


def write_rows(file: TextIO, table: Table) -> None:
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in table)


def csv_response(name: str, table: Table) -> HttpResponse:
    """A download. The byte order mark tells spreadsheets that it is UTF-8."""
    response = HttpResponse("\ufeff" + write_csv(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def file_name(query: FrontierQuery, ending: str) -> str:
    """``frontier-2025-02-08-mix-3-0-1.csv``: the day and every choice that is not the default."""
    parts = ["frontier", query.day.isoformat()]
    for name, value in query.parameters.items():
        if name not in ("as_of", "unknown"):
            parts += [name, value]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-") + ending


FRONTIER_COLUMNS = (
    "model",
    "name",
    "version",
    "developer",
    "provider",
    "open_weights",
    "released_on",
    "price_usd_per_mtok",
    "input_usd_per_mtok",
    "cached_input_usd_per_mtok",
    "output_usd_per_mtok",
    "price_assumed",
    "price_note",
    "price_since",
    "withdrawn_on",
    "superseded_by",
    "effort",
    "solved_task_usd",
    "solved_task_usd_low",
    "solved_task_usd_high",
    "measured_answers",
    "measured_on",
    "measured_run",
    "capability",
    "capability_low",
    "capability_high",
    "capability_status",
    "on_frontier",
    "frontier_probability",
    "price_premium",
    "premium_set_by",
    "x_axis",
    "x_axis_suite",
    "mix_input_cached_output",
    "as_of",
    "capability_name",
    "score_policy",
    "price_policy",
    "price_source_urls",
    "capability_source_urls",
    "licences",
)


def frontier_table(found: Frontier) -> Table:
    """Header and rows of the frontier as it is on the screen."""
    yield FRONTIER_COLUMNS
    for row in found.shown:
        yield _frontier_cells(found, row)


def _frontier_cells(found: Frontier, row: FrontierRow) -> list[Cell]:
    query, capability, price, measured = found.query, row.capability, row.price, row.measured
    suite = found.measurement.suite
    return [
        row.slug,
        clean_text(row.name, None),
        row.version.slug,
        clean_text(row.developer, None),
        price.provider if price else None,
        row.version.open_weights,
        row.version.released_on,
        row.usd_per_mtok,
        *(row.component_usd(name) for name in ("input", "cached_input", "output")),
        " ".join(price.assumed) if price else "",
        price.policy_note if price else "",
        row.price_since,
        row.withdrawn_on,
        row.superseded_by,
        row.variant,
        measured.usd if measured else None,
        *(measured.interval[:2] if measured and measured.interval else (None, None)),
        measured.n if measured else None,
        measured.measured_on if measured else None,
        measured.url if measured else "",
        row.value,
        capability.low if capability else None,
        capability.high if capability else None,
        capability.status if capability else None,
        row.on_frontier,
        row.frontier_probability,
        row.price_premium,
        row.premium_set_by,
        query.cost,
        suite.slug if suite else "",
        query.mix.text,
        query.day,
        query.capability,
        query.policy,
        query.price_policy,
        " ".join(source.url for source in row.price_sources),
        " ".join(source.url for source in capability.sources) if capability else "",
        "; ".join(sorted({source.licence for source in row.sources if source.licence})),
    ]
