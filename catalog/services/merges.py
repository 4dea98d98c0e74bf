"""Taking a model or version that is there twice into the other, and undoing it with nothing lost.

Everything that refers to the one is made to refer to the other, whatever table it is in. Where the other has the same
row already, such as the same offering, what hangs on the first moves on to it. Each step is recorded.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import ForeignKey, OneToOneField, Q, UniqueConstraint
from django.db.models import Model as DjangoModel
from django.utils import timezone

from catalog.errors import BadFact
from catalog.models import Merge, Model, ModelVersion

Step = dict[str, Any]
# What a merge records of itself does not move with what it merged.
_UNMOVED = {"catalog.merge"}


class _Relation(NamedTuple):
    table: type[DjangoModel]
    field: str
    is_one_to_one: bool
    keys: tuple[tuple[str, ...], ...]

    @property
    def label(self) -> str:
        return self.table._meta.label_lower


class _Exact(DjangoJSONEncoder):
    """Keeps microseconds, which Django's own encoder cuts off."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def merge_versions(source: ModelVersion, target: ModelVersion, *, by: str, reason: str = "") -> Merge:
    """Take a version into another. A model that is left without versions goes too, and its page leads to the other's.

    :raises BadFact: when both are one, or both have a training run, which nothing can add up.
    """
    with transaction.atomic():
        old, new = _locked(ModelVersion, source.pk), _locked(ModelVersion, target.pk)
        return _merge(Merge.Kind.VERSION, old, new, by=by, reason=reason)


def merge_models(source: Model, target: Model, *, by: str, reason: str = "") -> Merge:
    """Take a model into another: its versions become versions of the other.

    :raises BadFact: when both are one.
    """
    with transaction.atomic():
        old, new = _locked(Model, source.pk), _locked(Model, target.pk)
        return _merge(Merge.Kind.MODEL, old, new, by=by, reason=reason)


def undo_merge(merge: Merge, *, by: str) -> list[str]:
    """Restore what was merged. What was added to the target since stays with it; the answer says so in words.

    :raises BadFact: when it was undone before, a later merge rests on it, or something took the old place.
    """
    with transaction.atomic():
        row = Merge.objects.select_for_update().get(pk=merge.pk)
        if row.undone_at:
            raise BadFact(f"The merge of {row} was undone already, by {row.undone_by}.")
        if row.part_of:
            raise BadFact(f"{row.source_slug} went with the merge of {row.part_of}. Undo that one.")
        later = Merge.objects.filter(pk__gt=row.pk, undone_at=None, part_of=None)
        same = Q(kind=row.kind, target_id=row.target_id) | Q(kind=row.kind, source_slug=row.target_slug)
        if blocking := later.filter(same).first():
            raise BadFact(f"The merge of {blocking} came later and rests on this one. Undo that first.")
        _check_free(row)
        for step in reversed(row.steps):
            _take_back(step)
        row.undone_at, row.undone_by = timezone.now(), by[:150]
        row.save(update_fields=["undone_at", "undone_by"])
        row.parts.update(undone_at=row.undone_at, undone_by=row.undone_by)
        return list(_added_since(row))


def _locked(table: Any, pk: int) -> Any:
    return table.objects.select_for_update().get(pk=pk)


def _merge(kind: str, old: Any, new: Any, *, by: str, reason: str) -> Merge:
    if old.pk == new.pk:
        raise BadFact(f"{old} cannot be merged into itself. Choose two.")
    tables = {relation.table for relation in _relations(type(old))}
    marks = {table._meta.label_lower: _last(table) for table in sorted(tables, key=lambda table: table._meta.label)}
    steps: list[Step] = []
    parent = old.model if kind == Merge.Kind.VERSION else None
    _absorb(old, new, steps)
    emptied = parent if parent and parent.pk != new.model_id and not parent.versions.exists() else None
    if emptied:
        _absorb(emptied, new.model, steps)
    merge = _record(kind, old, new, steps, marks, by=by, reason=reason)
    if emptied:
        _record(Merge.Kind.MODEL, emptied, new.model, [], {}, by=by, reason="left without versions", part_of=merge)
    return merge


def _record(
    kind: str,
    old: Any,
    new: Any,
    steps: list[Step],
    marks: dict[str, int],
    *,
    by: str,
    reason: str,
    part_of: Merge | None = None,
) -> Merge:
    return Merge.objects.create(
        kind=kind,
        source_slug=old.slug,
        source_name=old.name,
        target_slug=new.slug,
        target_id=new.pk,
        steps=json.loads(json.dumps(steps, cls=_Exact)),
        marks=marks,
        merged_by=by[:150],
        reason=reason[:500],
        part_of=part_of,
    )


