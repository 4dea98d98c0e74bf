"""Strengths from pairwise votes (arenas): Bradley-Terry by Newton's method."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components

from economics.errors import InvalidArgument, MismatchedShapes, Unidentified

ELO_PER_LOGIT = 400.0 / math.log(10.0)
FALLBACK_RIDGE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class BradleyTerry:
    """Strengths by player, mean 0 on the log scale.

    ``log_strength``: b, with P(i beats j) = sigmoid(b_i - b_j). ``elo``: offset + 400/ln(10) x b. ``standard_error``:
    of ``log_strength``, from the curvature, for the mean-0 scale. ``ridge``: the penalty really used. ``regularised``
    is True when the votes have no finite maximum and a ridge had to stand in; ``warning`` then says why: such strengths
    depend on the ridge and belong in no ranking.
    """

    log_strength: pd.Series[float]
    elo: pd.Series[float]
    standard_error: pd.Series[float]
    ridge: float
    regularised: bool
    warning: str | None


def bradley_terry(
    *,
    wins: pd.DataFrame | ArrayLike,
    ridge: float = 0.0,
    ties: pd.DataFrame | ArrayLike | None = None,
    offset: float = 1000.0,
) -> BradleyTerry:
    """Maximise sum_ij w_ij log sigmoid(b_i - b_j) - ridge / 2 sum b^2, then centre b at mean 0.

    ``wins``: n x n, row beat column so many times (a DataFrame names the players); the diagonal must be 0. ``ties``:
    n x n symmetric counts; each tie is half a win for both. ``offset``: Elo of the mean player.

    A finite maximum exists if and only if the graph "beat at least once" is strongly connected: a chain of wins leads
    from everybody to everybody. Otherwise (somebody never won or never lost, or the players fall into groups) a ridge
    of 0.01 stands in if none was given, and the result is flagged.
    """
    players, votes = _votes(wins, ties)
    if not (ridge >= 0.0 and math.isfinite(ridge)):
        raise InvalidArgument(f"ridge is {ridge!r}; give 0 or a positive number.")
    warning = _why_unbounded(players, votes)
    used = FALLBACK_RIDGE if warning is not None and ridge == 0.0 else ridge
    strength, covariance = _newton(votes, used)
    return BradleyTerry(
        log_strength=pd.Series(strength, index=players, name="log_strength"),
        elo=pd.Series(offset + ELO_PER_LOGIT * strength, index=players, name="elo"),
        standard_error=pd.Series(np.sqrt(np.diag(covariance)), index=players, name="standard_error"),
        ridge=used,
        regularised=warning is not None,
        warning=warning,
    )


def win_probability(*, elo_a: float, elo_b: float) -> float:
    """P(a beats b) = 1 / (1 + 10^((elo_b - elo_a) / 400)), a tie counting half."""
    difference = (float(elo_b) - float(elo_a)) / 400.0
    if math.isnan(difference):
        raise InvalidArgument(f"elo_a is {elo_a!r} and elo_b {elo_b!r}; both must be numbers.")
    if difference > 300.0:
        return 0.0
    return 1.0 / (1.0 + math.pow(10.0, difference))


def _votes(
    wins: pd.DataFrame | ArrayLike, ties: pd.DataFrame | ArrayLike | None
) -> tuple[pd.Index[str], NDArray[np.float64]]:
    try:
        table = wins if isinstance(wins, pd.DataFrame) else pd.DataFrame(np.asarray(wins, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"wins must be a square table, row beat column so many times ({error}).") from error
    if table.shape[0] != table.shape[1] or table.shape[0] < 2:
        raise MismatchedShapes(f"wins has shape {table.shape}; give a square table of at least two players.")
    if not table.index.equals(table.columns):
        raise MismatchedShapes("wins names its rows and columns differently; give both in the same order.")
    votes = table.to_numpy(dtype=np.float64, copy=True)
    _check_counts(votes, "wins")
    if ties is not None:
        half = np.asarray(ties, dtype=np.float64)
        if half.shape != votes.shape:
            raise MismatchedShapes(f"ties has shape {half.shape} and wins {votes.shape}; give the same players.")
        _check_counts(half, "ties")
        if not np.array_equal(half, half.T):
            raise InvalidArgument("ties is not symmetric; write each pair's number of ties on both sides.")
        votes += half / 2.0
    return table.index, votes


def _check_counts(counts: NDArray[np.float64], name: str) -> None:
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise InvalidArgument(f"{name} holds a negative or missing count; a pair that never met has 0.")
    if np.diag(counts).any():
        raise InvalidArgument(f"{name} has a player against itself (diagonal); the diagonal must be 0.")


def _why_unbounded(players: pd.Index[str], votes: NDArray[np.float64]) -> str | None:
    """Why the likelihood has no finite maximum, or None when it has one."""
    groups, _ = connected_components(votes > 0, directed=True, connection="strong")
    if groups == 1:
        return None
    apart, _ = connected_components(votes > 0, directed=False)
    if apart > 1:
        return f"The players fall into {apart} groups that never met; strengths of different groups cannot be compared."
    for verb, total in (("lost", votes.sum(axis=0)), ("won", votes.sum(axis=1))):
        names = [str(player) for player in players[total == 0]]
        if names:
            return f"{', '.join(names)} never {verb}, so the strength has no finite estimate."
    return "Some players beat others and were never beaten back by any chain, so strengths have no finite estimate."


def _newton(votes: NDArray[np.float64], ridge: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Damped Newton on the mean-0 scale; returns strengths and their covariance there."""
    size = votes.shape[0]
    games = votes + votes.T
    centre = np.full((size, size), 1.0 / size)  # pins the free shift: adds curvature along (1, …, 1) only
    strength = np.zeros(size)
    won = votes.sum(axis=1)

    def objective(b: NDArray[np.float64]) -> float:
        return float((votes * np.logaddexp(0.0, b[np.newaxis, :] - b[:, np.newaxis])).sum() + 0.5 * ridge * (b @ b))

    for _ in range(200):
        p = 1.0 / (1.0 + np.exp(strength[np.newaxis, :] - strength[:, np.newaxis]))
        gradient = won - (games * p).sum(axis=1) - ridge * strength
        curvature = games * p * (1.0 - p)
        hessian = np.diag(curvature.sum(axis=1) + ridge) - curvature
        step = np.linalg.solve(hessian + centre, gradient)
        step -= step.mean()
        if np.abs(step).max() < 1e-8:  # Newton squares the error, so this last step leaves only rounding
            return strength + step, np.linalg.inv(hessian + centre) - centre / (1.0 + ridge)
        value = objective(strength)
        while objective(strength + step) > value and np.abs(step).max() > 1e-8:
            step /= 2.0
        strength = strength + step
    raise Unidentified("The strengths did not settle in 200 steps; give a larger ridge.")
