"""Writing many rows with few statements."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, QuerySet

# SQLite may be built to take no more than 999 values in a statement.
SIZE = 900


def update_many(rows: "QuerySet[Any, Any]", ids: Sequence[int], **values: Any) -> None:
    """Set the same values on the rows with these primary keys."""
    for start in range(0, len(ids), SIZE):
        rows.filter(pk__in=ids[start : start + SIZE]).update(**values)


def create_many(model: type[Model], rows: Sequence[Any]) -> None:
    """Insert the rows and give each its primary key."""
    if rows:
        model._default_manager.bulk_create(rows, batch_size=500)
