"""Values that disagree, by size: facts about a version, list prices in force, and scores on one benchmark.

Every statement stays; one of them is shown on the other pages. A disagreement is not an error: settings, qualifiers and
days differ, which is why each statement carries them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from django.db.models import Q

from catalog.models import Benchmark, Claim, ConflictNote, ModelVersion, Offering, Price, Source
from catalog.selectors.facts import facts
from catalog.selectors.keyed import by_key
from catalog.selectors.price_periods import BEGINNING, begins, holds_at
from catalog.selectors.prices import PriceRow, choose, of_one_source
from catalog.selectors.scores import picked_scores
from catalog.selectors.training import training_runs

_FAR_AHEAD = datetime.max.replace(tzinfo=UTC)

Kind = Literal["claim", "price", "score"]
KINDS: tuple[Kind, ...] = ("claim", "price", "score")


@dataclass(frozen=True, slots=True)
class Statement:
    """One of the values. ``number`` None: a text. ``shown``: the one that the other pages show."""

    text: str
    number: Decimal | float | None
    source: Source
    detail: str
    on: date | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values for one thing. ``size``: how far the smallest lies below the largest, 0 to 1; for scores the distance.

    ``size`` is None where texts disagree. ``same_question`` is False where the sources qualify their values
    differently, so that both may be right.
    """

    kind: Kind
    key: str
    version: ModelVersion
    what: str
    statements: list[Statement]
    size: float | None
    same_question: bool
    unit: str = ""
    note: ConflictNote | None = None

    @property
    def shown(self) -> Statement:
        return next((each for each in self.statements if each.shown), self.statements[0])

    @property
    def sources(self) -> list[Source]:
        return list({each.source.pk: each.source for each in self.statements}.values())


def conflicts(*, kind: Kind | None = None, version_ids: Sequence[int] | None = None, as_of: datetime) -> list[Conflict]:
    """Disagreements, the largest first, texts last. A constant number of queries."""
    found: list[Conflict] = []
    if kind in (None, "claim"):
        found += _claims(version_ids)
    if kind in (None, "price"):
        found += _prices(version_ids, as_of)
    if kind in (None, "score"):
        found += _scores(version_ids)
    notes = _newest_notes([each.key for each in found])
    return [
        replace(each, note=notes.get(each.key))
        for each in sorted(found, key=lambda each: (each.size is None, -(each.size or 0.0), each.key))
    ]


def _newest_notes(keys: Sequence[str]) -> dict[str, ConflictNote]:
    if not keys:
        return {}
    wanted = set(keys)
    notes = ConflictNote.objects.select_related("written_by").order_by("written_at", "pk")
    return {note.key: note for note in notes if note.key in wanted}


def _claims(version_ids: Sequence[int] | None) -> list[Conflict]:
    versions = ModelVersion.objects.select_related("model__developer")
    claimed = versions.filter(Q(claims__isnull=False) | Q(training_run__isnull=False)).distinct()
    if version_ids is not None:
        claimed = claimed.filter(pk__in=version_ids)
    by_id = {version.pk: version for version in claimed}
    totals = _phase_totals(by_id)
    said = facts(list(by_id))
    found = []
    for pk, version in by_id.items():
        by_attribute = said.get(pk, {})
        for attribute in sorted({*by_attribute, *([Claim.Attribute.TRAINING_GPU_HOURS] if pk in totals else [])}):
            claims = by_attribute.get(attribute, [])
            statements = [_claim_statement(claim, first=position == 0) for position, claim in enumerate(claims)]
            qualifiers = {claim.qualifier for claim in claims}
            if attribute == Claim.Attribute.TRAINING_GPU_HOURS and pk in totals:
                statements = [totals[pk], *(replace(each, shown=False) for each in statements)]
            numbers = {each.number for each in statements if each.number is not None}
            texts = {each.text.casefold() for each in statements if each.number is None}
            if len(numbers) < 2 and len(texts) < 2:
                continue
            found.append(
                Conflict(
                    kind="claim",
                    key=f"claim:{version.slug}:{attribute}",
                    version=version,
                    what=str(Claim.Attribute(attribute).label),
                    statements=statements,
                    size=_relative([float(number) for number in numbers]),
                    same_question=len(qualifiers) < 2,
                    unit=next((claim.unit for claim in claims), ""),
                )
            )
    return found


def _claim_statement(claim: Claim, *, first: bool) -> Statement:
    on = claim.observed_at.date() if claim.observed_at else None
    return Statement(claim.value, claim.number, claim.source, claim.qualifier, on, first)


def _phase_totals(versions: dict[int, ModelVersion]) -> dict[int, Statement]:
    """The sum of the phases of each run whose hours are all known and stated by the developer."""
    totals = {}
    for run in training_runs().filter(version_id__in=list(versions)):
        phases = list(run.phases.all())
        hours = [phase.gpu_hours for phase in phases if phase.gpu_hours is not None and not phase.is_estimate]
        if phases and len(hours) == len(phases):
            total = Decimal(str(sum(hours)))
            names = ", ".join(phase.name for phase in phases)
            totals[run.version_id] = Statement(f"{total:f}", total, phases[0].source, f"sum of {names}", None, True)
    return totals


