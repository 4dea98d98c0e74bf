"""Files that open in a spreadsheet: UTF-8, ISO dates, units in the column names, a source for every row.

A spreadsheet runs text that looks like a formula, so such text is quoted with an apostrophe.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import TextIO

from django.http import HttpResponse

from catalog.spreadsheets import guarded
from dashboard import formats
from dashboard.tables.table import Cell, Row


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


def write_csv(table: Iterable[Row]) -> str:
    written = io.StringIO()
    write_rows(written, table)
    return written.getvalue()


def write_rows(file: TextIO, table: Iterable[Row]) -> None:
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in table)


def csv_response(name: str, table: Iterable[Row]) -> HttpResponse:
    """A download. The byte order mark tells spreadsheets that it is UTF-8."""
    response = HttpResponse("\ufeff" + write_csv(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
