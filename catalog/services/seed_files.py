"""Loads the starting facts that come with the repository."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import Model as DjangoModel

from catalog import audit
from catalog.errors import SeedError
from catalog.models import AuditEvent, SeededRow
from catalog.seeding.rows import Record, Ref, read_rows
from catalog.seeding.tables import TABLES
from catalog.seeding.writing import NATURAL_KEYS, Counts, Identities, write

SEED_DIR = Path(__file__).resolve().parent.parent / "seed"
FILES = "seed files"

Progress = Callable[[str, Counts], None]


def seed(progress: Progress | None = None, *, folder: Path = SEED_DIR) -> dict[str, Counts]:
    """Write the seed files to the catalog; return what happened per file.

    Run it as often as you like: rows that are there are left alone, rows that changed in the files are updated unless
    somebody edited them here, and nothing is deleted. All files are read before the first row is written.

    :raises SeedError: with one sentence for each cell that cannot be read; nothing is written then.
    """
    contents = {table.file: (folder / table.file).read_bytes() for table in TABLES}
    with transaction.atomic(), audit.changes_by("seed", origin=AuditEvent.Origin.SEED):
        identities = Identities()
        by_file = _read(contents, identities)
        report: dict[str, Counts] = {}
        for file, records in by_file.items():
            report[file] = counts = Counts()
            for model in dict.fromkeys(record.model for record in records):
                own = [record for record in records if record.model is model]
                # A file that fills two models is counted by its last one: a price list by its prices.
                write(own, identities, counts if model is records[-1].model else Counts())
            if progress:
                progress(file, counts)
        SeededRow.objects.bulk_create(
            [SeededRow(table=FILES, key=file, digest=_sha256(content)) for file, content in contents.items()],
            update_conflicts=True,
            unique_fields=["table", "key"],
            update_fields=["digest"],
        )
    return report


def seed_is_current(*, folder: Path = SEED_DIR) -> bool:
    """Whether the database was seeded from exactly these files: one query, so that a start can skip the seed."""
    remembered = dict(SeededRow.objects.filter(table=FILES).values_list("key", "digest"))
    return remembered == {table.file: _sha256((folder / table.file).read_bytes()) for table in TABLES}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(contents: dict[str, bytes], identities: Identities) -> dict[str, list[Record]]:
    """All records by file, checked: cells, references between files, and rows given twice."""
    problems: list[str] = []
    by_file: dict[str, list[Record]] = {}
    for table in TABLES:
        records: dict[tuple[object, ...], Record] = {}
        for row in read_rows(table.file, contents[table.file], table.columns, problems, table.optional):
            for record in table.read(row):
                identity = (record.model, *record.key.items())
                first = records.setdefault(identity, record)
                if first is not record and record.values:
                    problems.append(f"{record.where}: the same fact is on {first.where}. Delete one of the two lines.")
        by_file[table.file] = list(records.values())
    if not problems:
        problems = _dangling([record for records in by_file.values() for record in records], identities)
    if problems:
        raise SeedError(problems)
    return by_file


def _dangling(records: list[Record], identities: Identities) -> list[str]:
    """Sentences about references to rows that neither the files nor the database have."""
    offered: dict[type[DjangoModel], set[tuple[str, ...]]] = {model: set() for model in NATURAL_KEYS}
    for record in records:
        if record.model in NATURAL_KEYS:
            parts = [value.key if isinstance(value, Ref) else (value,) for value in record.key.values()]
            offered[record.model].add(tuple(part for key in parts for part in key))
    problems = []
    for record in records:
        for column, value in (*record.key.items(), *record.values.items()):
            if not isinstance(value, Ref) or value.key in offered[value.model]:
                continue
            if identities.get(value) is None:
                thing = value.model._meta.verbose_name
                problems.append(
                    f"{record.where}, column {column}: there is no {thing} {' '.join(value.key)!r}. "
                    f"Add it to its file, or correct the name."
                )
    return list(dict.fromkeys(problems))
