"""A table with column names that state their units; CSV and JSON are written from it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from catalog.models import Source
from dashboard.charts.text import clean_text

Cell = str | int | float | bool | Decimal | date | time | None
Row = Sequence[Cell]

# Every table ends with these, so that a row never travels without where it was read.
SOURCE_COLUMNS = ("source_urls", "licences")


@dataclass(frozen=True, slots=True)
class Table:
    """As many cells in each row as there are columns. None is unknown; ``math.inf`` is infinite."""

    columns: tuple[str, ...]
    rows: list[Row]

    def __iter__(self) -> Iterator[Row]:
        """The header, then the rows, with text as readers see it: on one line, without direction characters."""
        yield self.columns
        for row in self.rows:
            yield [_clean(cell) for cell in row]

    def items(self) -> list[dict[str, Cell]]:
        """The rows by the names of their columns."""
        header, *rows = self
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def _clean(cell: Cell) -> Cell:
    return clean_text(cell, None) if isinstance(cell, str) else cell


def source_cells(sources: Iterable[Source | None]) -> tuple[str, str]:
    """Addresses, by spaces, and licences, by semicolons, of the sources that are known."""
    known = [source for source in sources if source is not None]
    urls = dict.fromkeys(source.url for source in known)
    return " ".join(urls), "; ".join(sorted({source.licence for source in known if source.licence}))
