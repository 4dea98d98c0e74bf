"""Normalised scores and the pieces that a table falls into."""

import math
from decimal import Decimal

import pytest

from economics.capability import components, normalise_score
from economics.errors import InvalidArgument


def test_normalise_score_maps_chance_to_zero_and_ceiling_to_one() -> None:
    assert normalise_score(raw=0.25, chance=0.25, ceiling=1.0) == 0.0
    assert normalise_score(raw=0.625, chance=0.25, ceiling=1.0) == 0.5
    assert normalise_score(raw=95.0, chance=0.0, ceiling=95.0) == 1.0


def test_normalise_score_of_decimals_is_a_float() -> None:
    share = normalise_score(raw=Decimal("62.5"), chance=25, ceiling=Decimal(100))
    assert (share, type(share)) == (0.5, float)


def test_normalise_score_below_chance_is_zero() -> None:
    assert normalise_score(raw=0.2, chance=0.25, ceiling=1.0) == 0.0


def test_normalise_score_unknown_stays_unknown() -> None:
    assert normalise_score(raw=None, chance=0.25, ceiling=1.0) is None
    assert normalise_score(raw=math.nan, chance=0.25, ceiling=1.0) is None
    assert normalise_score(raw=0.5, chance=None, ceiling=1.0) is None
    assert normalise_score(raw=0.5, chance=0.25, ceiling=None) is None


def test_normalise_score_over_the_ceiling_is_rejected() -> None:
    with pytest.raises(InvalidArgument, match=r"raw is 72, above the ceiling 1\.0"):
        normalise_score(raw=72, chance=0.0, ceiling=1.0)
    with pytest.raises(InvalidArgument, match="chance is nan"):
        normalise_score(raw=0.5, chance=math.nan, ceiling=1.0)
    with pytest.raises(InvalidArgument, match=r"chance is 1\.0 and ceiling 1\.0"):
        normalise_score(raw=0.5, chance=1.0, ceiling=1.0)


def test_components_are_sorted_by_size() -> None:
    pairs = [("c", "z"), ("a", "x"), ("b", "x"), ("b", "y")]
    assert components(pairs=pairs) == [{"a", "b", "x", "y"}, {"c", "z"}]
    assert components(pairs=[]) == []
