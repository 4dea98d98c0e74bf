"""What a file of facts would change: every line is compared and checked, and nothing is written.

The same readers as for the starting facts turn a line into rows; the same rules as in the entry forms judge them. The
number of queries does not depend on the number of lines.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from catalog import audit
from catalog import models as m
from catalog.importing.files import REASON, Lines
from catalog.seeding.rows import Record, Ref, Row
from catalog.seeding.tables import Table
from catalog.seeding.writing import NATURAL_KEYS, Identities, digest_of, resolve
from catalog.selectors.price_checks import PriceNeighbours, jump
from catalog.selectors.source_hints import host_of, source_hints_by_host
from catalog.services.prices import component, jump_words, overlap_sentence, usd

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
RowKey = tuple[type[Model], tuple[str, ...]]


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

    @property
    def status(self) -> str:
        if self.problems:
            return REFUSED
        if any(not item.is_new and item.names for item in self.items):
            return CHANGED
        return NEW if any(item.is_new for item in self.items) else SAME

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


def make_plan(table: Table, lines: Lines, file_name: str) -> Plan:
    """Read, compare and check every line."""
    identities = Identities()
    read = [Line(number, cells) for number, cells in lines]
    for line in read:
        row = Row(file_name, line.number, line.cells, line.problems)
        line.records = list(table.read(row))
    _add_sources(read, file_name)
    _refuse_twice(read)
    _refuse_dangling(read, identities)
    return checked_plan(read, _compare(read, identities))


def checked_plan(lines: list[Line], items: list[Item]) -> Plan:
    """Judge rows that are set as wanted but not saved, by the rules of the entry forms."""
    _check_rows(items)
    _check_unique(items)
    _check_aliases(items)
    closed = _check_prices(items)
    good = [item for item in items if not item.line.problems]
    return Plan(lines, good, [(price, before) for price, before, line in closed if not line.problems])


# ---- sources --------------------------------------------------------------------------------------------------------


def _add_sources(lines: list[Line], file_name: str) -> None:
    """A source that is not recorded yet is made from the line, or from what is known about its host."""
    wanted = {url for line in lines if (url := line.cells.get("source_url", ""))}
    if not wanted:
        return
    known = {source.url: source for source in m.Source.objects.all()}
    hints = source_hints_by_host([url for url in wanted if url not in known])
    for line in lines:
        url = line.cells.get("source_url", "")
        if not url:
            continue
        row = Row(file_name, line.number, line.cells, line.problems)
        retrieved_at = row.instant("retrieved_on")
        source = known.get(url)
        if source is not None:
            if source.retrieved_at is None and retrieved_at is None:
                line.undated_source = url
            elif retrieved_at and (source.retrieved_at is None or source.retrieved_at < retrieved_at):
                line.records.insert(0, Record(m.Source, {"url": url}, {"retrieved_at": retrieved_at}))
            continue
        hint = hints.get(host_of(url))
        publisher = row.text("publisher") or (hint.publisher if hint else "")
        kind = row.text("source_kind") or (hint.kind if hint else "")
        if not host_of(url):
            row.complain("source_url", f"{url!r} is not a web address. Write it in full, with https://.")
        elif retrieved_at is None:
            row.complain("source_url", f"{url} is a new source. Add the day it was read in a column retrieved_on.")
        elif not publisher or kind not in m.Source.Kind.values:
            row.complain(
                "source_url",
                f"nothing is known about {host_of(url)} yet. Add columns publisher and source_kind "
                f"({', '.join(m.Source.Kind.values)}), or add the source first.",
            )
        else:
            values = {"retrieved_at": retrieved_at}
            defaults = {"publisher": publisher, "kind": kind, "rank": m.Source.DEFAULT_RANK[m.Source.Kind(kind)]}
            defaults["licence"] = hint.licence if hint else ""
            line.records.insert(0, Record(m.Source, {"url": url}, values, defaults))


# ---- lines among each other -----------------------------------------------------------------------------------------


def _identity(record: Record) -> tuple[object, ...]:
    return (record.model, *record.key.items())


def _refuse_twice(lines: list[Line]) -> None:
    first: dict[tuple[object, ...], Line] = {}
    for line in lines:
        for record in line.records:
            other = first.setdefault(_identity(record), line)
            if other is not line and record.values and record.model is not m.Source:
                line.problems.append(f"The same fact is on line {other.number}. Delete one of the two lines.")
                break


def _offered(record: Record) -> RowKey | None:
    if record.model not in NATURAL_KEYS:
        return None
    parts = [value.key if isinstance(value, Ref) else (value,) for value in record.key.values()]
    return record.model, tuple(part for key in parts for part in key)


def _refs(record: Record) -> Iterable[tuple[str, Ref]]:
    for column, value in (*record.key.items(), *record.values.items()):
        if isinstance(value, Ref):
            yield column, value


def _refuse_dangling(lines: list[Line], identities: Identities) -> None:
    """Refuse lines that refer to rows neither here nor on a line that is taken itself."""
    while True:
        offered = {key for line in lines if not line.problems for record in line.records if (key := _offered(record))}
        refused = False
        for line in lines:
            if line.problems:
                continue
            for record in line.records:
                for column, ref in _refs(record):
                    if (ref.model, ref.key) not in offered and identities.get(ref) is None:
                        line.problems.append(
                            f"Column {'source_url' if column == 'source' else column}: there is no "
                            f"{ref.model._meta.verbose_name} {' '.join(ref.key)!r}. Add it first, or correct the name."
                        )
                        refused = True
        if not refused:
            return


# ---- comparing with the catalog -------------------------------------------------------------------------------------


def _compare(lines: list[Line], identities: Identities) -> list[Item]:
    by_model: defaultdict[type[Model], list[tuple[Line, Record]]] = defaultdict(list)
    for line in lines:
        for record in line.records:
            if not line.problems:
                by_model[record.model].append((line, record))
    made: dict[RowKey, Model] = {}
    items: list[Item] = []
    for model in sorted(by_model, key=_order):
        existing = _existing(model, [record for _, record in by_model[model]], identities)
        related = _related([record for _, record in by_model[model]], identities)
        seen: dict[tuple[object, ...], Item] = {}
        for line, record in by_model[model]:
            if (again := seen.get(_identity(record))) is not None:
                if not again.line.problems:
                    line.items.append(again)
                continue
            item = _item(line, record, existing, identities)
            seen[_identity(record)] = item
            line.items.append(item)
            items.append(item)
            if item.is_new and (key := _offered(record)):
                made[key] = item.row
        for item in seen.values():  # only now, since rows of one table may refer to later ones
            _attach(item, made, related, identities)
    return items


def _order(model: type[Model]) -> int:
    """Rows before the rows that refer to them."""
    order = [
        *(m.Source, m.Organization, m.Model, m.ModelVersion, m.Offering, m.Benchmark, m.Hardware, m.TrainingRun),
        *(m.TrainingPhase, m.Claim, m.Price, m.Score, m.HardwarePrice, m.ReferencePrice, m.Alias),
    ]
    return order.index(model)


def _existing(model: type[Model], records: list[Record], identities: Identities) -> dict[str, Model]:
    rows = model._default_manager.all()
    names = list(resolve(model, records[0].key, identities))
    if "source_id" in names:  # tables that feeds fill as well
        sources = {identities.get(record.key["source"]) for record in records}
        rows = rows.filter(source_id__in=sources - {None})
    if any(each.name == "superseded_by" for each in model._meta.fields):
        rows = rows.filter(superseded_by=None)
    return {digest_of({name: getattr(row, name) for name in names}, model): row for row in rows}


def _item(line: Line, record: Record, existing: dict[str, Model], identities: Identities) -> Item:
    key, values = (resolve(record.model, each, identities) for each in (record.key, record.values))
    refs_known = all(identities.get(ref) is not None for _, ref in _refs(record) if ref in record.key.values())
    row = existing.get(digest_of(key, record.model)) if refs_known else None
    if row is None:
        return Item(line, record, record.model(**key, **values, **record.defaults), None)
    before = audit.values_of(row)
    for name, value in values.items():
        setattr(row, name, value)
    after = audit.values_of(row)
    return Item(line, record, row, before, [name for name in after if after[name] != before[name]])


def _related(records: list[Record], identities: Identities) -> dict[tuple[type[Model], int], Model]:
    """The rows that these refer to, so that checks and names need no query of their own."""
    wanted: defaultdict[type[Model], set[int]] = defaultdict(set)
    for record in records:
        for _, ref in _refs(record):
            if (pk := identities.get(ref)) is not None:
                wanted[ref.model].add(pk)
    found: dict[tuple[type[Model], int], Model] = {}
    for each, pks in wanted.items():
        rows = each._default_manager.all()
        if each is m.Offering:
            rows = rows.select_related("provider", "version")
        if each is m.TrainingRun:
            rows = rows.select_related("version")
        found |= {(each, pk): row for pk, row in rows.in_bulk(list(pks)).items()}
    return found


def _attach(
    item: Item,
    made: dict[RowKey, Model],
    related: dict[tuple[type[Model], int], Model],
    identities: Identities,
) -> None:
    for name, ref in _refs(item.record):
        pk = identities.get(ref)
        row = made.get((ref.model, ref.key)) if pk is None else related.get((ref.model, pk))
        if row is not None:
            item.row._state.fields_cache[name] = row


# ---- rules ----------------------------------------------------------------------------------------------------------


def _check_rows(items: list[Item]) -> None:
    for item in items:
        if item.line.problems or not (item.is_new or item.names):
            continue
        relations = [each.name for each in item.row._meta.concrete_fields if each.is_relation or each.primary_key]
        try:
            item.row.clean_fields(exclude=relations)
            if not isinstance(item.row, m.Alias):  # which asks the database; see _check_aliases
                item.row.clean()
        except ValidationError as error:
            item.line.problems += _sentences(error, item.row)
        if item.line.undated_source and not item.line.problems:
            item.line.problems.append(
                f"It is not known when {item.line.undated_source} was read. Add a column retrieved_on."
            )


def _sentences(error: ValidationError, row: Model) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    names = {each.name: str(each.verbose_name) for each in row._meta.concrete_fields}
    return [
        message if name == "__all__" else f"{names.get(name, name)}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def _check_unique(items: list[Item]) -> None:
    """Names that only one row may have, such as an organisation's."""
    by_model: defaultdict[type[Model], list[Item]] = defaultdict(list)
    for item in items:
        if not item.line.problems and (item.is_new or item.names):
            by_model[item.record.model].append(item)
    for model, own in by_model.items():
        for each in model._meta.concrete_fields:
            if not each.unique or each.primary_key or each.name in own[0].record.key:
                continue
            wanted = {getattr(item.row, each.attname) for item in own}
            taken = dict(
                model._default_manager.filter(**{f"{each.attname}__in": wanted}).values_list(each.attname, "pk")
            )
            for item in own:
                value = getattr(item.row, each.attname)
                if taken.setdefault(value, item.row.pk or id(item)) not in (item.row.pk, id(item)):
                    other = f"Another {model._meta.verbose_name} has the {each.verbose_name} {value!r}."
                    item.line.problems.append(f"{other} Correct one of them.")