def _prices(version_ids: Sequence[int] | None, moment: datetime) -> list[Conflict]:
    """List prices in force at the moment of which two sources state different values."""
    on_sale = Q(offering__retired_on__isnull=True) | Q(offering__retired_on__gt=moment.date())
    rows = Price.objects.filter(
        holds_at(moment), on_sale, announced=False, service_class="standard", min_input_tokens=0
    )
    if version_ids is not None:
        rows = rows.filter(offering__version_id__in=version_ids)
    cells: defaultdict[tuple[int, str], defaultdict[int, list[PriceRow]]] = defaultdict(lambda: defaultdict(list))
    for row in map(PriceRow._make, rows.values_list(*PriceRow._fields)):
        cells[row.offering_id, row.component][row.source_id].append(row)
    disagreeing = {}
    for cell, by_source in cells.items():
        said = _at_the_same_time({source: of_one_source(found) for source, found in by_source.items()})
        if len({row.usd_per_mtok for row in said.values() if row.usd_per_mtok is not None}) > 1:
            disagreeing[cell] = said
    sources = by_key(Source.objects.all(), (source for said in disagreeing.values() for source in said))
    joined = Offering.objects.select_related("provider", "version__model__developer")
    offerings = by_key(joined, (offering for offering, _ in disagreeing))
    found = []
    for (offering_id, component), said in disagreeing.items():
        offering = offerings[offering_id]
        shown, _ = choose(said.values(), sources)
        statements = [
            _price_statement(row, sources[source], shown=row.id == shown.id)
            for source, row in said.items()
            if row.usd_per_mtok is not None
        ]
        statements.sort(key=lambda each: (not each.shown, each.source.rank, each.text))
        found.append(
            Conflict(
                kind="price",
                key=f"price:{offering_id}:{component}",
                version=offering.version,
                what=f"{component.replace('_', ' ')} price by {offering.provider.name} ({offering.provider_model_id})",
                statements=statements,
                size=_relative([float(each.number) for each in statements if each.number is not None]),
                same_question=True,
                unit="US$ per 1M tokens",
            )
        )
    return found


def _at_the_same_time(said: dict[int, PriceRow]) -> dict[int, PriceRow]:
    """Those whose period meets that of the one read last: a value seen months earlier was replaced, not contradicted.

    A period runs from the stated or first seen day to the stated end, or to the last sight; one nobody dated by sight
    and nobody ended is open.
    """
    newest = max(said.values(), key=lambda row: (_period(row)[1], _period(row)[0], row.id))
    first, last = _period(newest)
    return {source: row for source, row in said.items() if _period(row)[0] <= last and first <= _period(row)[1]}


def _period(row: PriceRow) -> tuple[datetime, datetime]:
    start = begins(row) or BEGINNING
    seen = row.last_seen or (None if row.effective_from else row.observed_from)
    return start, row.effective_to or seen or _FAR_AHEAD


def _price_statement(row: PriceRow, source: Source, *, shown: bool) -> Statement:
    since = row.effective_from or row.observed_from
    detail = "" if since is None else f"{'since' if row.effective_from else 'seen'} {_day_words(since)}"
    if row.last_seen:
        detail = f"{detail}, last seen {_day_words(row.last_seen)}".lstrip(", ")
    usd = row.usd_per_mtok or Decimal(0)
    return Statement(f"{usd.normalize():f}", usd, source, detail, since.date() if since else None, shown)


def _day_words(moment: datetime) -> str:
    """8 Feb 2025, as on every page."""
    return f"{moment.day} {moment:%b %Y}"


def _scores(version_ids: Sequence[int] | None) -> list[Conflict]:
    """Benchmarks on which one version has several values; the shown one is that of the independent policy."""
    cells = {cell: scores for cell, scores in picked_scores(version_ids=version_ids).items() if len(scores) > 1}
    cells = {cell: scores for cell, scores in cells.items() if len({score.value for score in scores}) > 1}
    versions = by_key(ModelVersion.objects.select_related("model__developer"), (version for version, _ in cells))
    found = []
    for (version, _), scores in cells.items():
        benchmark = scores[0].benchmark
        values = [score.value for score in scores]
        spread = max(values) - min(values)
        # Free-text configurations are never written alike; effort and shots decide whether it was the same test.
        settings = {(score.effort, score.shots) for score in scores}
        found.append(
            Conflict(
                kind="score",
                key=f"score:{versions[version].slug}:{benchmark.slug}",
                version=versions[version],
                what=str(benchmark),
                statements=[
                    Statement(
                        text=score.original_value,
                        number=score.value,
                        source=score.source,
                        detail=", ".join(
                            filter(
                                None,
                                (
                                    f"measured by {score.measured_by.name}" if score.measured_by else "",
                                    score.effort,
                                    score.shots,
                                    score.harness,
                                    score.configuration,
                                ),
                            )
                        ),
                        on=score.measured_on,
                        shown=position == 0,
                    )
                    for position, score in enumerate(scores)
                ],
                size=spread if benchmark.unit == Benchmark.Unit.FRACTION else _relative(values),
                same_question=len(settings) == 1,
                unit=benchmark.unit,
            )
        )
    return found


def _relative(values: Sequence[float]) -> float | None:
    """1 - smallest / largest, None for fewer than two values."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    return 0.0 if high == low else 1.0 if high <= 0 else 1.0 - low / high
