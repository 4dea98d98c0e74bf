"""Rows of a seed file and their typed cells. What cannot be read becomes a sentence, not an exception."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any, NamedTuple

from django.db.models import Model


class Ref(NamedTuple):
    """A reference to another row by its natural key, resolved when that row is written."""

    model: type[Model]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One database row that a seed row asks for.

    ``key`` identifies it, ``values`` are kept up to date, ``defaults`` are set once and then belong to the editors.
    """

    model: type[Model]
    key: dict[str, Any]
    values: dict[str, Any]
    defaults: dict[str, Any] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file. Each reader returns the cell's value, or None and a note in ``problems``."""

    file: str
    line: int
    cells: dict[str, str]
    problems: list[str]

    def complain(self, column: str, message: str) -> None:
        self.problems.append(f"{self.file} line {self.line}, column {column}: {message}")

    @property
    def where(self) -> str:
        return f"{self.file} line {self.line}"

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def required(self, column: str) -> str:
        if not (value := self.text(column)):
            self.complain(column, "the cell is empty. Fill it in.")
        return value

    def decimal(self, column: str) -> Decimal | None:
        """A number that is not negative; an empty cell is unknown."""
        if not (value := self.text(column)):
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.complain(column, f"{value!r} is not a number. Write digits such as 0.27, or nothing when unknown.")
            return None
        if number < 0:
            self.complain(column, f"{value} is negative. Correct it, or leave the cell empty when unknown.")
            return None
        return number

    def real(self, column: str) -> float | None:
        number = self.decimal(column)
        return None if number is None else float(number)

    def integer(self, column: str) -> int | None:
        number = self.decimal(column)
        if number is not None and number != number.to_integral_value():
            self.complain(column, f"{self.text(column)} is not a whole number. Write digits only.")
            return None
        return None if number is None else int(number)

    def day(self, column: str) -> date | None:
        if not (value := self.text(column)):
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.complain(column, f"{value!r} is not a day. Write it as 2024-12-26, or nothing when unknown.")
            return None

    def instant(self, column: str) -> datetime | None:
        """A moment; a day means its first moment in UTC."""
        if not (value := self.text(column)):
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.complain(column, f"{value!r} is not a moment. Write 2025-02-08 or 2025-02-08T16:00:00Z.")
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def windows(self, column: str) -> list[tuple[time | None, time | None]]:
        """Daily hours in UTC such as ``01:00-04:00 06:00-10:00``; an empty cell is the whole day."""
        found: list[tuple[time | None, time | None]] = []
        for window in self.text(column).split():
            try:
                opens, closes = (time.fromisoformat(end) for end in window.split("-"))
            except ValueError:
                self.complain(column, f"{window!r} is not a window of the day. Write it as 16:30-00:30.")
            else:
                found.append((opens, closes))
        return found or [(None, None)]

    def flag(self, column: str) -> bool | None:
        value = self.text(column)
        if value in ("yes", "no", ""):
            return {"yes": True, "no": False, "": None}[value]
        self.complain(column, f"{value!r} is neither yes nor no. Write one of them, or nothing when unknown.")
        return None

    def one_of(self, column: str, choices: Collection[str], default: str = "") -> str:
        value = self.text(column) or default
        if value not in choices:
            self.complain(column, f"{value!r} is not one of {', '.join(choices)}. Choose one.")
        return value

    def ref(self, column: str, model: type[Model]) -> Ref | None:
        """A row of another file by its slug, or a source by its address; None when the cell is empty."""
        return Ref(model, (value,)) if (value := self.text(column)) else None

    def required_ref(self, column: str, model: type[Model]) -> Ref:
        return Ref(model, (self.required(column),))


def read_rows(
    file: str, content: bytes, columns: Collection[str], problems: list[str], optional: Collection[str] = ()
) -> Iterator[Row]:
    """The rows of a CSV file with all ``columns`` and any ``optional`` ones. Spaces around a cell do not count."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{file}: byte {error.start} is not UTF-8. Save the file as UTF-8.")
        return
    reader = csv.DictReader(StringIO(text, newline=""), restkey="", restval=None)
    found = list(reader.fieldnames or [])
    if missing := [name for name in columns if name not in found]:
        problems.append(f"{file}: the column {missing[0]!r} is missing. Add it to the first line.")
        return
    if unknown := [name for name in found if name not in {*columns, *optional}]:
        problems.append(f"{file}: the column {unknown[0]!r} is unknown. Expected: {', '.join(columns)}.")
        return
    for cells in reader:
        row = Row(file, reader.line_num, {}, problems)
        if "" in cells or None in cells.values():
            row.complain(found[-1], f"the line does not have {len(found)} cells. Put quotes around text with commas.")
            continue
        row.cells.update({name: value.strip() for name, value in cells.items()})
        yield row
