"""The table of scores that a capability index rests on: normalised, one row per (model, benchmark), in one piece."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from economics._checks import Number, number
from economics.errors import Disconnected, InvalidArgument

Repeats: TypeAlias = Literal["max", "mean", "median"]


def normalise_score(*, raw: Number | None, chance: Number | None, ceiling: Number | None) -> float | None:
    """(raw - chance) / (ceiling - chance), clipped below at 0: 0 is guessing, 1 is the best score there can be.

    All three in the benchmark's own unit. Unknown in (None, or a raw NaN), unknown out. A raw score above the ceiling
    raises ``InvalidArgument``, since it means a wrong ceiling, unit or row; one below chance is noise and becomes 0.
    """
    if raw is None or chance is None or ceiling is None or math.isnan(raw):
        return None
    floor, top = number(chance, name="chance", low=-math.inf), number(ceiling, name="ceiling", low=-math.inf)
    if floor >= top:
        raise InvalidArgument(f"chance is {chance!r} and ceiling {ceiling!r}; chance must be below the ceiling.")
    score = number(raw, name="raw", low=-math.inf)
    if score > top:
        raise InvalidArgument(
            f"raw is {raw!r}, above the ceiling {ceiling!r}; check the unit (share or percent) and the row."
        )
    return max(0.0, (score - floor) / (top - floor))


def components(*, pairs: Iterable[tuple[Hashable, Hashable]]) -> list[set[Hashable]]:
    """Connected components of the graph whose edges are ``pairs`` (model, benchmark), largest first.

    Scores in different components cannot be compared: no chain of shared benchmarks leads from one to the other. Equal
    sizes keep the order in which they first appear. A label names one node wherever it stands in a pair.
    """
    parent: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in pairs:
        parent[root(other)] = root(one)
    groups: dict[Hashable, set[Hashable]] = {}
    for node in parent:
        groups.setdefault(root(node), set()).add(node)
    return sorted(groups.values(), key=len, reverse=True)


def tidy_scores(*, scores: pd.DataFrame, repeats: Repeats) -> pd.DataFrame:
    """One sorted row per (model, benchmark), every score checked to be in [0, 1]; see ``fit_index``."""
    if repeats not in get_args(Repeats):
        raise InvalidArgument(f"repeats is {repeats!r}; choose one of {', '.join(get_args(Repeats))}.")
    missing = [column for column in ("model", "benchmark", "score") if column not in scores.columns]
    if missing:
        raise InvalidArgument(f"scores lacks the column {missing[0]!r}; it needs model, benchmark and score.")
    if scores.empty:
        raise InvalidArgument("scores has no rows; an index needs at least two models that share benchmarks.")
    table = scores[["model", "benchmark", "score"]].reset_index(drop=True)
    unnamed = table["model"].isna() | table["benchmark"].isna()
    if unnamed.any():
        raise InvalidArgument(
            f"scores row {int(np.argmax(unnamed))} names no model or no benchmark; drop it or name it."
        )
    try:
        table["score"] = table["score"].astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"scores holds a score that is not a number ({error}).") from error
    wrong = ~table["score"].between(0.0, 1.0)
    if wrong.any():
        model, benchmark, score = next(table[wrong].itertuples(index=False, name=None))
        advice = "drop unknown scores" if math.isnan(score) else "normalise to [0, 1] first (normalise_score)"
        raise InvalidArgument(f"scores has {score} for {model!r} on {benchmark!r}; {advice}.")
    grouped = table.groupby(["model", "benchmark"], sort=True)["score"]
    return grouped.agg(repeats).reset_index()


def check_connected(*, table: pd.DataFrame) -> None:
    """Raise ``Disconnected`` if some models share no chain of benchmarks with the others."""
    # Tagged, so that a model and a benchmark of the same name stay two nodes.
    edges = zip(table["model"], table["benchmark"], strict=True)
    groups = components(pairs=((("model", model), ("benchmark", benchmark)) for model, benchmark in edges))
    if len(groups) < 2:
        return
    described = []
    for group in groups:
        names = sorted(str(node[1]) for node in group if isinstance(node, tuple) and node[0] == "model")
        described.append(f"{len(names)} models ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})")
    raise Disconnected(
        f"scores falls into {len(groups)} groups that share no benchmark: {'; '.join(described)}. "
        "Fit each group by itself; numbers of different groups cannot be compared."
    )


def data_hash(*, table: pd.DataFrame, settings: Mapping[str, object]) -> str:
    """SHA-256 over the tidy scores and every setting; floats are written by ``repr``, hence exactly."""
    rows = [[str(model), str(benchmark), score] for model, benchmark, score in table.itertuples(index=False, name=None)]
    content = [rows, dict(settings)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
