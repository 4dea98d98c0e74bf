"""Which version of the data a page shows. Kept pages are named after it, so they are right after every write.

Every write to a watched table, from any process and by any road the ORM knows, bulk operations included, passes the
wrapper below; when its transaction commits, the number grows. A reader in between may keep new data under the old
number, never old data under the new one.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from catalog.code_digest import code_digest
from dashboard.bell import bell
from dashboard.models import DataVersion

logger = logging.getLogger(__name__)

WRITE = re.compile(r"(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+[\"`]?(\w+)", re.IGNORECASE)
# Not what only editors see, nor what a visitor may write.
WATCHED = re.compile(r"catalog_(?!auditevent|importbatch|report|savedfilter)\w+|ingest_feedrun")
# Kept pages show runs that have ended. Their rows change with every answer before that, which no kept page shows.
RUN_ENDS = re.compile(
    r"UPDATE\s+[\"`]?evals_run[\"`]?\s.*\b(?:finished_at|rescored_at)[\"`]? = ", re.IGNORECASE | re.DOTALL
)

# What a measured cost rests on besides. Endpoints are written with every call; only whose weights answer there, and
# what they are called, is shown. Deleted endpoints take their runs with them.
SHOWN_OF_EVALS = re.compile(
    r"UPDATE\s+[\"`]?evals_endpoint\b[\"`]?\s+SET(?:(?!\sWHERE\s).)*?"
    r"[\s,][\"`]?(?:version_id|offering_id|name|slug)[\"`]?\s*="
    r"|DELETE\s+FROM\s+[\"`]?evals_run\b"
    r"|(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+[\"`]?evals_suite\b",
    re.IGNORECASE | re.DOTALL,
)

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def edition() -> str:
    """All that an answer depends on besides its address: code, data and day. One query."""
    return f"{code_version()}/{data_version()}/{timezone.now().date().isoformat()}"


def data_version() -> int:
    """The number in force: one query, in plain SQL, because each request for a kept page asks it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {DataVersion._meta.db_table} WHERE id = 1")  # noqa: S608
        row = cursor.fetchone()
    return 0 if row is None else int(row[0])


def bump() -> None:
    """Let every kept page expire.

    One statement, and none of Django's: this may run while the INSERT that it follows still has its RETURNING row to
    hand over, and a transaction opened there would take that row back.
    """
    table = connection.ops.quote_name(DataVersion._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, number) VALUES (1, 1) "  # noqa: S608
            f"ON CONFLICT (id) DO UPDATE SET number = {table}.number + 1"
        )


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of ``connection_created``: writes on the default database are noticed."""
    if connection.alias == DEFAULT_DB_ALIAS and notice not in connection.execute_wrappers:
        connection.execute_wrappers.append(notice)


def notice(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute wrapper: after a write to a watched table, bump once when the transaction commits."""
    result = execute(sql, params, many, context)
    statement = sql.lstrip()
    written = WRITE.match(statement)
    if written and _is_shown(written.group(1), statement):
        used = connections[context["connection"].alias]
        if not any(waiting is _bump_quietly for _, waiting, *_ in used.run_on_commit):
            transaction.on_commit(_bump_quietly, using=used.alias, robust=True)
    return result


def _is_shown(table: str, statement: str) -> bool:
    """Whether a kept page may show what the statement writes."""
    if table.startswith("evals_"):
        return bool(RUN_ENDS.match(statement) or SHOWN_OF_EVALS.match(statement))
    return bool(WATCHED.fullmatch(table))


def _bump_quietly() -> None:
    try:
        bump()
    except DatabaseError as error:
        # Before the first migration there is no such table, and no page either.
        if DataVersion._meta.db_table not in str(error):
            logger.exception("A write could not be counted; kept pages may stay old until the next write.")
    else:
        bell.ring()


def code_version() -> str:
    """A digest of the code and templates behind the pages, alike in all processes of one release."""
    return code_digest(("catalog", "dashboard", "economics", "evals", "ingest"), ("*.py", "*.html", "*.css", "*.js"))
