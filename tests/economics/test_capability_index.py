"""The capability index on tables whose truth is known, and against a general least-squares routine."""

import itertools
import json
import math
import os
import time
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

from economics.capability import (
    IndexFit,
    bootstrap_index,
    fit_index,
    score_new_model,
)
from economics.errors import BadAnchors, Disconnected, InvalidArgument, Unidentified
from economics.interval import Interval

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


def general_minimum(scores: pd.DataFrame, ridge: float, clip: float, loss: str) -> tuple[float, Floats]:
    """The same objective written plainly and handed to scipy; returns F and the latent capabilities."""
    model, models = pd.factorize(scores["model"], sort=True)
    bench, benches = pd.factorize(scores["benchmark"], sort=True)
    y = np.clip(scores["score"].to_numpy(), clip, 1.0 - clip)
    m, b = len(models), len(benches)
    penalty = ridge / (m + 2 * b - 1)

    def unpack(x: Floats) -> tuple[Floats, Floats, Floats]:
        slope = np.concatenate(([1.0], x[m + b :]))  # b0 is the anchor benchmark
        return x[:m], x[m : m + b], slope

    def z(x: Floats) -> Floats:
        capability, difficulty, slope = unpack(x)
        return np.asarray(slope[bench] * (capability[model] - difficulty[bench]))

    low = np.concatenate((np.full(m + b, -10.0), np.full(b - 1, 0.1)))
    start = np.concatenate((np.zeros(m + b), np.ones(b - 1)))

    def residuals(x: Floats) -> Floats:
        return np.concatenate((1.0 / (1.0 + np.exp(-z(x))) - y, math.sqrt(penalty) * x))

    def cross_entropy(x: Floats) -> float:
        ridge_term = np.sum(x[: m + b] ** 2) + np.sum(np.log(x[m + b :]) ** 2)
        return float(np.sum(np.logaddexp(0.0, z(x)) - y * z(x)) + penalty * ridge_term)

    if loss == "squares":
        done: Any = least_squares(residuals, start, bounds=(low, 10.0), xtol=1e-15, ftol=1e-15, gtol=1e-12)
        return 2.0 * done.cost, done.x[:m]
    done = minimize(
        cross_entropy,
        start,
        method="L-BFGS-B",
        bounds=[(float(bound), 10.0) for bound in low],
        options={"maxiter": 5000, "maxfun": 1_000_000, "ftol": 1e-15, "gtol": 1e-9},
    )
    return float(done.fun), done.x[:m]


def test_exact_scores_give_back_the_true_index_and_curves() -> None:
    result = fit(table(), ridge=1e-9)
    assert result.objective < 1e-8
    np.testing.assert_allclose(result.capability, TRUE_INDEX, atol=1e-3)
    points_per_logit = 20.0 / (7.0 * 4.0 / 11.0)
    np.testing.assert_allclose(result.slope, TRUE_SLOPE / points_per_logit, rtol=1e-3)
    np.testing.assert_allclose(result.difficulty, 140.0 + points_per_logit * TRUE_DIFFICULTY, atol=1e-2)


@pytest.mark.parametrize("loss", ["squares", "cross_entropy"])
def test_fit_reaches_the_minimum_of_a_general_routine(loss: Literal["squares", "cross_entropy"]) -> None:
    scores = table(noise=0.08)
    result = fit(scores, loss=loss)
    objective, latent = general_minimum(scores, ridge=0.1, clip=1e-3, loss=loss)
    assert result.objective == pytest.approx(objective, rel=1e-7)
    anchored = 130.0 + 20.0 * (latent - latent[2]) / (latent[9] - latent[2])
    np.testing.assert_allclose(result.capability, anchored, atol=0.02)


def test_fit_regression_values() -> None:
    result = fit()
    assert result.objective == pytest.approx(0.233070207, abs=1e-8)
    assert result.capability["m11"] == pytest.approx(154.2855, abs=1e-3)
    assert result.capability["m00"] == pytest.approx(123.5695, abs=1e-3)
    assert result.standard_error["m11"] == pytest.approx(1.25607, abs=1e-4)