def _check_aliases(items: list[Item]) -> None:
    own = [(item, item.row) for item in items if isinstance(item.row, m.Alias) and not item.line.problems]
    own = [(item, alias) for item, alias in own if item.is_new or item.names]
    if not own:
        return
    said: defaultdict[tuple[str, str], list[m.Alias]] = defaultdict(list)
    replaced = {alias.pk for _, alias in own}
    rows = m.Alias.objects.filter(status=m.Alias.Status.ACCEPTED, raw_name__in={alias.raw_name for _, alias in own})
    for row in rows.select_related("version"):
        if row.pk not in replaced:
            said[row.namespace, row.raw_name].append(row)
    for item, alias in own:
        others = said[alias.namespace, alias.raw_name]
        if clash := next((row for row in others if _overlap(alias, row)), None):
            means = clash.version or clash.get_target_display()
            item.line.problems.append(
                f"{alias.raw_name!r} already means {means} from {clash.valid_from or 'the beginning'} to "
                f"{clash.valid_to or 'now'}. End that period first."
            )
        else:
            others.append(alias)


def _overlap(one: m.Alias, other: m.Alias) -> bool:
    starts_in_time = one.valid_from is None or other.valid_to is None or one.valid_from < other.valid_to
    return starts_in_time and (other.valid_from is None or one.valid_to is None or other.valid_from < one.valid_to)


