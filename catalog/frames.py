"""Tables of catalog facts as pandas frames. For tasks and commands only: a web process never imports pandas."""

from dataclasses import dataclass

import pandas as pd

from catalog.models import ModelVersion
from catalog.selectors.scores import ScorePolicy, picked_scores
from economics.capability import components, normalise_score

# A benchmark with fewer versions hardly tells them apart, yet would count as one more for each of them.
LEAST_VERSIONS = 3


@dataclass(frozen=True, slots=True)
class IndexTable:
    """What an index is fitted to.

    ``scores``: model (version slug), benchmark (slug), score in [0, 1]. ``left_out``: number of benchmarks by version
    slug for versions that share no chain of benchmarks with the rest. ``anchor_benchmark``: the most widely covered.
    """

    scores: pd.DataFrame
    left_out: dict[str, int]
    anchor_benchmark: str


def index_table(*, policy: ScorePolicy = "independent") -> IndexTable:
    """Scores for the capability index: benchmarks marked "in index", one score per version and benchmark by policy.

    Scores of low confidence do not take part, nor do benchmarks with fewer than three versions. Each score is rescaled
    so that guessing is 0 and everything right is 1. Only the largest connected group is kept: scores across groups have
    no common scale.
    """
    slugs = dict(ModelVersion.objects.values_list("pk", "slug"))
    picked = [scores[0] for scores in picked_scores(policy=policy, in_index=True).values()]
    rows = [
        (
            slugs[score.version_id],
            score.benchmark.slug,
            normalise_score(
                raw=score.value, chance=score.benchmark.chance or 0.0, ceiling=score.benchmark.ceiling or 1.0
            ),
        )
        for score in picked
    ]
    table = pd.DataFrame(rows, columns=["model", "benchmark", "score"])
    table = table[table.groupby("benchmark")["model"].transform("size") >= LEAST_VERSIONS]
    edges = zip(table["model"], table["benchmark"], strict=True)
    groups = components(pairs=((model, ("benchmark", benchmark)) for model, benchmark in edges))
    inside = table["model"].isin(groups[0] if groups else set())
    left_out = table[~inside].groupby("model").size()
    table = table[inside].sort_values(["model", "benchmark"], ignore_index=True)
    coverage = table.groupby("benchmark").size()
    return IndexTable(
        scores=table,
        left_out={str(slug): int(count) for slug, count in left_out.items()},
        anchor_benchmark="" if coverage.empty else str(coverage.idxmax()),
    )
