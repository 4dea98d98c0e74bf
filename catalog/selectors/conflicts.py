"""Values that disagree, by size: facts about a version, list prices in force, and scores on one benchmark.

A conflict is two sources that state different values of the same thing (with the same qualifier or setting) at the same
time, further apart than the coarser of the two is rounded. What one source states twice is no conflict: it measured two
things. Every statement stays; one of them is shown on the other pages.

Sources that state different values under different qualifiers or settings may all be right; they are here too, with
``same_question`` False, and count nowhere as conflicts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Literal, NamedTuple

from django.db.models import Q

from catalog.models import (
    Benchmark,
    Claim,
    ConflictNote,
    ModelVersion,
    Offering,
    Price,
    Score,
    Source,
    TrainingRun,
)
from catalog.selectors.facts import facts
from catalog.selectors.keyed import by_key
from catalog.selectors.price_periods import holds_at
from catalog.selectors.prices import PriceRow, at_the_same_time, choose, disagree, of_one_source
from catalog.selectors.sales import day_words
from catalog.selectors.scores import effort_label, picked_scores
from catalog.selectors.training import training_runs

# 56.15 less 56.1 is 0.0500000000000042 in binary.
_FLOAT_ERROR = 1e-9

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
        found += _prices(version_ids, as_of.date())
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
    runs = training_runs().filter(version_id__in=list(by_id))
    return claim_conflicts(by_id.values(), facts(list(by_id)), runs)


def claim_conflicts(
    versions: Iterable[ModelVersion], said: Mapping[int, Mapping[str, list[Claim]]], runs: Iterable[TrainingRun]
) -> list[Conflict]:
    """Disagreements about facts that are at hand: ``said`` as of :func:`facts`, ``runs`` with their phases."""
    totals = _phase_totals(runs)
    found = []
    for version in versions:
        by_attribute = said.get(version.pk, {})
        total = totals.get(version.pk)
        for attribute in sorted({*by_attribute, *([Claim.Attribute.TRAINING_GPU_HOURS] if total else [])}):
            claims = by_attribute.get(attribute, [])
            values = [_of_claim(claim, first=position == 0) for position, claim in enumerate(claims)]
            if attribute == Claim.Attribute.TRAINING_GPU_HOURS and total:
                # A sum has no qualifier of its own: it answers what the only one of the claims does.
                qualifiers = {claim.qualifier for claim in claims}
                setting = (qualifiers.pop(),) if len(qualifiers) == 1 else ("",)
                others = [each._replace(statement=replace(each.statement, shown=False)) for each in values]
                values = [_Value(total, setting, _rounding(total.number)), *others]
            disputed = _disputed(values)
            if disputed is None:
                continue
            found.append(
                Conflict(
                    kind="claim",
                    key=f"claim:{version.slug}:{attribute}",
                    version=version,
                    what=str(Claim.Attribute(attribute).label),
                    statements=disputed.statements,
                    size=max((_relative(numbers) or 0.0 for numbers in disputed.numbers), default=None),
                    same_question=disputed.same_question,
                    unit=next((claim.unit for claim in claims), ""),
                )
            )
    return found


def _of_claim(claim: Claim, *, first: bool) -> "_Value":
    on = claim.observed_at.date() if claim.observed_at else None
    statement = Statement(claim.value, claim.number, claim.source, claim.qualifier, on, first)
    return _Value(statement, (claim.qualifier,), _rounding(claim.number))


def _rounding(number: Decimal | float | None) -> float:
    """Half of the last digit stated. Of a round number two digits count as stated: 14 billion, not 10."""
    if not isinstance(number, Decimal) or not number or not number.is_finite():
        return 0.0
    digits = number.normalize().as_tuple()
    spare = max(0, 2 - len(digits.digits))
    return 0.5 * 10.0 ** (int(digits.exponent) - spare)


def _phase_totals(runs: Iterable[TrainingRun]) -> dict[int, Statement]:
    """The sum of the phases of each run whose hours are all known and stated by the developer."""
    totals = {}
    for run in runs:
        phases = list(run.phases.all())
        hours = [phase.gpu_hours for phase in phases if phase.gpu_hours is not None and not phase.is_estimate]
        if phases and len(hours) == len(phases):
            total = Decimal(str(sum(hours)))
            names = ", ".join(phase.name for phase in phases)
            totals[run.version_id] = Statement(f"{total:f}", total, phases[0].source, f"sum of {names}", None, True)
    return totals


class _Value(NamedTuple):
    """A statement with what tells its question apart, and how far from it the true value may lie by rounding."""

    statement: Statement
    setting: tuple[str, ...]
    rounding: float

    def contradicts(self, other: "_Value") -> bool:
        """Whether it is another source's, and further away than the coarser of the two is rounded."""
        one, two = self.statement, other.statement
        if one.source.pk == two.source.pk or (one.number is None) != (two.number is None):
            return False
        if one.number is None or two.number is None:
            return one.text.casefold() != two.text.casefold()
        return abs(float(one.number) - float(two.number)) > max(self.rounding, other.rounding) * (1 + _FLOAT_ERROR)


class _Disputed(NamedTuple):
    """``numbers``: the numbers of each question that is disputed; none where texts are."""

    statements: list[Statement]
    numbers: list[list[float]]
    same_question: bool


def _disputed(values: Sequence[_Value]) -> _Disputed | None:
    """Those on whose question two sources disagree; else all, where they do on different questions; else None."""
    by_setting: defaultdict[tuple[str, ...], list[_Value]] = defaultdict(list)
    for value in values:
        by_setting[value.setting].append(value)
    disputed = [said for said in by_setting.values() if _is_disputed(said)]
    same_question = bool(disputed)
    if not disputed:
        if not _is_disputed(values):
            return None
        disputed = [list(values)]
    kept = {id(value) for said in disputed for value in said}
    numbers = [
        [float(each.statement.number) for each in said if each.statement.number is not None] for said in disputed
    ]
    return _Disputed(
        [value.statement for value in values if id(value) in kept],
        [floats for each in numbers if len(floats := [float(number) for number in each if number is not None]) > 1],
        same_question,
    )


