"""Bradley-Terry strengths from votes."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.capability import bradley_terry, win_probability
from economics.errors import InvalidArgument, MismatchedShapes

# The same examples every time, and no stopwatch: a slow machine fails no test.
steady = settings(deadline=None, derandomize=True)

ELO = 400.0 / math.log(10.0)


def test_two_players_have_the_log_odds_between_them() -> None:
    result = bradley_terry(wins=[[0, 3], [1, 0]])
    assert result.log_strength.tolist() == pytest.approx([math.log(3) / 2, -math.log(3) / 2])
    assert result.elo.tolist() == pytest.approx([1000 + ELO * math.log(3) / 2, 1000 - ELO * math.log(3) / 2])
    # One log odds of 4 votes has variance 1/3 + 1/1; each centred strength is half of it.
    assert result.standard_error.tolist() == pytest.approx([math.sqrt(4 / 3) / 2] * 2)
    assert (result.ridge, result.regularised, result.warning) == (0.0, False, None)


def test_strengths_are_recovered_from_expected_votes() -> None:
    truth = np.array([1.0, 0.25, -0.25, -1.0])
    wins = 100.0 / (1.0 + np.exp(truth[np.newaxis, :] - truth[:, np.newaxis]))
    np.fill_diagonal(wins, 0.0)
    names = ["a", "b", "c", "d"]
    result = bradley_terry(wins=pd.DataFrame(wins, index=names, columns=names))
    np.testing.assert_allclose(result.log_strength[names], truth, atol=1e-9)
    assert win_probability(elo_a=result.elo["a"], elo_b=result.elo["d"]) == pytest.approx(1 / (1 + math.exp(-2.0)))


def test_a_tie_is_half_a_win_for_both() -> None:
    tied = bradley_terry(wins=[[0, 2], [0, 0]], ties=[[0, 2], [2, 0]])
    assert tied.log_strength.equals(bradley_terry(wins=[[0, 3], [1, 0]]).log_strength)


def test_standard_error_is_the_pseudo_inverse_of_the_curvature() -> None:
    wins = np.array([[0, 8, 5], [2, 0, 6], [3, 4, 0]])
    result = bradley_terry(wins=wins)
    b = result.log_strength.to_numpy()
    p = 1.0 / (1.0 + np.exp(b[np.newaxis, :] - b[:, np.newaxis]))
    curvature = (wins + wins.T) * p * (1 - p)
    information = np.diag(curvature.sum(axis=1)) - curvature
    expected = np.sqrt(np.diag(np.linalg.pinv(information)))
    np.testing.assert_allclose(result.standard_error, expected, rtol=1e-9)
    np.testing.assert_allclose(wins.sum(axis=1), ((wins + wins.T) * p).sum(axis=1))


@pytest.mark.parametrize(
    ("wins", "why"),
    [
        ([[0, 3, 5], [1, 0, 2], [0, 0, 0]], "2 never won"),
        ([[0, 3, 5], [0, 0, 2], [0, 2, 0]], "0 never lost"),
        ([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], "2 groups that never met"),
        ([[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0]], "never beaten back by any chain"),
    ],
)
def test_votes_without_a_finite_maximum_get_a_ridge_and_a_flag(wins: list[list[float]], why: str) -> None:
    result = bradley_terry(wins=wins)
    assert result.regularised
    assert why in str(result.warning)
    assert result.ridge == 0.01
    assert np.isfinite(result.log_strength).all()
    assert bradley_terry(wins=wins, ridge=0.5).ridge == 0.5
    assert bradley_terry(wins=wins, ridge=0.5).regularised


def test_ridge_shrinks_strengths() -> None:
    wide, narrow = (bradley_terry(wins=[[0, 9], [1, 0]], ridge=ridge).log_strength[0] for ridge in (0.0, 1.0))
    assert 0 < narrow < wide


def test_win_probability_of_known_differences() -> None:
    assert win_probability(elo_a=1000, elo_b=1000) == 0.5
    assert win_probability(elo_a=1400, elo_b=1000) == pytest.approx(10 / 11)
    assert win_probability(elo_a=0, elo_b=1e6) == 0.0
    assert win_probability(elo_a=1e6, elo_b=0) == 1.0


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"wins": [[0, 1, 2], [1, 0, 2]]}, MismatchedShapes, r"wins has shape \(2, 3\)"),
        ({"wins": {("a", "b"): 3}}, InvalidArgument, "wins must be a square table"),
        ({"wins": [[0]]}, MismatchedShapes, "at least two players"),
        ({"wins": [[0, -1], [1, 0]]}, InvalidArgument, "wins holds a negative or missing count"),
        ({"wins": [[0, math.nan], [1, 0]]}, InvalidArgument, "wins holds a negative or missing count"),
        ({"wins": [[1, 1], [1, 0]]}, InvalidArgument, "against itself"),
        ({"wins": [[0, 1], [1, 0]], "ties": [[0, 1], [2, 0]]}, InvalidArgument, "ties is not symmetric"),
        ({"wins": [[0, 1], [1, 0]], "ties": [[0]]}, MismatchedShapes, r"ties has shape \(1, 1\)"),
        ({"wins": [[0, 1], [1, 0]], "ridge": -1}, InvalidArgument, "ridge is -1"),
        (
            {"wins": pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["b", "a"])},
            MismatchedShapes,
            "names its rows and columns differently",
        ),
    ],
)
def test_bad_votes_are_refused(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        bradley_terry(**arguments)


def test_win_probability_refuses_nan() -> None:
    with pytest.raises(InvalidArgument, match="elo_a is nan"):
        win_probability(elo_a=math.nan, elo_b=1000)


@steady
@given(st.lists(st.integers(1, 200), min_size=6, max_size=6))
def test_expected_wins_equal_wins_at_the_maximum(counts: list[int]) -> None:
    wins = np.zeros((3, 3))
    wins[~np.eye(3, dtype=bool)] = counts
    result = bradley_terry(wins=wins)
    b = result.log_strength.to_numpy()
    p = 1.0 / (1.0 + np.exp(b[np.newaxis, :] - b[:, np.newaxis]))
    expected = ((wins + wins.T) * p).sum(axis=1)
    np.testing.assert_allclose(expected, wins.sum(axis=1), rtol=1e-7)
    assert b.sum() == pytest.approx(0.0, abs=1e-9)


@steady
@given(st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_win_probabilities_of_both_sides_add_to_one(elo_a: float, elo_b: float) -> None:
    total = win_probability(elo_a=elo_a, elo_b=elo_b) + win_probability(elo_a=elo_b, elo_b=elo_a)
    assert total == pytest.approx(1.0)
