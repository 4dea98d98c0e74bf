"""The rows of a comparison: what traffic costs on each model, and one row per fact with a cell per model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from catalog.models import Claim, Source
from dashboard import formats
from dashboard.charts.frontier import weights_words
from dashboard.lineup import Entrant, Lineup

NUMBERS = (
    (Claim.Attribute.TOTAL_PARAMS, "Total parameters", "parameters"),
    (Claim.Attribute.ACTIVE_PARAMS, "Active parameters per token", "parameters"),
    (Claim.Attribute.CONTEXT_TOKENS, "Context window, tokens", "tokens"),
    (Claim.Attribute.TRAINING_TOKENS, "Training tokens", "tokens"),
    (Claim.Attribute.TRAINING_GPU_HOURS, "Training GPU-hours, total", "gpu_hours"),
)


@dataclass(frozen=True, slots=True)
class CostLine:
    """What the visitor's traffic costs on one model; ``times`` is the multiple of the cheapest."""

    entrant: Entrant
    total: Decimal | None
    times: Decimal | None
    parts: list[tuple[str, Decimal | None]]
    assumed: tuple[str, ...]


def workload_lines(found: Lineup) -> list[CostLine]:
    """The cheapest first, unknown costs last."""
    totals = [each.cost.total for each in found.entrants if each.cost and each.cost.total is not None]
    least = min(totals, default=None)
    lines = []
    for each in found.entrants:
        total = each.cost.total if each.cost else None
        parts = each.cost.by_component if each.cost else {}
        lines.append(
            CostLine(
                entrant=each,
                total=total,
                times=total / least if total is not None and least else None,
                parts=[(name, parts.get(name)) for name in ("input", "cached_input", "output")],
                assumed=each.cost.assumed if each.cost else (),
            )
        )
    return sorted(lines, key=lambda line: (line.total is None, line.total or 0, line.entrant.name))


@dataclass(frozen=True, slots=True)
class FactCell:
    """``text`` is what is read, ``value`` the same without rounding; ``source`` leads to where it was read."""

    text: str
    detail: str = ""
    source: Source | None = None
    value: Decimal | float | date | str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class FactRow:
    """``unit`` is that of the exact values."""

    title: str
    unit: str
    cells: list[FactCell] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells}) > 1


def facts_table(found: Lineup) -> list[FactRow]:
    """One row per fact, one cell per model; rows of which nothing is known are left out."""
    axis = found.frontier.axis

    def row(title: str, unit: str, cell: Callable[[Entrant], FactCell]) -> FactRow:
        return FactRow(title, unit, [cell(each) for each in found.entrants])

    rows = [
        row(f"Blended price, {found.frontier.query.mix.words}", "usd_per_mtok", _price_cell),
        row("Input", "usd_per_mtok", lambda each: _component_cell(each, "input")),
        row("Cached input", "usd_per_mtok", lambda each: _component_cell(each, "cached_input")),
        row("Output", "usd_per_mtok", lambda each: _component_cell(each, "output")),
        row(axis.title, axis.unit, lambda each: _level_cell(found, each)),
        row("Chance to be on the frontier", "share", _chance_cell),
        row("Price over the frontier", "ratio", _premium_cell),
        row("Access", "", _access_cell),
        row("Released", "day", _released_cell),
        *(_claim_row(found, name, title, unit) for name, title, unit in NUMBERS),
        row("Licence", "", _licence_cell),
    ]
    return [each for each in rows if any(cell.text != formats.UNKNOWN for cell in each.cells)]


def _claim_row(found: Lineup, attribute: str, title: str, unit: str) -> FactRow:
    return FactRow(title, unit, [_claim_cell(each, attribute) for each in found.entrants])


def _price_cell(each: Entrant) -> FactCell:
    price = each.row.price
    if price is None or price.usd_per_mtok is None:
        return FactCell(formats.UNKNOWN)
    detail = f"{price.provider}: {price.policy_note}" if price.provider else price.policy_note
    if price.assumed:
        names = " and ".join(name.replace("_", " ") for name in price.assumed)
        detail += f"; no price of {names} is known, so the price of input stands in"
    sources = tuple(price.sources)
    return FactCell(
        formats.usd(price.usd_per_mtok), detail, next(iter(sources), None), value=price.usd_per_mtok, sources=sources
    )


def _component_cell(each: Entrant, name: str) -> FactCell:
    found = each.row.components.get(name)
    if found is None or found.usd_per_mtok is None:
        return FactCell(formats.UNKNOWN)
    since = found.effective_from or found.observed_from
    word = "seen since" if found.is_since_sight else "since"
    parts = [f"{word} {formats.day(since.date())}"] if since else []
    parts += [each.row.past_words] if each.row.past_words else []
    detail = ", ".join(parts)
    return FactCell(formats.usd(found.usd_per_mtok), detail, found.source, value=found.usd_per_mtok)


def _level_cell(found: Lineup, each: Entrant) -> FactCell:
    capability, axis = each.row.capability, found.frontier.axis
    if capability is None:
        return FactCell(formats.UNKNOWN)
    parts = [capability.detail]
    if capability.low is not None and capability.high is not None:
        parts.insert(0, f"{axis.text(capability.low)} to {axis.text(capability.high)}, 90%")
    if each.row.is_provisional:
        parts.append("provisional: few scores")
    return FactCell(
        axis.text(capability.value),
        "; ".join(part for part in parts if part),
        capability.sources[0] if len(capability.sources) == 1 else None,
        value=capability.value,
        sources=tuple(capability.sources),
    )


def _chance_cell(each: Entrant) -> FactCell:
    share = each.row.frontier_probability
    return FactCell(formats.UNKNOWN if share is None else formats.chance(share), value=share)


def _premium_cell(each: Entrant) -> FactCell:
    premium = each.row.price_premium
    detail = f"set by {each.row.premium_set_by_name}" if each.row.premium_set_by not in (None, each.slug) else ""
    return FactCell(formats.times(premium), detail, value=premium)


def _access_cell(each: Entrant) -> FactCell:
    words = weights_words(each.row)
    return FactCell(words, value=words if each.version.open_weights is not None else None)


def _released_cell(each: Entrant) -> FactCell:
    released = each.version.released_on
    return FactCell(formats.day(released), value=released)


def _claim_cell(each: Entrant, attribute: str) -> FactCell:
    claim = each.claim(attribute)
    if claim is None or claim.number is None:
        return FactCell(formats.UNKNOWN)
    return FactCell(formats.short(claim.number), claim.qualifier, claim.source, value=claim.number)


def _licence_cell(each: Entrant) -> FactCell:
    claim = each.claim(Claim.Attribute.LICENCE)
    if claim is None:
        return FactCell(formats.UNKNOWN)
    return FactCell(claim.value, claim.qualifier, claim.source, value=claim.value)
