"""Joint draws of the capability index and their intervals."""

from typing import Any

import pytest

from economics.capability import bootstrap_index
from economics.errors import InvalidArgument, Unidentified
from economics.interval import Interval
from tests.economics.index_tables import ANCHORS, fit, table


def test_bootstrap_repeats_exactly_and_extends() -> None:
    result = fit()
    first, again = (bootstrap_index(fit=result, resamples=20, seed=7) for _ in range(2))
    assert first.draws.to_numpy().tobytes() == again.draws.to_numpy().tobytes()
    assert first.interval.equals(again.interval)
    longer = bootstrap_index(fit=result, resamples=30, seed=7)
    assert longer.draws.iloc[:20].equals(first.draws)
    assert not bootstrap_index(fit=result, resamples=20, seed=8).draws.equals(first.draws)


def test_bootstrap_intervals_hold_the_level_and_spare_the_anchors() -> None:
    result = fit()
    boot = bootstrap_index(fit=result, resamples=40, level=0.8, seed=1)
    assert boot.draws.shape == (40, 12)
    assert boot.discarded == 0
    assert boot.interval.index.equals(result.capability.index)
    assert boot.interval.loc[list(ANCHORS)].isna().all(axis=None)
    assert (boot.draws[["m02", "m09"]] == [130.0, 150.0]).all(axis=None)
    free = boot.interval.drop(list(ANCHORS))
    assert (free["low"] < free["high"]).all()
    inside = boot.draws["m05"].between(*boot.interval.loc["m05"]).mean()
    assert inside == pytest.approx(0.8, abs=0.051)
    assert boot.interval_of(model="m02") is None
    low, high = (float(free[end]["m05"]) for end in ("low", "high"))
    assert boot.interval_of(model="m05") == Interval(low, high, 0.8, "bootstrap of each model's scores")
    assert boot.probability_above(model="m11", other="m00") == 1.0
    assert boot.probability_above(model="m00", other="m00") == 0.0
    with pytest.raises(InvalidArgument, match="model is 'nobody'"):
        boot.interval_of(model="nobody")


def test_bootstrap_of_exact_scores_has_no_width() -> None:
    result = fit(table(), ridge=1e-9)
    boot = bootstrap_index(fit=result, resamples=10)
    assert (boot.interval["high"] - boot.interval["low"]).max() < 0.05


def test_bootstrap_leaves_unscored_models_unknown() -> None:
    boot = bootstrap_index(fit=fit(table(noise=0.08, rows=[("one", "b3", 0.5)])), resamples=5)
    assert boot.draws["one"].isna().all()
    assert boot.interval_of(model="one") is None


def test_bootstrap_of_anchors_that_change_places_is_refused() -> None:
    # m05 and m06 are next to each other, so noise puts them the other way round in many resamples.
    scores = table(noise=0.3)
    result = fit(scores)
    low, high = sorted(("m05", "m06"), key=lambda model: float(result.capability[model]))
    close = fit(scores, anchor_models={low: 130.0, high: 150.0})
    with pytest.raises(Unidentified, match=f"resamples the anchors '{low}' and '{high}' changed places"):
        bootstrap_index(fit=close, resamples=40)


def test_two_resamples_are_enough_for_an_interval() -> None:
    assert bootstrap_index(fit=fit(table(noise=0.08)), resamples=2).draws.shape[0] == 2


@pytest.mark.parametrize("settings", [{"resamples": 1}, {"level": 1.0}])
def test_bootstrap_refuses_bad_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(settings))):
        bootstrap_index(fit=fit(), **settings)
