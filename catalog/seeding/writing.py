"""Writes seed records: missing rows are created, rows that only the seed has written are updated, others are kept."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from django.db.models import Model as DjangoModel

from catalog import audit
from catalog import models as m
from catalog.seeding.rows import Record, Ref
from catalog.selectors.merges import merged_slugs

# How a row of each model is named by the rows that refer to it.
NATURAL_KEYS: dict[type[DjangoModel], tuple[str, ...]] = {
    m.Source: ("url",),
    m.Organization: ("slug",),
    m.Model: ("slug",),
    m.ModelVersion: ("slug",),
    m.Offering: ("provider__slug", "provider_model_id", "version__slug"),
    m.Benchmark: ("slug",),
    m.Hardware: ("slug",),
    m.TrainingRun: ("version__slug",),
}


class _Part(NamedTuple):
    """Where a natural key holds a slug that a merge may have taken away."""

    kind: m.Merge.Kind
    place: int


_MERGED: dict[type[DjangoModel], _Part] = {
    m.Model: _Part(m.Merge.Kind.MODEL, 0),
    m.ModelVersion: _Part(m.Merge.Kind.VERSION, 0),
    m.Offering: _Part(m.Merge.Kind.VERSION, 2),
    m.TrainingRun: _Part(m.Merge.Kind.VERSION, 0),
}


@dataclass(slots=True)
class Counts:
    """What happened to the rows of one file. ``kept``: the database says otherwise and was left alone."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0

    def __str__(self) -> str:
        text = f"{self.created} created, {self.changed} changed, {self.unchanged} unchanged"
        return f"{text}, {self.kept} kept as edited here" if self.kept else text


@dataclass(slots=True)
class Identities:
    """Primary keys by natural key, read once per model and again after rows were created."""

    known: dict[type[DjangoModel], dict[tuple[str, ...], int]] = field(default_factory=dict)

    def of(self, model: type[DjangoModel]) -> dict[tuple[str, ...], int]:
        if model not in self.known:
            rows = model._default_manager.values_list("pk", *NATURAL_KEYS[model])
            self.known[model] = {tuple(key): pk for pk, *key in rows}
            self._follow_merges(model)
        return self.known[model]

    def _follow_merges(self, model: type[DjangoModel]) -> None:
        """A row of the seed files may name what was merged into another since: it means the other now."""
        part = _MERGED.get(model)
        merged = merged_slugs(part.kind) if part else {}
        known = self.known[model]
        for slug, target in merged.items():
            for key, pk in list(known.items()):
                if part and key[part.place] == target:
                    known.setdefault((*key[: part.place], slug, *key[part.place + 1 :]), pk)

    def forget(self, model: type[DjangoModel]) -> None:
        self.known.pop(model, None)

    def get(self, ref: Ref) -> int | None:
        return self.of(ref.model).get(ref.key)


@dataclass(frozen=True, slots=True)
class _Planned:
    record: Record
    key: dict[str, Any]
    values: dict[str, Any]
    key_digest: str
    digest: str


def write(records: Sequence[Record], identities: Identities, counts: Counts) -> None:
    """Write the records of one model in as many passes as their references among each other need."""
    waiting = list(records)
    while waiting:
        ready = [record for record in waiting if _resolvable(record, identities)]
        if not ready:
            names = ", ".join(record.where for record in waiting[:5])
            raise ValueError(f"{names}: these rows refer to each other in a circle. Break it.")
        waiting = [record for record in waiting if not _resolvable(record, identities)]
        _write(ready, identities, counts)


def _write(records: Sequence[Record], identities: Identities, counts: Counts) -> None:
    model = records[0].model
    table = model._meta.label_lower
    planned = [_plan(record, identities) for record in records]
    remembered = dict(m.SeededRow.objects.filter(table=table).values_list("key", "digest"))
    # Two files may speak of one row: the one without values for it only asks that it exists.
    pending = [
        plan
        for plan in planned
        if remembered.get(plan.key_digest) != plan.digest and (plan.values or plan.key_digest not in remembered)
    ]
    counts.unchanged += len(planned) - len(pending)
    if not pending:
        return
    existing = _existing(pending)
    created, changed, written = [], [], []
    before: dict[int, dict[str, Any]] = {}
    for plan in pending:
        row = existing.get(plan.key_digest)
        if row is None:
            if plan.key_digest in remembered:
                counts.kept += 1  # an editor removed it
                continue
            created.append(model(**plan.key, **plan.values, **plan.record.defaults))
        else:
            current = digest_of({name: getattr(row, name) for name in plan.values}, model)
            if current == plan.digest:
                counts.unchanged += 1
            elif _is_untouched(row, plan, current, remembered):
                before[row.pk] = audit.values_of(row)
                for name, value in plan.values.items():
                    setattr(row, name, value)
                changed.append(row)
            else:
                counts.kept += 1
                continue
        written.append(m.SeededRow(table=table, key=plan.key_digest, digest=plan.digest))
    model._default_manager.bulk_create(created, batch_size=500)
    if changed:
        names = [model._meta.get_field(name).name for name in pending[0].values]
        model._default_manager.bulk_update(changed, names, batch_size=200)
    with audit.in_bulk():
        audit.record_created(created)
        audit.record_changed(changed, before)
    m.SeededRow.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["table", "key"], update_fields=["digest"], batch_size=500
    )
    counts.created += len(created)
    counts.changed += len(changed)
    if created:
        identities.forget(model)


def _is_untouched(row: DjangoModel, plan: _Planned, current: str, remembered: Mapping[str, str]) -> bool:
    """Whether nobody edited what the seed says: it wrote this itself, or wrote nothing and nothing is there."""
    written = remembered.get(plan.key_digest)
    if written == current:
        return True
    is_blank = not any(getattr(row, name) for name in plan.values)
    return is_blank and written in (None, digest_of({}, plan.record.model))


def _existing(pending: Iterable[_Planned]) -> dict[str, DjangoModel]:
    plans = list(pending)
    model, names = plans[0].record.model, list(plans[0].key)
    rows = model._default_manager.all()
    if "source_id" in names:  # tables that feeds fill as well
        rows = rows.filter(source_id__in={plan.key["source_id"] for plan in plans})
    return {digest_of({name: getattr(row, name) for name in names}, model): row for row in rows}


def _resolvable(record: Record, identities: Identities) -> bool:
    refs = [value for value in (*record.key.values(), *record.values.values()) if isinstance(value, Ref)]
    return all(identities.get(ref) is not None for ref in refs)


def _plan(record: Record, identities: Identities) -> _Planned:
    key, values = resolve(record.model, record.key, identities), resolve(record.model, record.values, identities)
    return _Planned(record, key, values, digest_of(key, record.model), digest_of(values, record.model))


def resolve(model: type[DjangoModel], values: dict[str, Any], identities: Identities) -> dict[str, Any]:
    """Attribute names and plain values: a reference becomes the primary key under ``<field>_id``."""
    resolved = {}
    for name, value in values.items():
        attribute: str = getattr(model._meta.get_field(name), "attname", name)
        resolved[attribute] = identities.get(value) if isinstance(value, Ref) else value
    return resolved


def digest_of(values: dict[str, Any], model: type[DjangoModel]) -> str:
    text = "\x1f".join(f"{name}={canonical(values[name])}" for name in sorted(values))
    return hashlib.blake2b(f"{model._meta.label_lower}\x1e{text}".encode(), digest_size=16).hexdigest()


def canonical(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return str(value.timestamp())
    if isinstance(value, Enum):
        # A row read back has the plain value, and must not look as if somebody had edited it.
        return repr(value.value)
    return repr(value)
