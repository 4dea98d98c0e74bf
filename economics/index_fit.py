"""The solver behind the capability index: arrays in, arrays out, no names and no index points.

Model i has a capability C_i, benchmark j a difficulty D_j and a slope a_j, and a score is expected at
sigmoid(a_j (C_i - D_j)). Each observation touches one C, one D and one a, so in the normal equations the block of the
capabilities is diagonal: it is eliminated (Schur complement) and what is left is one dense system of size twice the
number of benchmarks.

The systems are small (114 x 114 for 57 benchmarks). Callers should give the linear algebra library one thread
(``OPENBLAS_NUM_THREADS=1`` before numpy is imported): with more, its threads wait for each other and a fit takes
several times longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

from economics.errors import Unidentified

Floats: TypeAlias = NDArray[np.float64]
Positions: TypeAlias = NDArray[np.intp]

LATENT_BOUND = 10.0
SLOPE_BOUNDS = (0.1, 10.0)
MOST_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class Observations:
    """Scores in long form: ``y`` in (0, 1), the positions of its ``model`` and ``benchmark``, and the table's size."""

    y: Floats
    model: Positions
    benchmark: Positions
    models: int
    benchmarks: int


@dataclass(frozen=True, slots=True)
class Latent:
    """Parameters on the scale of the logit, before anchoring."""

    capability: Floats
    difficulty: Floats
    slope: Floats
    objective: float
    steps: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What to minimise: the observations, the benchmark whose slope is 1, the penalty per parameter, the loss.

    ``loss`` "squares":        sum w (s - y)^2                        + penalty (sum C^2 + sum D^2 + sum a^2)
    ``loss`` "cross_entropy":  sum -w (y log s + (1 - y) log(1 - s))  + penalty (sum C^2 + sum D^2 + sum (log a)^2)

    The sums over slopes leave the anchor benchmark out. The second form solves for log a, so its penalty pulls slopes
    towards 1, not towards 0.
    """

    observations: Observations
    anchor_benchmark: int
    penalty: float
    loss: str


def solve(
    problem: Problem, *, start: Latent | None = None, weights: Floats | None = None, tolerance: float = 1e-10
) -> Latent:
    """Levenberg-Marquardt with the capability block eliminated.

    Stops when one step lowers F by less than ``tolerance`` x F. ``weights``: one per observation (bootstrap counts), 1
    if absent. ``start``: refit from here. Parameters at a bound whose gradient points outward are held there, so that
    the others can settle.
    """
    return _Descent(problem, weights).run(start, tolerance)


def _squares(z: Floats, y: Floats, w: Floats) -> tuple[float, Floats, Floats]:
    """Loss, its half gradient and its Gauss-Newton curvature in z."""
    s = 1.0 / (1.0 + np.exp(-z))
    residual = s - y
    weighted = w * residual
    g = s * (1.0 - s)
    return float(weighted @ residual), weighted * g, w * g * g


def _cross_entropy(z: Floats, y: Floats, w: Floats) -> tuple[float, Floats, Floats]:
    """Loss, its half gradient and half curvature in z (halves, so that one penalty row fits both losses)."""
    s = 1.0 / (1.0 + np.exp(-z))
    loss = float(w @ (np.logaddexp(0.0, z) - y * z))
    return loss, 0.5 * w * (s - y), 0.5 * w * s * (1.0 - s)


_LOSSES: dict[str, Callable[[Floats, Floats, Floats], tuple[float, Floats, Floats]]] = {
    "squares": _squares,
    "cross_entropy": _cross_entropy,
}


class _Descent:
    """One minimisation. Parameters live in one vector: capabilities, difficulties, slopes (or their logarithms)."""

    def __init__(self, problem: Problem, weights: Floats | None) -> None:
        data = problem.observations
        self.data = data
        self.weights = np.ones_like(data.y) if weights is None else weights
        self.loss = _LOSSES[problem.loss]
        self.in_logs = problem.loss == "cross_entropy"
        self.penalty = problem.penalty
        self.anchor = data.models + data.benchmarks + problem.anchor_benchmark
        size = data.models + 2 * data.benchmarks
        self.low = np.full(size, -LATENT_BOUND)
        self.high = np.full(size, LATENT_BOUND)
        slopes = slice(data.models + data.benchmarks, size)
        self.low[slopes], self.high[slopes] = np.log(SLOPE_BOUNDS) if self.in_logs else SLOPE_BOUNDS
        self.low[self.anchor] = self.high[self.anchor] = 0.0 if self.in_logs else 1.0
        self.ridge = np.full(size, problem.penalty)
        self.ridge[self.anchor] = 0.0  # the anchor's slope is a constant, not a parameter

    def run(self, start: Latent | None, tolerance: float) -> Latent:
        theta = self._first_guess() if start is None else self._pack(start)
        objective, parts = self._evaluate(theta)
        damping = 1e-3
        for steps in range(1, MOST_STEPS + 1):
            gradient, blocks = self._normal_equations(theta, parts)
            held = ((theta <= self.low) & (gradient >= 0.0)) | ((theta >= self.high) & (gradient <= 0.0))
            while True:
                trial = np.clip(theta - self._direction(gradient, blocks, held, damping), self.low, self.high)
                lower, trial_parts = self._evaluate(trial)
                if lower <= objective:
                    break
                damping *= 4.0
                if damping > 1e12:  # no step of any length goes down: a minimum to machine precision
                    return self._unpack(theta, objective, steps)
            fall = objective - lower
            step = theta - trial
            expected = float(step @ (gradient + damping * blocks[0] * step))
            theta, parts, objective = trial, trial_parts, lower
            # Nielsen's rule: trust the quadratic model as far as it foretold the fall, so that a narrow bent valley is
            # followed in short steps and not crossed from wall to wall.
            gain = fall / expected if expected > 0.0 else 1.0
            damping = max(damping * max(0.2, 1.0 - (2.0 * min(gain, 1.0) - 1.0) ** 3), 1e-12)
            if fall <= tolerance * objective:
                return self._unpack(theta, objective, steps)
        raise Unidentified(
            f"The index fit still moved after {MOST_STEPS} steps; the scores hardly constrain it: raise ridge or drop "
            "benchmarks that share few models with the rest."
        )

    def _first_guess(self) -> Floats:
        """Capabilities 0, slopes 1, difficulties from the benchmarks' mean scores: no chance, so fits repeat."""
        data = self.data
        theta = np.zeros(self.low.size)
        total = np.bincount(data.benchmark, self.weights, data.benchmarks)
        mean = (np.bincount(data.benchmark, self.weights * data.y, data.benchmarks) + 0.5) / (total + 1.0)
        theta[data.models : data.models + data.benchmarks] = np.log((1.0 - mean) / mean)
        if not self.in_logs:
            theta[data.models + data.benchmarks :] = 1.0
        return theta

    def _pack(self, latent: Latent) -> Floats:
        slope = np.log(latent.slope) if self.in_logs else latent.slope
        packed = np.concatenate((latent.capability, latent.difficulty, slope))
        return np.asarray(np.clip(packed, self.low, self.high), np.float64)

    def _unpack(self, theta: Floats, objective: float, steps: int) -> Latent:
        models, benchmarks = self.data.models, self.data.benchmarks
        slope = theta[models + benchmarks :]
        return Latent(
            capability=theta[:models],
            difficulty=theta[models : models + benchmarks],
            slope=np.exp(slope) if self.in_logs else slope,
            objective=objective,
            steps=steps,
        )

    def _evaluate(self, theta: Floats) -> tuple[float, tuple[Floats, ...]]:
        data = self.data
        slope = theta[data.models + data.benchmarks :]
        a = (np.exp(slope) if self.in_logs else slope)[data.benchmark]
        gap = theta[data.model] - theta[data.models + data.benchmark]
        loss, gradient, curvature = self.loss(a * gap, data.y, self.weights)
        return loss + float(self.ridge @ (theta * theta)), (a, gap, gradient, curvature)

    def _normal_equations(self, theta: Floats, parts: tuple[Floats, ...]) -> tuple[Floats, tuple[Floats, ...]]:
        """Half gradient and the blocks of the half Hessian: capability diagonal, coupling, benchmark block."""
        data = self.data
        models, benchmarks = data.models, data.benchmarks
        a, gap, gradient_z, curvature = parts
        by_slope = a * gap if self.in_logs else gap  # dz/d(slope parameter); dz/dC = a and dz/dD = -a
        along = gradient_z * a
        gradient = self.ridge * theta
        gradient[:models] += np.bincount(data.model, along, models)
        gradient[models : models + benchmarks] -= np.bincount(data.benchmark, along, benchmarks)
        gradient[models + benchmarks :] += np.bincount(data.benchmark, gradient_z * by_slope, benchmarks)

        square = curvature * a * a
        cross = curvature * a * by_slope
        diagonal = self.ridge.copy()
        diagonal[:models] += np.bincount(data.model, square, models)
        diagonal[models : models + benchmarks] += np.bincount(data.benchmark, square, benchmarks)
        diagonal[models + benchmarks :] += np.bincount(data.benchmark, curvature * by_slope * by_slope, benchmarks)
        between = np.asarray(
            -np.bincount(data.benchmark, cross, benchmarks), np.float64
        )  # difficulty x slope of the same benchmark
        coupling = np.zeros((models, 2 * benchmarks))
        coupling[data.model, data.benchmark] = -square
        coupling[data.model, benchmarks + data.benchmark] = cross
        return gradient, (diagonal, between, coupling)

    def _direction(
        self, gradient: Floats, blocks: tuple[Floats, ...], held: NDArray[np.bool_], damping: float
    ) -> Floats:
        """Solve (H + damping diag H) step = gradient over the parameters that are not held."""
        models, benchmarks = self.data.models, self.data.benchmarks
        diagonal, between, coupling = blocks
        damped = diagonal * (1.0 + damping)
        damped[held] = 1.0
        gradient = np.where(held, 0.0, gradient)
        free_between = np.where(held[models : models + benchmarks] | held[models + benchmarks :], 0.0, between)
        coupling = coupling * ~held[models:]
        if held[:models].any():
            coupling[held[:models]] = 0.0

        scaled = coupling / damped[:models, np.newaxis]
        schur = -(coupling.T @ scaled)
        schur.flat[:: 2 * benchmarks + 1] += damped[models:]
        rows = np.arange(benchmarks)
        schur[rows, benchmarks + rows] += free_between
        schur[benchmarks + rows, rows] += free_between
        right = gradient[models:] - scaled.T @ gradient[:models]
        _, lower_part, info = dposv(schur, right, lower=1, overwrite_a=1)
        if info != 0:
            raise Unidentified("The index fit met a singular system; give a ridge above 0.")
        upper_part = (gradient[:models] - coupling @ lower_part) / damped[:models]
        return np.concatenate((upper_part, lower_part))
