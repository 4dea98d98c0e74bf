"""Writing many rows at a fraction of the ORM's cost per row: the statement is built once, the values follow."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model


def update_rows(model: type[Model], changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Set fields of rows by primary key: ``{pk: {field name: value}}``. Call it inside a transaction.

    Values go through the fields' own preparation, as in ``save``. Signals and ``auto_now`` are not run.
    """
    by_fields: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, values in changes.items():
        by_fields[tuple(sorted(values))].append(pk)
    quote = connection.ops.quote_name
    known = {field.name: field for field in model._meta.concrete_fields}
    for names, pks in by_fields.items():
        fields = [known[name] for name in names]
        assignments = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
        statement = f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {quote('id')} = %s"  # noqa: S608 - names
        rows = [(*(field.get_db_prep_save(changes[pk][field.name], connection) for field in fields), pk) for pk in pks]
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
