"""Totals of one training run that contradict each other: each with who says it, when, and what it would mean."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.models import Claim, ModelVersion, Source
from dashboard import formats
from dashboard.ledger import Ledger

HOURS, COST = Claim.Attribute.TRAINING_GPU_HOURS, Claim.Attribute.TRAINING_COST


@dataclass(frozen=True, slots=True)
class Stated:
    """One total. ``reading``: what it comes to in other terms, empty where unknown. ``on``: day its source was read."""

    number: Decimal
    text: str
    how: str
    reading: str
    note: str
    source: Source
    on: date | None

    @property
    def dated(self) -> str:
        """``"read 22 Apr 2026"``, else the day on which its source says it was published."""
        if self.on:
            return f"read {formats.day(self.on)}"
        published = self.source.published_on
        return f"published {formats.day(published)}" if published else "day unknown"


@dataclass(frozen=True, slots=True)
class StatedTotals:
    """The statements about one total of one version, the smallest first; at least two of them differ."""

    version: ModelVersion
    what: str
    statements: list[Stated]

    @property
    def spread(self) -> str:
        """ "the largest is 14% above the smallest"."""
        low, high = self.statements[0].number, self.statements[-1].number
        if not low:
            return "one of them is zero"
        share = high / low - 1
        above = formats.percent(share, 0 if share >= Decimal("0.01") else 2)
        return f"the largest is {above} above the smallest" if share < 1 else f"up to {formats.times(high / low)}"


def conflicting_totals(ledgers: Sequence[Ledger]) -> list[StatedTotals]:
    """Every version, with a ledger or without, of which two different totals are stated. One query."""
    by_version = {ledger.run.version_id: ledger for ledger in ledgers}
    claimed: defaultdict[tuple[int, str], list[Claim]] = defaultdict(list)
    claims = Claim.objects.filter(attribute__in=(HOURS, COST), superseded_by=None)
    for claim in claims.select_related("source", "version__model__developer").order_by("source__rank", "pk"):
        claimed[claim.version_id, claim.attribute].append(claim)
    found = []
    for (version_id, attribute), said in claimed.items():
        ledger = by_version.get(version_id)
        total = _phase_total(ledger) if attribute == HOURS else []
        statements = sorted([*total, *_statements(said, ledger)], key=lambda each: each.number)
        if len({each.number for each in statements}) > 1:
            label = "GPU-hours" if attribute == HOURS else "Cost"
            found.append(StatedTotals(said[0].version, label, statements))
    return sorted(found, key=lambda each: (each.version.model.name, each.version.slug, each.what != "GPU-hours"))


def _phase_total(ledger: Ledger | None) -> list[Stated]:
    """The sum of the phases, as one more statement, where the hours of all of them are known."""
    if ledger is None or not ledger.lines or ledger.is_lower_bound or ledger.gpu_hours is None:
        return []
    names = ", ".join(line.phase.name for line in ledger.lines)
    how = f"{'estimate' if ledger.is_estimate else 'stated by the developer'}; sum of {names}"
    if len(ledger.lines) == 1:
        how = "estimate" if ledger.is_estimate else "stated by the developer"
    number = Decimal(repr(ledger.gpu_hours))
    source = ledger.lines[0].phase.source
    on = source.retrieved_at.date() if source.retrieved_at else None
    return [Stated(number, formats.short(number), how, _hours_reading(number, ledger), "", source, on)]


def _statements(said: Iterable[Claim], ledger: Ledger | None) -> list[Stated]:
    found = []
    for claim in said:
        number = claim.number
        if number is None:
            continue
        is_hours = claim.attribute == HOURS
        read_at = claim.observed_at or claim.source.retrieved_at
        found.append(
            Stated(
                number,
                formats.short(number) if is_hours else formats.usd_short(number),
                claim.qualifier,
                _hours_reading(number, ledger) if is_hours else _cost_reading(number, ledger),
                claim.note,
                claim.source,
                read_at.date() if read_at else None,
            )
        )
    return found


def _hours_reading(hours: Decimal, ledger: Ledger | None) -> str:
    """How long all chips would have been taken: hours counted by the clock include waiting and restarts."""
    chips = max((line.phase.gpus for line in ledger.lines if line.phase.gpus), default=None) if ledger else None
    if not chips:
        return ""
    each = hours / chips
    return f"{chips:,} chips for {each:,.0f} hours each ({each / 24:,.0f} days)"


def _cost_reading(usd: Decimal, ledger: Ledger | None) -> str:
    if ledger is None or not ledger.gpu_hours or ledger.is_lower_bound:
        return ""
    return (
        f"{formats.usd(usd / Decimal(repr(ledger.gpu_hours)))} for each of the {formats.short(ledger.gpu_hours)} hours"
    )
