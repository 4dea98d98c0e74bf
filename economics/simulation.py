"""Repeatable randomness: what a simulation was run with, and the resampling that bootstraps share."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from economics._checks import FloatArray, count

RESAMPLES = 2_000
_CELLS_AT_ONCE = 2_000_000  # 16 MB of weights; a big table is resampled in blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is needed to draw the same numbers again: the seed, how many draws, and a hash of the inputs."""

    seed: int
    resamples: int
    input_sha256: str


def simulation(*inputs: ArrayLike, seed: int, resamples: int) -> Simulation:
    """Describe a simulation over numeric ``inputs``. The hash depends on their values, shapes and order."""
    digest = hashlib.sha256()
    for values in inputs:
        array = np.ascontiguousarray(values, dtype="<f8")
        digest.update(repr(array.shape).encode())
        digest.update(array.tobytes())
    return Simulation(
        seed=count(seed, name="seed"),
        resamples=count(resamples, name="resamples", low=1),
        input_sha256=digest.hexdigest(),
    )


def resampled_sums(*, groups: FloatArray, resamples: int, seed: int) -> FloatArray:
    """Draw ``len(groups)`` rows with replacement, ``resamples`` times, and return the sum of each draw.

    groups   (G, K): one row of K totals per independent group (an item, or a cluster of items)
    returns  (resamples, K)
    """
    rng = np.random.default_rng(count(seed, name="seed"))
    size = len(groups)
    shares = np.full(size, 1.0 / size)
    block = max(1, _CELLS_AT_ONCE // size)
    sums = [
        rng.multinomial(size, shares, size=min(block, resamples - start)) @ groups
        for start in range(0, resamples, block)
    ]
    return np.concatenate(sums).astype(np.float64)


def even_uniforms(*, draws: int, dimensions: int, seed: int) -> FloatArray:
    """Return (dimensions, draws) numbers in [0, 1) that fill the cube evenly, shifted at random by ``seed``.

    A Kronecker sequence: point i is i x alpha + shift, modulo 1, with alpha_d = g^-d and g the positive root of
    g^(dimensions + 1) = g + 1. Quantiles settle far sooner than with independent draws.
    """
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    shifts = np.random.default_rng(count(seed, name="seed")).random(dimensions)
    points: FloatArray = (shifts[:, None] + steps[:, None] * np.arange(1, draws + 1)) % 1.0
    return points
