"""Imports of files, and edits of many rows: checked first, then taken as one batch, which can be taken back."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Field, Model, QuerySet
from django.utils import timezone

from catalog import audit
from catalog.errors import BadImport, CannotRevert, StaleEdit
from catalog.importing.cells import TABLE_OF
from catalog.importing.edits import ROW, plan_edit, rows_to_edit
from catalog.importing.files import REFUSED_BECAUSE, read_file
from catalog.importing.planning import CHANGED, NEW, REFUSED, SAME, Item, Line, Plan, make_plan
from catalog.models import AuditEvent, ImportBatch
from catalog.seeding.tables import TABLES, Table
from catalog.services.history import revert

TABLES_BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
BATCH_SIZE = 500
State = ImportBatch.State


@dataclass(frozen=True, slots=True)
class Taken:
    """How many rows a batch wrote."""

    created: int
    changed: int


def check_import(*, table: str, file_name: str, content: bytes, uploaded_by: AbstractBaseUser) -> ImportBatch:
    """Read a file and keep what it would do. No fact is written.

    :raises BadImport: when the file as a whole cannot be read.
    """
    if table not in TABLES_BY_NAME:
        raise BadImport(f"There is no table {table!r}. Choose one of {', '.join(TABLES_BY_NAME)}.")
    name = file_name.replace("\x00", "")[-200:] or "file"
    columns, lines = read_file(name, content, TABLES_BY_NAME[table])
    plan = make_plan(TABLES_BY_NAME[table], lines, name)
    return ImportBatch.objects.create(
        table=table,
        file_name=name,
        columns=[column for column in columns if column != REFUSED_BECAUSE],
        uploaded_by_id=uploaded_by.pk,
        **_kept(plan),
    )


def _kept(plan: Plan) -> dict[str, object]:
    return {
        "lines": [line.as_json() for line in plan.lines],
        **{status: plan.count(status) for status in (NEW, CHANGED, SAME, REFUSED)},
    }


@transaction.atomic
def take_import(batch: ImportBatch, *, actor: str, reason: str = "") -> Taken:
    """Write the good lines of a checked file; the refused ones stay in the batch with their reasons.

    The file is compared again with what the catalog holds now. A constant number of queries per 500 rows.

    :raises BadImport: when it was taken, undone or discarded before, would change nothing, or changes need a reason.
    """
    batch = _locked(batch, State.CHECKED, "taken")
    lines = [(line["line"], line["cells"]) for line in batch.lines]
    plan = make_plan(TABLES_BY_NAME[batch.table], lines, batch.file_name)
    if not plan.count(NEW) and not plan.count(CHANGED):
        raise BadImport(f"{batch.file_name} would change nothing, so there is nothing to take.")
    if plan.count(CHANGED) and not reason.strip():
        raise BadImport(
            f"{batch.file_name} changes {plan.count(CHANGED)} recorded facts. Say why; the reason stays in the history."
        )
    with (
        audit.changes_by(actor, origin=AuditEvent.Origin.IMPORT, reason=reason.strip(), batch_id=batch.pk),
        audit.in_bulk(),
    ):
        taken = _write(plan)
    for name, value in _kept(plan).items():
        setattr(batch, name, value)
    batch.reason = reason.strip()
    _finish(batch, State.TAKEN, actor)
    return taken


@transaction.atomic
def take_edit(
    rows: "QuerySet[Any]",
    field: "Field[Any, Any]",
    value: Any,
    *,
    by: AbstractBaseUser,
    reason: str,
    seen: str | None = None,
) -> ImportBatch:
    """Set one field of many rows; the batch it makes can be looked over and taken back like an import.

    Rows that the rules refuse stay as they are and are listed in it. A constant number of queries per 500 rows.
    ``seen`` is the seal of the plan that was looked at; it is compared while the rows are locked.

    :raises StaleEdit: when the rows are not as they were seen.
    :raises BadImport: without a reason, when nothing would change, or when the database refuses a row.
    """
    if not reason.strip():
        raise BadImport("Say why the rows change. The reason stays in the history.")
    plan = plan_edit(rows_to_edit(rows.select_for_update(of=("self",))), field, value, reason=reason.strip())
    if seen is not None and plan.seal != seen:
        raise StaleEdit(
            "Some of these rows were changed by somebody else since you looked, so nothing was done. Look again."
        )
    if not plan.count(CHANGED):
        why = next((f" {line.problems[0]}" for line in plan.lines if line.problems), "")
        raise BadImport(f"No row would change its {field.verbose_name}, so nothing was done.{why}")
    batch = ImportBatch.objects.create(
        kind=ImportBatch.Kind.EDIT,
        table=TABLE_OF[rows.model],
        file_name=edit_name(plan, field),
        columns=[ROW],
        reason=reason.strip(),
        uploaded_by_id=by.pk,
        **_kept(plan),
    )
    actor = by.get_username()
    try:
        with (
            transaction.atomic(),
            audit.changes_by(actor, origin=AuditEvent.Origin.ADMIN, reason=batch.reason, batch_id=batch.pk),
            audit.in_bulk(),
        ):
            _write(plan)
    except IntegrityError as error:
        raise BadImport(
            f"The {field.verbose_name} cannot be alike in all of these rows: the database says {error}. Select fewer."
        ) from error
    _finish(batch, State.TAKEN, actor)
    return batch


def edit_name(plan: Plan, field: "Field[Any, Any]") -> str:
    """ "confidence of 12 prices"."""
    meta, count = field.model._meta, plan.count(CHANGED)
    return f"{field.verbose_name} of {count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"[:200]


def _write(plan: Plan) -> Taken:
    new: defaultdict[type[Model], list[Item]] = defaultdict(list)
    changed: defaultdict[type[Model], list[Item]] = defaultdict(list)
    for item in plan.items:
        if item.is_new:
            new[item.record.model].append(item)
        elif item.names:
            changed[item.record.model].append(item)
    for model, items in new.items():  # in the order in which they refer to each other
        _create(model, items)
        _note(items)
    for model, items in changed.items():
        rows = [item.row for item in items]
        fields = {each.attname: each.name for each in model._meta.concrete_fields}
        for item in items:
            _point(item.row)
        names = sorted({fields[name] for item in items for name in item.names})
        model._default_manager.bulk_update(rows, names, batch_size=BATCH_SIZE)
        _note(items)
    if plan.closed:
        rows = [price for price, _ in plan.closed]
        type(rows[0])._default_manager.bulk_update(rows, ["effective_to"], batch_size=BATCH_SIZE)
        audit.record_changed(rows, {price.pk: before for price, before in plan.closed})
    count = sum(len(items) for items in new.values())
    return Taken(count, sum(len(items) for items in changed.values()) + len(plan.closed))


def _create(model: type[Model], items: list[Item]) -> None:
    """In as many passes as rows of one table refer to each other."""
    waiting = [item.row for item in items]
    while waiting:
        for row in waiting:
            _point(row)
        ready = [row for row in waiting if not _is_waiting(row)]
        if not ready:
            raise BadImport("Some lines refer to each other in a circle. Break it.")
        model._default_manager.bulk_create(ready, batch_size=BATCH_SIZE)
        waiting = [row for row in waiting if row.pk is None]


def _point(row: Model) -> None:
    """Give a row the number of the rows that were made for it."""
    for each in row._meta.concrete_fields:
        other = row._state.fields_cache.get(each.name)
        if other is not None and other.pk is not None and getattr(row, each.attname, other.pk) is None:
            setattr(row, each.attname, other.pk)
            row._state.fields_cache[each.name] = other


def _is_waiting(row: Model) -> bool:
    return any(other is not None and other.pk is None for other in row._state.fields_cache.values())


def _note(items: list[Item]) -> None:
    """History, with the reason that a line gives where it gives one."""
    by_reason: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_reason[_reason(item.line)].append(item)
    usual = audit.current_change().reason
    for reason, own in by_reason.items():
        audit.give_reason(reason or usual)
        audit.record_created([item.row for item in own if item.is_new])
        audit.record_changed(
            [item.row for item in own if not item.is_new], {item.row.pk: item.before for item in own if item.before}
        )
    audit.give_reason(usual)


def _reason(line: Line) -> str:
    return line.cells.get("reason", "").strip()


@transaction.atomic
def undo_import(batch: ImportBatch, *, actor: str, reason: str) -> int:
    """Take a batch back as a whole; returns how many changes were taken back.

    :raises BadImport: when it is not in force, or rows were changed since, or others rest on them.
    """
    batch = _locked(batch, State.TAKEN, "undone")
    events = list(batch.events.exclude(origin=AuditEvent.Origin.REVERT))
    try:
        count = revert(events, actor=actor, reason=reason, batch_id=batch.pk)
    except CannotRevert as error:
        raise BadImport(str(error)) from error
    _finish(batch, State.UNDONE, actor)
    return count


@transaction.atomic
def discard_import(batch: ImportBatch, *, actor: str) -> None:
    """Put a checked file aside without taking it."""
    _finish(_locked(batch, State.CHECKED, "discarded"), State.DISCARDED, actor)


@transaction.atomic
def review_import(batch: ImportBatch, *, actor: str) -> None:
    """Note that somebody looked at what a batch wrote."""
    batch = _locked(batch, State.TAKEN, "reviewed")
    batch.reviewed_by, batch.reviewed_at = actor[:150], timezone.now()
    batch.save(update_fields=["reviewed_by", "reviewed_at"])


def _locked(batch: ImportBatch, state: str, verb: str) -> ImportBatch:
    found = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if found.state != state:
        raise BadImport(f"{found.file_name} cannot be {verb}: it is {found.get_state_display().lower()}.")
    return found


def _finish(batch: ImportBatch, state: str, actor: str) -> None:
    batch.state, batch.finished_by, batch.finished_at = state, actor[:150], timezone.now()
    batch.save()
