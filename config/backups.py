"""Whole copies of the database in one file that SQLite and PostgreSQL both read: a zip of one JSON-lines file a table.

Left out is what no copy should carry: sessions and the log of sign-ins. The keys of the data folder are not in it
either; keep them elsewhere, so that one stolen file opens nothing.
"""

import hashlib
import os
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import sql

from dashboard.models import DataVersion
from evals import services as eval_services

FORMAT = 1
MANIFEST = "manifest.json"
LEFT_OUT = {"sessions", "axes"}
# What an installation holds before anybody has entered anything.
MADE_BY_MIGRATION = {
    "auth.group",
    "auth.group_permissions",
    "auth.permission",
    "contenttypes.contenttype",
    "dashboard.dataversion",
}
ROWS_AT_ONCE = 500
Report = Callable[[str, int], None]


class BackupError(Exception):
    """Says what is wrong with which file or database, and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore put back, and what now waits for a person: runs under way, schedules, messages not yet sent."""

    rows: int
    made_at: datetime
    runs_stopped: int
    schedules_paused: int
    messages_held: int


def write_backup(path: Path, *, report: Report = lambda _table, _rows: None) -> int:
    """Write every row to ``path`` as of one moment and return their number. The site may go on meanwhile.

    The file appears whole or not at all, readable by its owner only. Raises BackupError when it exists already.
    """
    if path.exists():
        raise BackupError(f"{path} exists already. Name another file; no backup is overwritten.")
    partial = path.with_name(path.name + ".partial")
    tables: dict[str, dict[str, Any]] = {}
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BackupError(f"{partial} cannot be written: {error.strerror}.") from error
    try:
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
            one_moment(),
        ):
            for model in stored_models():
                name = model._meta.label_lower
                with archive.open(_member(name), "w", force_zip64=True) as member:
                    tables[name] = _write_table(model, member)
                report(name, tables[name]["rows"])
            manifest = {
                "format": FORMAT,
                "made_at": datetime.now(UTC),
                "database": connection.vendor,
                "migrations": applied_migrations(),
                "tables": tables,
            }
            archive.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return sum(table["rows"] for table in tables.values())


def restore_backup(path: Path, *, replace: bool = False, report: Report = lambda _table, _rows: None) -> Restored:
    """Put the rows of ``path`` in place of what the database holds, all of them or none.

    Raises BackupError for a damaged file, one made by other code, and a database that holds something unless
    ``replace``. Evaluations that were under way are stopped, schedules paused and unsent messages held: a copy does
    not know what has been paid, run or sent since.
    """
    with _opened(path) as archive:
        manifest = _read_manifest(archive, path)
        _check_migrations(manifest, path)
        _check_sums(archive, manifest, path)
        held = [] if replace else _tables_that_hold_something()
        if held:
            raise BackupError(
                f"The database is not empty: {', '.join(held[:5])}{' and more' if held[5:] else ''} hold rows. "
                "Restore into a new database, or say --replace to lose what is there."
            )
        number = DataVersion.objects.values_list("number", flat=True).first() or 0
        with connection.constraint_checks_disabled(), transaction.atomic():
            call_command("flush", interactive=False, inhibit_post_migrate=True, verbosity=0)
            for name, table in manifest["tables"].items():
                with archive.open(_member(name)) as member:
                    _read_table(apps.get_model(name), member)
                report(name, table["rows"])
            _reset_sequences([apps.get_model(name) for name in manifest["tables"]])
            connection.check_constraints()
            made_at = datetime.fromisoformat(manifest["made_at"])
            stopped = eval_services.stop_after_restore(made_at=made_at)
            # Pages are kept under this number, so it must be one that neither history has used.
            version, _ = DataVersion.objects.get_or_create(pk=1)
            version.number = max(version.number, number) + 1
            version.save()
    return Restored(
        rows=sum(table["rows"] for table in manifest["tables"].values()),
        made_at=made_at,
        runs_stopped=stopped.runs,
        schedules_paused=stopped.schedules,
        messages_held=stopped.messages,
    )


