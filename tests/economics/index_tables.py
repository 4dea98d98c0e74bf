"""Tables of scores whose truth is known, for the tests of the capability index."""

import math
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from economics.capability import IndexFit, fit_index

Floats: TypeAlias = NDArray[np.float64]

# Twelve models from weak to strong, eight benchmarks from easy to hard; every third cell or so is missing. The
# "noise" is a fixed wave, so the numbers are the same on every machine.
TRUE_CAPABILITY = np.linspace(-2.0, 2.0, 12)
TRUE_DIFFICULTY = np.linspace(-1.5, 1.8, 8)
TRUE_SLOPE = np.array([1.0, 1.6, 0.8, 2.2, 1.2, 1.9, 0.7, 1.4])
ANCHORS = {"m02": 130.0, "m09": 150.0}
# The index of model i when the table is exact: m02 and m09 are 7 steps of 4/11 apart.
TRUE_INDEX = 130.0 + 20.0 * (np.arange(12) - 2) / 7.0


def table(noise: float = 0.0, rows: list[Any] | None = None) -> pd.DataFrame:
    records: list[Any] = []
    for i, capability in enumerate(TRUE_CAPABILITY):
        for j, (difficulty, slope) in enumerate(zip(TRUE_DIFFICULTY, TRUE_SLOPE, strict=True)):
            if (i * 5 + j * 3) % 7 < 2:
                continue
            score = 1.0 / (1.0 + math.exp(-slope * (capability - difficulty)))
            score += noise * math.sin(12.9898 * i + 78.233 * j)
            records.append((f"m{i:02d}", f"b{j}", min(max(score, 0.0), 1.0)))
    return pd.DataFrame(records + (rows or []), columns=["model", "benchmark", "score"])


def fit(scores: pd.DataFrame | None = None, **settings: Any) -> IndexFit:
    arguments: dict[str, Any] = {"anchor_models": ANCHORS, "anchor_benchmark": "b0"} | settings
    return fit_index(scores=table(noise=0.08) if scores is None else scores, **arguments)


def expected_scores(result: IndexFit, scores: pd.DataFrame) -> Floats:
    """What the published curve says for each row, in index points."""
    gap = result.capability[scores["model"]].to_numpy() - result.difficulty[scores["benchmark"]].to_numpy()
    return 1.0 / (1.0 + np.exp(-result.slope[scores["benchmark"]].to_numpy() * gap))
