"""Takes changes back. What was taken back is a change too, and can be taken back in turn."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import Model, ProtectedError

from catalog import audit
from catalog.errors import CannotRevert
from catalog.models import AuditEvent

CHUNK = 500


@transaction.atomic
def revert(events: Sequence[AuditEvent], *, actor: str, reason: str, batch_id: int | None = None) -> int:
    """Restore what these changes replaced, newest first, all of them or none; returns how many were taken back.

    A constant number of queries per 500 changes of one table.

    :raises CannotRevert: with a sentence for each row that somebody has changed since, or that others rest on.
    """
    if not reason.strip():
        raise CannotRevert(["Say why the change is taken back. The reason stays in the history."])
    models = {name: model for name, model in audit.watched_models().items() if name.startswith("catalog.")}
    if unknown := next((event for event in events if event.table not in models), None):
        raise CannotRevert([f"{unknown.label}: rows of {unknown.table} have no history that can be taken back."])
    newest_first = sorted(events, key=lambda event: -event.pk)
    with audit.changes_by(actor, origin=AuditEvent.Origin.REVERT, reason=reason.strip(), batch_id=batch_id):
        for (table, verb), group in groupby(newest_first, key=lambda event: (event.table, event.verb)):
            for chunk in _chunks(list(group)):
                _revert(models[table], verb, chunk)
    return len(newest_first)


def _revert(model: type[Model], verb: str, events: Sequence[AuditEvent]) -> None:
    rows = model._base_manager.in_bulk([int(event.row) for event in events])
    if verb == AuditEvent.Verb.DELETED:
        _restore(model, events, rows)
        return
    troubles = [trouble for event in events if (trouble := _trouble(event, rows.get(int(event.row))))]
    if troubles:
        raise CannotRevert(troubles)
    before = {pk: audit.values_of(row) for pk, row in rows.items()}
    with audit.in_bulk():
        if verb == AuditEvent.Verb.CREATED:
            try:
                model._base_manager.filter(pk__in=list(rows)).delete()
            except ProtectedError as error:
                needing = ", ".join(sorted({str(each) for each in error.protected_objects})[:3])
                raise CannotRevert(
                    [f"Other rows rest on what would go: {needing}. Take those back or delete them first."]
                ) from error
            for pk, row in rows.items():
                row.pk = pk  # Django forgets it on deletion
            audit.record_deleted([(row, before[pk]) for pk, row in rows.items()])
            return
        names: set[str] = set()
        fields = {field.attname: field for field in audit.fields_of(model)}
        for event in events:
            for name, value in (event.before or {}).items():
                if name in fields:
                    setattr(rows[int(event.row)], name, fields[name].to_python(value))
                    names.add(fields[name].name)
        model._base_manager.bulk_update(rows.values(), sorted(names), batch_size=100)
        audit.record_changed(list(rows.values()), before)


def _restore(model: type[Model], events: Sequence[AuditEvent], rows: dict[int, Model]) -> None:
    if there := next((event for event in events if int(event.row) in rows), None):
        raise CannotRevert([f"{there.label} is there again already."])
    fields = {field.attname: field for field in audit.fields_of(model)}
    made = [
        model(
            pk=int(event.row),
            **{name: fields[name].to_python(value) for name, value in (event.before or {}).items() if name in fields},
        )
        for event in events
    ]
    with audit.in_bulk():
        model._base_manager.bulk_create(made)
        audit.record_created(made)


def _trouble(event: AuditEvent, row: Model | None) -> str:
    """Why this change cannot be taken back, or an empty text."""
    if row is None:
        return f"{event.label} is not there any more. Take its deletion back first."
    now = audit.values_of(row)
    moved = [name for name, value in (event.after or {}).items() if name in now and now[name] != value]
    if moved:
        names = ", ".join(_words(row, name) for name in moved[:3])
        return f"{event.label} was changed again since ({names}). Take the later change back first."
    return ""


def _words(row: Model, attname: str) -> str:
    field = next(field for field in row._meta.concrete_fields if field.attname == attname)
    return str(field.verbose_name)


def _chunks(events: list[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """Pieces in which no row stands twice, since each must see what the later change left."""
    chunk: dict[str, AuditEvent] = {}
    for event in events:
        if event.row in chunk or len(chunk) == CHUNK:
            yield list(chunk.values())
            chunk = {}
        chunk[event.row] = event
    if chunk:
        yield list(chunk.values())
