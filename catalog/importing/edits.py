"""One field of many rows set to one value, as a plan: every row is compared and checked, and nothing is written."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, Model, QuerySet

from catalog import audit
from catalog.importing.cells import RELATED, TABLE_OF
from catalog.importing.files import REASON
from catalog.importing.lines import Item, Line, Plan
from catalog.importing.rules import checked_plan
from catalog.seeding.rows import Record

ROW = "row"
NEVER = {"superseded_by", "seeded"}


def fields_to_edit(model: type[Model], *, but: Iterable[str] = ()) -> "list[Field[Any, Any]]":
    """What can be alike in many rows: not keys, not names that only one row may have."""
    if model not in TABLE_OF:
        return []
    out = NEVER | set(but)
    return [
        each
        for each in audit.fields_of(model)
        if each.editable and not each.unique and not getattr(each, "auto_now_add", False) and each.name not in out
    ]


def rows_to_edit(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """With what their names need, so that none costs a query of its own."""
    return rows.select_related(*RELATED.get(rows.model, ())).order_by("pk")


def plan_edit(rows: Iterable[Model], field: "Field[Any, Any]", value: Any, *, reason: str = "") -> Plan:
    """What setting ``field`` to ``value`` (a row, for a reference) would do. A constant number of queries."""
    lines, items = [], []
    for number, row in enumerate(rows, start=1):
        line = Line(number, {ROW: str(row), **({REASON: reason} if reason else {})})
        before, was = audit.values_of(row), getattr(row, field.name)
        setattr(row, field.name, value)
        names = [name for name, now in audit.values_of(row).items() if now != before[name]]
        item = Item(line, Record(type(row), {}, {}), row, before, names)
        if field.is_relation:
            item.words[field.attname] = _named(was), _named(value)
        line.items.append(item)
        lines.append(line)
        items.append(item)
    return checked_plan(lines, items)


def _named(row: Model | None) -> str | None:
    return None if row is None else str(row)
