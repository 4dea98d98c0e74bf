"""One capability index from an incomplete table of benchmark scores, compatible with Epoch's published index.

Model (Epoch Capabilities Index, arXiv 2512.00193): model i is expected to score sigmoid(a_j (C_i - D_j)) on benchmark
j, within [0, 1]. Two anchor models fix the scale in index points, so only differences and order mean anything: the zero
is arbitrary, and the index must never be divided by a price (see ``economics.frontier``).

Give the linear algebra library one thread (``OPENBLAS_NUM_THREADS=1`` before numpy is imported); see
``economics.index_fit``. A fit belongs in a task, never in a request. ``score_new_model`` is instant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from economics._checks import count, number, positive, probability_level
from economics.bradley_terry import BradleyTerry, bradley_terry, win_probability
from economics.errors import BadAnchors, InvalidArgument, Unidentified
from economics.index_fit import LATENT_BOUND, Floats, Latent, Observations, Problem, solve
from economics.interval import Interval
from economics.score_table import Repeats, check_connected, components, data_hash, normalise_score, tidy_scores

__all__ = [
    "BradleyTerry",
    "IndexBootstrap",
    "IndexFit",
    "NewModelScore",
    "bootstrap_index",
    "bradley_terry",
    "components",
    "fit_index",
    "normalise_score",
    "score_new_model",
    "win_probability",
]

Loss: TypeAlias = Literal["squares", "cross_entropy"]
Status: TypeAlias = Literal["ranked", "provisional", "not_scored"]

# Measured on well-covered models rescored from a few random benchmarks: how far a score lies from its expectation, and
# from where on the error of the index is small enough to rank by.
SCORE_NOISE = 0.082
RANKED_BENCHMARKS = 4
RANKED_ERROR = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class IndexFit:
    """An index in index points, with all that is needed to repeat it.

    By model: ``capability`` (NaN where not scored), ``standard_error`` (index points), ``status``, ``benchmarks`` (how
    many the model has). By benchmark: ``difficulty`` (the index at which half the normalised score is expected) and
    ``slope`` (per index point). ``objective`` is the minimum of F. ``data_hash`` covers the scores and every setting:
    it names the version of the index. ``latent`` holds the unanchored parameters in the same order; index points are
    ``offset + scale * latent``.
    """

    capability: pd.Series[float]
    difficulty: pd.Series[float]
    slope: pd.Series[float]
    objective: float
    standard_error: pd.Series[float]
    status: pd.Series[str]
    benchmarks: pd.Series[int]
    offset: float
    scale: float
    anchor_models: Mapping[str, float]
    anchor_benchmark: str
    ridge: float
    clip: float
    loss: Loss
    method: str
    data_hash: str
    latent: Latent
    problem: Problem


@dataclass(frozen=True, slots=True, eq=False)
class IndexBootstrap:
    """Joint draws of the index and the interval they give.

    ``interval``: DataFrame by model with columns low and high (NaN for the anchors, which have none by definition, and
    for models that are not scored). ``draws``: DataFrame resamples x models, jointly drawn: use it for differences,
    ranks and frontier probabilities. ``discarded``: resamples in which the anchors changed places.
    """

    interval: pd.DataFrame
    draws: pd.DataFrame
    level: float
    resamples: int
    seed: int
    discarded: int
    method: str
    data_hash: str

    def interval_of(self, *, model: str) -> Interval | None:
        """The interval of one model, ``None`` for an anchor or a model that is not scored."""
        row = self.interval.index.get_indexer(pd.Index([model]))
        if row[0] < 0:
            raise InvalidArgument(f"model is {model!r}, which is not in this index.")
        low, high = self.interval[["low", "high"]].to_numpy(np.float64)[row[0]].tolist()
        return None if math.isnan(low) else Interval(low, high, self.level, self.method)

    def probability_above(self, *, model: str, other: str) -> float:
        """Share of draws in which ``model`` is above ``other``; compare by this, never by overlapping intervals."""
        return float((self.draws[model] > self.draws[other]).mean())


@dataclass(frozen=True, slots=True)
class NewModelScore:
    """A model placed on a finished index: ``capability`` (``None`` if not scored) and ``standard_error`` in points."""

    capability: float | None
    standard_error: float | None
    status: Status
    benchmarks: int


def fit_index(
    *,
    scores: pd.DataFrame,
    anchor_models: Mapping[str, float],
    anchor_benchmark: str,
    ridge: float = 0.1,
    clip: float = 1e-3,
    loss: Loss = "squares",
    repeats: Repeats = "max",
) -> IndexFit:
    """Fit capabilities, difficulties and slopes to normalised scores, and express them in index points.

    Minimises  F = sum (sigmoid(a_j (C_i - D_j)) - y_ij)^2 + (ridge / P) (sum C^2 + sum D^2 + sum of free a_j^2)
    with y clipped to [clip, 1 - clip], P = models + 2 benchmarks - 1, slope 1 for the anchor benchmark, |C|, |D| <= 10
    and 0.1 <= a <= 10. The index is A + B C with A, B set by the two anchor models. ``loss="cross_entropy"`` minimises
    -sum (y log s + (1 - y) log(1 - s)) + (ridge / P) (sum C^2 + sum D^2 + sum (log a_j)^2) instead: steadier for models
    with few scores.

    ``scores``: DataFrame with columns model, benchmark, score (in [0, 1], see ``normalise_score``); row order does not
    matter. Several rows for one (model, benchmark) become one by ``repeats``: their maximum (the published default),
    mean or median. ``anchor_models``: two models and their index values. ``ridge``: lambda, dimensionless.

    Standard error: B x 0.082 / sqrt(sum_j (a_j s_j (1 - s_j))^2 + ridge), s_j the expected scores: benchmarks near
    floor or ceiling carry no information. Measured errors follow it up to 3 points and exceed it beyond. Status:
    "ranked" with >= 4 benchmarks and an error <= 3 points, "not_scored" with one benchmark (its capability is NaN,
    unless it is an anchor), else "provisional".

    Raises ``InvalidArgument`` (missing column, NaN, score outside [0, 1]), ``BadAnchors`` (missing, equal, inverted)
    and ``Disconnected`` (some models share no chain of benchmarks with the others: fit each group by itself).
    Source: arXiv 2512.00193; the penalty here is one row per parameter: the same objective, better conditioned.
    """
    _check_settings(ridge=ridge, clip=clip, loss=loss)
    table = tidy_scores(scores=scores, repeats=repeats)
    model_codes, models = pd.factorize(table["model"], sort=True)
    benchmark_codes, benchmarks = pd.factorize(table["benchmark"], sort=True)
    _check_anchors(anchor_models, anchor_benchmark, models, benchmarks)
    check_connected(table=table)

    observations = Observations(
        y=np.clip(table["score"].to_numpy(np.float64), clip, 1.0 - clip),
        model=model_codes.astype(np.intp),
        benchmark=benchmark_codes.astype(np.intp),
        models=len(models),
        benchmarks=len(benchmarks),
    )
    problem = Problem(
        observations=observations,
        anchor_benchmark=_positions(benchmarks, [anchor_benchmark])[0],
        penalty=ridge / (len(models) + 2 * len(benchmarks) - 1),
        loss=loss,
    )
    latent = solve(problem)
    anchors = {name: float(value) for name, value in sorted(anchor_models.items(), key=lambda item: item[1])}
    ends = _positions(models, list(anchors))
    offset, scale = _anchoring(latent.capability, ends, list(anchors.values()))
    if not scale > 0:
        low, high = anchors
        raise BadAnchors(
            f"anchor_models puts {high!r} above {low!r}, but the scores put it at or below; choose anchors that the "
            "benchmarks tell apart in that order."
        )

    error = scale * SCORE_NOISE / np.sqrt(_information(problem, latent) + ridge)
    counts = np.bincount(observations.model, minlength=len(models))
    status = [_status(int(benchmarks), float(width)) for benchmarks, width in zip(counts, error, strict=True)]
    capability = pd.Series(offset + scale * latent.capability, index=models, name="capability")
    capability[[state == "not_scored" for state in status]] = math.nan
    for name, value in anchors.items():
        capability[name] = value
    return IndexFit(
        capability=capability,
        difficulty=pd.Series(offset + scale * latent.difficulty, index=benchmarks, name="difficulty"),
        slope=pd.Series(latent.slope / scale, index=benchmarks, name="slope"),
        objective=latent.objective,
        standard_error=pd.Series(error, index=models, name="standard_error"),
        status=pd.Series(status, index=models, name="status", dtype="str"),
        benchmarks=pd.Series(counts, index=models, name="benchmarks"),
        offset=offset,
        scale=scale,
        anchor_models=anchors,
        anchor_benchmark=anchor_benchmark,
        ridge=ridge,
        clip=clip,
        loss=loss,
        method=f"logistic item response, {loss.replace('_', ' ')}",
        data_hash=data_hash(
            table=table,
            settings={
                "anchor_models": anchors,
                "anchor_benchmark": anchor_benchmark,
                "ridge": ridge,
                "clip": clip,
                "loss": loss,
            },
        ),
        latent=latent,
        problem=problem,
    )


def bootstrap_index(*, fit: IndexFit, resamples: int = 500, level: float = 0.9, seed: int = 0) -> IndexBootstrap:
    """Resample each model's scores with replacement, refit, anchor again; keep the joint draws.

    Every model keeps its number of scores, so the set of models stays. Refits start from ``fit`` and stop at a relative
    fall of 1e-6. The interval is the central ``level`` range of the draws. Use 500 or more: between two runs of 200 an
    end point moves by 0.3 points (median) and 2.2 (95th percentile). Same seed, same bytes; the first draws of a longer
    run equal those of a shorter one. Resamples whose anchors change places are left out and counted; more than 5% of
    them raise ``Unidentified``.
    """
    resamples, seed = count(resamples, name="resamples", low=2), count(seed, name="seed")
    level = probability_level(level)
    data = fit.problem.observations
    rng = np.random.default_rng(seed)
    by_model = np.argsort(data.model, kind="stable")
    rows_of = np.bincount(data.model, minlength=data.models)
    first = np.concatenate(([0], np.cumsum(rows_of)[:-1]))[data.model]
    own = rows_of[data.model]
    models = fit.capability.index
    ends = _positions(models, list(fit.anchor_models))
    values = list(fit.anchor_models.values())

    rows: list[Floats] = []
    for _ in range(resamples):
        picked = by_model[first + np.floor(rng.random(own.size) * own).astype(np.intp)]
        weights = np.bincount(picked, minlength=own.size).astype(np.float64)
        drawn = solve(fit.problem, start=fit.latent, weights=weights, tolerance=1e-6)
        offset, scale = _anchoring(drawn.capability, ends, values)
        if scale > 0:
            rows.append(offset + scale * drawn.capability)
    discarded = resamples - len(rows)
    if discarded > 0.05 * resamples:
        raise Unidentified(
            f"In {discarded} of {resamples} resamples the anchors {' and '.join(map(repr, fit.anchor_models))} changed "
            "places; choose anchors with more benchmarks or further apart."
        )
    draws = pd.DataFrame(np.array(rows), columns=models)
    draws[list(fit.anchor_models)] = values
    draws[models[fit.capability.isna()]] = math.nan
    tail = (1.0 - level) / 2.0
    interval = pd.DataFrame(
        {"low": draws.quantile(tail), "high": draws.quantile(1.0 - tail)}, index=models, dtype=np.float64
    )
    interval.loc[list(fit.anchor_models)] = math.nan
    return IndexBootstrap(
        interval=interval,
        draws=draws,
        level=level,
        resamples=resamples,
        seed=seed,
        discarded=discarded,
        method="bootstrap of each model's scores",
        data_hash=fit.data_hash,
    )


def score_new_model(*, fit: IndexFit, scores: Mapping[str, float | None]) -> NewModelScore:
    """Place a model on a finished index without refitting: benchmarks frozen, one capability to find.

    Minimises the same loss and penalty as ``fit`` over C alone. ``scores``: normalised score by benchmark; ``None``
    is unknown and left out. For well-covered models it lands within 0.05 points of the joint fit. Standard error and
    status follow the rules of ``fit_index``; with one benchmark the model is not scored, with none nothing is known.
    Raises ``InvalidArgument`` for a benchmark that the fit does not know or a score outside [0, 1].
    """
    known = {name: float(score) for name, score in scores.items() if score is not None}
    for name, score in known.items():
        if name not in fit.difficulty.index:
            raise InvalidArgument(
                f"scores names the benchmark {name!r}, which is not in this index; leave it out or refit."
            )
        if not 0.0 <= score <= 1.0:
            raise InvalidArgument(f"scores[{name!r}] is {score!r}; normalise it to [0, 1] first (normalise_score).")
    if not known:
        return NewModelScore(capability=None, standard_error=None, status="not_scored", benchmarks=0)
    positions = _positions(fit.difficulty.index, list(known))
    y = np.clip(np.array(list(known.values())), fit.clip, 1.0 - fit.clip)
    slope, difficulty = fit.latent.slope[positions], fit.latent.difficulty[positions]
    latent = _best_capability(y, slope, difficulty, fit.problem.penalty, fit.loss)
    s = 1.0 / (1.0 + np.exp(-slope * (latent - difficulty)))
    error = fit.scale * SCORE_NOISE / math.sqrt(float(np.sum((slope * s * (1.0 - s)) ** 2)) + fit.ridge)
    status = _status(len(known), error)
    return NewModelScore(
        capability=None if status == "not_scored" else fit.offset + fit.scale * latent,
        standard_error=error,
        status=status,
        benchmarks=len(known),
    )


def _best_capability(y: Floats, slope: Floats, difficulty: Floats, penalty: float, loss: str) -> float:
    """Global minimum over C: best of a grid, then golden-section steps between its neighbours."""

    def objective(candidates: Floats) -> Floats:
        z = slope[:, np.newaxis] * (candidates - difficulty[:, np.newaxis])
        if loss == "squares":
            each = (1.0 / (1.0 + np.exp(-z)) - y[:, np.newaxis]) ** 2
        else:
            each = np.logaddexp(0.0, z) - y[:, np.newaxis] * z
        return np.asarray(each.sum(axis=0) + penalty * candidates**2, np.float64)

    low, high = -LATENT_BOUND, LATENT_BOUND
    while high - low > 1e-9:  # each pass narrows the bracket a hundredfold
        grid = np.linspace(low, high, 401)
        best = int(np.argmin(objective(grid)))
        low, high = float(grid[max(best - 2, 0)]), float(grid[min(best + 2, grid.size - 1)])
    return 0.5 * (low + high)


def _information(problem: Problem, latent: Latent) -> Floats:
    """By model: sum over its benchmarks of (a s (1 - s))^2."""
    data = problem.observations
    a = latent.slope[data.benchmark]
    s = 1.0 / (1.0 + np.exp(-a * (latent.capability[data.model] - latent.difficulty[data.benchmark])))
    return np.asarray(np.bincount(data.model, (a * s * (1.0 - s)) ** 2, data.models), np.float64)


def _positions(index: pd.Index[Any], names: list[str]) -> list[int]:
    return [int(position) for position in index.get_indexer(pd.Index(names))]


def _status(benchmarks: int, error: float) -> Status:
    if benchmarks < 2:
        return "not_scored"
    return "ranked" if benchmarks >= RANKED_BENCHMARKS and error <= RANKED_ERROR else "provisional"


def _anchoring(capability: Floats, ends: list[int], values: list[float]) -> tuple[float, float]:
    """Offset A and scale B of the affine map; the scale is 0 or negative when the anchors coincide or invert."""
    low, high = (float(capability[position]) for position in ends)
    scale = (values[1] - values[0]) / (high - low) if high > low else 0.0
    return values[0] - scale * low, scale


def _check_settings(*, ridge: float, clip: float, loss: str) -> None:
    positive(ridge, name="ridge")
    if not 0.0 < number(clip, name="clip") < 0.5:
        raise InvalidArgument(f"clip is {clip!r}; give a number between 0 and 0.5 (0.001 is published).")
    if loss not in get_args(Loss):
        raise InvalidArgument(f"loss is {loss!r}; choose one of {', '.join(get_args(Loss))}.")


def _check_anchors(
    anchor_models: Mapping[str, float], anchor_benchmark: str, models: pd.Index[Any], benchmarks: pd.Index[Any]
) -> None:
    if len(anchor_models) != 2:
        raise BadAnchors(
            f"anchor_models has {len(anchor_models)} entries; two models with two different values fix a scale."
        )
    for name, value in anchor_models.items():
        if name not in models:
            raise BadAnchors(f"anchor_models names {name!r}, which has no score; choose a model of the table.")
        if not math.isfinite(value):
            raise BadAnchors(f"anchor_models[{name!r}] is {value!r}; give a finite number of index points.")
    if len(set(anchor_models.values())) < 2:
        raise BadAnchors(
            f"anchor_models gives both models the value {next(iter(anchor_models.values()))!r}; they must differ."
        )
    if anchor_benchmark not in benchmarks:
        raise BadAnchors(
            f"anchor_benchmark is {anchor_benchmark!r}, which has no score; choose a benchmark of the table."
        )