def test_objective_is_the_stated_sum() -> None:
    scores = table(noise=0.08)
    result = fit(scores)
    y = scores["score"].clip(1e-3, 1 - 1e-3).to_numpy()
    latent = result.latent
    free = np.delete(latent.slope, 0)
    penalty = 0.1 / (12 + 2 * 8 - 1)
    stated = np.sum((expected_scores(result, scores) - y) ** 2)
    stated += penalty * (np.sum(latent.capability**2) + np.sum(latent.difficulty**2) + np.sum(free**2))
    assert result.objective == pytest.approx(stated, rel=1e-12)
    assert latent.slope[0] == 1.0


def test_anchors_are_exact_and_index_points_are_affine_in_the_latent_scale() -> None:
    result = fit()
    assert result.capability["m02"] == 130.0
    assert result.capability["m09"] == 150.0
    others = [position for position in range(12) if position not in (2, 9)]
    np.testing.assert_allclose(
        result.capability.to_numpy()[others],
        (result.offset + result.scale * result.latent.capability)[others],
    )


def test_other_anchor_values_move_the_scale_and_not_the_fit() -> None:
    points, percent = fit(), fit(anchor_models={"m09": 1.0, "m02": 0.0})
    assert percent.objective == points.objective
    np.testing.assert_allclose(percent.capability, (points.capability - 130.0) / 20.0, atol=1e-12)
    np.testing.assert_allclose(percent.slope, points.slope * 20.0)


def test_row_order_and_index_do_not_matter() -> None:
    scores = table(noise=0.08)
    shuffled = scores.sample(frac=1.0, random_state=3)
    assert fit(shuffled).capability.equals(fit(scores).capability)
    assert fit(shuffled).data_hash == fit(scores).data_hash


def test_data_hash_names_data_and_settings() -> None:
    hashes = {
        fit().data_hash,
        fit(ridge=0.2).data_hash,
        fit(clip=0.01).data_hash,
        fit(loss="cross_entropy").data_hash,
        fit(anchor_models={"m02": 130.0, "m09": 151.0}).data_hash,
        fit(table(noise=0.07)).data_hash,
    }
    assert len(hashes) == 6


def test_repeated_rows_count_once_by_the_stated_policy() -> None:
    again = [("m05", "b2", 0.99)]
    once = table(noise=0.08)
    cell = (once["model"] == "m05") & (once["benchmark"] == "b2")
    first = float(once.loc[cell, "score"].iloc[0])
    for policy, value in {"max": 0.99, "mean": (first + 0.99) / 2, "median": (first + 0.99) / 2}.items():
        single = once.copy()
        single.loc[cell, "score"] = value
        repeated = fit(table(noise=0.08, rows=again), repeats=policy)
        np.testing.assert_allclose(repeated.capability, fit(single).capability, rtol=1e-12)
        assert repeated.benchmarks["m05"] == fit(single).benchmarks["m05"]


def test_standard_error_is_the_stated_formula() -> None:
    scores = table(noise=0.08)
    result = fit(scores)
    own = scores[scores["model"] == "m06"]
    s = expected_scores(result, own)
    a = result.slope[own["benchmark"]].to_numpy() * result.scale
    assert result.standard_error["m06"] == pytest.approx(
        result.scale * 0.082 / math.sqrt(np.sum((a * s * (1 - s)) ** 2) + 0.1), rel=1e-12
    )


def test_status_follows_benchmarks_and_error() -> None:
    extra = [
        ("one", "b3", 0.5),
        *[("three", f"b{j}", 0.5) for j in (2, 3, 4)],
        *[("four", f"b{j}", 0.5) for j in (2, 3, 4, 5)],
        *[("floor", f"b{j}", 0.0) for j in (2, 3, 4, 5, 6, 7)],
    ]
    # 50 points between the anchors put one logit near 20 points, as in the published index.
    result = fit(table(noise=0.02, rows=extra), anchor_models={"m02": 110.0, "m09": 160.0})
    assert result.status[["one", "three", "four", "floor"]].tolist() == [
        "not_scored",
        "provisional",
        "ranked",
        "provisional",  # six scores, all at the floor: they say "weak", not how weak
    ]
    assert result.standard_error["four"] <= 3.0 < result.standard_error["floor"]
    assert result.benchmarks[["one", "three", "four", "floor"]].tolist() == [1, 3, 4, 6]
    assert math.isnan(result.capability["one"])
    assert result.capability.drop("one").notna().all()


