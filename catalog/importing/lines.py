"""What one line of a file asks for and would change, and what all of them would do."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from catalog import audit
from catalog import models as m
from catalog.seeding.rows import Record

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass(slots=True, eq=False)
class Item:
    """One row that a line asks for. ``before``: its values where it exists already."""

    line: "Line"
    record: Record
    row: Model
    before: audit.Values | None
    names: list[str] = field(default_factory=list)
    words: dict[str, tuple[str | None, str | None]] = field(
        default_factory=dict
    )  # where a value is the number of a row

    @property
    def is_new(self) -> bool:
        return self.before is None


@dataclass(slots=True, eq=False)
class Line:
    """One line of the file: its cells, what is wrong with it, and what it would do."""

    number: int
    cells: dict[str, str]
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    undated_source: str = ""
    unsaid: frozenset[str] = frozenset()  # fields whose columns the file does not have: what is recorded stays

    @property
    def status(self) -> str:
        if self.problems:
            return REFUSED
        # That the source of a new fact was read again is shown, but recorded facts stay as they were.
        facts = [item for item in self.items if not isinstance(item.row, m.Source)]
        if any(not item.is_new and item.names for item in facts):
            return CHANGED
        if any(item.is_new for item in self.items):
            return NEW
        return CHANGED if any(item.names for item in self.items) else SAME

    def as_json(self) -> dict[str, Any]:
        changes = [change for item in self.items for change in _changes(item)] if not self.problems else []
        return {
            "line": self.number,
            "cells": self.cells,
            "status": self.status,
            "problems": self.problems,
            "notes": self.notes if not self.problems else [],
            "changes": changes,
        }


@dataclass(slots=True)
class Plan:
    """Everything a file would do. ``closed``: prices that end because a new one begins, with their values before."""

    lines: list[Line]
    items: list[Item]
    closed: list[tuple[m.Price, audit.Values]]

    def count(self, status: str) -> int:
        return sum(line.status == status for line in self.lines)

    @property
    def seal(self) -> str:
        """Stands for what was shown, so that nobody takes something else."""
        shown = json.dumps([line.as_json() for line in self.lines], default=str)
        return hashlib.sha256(shown.encode()).hexdigest()[:32]


def _changes(item: Item) -> list[dict[str, Any]]:
    """What the item would change, field by field, for the preview."""
    names = {each.attname: str(each.verbose_name) for each in item.row._meta.concrete_fields}
    if item.before is None:
        return [{"what": f"new {item.row._meta.verbose_name}", "before": None, "after": _title(item.row)}]
    after = audit.values_of(item.row)
    said = {name: item.words.get(name, (item.before[name], after[name])) for name in item.names}
    return [{"what": names[name], "before": before, "after": now} for name, (before, now) in said.items()]


def _title(row: Model) -> str:
    try:
        return str(row)[:200]
    except AttributeError:  # it refers to a row that the file brings itself
        return ""