def stored_models() -> list[type[models.Model]]:
    """Every table of ours and of the framework, with those between two others, in a fixed order."""
    return sorted(
        (
            model
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT_OUT
        ),
        key=lambda model: model._meta.label_lower,
    )


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads inside see the database as it was at the first of them, and hold up no writer."""
    if connection.vendor == "sqlite":
        if connection.in_atomic_block:  # a test's transaction is one moment already
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic():
        if connection.vendor == "postgresql" and not _has_begun():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _has_begun() -> bool:
    """Inside an outer transaction, whose isolation can no longer be chosen."""
    return len(connection.savepoint_ids) > 0


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not field.generated]


def _write_table(model: type[models.Model], file: IO[bytes]) -> dict[str, Any]:
    names = [field.attname for field in _fields(model)]
    digest, rows = hashlib.sha256(), 0
    found = model._base_manager.order_by("pk").values_list(*names)
    for row in found.iterator(chunk_size=2000):
        line = orjson.dumps([_written(value) for value in row], option=orjson.OPT_APPEND_NEWLINE)
        digest.update(line)
        file.write(line)
        rows += 1
    return {"columns": names, "rows": rows, "sha256": digest.hexdigest()}


def _written(value: Any) -> Any:
    """What JSON can say without loss. Numbers that are not finite, decimals and moments become text."""
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read_table(model: type[models.Model], file: IO[bytes]) -> None:
    fields = _fields(model)
    while lines := list(islice(file, ROWS_AT_ONCE)):
        rows = [
            model(
                **{field.attname: _read(field, value) for field, value in zip(fields, orjson.loads(line), strict=True)}
            )
            for line in lines
        ]
        # Not bulk_create: it would write today into every created_at.
        at_once = connection.ops.bulk_batch_size(fields, rows)
        for start in range(0, len(rows), at_once):
            query = sql.InsertQuery(model)
            query.insert_values(fields, rows[start : start + at_once], raw=True)
            query.get_compiler(connection=connection).execute_sql()


def _read(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return target.to_python(value)


def _reset_sequences(tables: list[type[models.Model]]) -> None:
    """The next row gets a number that is free."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        raise BackupError(f"{path} does not exist.") from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise BackupError(f"{path} is damaged or not a backup ({error}). Nothing was changed.") from error


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
        is_known = manifest["format"] == FORMAT
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise BackupError(f"{path} is not a backup: it has no manifest. Nothing was changed.") from error
    if not is_known:
        raise BackupError(f"{path} has format {manifest['format']}; this code reads format {FORMAT}.")
    return manifest


def _check_migrations(manifest: dict[str, Any], path: Path) -> None:
    theirs, ours = set(manifest["migrations"]), set(applied_migrations())
    if newer := sorted(theirs - ours):
        raise BackupError(
            f"{path} was made by newer code or with migrations that are not applied here: {', '.join(newer)}. "
            "Run manage.py migrate, or install the version that made the backup."
        )
    if older := sorted(ours - theirs):
        raise BackupError(
            f"{path} was made by older code, before {', '.join(older)}. "
            "Install the version that made it, restore there, then start the newer version, which migrates."
        )


def _check_sums(archive: zipfile.ZipFile, manifest: dict[str, Any], path: Path) -> None:
    for name, table in manifest["tables"].items():
        digest = hashlib.sha256()
        try:
            with archive.open(_member(name)) as member:
                while block := member.read(1 << 20):
                    digest.update(block)
        except KeyError as error:
            raise BackupError(f"{path} is damaged: the table {name} is missing. Nothing was changed.") from error
        if digest.hexdigest() != table["sha256"]:
            raise BackupError(f"{path} is damaged: the table {name} is not as written. Nothing was changed.")


def _tables_that_hold_something() -> list[str]:
    return [
        model._meta.label_lower
        for model in stored_models()
        if model._meta.label_lower not in MADE_BY_MIGRATION and model._base_manager.exists()
    ]
