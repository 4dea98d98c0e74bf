"""The rules of the entry forms, for many rows at once: a constant number of queries."""

from collections import defaultdict
from copy import copy
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db.models import Count, Model

from catalog import audit
from catalog import models as m
from catalog.importing.files import REASON
from catalog.importing.lines import Item, Line, Plan
from catalog.printed_scores import unit_stays
from catalog.selectors.price_checks import PriceNeighbours, jump
from catalog.services.prices import component, jump_words, overlap_sentence, period, usd

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def checked_plan(lines: list[Line], items: list[Item]) -> Plan:
    """Judge rows that are set as wanted but not saved, by the rules of the entry forms."""
    _check_rows(items)
    _check_unique(items)
    _check_aliases(items)
    _check_units(items)
    closed = _check_prices(items)
    good = [item for item in items if not item.line.problems]
    return Plan(lines, good, [(price, before) for price, before, line in closed if not line.problems])


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


def _check_units(items: list[Item]) -> None:
    own = {item.row.pk: item for item in items if isinstance(item.row, m.Benchmark) and "unit" in item.names}
    if not own:
        return
    counts = m.Score.objects.filter(benchmark__in=own).values_list("benchmark").annotate(Count("pk")).order_by()
    for benchmark, count in counts:
        own[benchmark].line.problems.append(unit_stays(count))


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
                before, was = audit.values_of(ended), copy(ended)
                ended.effective_to = price.effective_from
                line.notes.append(
                    f"Ends the {component(ended)} price of {usd(was)} ({was.source.publisher}, {period(was)}) on "
                    f"{price.effective_from:%-d %b %Y}; the new one is {usd(price)}."
                )
                if ended.pk:
                    closed.append((ended, before, line))
            neighbours.add(price)
    return closed