def _is_disputed(values: Sequence[_Value]) -> bool:
    return any(one.contradicts(other) for one, other in combinations(values, 2))


def _prices(version_ids: Sequence[int] | None, day: date) -> list[Conflict]:
    """List prices in force at 00:00 UTC of the day, as on the other pages, of which sources state different values."""
    moment = datetime.combine(day, time.min, tzinfo=UTC)
    on_sale = Q(offering__retired_on__isnull=True) | Q(offering__retired_on__gt=day)
    rows = Price.objects.filter(
        holds_at(moment), on_sale, announced=False, service_class="standard", min_input_tokens=0, offering__region=""
    )
    if version_ids is not None:
        rows = rows.filter(offering__version_id__in=version_ids)
    cells: defaultdict[tuple[int, str], defaultdict[int, list[PriceRow]]] = defaultdict(lambda: defaultdict(list))
    for row in map(PriceRow._make, rows.values_list(*PriceRow._fields)):
        cells[row.offering_id, row.component][row.source_id].append(row)
    disputed = {}
    for cell, by_source in cells.items():
        said = [of_one_source(found, moment=moment) for found in by_source.values()]
        if disagree(said):
            disputed[cell] = said
    sources = by_key(Source.objects.all(), (row.source_id for said in disputed.values() for row in said))
    joined = Offering.objects.select_related("provider", "version__model__developer")
    offerings = by_key(joined, (offering for offering, _ in disputed))
    found = []
    for (offering_id, component), said in disputed.items():
        offering = offerings[offering_id]
        shown, _ = choose(said, sources, moment=moment)
        statements = [
            _price_statement(row, sources[row.source_id], shown=row.id == shown.id) for row in at_the_same_time(said)
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


def _price_statement(row: PriceRow, source: Source, *, shown: bool) -> Statement:
    since = row.effective_from or row.observed_from
    detail = "" if since is None else f"{'since' if row.effective_from else 'seen'} {day_words(since)}"
    if row.last_seen:
        detail = f"{detail}, last seen {day_words(row.last_seen)}".lstrip(", ")
    usd = row.usd_per_mtok or Decimal(0)
    return Statement(f"{usd.normalize():f}", usd, source, detail, since.date() if since else None, shown)


def _scores(version_ids: Sequence[int] | None) -> list[Conflict]:
    """Benchmarks on which sources state several values; the shown one is that of the independent policy."""
    cells = {cell: scores for cell, scores in picked_scores(version_ids=version_ids).items() if len(scores) > 1}
    disputed = {}
    for cell, scores in cells.items():
        settings = _settings(scores)
        values = [_of_score(score, settings[score.pk], shown=score is scores[0]) for score in scores]
        if about := _disputed(values):
            disputed[cell] = (scores[0].benchmark, about)
    versions = by_key(ModelVersion.objects.select_related("model__developer"), (version for version, _ in disputed))
    found = []
    for (version, _), (benchmark, about) in disputed.items():
        is_share = benchmark.unit == Benchmark.Unit.FRACTION
        found.append(
            Conflict(
                kind="score",
                key=f"score:{versions[version].slug}:{benchmark.slug}",
                version=versions[version],
                what=str(benchmark),
                statements=about.statements,
                size=max(max(each) - min(each) if is_share else _relative(each) or 0.0 for each in about.numbers),
                same_question=about.same_question,
                unit=benchmark.unit,
            )
        )
    return found


def _settings(scores: Sequence[Score]) -> dict[int, tuple[str, ...]]:
    """What tells the tests of one benchmark apart, by score id: effort and shots.

    Free-text configurations are never written alike. Where some sources state the effort or the shots and another does
    not, nobody knows whether its test was one of theirs, so it is no question in common with any.
    """
    stated: dict[int, tuple[str, ...]] = {score.pk: (effort_label(score.effort), score.shots) for score in scores}
    for part in (0, 1):
        if len({setting[part] for setting in stated.values()}) > 1:
            stated = {
                score.pk: stated[score.pk] if stated[score.pk][part] else (*stated[score.pk], f"of {score.source_id}")
                for score in scores
            }
    return stated


def _of_score(score: Score, setting: tuple[str, ...], *, shown: bool) -> _Value:
    by = f"measured by {score.measured_by.name}" if score.measured_by else ""
    detail = ", ".join(filter(None, (by, score.effort, score.shots, score.harness, score.configuration)))
    statement = Statement(score.original_value, score.value, score.source, detail, score.measured_on, shown)
    return _Value(statement, setting, _printed_rounding(score))


def _printed_rounding(score: Score) -> float:
    """Half of the last digit printed, in the unit of the value: 56.1% may be anything from 56.05% to 56.15%."""
    try:
        exponent = Decimal(score.original_value.strip().rstrip("%")).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    if not isinstance(exponent, int):
        return 0.0
    half = 0.5 * 10.0**exponent
    if score.benchmark.unit != Benchmark.Unit.FRACTION:
        return half
    # Programs write 0.9 for 90%: a share is never rounded to more than half a point.
    return min(half / 100 if score.original_unit == "percent" else half, 0.005)


def _relative(values: Sequence[float]) -> float | None:
    """1 - smallest / largest, None for fewer than two values."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    return 0.0 if high == low else 1.0 if high <= 0 else 1.0 - low / high