def _check_prices(items: list[Item]) -> list[tuple[m.Price, audit.Values, Line]]:
    """Overlaps, jumps that nobody explains, and the open prices that new ones end."""
    own = [(item, item.row) for item in items if isinstance(item.row, m.Price) and not item.line.problems]
    own = [(item, price) for item, price in own if item.is_new or item.names]
    if not own:
        return []
    neighbours = PriceNeighbours({price.offering_id for _, price in own if price.offering_id})
    for item, price in own:
        if not item.is_new:
            neighbours.replace(price)
    closed: list[tuple[m.Price, audit.Values, Line]] = []
    for item, price in sorted(own, key=lambda pair: pair[1].effective_from or pair[1].observed_from or _LONG_AGO):
        line = item.line
        if clash := neighbours.overlaps(price):
            line.problems.append(overlap_sentence(clash))
            continue
        last = neighbours.last(price)
        ratio = jump(last.usd_per_mtok, price.usd_per_mtok) if last else None
        if last is not None and ratio is not None and not line.cells.get(REASON):
            line.problems.append(
                f"{component(price)}: {jump_words(price, last, ratio)} Correct it, or say why in a column {REASON}."
            )
            continue
        if item.is_new:
            if ended := neighbours.closes(price):
                before = audit.values_of(ended)
                ended.effective_to = price.effective_from
                line.notes.append(f"Ends the {component(ended)} price of {usd(ended)}.")
                if ended.pk:
                    closed.append((ended, before, line))
            neighbours.add(price)
    return closed


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