def _absorb(old: DjangoModel, new: DjangoModel, steps: list[Step]) -> None:
    """Let everything that refers to ``old`` refer to ``new``, then remove ``old``."""
    for relation in _relations(type(old)):
        rows = relation.table._base_manager.filter(**{relation.field: old}).order_by("pk")
        if relation.is_one_to_one and rows.exists() and relation.table._base_manager.filter(**{relation.field: new}):
            name = relation.table._meta.verbose_name
            raise BadFact(f"{old} and {new} both have a {name}. Delete the wrong one first; they cannot be added up.")
        moved: list[int] = []
        for row in rows:
            if row.pk == new.pk and type(row) is type(new):
                # The target refers to the source: it takes over what the source referred to.
                _set(row, relation.field, _onward(old, relation.field, new), steps)
                new.refresh_from_db()
            elif twin := _twin(relation, row, new):
                _absorb(row, twin, steps)
            else:
                moved.append(row.pk)
        if moved:
            relation.table._base_manager.filter(pk__in=moved).update(**{relation.field: new})
            steps.append(
                {
                    "do": "move",
                    "table": relation.label,
                    "field": relation.field,
                    "rows": moved,
                    "from": old.pk,
                    "to": new.pk,
                }
            )
    old.refresh_from_db()
    steps.append(
        {"do": "remove", "table": type(old)._meta.label_lower, "row": serializers.serialize("python", [old])[0]}
    )
    type(old)._base_manager.filter(pk=old.pk).delete()


def _onward(old: DjangoModel, field: str, new: DjangoModel) -> int | None:
    onward: int | None = getattr(old, f"{field}_id", None)
    return None if onward in (old.pk, new.pk) else onward


def _set(row: DjangoModel, field: str, value: int | None, steps: list[Step]) -> None:
    before = getattr(row, f"{field}_id")
    type(row)._base_manager.filter(pk=row.pk).update(**{f"{field}_id": value})
    steps.append(
        {"do": "set", "table": row._meta.label_lower, "field": field, "rows": [row.pk], "from": before, "to": value}
    )


def _relations(table: type[DjangoModel]) -> list[_Relation]:
    """Every column of any table that refers to this one, those without a name on this side included."""
    found = []
    for relation in table._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not (relation.auto_created and isinstance(field, ForeignKey)) or relation.concrete:
            continue
        owner = field.model
        if owner._meta.label_lower in _UNMOVED or not owner._meta.managed:
            continue
        keys = tuple(
            tuple(constraint.fields)
            for constraint in owner._meta.constraints
            if isinstance(constraint, UniqueConstraint) and not constraint.condition and field.name in constraint.fields
        )
        found.append(_Relation(owner, field.name, isinstance(field, OneToOneField), keys))
    return sorted(found, key=lambda item: (item.label, item.field))


def _twin(relation: _Relation, row: DjangoModel, new: DjangoModel) -> DjangoModel | None:
    """The row of the target that a unique constraint would not let this one stand beside."""
    for key in relation.keys:
        values = {name: getattr(row, row._meta.get_field(name).attname) for name in key}  # type: ignore[union-attr]
        values[relation.field] = new.pk
        if None in values.values():
            continue
        if twin := relation.table._base_manager.filter(**values).exclude(pk=row.pk).first():
            return twin
    return None


def _last(table: type[DjangoModel]) -> int:
    return table._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def _check_free(row: Merge) -> None:
    """Nothing may stand where a removed row is to be restored."""
    for step in row.steps:
        if step["do"] != "remove" or "slug" not in step["row"]["fields"]:
            continue
        slug = step["row"]["fields"]["slug"]
        if apps.get_model(step["table"])._base_manager.filter(slug=slug).exists():
            raise BadFact(f"{slug} exists again, so it cannot be restored. Rename or merge that one first.")


def _take_back(step: Step) -> None:
    table: Any = apps.get_model(step["table"])
    if step["do"] == "remove":
        for restored in serializers.deserialize("python", [step["row"]]):
            restored.save()
        return
    column = f"{step['field']}_id"
    table._base_manager.filter(pk__in=step["rows"], **{column: step["to"]}).update(**{column: step["from"]})


def _added_since(row: Merge) -> Iterator[str]:
    target: Any = (ModelVersion if row.kind == Merge.Kind.VERSION else Model)._base_manager.filter(pk=row.target_id)
    if not (found := target.first()):
        return
    for relation in _relations(type(found)):
        after = row.marks.get(relation.label)
        if after is None:
            continue
        count = relation.table._base_manager.filter(pk__gt=after, **{relation.field: found}).count()
        if count:
            meta = relation.table._meta
            name = meta.verbose_name if count == 1 else meta.verbose_name_plural
            yield f"{count} {name} added to {found} since the merge stay with it. Move by hand what is wrong there."