@pytest.mark.parametrize(
    ("anchors", "words"),
    [
        ({"m02": 130.0, "absent": 150.0}, "names 'absent', which has no score"),
        ({"m02": 130.0, "m09": 130.0}, r"gives both models the value 130\.0"),
        ({"m02": 150.0, "m09": 130.0}, "puts 'm02' above 'm09', but the scores put it at or below"),
        ({"m02": 130.0}, "has 1 entries"),
        ({"m02": 130.0, "m09": math.nan}, r"\['m09'\] is nan"),
    ],
)
def test_bad_anchors_are_refused(anchors: dict[str, float], words: str) -> None:
    with pytest.raises(BadAnchors, match=words):
        fit(anchor_models=anchors)


def test_missing_anchor_benchmark_is_refused() -> None:
    with pytest.raises(BadAnchors, match="anchor_benchmark is 'Winogrande'"):
        fit(anchor_benchmark="Winogrande")


def test_disconnected_table_is_refused_with_sizes_and_members() -> None:
    island = [("lonely", "b8", 0.4), ("castaway", "b8", 0.6)]
    with pytest.raises(
        Disconnected, match=r"2 groups .* 12 models \(m00, m01, m02, …\); 2 models \(castaway, lonely\)"
    ):
        fit(table(rows=island))


def test_model_and_benchmark_of_one_name_do_not_join_the_graph() -> None:
    island = [("lonely", "m00", 0.4), ("castaway", "m00", 0.6)]
    with pytest.raises(Disconnected):
        fit(table(rows=island))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("m00", "b1", math.nan), "scores has nan for 'm00' on 'b1'; drop unknown scores"),
        (("m00", "b1", 1.2), r"scores has 1\.2 for 'm00' on 'b1'; normalise"),
        (("m00", "b1", -0.1), r"scores has -0\.1 for 'm00' on 'b1'"),
        ((None, "b1", 0.5), "names no model or no benchmark"),
        (("m00", "b1", "high"), "not a number"),
    ],
)
def test_bad_rows_are_refused(row: tuple[Any, ...], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        fit(table(rows=[row]))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ridge": 0.0}, r"ridge is 0\.0"),
        ({"ridge": math.nan}, "ridge is nan"),
        ({"clip": 0.5}, r"clip is 0\.5"),
        ({"loss": "absolute"}, "loss is 'absolute'; choose one of squares, cross_entropy"),
        ({"repeats": "last"}, "repeats is 'last'; choose one of max, mean, median"),
        ({"scores": pd.DataFrame({"model": ["a"], "score": [0.5]})}, "lacks the column 'benchmark'"),
        ({"scores": table().iloc[:0]}, "has no rows"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        fit(**settings)


def test_parameters_stay_inside_their_bounds() -> None:
    # A benchmark that everybody fails and one that only noise orders push slopes and difficulties outward.
    rows = [(f"m{i:02d}", "b8", 0.0) for i in range(12)] + [(f"m{i:02d}", "b9", 0.5) for i in range(12)]
    latent = fit(table(rows=rows), ridge=1e-6).latent
    assert np.abs(latent.difficulty).max() <= 10.0
    assert np.abs(latent.capability).max() <= 10.0
    assert latent.slope.min() == 0.1


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


def test_settings_may_be_decimals() -> None:
    exact = fit(ridge=Decimal("0.1"), clip=Decimal("0.001"))
    assert exact.data_hash == fit().data_hash
    assert exact.capability.equals(fit().capability)


def test_two_resamples_are_enough_for_an_interval() -> None:
    assert bootstrap_index(fit=fit(table(noise=0.08)), resamples=2).draws.shape[0] == 2


@pytest.mark.parametrize("settings", [{"resamples": 1}, {"level": 1.0}])
def test_bootstrap_refuses_bad_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(settings))):
        bootstrap_index(fit=fit(), **settings)


