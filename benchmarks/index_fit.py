"""Speed of the capability index against scipy's general least-squares routine, on one table in one run.

    OPENBLAS_NUM_THREADS=1 python benchmarks/index_fit.py [CSV]

Without an argument: a made-up table as large as the published one (222 models, 57 benchmarks, about 2,400 scores). With
the path of a copy of https://epoch.ai/data/eci_benchmarks.csv: that one. The peer gets the analytic sparse Jacobian,
the same bounds, the same start and its default tolerance; both objectives are printed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported

import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult, least_squares
from scipy.sparse import csr_array

from economics.capability import IndexFit, bootstrap_index, fit_index
from economics.index_fit import Floats

RESAMPLES = 500


def made_up_table() -> pd.DataFrame:
    """222 models that improve over time, 57 benchmarks each tried by the models of its day; noise 0.08."""
    rng = np.random.default_rng(20)
    capability = np.linspace(-3.0, 2.5, 222) + rng.normal(0.0, 0.3, 222)
    difficulty = np.linspace(-2.5, 3.0, 57) + rng.normal(0.0, 0.3, 57)
    slope = np.exp(rng.normal(0.5, 0.4, 57))
    slope[0] = 1.0
    near = np.exp(-0.5 * ((capability[:, np.newaxis] - difficulty) / 1.5) ** 2)
    chosen = rng.random((222, 57)) < near * 2250 / near.sum()
    chosen[np.arange(222), np.argmin(np.abs(capability[:, np.newaxis] - difficulty), axis=1)] = True
    chosen[[60, 190]] = True  # the anchors take every test
    model, benchmark = np.nonzero(chosen)
    expected = 1.0 / (1.0 + np.exp(-slope[benchmark] * (capability[model] - difficulty[benchmark])))
    score = np.clip(expected + rng.normal(0.0, 0.08, model.size), 0.0, 1.0)
    return pd.DataFrame(
        {"model": [f"m{i:03d}" for i in model], "benchmark": [f"b{j:02d}" for j in benchmark], "score": score}
    )


def peer_fit(fit: IndexFit) -> OptimizeResult:
    """The same objective, one ridge row per parameter, by ``scipy.optimize.least_squares``."""
    problem, data = fit.problem, fit.problem.observations
    m, b, n = data.models, data.benchmarks, data.y.size
    free = np.flatnonzero(np.arange(b) != problem.anchor_benchmark)
    column = np.full(b, -1)
    column[free] = m + b + np.arange(b - 1)
    size = m + 2 * b - 1
    weight = math.sqrt(problem.penalty)
    rows = np.arange(n)
    slopes = rows[column[data.benchmark] >= 0]
    indices = (
        np.concatenate((rows, rows, slopes, n + np.arange(size))),
        np.concatenate((data.model, m + data.benchmark, column[data.benchmark[slopes]], np.arange(size))),
    )

    def parts(x: Floats) -> tuple[Floats, Floats, Floats]:
        slope = np.ones(b)
        slope[free] = x[m + b :]
        a, gap = slope[data.benchmark], x[data.model] - x[m + data.benchmark]
        return a, gap, 1.0 / (1.0 + np.exp(-a * gap))

    def residuals(x: Floats) -> Floats:
        return np.concatenate((parts(x)[2] - data.y, weight * x))

    def jacobian(x: Floats) -> csr_array:
        a, gap, s = parts(x)
        g = s * (1.0 - s)
        values = np.concatenate((g * a, -g * a, (g * gap)[slopes], np.full(size, weight)))
        return csr_array((values, indices), shape=(n + size, size))

    low = np.concatenate((np.full(m + b, -10.0), np.full(b - 1, 0.1)))
    mean = (np.bincount(data.benchmark, data.y, b) + 0.5) / (np.bincount(data.benchmark, minlength=b) + 1.0)
    start = np.concatenate((np.zeros(m), np.log((1.0 - mean) / mean), np.ones(b - 1)))
    return least_squares(residuals, start, jac=jacobian, bounds=(low, 10.0), tr_solver="lsmr")


def timed(work: Callable[[], object], runs: int) -> float:
    """Median seconds of ``runs`` calls after one warm-up."""
    work()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main(arguments: list[str]) -> None:
    if arguments:
        scores = pd.read_csv(arguments[0]).rename(columns={"performance": "score"})
        anchors, anchor_benchmark = {"Claude 3.5 Sonnet": 130.0, "GPT-5": 150.0}, "Winogrande"
    else:
        scores, anchors, anchor_benchmark = made_up_table(), {"m060": 130.0, "m190": 150.0}, "b00"

    def fit() -> IndexFit:
        return fit_index(scores=scores, anchor_models=anchors, anchor_benchmark=anchor_benchmark)

    result = fit()
    peer = peer_fit(result)
    ours, theirs = timed(fit, 9), timed(lambda: peer_fit(result), 3)
    started = time.perf_counter()
    bootstrap_index(fit=result, resamples=RESAMPLES, seed=0)
    resampling = time.perf_counter() - started
    print(f"table         {len(result.capability)} models x {len(result.difficulty)} benchmarks, {len(scores)} scores")
    print(f"objective     ours {result.objective:.6f}, peer {2.0 * peer.cost:.6f}")
    print(f"one fit       ours {ours:.4f} s, peer {theirs:.4f} s: {theirs / ours:.1f} times as fast (checks included)")
    print(f"{RESAMPLES} resamples  {resampling:.2f} s, {1e3 * resampling / RESAMPLES:.2f} ms each")
    print(f"ratio         one peer fit takes as long as {theirs * RESAMPLES / resampling:.0f} of our refits")


if __name__ == "__main__":
    main(sys.argv[1:])
