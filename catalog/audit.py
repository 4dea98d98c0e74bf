"""History of the catalog: every change of a watched row becomes an ``AuditEvent``, in the same transaction.

Who is at work is said once, around the work: ``with changes_by("alice", origin="admin"):``. Rows saved one by one are
noticed by themselves; whoever writes in bulk calls ``record_created`` or ``record_changed`` with the rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Field, Model
from django.db.models.signals import post_delete, post_save, pre_save

from catalog.models import AuditEvent

BATCH_SIZE = 500
Values = dict[str, Any]


@dataclass(slots=True)
class Change:
    """Who is changing something, by which road, and why."""

    actor: str = "system"
    origin: str = AuditEvent.Origin.SERVICE
    reason: str = ""
    batch_id: int | None = None
    is_bulk: bool = False


_current: ContextVar[Change | None] = ContextVar("current_change", default=None)
_watched: dict[type[Model], tuple[str, ...] | None] = {}


def current_change() -> Change:
    """What is said about the work under way; nobody in particular when nothing was said."""
    return _current.get() or Change()


@contextmanager
def changes_by(
    actor: str, *, origin: str = AuditEvent.Origin.SERVICE, reason: str = "", batch_id: int | None = None
) -> Iterator[Change]:
    """Everything written inside is this actor's. The reason may be set on the result once it is known."""
    change = Change(actor[:150], origin, reason, batch_id)
    token = _current.set(change)
    try:
        yield change
    finally:
        _current.reset(token)


@contextmanager
def in_bulk() -> Iterator[None]:
    """Inside, the caller records what it writes; rows that pass one by one are not recorded twice."""
    change = current_change()
    token = _current.set(Change(change.actor, change.origin, change.reason, change.batch_id, is_bulk=True))
    try:
        yield
    finally:
        _current.reset(token)


def watch(*models: type[Model], fields: Sequence[str] | None = None) -> None:
    """Keep the history of these models. ``fields``: only these, where others are secret or change by themselves."""
    for model in models:
        _watched[model] = None if fields is None else tuple(fields)
        name = f"audit.{model._meta.label_lower}"
        pre_save.connect(_remember, sender=model, dispatch_uid=name)
        post_save.connect(_saved, sender=model, dispatch_uid=name)
        post_delete.connect(_deleted, sender=model, dispatch_uid=name)


def watched_models() -> dict[str, type[Model]]:
    """The models whose history is kept, by table name."""
    return {model._meta.label_lower: model for model in _watched}


def values_of(row: Model) -> Values:
    """The row as plain values that JSON can hold, exactly: decimals and dates as text, unknown as null."""
    return {field.attname: plain(field, getattr(row, field.attname)) for field in fields_of(type(row))}


def fields_of(model: type[Model]) -> list["Field[Any, Any]"]:
    """The fields that history keeps: all but the primary key, or those that were asked for."""
    wanted = _watched.get(model)
    own = [field for field in model._meta.concrete_fields if not field.primary_key]
    return [field for field in own if wanted is None or field.name in wanted]


def plain(field: "Field[Any, Any]", value: Any) -> Any:
    value = field.to_python(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool | int | float | str | list | dict) or value is None:
        return value
    return str(value)


def record_created(rows: Sequence[Model]) -> None:
    """Note rows that were just made in bulk. A constant number of queries per 500 rows."""
    _record((AuditEvent.Verb.CREATED, row, None, values_of(row)) for row in rows)


def record_deleted(rows: Sequence[tuple[Model, Values]]) -> None:
    """Note rows that were just deleted in bulk, with what they were."""
    _record((AuditEvent.Verb.DELETED, row, before, None) for row, before in rows)


def record_changed(rows: Sequence[Model], before: Mapping[int, Values]) -> None:
    """Note rows that were just updated in bulk; ``before`` has their values by primary key."""
    _record(_changes(rows, before))


def _changes(rows: Sequence[Model], before: Mapping[int, Values]) -> Iterator[tuple[str, Model, Values, Values]]:
    for row in rows:
        old, new = before[row.pk], values_of(row)
        if names := [name for name in new if old.get(name) != new[name]]:
            yield (
                AuditEvent.Verb.CHANGED,
                row,
                {name: old.get(name) for name in names},
                {name: new[name] for name in names},
            )


def _record(changes: Iterable[tuple[str, Model, Values | None, Values | None]]) -> None:
    events = [event(verb, row, before, after) for verb, row, before, after in changes]
    AuditEvent.objects.bulk_create(events, batch_size=BATCH_SIZE)


def event(verb: str, row: Model, before: Values | None, after: Values | None, *, label: str = "") -> AuditEvent:
    """One entry, not saved, by whoever is at work."""
    change = current_change()
    return AuditEvent(
        actor=change.actor,
        origin=change.origin,
        verb=verb,
        table=row._meta.label_lower,
        row=str(row.pk),
        label=(label or _label(row))[:300],
        before=before,
        after=after,
        reason=change.reason,
        batch_id=change.batch_id,
    )


def _label(row: Model) -> str:
    """The row's name where it costs no query; rows written in bulk have not read what they refer to."""
    if current_change().is_bulk and not all(
        field.name in row._state.fields_cache
        for field in row._meta.concrete_fields
        if field.is_relation and _is_named(row, field)
    ):
        return f"{row._meta.verbose_name} {row.pk}"
    return str(row)


def _is_named(row: Model, field: "Field[Any, Any]") -> bool:
    return getattr(row, field.attname) is not None and field.name not in {"source", "superseded_by", "derived_from"}


def _remember(sender: type[Model], instance: Model, raw: bool = False, **_: Any) -> None:
    if raw or current_change().is_bulk or instance._state.adding or instance.pk is None:
        return
    before = sender._base_manager.filter(pk=instance.pk).first()
    instance._audit_before = None if before is None else values_of(before)  # type: ignore[attr-defined]


def _saved(
    sender: type[Model],
    instance: Model,
    created: bool,
    raw: bool = False,
    update_fields: Iterable[str] | None = None,
    **_: Any,
) -> None:
    if raw or current_change().is_bulk:
        return
    if created:
        record_created([instance])
        return
    before: Values | None = instance.__dict__.pop("_audit_before", None)
    if before is None:
        return
    after = values_of(instance)
    if update_fields is not None:
        names = set(update_fields)
        saved = {field.attname for field in fields_of(sender) if field.name in names or field.attname in names}
        after = {name: after[name] if name in saved else before[name] for name in after}
    if changed := [name for name in after if before.get(name) != after[name]]:
        event(
            AuditEvent.Verb.CHANGED,
            instance,
            {name: before.get(name) for name in changed},
            {name: after[name] for name in changed},
        ).save()


def _deleted(sender: type[Model], instance: Model, **_: Any) -> None:  # noqa: ARG001  Django names it
    if not current_change().is_bulk:
        event(AuditEvent.Verb.DELETED, instance, values_of(instance), None).save()


def give_reason(reason: str) -> None:
    """Say why, once it is known in the middle of the work."""
    if change := _current.get():
        change.reason = reason
