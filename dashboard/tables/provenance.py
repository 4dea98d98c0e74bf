"""Sources and what rests on them, disagreements between sources, and what changed."""

from collections.abc import Iterable
from typing import Any

from catalog.models import Source
from catalog.selectors.conflicts import Conflict
from dashboard.changes import Change
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells

SOURCE_LIST_COLUMNS = (
    "publisher",
    "title",
    "kind",
    "rank",
    "facts",
    "what_rests_on_it",
    "retrieved_at",
    "attribution",
    *SOURCE_COLUMNS,
)
FACT_COLUMNS = ("kind", "what", "value_with_unit", "detail", *SOURCE_COLUMNS)
CONFLICT_COLUMNS = (
    "key",
    "kind",
    "version",
    "name",
    "what",
    "gap_share",
    "same_question",
    "number",
    "unit",
    "text",
    "is_shown",
    "detail",
    "note",
    *SOURCE_COLUMNS,
)
CHANGE_COLUMNS = ("at", "kind", "title", "detail", "model", "is_first_sight", *SOURCE_COLUMNS)


def sources(found: Iterable[tuple[Source, int, str]]) -> Table:
    """Sources with the number of facts that rest on each, and those facts in words."""
    return Table(
        SOURCE_LIST_COLUMNS,
        [
            [
                source.publisher,
                source.title,
                source.kind,
                source.rank,
                total,
                words,
                source.retrieved_at,
                source.attribution,
                *source_cells([source]),
            ]
            for source, total, words in found
        ],
    )


def facts(source: Source, lines: Iterable[tuple[str, Any]]) -> Table:
    """Everything that rests on one source, by kind."""
    cells = source_cells([source])
    return Table(FACT_COLUMNS, [[kind, line.title, line.value, line.detail, *cells] for kind, line in lines])


def statements(found: Iterable[Conflict]) -> Table:
    """One row per statement. ``gap_share``: by how much the smallest value lies below the largest, scores: apart."""
    return Table(
        CONFLICT_COLUMNS,
        [
            [
                conflict.key,
                conflict.kind,
                conflict.version.slug,
                conflict.version.name,
                conflict.what,
                conflict.size,
                conflict.same_question,
                statement.number,
                conflict.unit,
                statement.text,
                statement.shown,
                statement.detail,
                conflict.note.text if conflict.note else None,
                *source_cells([statement.source]),
            ]
            for conflict in found
            for statement in conflict.statements
        ],
    )


def changes(found: Iterable[Change]) -> Table:
    """The newest first."""
    return Table(
        CHANGE_COLUMNS,
        [
            [
                change.at,
                change.kind,
                change.title,
                change.detail,
                change.model,
                change.is_observed,
                *source_cells(change.sources),
            ]
            for change in found
        ],
    )
