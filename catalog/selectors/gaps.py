"""What the catalog does not say about the models that people ask about most."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.models import Alias, Benchmark, Claim, Model, ModelVersion, Price, Score, TrainingPhase


class State(StrEnum):
    """Whether a value is there. What a developer keeps to itself is no task for an editor."""

    KNOWN = "known"
    MISSING = "missing"
    NOT_PUBLISHED = "not published"


# Attributes of weights and their training: a developer of closed weights publishes them rarely, so they count as kept
# back until a source is entered.
OF_WEIGHTS = ("parameters", "active_parameters", "training_tokens", "gpu_hours", "licence")
ATTRIBUTES = (*OF_WEIGHTS, "prices", "scores", "dates")
_CLAIMS = {
    "parameters": Claim.Attribute.TOTAL_PARAMS,
    "active_parameters": Claim.Attribute.ACTIVE_PARAMS,
    "training_tokens": Claim.Attribute.TRAINING_TOKENS,
    "gpu_hours": Claim.Attribute.TRAINING_GPU_HOURS,
    "licence": Claim.Attribute.LICENCE,
}


@dataclass(frozen=True, slots=True)
class Gaps:
    """One model: how many feeds and sources name it, and the state of each attribute."""

    model: str
    name: str
    developer: str
    named_by: int
    states: dict[str, State]
    index_scores: int

    @property
    def missing(self) -> list[str]:
        return [name for name in ATTRIBUTES if self.states[name] == State.MISSING]


def gaps(count: int = 60) -> list[Gaps]:
    """The ``count`` best-known models, those with the most gaps first; a fixed number of queries.

    Best known means: named by the most feeds (by an accepted alias) and sources (of a claim, score or price), all
    versions of the model taken together. A value known of one version counts for the model.
    """
    model_of = dict(ModelVersion.objects.order_by().values_list("pk", "model"))
    names: dict[int, set[str]] = defaultdict(set)
    _collect(names, model_of, Alias, ("version", "namespace"), lambda name: f"feed {name.partition('/')[0]}")
    for table, version in ((Claim, "version"), (Score, "version"), (Price, "offering__version")):
        _collect(names, model_of, table, (version, "source"), lambda pk: f"source {pk}")
    closed = _closed()
    known = _known(model_of)
    in_index = _index_scores(model_of)
    rows = []
    for model in Model.objects.select_related("developer").order_by("slug"):
        here = known[model.pk]
        states = {name: _state(name, here, is_closed=model.pk in closed) for name in ATTRIBUTES}
        rows.append(
            Gaps(model.slug, model.name, model.developer.name, len(names[model.pk]), states, in_index[model.pk])
        )
    best_known = sorted(rows, key=lambda row: (-row.named_by, row.model))[:count]
    return sorted(best_known, key=lambda row: (-len(row.missing), -row.named_by, row.model))


def _state(name: str, known: set[str], *, is_closed: bool) -> State:
    if name in known:
        return State.KNOWN
    return State.NOT_PUBLISHED if is_closed and name in OF_WEIGHTS else State.MISSING


def _collect(
    names: dict[int, set[str]],
    model_of: dict[int, int],
    table: Any,
    columns: tuple[str, str],
    word: Callable[[Any], str],
) -> None:
    rows = table.objects.filter(status=Alias.Status.ACCEPTED) if table is Alias else table.objects.all()
    for version, value in rows.order_by().values_list(*columns).distinct():
        if version in model_of:
            names[model_of[version]].add(word(value))


def _closed() -> set[int]:
    """Models of which some version has closed weights and none has open ones."""
    weights: dict[int, set[bool | None]] = defaultdict(set)
    for model, is_open in ModelVersion.objects.order_by().values_list("model", "open_weights"):
        weights[model].add(is_open)
    return {model for model, found in weights.items() if False in found and True not in found}


def _known(model_of: dict[int, int]) -> dict[int, set[str]]:
    known: dict[int, set[str]] = defaultdict(set)
    attributes: dict[str, str] = {attribute: name for name, attribute in _CLAIMS.items()}
    claims = Claim.objects.filter(superseded_by=None).order_by().values_list("version", "attribute").distinct()
    for version, attribute in claims:
        if attribute in attributes:
            known[model_of[version]].add(attributes[attribute])
    _mark(known, model_of, "gpu_hours", _versions(TrainingPhase, "run__version", gpu_hours__isnull=False))
    _mark(known, model_of, "training_tokens", _versions(TrainingPhase, "run__version", run__tokens__isnull=False))
    priced = [
        set(_versions(Price, "offering__version", component=component, usd_per_mtok__isnull=False))
        for component in ("input", "output")
    ]
    _mark(known, model_of, "prices", priced[0] & priced[1])
    _mark(known, model_of, "scores", _versions(Score, "version", benchmark__in_index=True, superseded_by=None))
    _mark(known, model_of, "dates", (version.pk for version in ModelVersion.objects.order_by() if version.released_on))
    return known


def _versions(table: Any, column: str, **conditions: Any) -> Iterable[int]:
    found: Iterable[int] = table.objects.filter(**conditions).order_by().values_list(column, flat=True).distinct()
    return found


def _mark(known: dict[int, set[str]], model_of: dict[int, int], name: str, versions: Iterable[int]) -> None:
    for version in versions:
        known[model_of[version]].add(name)


def _index_scores(model_of: dict[int, int]) -> dict[int, int]:
    """Number of benchmarks of the capability index on which a model has a score."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Score.objects.filter(benchmark__in=Benchmark.objects.filter(in_index=True), superseded_by=None).order_by()
    for version, benchmark in rows.values_list("version", "benchmark").distinct():
        found[model_of[version]].add(benchmark)
    return defaultdict(int, {model: len(benchmarks) for model, benchmarks in found.items()})
