"""What a fit of the capability index changed against the one before, and which scores are behind it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Inputs = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The index of a version in one fit; ``low`` and ``high`` are None for an anchor, which does not vary."""

    capability: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One score that went into one fit and not, or with another value, into the other; rescaled to 0 to 1."""

    version: str
    benchmark: str
    before: float | None
    after: float | None

    @property
    def words(self) -> str:
        if self.before is None:
            return f"{self.version} now has {self.benchmark} {self.after:.3f}"
        if self.after is None:
            return f"{self.version} lost {self.benchmark} {self.before:.3f}"
        return f"{self.version} on {self.benchmark} {self.before:.3f} to {self.after:.3f}"


@dataclass(frozen=True, slots=True)
class Moved:
    """A version whose index left its interval. Without scores of its own it moved because others did."""

    version: str
    before: float
    after: float
    scores: tuple[ScoreChange, ...]


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """Versions by slug. ``scores`` are all scores that differ between the two fits."""

    moved: tuple[Moved, ...]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    scores: tuple[ScoreChange, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.moved or self.entered or self.left)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> "IndexChanges":
        def scores(rows: Sequence[Mapping[str, Any]]) -> tuple[ScoreChange, ...]:
            return tuple(ScoreChange(**row) for row in rows)

        return cls(
            moved=tuple(
                Moved(row["version"], row["before"], row["after"], scores(row["scores"])) for row in data["moved"]
            ),
            entered=tuple(data["entered"]),
            left=tuple(data["left"]),
            scores=scores(data["scores"]),
        )


def compare_fits(
    *, before: Mapping[str, Estimate], after: Mapping[str, Estimate], old_inputs: Inputs, new_inputs: Inputs
) -> IndexChanges:
    """What moved beyond its interval of before, entered and left, and the scores that differ.

    An anchor stands still by definition. A version without an interval counts as moved from a hundredth of a point on.
    """
    old, new = ({(row[0], row[1]): float(row[2]) for row in rows} for rows in (old_inputs, new_inputs))
    differing = [
        ScoreChange(version, benchmark, old.get((version, benchmark)), new.get((version, benchmark)))
        for version, benchmark in sorted(old.keys() | new.keys())
        if old.get((version, benchmark)) != new.get((version, benchmark))
    ]
    of_version: defaultdict[str, list[ScoreChange]] = defaultdict(list)
    for change in differing:
        of_version[change.version].append(change)
    moved = [
        Moved(slug, before[slug].capability, estimate.capability, tuple(of_version[slug]))
        for slug, estimate in after.items()
        if slug in before and _has_left(before[slug], estimate.capability)
    ]
    moved.sort(key=lambda each: (-abs(each.after - each.before), each.version))
    return IndexChanges(
        tuple(moved),
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(differing),
    )


def _has_left(old: Estimate, value: float) -> bool:
    if old.low is None or old.high is None:
        return abs(value - old.capability) > 0.01
    return not old.low <= value <= old.high
