"""What a file of facts would change: every line is compared and checked, and nothing is written.

The same readers as for the starting facts turn a line into rows; the same rules as in the entry forms judge them. The
number of queries does not depend on the number of lines.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from django.db.models import Model

from catalog import audit
from catalog import models as m
from catalog.importing.files import Lines
from catalog.importing.lines import Item, Line, Plan
from catalog.importing.rules import checked_plan
from catalog.seeding.rows import Record, Ref, Row
from catalog.seeding.tables import Table
from catalog.seeding.writing import NATURAL_KEYS, Identities, digest_of, resolve
from catalog.selectors.source_hints import host_of, source_hints_by_host

MOST_GUESSED = 50  # distinct names; comparing thousands of them would take minutes
RowKey = tuple[type[Model], tuple[str, ...]]


def make_plan(table: Table, lines: Lines, file_name: str) -> Plan:
    """Read, compare and check every line."""
    identities = Identities()
    read = [Line(number, cells) for number, cells in lines]
    for line in read:
        row = Row(file_name, line.number, line.cells, line.problems)
        line.records = list(table.read(row))
        line.unsaid = table.unsaid(line.cells)
    _add_sources(read, file_name)
    _refuse_twice(read)
    _refuse_dangling(read, identities)
    return checked_plan(read, _compare(read, identities))


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
    asked: dict[Ref, str] = {}

    def near(ref: Ref) -> str:
        if ref not in asked:
            asked[ref] = _near(ref, identities.of(ref.model)) if len(asked) < MOST_GUESSED else ""
        return asked[ref]

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
                            f"{ref.model._meta.verbose_name} {' '.join(ref.key)!r}. "
                            f"{near(ref)}Add it first, or correct the name."
                        )
                        refused = True
        if not refused:
            return


def _near(ref: Ref, known: Collection[tuple[str, ...]]) -> str:
    """ "Near names: 'moonshot-ai'. ", or nothing."""
    names = get_close_matches(" ".join(ref.key).lower(), [" ".join(key) for key in known], 3, cutoff=0.6)
    return f"Near names: {', '.join(map(repr, names))}. " if names else ""


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
    said = {name: value for name, value in record.values.items() if name not in line.unsaid}
    for name, value in resolve(record.model, said, identities).items():
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
