"""Cells of an uploaded CSV or XLSX file as text, with the number of each line."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import tablib

from catalog.errors import BadImport
from catalog.seeding.tables import Table
from catalog.spreadsheets import guarded, unguarded

MAX_BYTES = 8 * 1024 * 1024
MAX_UNPACKED_BYTES = 80 * 1024 * 1024
MAX_LINES = 20_000
# Columns that any file may have beside those of its table.
ABOUT_SOURCE = ("retrieved_on", "publisher", "source_kind")
REASON, REFUSED_BECAUSE = "reason", "refused_because"

Lines = list[tuple[int, dict[str, str]]]


def read_file(name: str, content: bytes, table: Table) -> tuple[list[str], Lines]:
    """Column names, and the number and cells of each line that is not empty.

    :raises BadImport: when it is no such file, is too large, or its columns are not those of the table.
    """
    if len(content) > MAX_BYTES:
        raise BadImport(f"{name} has {len(content):,} bytes; {MAX_BYTES:,} is the most. Split it.")
    is_zip = content.startswith(b"PK\x03\x04")
    rows = list(_xlsx(name, content) if is_zip else _csv(name, content))
    rows = [(number, cells) for number, cells in rows if any(cells)]
    if not rows:
        raise BadImport(f"{name} is empty. Its first line names the columns: {', '.join(table.columns)}.")
    columns = rows[0][1]
    while columns and not columns[-1]:
        columns = columns[:-1]
    _check_columns(name, columns, table)
    if len(rows) - 1 > MAX_LINES:
        raise BadImport(f"{name} has {len(rows) - 1:,} lines; {MAX_LINES:,} is the most. Split it.")
    if len(rows) == 1:
        raise BadImport(f"{name} has column names and no line below them.")
    lines: Lines = []
    for number, cells in rows[1:]:
        padded = [*cells[: len(columns)], *[""] * (len(columns) - len(cells))]
        lines.append((number, dict(zip(columns, padded, strict=True))))
    return columns, lines


def _check_columns(name: str, columns: Sequence[str], table: Table) -> None:
    known = (*table.columns, *table.optional, *ABOUT_SOURCE, REASON, REFUSED_BECAUSE)
    if twice := next((column for column in columns if columns.count(column) > 1), None):
        raise BadImport(f"{name}: the column {twice!r} stands twice. Delete one of the two.")
    if missing := [column for column in table.needed if column not in columns]:
        raise BadImport(
            f"{name}: the column {missing[0]!r} is missing. A file of {table.name.replace('_', ' ')} needs the columns "
            f"{', '.join(table.needed)}. Download the empty file and copy your cells into it."
        )
    if unknown := [column for column in columns if column not in known]:
        raise BadImport(f"{name}: the column {unknown[0]!r} is unknown. Delete it, or name it as in the empty file.")


def _csv(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadImport(f"{name}: byte {error.start} is not UTF-8. Save the file as CSV UTF-8 or as XLSX.") from None
    if "\x00" in text:
        raise BadImport(f"{name} holds a zero byte, so it is no CSV file. Save it as CSV UTF-8 or as XLSX.")
    first = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=";" if ";" in first and "," not in first else ",")
    try:
        for cells in reader:
            yield reader.line_num, [unguarded(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise BadImport(f"{name} line {reader.line_num}: {error}. Save the file as CSV UTF-8 or as XLSX.") from None


def _xlsx(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            size = sum(item.file_size for item in packed.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise BadImport(f"{name} unpacks to {size:,} bytes; {MAX_UNPACKED_BYTES:,} is the most. Split it.")
        sheet = tablib.Dataset().load(content, format="xlsx", headers=False)
    except BadImport:
        raise
    except Exception as error:  # openpyxl raises whatever its XML parser or zip reader raises
        raise BadImport(
            f"{name} cannot be read as XLSX ({type(error).__name__}). Save it again as XLSX or CSV."
        ) from None
    for number, row in enumerate(sheet, start=1):
        yield number, [_cell(value) for value in row]


def _cell(value: Any) -> str:
    """A cell as its author sees it. Spreadsheets compute with 15 digits, so the noise behind them is not a digit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{Decimal(format(value, '.15g')):f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return unguarded(str(value).replace("\x00", "").strip())


def write_file(columns: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str) -> bytes:
    """The bytes of a ``csv`` or ``xlsx`` file. Numbers stay exact text; nothing is a formula."""
    safe = [[guarded(cell) for cell in row] for row in rows]
    if kind == "xlsx":
        packed: bytes = tablib.Dataset(*safe, headers=list(columns), title="facts").export("xlsx")
        return packed
    written = StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([list(columns), *safe])
    return b"\xef\xbb\xbf" + written.getvalue().encode()