@pytest.mark.parametrize("loss", ["squares", "cross_entropy"])
def test_new_model_from_its_own_scores_lands_on_its_fitted_index(loss: Literal["squares", "cross_entropy"]) -> None:
    scores = table(noise=0.08)
    result = fit(scores, loss=loss)
    for model in ("m04", "m11"):
        own = scores[scores["model"] == model]
        placed = score_new_model(fit=result, scores=dict(zip(own["benchmark"], own["score"], strict=True)))
        assert placed.capability == pytest.approx(result.capability[model], abs=0.01)
        assert placed.standard_error == pytest.approx(result.standard_error[model], abs=1e-3)
        assert placed.status == result.status[model] == "ranked"
        assert placed.benchmarks == len(own)


def test_new_model_status_by_number_of_benchmarks() -> None:
    result = fit()
    assert score_new_model(fit=result, scores={"b1": 0.6, "b2": 0.5}).status == "provisional"
    one = score_new_model(fit=result, scores={"b1": 0.6, "b2": None})
    assert (one.status, one.capability, one.benchmarks) == ("not_scored", None, 1)
    nothing = score_new_model(fit=result, scores={"b1": None})
    assert (nothing.status, nothing.capability, nothing.standard_error, nothing.benchmarks) == (
        "not_scored",
        None,
        None,
        0,
    )


def test_new_model_refuses_unknown_benchmarks_and_raw_scores() -> None:
    with pytest.raises(InvalidArgument, match="names the benchmark 'b99'"):
        score_new_model(fit=fit(), scores={"b99": 0.5})
    with pytest.raises(InvalidArgument, match=r"scores\['b1'\] is 72\.0"):
        score_new_model(fit=fit(), scores={"b1": 72})


def test_better_scores_never_lower_a_new_model() -> None:
    result = fit()
    steps: list[Any] = [
        score_new_model(fit=result, scores={"b1": 0.6, "b3": 0.4, "b5": score}).capability
        for score in np.linspace(0.0, 1.0, 11)
    ]
    assert all(later > earlier for earlier, later in itertools.pairwise(steps))


def test_published_index_is_reproduced(capsys: pytest.CaptureFixture[str]) -> None:
    """Epoch's table, if its path is given: objective, check values, and the time of one fit."""
    path = os.environ.get("CPD_ECI_BENCHMARKS_CSV")
    if not path:
        reason = "CPD_ECI_BENCHMARKS_CSV does not name a copy of https://epoch.ai/data/eci_benchmarks.csv"
        with capsys.disabled():
            print(f"\nskipped: {reason}")
        pytest.skip(reason)
    scores = pd.read_csv(path).rename(columns={"performance": "score"})
    settings: dict[str, Any] = {
        "anchor_models": {"Claude 3.5 Sonnet": 130.0, "GPT-5": 150.0},
        "anchor_benchmark": "Winogrande",
    }
    result = fit_index(scores=scores, **settings)
    assert result.objective == pytest.approx(13.04139, abs=2e-5)
    assert result.capability["o3"] == pytest.approx(146.90, abs=0.02)
    assert result.capability["GPT-4o (May 2024)"] == pytest.approx(128.57, abs=0.02)
    own = scores[scores["model"] == "o3"]
    placed = score_new_model(fit=result, scores=dict(zip(own["benchmark"], own["score"], strict=True)))
    assert placed.capability == pytest.approx(result.capability["o3"], abs=0.05)
    started = time.perf_counter()
    first = bootstrap_index(fit=result, resamples=5)
    with capsys.disabled():
        print(f"\nobjective {result.objective:.6f}, one refit {(time.perf_counter() - started) / 5:.4f} s")
    assert bootstrap_index(fit=result, resamples=5).draws.to_numpy().tobytes() == first.draws.to_numpy().tobytes()
    assert json.loads(result.capability.to_json())["GPT-5"] == 150.0
